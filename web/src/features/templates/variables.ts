/** Something that a template can ask for. */
export interface Variable {
  /** Such as `member.name`. */
  path: string;
  title?: string | null;
  /** `text`, `number`, `date`, `bool`, `list`, `link`. */
  type?: string | null;
  example?: unknown;
  filters?: string[];
}

export interface VariableGroup {
  root: string;
  items: Variable[];
  /** For `event`: which event it is and the journey that begins with it. */
  event?: string;
  journey?: string;
}

/** What every workspace has, for a server that does not list its variables. */
export const ALWAYS: VariableGroup[] = [
  { root: "member", items: [{ path: "member.name", type: "text" }, { path: "member.email", type: "text" }, { path: "member.city", type: "text" }, { path: "member.stage", type: "text" }] },
  { root: "workspace", items: [{ path: "workspace.name", type: "text" }, { path: "channel.physical_address", type: "text" }, { path: "journey.name", type: "text" }, { path: "now", type: "date" }] },
  {
    root: "links",
    items: [{ path: "unsubscribe_url", type: "link" }, { path: "preferences_url", type: "link" }],
  },
];

/** Always there, so they need nothing to be said instead. */
const CERTAIN = new Set(["workspace.name", "now", "unsubscribe_url", "preferences_url", "confirm_url", "language", "time_zone", "member.id"]);

export type Form = "mjml" | "html" | "text" | "json";

const quoted = (text: string) => `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`;

/** A path as templates write it: names that are no words stand in brackets. */
export function spelt(path: string): string {
  const [root = "", ...names] = path.split(".");
  return names.reduce((sum, name) => (/^[\p{L}_][\p{L}\p{N}_]*$/u.test(name) ? `${sum}.${name}` : `${sum}[${quoted(name)}]`), root);
}

export interface Wish {
  /** Instead of what is missing; nothing when it is blank. */
  fallback?: string;
  /** The words of a link. */
  linkText?: string;
}

/** What is put into the text for a variable. */
export function tagFor(variable: Variable, form: Form, { fallback = "", linkText = "" }: Wish = {}): string {
  const path = spelt(variable.path);
  if (variable.type === "link") {
    const tag = `{{ ${path} }}`;
    return form === "html" || form === "mjml" ? `<a href="${tag}">${linkText || tag}</a>` : tag;
  }
  const filters: string[] = [];
  const isCertain = CERTAIN.has(variable.path);
  if (variable.type === "date") filters.push('date("long")');
  else if (variable.type === "number" && !fallback) filters.push("number");
  // A date that is missing stays missing behind the filter, so what stands instead comes last.
  if (!isCertain && fallback.trim()) filters.push(`fallback(${quoted(fallback.trim())})`);
  const whole = [path, ...filters].join("|");
  return form === "json" ? `{{ ${whole}|tojson }}` : `{{ ${whole} }}`;
}

/** A block that only those see for whom a rule holds. */
export function blockFor(rule: string, inner: string): string {
  const name = /^[A-Za-z_][A-Za-z0-9_]*$/.test(rule) ? `rules.${rule}` : `rules[${quoted(rule)}]`;
  return `{% if ${name} %}${inner}{% endif %}`;
}

export const includeOf = (partial: string) => `{% include ${quoted(partial)} %}`;

/** Puts a piece in at a selection; gives the text and where the cursor stands then. */
export function inserted(text: string, start: number, end: number, piece: string): { text: string; cursor: number } {
  return { text: text.slice(0, start) + piece + text.slice(end), cursor: start + piece.length };
}

/** Those whose path or title has the searched text in it; groups without any are left out. */
export function matching(groups: readonly VariableGroup[], text: string): VariableGroup[] {
  const wanted = text.trim().toLowerCase();
  return groups
    .map((group) => ({ ...group, items: group.items.filter((item) => `${item.path} ${item.title ?? ""}`.toLowerCase().includes(wanted)) }))
    .filter((group) => group.items.length > 0);
}
