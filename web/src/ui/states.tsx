import { ApiOutlined, LockOutlined, WarningOutlined } from "@ant-design/icons";
import { Button, Skeleton } from "antd";
import { type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { asProblem } from "@/lib/api";
import { useProblemWords } from "./problems";
import "./states.css";

/** The shape of what is coming, announced once. */
export function Loading({ rows = 4 }: { rows?: number }) {
  const { t } = useTranslation("ui");
  return (
    <div className="h-loading" role="status">
      <span className="h-heard">{t("loading")}</span>
      <Skeleton active title={false} paragraph={{ rows }} aria-hidden />
    </div>
  );
}

interface EmptyProps {
  icon?: ReactNode;
  /** What this is. */
  title: string;
  /** Why it helps. */
  children?: ReactNode;
  /** One button. */
  action?: ReactNode;
  /** One example. */
  example?: ReactNode;
}

/** An empty state that teaches: what this is, why it helps, one button, one example. */
export function Empty({ icon, title, children, action, example }: EmptyProps) {
  return (
    <div className="h-state">
      {icon && <div className="h-state-icon" aria-hidden>{icon}</div>}
      <h2>{title}</h2>
      {children && <p>{children}</p>}
      {action && <div className="h-state-action">{action}</div>}
      {example && <div className="h-state-example">{example}</div>}
    </div>
  );
}

/** Something went wrong: what, what to do, and a button that asks again. */
export function ErrorState({ error, retry }: { error: unknown; retry?: () => void }) {
  const { t } = useTranslation("ui");
  const words = useProblemWords();
  const problem = asProblem(error);
  if (problem.status === 403 || problem.code === "forbidden") return <NoPermission />;
  const { title, help } = words(problem);
  return (
    <div className="h-state" role="alert">
      <div className="h-state-icon is-bad" aria-hidden>
        {problem.code === "connection_lost" ? <ApiOutlined /> : <WarningOutlined />}
      </div>
      <h2>{title}</h2>
      <p>{help}</p>
      {retry && (
        <div className="h-state-action">
          <Button onClick={retry}>{t("tryAgain")}</Button>
        </div>
      )}
      {problem.requestId && <p className="h-state-example h-quiet">{t("requestId", { id: problem.requestId })}</p>}
    </div>
  );
}

/** Somebody is where his role does not let him look. */
export function NoPermission() {
  const { t } = useTranslation("ui");
  return (
    <div className="h-state">
      <div className="h-state-icon" aria-hidden>
        <LockOutlined />
      </div>
      <h2>{t("noPermission.title")}</h2>
      <p>{t("noPermission.help")}</p>
    </div>
  );
}

interface LoadedProps<T> {
  query: { data: T | undefined; error: unknown; isPending: boolean; refetch: () => unknown };
  rows?: number;
  children: (data: T) => ReactNode;
}

/** Loading, error, or the thing itself. What was read before stays in sight when a later reading fails. */
export function Loaded<T>({ query, rows, children }: LoadedProps<T>) {
  if (query.data !== undefined) return children(query.data);
  if (query.isPending) return <Loading rows={rows} />;
  return <ErrorState error={query.error} retry={() => void query.refetch()} />;
}
