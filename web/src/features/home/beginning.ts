import { useQuery } from "@tanstack/react-query";
import { api, got } from "@/lib/api";
import { useLive } from "@/lib/live";
import { useCan } from "@/lib/session";

/** What a workspace needs before it can work for anybody, in this order. */
export const STEPS = ["key", "event", "import", "channel", "segment", "journey"] as const;
export type Step = (typeof STEPS)[number];

/** Which steps are done; those that the role may not do are left out. */
export function useBeginning(members: number | null, isWanted: boolean) {
  const isAdmin = useCan("settings", "read");
  const query = useQuery({
    queryKey: ["home", "beginning", isAdmin],
    enabled: isWanted,
    queryFn: async ({ signal }): Promise<Partial<Record<Step, boolean>>> => {
      const one = { params: { query: { limit: 1 } }, signal };
      const many = { params: { query: { limit: 100 } }, signal };
      const none = Promise.resolve(null);
      const [keys, channels, imports, segments, journeys] = await Promise.all([
        isAdmin ? got(api.GET("/api/v1/keys", many)) : none,
        isAdmin ? got(api.GET("/api/v1/channels", one)) : none,
        got(api.GET("/api/v1/imports", one)),
        got(api.GET("/api/v1/segments", one)),
        got(api.GET("/api/v1/journeys", one)),
      ]);
      return {
        ...(keys && { key: keys.items.some((key) => key.kind === "write" && !key.revoked_at) }),
        import: imports.items.length > 0,
        ...(channels && { channel: channels.items.length > 0 }),
        segment: segments.items.length > 0,
        journey: journeys.items.length > 0,
      };
    },
  });
  useLive(isWanted ? ["segments", "journeys", "imports"] : [], { keys: [["home", "beginning"]] });
  return query.data && { ...query.data, event: (members ?? 0) > 0 };
}

/** Whether the list is still of use: there is nobody yet, or more than one thing is missing. */
export function isOfUse(steps: Partial<Record<Step, boolean>>, members: number | null): boolean {
  const missing = Object.values(steps).filter((isDone) => !isDone).length;
  return members === 0 ? missing > 0 : missing > 1;
}
