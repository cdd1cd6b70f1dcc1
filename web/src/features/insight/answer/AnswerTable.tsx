import type { CSSProperties } from "react";
import { useTranslation } from "react-i18next";
import type { Point } from "../api/types";
import type { AnswerTable as Table, Cell } from "./drawn";

interface AnswerTableProps {
  table: Table;
  label: string;
  onPoint?: (point: Point) => void;
}

/** The answer as rows; whoever stands behind a number is one click away, by keyboard, too. */
export function AnswerTable({ table, label, onPoint }: AnswerTableProps) {
  const names = table.names ?? 1;
  return (
    <div className="h-answer-table" role="region" aria-label={label} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {table.head.map((title, index) => (
              <th key={index} scope="col" className={index < names ? "is-name" : undefined}>{title}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map((row, at) => (
            <tr key={at}>
              {row.map((cell, index) =>
                index < names ? (
                  <th key={index} scope="row" className="is-name">{cell.text}</th>
                ) : (
                  <td key={index} className={cell.heat === undefined ? undefined : "is-heat"} style={cell.heat === undefined ? undefined : { "--heat": `${Math.round(cell.heat * 100)}%` } as CSSProperties}>
                    <CellText cell={cell} onPoint={onPoint} />
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function CellText({ cell, onPoint }: { cell: Cell; onPoint?: (point: Point) => void }) {
  const { t } = useTranslation("insight");
  const { point } = cell;
  if (!point || !onPoint) return cell.text;
  return (
    <button type="button" className="h-answer-point" title={t("drill.open")} aria-label={cell.label} onClick={() => onPoint(point)}>
      {cell.text}
    </button>
  );
}
