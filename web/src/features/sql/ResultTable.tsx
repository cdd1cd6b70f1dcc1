import { CaretDownFilled, CaretUpFilled } from "@ant-design/icons";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useId, useMemo, useRef, useState, type KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";
import { CopyButton } from "@/ui";
import type { SqlColumn, SqlValue } from "./api";
import { isNumber, nextOrder, textOf, widthOf, type Order } from "./result";

interface ResultTableProps {
  columns: readonly SqlColumn[];
  rows: readonly SqlValue[][];
  order: Order | null;
  onOrder: (order: Order | null) => void;
}

interface Cell {
  row: number;
  column: number;
}

const ROW = 33;
const HEAD = 53;
const PAGE = 10;
/** Width of one character in pixels, a little generously. */
const CHARACTER = 8;

/** Rows of any query. Arrow keys walk from cell to cell; the one that is chosen can be copied, and is shown whole below. */
export function ResultTable({ columns, rows, order, onOrder }: ResultTableProps) {
  const { t } = useTranslation("sql");
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const [chosen, setChosen] = useState<Cell | null>(null);
  const widths = useMemo(() => columns.map((column, index) => widthOf(column, index, rows) * CHARACTER + 24), [columns, rows]);
  const virtualizer = useVirtualizer({ count: rows.length, getScrollElement: () => scroller.current, estimateSize: () => ROW, overscan: 10, scrollPaddingStart: HEAD, scrollMargin: 0 });
  const seen = virtualizer.getVirtualItems();
  const before = seen[0]?.start ?? 0;
  const after = virtualizer.getTotalSize() - (seen.at(-1)?.end ?? 0);
  const here = chosen && chosen.row < rows.length && chosen.column < columns.length ? chosen : null;
  const cellId = (cell: Cell) => `${id}-${cell.row}-${cell.column}`;
  const value = here ? rows[here.row]?.[here.column] : undefined;

  function choose(row: number, column: number) {
    const next = { row: Math.max(0, Math.min(rows.length - 1, row)), column: Math.max(0, Math.min(columns.length - 1, column)) };
    setChosen(next);
    virtualizer.scrollToIndex(next.row);
    const left = widths.slice(0, next.column).reduce((sum, width) => sum + width, 0);
    const box = scroller.current;
    if (!box) return;
    if (left < box.scrollLeft) box.scrollLeft = left;
    const right = left + (widths[next.column] ?? 0);
    if (right > box.scrollLeft + box.clientWidth) box.scrollLeft = right - box.clientWidth;
  }

  function onKey(event: KeyboardEvent) {
    if (event.target !== event.currentTarget) return;
    const { row, column } = here ?? { row: 0, column: 0 };
    if (event.key === "c" && (event.ctrlKey || event.metaKey)) {
      if (here && !window.getSelection()?.toString()) void navigator.clipboard?.writeText(textOf(value));
      return;
    }
    if (event.altKey) return;
    const isFar = event.ctrlKey || event.metaKey;
    const moves: Record<string, [number, number]> = {
      ArrowDown: [here ? row + 1 : 0, column],
      ArrowUp: [row - 1, column],
      ArrowRight: [row, column + 1],
      ArrowLeft: [row, column - 1],
      PageDown: [row + PAGE, column],
      PageUp: [row - PAGE, column],
      Home: [isFar ? 0 : row, 0],
      End: [isFar ? rows.length - 1 : row, columns.length - 1],
    };
    const move = moves[event.key];
    if (!move) return;
    event.preventDefault();
    choose(...move);
  }

  return (
    <>
      <div className="h-sql-scroll" ref={scroller}>
        <table
          className="h-sql-table"
          role="grid"
          aria-label={t("result")}
          aria-rowcount={rows.length + 1}
          aria-colcount={columns.length}
          aria-activedescendant={here ? cellId(here) : undefined}
          tabIndex={0}
          onKeyDown={onKey}
          style={{ width: widths.reduce((sum, width) => sum + width, 0) }}
        >
          <colgroup>
            {widths.map((width, index) => <col key={index} style={{ width }} />)}
          </colgroup>
          <thead>
            <tr>
              {columns.map((column, index) => {
                const direction = order?.column === index ? order.direction : null;
                return (
                  <th key={index} scope="col" className={isNumber(column) ? "is-number" : undefined} aria-sort={direction === "up" ? "ascending" : direction === "down" ? "descending" : undefined}>
                    <button type="button" onClick={() => onOrder(nextOrder(order, index))} title={t("sort", { name: column.name })}>
                      <span className="h-cut">{column.name}</span>
                      {direction && <span aria-hidden>{direction === "up" ? <CaretUpFilled /> : <CaretDownFilled />}</span>}
                    </button>
                    <span className="h-quiet h-sql-type">{column.type}</span>
                  </th>
                );
              })}
            </tr>
          </thead>
          <tbody>
            {before > 0 && <tr aria-hidden style={{ height: before }} />}
            {seen.map(({ index: row }) => (
              <tr key={row} aria-rowindex={row + 2} style={{ height: ROW }}>
                {columns.map((column, index) => {
                  const cell = rows[row]?.[index] ?? null;
                  const isHere = here?.row === row && here.column === index;
                  return (
                    <td
                      key={index}
                      id={cellId({ row, column: index })}
                      aria-selected={isHere}
                      className={`${isNumber(column) ? "is-number" : ""} ${isHere ? "is-here" : ""}`}
                      onClick={() => setChosen({ row, column: index })}
                    >
                      {cell === null ? <span className="h-sql-null">{t("null")}</span> : textOf(cell)}
                    </td>
                  );
                })}
              </tr>
            ))}
            {after > 0 && <tr aria-hidden style={{ height: after }} />}
          </tbody>
        </table>
      </div>
      <div className="h-sql-cell">
        {here ? (
          <>
            <span className="h-quiet">{t("cell", { row: here.row + 1, column: columns[here.column]?.name })}</span>
            <code className="h-code">{value === null || value === undefined ? t("null") : textOf(value)}</code>
            <CopyButton text={textOf(value)} label={columns[here.column]?.name} />
          </>
        ) : (
          <span className="h-quiet">{t("chooseCell")}</span>
        )}
      </div>
    </>
  );
}
