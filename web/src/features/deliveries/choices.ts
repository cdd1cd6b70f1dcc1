import { useQuery } from "@tanstack/react-query";
import { api, ask, got, isNotThere } from "@/lib/api";

export interface Choice {
  id: string;
  name: string;
  kind?: string;
  channel_kind?: string;
}

/** What filters and pickers of these pages offer. */
export interface Choices {
  channels?: Choice[];
  journeys?: Choice[];
  templates?: Choice[];
}

/** Channels, journeys and templates by their names, as far as the role may see them. */
export function useChoices(kinds: readonly (keyof Choices)[]) {
  return useQuery({
    queryKey: ["choices", ...kinds],
    staleTime: 60_000,
    queryFn: async ({ signal }): Promise<Choices> => {
      try {
        return await ask<Choices>("GET", "/api/v1/choices", { query: { kinds: kinds.join(",") }, signal });
      } catch (error) {
        if (!isNotThere(error)) throw error;
        return fromLists(kinds, signal);
      }
    },
  });
}

/** The same from the lists of each kind; a kind that the role may not list is left out. */
async function fromLists(kinds: readonly (keyof Choices)[], signal: AbortSignal): Promise<Choices> {
  const query = { limit: 200 };
  const lists = {
    channels: () => got(api.GET("/api/v1/channels", { params: { query }, signal })),
    journeys: () => got(api.GET("/api/v1/journeys", { params: { query }, signal })),
    templates: () => got(api.GET("/api/v1/templates", { params: { query }, signal })),
  };
  const found = await Promise.allSettled(kinds.map(async (kind) => [kind, (await lists[kind]()).items as Choice[]] as const));
  return Object.fromEntries(found.flatMap((one) => (one.status === "fulfilled" ? [one.value] : [])));
}
