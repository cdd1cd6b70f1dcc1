import { asProblem, type Schemas } from "@/lib/api";

export type Warning = Schemas["TemplateWarning"];

/**
 * Where line and column lie in a text, both counted from 1, the column in whole characters as the server counts them. What lies
 * outside is moved to the nearest place.
 */
export function offsetOf(text: string, line: number, column = 1): number {
  const lines = text.split("\n");
  const row = Math.min(Math.max(line, 1), lines.length);
  const before = lines.slice(0, row - 1).reduce((sum, one) => sum + one.length + 1, 0);
  const characters = [...(lines[row - 1] ?? "")];
  return before + characters.slice(0, Math.max(column, 1) - 1).join("").length;
}

export interface Mark {
  from: number;
  to: number;
  severity: "error" | "warning" | "info";
  warning: Warning;
}

const SEVERITIES: Record<string, Mark["severity"]> = { error: "error", warning: "warning", hint: "info" };

/** What of the warnings is about this text, and from where to where: to the end of a tag, or else of its word. */
export function marksIn(text: string, path: string, warnings: readonly Warning[]): Mark[] {
  return warnings
    .filter((warning) => warning.path === path && warning.line)
    .map((warning) => {
      const from = offsetOf(text, warning.line ?? 1, warning.column ?? 1);
      return { from, to: endOf(text, from), severity: SEVERITIES[warning.severity] ?? "info", warning };
    });
}

function endOf(text: string, from: number): number {
  const rest = text.slice(from);
  const tag = /^(\{\{[\s\S]*?\}\}|\{%[\s\S]*?%\}|<[^>]*>)/.exec(rest)?.[0];
  const word = /^[^\s<>{}"']+/.exec(rest)?.[0];
  const length = (tag ?? word ?? "").length;
  return Math.min(text.length, from + Math.max(1, length));
}

/** What the server refuses altogether, in the form of its warnings, so that it stands in the same list at the same line. */
export function warningsOfProblem(error: unknown): Warning[] {
  const problem = asProblem(error);
  if (problem.status !== 422) return [];
  const fields = problem.fields.length > 0 ? problem.fields : [{ path: "", code: problem.code, message: problem.detail ?? problem.title }];
  return fields.map((field) => {
    const place = /\bline (\d+)(?:,? column (\d+))?/i.exec(field.message);
    const words = (field as { words?: { en: string; zh: string } }).words;
    return {
      code: field.code || problem.code,
      severity: "error",
      path: field.path,
      line: place ? Number(place[1]) : undefined,
      column: place?.[2] ? Number(place[2]) : undefined,
      en: words?.en ?? field.message,
      zh: words?.zh ?? field.message,
    };
  });
}

const ORDER = ["error", "warning", "hint"];

/** The worst first, and then in the order in which they stand. */
export function sorted(warnings: readonly Warning[]): Warning[] {
  const rank = (warning: Warning) => ORDER.indexOf(warning.severity);
  return [...warnings].sort((a, b) => rank(a) - rank(b) || a.path.localeCompare(b.path) || (a.line ?? 0) - (b.line ?? 0));
}
