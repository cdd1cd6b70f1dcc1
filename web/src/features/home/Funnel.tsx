import { useTranslation } from "react-i18next";
import { useFormats } from "@/lib/format";
import { useStageName } from "@/lib/names";
import { Num } from "@/ui";
import type { FunnelStage } from "./api";

/** From stranger to fan: how many stand on each rung, and how many came and went. */
export function Funnel({ stages }: { stages: readonly FunnelStage[] }) {
  const { t } = useTranslation("home");
  const nameOf = useStageName();
  const formats = useFormats();
  const most = Math.max(1, ...stages.map((stage) => stage.members));
  const all = stages.reduce((sum, stage) => sum + stage.members, 0);
  return (
    <ol className="h-funnel">
      {stages.map((stage) => {
        const came = stage.entered ?? 0;
        const went = stage.left ?? 0;
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
