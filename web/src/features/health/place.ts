/** The field that a problem speaks of, in the text of a record: problems begin with its path, as in "properties.price is …". */
export function placeOf(text: string, problem: string): { from: number; to: number } | null {
  const path = /^"?([\w.$[\]-]+)"?[\s,:]/.exec(problem)?.[1];
  const name = path?.split(/[.[\]]+/).filter((part) => part && !/^\d+$/.test(part)).at(-1);
  if (!name) return null;
  const quoted = JSON.stringify(name);
  for (let at = text.indexOf(quoted); at >= 0; at = text.indexOf(quoted, at + 1)) {
    if (/^\s*:/.test(text.slice(at + quoted.length))) return { from: at, to: at + quoted.length };
  }
  return null;
}

/** A record as people read it; one that is no JSON stays as it came. */
export function laidOut(payload: string | null | undefined): string {
  try {
    return JSON.stringify(JSON.parse(payload ?? ""), null, 2);
  } catch {
    return payload ?? "";
  }
}

/** The object that a text is, or nothing. */
export function readObject(text: string): object | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}
