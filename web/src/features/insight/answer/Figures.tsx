import { useTranslation } from "react-i18next";
import { Change } from "@/ui";
import type { Point } from "../api/types";
import type { Figure } from "./drawn";

interface FiguresProps {
  figures: readonly Figure[];
  onPoint?: (point: Point) => void;
}

/** The answer in numbers, before any picture. */
export function Figures({ figures, onPoint }: FiguresProps) {
  const { t } = useTranslation("insight");
  if (figures.length === 0) return null;
  return (
    <dl className="h-figures">
      {figures.map(({ label, text, compare, point }) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>
            {point && onPoint ? (
              <button type="button" className="h-answer-point" title={t("drill.open")} onClick={() => onPoint(point)}>{text}</button>
            ) : (
              <strong>{text}</strong>
            )}
            {compare && <Change {...compare} label={t("compare.than")} />}
          </dd>
        </div>
      ))}
    </dl>
  );
}
