import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, ask, got, useCursorList, type Schemas } from "@/lib/api";
import { useLive } from "@/lib/live";
import type { DrilledKind, Point, Questions, SavedSegment } from "../api/types";

export type Member = Schemas["MemberDto"];

/** A number of an answer: of which question, and where in it. */
export interface Drilled {
  kind: DrilledKind;
  question: Questions[DrilledKind];
  point: Point;
}

type MembersPage = Schemas["BehindAnswer"];

const PAGE = 50;

/** Who is behind a number, page by page, and how many they are. */
export function useDrilledMembers(drilled: Drilled) {
  const queries = useQueryClient();
  const key = ["insight", "members", drilled];
  const list = useCursorList<Member>(key, (cursor, signal) =>
    ask<MembersPage>("POST", "/api/v1/insight/members", { body: { ...drilled, limit: PAGE, cursor: cursor ?? null }, signal }),
  );
  const read = queries.getQueryData<{ pages: MembersPage[] }>(key);
  return { list, total: read?.pages[0]?.total ?? null };
}

/** Tags those who are behind a number now, and makes a segment of the tag. */
export function useSaveSegment(drilled: Drilled) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (name: string) => ask<SavedSegment>("POST", "/api/v1/insight/members/segment", { body: { ...drilled, name } }),
    onSuccess: () => {
      for (const word of ["segments", "jobs", "choices"]) void queries.invalidateQueries({ queryKey: [word] });
    },
  });
}

const MOVING = ["queued", "running"];

/** How far a job is, for as long as it moves. */
export function useJob(id: string) {
  const job = useQuery({
    queryKey: ["jobs", "one", id],
    queryFn: ({ signal }) => got(api.GET("/api/v1/jobs/{id}", { params: { path: { id } }, signal })),
  });
  const isMoving = !job.data || MOVING.includes(job.data.state);
  useLive(isMoving ? ["jobs"] : [], { moves: true, keys: [["jobs", "one", id]] });
  return { ...job, isMoving };
}
