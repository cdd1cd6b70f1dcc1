import { filterOf, type MemberFilter } from "../list/filters";

/** Whom something is done to: those who were chosen, or all that a filter lets through. */
export type Target = { members: string[] } | { filter: MemberFilter };

/** What is done to them. */
export type Act = { tags: { add: string[]; remove: string[]; expires_at?: string } } | { enter: { journey: string } };

/** Whoever said "all that match" means the filter, also those who are not shown yet; otherwise the rows count. */
export function targetOf(chosen: ReadonlySet<string>, isEverybody: boolean, filter: MemberFilter): Target | null {
  if (isEverybody) return { filter: filterOf({ ...filter }) };
  return chosen.size > 0 ? { members: [...chosen] } : null;
}

/** Null while it is not said what shall be done. A tag that is put on cannot be taken off by the same act. */
export function actOf(form: { kind: "tags" | "enter"; add?: string[]; remove?: string[]; days?: number | null; journey?: string }, now: Date): Act | null {
  if (form.kind === "enter") return form.journey ? { enter: { journey: form.journey } } : null;
  const add = cleaned(form.add);
  const remove = cleaned(form.remove).filter((tag) => !add.includes(tag));
  if (add.length + remove.length === 0) return null;
  const expires_at = form.days && add.length > 0 ? new Date(now.getTime() + form.days * DAY).toISOString() : undefined;
  return { tags: { add, remove, ...(expires_at ? { expires_at } : {}) } };
}

const DAY = 86_400_000;

function cleaned(tags: readonly string[] | undefined): string[] {
  return [...new Set((tags ?? []).map((tag) => tag.trim()).filter(Boolean))];
}

/** The segment that the filter is, when it asks for nothing besides: a journey lets in whole segments, not filters. */
export function segmentOf(filter: MemberFilter): string | null {
  const { segment, ...rest } = filterOf({ ...filter });
  return segment && Object.keys(rest).length === 0 ? segment : null;
}

/** So many members a journey lets in by one request. */
const AT_ONCE = 500;

export function portionsOf(members: readonly string[]): string[][] {
  const portions: string[][] = [];
  for (let from = 0; from < members.length; from += AT_ONCE) portions.push(members.slice(from, from + AT_ONCE));
  return portions;
}
