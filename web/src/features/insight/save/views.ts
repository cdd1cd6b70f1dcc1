import type { Kind, View } from "../api/types";

/** How a card may show the answer to each kind of question; the first unless somebody chooses. */
export const VIEWS_OF: Record<Kind, readonly View[]> = {
  funnel: ["funnel", "table", "number"],
  retention: ["heat", "line", "number"],
  trend: ["line", "bar", "table", "number"],
  path: ["sankey", "table"],
  distribution: ["bar", "table", "number"],
  interval: ["bar", "table", "number"],
  lifecycle: ["bar", "table", "number"],
  attribution: ["bar", "table", "number"],
};
