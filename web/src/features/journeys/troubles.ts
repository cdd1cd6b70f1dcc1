import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { useServerWords } from "@/lib/i18n/server-words";
import type { WireProblem } from "./api";
import type { Trouble } from "./document/check";
import { spotOf } from "./document/paths";
import type { JourneyDocument } from "./document/types";

/** What a trouble says to the reader. */
export function useTroubleWords(): (trouble: Trouble) => string {
  const { t } = useTranslation("journeys");
  const words = useServerWords();
  return useCallback(
    (trouble) => {
      if (trouble.code) return t(`trouble.${trouble.code}`);
      if (!trouble.words) return t("trouble.missing");
      return words(trouble.words);
    },
    [t, words],
  );
}

/** Of a draft with words and level; of a refusal with less. */
type Said = Pick<WireProblem, "path" | "message"> & Partial<WireProblem>;

/** The server's problems, at their steps. */
export function troublesOfWire(problems: readonly Said[], document: JourneyDocument): Trouble[] {
  return problems.map(({ path, message, words, step, level }) => {
    const spot = step ? { step, field: spotOf(path, document).field } : spotOf(path, document);
    const text = message.replace(/^./, (first) => first.toUpperCase());
    return { ...spot, level: level ?? "error", words: { en: words?.en || text, zh: words?.zh || text } };
  });
}

/** Our own findings and the server's without saying the same twice; by step. */
export function gather(own: readonly Trouble[], ofServer: readonly Trouble[]): Map<string | null, Trouble[]> {
  const found = new Map<string | null, Trouble[]>();
  const put = (trouble: Trouble) => found.set(trouble.step, [...(found.get(trouble.step) ?? []), trouble]);
  own.forEach(put);
  for (const trouble of ofServer) {
    const isSaid = own.some((one) => one.step === trouble.step && (one.field === trouble.field || one.field.startsWith(`${trouble.field}.`) || trouble.field.startsWith(`${one.field}.`) || trouble.field === ""));
    if (!isSaid) put(trouble);
  }
  return found;
}
