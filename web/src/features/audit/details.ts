/** How a detail of a line is written; what is not here is for those who read the whole line. */
const SHOWN: Record<string, "word" | "text" | "list" | "number" | "moment"> = {
  role: "word",
  kind: "word",
  version: "number",
  add: "list",
  remove: "list",
  traits: "list",
  config_fields: "list",
  members: "number",
  messages: "number",
  templates: "number",
  queued: "number",
  moved: "number",
  cancelled: "number",
  ended: "number",
  time_zone: "text",
  default_country: "text",
  format: "text",
  from: "moment",
  to: "moment",
};

/** What the words of a detail are made with. */
export interface DetailWords {
  /** The name of a detail, such as "role". */
  label: (key: string) => string;
  /** One of its known values, such as "owner"; or the value as it is. */
  word: (key: string, value: string) => string;
  number: (value: number) => string;
  moment: (value: string) => string;
  list: (values: string[]) => string;
}

/** What a line of the log says beside who did what to whom, in words; nothing where nothing was changed. */
export function detailsOf(detail: unknown, words: DetailWords): { label: string; value: string }[] {
  return Object.entries((detail ?? {}) as Record<string, unknown>).flatMap(([key, value]) => {
    const written = valueOf(key, value, words);
    return written ? [{ label: words.label(key), value: written }] : [];
  });
}

function valueOf(key: string, value: unknown, words: DetailWords): string {
  const kind = Object.hasOwn(SHOWN, key) ? SHOWN[key] : undefined;
  if (typeof value === "number" && value !== 0) return kind === "number" ? words.number(value) : "";
  if (typeof value === "string" && value) {
    if (kind === "moment") return words.moment(value);
    if (kind === "word") return words.word(key, value);
    return kind === "text" ? value : "";
  }
  if (Array.isArray(value) && kind === "list" && value.length > 0) return words.list(value.map(String));
  return "";
}
