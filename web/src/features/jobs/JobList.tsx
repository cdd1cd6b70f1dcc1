import { ThunderboltOutlined } from "@ant-design/icons";
import { Button, Progress } from "antd";
import { Link, type LinkProps } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useFormats } from "@/lib/format";
import { useServerWords } from "@/lib/i18n/server-words";
import { useName } from "@/lib/names";
import { usePlaces } from "@/lib/places";
import { Empty, Loaded, Pill, Time, useTellProblem, type Tone } from "@/ui";
import { moves, nameOf, useCancelJob, type Job, type useJobs } from "./api";
import "./jobs.css";

export function JobList({ query }: { query: ReturnType<typeof useJobs> }) {
  const { t } = useTranslation("jobs");
  return (
    <Loaded query={query}>
      {(jobs) =>
        jobs.length === 0 ? (
          <Empty icon={<ThunderboltOutlined />} title={t("empty")}>
            {t("emptyHelp")}
          </Empty>
        ) : (
          <ul className="h-jobs">
            {jobs.map((job) => (
              <JobItem key={nameOf(job)} job={job} />
            ))}
          </ul>
        )
      }
    </Loaded>
  );
}

const TONES: Record<string, Tone> = { queued: "waiting", running: "ember", done: "good", failed: "bad", cancelled: "neutral" };

function JobItem({ job }: { job: Job }) {
  const { t, i18n } = useTranslation("jobs");
  const tell = useTellProblem();
  const cancel = useCancelJob();
  const words = useServerWords();
  const name = i18n.exists(`jobs:kind.${job.kind}`) ? t(`kind.${job.kind}`) : (job.title ? words(job.title) : job.kind);
  const percent = job.total > 0 ? Math.min(100, Math.floor((job.done / job.total) * 100)) : 0;
  const { id } = job;
  return (
    <li>
      <div className="h-jobs-head">
        <strong>{name}</strong>
        <Pill tone={TONES[job.state] ?? "neutral"}>{i18n.exists(`jobs:state.${job.state}`) ? t(`state.${job.state}`) : job.state}</Pill>
      </div>
      {job.target && <Target id={job.target.id} name={job.about} />}
      {moves(job) && (
        <div className="h-jobs-progress">
          <Progress percent={percent} size="small" status="active" aria-label={name} />
          {id && (
            <Button size="small" loading={cancel.isPending} onClick={() => cancel.mutate(id, { onError: tell })}>
              {t("cancel")}
            </Button>
          )}
        </div>
      )}
      <Numbers job={job} />
      {job.state === "failed" && <div className="h-jobs-error">{job.why ? words(job.why) : job.error}</div>}
    </li>
  );
}

/** What the job is about, with a link where there is a page for it. */
function Target({ id, name }: { id: string; name: string | undefined }) {
  const places = usePlaces();
  const named = useName(id);
  const place = places(id);
  const words = name ?? named?.name ?? id;
  return (
    <div className="h-jobs-target">
      {place ? <Link to={place as LinkProps["to"]}>{words}</Link> : <span>{words}</span>}
    </div>
  );
}

function Numbers({ job }: { job: Job }) {
  const { t } = useTranslation("jobs");
  const formats = useFormats();
  const { rate, left } = pace(job, Date.now());
  const parts = [
    job.total > 0 && t("progress", { done: formats.number(job.done), total: formats.number(job.total) }),
    job.state === "running" && rate !== null && t("rate", { rate: formats.number(rate, { maximumFractionDigits: rate < 10 ? 1 : 0 }) }),
    job.state === "running" && left !== null && (left < 60 ? t("leftSeconds", { count: Math.max(1, Math.round(left)) }) : t("left", { count: Math.round(left / 60) })),
  ].filter(Boolean);
  const at = job.ended_at ?? job.created_at;
  return (
    <div className="h-jobs-numbers h-quiet">
      {parts.map((part) => (
        <span key={String(part)}>{part}</span>
      ))}
      {at && <Time at={at} />}
    </div>
  );
}

/** Units per second and seconds left: as the server says, else from what was done so far. */
export function pace(job: Job, now: number): { rate: number | null; left: number | null } {
  const spent = job.started_at ? (now - new Date(job.started_at).getTime()) / 1000 : 0;
  const rate = job.rate_per_second ?? (spent > 1 && job.done > 0 ? job.done / spent : null);
  const rest = job.total - job.done;
  const left = job.seconds_left ?? (rate && rest > 0 ? rest / rate : null);
  return { rate, left };
}
