import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import { api, asProblem, got, useCursorList, type Schemas } from "@/lib/api";
import type { RuleJson } from "@/features/rules";

export type Segment = Omit<Schemas["SegmentDto"], "rule" | "building"> & {
  rule: RuleJson;
  building?: (Omit<Schemas["BuildingDto"], "rule"> & { rule?: RuleJson | null }) | null;
};
export type Member = Schemas["MemberDto"];
export type Change = Schemas["SegmentChangeDto"];

export function isBuilding(segment: Segment): boolean {
  return segment.state === "building" || Boolean(segment.building);
}

/** All segments: there are hundreds at most, so they are searched here. */
export function useSegments() {
  return useCursorList<Segment>(["segments", "list"], async (cursor, signal) => {
    const page = await got(api.GET("/api/v1/segments", { params: { query: { limit: 500, cursor } }, signal }));
    return { items: page.items as Segment[], next: page.next };
  });
}

export function useSegment(id: string) {
  return useQuery({
    queryKey: ["segments", "one", id],
    queryFn: async ({ signal }) => (await got(api.GET("/api/v1/segments/{id}", { params: { path: { id } }, signal }))) as Segment,
  });
}

export function useSaveSegment(id: string | null) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async ({ name, rule }: { name: string; rule: RuleJson }) => {
      const body = { name, rule: rule as Record<string, never> };
      const reply = id ? api.PATCH("/api/v1/segments/{id}", { params: { path: { id } }, body }) : api.POST("/api/v1/segments", { body });
      return (await got<Schemas["SegmentDto"]>(reply)) as Segment;
    },
    onSuccess: (segment) => {
      queries.setQueryData(["segments", "one", segment.id], segment);
      void queries.invalidateQueries({ queryKey: ["segments"] });
      void queries.invalidateQueries({ queryKey: ["rule-words", { of: "segments" }] });
    },
  });
}

export function useDeleteSegment() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => got(api.DELETE("/api/v1/segments/{id}", { params: { path: { id } } })),
    onSuccess: (_, id) => {
      queries.removeQueries({ queryKey: ["segments", "one", id] });
      void queries.invalidateQueries({ queryKey: ["segments", "list"] });
    },
  });
}

export function useSnapshot(id: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (name: string) => (await got(api.POST("/api/v1/segments/{id}/snapshot", { params: { path: { id } }, body: { name } }))) as Segment,
    onSuccess: () => void queries.invalidateQueries({ queryKey: ["segments"] }),
  });
}

export type Unit = "hour" | "day" | "week" | "month";
const EACH_DAY: Unit = "day";
export type SizePoint = Schemas["SizePoint"];

export function useSizes(id: string, range: { from: string; to: string; unit: Unit }) {
  return useQuery({
    queryKey: ["segments", "sizes", id, range],
    queryFn: ({ signal }) => got(api.GET("/api/v1/segments/{id}/sizes", { params: { path: { id }, query: range }, signal })),
  });
}

/** Which changes: only entries or only exits, and those of a time. */
export interface ChangesAsked {
  entered?: boolean;
  from?: string;
  to?: string;
}

export function useChanges(id: string, asked: ChangesAsked) {
  return useCursorList<Change>(["segments", "changes", id, asked], (cursor, signal) =>
    got(api.GET("/api/v1/segments/{id}/changes", { params: { path: { id }, query: { cursor, limit: 50, ...asked } }, signal })),
  );
}

export function useSegmentMembers(id: string) {
  return useCursorList<Member>(["segments", "members", id], (cursor, signal) =>
    got(api.GET("/api/v1/segments/{id}/members", { params: { path: { id }, query: { cursor, limit: 50 } }, signal })),
  );
}

export interface Overlap {
  size: number;
  with_size: number;
  both: number;
}


export function exportAddress(id: string, format: string): string {
  return `/api/v1/segments/${id}/export?format=${format}`;
}

/** Who uses a segment. */
export interface Usage {
  kind: string;
  /** Its id; of a tag and a stage the word by which rules ask for it. */
  id: string;
  /** Of journeys and templates the names are asked for elsewhere. */
  name?: string | null;
}

type Untyped = (path: string, init: object) => Promise<{ data?: unknown; error?: unknown; response: Response }>;
const untypedGet = api.GET as unknown as Untyped;

/** By whom a segment is used; null from a server that does not say. */
export function useUsage(id: string, isWanted = true) {
  return useQuery({
    queryKey: ["segments", "usage", id],
    enabled: isWanted,
    staleTime: 60_000,
    queryFn: async ({ signal }): Promise<Usage[] | null> => {
      try {
        const reply = await got(untypedGet("/api/v1/segments/{id}/usage", { params: { path: { id } }, signal }));
        return (reply as { used_by: Usage[] }).used_by;
      } catch (error) {
        if (asProblem(error).status === 404 || asProblem(error).status === 405) return null;
        throw error;
      }
    },
  });
}

/** Of so many the server gives the sizes at once. */
const MOST_SIZES = 100;

/** The sizes of the last days of several segments, for the small lines in the list. */
export function useManySizes(ids: readonly string[], from: string, to: string) {
  const wanted = useMemo(() => [...ids].sort().reverse().slice(0, MOST_SIZES), [ids]);
  return useQuery({
    queryKey: ["segments", "many-sizes", wanted, from, to],
    enabled: wanted.length > 0,
    staleTime: 60_000,
    queryFn: async ({ signal }): Promise<Map<string, number[]>> => {
      const query = { ids: wanted.join(","), unit: EACH_DAY, from, to };
      const found = new Map<string, number[]>();
      try {
        const reply = (await got(untypedGet("/api/v1/segments/sizes", { params: { query }, signal }))) as { items?: { id: string; points: SizePoint[] }[] };
        for (const item of reply.items ?? []) found.set(item.id, item.points.map((point) => point.size));
      } catch (error) {
        if (![400, 404, 405, 422].includes(asProblem(error).status)) throw error;
        // A server that answers one at a time is asked for the first few only.
        for (const id of wanted.slice(0, 20)) {
          const sizes = await got(api.GET("/api/v1/segments/{id}/sizes", { params: { path: { id }, query: { unit: EACH_DAY, from, to } }, signal }));
          found.set(id, sizes.points.map((point) => point.size));
        }
      }
      return found;
    },
  });
}
