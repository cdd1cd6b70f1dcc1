import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, asProblem, got, useCursorList, type ListPage, type Schemas } from "@/lib/api";
import { bodyOf, type Draft } from "./draft";
import { groupsOf } from "./variables";
import { warningsOfProblem, type Warning } from "./lint";

export type { Template } from "./draft";
export type Preview = Schemas["TemplatePreview"];
export type Partial_ = Schemas["TemplatePartial"];
export type Version = Schemas["TemplateVersion"];

/** A row of the list: without the bodies, which may be large. */
export type TemplateRow = Schemas["TemplateSummary"];

const KEY = ["templates"];

export function useTemplates(search: string | undefined, kind: string | undefined) {
  return useCursorList<TemplateRow>([...KEY, "list", search, kind], (cursor, signal) =>
    got(api.GET("/api/v1/templates", { params: { query: { fields: "summary", search, channel_kind: kind, cursor } }, signal })),
  );
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
    queryFn: ({ signal }): Promise<Preview> => {
      const { channel_kind, subject, preheader, text, html, mjml, translations, rules, strict } = bodyOf(draft);
      const parts = { subject, preheader, text, html, mjml, translations, rules, strict };
      const body = { ...parts, member, language, variables: variables as Record<string, never> };
      if (id) return got(api.POST("/api/v1/templates/{id}/preview", { params: { path: { id } }, body, signal }));
      return got(api.POST("/api/v1/templates/preview", { body: { ...body, channel_kind }, signal }));
    },
  });
}

/** What the template may ask for. */
export function useVariables(template: string | undefined) {
  return useQuery({
    queryKey: [...KEY, "variables", template],
    queryFn: async ({ signal }) => groupsOf((await got(api.GET("/api/v1/templates/variables", { params: { query: { template } }, signal }))).groups),
  });
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
