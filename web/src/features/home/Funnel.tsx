import { Segmented } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormats } from "@/lib/format";
import { useStageName } from "@/lib/names";
import { useTimeZone } from "@/lib/session";
import { Num, Panel } from "@/ui";
import type { FunnelStage } from "./api";
import { partOfDay } from "./days";

type Day = "yesterday" | "today";
const DAYS: readonly Day[] = ["yesterday", "today"];

/** In the morning there is little to tell of today, so that the day before comes first. */
export function FunnelPanel({ stages }: { stages: readonly FunnelStage[] }) {
  const { t } = useTranslation("home");
  const part = partOfDay(new Date(), useTimeZone());
  const [day, setDay] = useState<Day>(part === "morning" ? "yesterday" : "today");
  const choice = <Segmented size="small" aria-label={t("funnel.days")} value={day} options={DAYS.map((one) => ({ value: one, label: t(`funnel.day.${one}`) }))} onChange={setDay} />;
  return (
    <Panel className="h-home-funnel" title={t("funnel.title")} actions={choice}>
      <Funnel stages={stages} day={day} />
    </Panel>
  );
}

/** From stranger to fan: how many stand on each rung, and how many came and went. */
function Funnel({ stages, day }: { stages: readonly FunnelStage[]; day: Day }) {
  const { t } = useTranslation("home");
  const nameOf = useStageName();
  const formats = useFormats();
  const most = Math.max(1, ...stages.map((stage) => stage.members));
  const all = stages.reduce((sum, stage) => sum + stage.members, 0);
  return (
    <ol className="h-funnel">
      {stages.map((stage) => {
        const { entered: came, left: went } = stage[day];
        return (
          <li key={stage.stage}>
            <span className="h-funnel-name h-cut">{nameOf(stage.stage, stage.name)}</span>
            <span className="h-funnel-bar" aria-hidden>
              <span style={{ width: `${(stage.members / most) * 100}%` }} />
            </span>
            <span className="h-funnel-count">
              <strong><Num value={stage.members} /></strong>
              <span className="h-quiet">{all > 0 && formats.percent(stage.members / all)}</span>
            </span>
            <span className="h-funnel-moved h-quiet">
              {came + went === 0 ? t("funnel.still") : t("funnel.moved", { came: formats.number(came), went: formats.number(went) })}
            </span>
          </li>
        );
      })}
    </ol>
  );
}
