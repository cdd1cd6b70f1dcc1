import type { Schemas } from "@/lib/api";

/** A member's way through a journey. */
export type Run = Schemas["MemberRun"];

/** Those under way first, then the latest. */
export function inOrder(runs: readonly Run[]): Run[] {
  const rank = (run: Run) => (run.state === "active" ? 0 : 1);
  return [...runs].sort((one, other) => rank(one) - rank(other) || other.entered_at.localeCompare(one.entered_at));
}
