import type { Schemas } from "@/lib/api";

type Member = Pick<Schemas["MemberDto"], "id" | "identities"> & { traits: object };

/** Traits that hold what somebody is called, the best first. */
const CALLED = ["name", "nickname", "display_name", "displayName", "full_name", "fullName", "username"];
const HAN = /\p{Script=Han}/u;

/** The order in which the server believes identities; what is not in the list stands before devices. */
const STRENGTH = [
  "user_id", "email", "phone", "unionid", "external_userid", "telegram", "qq", "discord", "matrix", "weibo", "feishu", "dingtalk",
  "openid", "slack", "", "push_token", "device_id", "advertising_id", "ga_client_id", "anonymous_id",
];
const OTHER = STRENGTH.indexOf("");

export function strengthOf(kind: string): number {
  const place = STRENGTH.indexOf(kind);
  return place < 0 ? OTHER : place;
}

/** What a member is called; null when no trait says it. */
export function calledName(traits: Record<string, unknown>): string | null {
  for (const trait of CALLED) {
    const value = traits[trait];
    if (typeof value === "string" && value.trim()) return value.trim();
  }
  const parts = [traits.first_name ?? traits.firstName, traits.last_name ?? traits.lastName];
  const [first, last] = parts.map((part) => (typeof part === "string" ? part.trim() : ""));
  if (!first && !last) return null;
  // Chinese names have the family name first, and no space.
  if (HAN.test(`${first}${last}`)) return `${last}${first}`;
  return [first, last].filter(Boolean).join(" ");
}

/** What a member is shown by, in the order in which the server names members, too. */
export function memberName(member: Member): { name: string; hint: string | null } {
  const strongest = [...member.identities].sort((one, other) => strengthOf(one.kind) - strengthOf(other.kind));
  const called = calledName(member.traits as Record<string, unknown>);
  // Somebody is recognised by an address rather than by the number that a shop gave him.
  const address = strongest.find((identity) => identity.kind === "email" || identity.kind === "phone") ?? strongest[0];
  if (called) return { name: called, hint: address?.value ?? null };
  const first = strongest[0];
  return { name: first?.value ?? member.id, hint: address && address !== first ? address.value : null };
}
