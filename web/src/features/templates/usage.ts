import { api, ask, got, type Schemas } from "@/lib/api";

/** Who would miss a template. */
export interface Usage {
  journeys: { id: string; name: string }[];
  /** Messages that wait to be sent with it. */
  queued: number;
}

const MOST_PAGES = 5;

/** Journeys whose document names the template, and messages that wait for it. */
export async function usageOf(template: string): Promise<Usage> {
  const [journeys, waiting] = await Promise.all([
    journeysWith(template),
    ask<Schemas["Cancelled"]>("POST", "/api/v1/deliveries/cancel", { body: { template, dry_run: true } }),
  ]);
  return { journeys, queued: waiting.matching };
}

async function journeysWith(template: string): Promise<Usage["journeys"]> {
  const found: Usage["journeys"] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const { items, next } = await got(api.GET("/api/v1/journeys", { params: { query: { limit: 200, cursor } } }));
    found.push(...items.filter((journey) => JSON.stringify(journey).includes(`"${template}"`)).map(({ id, name }) => ({ id, name })));
    if (!next) break;
    cursor = next;
  }
  return found;
}
