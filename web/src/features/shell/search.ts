import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { ask, isNotThere } from "@/lib/api";

export interface Found {
  id: string;
  name: string;
  hint?: string | null;
  /** By what it was found: `name`, `text`, `id`, or a kind of identity. */
  why?: string | null;
}

/** What was found of one kind: `members`, `segments`, `journeys` … */
export interface FoundGroup {
  kind: string;
  items: Found[];
  more: boolean;
  complete: boolean;
}

const PAUSE = 150;
const EACH = 5;

/** What there is with this name, address, number or id; answers for earlier texts are cancelled. */
export function useFound(text: string) {
  const wanted = useRested(text.trim(), PAUSE);
  const query = useQuery({
    queryKey: ["search", wanted],
    enabled: wanted.length > 0,
    placeholderData: keepPreviousData,
    staleTime: 10_000,
    queryFn: async ({ signal }): Promise<FoundGroup[]> => {
      try {
        return (await ask<{ groups: FoundGroup[] }>("GET", "/api/v1/search", { query: { q: wanted, limit: EACH }, signal })).groups;
      } catch (error) {
        if (isNotThere(error)) return [];
        throw error;
      }
    },
  });
  const isWaiting = text.trim() !== wanted || (query.isFetching && query.isPlaceholderData);
  return { groups: wanted && text.trim() ? (query.data ?? []) : [], isWaiting, error: query.error };
}

/** A value once it has not changed for a while. */
function useRested<T>(value: T, pause: number): T {
  const [rested, setRested] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setRested(value), pause);
    return () => clearTimeout(timer);
  }, [value, pause]);
  return rested;
}
