/** Takes from an address the named filters that are texts, and the open drawer; whatever else stands there is left out. */
export function textSearch<K extends string>(...keys: K[]) {
  return (search: Record<string, unknown>): { [key in K | "open"]?: string } => {
    const found: { [key in K | "open"]?: string } = {};
    for (const key of [...keys, "open" as const]) {
      const value = search[key];
      if (typeof value === "string" && value !== "") found[key] = value;
      else if (typeof value === "number") found[key] = String(value);
    }
    return found;
  };
}
