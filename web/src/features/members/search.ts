import { api, got, type Schemas } from "@/lib/api";

export type Member = Schemas["MemberDto"];

/** A few members of whom this is any part of an identity or of what is known. */
export async function findMembers(text: string, limit: number, signal: AbortSignal): Promise<Member[]> {
  const query = { search: text || undefined, limit };
  return (await got(api.GET("/api/v1/members", { params: { query }, signal }))).items as Member[];
}
