import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, got, type Schemas } from "@/lib/api";
import { bodyOf } from "../list/filters";
import { portionsOf, segmentOf, type Act, type Target } from "./target";

/** What a bulk action would do. Numbers that the server cannot tell are missing. */
export type BulkPreview = Pick<Schemas["BulkPreview"], "members"> & Partial<Schemas["BulkPreview"]>;

interface Begun {
  job_id?: string | null;
  members: number;
}

function ofTarget(target: Target): Pick<Schemas["BulkTagChange"], "members" | "filter"> {
  return "members" in target ? target : { filter: bodyOf(target.filter) as Schemas["MemberFilter"] };
}

/** Says in numbers what an act would do, before it is done. */
export function useBulkPreview(target: Target | null, act: Act | null) {
  const isPossible = target !== null && act !== null && ("tags" in act || "members" in target || segmentOf(target.filter) !== null);
  return useQuery({
    queryKey: ["members", "bulk", target, act],
    enabled: isPossible,
    placeholderData: isPossible ? keepPreviousData : undefined,
    staleTime: 0,
    queryFn: async ({ signal }): Promise<BulkPreview> => {
      if (!target || !act) throw new Error("nothing to preview");
      if ("tags" in act) {
        const body = { ...ofTarget(target), ...act.tags, dry_run: true };
        return (await got(api.POST("/api/v1/tags/bulk", { body, signal }))) as Schemas["BulkPreview"];
      }
      if ("members" in target) return { members: target.members.length };
      const id = segmentOf(target.filter) ?? "";
      return { members: (await got(api.GET("/api/v1/segments/{id}", { params: { path: { id } }, signal }))).size };
    },
  });
}

interface Bulk {
  target: Target;
  act: Act;
  /** What the preview said; the server refuses when it is true no more. */
  expected: number;
}

async function begin({ target, act, expected }: Bulk): Promise<Begun> {
  if ("tags" in act) {
    const body = { ...ofTarget(target), ...act.tags, expected_members: expected };
    return (await got(api.POST("/api/v1/tags/bulk", { body }))) as Schemas["BegunJob"];
  }
  const params = { path: { id: act.enter.journey } };
  if ("filter" in target) {
    const entered = await got(api.POST("/api/v1/journeys/{id}/enter", { params, body: { segment: segmentOf(target.filter) } }));
    return { job_id: entered.job, members: expected };
  }
  let members = 0;
  for (const some of portionsOf(target.members)) {
    members += (await got(api.POST("/api/v1/journeys/{id}/enter", { params, body: { members: some } }))).asked;
  }
  return { members };
}

export function useBulk() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: begin,
    onSuccess: () => Promise.all([queries.invalidateQueries({ queryKey: ["jobs"] }), queries.invalidateQueries({ queryKey: ["members", "list"] })]),
  });
}
