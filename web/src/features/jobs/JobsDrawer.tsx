import { ThunderboltOutlined } from "@ant-design/icons";
import { Badge, Button, Progress } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormats } from "@/lib/format";
import { useCan } from "@/lib/session";
import { Empty, Loaded, Pill, SideDrawer, Time, useTellProblem, type Tone } from "@/ui";
import { moves, useCancelJob, useJobs, type Job } from "./api";
import "./jobs.css";

/** Background work: how many jobs run, and a drawer that shows and stops them. It survives a reload, as the jobs do. */
export function JobsButton() {
  const { t } = useTranslation("jobs");
  const [isOpen, setIsOpen] = useState(false);
  const jobs = useJobs();
  const isAllowed = useCan("settings", "read");
  if (!isAllowed) return null;
  const running = jobs.data?.filter(moves).length ?? 0;
  return (
    <>
      <Badge count={running} size="small" offset={[-6, 6]}>
        <Button
          type="text"
          icon={<ThunderboltOutlined />}
          aria-label={running > 0 ? t("openRunning", { count: running }) : t("title")}
          onClick={() => setIsOpen(true)}
        />
      </Badge>
      <SideDrawer title={t("title")} isOpen={isOpen} onClose={() => setIsOpen(false)}>
        <Loaded query={jobs}>
          {(items) =>
            items.length === 0 ? (
              <Empty icon={<ThunderboltOutlined />} title={t("empty")}>
                {t("emptyHelp")}
              </Empty>
            ) : (
              <ul className="h-jobs">
                {items.map((job) => (
                  <JobItem key={job.id} job={job} />
                ))}
              </ul>
            )
          }
        </Loaded>
      </SideDrawer>
    </>
  );
}

const TONES: Record<string, Tone> = { queued: "waiting", running: "ember", done: "good", failed: "bad", cancelled: "neutral" };

function JobItem({ job }: { job: Job }) {
  const { t, i18n } = useTranslation("jobs");
  const formats = useFormats();
  const tell = useTellProblem();
  const cancel = useCancelJob();
  const percent = job.total > 0 ? Math.min(100, Math.round((job.done / job.total) * 100)) : 0;
  const name = i18n.exists(`jobs:kind.${job.kind}`) ? t(`kind.${job.kind}`) : job.kind;
  const left = timeLeft(job);
  return (
    <li>
      <div className="h-jobs-head">
        <strong>{name}</strong>
        <Pill tone={TONES[job.state] ?? "neutral"}>{i18n.exists(`jobs:state.${job.state}`) ? t(`state.${job.state}`) : job.state}</Pill>
      </div>
      {moves(job) && (
        <div className="h-jobs-progress">
          <Progress percent={percent} size="small" aria-label={name} />
          <Button size="small" loading={cancel.isPending} onClick={() => cancel.mutate(job.id, { onError: tell })}>
            {t("cancel")}
          </Button>
        </div>
      )}
      <div className="h-quiet">
        {job.total > 0 && <span>{t("progress", { done: formats.number(job.done), total: formats.number(job.total) })} · </span>}
        {left !== null && <span>{t("left", { count: left })} · </span>}
        <Time at={job.ended_at ?? job.created_at} />
      </div>
      {job.error && <div className="h-jobs-error">{job.error}</div>}
    </li>
  );
}

/** Minutes until the end at the pace so far; nothing before the pace is known. */
function timeLeft(job: Job): number | null {
  if (job.state !== "running" || !job.started_at || job.done === 0 || job.total <= job.done) return null;
  const spent = Date.now() - new Date(job.started_at).getTime();
  return Math.max(1, Math.round(((spent / job.done) * (job.total - job.done)) / 60_000));
}
