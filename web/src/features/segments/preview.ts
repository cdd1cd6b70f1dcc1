import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { api, asProblem, got } from "@/lib/api";
import { readParts, unfinishedParts, type RuleJson } from "@/features/rules";
import type { Member } from "./api";

/** How many members a rule holds for, and ten of them. */
export interface Preview {
  size: number;
  /** Whether everybody was counted; otherwise `size` lies between `low` and `high` with 95 %. */
  exact?: boolean;
  low?: number;
  high?: number;
  sample: Member[];
  /** How many each condition of the outermost group holds for by itself. */
  parts?: PartSize[];
  /** Everybody is being read for the first time: the numbers say nothing yet. */
  pending?: boolean;
}

export interface PartSize {
  path: string;
  /** None when there was no time to say. */
  size: number | null;
  exact?: boolean;
}

const PAUSE = 250;
/** After so long without a change, an estimate is made exact. */
const REST = 2000;
/** While everybody is being read for the first time, the question is asked again so often. */
const AGAIN = 1500;
const SHORT_PATIENCE = 700;
const LONG_PATIENCE = 30_000;

/** A value once it has stayed the same for some time. */
export function useSettled<T>(value: T, pause: number): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), pause);
    return () => clearTimeout(timer);
  }, [value, pause]);
  return settled;
}

type Untyped = (path: string, init: object) => Promise<{ data?: Preview; error?: unknown; response: Response }>;
const post = api.POST as unknown as Untyped;
/** Whether this server estimates when it cannot count in time; the first refusal tells. */
let estimates = true;

export async function askPreview(rule: RuleJson, patience: number, signal: AbortSignal): Promise<Preview> {
  const path = "/api/v1/segments/preview";
  if (estimates) {
    try {
      return await got(post(path, { body: { rule, patience_ms: patience, parts: true }, signal }));
    } catch (error) {
      const problem = asProblem(error);
      if (problem.code !== "invalid_body" && problem.code !== "invalid_json" && problem.status !== 400) throw error;
      estimates = false;
    }
  }
  return { exact: true, ...(await got(post(path, { body: { rule }, signal }))) };
}

export interface LivePreview {
  /** What was asked last and answered; of an earlier rule while `isStale`. */
  preview: Preview | undefined;
  isStale: boolean;
  error: Error | null;
  /** Whether the rule has parts that are still to be filled in. */
  isUnfinished: boolean;
  retry: () => void;
}

/** Counts while the rule is edited: after a short pause, and what is answered too late is cancelled. */
export function usePreview(rule: RuleJson | null): LivePreview {
  const text = JSON.stringify(rule);
  const asked = useSettled(text, PAUSE);
  const rested = useSettled(asked, REST);
  const isUnfinished = unfinishedParts(JSON.parse(asked) as RuleJson | null).length > 0;
  const first = useQuery({
    queryKey: ["segment-preview", asked],
    enabled: !isUnfinished,
    queryFn: ({ signal }) => askPreview(JSON.parse(asked) as RuleJson, SHORT_PATIENCE, signal),
    placeholderData: keepPreviousData,
    retry: false,
    staleTime: 30_000,
    refetchInterval: (query) => (query.state.data?.pending ? AGAIN : false),
  });
  const isEstimate = first.data?.exact === false && !first.data.pending && !first.isPlaceholderData;
  const exact = useQuery({
    queryKey: ["segment-preview", rested, "exact"],
    enabled: isEstimate && rested === asked && asked === text,
    queryFn: ({ signal }) => askPreview(JSON.parse(rested) as RuleJson, LONG_PATIENCE, signal),
    retry: false,
    staleTime: 30_000,
  });
  return {
    preview: (rested === asked ? exact.data : undefined) ?? first.data,
    isStale: asked !== text || first.isPlaceholderData || first.isFetching || exact.isFetching,
    error: first.error,
    isUnfinished,
    retry: () => void first.refetch(),
  };
}

/** How many each outermost condition holds for, from servers that do not say so with the count. */
export function useParts(rule: RuleJson | null, preview: Preview | undefined): PartSize[] | undefined {
  const text = JSON.stringify(rule);
  const settled = useSettled(text, PAUSE + 500);
  const parts = readParts(JSON.parse(settled) as RuleJson | null);
  const isWanted = preview !== undefined && preview.parts === undefined && parts.length > 1 && parts.length <= 8;
  const asked = useQuery({
    queryKey: ["segment-preview", "parts", settled],
    enabled: isWanted && unfinishedParts(JSON.parse(settled) as RuleJson | null).length === 0,
    queryFn: async ({ signal }) => {
      const sizes: PartSize[] = [];
      for (const part of parts) {
        const { size, exact } = await askPreview(part.rule, SHORT_PATIENCE, signal);
        sizes.push({ path: part.path, size, exact });
      }
      return sizes;
    },
    retry: false,
    staleTime: 30_000,
  });
  return preview?.parts ?? asked.data;
}

/** An estimate with two figures that mean something: 41,873 is "about 42,000". */
export function rounded(size: number): number {
  if (size < 100) return size;
  const step = 10 ** (Math.floor(Math.log10(size)) - 1);
  return Math.round(size / step) * step;
}
