import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, ask, asProblem, got, isNotThere, useCursorList, type ListPage, type Schemas } from "@/lib/api";
import { bodyOf, type Draft, type Template } from "./draft";
import { ALWAYS, type VariableGroup } from "./variables";
import { warningsOfProblem, type Warning } from "./lint";

export type { Template } from "./draft";
export type Preview = Schemas["TemplatePreview"];
export type Partial_ = Schemas["TemplatePartial"];
export type Version = Schemas["TemplateVersion"];

/** A row of the list: without the bodies, which may be large. */
export type TemplateRow = Pick<Template, "id" | "name" | "channel_kind" | "subject" | "version" | "created_at" | "updated_at">;

const KEY = ["templates"];

export function useTemplates(search: string | undefined, kind: string | undefined) {
  return useCursorList<TemplateRow>([...KEY, "list", search, kind], async (cursor, signal) => {
    const page = await ask<ListPage<TemplateRow>>("GET", "/api/v1/templates", { query: { fields: "summary", search, channel_kind: kind, cursor }, signal });
    // A server that does not filter gives all of them.
    const wanted = search?.toLowerCase() ?? "";
    const items = page.items.filter((row) => (!kind || row.channel_kind === kind) && `${row.name} ${row.subject}`.toLowerCase().includes(wanted));
    return { ...page, items };
  });
}

export function useTemplate(id: string | undefined) {
  return useQuery({
    queryKey: [...KEY, "one", id],
    enabled: Boolean(id),
    queryFn: ({ signal }) => got(api.GET("/api/v1/templates/{id}", { params: { path: { id: id ?? "" } }, signal })),
    // What is being edited is not changed below the hands of whoever edits it; a save says so when it was overtaken.
    staleTime: Infinity,
    gcTime: 0,
  });
}

export const readTemplate = (id: string) => got(api.GET("/api/v1/templates/{id}", { params: { path: { id } } }));

function useTemplateMutation<I, O>(mutationFn: (input: I) => Promise<O>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn,
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: [...KEY, "list"] });
      void queries.invalidateQueries({ queryKey: [...KEY, "versions"] });
      void queries.invalidateQueries({ queryKey: ["names"] });
      void queries.invalidateQueries({ queryKey: ["choices"] });
    },
  });
}

export const useCreate = () => useTemplateMutation((draft: Draft) => got(api.POST("/api/v1/templates", { body: bodyOf(draft) })));

export const useReplace = () =>
  useTemplateMutation(({ id, draft, version }: { id: string; draft: Draft; version: number }) =>
    got(api.PUT("/api/v1/templates/{id}", { params: { path: { id } }, body: { ...bodyOf(draft), version } })),
  );

export const useRemove = () => useTemplateMutation((id: string) => got(api.DELETE("/api/v1/templates/{id}", { params: { path: { id } } })));

export const useRestore = () =>
  useTemplateMutation(({ id, version }: { id: string; version: number }) =>
    got(api.POST("/api/v1/templates/{id}/versions/{version}/restore", { params: { path: { id, version } } })),
  );

/** The warnings of a draft; what the server refuses altogether is among them. */
export function useLint(draft: Draft, template: string | undefined) {
  return useQuery({
    queryKey: [...KEY, "lint", template, draft],
    gcTime: 60_000,
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }): Promise<Warning[]> => {
      const body = { ...bodyOf(draft), name: draft.name.trim() || "–", template };
      try {
        return (await got(api.POST("/api/v1/templates/lint", { body, signal }))).warnings;
      } catch (error) {
        if (asProblem(error).status !== 422) throw error;
        return warningsOfProblem(error);
      }
    },
  });
}

/** Asks the links whether they answer, which takes its time. */
export const useCheckLinks = () =>
  useMutation({
    mutationFn: (draft: Draft) => got(api.POST("/api/v1/templates/lint", { body: { ...bodyOf(draft), name: draft.name.trim() || "–", check_links: true } })),
  });

export interface PreviewWish {
  member?: string;
  language?: string;
  variables?: Record<string, unknown>;
}

/** How the draft reads for a member. A newer question cancels the one before. */
export function usePreview(id: string | undefined, draft: Draft, { member, language, variables = {} }: PreviewWish) {
  return useQuery({
    queryKey: [...KEY, "preview", id, draft, member, language, variables],
    gcTime: 60_000,
    retry: false,
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }): Promise<Preview | null> => {
      const { channel_kind, subject, preheader, text, html, mjml, translations, rules, strict } = bodyOf(draft);
      const parts = { subject, preheader, text, html, mjml, translations, rules, strict };
      const body = { ...parts, member, language, variables: variables as Record<string, never> };
      if (id) return got(api.POST("/api/v1/templates/{id}/preview", { params: { path: { id } }, body, signal }));
      try {
        return await ask<Preview>("POST", "/api/v1/templates/preview", { body: { ...body, channel_kind }, signal });
      } catch (error) {
        // This server previews only what was saved once.
        if (isNotThere(error) || [404, 405].includes(asProblem(error).status)) return null;
        throw error;
      }
    },
  });
}

