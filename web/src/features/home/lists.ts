import { api, got } from "@/lib/api";
import type { Home } from "./api";
import { lastDays } from "./days";
import { cameInto, left, newMembers } from "./movement";

const DAY = 24 * 3_600_000;
const PAGE = 100;

/** The same from lists, for a server that has no answer of its own for Home: what no list tells is left out. */
export async function homeFromLists(now: Date, timeZone: string, signal: AbortSignal): Promise<Home> {
  const { yesterday, today } = lastDays(now, timeZone);
  const sameHour = new Date(now.getTime() - DAY).toISOString();
  const moved = (from: string, to: string) => got(api.GET("/api/v1/stages/transitions", { params: { query: { from, to } }, signal }));
  const lists = Promise.all([
    got(api.GET("/api/v1/stages", { signal })),
    moved(today, now.toISOString()),
    moved(yesterday, sameHour),
  ]);
  const others = Promise.allSettled([
    got(api.GET("/api/v1/journeys", { params: { query: { limit: PAGE } }, signal })),
    got(api.GET("/api/v1/tasks", { params: { query: { state: "open", limit: PAGE } }, signal })),
    got(api.GET("/api/v1/merge-suggestions", { params: { query: { limit: PAGE } }, signal })),
  ]);
  const [ladder, since, before] = await lists;
  const [journeys, tasks, suggestions] = await others;
  return {
    at: now.toISOString(),
    today: { new_members: newMembers(since.transitions) },
    before: { new_members: newMembers(before.transitions) },
    members: ladder.stages.reduce((sum, stage) => sum + (stage.members ?? 0), 0),
    funnel: ladder.stages.map((stage) => ({
      stage: stage.key,
      name: stage.name,
      members: stage.members ?? 0,
      entered: cameInto(since.transitions, stage.key),
      left: left(since.transitions, stage.key),
    })),
    journeys: journeys.status === "fulfilled" ? journeys.value.items.filter((one) => one.state === "live").map(({ id, name, state }) => ({ id, name, state })) : null,
    needs: [
      { kind: "tasks", count: tasks.status === "fulfilled" ? tasks.value.items.length : 0 },
      { kind: "suggestions", count: suggestions.status === "fulfilled" ? suggestions.value.items.length : 0 },
    ].filter((need) => need.count > 0),
  };
}
