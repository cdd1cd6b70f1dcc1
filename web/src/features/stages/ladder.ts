import type { RuleJson } from "@/features/rules";
import type { Schemas } from "@/lib/api";

/** A rung as it is to be. */
export interface StageDraft {
  key: string;
  name: string;
  falls_back: boolean;
  rule: RuleJson;
}

export function stepOf({ key, name, falls_back, rule }: Schemas["StageDto"]): StageDraft {
  return { key, name, falls_back, rule: rule as unknown as RuleJson };
}

/** The same with one rung a place higher or lower. */
export function moved<T>(stages: readonly T[], at: number, by: -1 | 1): T[] {
  const next = [...stages];
  const [stage] = next.splice(at, 1);
  if (stage !== undefined) next.splice(at + by, 0, stage);
  return next;
}

export function sameLadder(one: readonly StageDraft[], other: readonly StageDraft[]): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