/** What the template may ask for. */
export function useVariables(template: string | undefined) {
  return useQuery({
    queryKey: [...KEY, "variables", template],
    queryFn: async ({ signal }): Promise<VariableGroup[]> => {
      try {
        const { groups } = await ask<{ groups: WireGroup[] }>("GET", "/api/v1/templates/variables", { query: { template }, signal });
        return groups.flatMap(ofWire);
      } catch (error) {
        if (![400, 404, 405].includes(asProblem(error).status)) throw error;
        return fromTraits(signal);
      }
    },
  });
}

interface WireGroup {
  root: string;
  items?: (VariableGroup["items"][number] | string)[];
  events?: { event: string; journey?: string; properties: VariableGroup["items"] }[];
}

function ofWire(group: WireGroup): VariableGroup[] {
  const own = (group.items ?? []).map((item) => (typeof item === "string" ? { path: item, type: group.root === "links" ? "link" : "text" } : group.root === "links" ? { ...item, type: "link" } : item));
  const events = (group.events ?? []).map((one) => ({ root: group.root, event: one.event, journey: one.journey, items: one.properties }));
  return [...(own.length > 0 ? [{ root: group.root, items: own }] : []), ...events];
}

async function fromTraits(signal: AbortSignal): Promise<VariableGroup[]> {
  const traits = await got(api.GET("/api/v1/traits", { signal })).catch(() => ({ items: [] as { name: string; title?: string | null; type?: string | null }[] }));
  const named = (traits.items as { name: string; title?: string | null; type?: string | null }[]).map((one) => ({ path: `member.${one.name}`, title: one.title, type: one.type }));
  return ALWAYS.map((group) => (group.root === "member" ? { ...group, items: [...group.items, ...named.filter((item) => !group.items.some((known) => known.path === item.path))] } : group));
}

export function useVersions(id: string, isShown: boolean) {
  return useQuery({
    queryKey: [...KEY, "versions", id],
    enabled: isShown,
    queryFn: ({ signal }) => got(api.GET("/api/v1/templates/{id}/versions", { params: { path: { id }, query: { limit: 100 } }, signal })),
  });
}

export function useComparison(id: string, from: number | undefined, to: number) {
  return useQuery({
    queryKey: [...KEY, "versions", id, "compare", from, to],
    enabled: from !== undefined,
    queryFn: ({ signal }) => got(api.GET("/api/v1/templates/{id}/compare", { params: { path: { id }, query: { from: from ?? 1, to } }, signal })),
  });
}

export const useTest = () =>
  useMutation({
    mutationFn: ({ id, ...body }: Schemas["TemplateTest"] & { id: string }) => got(api.POST("/api/v1/templates/{id}/test", { params: { path: { id } }, body })),
  });

export const PARTIALS = [...KEY, "partials"];

export function usePartials() {
  return useQuery({ queryKey: PARTIALS, queryFn: ({ signal }) => got(api.GET("/api/v1/templates/partials", { signal })) });
}

export const usePartialList = () => useCursorList<Partial_>([...PARTIALS, "list"], (_, signal) => got(api.GET("/api/v1/templates/partials", { signal })) as Promise<ListPage<Partial_>>);

export function usePartial(name: string, isNew: boolean) {
  return useQuery({
    queryKey: [...PARTIALS, "one", name],
    enabled: !isNew,
    staleTime: Infinity,
    gcTime: 0,
    queryFn: ({ signal }) => got(api.GET("/api/v1/templates/partials/{name}", { params: { path: { name } }, signal })),
  });
}

function usePartialMutation<I, O>(mutationFn: (input: I) => Promise<O>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn,
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: PARTIALS, exact: true });
      void queries.invalidateQueries({ queryKey: [...PARTIALS, "list"] });
    },
  });
}

export const useCreatePartial = () => usePartialMutation((body: Schemas["TemplatePartialBody"]) => got(api.POST("/api/v1/templates/partials", { body })));

export const useReplacePartial = () =>
  usePartialMutation(({ name, ...body }: Schemas["TemplatePartialBody"] & { name: string }) =>
    got(api.PUT("/api/v1/templates/partials/{name}", { params: { path: { name } }, body })),
  );

export const useRemovePartial = () => usePartialMutation((name: string) => got(api.DELETE("/api/v1/templates/partials/{name}", { params: { path: { name } } })));
