import type { Member } from "./api";

const NAMES = ["name", "nickname", "display_name"];
const KINDS = ["email", "phone", "user_id"];

/** How a member is called: by a trait, or else by the identity that people know him by. */
export function memberName(member: Pick<Member, "traits" | "identities">): string | undefined {
  const traits = member.traits as Record<string, unknown>;
  for (const name of NAMES) {
    const value = traits[name];
    if (typeof value === "string" && value.trim()) return value;
  }
  const both = [traits.first_name, traits.last_name].filter((part) => typeof part === "string" && part).join(" ");
  if (both) return both;
  for (const kind of KINDS) {
    const identity = member.identities.find((one) => one.kind === kind);
    if (identity) return identity.value;
  }
  return member.identities[0]?.value;
}
