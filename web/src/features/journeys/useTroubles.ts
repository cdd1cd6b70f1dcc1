import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { ask } from "@/lib/api";
import { KEY, type WireProblem } from "./api";
import { check, type Trouble } from "./document/check";
import type { JourneyDocument } from "./document/types";
import { writeDocument } from "./document/wire";
import { gather, troublesOfWire } from "./troubles";

const PAUSE = 400;

/** What is wrong with a document: the obvious at once, and what the server finds a moment later. */
export function useTroubles(id: string, document: JourneyDocument): Map<string | null, Trouble[]> {
  const [asked, setAsked] = useState({ document, number: 0 });
  useEffect(() => {
    const timer = setTimeout(() => setAsked((before) => (before.document === document ? before : { document, number: before.number + 1 })), PAUSE);
    return () => clearTimeout(timer);
  }, [document]);
  const found = useQuery({
    queryKey: [...KEY, id, "check", asked.number],
    retry: false,
    gcTime: 30_000,
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }) => {
      const body = await ask<{ problems: WireProblem[] }>("POST", "/api/v1/journeys/check", { body: { document: writeDocument(asked.document) }, signal });
      return body.problems;
    },
  });
  const own = useMemo(() => check(document), [document]);
  return useMemo(() => {
    // Steps that were removed since have no problems any more.
    const ofServer = troublesOfWire(found.data ?? [], asked.document).filter((one) => one.step === null || one.step in document.steps);
    return gather(own, ofServer);
  }, [own, found.data, asked.document, document]);
}

export function countErrors(troubles: ReadonlyMap<string | null, readonly Trouble[]>): number {
  return [...troubles.values()].flat().filter((one) => one.level === "error").length;
}
