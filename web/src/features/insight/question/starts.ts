import type { Kind, Questions } from "../api/types";

// Words of the API, not of people.
const day = "day";
const week = "week";

/** What each page begins with when somebody asks a question of his own. */
export const STARTS: { [K in Kind]: Questions[K] } = {
  funnel: { steps: [{ event: "" }, { event: "" }], within: "P7D" },
  retention: { start: { event: "" }, return: { event: null }, unit: week },
  trend: { series: [{ name: "A", event: "", measure: "events" }] },
  path: { depth: 5 },
  distribution: { event: "", measure: "count" },
  interval: { first: { event: "" }, then: { event: "" } },
  lifecycle: { event: null, unit: week },
  attribution: { conversion: { event: "" }, touch_by: "utm_source", model: "linear", within: "P30D" },
};

/** One question of each kind that is worth asking in most workspaces; the empty page offers it. */
export const EXAMPLES: { [K in Kind]: Questions[K] } = {
  funnel: { steps: [{ event: "Product Viewed" }, { event: "Product Added" }, { event: "Order Completed" }], within: "P7D", period: "P30D" },
  retention: { start: { event: "Order Completed" }, return: { event: "Order Completed" }, unit: week, periods: 8, period: "P90D" },
  trend: { series: [{ name: "A", event: null, measure: "members" }, { name: "B", event: "Order Completed", measure: "members" }], unit: day, period: "P30D" },
  path: { anchor: { event: "Product Viewed", side: "after" }, depth: 5, period: "P14D" },
  distribution: { event: "Order Completed", measure: "count", period: "P90D" },
  interval: { first: { event: "Product Viewed" }, then: { event: "Order Completed" }, within: "P30D", period: "P30D" },
  lifecycle: { event: null, unit: week, period: "P90D" },
  attribution: { conversion: { event: "Order Completed", value: "revenue" }, touch_by: "utm_source", model: "linear", within: "P30D", period: "P30D" },
};
