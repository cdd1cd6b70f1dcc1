import { expect, test } from "vitest";
import { changeOf, daysOf, valuesOf } from "./periods";

const retention = { default: "P2Y", events: { "Page Viewed": "P90D", "Order Completed": null }, log: { days: 30, megabytes: 1 } } as never;

test("periods that nobody touched stay as they were written", () => {
  expect(changeOf(valuesOf(retention), retention)).toEqual({ default: "P2Y", events: { "Page Viewed": "P90D", "Order Completed": null } });
});

test("days become a period, and nothing means for ever", () => {
  expect(changeOf({ days: 365, events: [{ event: "Page Viewed", days: 30 }] }, retention)).toEqual({ default: "P365D", events: { "Page Viewed": "P30D" } });
  expect(changeOf({ days: null, events: [] }, retention)).toEqual({ default: null, events: {} });
  expect(daysOf("P4W")).toBe(28);
});
