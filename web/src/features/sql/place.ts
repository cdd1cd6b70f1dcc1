import { asProblem } from "@/lib/api";

/** A place in a text; both count from one. */
export interface Place {
  line: number;
  column: number;
}

/** Where in the query something is wrong. The server's parser says it within its sentence. */
export function placeOf(error: unknown): Place | null {
  const problem = asProblem(error);
  const said = [problem.detail ?? "", ...problem.fields.map((field) => field.message)].join("\n");
  const found = /\bline:?\s*(\d+)(?:\s*,?\s*col(?:umn)?\.?:?\s*(\d+))?/i.exec(said);
  return found ? { line: Number(found[1]), column: Number(found[2] ?? 1) } : null;
}

/** The place as a count of characters from the beginning; never beyond the end. */
export function offsetOf(text: string, { line, column }: Place): number {
  const lines = text.split("\n");
  const before = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
  if (line > lines.length) return text.length;
  return Math.min(before + Math.min(column - 1, lines[line - 1]?.length ?? 0), text.length);
}
