import { useTranslation } from "react-i18next";
import { useFormats } from "@/lib/format";
import { RuleSentence, readParts, type RuleJson } from "@/features/rules";
import { Panel } from "@/ui";
import { rounded, type Preview } from "./preview";

/** How many each condition holds for by itself: the shortest bar is where people are lost. */
export function PartBars({ rule, preview }: { rule: RuleJson | null; preview: Preview | undefined }) {
  const { t } = useTranslation("segments");
  const formats = useFormats();
  const conditions = readParts(rule);
  if (!preview || conditions.length < 2) return null;
  const number = (size: number, isExact: boolean) =>
    isExact ? formats.number(size) : t("live.approximately", { number: formats.number(rounded(size)) });
  const sizeAt = new Map(preview.parts.map((part) => [part.path, part]));
  const rows = conditions.flatMap((condition) => {
    const part = sizeAt.get(condition.path);
    return part && typeof part.size === "number" ? [{ ...condition, size: part.size, isExact: part.exact }] : [];
  });
  if (rows.length === 0) return null;
  const most = Math.max(...rows.map((row) => row.size), preview.size, 1);
  const least = Math.min(...rows.map((row) => row.size));
  return (
    <Panel title={t("parts.title")}>
      <ul className="h-segment-parts">
        {rows.map((row) => (
          <li key={row.id}>
            <span className="h-segment-part-words"><RuleSentence rule={row.rule} form="conditions" lines={2} /></span>
            <span className="h-num">{number(row.size, row.isExact)}</span>
            <span className="h-segment-bar" aria-hidden>
              <span className={row.size === least && rows.length > 1 ? "is-least" : undefined} style={{ width: `${Math.max((row.size / most) * 100, row.size > 0 ? 1 : 0)}%` }} />
            </span>
          </li>
        ))}
        <li className="is-whole">
          <span>{t("parts.together")}</span>
          <span className="h-num">{number(preview.size, preview.exact)}</span>
          <span className="h-segment-bar" aria-hidden><span style={{ width: `${Math.max((preview.size / most) * 100, preview.size > 0 ? 1 : 0)}%` }} /></span>
        </li>
      </ul>
    </Panel>
  );
}
