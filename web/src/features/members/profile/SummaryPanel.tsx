import { useTranslation } from "react-i18next";
import { Panel, Time } from "@/ui";
import { useChoices } from "../choices";
import { StageName } from "../timeline/Particulars";
import type { Member } from "./api";

/** How far from stranger to fan: the ladder, with the rung that the member has reached. */
export function SummaryPanel({ member }: { member: Member }) {
  const { t } = useTranslation("members");
  const stages = useChoices("stages").data ?? [];
  const place = stages.findIndex((stage) => stage.value === member.stage);
  return (
    <Panel title={t("profile.stage")}>
      <p className="h-stage-name">
        <strong>
          <StageName stage={member.stage} />
        </strong>
        <span className="h-quiet">
          {t("profile.since")} <Time at={member.stage_since} />
        </span>
      </p>
      {place >= 0 && (
        <ol className="h-ladder" aria-label={t("profile.ladder", { at: place + 1, of: stages.length })}>
          {stages.map((stage, rung) => (
            <li key={stage.value} title={stage.label} className={rung <= place ? "is-reached" : undefined} />
          ))}
        </ol>
      )}
      <dl className="h-seen">
        <div>
          <dt>{t("columns.firstSeen")}</dt>
          <dd>
            <Time at={member.created_at} />
          </dd>
        </div>
        <div>
          <dt>{t("columns.lastSeen")}</dt>
          <dd>
            <Time at={member.last_seen_at} />
          </dd>
        </div>
      </dl>
    </Panel>
  );
}
