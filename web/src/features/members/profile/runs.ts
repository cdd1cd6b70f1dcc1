import { api, asProblem, got, type Schemas } from "@/lib/api";

/** A member's way through a journey. */
export interface Run {
  run: string;
  journey: string;
  journey_name: string;
  version: number;
  /** `active`, `completed`, `exited`, `held_out`, `failed` or `stopped`. */
  state: string;
  step: string | null;
  step_title?: string | null;
  entered_at: string;
  wake_at: string | null;
  waits_for?: string | null;
  goal_at: string | null;
  ended_at: string | null;
  end_reason: string | null;
}

type Get = (
  path: string,
  init: { params: { path: { id: string }; query: object }; signal: AbortSignal },
) => Promise<{ data?: Run[] | { items: Run[] }; error?: unknown; response: Response }>;

/** Those under way first, then the latest. */
export function inOrder(runs: readonly Run[]): Run[] {
  const rank = (run: Run) => (run.state === "active" ? 0 : 1);
  return [...runs].sort((one, other) => rank(one) - rank(other) || other.entered_at.localeCompare(one.entered_at));
}

export async function loadRuns(member: string, signal: AbortSignal): Promise<Run[]> {
  try {
    const params = { path: { id: member }, query: { state: "all", limit: 200 } };
    const found = await got((api.GET as unknown as Get)("/api/v1/members/{id}/runs", { params, signal }));
    return inOrder(Array.isArray(found) ? found : found.items);
  } catch (error) {
    if (![404, 405].includes(asProblem(error).status)) throw error;
    return inOrder(await fromEachJourney(member, signal));
  }
}

/** From a server that must be asked journey by journey. */
async function fromEachJourney(member: string, signal: AbortSignal): Promise<Run[]> {
  const journeys = await got(api.GET("/api/v1/journeys", { params: { query: { limit: 100 } }, signal }));
  const runs = await Promise.all(
    journeys.items.map(async (journey) => {
      const params = { path: { id: journey.id }, query: { member, limit: 20 } };
      const page = await got(api.GET("/api/v1/journeys/{id}/runs", { params, signal }));
      return (page.items as Schemas["RunDto"][]).map(
        (run): Run => ({
          run: run.id,
          journey: journey.id,
          journey_name: journey.name,
          version: run.version,
          state: run.state,
          step: run.step ?? null,
          entered_at: run.entered_at,
          wake_at: run.wake_at ?? null,
          goal_at: run.goal_at ?? null,
          ended_at: run.ended_at ?? null,
          end_reason: run.end_reason ?? null,
        }),
      );
    }),
  );
  return runs.flat();
}
