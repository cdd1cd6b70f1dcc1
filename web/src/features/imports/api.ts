import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, ask, got, isNotThere, useCursorList, type Schemas } from "@/lib/api";
import { useLive } from "@/lib/live";
import type { Draft } from "./mapping";
import { printMapping } from "./mapping";
import { moves, type Import } from "./steps";

export type { Import } from "./steps";
export type Counts = Schemas["Counts"];
export type SavedMapping = Schemas["MappingBody"];

const KEY = ["imports"];

export function useImports() {
  return useCursorList<Import>([...KEY, "list"], (cursor, signal) => got(api.GET("/api/v1/imports", { params: { query: { cursor } }, signal })) as Promise<{ items: Import[]; next?: string | null }>);
}

export function useImport(id: string) {
  const key = [...KEY, "one", id];
  const query = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => got(api.GET("/api/v1/imports/{id}", { params: { path: { id } }, signal })),
  });
  useLive(["imports"], { keys: [key], moves: query.data ? moves(query.data) : false });
  return query;
}

/** How a text file is to be read, where the server guessed otherwise. */
export interface Reading {
  encoding?: string;
  delimiter?: string;
  has_headers?: boolean;
  sheet?: string;
}

function useImportMutation<I>(mutationFn: (input: I) => Promise<Import>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn,
    onSuccess: (one) => {
      queries.setQueryData([...KEY, "one", one.id], one);
      void queries.invalidateQueries({ queryKey: [...KEY, "list"] });
      void queries.invalidateQueries({ queryKey: [...KEY, "rows", one.id] });
    },
  });
}

/** Reads the beginning of the file again. Gives null when this server cannot. */
export const useDetect = () =>
  useMutation({
    mutationFn: async ({ id, ...reading }: Reading & { id: string }): Promise<Import | null> => {
      try {
        return await ask<Import>("POST", `/api/v1/imports/${id}/detect`, { body: reading });
      } catch (error) {
        if (isNotThere(error)) return null;
        throw error;
      }
    },
  });

/** The first rows of the file as they stand in it; null when this server cannot show them. */
export function useRows(id: string, isShown: boolean) {
  return useQuery({
    queryKey: [...KEY, "rows", id],
    enabled: isShown,
    queryFn: async ({ signal }): Promise<{ columns: string[]; rows: string[][] } | null> => {
      try {
        return await ask("GET", `/api/v1/imports/${id}/rows`, { query: { limit: 20 }, signal });
      } catch (error) {
        if (isNotThere(error)) return null;
        throw error;
      }
    },
  });
}

interface Order {
  id: string;
  draft: Draft;
  language: "en" | "zh";
}

const order = (draft: Draft, language: "en" | "zh") => ({ mapping: printMapping(draft) as unknown as Record<string, never>, language });

export const usePreview = () =>
  useImportMutation(({ id, draft, language }: Order) => got(api.POST("/api/v1/imports/{id}/preview", { params: { path: { id } }, body: order(draft, language) })));

export const useStart = () =>
  useImportMutation(({ id, draft, language }: Order) => got(api.POST("/api/v1/imports/{id}/start", { params: { path: { id } }, body: order(draft, language) })));

/** Cancels what runs and deletes the file; rows that were imported stay. */
export function useDeleteImport() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => got(api.DELETE("/api/v1/imports/{id}", { params: { path: { id } } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: [...KEY, "list"] }),
  });
}

/** Stops the work; the file and what was done stay to be looked at. */
export function useCancelJob() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (job: string) => got(api.POST("/api/v1/jobs/{id}/cancel", { params: { path: { id: job } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: KEY }),
  });
}

const MAPPINGS = ["import-mappings"];

export function useSavedMappings() {
  return useQuery({
    queryKey: MAPPINGS,
    queryFn: async ({ signal }) => (await got(api.GET("/api/v1/import-mappings", { params: { query: { limit: 500 } }, signal }))).items as SavedMapping[],
  });
}

export function useSaveMapping() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ id, name, draft }: { id?: string; name: string; draft: Draft }) => {
      const { kind, ...mapping } = printMapping(draft);
      const body = { name, kind: kind ?? draft.kind, mapping: mapping as unknown as Record<string, never> };
      return id ? got(api.PUT("/api/v1/import-mappings/{id}", { params: { path: { id } }, body })) : got(api.POST("/api/v1/import-mappings", { body }));
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: MAPPINGS }),
  });
}
