import { CheckSquareOutlined } from "@ant-design/icons";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Named, useChoices } from "@/features/deliveries";
import { MemberChip, MemberPicker } from "@/features/members";
import { useLive } from "@/lib/live";
import { useNames } from "@/lib/names";
import { useMe } from "@/lib/session";
import { DataTable, Empty, FilterBar, Page, Pill, Time, useUrlDrawer, type Column, type Tone } from "@/ui";
import { TASK_STATES, useTasks, type Task } from "./api";
import { isMine, urgency } from "./order";
import { TaskDrawer } from "./TaskDrawer";
import "./tasks.css";

const TONES: Record<string, Tone> = { open: "waiting", done: "good", expired: "attention", cancelled: "neutral" };

/** What journeys give people of the team to do: mine first, and what is due first. */
export function TasksPage() {
  const { t, i18n } = useTranslation("tasks");
  // Words of what stands in the page are read before it is shown: a drawer that is hidden again while it opens never ends opening.
  useTranslation(["deliveries", "members"]);
  const search = useSearch({ from: "/shell/tasks" });
  const navigate = useNavigate({ from: "/tasks" });
  const me = useMe();
  const drawer = useUrlDrawer();
  const { state, journey, member } = search;
  const list = useTasks({ state, journey, member });
  useLive(["tasks"]);
  const journeys = useChoices(["journeys"]).data?.journeys ?? [];
  const names = useNames(useMemo(() => list.items.flatMap((task) => [task.member, task.journey]), [list.items]));
  const isOpenList = (state ?? "open") === "open";
  const stateName = (value: string) => (i18n.exists(`tasks:state.${value}`) ? t(`state.${value}`) : value);

  const columns: Column<Task>[] = [
    {
      key: "title",
      title: t("task"),
      isFixed: true,
      render: (task) => (
        <div className="h-task-title">
          <strong>{task.title}</strong>
          {isMine(task, me) && <span className="h-label">{t("mine")}</span>}
        </div>
      ),
      text: (task) => task.title,
    },
    { key: "member", title: t("member"), isFixed: true, render: (task) => <MemberChip id={task.member} />, text: (task) => names.get(task.member)?.name ?? task.member },
    { key: "due", title: t("due"), render: (task) => <Due task={task} />, text: (task) => task.due_at },
    ...(isOpenList
      ? []
      : [
          { key: "state", title: t("stateTitle"), render: (task: Task) => <Pill tone={TONES[task.state] ?? "neutral"}>{stateName(task.state)}</Pill>, text: (task: Task) => stateName(task.state) },
          { key: "outcome", title: t("outcome"), render: (task: Task) => task.outcome ?? <span className="h-quiet">–</span>, text: (task: Task) => task.outcome },
          { key: "by", title: t("closedBy"), render: (task: Task) => <Named id={task.closed_by} />, text: (task: Task) => task.closed_by },
          { key: "closed", title: t("closedAt"), render: (task: Task) => <Time at={task.closed_at} />, text: (task: Task) => task.closed_at },
        ]),
    { key: "assignee", title: t("assignee"), render: (task) => task.assignee || <span className="h-quiet">{t("anybody")}</span>, text: (task) => task.assignee },
    { key: "journey", title: t("journey"), render: (task) => <Named id={task.journey} />, text: (task) => names.get(task.journey)?.name ?? task.journey },
    { key: "opened", title: t("opened"), render: (task) => <Time at={task.opened_at} />, text: (task) => task.opened_at },
  ];
  const following = drawer.value ? list.items[list.items.findIndex((task) => task.id === drawer.value) + 1]?.id : undefined;
  return (
    <Page title={t("title")} description={t("description")}>
      <DataTable
        name="tasks"
        label={t("title")}
        list={list}
        columns={columns}
        rowKey={(task) => task.id}
        onOpen={(task) => drawer.open(task.id)}
        filters={
          <FilterBar
            value={{ state, journey, member }}
            onChange={(next) => void navigate({ search: next, replace: true })}
            filters={[
              { name: "state", label: t("openOnes"), options: TASK_STATES.map((value) => ({ value, label: stateName(value) })) },
              { name: "journey", label: t("journey"), options: journeys.map((one) => ({ value: one.id, label: one.name })) },
            ]}
          >
            <MemberPicker aria-label={t("member")} placeholder={t("anyMember")} value={member} onChange={(next) => void navigate({ search: { ...search, member: next }, replace: true })} />
          </FilterBar>
        }
        empty={
          isOpenList && !journey && !member ? (
            <Empty icon={<CheckSquareOutlined />} title={t("empty.title")} example={t("empty.example")}>
              {t("empty.help")}
            </Empty>
          ) : (
            <Empty icon={<CheckSquareOutlined />} title={t("noneMatch")}>{t("noneMatchHelp")}</Empty>
          )
        }
      />
      <TaskDrawer id={drawer.value} onClose={drawer.close} onNext={following ? () => drawer.open(following) : undefined} />
    </Page>
  );
}

/** Until when; what is over says so in a word, not only in red. */
export function Due({ task }: { task: Task }) {
  const { t } = useTranslation("tasks");
  if (!task.due_at) return <span className="h-quiet">{t("noDue")}</span>;
  const how = urgency(task, Date.now());
  if (how === "late") return <span className="h-task-due"><Pill tone="bad">{t("late")}</Pill> <Time at={task.due_at} /></span>;
  if (how === "soon") return <span className="h-task-due"><Pill tone="attention">{t("soon")}</Pill> <Time at={task.due_at} /></span>;
  return <Time at={task.due_at} />;
}
