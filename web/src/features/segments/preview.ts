import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { api, got, type Schemas } from "@/lib/api";
import { unfinishedParts, type RuleJson } from "@/features/rules";

/** How many members a rule holds for, or an estimate, and ten of them. */
export type Preview = Schemas["PreviewDto"];

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

function askPreview(rule: RuleJson, patience: number, signal: AbortSignal): Promise<Preview> {
  const body = { rule: rule as Record<string, never>, patience_ms: patience, parts: true };
  return got(api.POST("/api/v1/segments/preview", { body, signal }));
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
  const isEstimate = first.data !== undefined && !first.data.exact && !first.data.pending && !first.isPlaceholderData;
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

/** An estimate with two figures that mean something: 41,873 is "about 42,000". */
export function rounded(size: number): number {
  if (size < 100) return size;
  const step = 10 ** (Math.floor(Math.log10(size)) - 1);
  return Math.round(size / step) * step;
}
