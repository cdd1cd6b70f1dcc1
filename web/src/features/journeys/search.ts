import type { JourneySummary } from "./api";
import { ask } from "@/lib/api";

const MOST = 5;

/** Journeys for ⌘K. */
export async function searchJourneys(text: string, signal: AbortSignal) {
  const { items } = await ask<{ items: JourneySummary[] }>("GET", "/api/v1/journeys", { query: { fields: "summary", search: text, limit: MOST }, signal });
  return items
    .filter((one) => one.name.toLowerCase().includes(text.toLowerCase()) || one.id === text)
    .slice(0, MOST)
    .map((one) => ({ key: one.id, title: one.name, to: `/journeys/${one.id}` }));
}
