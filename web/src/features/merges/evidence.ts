/** An identity that speaks for two members being one person. */
export interface Witness {
  member: string | null;
  kind: string;
  value: string;
  verified: boolean;
}

/** Reads what a suggestion rests on; whatever is not as it should be is left out. */
export function witnessesOf(evidence: unknown): Witness[] {
  const { identities } = (evidence ?? {}) as { identities?: unknown };
  if (!Array.isArray(identities)) return [];
  return identities.flatMap((one: unknown) => {
    const { member, kind, value, verified } = (one ?? {}) as Record<string, unknown>;
    if (typeof kind !== "string" || typeof value !== "string") return [];
    return [{ member: typeof member === "string" ? member : null, kind, value, verified: verified === true }];
  });
}

/** What the server gives as reasons, with the words `merges:reasons.*`. */
const REASONS: Record<string, string> = {
  "same address": "sameAddress",
  "same verified address": "sameVerifiedAddress",
  "same account": "sameAccount",
  "same verified account": "sameVerifiedAccount",
  alias: "alias",
  "alias from a key that is not trusted": "untrustedAlias",
  "verified address that the other only claims": "claimedAddress",
  "anonymous visitor identified": "visitor",
  "by an operator": "operator",
};

export function reasonKey(reason: string): string | null {
  return REASONS[reason] ?? null;
}

/** Whether the two should rather be parted further than made one: one has taken an address that is the other's. */
export function isRatherASplit(reason: string): boolean {
  return REASONS[reason] === "claimedAddress";
}
