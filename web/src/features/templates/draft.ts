import type { Schemas } from "@/lib/api";

export type Template = Schemas["Template"];
export type Parts = { subject: string; preheader: string; text: string; html: string; mjml: string };
export type PartName = keyof Parts;

/** The languages in which a template can say something else than to everybody. */
export const LANGUAGES = ["zh", "en"] as const;
export type Variant = "all" | (typeof LANGUAGES)[number];

/** A template as it stands in the editor. */
export interface Draft {
  name: string;
  channel_kind: string;
  parts: Parts;
  translations: Partial<Record<string, Parts>>;
  rules: Record<string, unknown>;
  strict: boolean;
}

export const NO_PARTS: Parts = { subject: "", preheader: "", text: "", html: "", mjml: "" };
const PARTS = Object.keys(NO_PARTS) as PartName[];

export function draftOf(template: Template): Draft {
  const { name, channel_kind, subject, preheader, text, html, mjml, translations, rules, strict } = template;
  const filled = Object.fromEntries(Object.entries(translations).map(([language, parts]) => [language, { ...NO_PARTS, ...parts }]));
  return { name, channel_kind, parts: { subject, preheader, text, html, mjml }, translations: filled, rules: rules as Record<string, unknown>, strict };
}

/** What the API takes. Languages in which nothing is said are left out. */
export function bodyOf(draft: Draft): Schemas["TemplateBody"] {
  const said = Object.entries(draft.translations).filter((entry): entry is [string, Parts] => entry[1] !== undefined && PARTS.some((part) => entry[1]?.[part] !== ""));
  return {
    name: draft.name.trim(),
    channel_kind: draft.channel_kind,
    ...draft.parts,
    translations: Object.fromEntries(said),
    rules: draft.rules as Record<string, never>,
    strict: draft.strict,
  };
}

export function sameDraft(one: Draft, other: Draft): boolean {
  return stable(bodyOf(one)) === stable(bodyOf(other));
}

/** Equal for equal values, in whatever order their fields were written. */
function stable(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner,
  );
}

export function partsOf(draft: Draft, variant: Variant): Parts {
  return variant === "all" ? draft.parts : (draft.translations[variant] ?? NO_PARTS);
}

export function withPart(draft: Draft, variant: Variant, part: PartName, value: string): Draft {
  if (variant === "all") return { ...draft, parts: { ...draft.parts, [part]: value } };
  return { ...draft, translations: { ...draft.translations, [variant]: { ...partsOf(draft, variant), [part]: value } } };
}

/** The name of a part as warnings have it, such as `translations.zh.subject`. */
export function pathOf(variant: Variant, part: PartName): string {
  return variant === "all" ? part : `translations.${variant}.${part}`;
}

/** And back; null for what is none of the editor's fields. */
export function placeOf(path: string): { variant: Variant; part: PartName } | null {
  const match = /^(?:translations\.(zh|en)\.)?(subject|preheader|text|html|mjml)$/.exec(path);
  return match ? { variant: (match[1] as Variant | undefined) ?? "all", part: match[2] as PartName } : null;
}

/** A part that two people changed at once, or that one of them did. */
export interface Clash {
  path: string;
  mine: unknown;
  theirs: unknown;
}

/** Where my draft and what somebody else has saved meanwhile are not alike. */
export function clashes(mine: Draft, theirs: Draft): Clash[] {
  const flat = (draft: Draft): Record<string, unknown> => {
    const { translations, rules, ...rest } = bodyOf(draft);
    const fields: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(rest)) fields[name] = value;
    for (const [language, parts] of Object.entries(translations ?? {})) for (const [name, value] of Object.entries(parts)) fields[`translations.${language}.${name}`] = value;
    for (const [name, rule] of Object.entries(rules ?? {})) fields[`rules.${name}`] = rule;
    return fields;
  };
  const [a, b] = [flat(mine), flat(theirs)];
  return [...new Set([...Object.keys(a), ...Object.keys(b)])]
    .map((path) => ({ path, mine: a[path] ?? "", theirs: b[path] ?? "" }))
    .filter(({ mine: one, theirs: other }) => stable(one) !== stable(other));
}
