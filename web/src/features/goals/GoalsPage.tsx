import { AimOutlined, PlusOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useCan } from "@/lib/session";
import { Empty, Loaded, NoPermission, Page, useUrlDrawer } from "@/ui";
import { useGoals } from "./api";
import { sorted } from "./course";
import { GoalCard } from "./GoalCard";
import { GoalDrawer } from "./GoalDrawer";
import "./goals.css";

/** What the brand wants to reach, and whether it will. */
export function GoalsPage() {
  const { t } = useTranslation("goals");
  const mayRead = useCan("people", "read");
  const mayWrite = useCan("segments", "write");
  const drawer = useUrlDrawer();
  return (
    <Page
      title={t("title")}
      description={t("description")}
      crumbs={[{ title: t("insight") }]}
      actions={mayRead && mayWrite && <Button type="primary" icon={<PlusOutlined />} onClick={() => drawer.open("new")}>{t("new")}</Button>}
    >
      {mayRead ? <Goals mayWrite={mayWrite} /> : <NoPermission />}
    </Page>
  );
}

function Goals({ mayWrite }: { mayWrite: boolean }) {
  const { t } = useTranslation("goals");
  const goals = useGoals();
  const drawer = useUrlDrawer();
  const list = useMemo(() => sorted(goals.data ?? []), [goals.data]);
  const opened = list.find((goal) => goal.id === drawer.value);
  return (
    <>
      <Loaded query={goals} rows={8}>
        {() =>
          list.length === 0 ? (
            <Empty
              icon={<AimOutlined />}
              title={t("empty.title")}
              action={mayWrite && <Button type="primary" onClick={() => drawer.open("new")}>{t("new")}</Button>}
              example={t("empty.example")}
            >
              {t("empty.help")}
            </Empty>
          ) : (
            <ul className="h-goals">
              {list.map((goal) => (
                <li key={goal.id}>
                  <GoalCard goal={goal} mayWrite={mayWrite} onEdit={() => drawer.open(goal.id)} />
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
      {mayWrite && <GoalDrawer key={drawer.value ?? "none"} goal={opened} isOpen={drawer.value === "new" || opened !== undefined} onClose={drawer.close} />}
    </>
  );
}
