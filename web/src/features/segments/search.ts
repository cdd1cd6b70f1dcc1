import { api, got } from "@/lib/api";

/** Segments whose name has these letters, for ⌘K. */
export const segmentSearcher = {
  name: "segments",
  async search(text: string, signal: AbortSignal) {
    const page = await got(api.GET("/api/v1/segments", { params: { query: { limit: 500 } }, signal }));
    return page.items
      .filter((segment) => segment.name.toLowerCase().includes(text) || segment.id === text)
      .slice(0, 5)
      .map((segment) => ({ key: segment.id, title: segment.name, to: `/segments/${segment.id}` }));
  },
};
