import { useTranslation } from "react-i18next";
import { useFormats } from "@/lib/format";

const KNOWN = ["quiet_hours", "outside_window", "frequency_cap", "higher_priority", "no_address", "consent_withdrawn", "no_consent", "paused_by_member", "expired", "suppressed", "held_out", "invalid_address", "template_failed", "channel_missing", "cancelled"];

/** How many for which reason. */
export function ReasonCounts({ counts }: { counts: Record<string, number> }) {
  const { t } = useTranslation("journeys");
  const formats = useFormats();
  const entries = Object.entries(counts).sort(([, a], [, b]) => b - a);
  if (entries.length === 0) return <span className="h-quiet">–</span>;
  return (
    <ul className="j-reasons">
      {entries.map(([reason, count]) => (
        <li key={reason}>
          {KNOWN.includes(reason) ? t(`reason.${reason}`) : reason} <strong className="h-num">{formats.number(count)}</strong>
        </li>
      ))}
    </ul>
  );
}
