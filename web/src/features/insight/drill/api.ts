import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, got, useCursorList, type Schemas } from "@/lib/api";
import { useLive } from "@/lib/live";
import type { DrilledKind, Point, Questions } from "../api/types";

export type Member = Schemas["MemberDto"];

/** A number of an answer: of which question, and where in it. */
export interface Drilled {
  kind: DrilledKind;
  question: Questions[DrilledKind];
  point: Point;
}

type MembersPage = Schemas["BehindAnswer"];

const PAGE = 50;

/** To the document questions and points are any objects. */
const sent = (drilled: Drilled) => drilled as unknown as Pick<Schemas["BehindQuestion"], "kind" | "question" | "point">;

/** Who is behind a number, page by page, and how many they are. */
export function useDrilledMembers(drilled: Drilled) {
  const queries = useQueryClient();
  const key = ["insight", "members", drilled];
  const list = useCursorList<Member>(key, (cursor, signal) =>
    got(api.POST("/api/v1/insight/members", { body: { ...sent(drilled), limit: PAGE, cursor: cursor ?? null }, signal })),
  );
  const read = queries.getQueryData<{ pages: MembersPage[] }>(key);
  return { list, total: read?.pages[0]?.total ?? null };
}

/** Tags those who are behind a number now, and makes a segment of the tag. */
export function useSaveSegment(drilled: Drilled) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (name: string) => got(api.POST("/api/v1/insight/members/segment", { body: { ...sent(drilled), name } })),
    onSuccess: () => {
      for (const word of ["segments", "choices"]) void queries.invalidateQueries({ queryKey: [word] });
    },
  });
}

/** Whether a segment still waits to be filled; it tells so by itself. */
export function useFilling(id: string) {
  const segment = useQuery({
    queryKey: ["segments", "one", id],
    queryFn: ({ signal }) => got(api.GET("/api/v1/segments/{id}", { params: { path: { id } }, signal })),
  });
  const isFilling = !segment.data || segment.data.state === "building" || Boolean(segment.data.building);
  useLive(["segments", `segment:${id}`], { moves: isFilling, keys: [["segments", "one", id]] });
  return { ...segment, isFilling };
}
