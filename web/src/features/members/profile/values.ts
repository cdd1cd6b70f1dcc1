/** How a trait's value is shown and typed. */
export type ValueKind = "text" | "number" | "boolean" | "date" | "json";

const DATE = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}.*)?$/;

export function isDate(value: unknown): value is string {
  return typeof value === "string" && DATE.test(value) && !Number.isNaN(Date.parse(value));
}

/** The kind in which a value is typed: as the trait is settled, or as the value is. */
export function valueKind(value: unknown, settled: string | undefined): ValueKind {
  switch (settled) {
    case "text":
    case "number":
    case "boolean":
    case "date":
      return settled;
    case "list":
    case "object":
      return "json";
  }
  if (typeof value === "number") return "number";
  if (typeof value === "boolean") return "boolean";
  if (typeof value === "object" && value !== null) return "json";
  return isDate(value) ? "date" : "text";
}

export function textOf(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? JSON.stringify(value, null, 2) : String(value);
}

/** What was typed as a value of that kind, or the message below `members:traits.wrong` that says why it is none. */
export function readValue(text: string, kind: ValueKind): { value: unknown } | { wrong: "empty" | "number" | "date" | "json" } {
  const typed = text.trim();
  if (!typed) return { wrong: "empty" };
  switch (kind) {
    case "text":
      return { value: text };
    case "number": {
      const number = Number(typed.replaceAll(/[,\s]/g, ""));
      return Number.isFinite(number) ? { value: number } : { wrong: "number" };
    }
    case "boolean":
      return { value: typed === "true" };
    case "date":
      return isDate(typed) ? { value: typed } : { wrong: "date" };
    case "json":
      try {
        return { value: JSON.parse(typed) as unknown };
      } catch {
        return { wrong: "json" };
      }
  }
}
