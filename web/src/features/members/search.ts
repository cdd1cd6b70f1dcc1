import { api, got, type Schemas } from "@/lib/api";
import { memberName } from "@/lib/names";

export type Member = Schemas["MemberDto"];

/** A few members of whom this is any part of an identity or of what is known. */
export async function findMembers(text: string, limit: number, signal: AbortSignal): Promise<Member[]> {
  const query = { search: text || undefined, limit };
  return (await got(api.GET("/api/v1/members", { params: { query }, signal }))).items as Member[];
}

/** What ⌘K shows of members. */
export async function searchMembers(text: string, signal: AbortSignal) {
  const members = await findMembers(text, 5, signal);
  return members.map((member) => {
    const { name, hint } = memberName(member);
    return { key: member.id, title: name, detail: hint ?? undefined, to: `/members/${member.id}` };
  });
}
