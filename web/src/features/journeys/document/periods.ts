export const UNITS = ["minutes", "hours", "days", "weeks", "months", "years"] as const;
export type Unit = (typeof UNITS)[number];

export interface Period {
  amount: number;
  unit: Unit;
  isBefore: boolean;
}

const DATE: Record<string, Unit> = { D: "days", W: "weeks", M: "months", Y: "years" };
const TIME: Record<string, Unit> = { M: "minutes", H: "hours" };

/** Reads a duration of one unit, such as `P3D` or `-PT2H`. Others, such as `P1DT2H`, give `null`. */
export function readPeriod(text: string): Period | null {
  const match = /^(-?)P(T?)(\d+)([DWMYH])$/.exec(text);
  if (!match) return null;
  const [, sign, time, amount, letter = ""] = match;
  const unit = (time ? TIME : DATE)[letter];
  return unit ? { amount: Number(amount), unit, isBefore: sign === "-" } : null;
}

export function writePeriod({ amount, unit, isBefore }: Period): string {
  const sign = isBefore && amount > 0 ? "-" : "";
  const letter = unit === "minutes" ? "M" : unit === "hours" ? "H" : unit === "days" ? "D" : unit === "weeks" ? "W" : unit === "months" ? "M" : "Y";
  const time = unit === "minutes" || unit === "hours" ? "T" : "";
  return `${sign}P${time}${amount}${letter}`;
}

/** Whether the server would take it: ISO 8601, with at least one part that is more than nothing. */
export function isPeriod(text: string, mayBeNegative = false): boolean {
  const match = /^(-?)P(?=.)(?:\d+Y)?(?:\d+M)?(?:\d+W)?(?:\d+D)?(?:T(?=\d)(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?)?$/.exec(text);
  if (!match || (match[1] === "-" && !mayBeNegative)) return false;
  return mayBeNegative || /[1-9]/.test(text);
}
