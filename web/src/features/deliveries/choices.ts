import { useQuery } from "@tanstack/react-query";
import { api, got, type Schemas } from "@/lib/api";

export type Choices = Schemas["Choices"];

/** What filters and pickers offer, such as `channels` and `journeys`, as far as the role may see it. */
export function useChoices(kinds: readonly (keyof Choices)[]) {
  return useQuery({
    queryKey: ["choices", ...kinds],
    staleTime: 60_000,
    queryFn: ({ signal }) => got(api.GET("/api/v1/choices", { params: { query: { kinds: kinds.join(",") } }, signal })),
  });
}
