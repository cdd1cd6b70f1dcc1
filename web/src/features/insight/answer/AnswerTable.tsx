import { Button } from "antd";
import { useState, type CSSProperties } from "react";
import { useTranslation } from "react-i18next";
import type { Point } from "../api/types";
import type { AnswerTable as Table, Cell } from "./drawn";

interface AnswerTableProps {
  table: Table;
  label: string;
  onPoint?: (point: Point) => void;
}

/** More rows than this are drawn when somebody asks for them: a hundred groups on a year's days are many cells. */
const MOST_ROWS = 60;

/** The answer as rows; whoever stands behind a number is one click away, by keyboard, too. */
export function AnswerTable({ table, label, onPoint }: AnswerTableProps) {
  const { t } = useTranslation("insight");
  const [isWhole, setIsWhole] = useState(false);
  const names = table.names ?? 1;
  const shown = isWhole ? table.rows : table.rows.slice(0, MOST_ROWS);
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
          {shown.map((row, at) => (
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
      {shown.length < table.rows.length && (
        <Button className="h-answer-all" type="link" onClick={() => setIsWhole(true)}>{t("table.all", { count: table.rows.length })}</Button>
      )}
    </div>
  );
}

function CellText({ cell, onPoint }: { cell: Cell; onPoint?: (point: Point) => void }) {
  const { t } = useTranslation("insight");
  const { point } = cell;
  const { label } = cell;
  if (!point || !onPoint) return label ? <span title={label}>{cell.text}</span> : cell.text;
  return (
    <button type="button" className="h-answer-point" title={label ?? t("drill.open")} aria-label={label && `${cell.text}: ${label}`} onClick={() => onPoint(point)}>
      {cell.text}
    </button>
  );
}
