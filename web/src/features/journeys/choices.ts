import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { api, ask, got, type Schemas } from "@/lib/api";

// What one can choose of in a journey: templates, segments, channels, topics. Small tables, read once for all pickers.

const FOR = 60_000;
const MOST = 500;

export interface Choices {
  templates: Map<string, Pick<Schemas["Template"], "id" | "name" | "channel_kind">>;
  segments: Map<string, { id: string; name: string }>;
  channels: { id: string; name: string; kind: string }[];
  topics: string[];
}

export function useChoices(): Choices {
  const templates = useQuery({
    queryKey: ["templates", "choices"],
    staleTime: FOR,
    queryFn: async ({ signal }) => (await got(api.GET("/api/v1/templates", { params: { query: { limit: MOST } }, signal }))).items,
  });
  const segments = useQuery({
    queryKey: ["segments", "choices"],
    staleTime: FOR,
    queryFn: async ({ signal }) => (await got(api.GET("/api/v1/segments", { params: { query: { limit: MOST } }, signal }))).items,
  });
  // Whoever may not see channels still chooses by their kind.
  const channels = useQuery({
    queryKey: ["channels", "choices"],
    staleTime: FOR,
    queryFn: async ({ signal }) => (await got(api.GET("/api/v1/channels", { params: { query: { limit: MOST } }, signal }))).items,
  });
  const topics = useQuery({
    queryKey: ["topics", "choices"],
    staleTime: FOR,
    queryFn: async ({ signal }) => (await got(api.GET("/api/v1/topics", { signal }))).items,
  });
  return useMemo(
    () => ({
      templates: new Map((templates.data ?? []).map((one) => [one.id, one])),
      segments: new Map((segments.data ?? []).map((one) => [one.id, one])),
      channels: (channels.data ?? []).map(({ id, name, kind }) => ({ id, name, kind })),
      topics: (topics.data ?? []).map((one) => one.topic),
    }),
    [templates.data, segments.data, channels.data, topics.data],
  );
}

export function useTagChoices() {
  return useQuery({
    queryKey: ["tags", "choices"],
    staleTime: FOR,
    queryFn: async ({ signal }) => (await got(api.GET("/api/v1/tags", { params: { query: { limit: MOST } }, signal }))).items.map((one) => one.tag),
  });
}

export function useTraitChoices() {
  return useQuery({
    queryKey: ["traits", "choices"],
    staleTime: FOR,
    queryFn: async ({ signal }) => (await got(api.GET("/api/v1/traits", { signal }))).items,
  });
}

/** Names that SDKs give to what happens, for a workspace whose own names are not known yet. */
const USUAL = ["Order Completed", "Order Delivered", "Order Refunded", "Product Added", "Product Viewed", "Checkout Started", "Signed Up", "Message Posted", "Group Joined", "Group Left", "Review Posted", "Email Opened", "Email Clicked", "Tag Added", "Tag Removed"];

/** Names of events that have come in; the usual ones as long as nobody can say. */
export function useEventNames(): string[] {
  const { data } = useQuery({
    queryKey: ["rule-words", "events", "all"],
    staleTime: FOR,
    retry: false,
    queryFn: async ({ signal }) => {
      const body = await ask<{ items: { name: string }[] }>("GET", "/api/v1/rule-words", { query: { of: "events", limit: MOST }, signal });
      return body.items.map((one) => one.name);
    },
  });
  return data && data.length > 0 ? data : USUAL;
}
