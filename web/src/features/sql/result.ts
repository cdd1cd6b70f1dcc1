import type { SqlAnswer, SqlColumn, SqlValue } from "./api";

export interface Order {
  column: number;
  direction: "up" | "down";
}

/** A value as it is copied and written into files; nothing stands for a missing one. */
export function textOf(value: SqlValue | undefined): string {
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

const NUMBERS = /^(number|integer|float|double|decimal|u?int|bigint|smallint|real|numeric)/i;

export function isNumber(column: SqlColumn): boolean {
  return NUMBERS.test(column.type);
}

/** The rows in the order of one column, as numbers where it holds numbers. What is missing comes last either way. */
export function ordered(rows: readonly SqlValue[][], columns: readonly SqlColumn[], order: Order | null): readonly SqlValue[][] {
  const column = order && columns[order.column];
  if (!order || !column) return rows;
  const way = order.direction === "up" ? 1 : -1;
  const compare = isNumber(column)
    ? (one: SqlValue, other: SqlValue) => Number(one) - Number(other)
    : (one: SqlValue, other: SqlValue) => collator.compare(textOf(one), textOf(other));
  return [...rows].sort((a, b) => {
    const one = a[order.column] ?? null;
    const other = b[order.column] ?? null;
    if (one === null || other === null) return Number(one === null) - Number(other === null);
    return way * compare(one, other);
  });
}

const collator = new Intl.Collator(undefined, { numeric: true });

/** The next order when the head of a column is clicked: up, down, as it came. */
export function nextOrder(order: Order | null, column: number): Order | null {
  if (order?.column !== column) return { column, direction: "up" };
  return order.direction === "up" ? { column, direction: "down" } : null;
}

/** As rows of a file, with a head. */
export function fileRows({ columns }: Pick<SqlAnswer, "columns">, rows: readonly SqlValue[][]): string[][] {
  return [columns.map((column) => column.name), ...rows.map((row) => columns.map((_, index) => textOf(row[index])))];
}

const LEAST = 8;
const MOST = 40;
const LOOKED_AT = 200;

/** How wide a column is, in characters: as its name and its first values need, so that scrolling does not move it. */
export function widthOf(column: SqlColumn, index: number, rows: readonly SqlValue[][]): number {
  let most = Math.max(LEAST, column.name.length + 4, column.type.length + 2);
  for (const row of rows.slice(0, LOOKED_AT)) most = Math.max(most, breadth(textOf(row[index])) + 2);
  return Math.min(most, MOST);
}

/** Chinese characters are twice as wide. */
function breadth(text: string): number {
  let sum = 0;
  for (const character of text.slice(0, MOST)) sum += /[\u2E80-\uFFDC]/.test(character) ? 2 : 1;
  return sum;
}
