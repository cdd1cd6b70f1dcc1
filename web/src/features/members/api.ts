import { useQuery } from "@tanstack/react-query";
import { api, got } from "@/lib/api";

export function useMember(id: string) {
  return useQuery({
    queryKey: ["members", "one", id],
    queryFn: ({ signal }) => got(api.GET("/api/v1/members/{id}", { params: { path: { id } }, signal })),
  });
}
