import { useTranslation } from "react-i18next";
import type { Schemas } from "@/lib/api";
import { useFormats } from "@/lib/format";
import { useServerWords } from "@/lib/i18n/server-words";
import { Num, Percent } from "@/ui";

type Lift = Schemas["Lift"];

/** Those addressed beside those left out, with how sure that is; in words first. */
export function LiftPanel({ lift, byVersion }: { lift: Lift; byVersion: Schemas["VersionLift"][] }) {
  const { t } = useTranslation("journeys");
  const words = useServerWords();
  const hasArms = lift.verdict !== "no_goal" && lift.verdict !== "no_comparison";
  return (
    <div className="j-lift">
      <p className={`j-verdict is-${lift.verdict}`}>{words({ en: lift.en, zh: lift.zh })}</p>
      {hasArms && (
        <>
          <Arms lift={lift} />
          <Difference lift={lift} />
        </>
      )}
      {lift.verdict === "no_goal" && <p className="h-quiet">{t("lift.noGoalHelp")}</p>}
      {lift.verdict === "no_comparison" && <p className="h-quiet">{t("lift.noComparisonHelp")}</p>}
      {hasArms && byVersion.length > 1 && <ByVersion versions={byVersion} />}
    </div>
  );
}

function Arms({ lift }: { lift: Lift }) {
  const { t } = useTranslation("journeys");
  const most = Math.max(lift.treated.interval?.high ?? lift.treated.conversion ?? 0, lift.held_out.interval?.high ?? lift.held_out.conversion ?? 0, 0.01);
  return (
    <table className="j-arms">
      <thead>
        <tr>
          <th scope="col">{t("lift.side")}</th>
          <th scope="col" className="is-number">{t("publish.members")}</th>
          <th scope="col" className="is-number">{t("lift.reached")}</th>
          <th scope="col" className="is-number">{t("lift.conversion")}</th>
          <th scope="col">{t("lift.interval")}</th>
        </tr>
      </thead>
      <tbody>
        {(["treated", "held_out"] as const).map((side) => {
          const arm = lift[side];
          return (
            <tr key={side}>
              <th scope="row">{t(`lift.${side}`)}</th>
              <td className="is-number"><Num value={arm.members} /></td>
              <td className="is-number"><Num value={arm.converted} /></td>
              <td className="is-number"><Percent share={arm.conversion} /></td>
              <td>
                {arm.interval ? (
                  <span className="j-interval">
                    <span className="j-interval-bar" aria-hidden>
                      <span className={`j-interval-range is-${side}`} style={{ left: `${(arm.interval.low / most) * 100}%`, width: `${Math.max(1, ((arm.interval.high - arm.interval.low) / most) * 100)}%` }} />
                      {arm.conversion !== null && arm.conversion !== undefined && <span className="j-interval-point" style={{ left: `${(arm.conversion / most) * 100}%` }} />}
                    </span>
                    <span className="h-nowrap"><Percent share={arm.interval.low} /> – <Percent share={arm.interval.high} /></span>
                  </span>
                ) : (
                  <span className="h-quiet">–</span>
                )}
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function Difference({ lift }: { lift: Lift }) {
  const { t } = useTranslation("journeys");
  const formats = useFormats();
  const { difference, interval } = lift;
  if (difference === null || difference === undefined) return null;
  const points = (share: number) => formats.number(share * 100, { maximumFractionDigits: 1, signDisplay: "exceptZero" });
  return (
    <p>
      {interval
        ? t("lift.difference", { points: points(difference), low: points(interval.low), high: points(interval.high) })
        : t("lift.differenceOnly", { points: points(difference) })}{" "}
      {lift.relative_lift !== null && lift.relative_lift !== undefined && <span className="h-quiet">{t("lift.relative", { share: formats.percent(lift.relative_lift) })}</span>}
    </p>
  );
}

function ByVersion({ versions }: { versions: Schemas["VersionLift"][] }) {
  const { t } = useTranslation("journeys");
  const words = useServerWords();
  return (
    <details className="j-details">
      <summary>{t("lift.byVersion")}</summary>
      <dl>
        {versions.map(({ version, lift }) => (
          <div key={version}>
            <dt>{t("versions.number", { version })}</dt>
            <dd>{words({ en: lift.en, zh: lift.zh })}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
