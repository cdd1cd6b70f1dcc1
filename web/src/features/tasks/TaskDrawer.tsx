import { useTranslation } from "react-i18next";
import { Named } from "@/features/deliveries";
import { MemberChip } from "@/features/members";
import { useCan } from "@/lib/session";
import { Loaded, SideDrawer, Time } from "@/ui";
import { useTask, type Task } from "./api";
import { CompleteForm } from "./CompleteForm";
import { Due } from "./TasksPage";

interface TaskDrawerProps {
  id: string | undefined;
  onClose: () => void;
  /** Opens the task below this one; missing when it is the last. */
  onNext?: () => void;
}

/** One task: about whom, what is to be done, and how it came out. */
export function TaskDrawer({ id, onClose, onNext }: TaskDrawerProps) {
  const { t } = useTranslation("tasks");
  const task = useTask(id);
  return (
    <SideDrawer title={task.data?.title ?? t("task")} isOpen={id !== undefined} onClose={onClose} width={520}>
      {id && <Loaded query={task}>{(shown) => <TaskDetails key={shown.id} task={shown} onDone={onNext ?? onClose} />}</Loaded>}
    </SideDrawer>
  );
}

function TaskDetails({ task, onDone }: { task: Task; onDone: () => void }) {
  const { t } = useTranslation("tasks");
  const mayWrite = useCan("outreach", "write");
  return (
    <div className="h-task">
      <MemberChip id={task.member} isTall />
      {task.note && <p className="h-task-note">{task.note}</p>}
      <dl className="h-task-facts">
        <dt>{t("due")}</dt>
        <dd><Due task={task} /></dd>
        <dt>{t("assignee")}</dt>
        <dd>{task.assignee || t("anybody")}</dd>
        <dt>{t("journey")}</dt>
        <dd><Named id={task.journey} /></dd>
        <dt>{t("opened")}</dt>
        <dd><Time at={task.opened_at} absolute /></dd>
      </dl>
      {task.state === "open" ? mayWrite ? <CompleteForm task={task} onDone={onDone} /> : <p className="h-quiet">{t("mayNot")}</p> : <Closed task={task} />}
    </div>
  );
}

function Closed({ task }: { task: Task }) {
  const { t } = useTranslation("tasks");
  return (
    <dl className="h-task-facts">
      <dt>{t("stateTitle")}</dt>
      <dd>{t(`state.${task.state}`)}</dd>
      {task.outcome && (
        <>
          <dt>{t("outcome")}</dt>
          <dd>{task.outcome}</dd>
        </>
      )}
      {task.remark && (
        <>
          <dt>{t("note")}</dt>
          <dd>{task.remark}</dd>
        </>
      )}
      {task.closed_by && (
        <>
          <dt>{t("closedBy")}</dt>
          <dd><Named id={task.closed_by} /></dd>
        </>
      )}
      <dt>{t("closedAt")}</dt>
      <dd><Time at={task.closed_at} absolute /></dd>
    </dl>
  );
}
