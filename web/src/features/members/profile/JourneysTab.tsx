import { BranchesOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Empty, ErrorState, Loading, Pill, Time, type Tone } from "@/ui";
import { useRuns } from "./api";
import { inOrder, type Run } from "./runs";

const TONES: Record<string, Tone> = { active: "ember", completed: "good", exited: "neutral", held_out: "neutral", failed: "bad", stopped: "neutral" };

/** The journeys in which the member is, where he stands, and those that are behind him. */
export function JourneysTab({ member }: { member: string }) {
  const { t } = useTranslation("members");
  const list = useRuns(member);
  if (list.isLoading) return <Loading />;
  if (list.error) return <ErrorState error={list.error} retry={list.retry} />;
  if (list.items.length === 0) {
    return (
      <Empty icon={<BranchesOutlined />} title={t("runs.none")}>
        {t("runs.noneHelp")}
      </Empty>
    );
  }
  return (
    <>
      <ul className="h-runs">
        {inOrder(list.items).map((run) => (
          <RunLine key={run.run} run={run} />
        ))}
      </ul>
      {list.hasMore && (
        <Button loading={list.isLoadingMore} onClick={list.more}>
          {t("ui:table.more")}
        </Button>
      )}
    </>
  );
}

function RunLine({ run }: { run: Run }) {
  const { t, i18n } = useTranslation("members");
  const isActive = run.state === "active";
  const waits = run.waits_for && i18n.exists(`members:runs.waits.${run.waits_for}`) ? t(`runs.waits.${run.waits_for}`) : run.waits_for;
  const reason = run.end_reason ?? "";
  const reasonName = reason.replaceAll(" ", "_");
  return (
    <li>
      <div className="h-runs-head">
        <Link to={`/journeys/${run.journey}` as string} preload={false}>
          <strong>{run.journey_name}</strong>
        </Link>
        <Pill tone={TONES[run.state] ?? "neutral"}>{i18n.exists(`members:runs.states.${run.state}`) ? t(`runs.states.${run.state}`) : run.state}</Pill>
        {run.goal_at && <Pill tone="good">{t("runs.goal")}</Pill>}
      </div>
      {isActive && run.step && (
        <div>
          {t("runs.at")} <strong>{run.step_title || run.step}</strong>
          {run.wake_at && (
            <span className="h-quiet">
              {" · "}
              {t("runs.until")} <Time at={run.wake_at} />
            </span>
          )}
          {waits && <span className="h-quiet"> · {waits}</span>}
        </div>
      )}
      <div className="h-quiet">
        {t("runs.entered")} <Time at={run.entered_at} />
        {run.ended_at && (
          <>
            {" · "}
            {t("runs.ended")} <Time at={run.ended_at} />
          </>
        )}
        {reason && ` · ${i18n.exists(`members:runs.reasons.${reasonName}`) ? t(`runs.reasons.${reasonName}`) : reason}`}
      </div>
    </li>
  );
}
