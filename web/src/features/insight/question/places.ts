import type { Comparison } from "../api/types";
import { isWhole } from "./body";

/**
 * Where in the question as the page holds it a path of the body leads: comparisons that are still being filled in are not sent, so
 * that those after them have other numbers there.
 */
export function pathInQuestion(question: object, path: string): string {
  const parts = path.split(/\.|(?=\[)/);
  let at: unknown = question;
  let name = "";
  return parts.map((part, place) => {
    const number = /^\[(\d+)\]$/.exec(part)?.[1];
    let written = part;
    if (number === undefined) {
      name = part;
      at = (at as Record<string, unknown> | null | undefined)?.[part];
    } else {
      const list = Array.isArray(at) ? at : [];
      const found = name === "where" ? placeOfWhole(list as Comparison[], Number(number)) : Number(number);
      written = `[${found}]`;
      at = list[found];
    }
    return place > 0 && number === undefined ? `.${written}` : written;
  }).join("");
}

/** Where the comparison stands that is the nth of those that are sent. */
function placeOfWhole(where: readonly Comparison[], nth: number): number {
  const whole = where.flatMap((one, place) => (isWhole(one) ? [place] : []));
  return whole[nth] ?? nth;
}
