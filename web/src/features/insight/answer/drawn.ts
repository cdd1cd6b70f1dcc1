import type { EChartsCoreOption } from "echarts/core";
import type { ChartPoint } from "@/ui";
import type { Answered, GroupKey, Point, View } from "../api/types";

/** A cell of the table: as people read it, as a file holds it, and who is behind it. */
export interface Cell {
  text: string;
  raw?: string | number;
  point?: Point;
  /** 0…1: how warm the cell is in a table that is a map of heat. */
  heat?: number;
  /** More than fits in, shown on hover and told to those who hear it. */
  label?: string;
}

export interface AnswerTable {
  head: string[];
  rows: Cell[][];
  /** How many columns at the left name their row. */
  names?: number;
}

/** One of the numbers that come before the chart. */
export interface Figure {
  label: string;
  text: string;
  compare?: { now: number; before: number; isShare?: boolean };
  point?: Point;
}

/** An answer as the page shows it: numbers, chart, table. */
export interface Drawn {
  figures: Figure[];
  /** Null where there is nothing that a picture would say better. */
  option: EChartsCoreOption | null;
  height?: number;
  pointOf: (click: ChartPoint) => Point | null;
  table: AnswerTable;
  /** Further pictures and tables below, each with what it shows. */
  also?: Part[];
  /** What has to be said of the numbers. */
  note?: string;
  /** The same of the picture alone, such as what it leaves out, and of the table alone. */
  pictureNote?: string;
  tableNote?: string;
  isEmpty: boolean;
}

export interface Part {
  title: string;
  option?: EChartsCoreOption;
  height?: number;
  table: AnswerTable;
  pointOf?: (click: ChartPoint) => Point | null;
}

export interface DrawOptions {
  view?: View;
  /** On a phone and on a card there is room for less. */
  isNarrow: boolean;
  /** About how many pixels an axis has from end to end. */
  room: number;
}

/** Which group a number is of, as it is asked for. */
export const ofGroup = ({ key, rest }: GroupKey): { group: string | null } | { rest: true } => (rest ? { rest } : { group: key });

/** How much room there is where an answer stands. */
export function roomOf(isPhone: boolean, isCard: boolean): Pick<DrawOptions, "isNarrow" | "room"> {
  return { isNarrow: isPhone || isCard, room: isPhone ? 290 : isCard ? 460 : 1000 };
}

/** So many series the eye can tell apart. */
export const MOST_SERIES = 7;

export const cell = (text: string, raw: string | number = text, point?: Point): Cell => (point ? { text, raw, point } : { text, raw });

/** Where most charts leave room for their axes. */
export const GRID = { left: 8, right: 16, top: 16, bottom: 8, containLabel: true };
export const GRID_BELOW_LEGEND = { ...GRID, top: 40 };

/** Which of these periods, of which each lasts until the next, is the last one that is over; -1 while none is. */
export function latestOver(times: readonly string[], { range, as_of: asOf }: Pick<Answered, "range" | "as_of">): number {
  return times.findLastIndex((_, at) => (times[at + 1] ?? range.to) <= asOf);
}

export function shareOf(part: number, whole: number): number | null {
  return whole > 0 ? part / whole : null;
}

/** The table as a file has it: numbers as numbers, not as the reader's language writes them. */
export function fileTable(table: AnswerTable): { head: string[]; rows: (string | number)[][] } {
  return { head: table.head, rows: table.rows.map((row) => row.map((cell) => cell.raw ?? cell.text)) };
}
