import { useTranslation } from "react-i18next";
import type { Schemas } from "@/lib/api";
import { useTopicName } from "@/lib/names";
import { Loaded, Panel } from "@/ui";
import { usePolicy } from "./api";
import { useKindName } from "./names";

/** When and how often members are written to, in sentences. */
export function PolicySummary() {
  const { t } = useTranslation("deliveries");
  const policy = usePolicy();
  return (
    <Panel title={t("policy.title")}>
      <Loaded query={policy} rows={3}>
        {({ policy: rules }) => <Sentences policy={rules} />}
      </Loaded>
    </Panel>
  );
}

function Sentences({ policy }: { policy: Schemas["Policy"] }) {
  const { t } = useTranslation("deliveries");
  const kindName = useKindName();
  const topicName = useTopicName();
  const caps = policy.caps ?? [];
  const windows = Object.entries(policy.windows ?? {});
  const quiet = policy.quiet_hours;
  const days = (named: readonly string[] | null | undefined) => (named?.length ? named.map((day) => t(`day.${day}`)).join(t("policy.comma")) : t("policy.everyDay"));
  return (
    <ul className="h-policy">
      {quiet ? <li>{t("policy.quiet", { from: quiet.from, to: quiet.to, then: t(`policy.${quiet.then ?? "wait"}`) })}</li> : <li>{t("policy.noQuiet")}</li>}
      {caps.length === 0 && <li>{t("policy.noCaps")}</li>}
      {caps.map((cap, index) => (
        <li key={index}>
          {t(`policy.cap.${cap.per}`, {
            count: cap.most,
            kind: cap.channel_kind ? kindName(cap.channel_kind) : t("policy.anyKind"),
            topic: cap.topic ? t("policy.aboutTopic", { topic: topicName(cap.topic) }) : "",
            then: t(`policy.${cap.then ?? "wait"}`),
          })}
        </li>
      ))}
      {windows.map(([kind, window]) => (
        <li key={kind}>
          {t("policy.window", {
            kind: kindName(kind),
            hours: window.open.map((hours) => `${days(hours.days)} ${hours.from}–${hours.to}`).join(t("policy.comma")),
            then: t(`policy.${window.then ?? "wait"}`),
          })}
        </li>
      ))}
      {policy.critical_passes !== false && (quiet || caps.length > 0 || windows.length > 0) && <li className="h-quiet">{t("policy.critical")}</li>}
    </ul>
  );
}
