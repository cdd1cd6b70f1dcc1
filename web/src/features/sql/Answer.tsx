import { DownloadOutlined } from "@ant-design/icons";
import { Alert, Button, Dropdown } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { asProblem } from "@/lib/api";
import { fileOf, saveAs, type FileFormat } from "@/lib/export";
import { useFormats } from "@/lib/format";
import { useServerWords } from "@/lib/i18n/server-words";
import { Empty, Loading, NoPermission, Panel, useProblemWords, useTellProblem } from "@/ui";
import type { SqlAnswer } from "./api";
import type { Place } from "./place";
import { fileRows, ordered, type Order } from "./result";
import { ResultTable } from "./ResultTable";
import { useSeconds, type Run } from "./useRun";

interface AnswerProps {
  run: Run | null;
  /** Where in the query something is wrong, while it is still the query that was run. */
  place: Place | null;
  limit: number;
  most: number;
  onStop: () => void;
  onMore: (limit: number) => void;
  onPlace: (place: Place) => void;
  /** A query to begin with, where the tables allow one. */
  example: string | null;
  onExample: () => void;
}

/** What came of a query: nothing yet, a problem with its place, or rows. */
export function Answer({ run, place, limit, most, onStop, onMore, onPlace, example, onExample }: AnswerProps) {
  const { t } = useTranslation("sql");
  const formats = useFormats();
  const seconds = useSeconds(run?.since ?? null);
  if (!run) {
    return (
      <Panel>
        <Empty
          title={t("empty.title")}
          action={example && <Button onClick={onExample}>{t("empty.take")}</Button>}
          example={example && <pre className="h-code h-sql-example">{example}</pre>}
        >
          {t("empty.help")}
        </Empty>
      </Panel>
    );
  }
  const isRunning = run.since !== null;
  return (
    <Panel className="h-sql-answer">
      {isRunning && (
        <div className="h-sql-running">
          <span className="h-sql-pulse" aria-hidden />
          <span role="timer">{t("running", { seconds: formats.number(seconds, { minimumFractionDigits: 1, maximumFractionDigits: 1 }) })}</span>
          <Button size="small" onClick={onStop}>{t("stop")}</Button>
        </div>
      )}
      <span className="h-heard" role="status">
        {isRunning ? t("ui:loading") : run.wasStopped ? t("stopped") : run.answer && !run.error ? t("rows", { count: run.answer.rows.length }) : ""}
      </span>
      {!isRunning && run.wasStopped && <Alert type="info" showIcon title={t("stopped")} description={run.answer ? t("stoppedBefore") : undefined} />}
      {!isRunning && run.error ? (
        <Fault error={run.error} place={place} onPlace={onPlace} />
      ) : run.answer ? (
        <div className={isRunning ? "is-former" : undefined}>
          <Rows answer={run.answer} limit={limit} most={most} onMore={onMore} />
        </div>
      ) : (
        isRunning && <Loading rows={6} />
      )}
    </Panel>
  );
}

/** Some sentences list every column that there is; the side panel does so, too. */
const MOST_SAID = 400;

function Fault({ error, place, onPlace }: { error: unknown; place: Place | null; onPlace: (place: Place) => void }) {
  const { t } = useTranslation("sql");
  const words = useProblemWords();
  const serverWords = useServerWords();
  const problem = asProblem(error);
  if (problem.status === 403 && problem.code === "forbidden") return <NoPermission />;
  const { title, help } = words(problem);
  const isRefused = problem.code === "invalid_question";
  // What helps here is the server's own sentence, else the parser's, whichever way it came; the detail says the same with the
  // field before it.
  const all = problem.fields.length > 0 ? problem.fields.map((field) => (field.words ? serverWords(field.words) : field.message)) : [problem.detail ?? ""];
  const said = [...new Set(all)].filter((one) => one && !help.includes(one)).map((one) => (one.length > MOST_SAID ? `${one.slice(0, MOST_SAID)}…` : one));
  return (
    <Alert
      type="error"
      showIcon
      role="alert"
      title={isRefused ? t("refused") : title}
      description={
        <>
          {help && !isRefused && <p>{help}</p>}
          {said.map((one) => <p key={one} className="h-code">{one}</p>)}
          {place && <Button size="small" onClick={() => onPlace(place)}>{t("goTo", { line: place.line })}</Button>}
        </>
      }
    />
  );
}

function Rows({ answer, limit, most, onMore }: { answer: SqlAnswer; limit: number; most: number; onMore: (limit: number) => void }) {
  const { t } = useTranslation("sql");
  const formats = useFormats();
  const tell = useTellProblem();
  const [order, setOrder] = useState<{ of: SqlAnswer; order: Order | null }>({ of: answer, order: null });
  // A new answer comes in the order of the query.
  const current = order.of === answer ? order.order : null;
  const rows = ordered(answer.rows, answer.columns, current);
  const count = answer.rows.length;

  function save(format: FileFormat) {
    fileOf(fileRows(answer, rows), format).then((file) => saveAs(file, `sql.${format}`)).catch(tell);
  }

  return (
    <>
      <div className="h-sql-facts">
        <span>
          <strong>{t("rows", { count })}</strong> <span className="h-quiet">{t("took", { ms: formats.number(answer.took_ms) })}</span>
        </span>
        {count > 0 && (
          <Dropdown
            trigger={["click"]}
            menu={{ items: [{ key: "csv", label: t("ui:table.csv") }, { key: "xlsx", label: t("ui:table.xlsx") }], onClick: ({ key }) => save(key as FileFormat) }}
          >
            <Button icon={<DownloadOutlined />}>{t("ui:table.export")}</Button>
          </Dropdown>
        )}
      </div>
      {answer.more && (
        <Alert
          className="h-sql-more"
          type="warning"
          showIcon
          title={t("more.title", { count })}
          description={count < most ? t("more.help") : t("more.most")}
          action={count < most && <Button size="small" onClick={() => onMore(Math.min(most, limit * 10))}>{t("more.get", { count: Math.min(most, limit * 10) })}</Button>}
        />
      )}
      {count === 0 ? <Empty title={t("none.title")}>{t("none.help")}</Empty> : (
        <ResultTable columns={answer.columns} rows={rows} order={current} onOrder={(next) => setOrder({ of: answer, order: next })} />
      )}
    </>
  );
}
