import type { Schemas } from "@/lib/api";

/** Something that a template can ask for. */
export type Variable = Pick<Schemas["TemplateVariable"], "path" | "type" | "en" | "zh" | "may_be_missing"> & { example?: unknown };

export interface VariableGroup {
  root: string;
  en: string;
  zh: string;
  items: Variable[];
  /** For `event`: which event it is and the journey that begins with it. */
  event?: string;
  journey?: string | null;
}

/** The groups of the API: each event is one of its own, a name that stands in one twice is shown once, and links are links. */
export function groupsOf(groups: readonly Schemas["VariableGroup"][]): VariableGroup[] {
  return groups.flatMap(({ root, en, zh, items, events }) => {
    const own = root === "links" ? items.map((item) => ({ ...item, type: "link" })) : items;
    const named = (events ?? []).map((one): VariableGroup => ({ root, en, zh, event: one.event, journey: one.journey, items: once(one.properties) }));
    return own.length > 0 ? [{ root, en, zh, items: once(own) }, ...named] : named;
  });
}

function once(items: readonly Variable[]): Variable[] {
  const seen = new Set<string>();
  return items.filter((item) => !seen.has(item.path) && seen.add(item.path));
}

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
    if (variable.type === "date") filters.push('date("long")');
  else if (variable.type === "number") filters.push("number");
  // A date that is missing stays missing behind the filter, so what stands instead comes last.
  if (variable.may_be_missing && fallback.trim()) filters.push(`fallback(${quoted(fallback.trim())})`);
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
    .map((group) => ({ ...group, items: group.items.filter((item) => `${item.path} ${item.en} ${item.zh}`.toLowerCase().includes(wanted)) }))
    .filter((group) => group.items.length > 0);
}
