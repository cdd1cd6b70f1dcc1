/** Which members are meant: the same in the address of the list, in its export and in what is done to all of them. */
export interface MemberFilter {
  /** Any part of an identity or trait. */
  search?: string;
  /** All of these tags. */
  tag?: string[];
  /** None of these. */
  not_tag?: string[];
  stage?: string;
  segment?: string;
  group?: string;
  /** First seen at or after this moment, and before that one. */
  created_from?: string;
  created_to?: string;
}

const TEXTS = ["search", "stage", "segment", "group", "created_from", "created_to"] as const;
const LISTS = ["tag", "not_tag"] as const;

/** Reads a filter off an address; whatever somebody wrote there, only what makes sense is taken. */
export function filterOf(address: Record<string, unknown>): MemberFilter {
  const filter: MemberFilter = {};
  for (const name of TEXTS) {
    const value = address[name];
    // The router reads `?search=138` as a number.
    const text = typeof value === "number" || typeof value === "string" ? String(value).trim() : "";
    if (text) filter[name] = text;
  }
  for (const name of LISTS) {
    const value = address[name];
    const list = [value].flat().filter((one) => typeof one === "string" || typeof one === "number");
    const texts = [...new Set(list.map((one) => String(one).trim()).filter(Boolean))];
    if (texts.length > 0) filter[name] = texts;
  }
  return filter;
}

export function isUnfiltered(filter: MemberFilter): boolean {
  return Object.keys(filterOf({ ...filter })).length === 0;
}

/** The filter as the API reads it in an address. */
export function parametersOf(filter: MemberFilter): URLSearchParams {
  const parameters = new URLSearchParams();
  for (const name of TEXTS) {
    const value = filter[name];
    if (value) parameters.append(name, value);
  }
  for (const name of LISTS) filter[name]?.forEach((one) => parameters.append(name, one));
  return parameters;
}

/** The filter as the API reads it in a body. */
export function bodyOf(filter: MemberFilter): object {
  const { search, ...rest } = filterOf({ ...filter });
  return search ? { q: search, ...rest } : rest;
}
