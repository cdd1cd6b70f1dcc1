import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api, got, useCursorList, type Schemas } from "@/lib/api";

export type Topic = Schemas["TopicDto"];

const KEY = ["topics"];

export function useTopics() {
  return useCursorList<Topic>([...KEY, "list"], (_cursor, signal) => got(api.GET("/api/v1/topics", { signal })));
}

/** A topic stands in lists and pickers everywhere. */
function useForget() {
  const queries = useQueryClient();
  return () => {
    void queries.invalidateQueries({ queryKey: ["choices", "topics"] });
    return queries.invalidateQueries({ queryKey: KEY });
  };
}

export function useSaveTopic() {
  return useMutation({
    mutationFn: ({ topic, ...body }: Schemas["TopicChange"] & { topic: string }) => got(api.PUT("/api/v1/topics/{topic}", { params: { path: { topic } }, body })),
    onSuccess: useForget(),
  });
}

export function useDeleteTopic() {
  return useMutation({
    mutationFn: (topic: string) => got(api.DELETE("/api/v1/topics/{topic}", { params: { path: { topic } } })),
    onSuccess: useForget(),
  });
}

/** Templates that may ask to confirm. */
export async function mailTemplates(signal: AbortSignal) {
  const page = await got(api.GET("/api/v1/templates", { params: { query: { limit: 200 } }, signal }));
  return page.items.map((template) => ({ value: template.id, label: template.name }));
}
