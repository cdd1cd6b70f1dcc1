import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, ask, got, useCursorList, type Schemas } from "@/lib/api";
import { useLive } from "@/lib/live";

export type Delivery = Schemas["Delivery"];
export type DeliveryWithHistory = Schemas["DeliveryWithHistory"];
export type TrailLine = Schemas["TrailLine"];
export type Queued = Schemas["Page_Queued"]["items"][number];
export type Suppression = Schemas["Suppression"];

/** What the list is asked for, by the names of the API. */
export interface DeliveryFilters {
  member?: string;
  journey?: string;
  channel?: string;
  state?: string;
  reason?: string;
  template?: string;
  topic?: string;
  from?: string;
  to?: string;
}

export const STATES = [
  "queued", "sending", "accepted", "delivered", "bounced", "failed", "unknown", "suppressed", "expired", "cancelled",
] as const;

/** States in which nothing more is going to happen by itself. */
const ENDED = new Set(["delivered", "bounced", "failed", "suppressed", "expired", "cancelled"]);
export const moves = (state: string) => !ENDED.has(state) && state !== "accepted" && state !== "unknown";

export function useDeliveries(filters: DeliveryFilters) {
  return useCursorList<Delivery>(["deliveries", "list", filters], (cursor, signal) =>
    got(api.GET("/api/v1/deliveries", { params: { query: { ...filters, cursor } }, signal })),
  );
}

export function useDelivery(id: string | undefined) {
  const query = useQuery({
    queryKey: ["deliveries", "one", id],
    enabled: Boolean(id),
    queryFn: ({ signal }): Promise<DeliveryWithHistory> =>
      got(api.GET("/api/v1/deliveries/{id}", { params: { path: { id: id ?? "" } }, signal })),
  });
  const isMoving = query.data !== undefined && moves(query.data.state);
  useLive(isMoving ? ["deliveries"] : [], { keys: [["deliveries", "one", id], ["deliveries", "story", id]], moves: isMoving });
  return query;
}

export function useStory(delivery: string | undefined) {
  return useQuery({
    queryKey: ["deliveries", "story", delivery],
    enabled: Boolean(delivery),
    queryFn: ({ signal }) => got(api.GET("/api/v1/explain", { params: { query: { delivery } }, signal })),
  });
}

function useDeliveryMutation<I, O>(mutationFn: (input: I) => Promise<O>) {
  const queries = useQueryClient();
  return useMutation({ mutationFn, onSettled: () => queries.invalidateQueries({ queryKey: ["deliveries"] }) });
}

export const useCancelDelivery = () =>
  useDeliveryMutation((id: string) => got(api.POST("/api/v1/deliveries/{id}/cancel", { params: { path: { id } } })));

export const useSettle = () =>
  useDeliveryMutation(({ id, ...body }: Schemas["Settlement"] & { id: string }) =>
    got(api.POST("/api/v1/deliveries/{id}/settle", { params: { path: { id } }, body })),
  );

export type CancelWhich = Omit<Schemas["CancelRequest"], "queued_before">;

/** How many a cancellation would take back; nothing happens. */
export const countCancelled = (which: CancelWhich) =>
  ask<Schemas["Cancelled"]>("POST", "/api/v1/deliveries/cancel", { body: { ...which, dry_run: true } });

/** Takes back all that wait; the API does so in slices. */
export function useCancelMany() {
  return useDeliveryMutation(async (which: CancelWhich) => {
    let cancelled = 0;
    for (;;) {
      const done = await got(api.POST("/api/v1/deliveries/cancel", { body: which }));
      cancelled += done.cancelled;
      if (!done.more || done.cancelled === 0) return cancelled;
    }
  });
}

export function useOutbox() {
  const query = useQuery({
    queryKey: ["deliveries", "outbox"],
    queryFn: ({ signal }) => got(api.GET("/api/v1/outbox", { signal })),
  });
  const isMoving = query.data?.channels.some((one) => one.queued + one.sending > 0) ?? false;
  useLive(["deliveries"], { keys: [["deliveries", "outbox"], ["deliveries", "queue"]], moves: isMoving });
  return query;
}

export function usePolicy() {
  return useQuery({ queryKey: ["outbox-policy"], queryFn: ({ signal }) => got(api.GET("/api/v1/outbox/policy", { signal })) });
}

export function useQueue(filters: { channel?: string; member?: string; journey?: string }) {
  return useCursorList<Queued>(["deliveries", "queue", filters], (cursor, signal) =>
    got(api.GET("/api/v1/outbox/queue", { params: { query: { ...filters, cursor } }, signal })),
  );
}

export function useSuppressions(address: string | undefined) {
  return useCursorList<Suppression>(["suppressions", address], (cursor, signal) =>
    got(api.GET("/api/v1/suppressions", { params: { query: { address, cursor } }, signal })),
  );
}

function useSuppressionMutation<I, O>(mutationFn: (input: I) => Promise<O>) {
  const queries = useQueryClient();
  return useMutation({ mutationFn, onSuccess: () => queries.invalidateQueries({ queryKey: ["suppressions"] }) });
}

export const useSuppress = () =>
  useSuppressionMutation((body: Schemas["SuppressedAddress"]) => got(api.POST("/api/v1/suppressions", { body })));

export const useRelease = () =>
  useSuppressionMutation(({ channel_kind, address }: Schemas["SuppressedAddress"]) =>
    got(api.DELETE("/api/v1/suppressions", { params: { query: { channel_kind, address } } })),
  );
