import { expect, test } from "vitest";
import { actOf, portionsOf, segmentOf, targetOf } from "./target";

const NOW = new Date("2026-11-23T08:00:00Z");

test("chosen rows are meant, whatever the filter is", () => {
  expect(targetOf(new Set(["mem_1", "mem_2"]), false, { stage: "buyer" })).toEqual({ members: ["mem_1", "mem_2"] });
});

test("all that match means the filter, and nothing but the filter", () => {
  expect(targetOf(new Set(["mem_1"]), true, { search: "wei", tag: [], stage: "" })).toEqual({ filter: { search: "wei" } });
});

test("nobody is meant while nobody is chosen", () => {
  expect(targetOf(new Set(), false, { stage: "buyer" })).toBeNull();
});

test("nothing is done while it is not said what", () => {
  expect(actOf({ kind: "tags" }, NOW)).toBeNull();
  expect(actOf({ kind: "tags", add: [" "], days: 7 }, NOW)).toBeNull();
  expect(actOf({ kind: "enter", add: ["vip"] }, NOW)).toBeNull();
});

test("a tag that is put on is not taken off by the same act", () => {
  expect(actOf({ kind: "tags", add: ["vip", " vip ", "老友"], remove: ["vip", "沉睡"] }, NOW)).toEqual({ tags: { add: ["vip", "老友"], remove: ["沉睡"] } });
});

test("an end is settled for tags that are put on only", () => {
  expect(actOf({ kind: "tags", add: ["vip"], days: 7 }, NOW)).toEqual({ tags: { add: ["vip"], remove: [], expires_at: "2026-11-30T08:00:00.000Z" } });
  expect(actOf({ kind: "tags", remove: ["vip"], days: 7 }, NOW)).toEqual({ tags: { add: [], remove: ["vip"] } });
});

test("a journey lets in a whole segment, but no other filter", () => {
  expect(segmentOf({ segment: "seg_1" })).toBe("seg_1");
  expect(segmentOf({ segment: "seg_1", tag: [] })).toBe("seg_1");
  expect(segmentOf({ segment: "seg_1", stage: "buyer" })).toBeNull();
  expect(segmentOf({})).toBeNull();
});

test("many who were chosen are let in portion by portion, and nobody is left out", () => {
  const members = Array.from({ length: 1001 }, (_, place) => `mem_${place}`);
  const portions = portionsOf(members);
  expect(portions.map((some) => some.length)).toEqual([500, 500, 1]);
  expect(portions.flat()).toEqual(members);
});
