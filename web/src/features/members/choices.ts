import { useQuery } from "@tanstack/react-query";
import { api, asProblem, got } from "@/lib/api";

/** Something that one may choose. */
export interface Choice {
  value: string;
  label: string;
  /** Of tags: who puts them on. */
  kind?: string;
  /** Of segments: how many are in it. */
  size?: number;
}

type Kind = "tags" | "stages" | "segments" | "groups" | "topics" | "journeys";

interface Offered {
  tags?: { tag: string; kind: string }[];
  stages?: { key: string; name: string }[];
  segments?: { id: string; name: string; size?: number }[];
  groups?: { id: string; key: string }[];
  topics?: { topic: string; name?: { zh?: string; en?: string } | null }[];
  journeys?: { id: string; name: string; state?: string }[];
}
type Get = (path: string, init: { params: { query: object }; signal: AbortSignal }) => Promise<{ data?: Offered; error?: unknown; response: Response }>;

const MINUTE = 60_000;

/** What there is to choose from. Names only: counting the members of each would take seconds with a million of them. */
export function useChoices(kind: Kind, isWanted = true) {
  return useQuery({
    queryKey: ["choices", kind],
    enabled: isWanted,
    staleTime: MINUTE,
    queryFn: async ({ signal }): Promise<Choice[]> => {
      try {
        const offered = await got((api.GET as unknown as Get)("/api/v1/choices", { params: { query: { kinds: kind } }, signal }));
        return choicesOf(kind, offered);
      } catch (error) {
        const { status } = asProblem(error);
        if (status !== 404 && status !== 405) throw error;
        return choicesOf(kind, await fromLists(kind, signal));
      }
    },
  });
}

export function choicesOf(kind: Kind, offered: Offered): Choice[] {
  switch (kind) {
    case "tags":
      return (offered.tags ?? []).map((one) => ({ value: one.tag, label: one.tag, kind: one.kind }));
    case "stages":
      return (offered.stages ?? []).map((one) => ({ value: one.key, label: one.name }));
    case "segments":
      return (offered.segments ?? []).map((one) => ({ value: one.id, label: one.name, size: one.size }));
    case "groups":
      return (offered.groups ?? []).map((one) => ({ value: one.id, label: one.key }));
    case "topics":
      return (offered.topics ?? []).map((one) => ({ value: one.topic, label: one.name?.zh || one.name?.en || one.topic }));
    case "journeys":
      return (offered.journeys ?? []).map((one) => ({ value: one.id, label: one.name, kind: one.state }));
  }
}

/** From a server that has no call for choices. */
async function fromLists(kind: Kind, signal: AbortSignal): Promise<Offered> {
  const params = { query: { limit: 200 } };
  switch (kind) {
    case "tags":
      return { tags: (await got(api.GET("/api/v1/tags", { params, signal }))).items };
    case "stages":
      return { stages: (await got(api.GET("/api/v1/stages", { signal }))).stages };
    case "segments":
      return { segments: (await got(api.GET("/api/v1/segments", { params, signal }))).items };
    case "groups":
      return { groups: (await got(api.GET("/api/v1/groups", { params, signal }))).items };
    case "topics":
      return { topics: (await got(api.GET("/api/v1/topics", { signal }))).items };
    case "journeys":
      return { journeys: (await got(api.GET("/api/v1/journeys", { params, signal }))).items };
  }
}
