import { describe, expect, test } from "vitest";
import type { Goal, Progress } from "./api";
import { courseOf, daysBetween, marksOf, sorted } from "./course";

const progress = (over: Partial<Progress> = {}): Progress => ({ value: 40, share: 0.4, expected_share: 0.5, forecast: 80, low: 70, high: 90, state: "behind", points: [], ...over });

function goal(over: Partial<Goal> = {}): Goal {
  return {
    id: "gol_1", version: 1, name: "orders", metric: { name: "A", event: "Order Completed", where: [], measure: "events", property: null },
    segment: null, target: 100, from: "2026-03-01", deadline: "2026-03-10", progress: progress(), ...over,
  };
}

const dayIn = (moment: string) => moment.slice(0, 10);

describe("the bar", () => {
  test("ends at the target while nothing lies beyond it", () => {
    expect(marksOf(progress(), 100)).toEqual({ value: 0.4, expected: 0.5, target: 1, range: { from: 0.7, to: 0.9 } });
  });

  test("makes room to the right of the target for what is there or most probably will be", () => {
    const marks = marksOf(progress({ share: 0.8, low: 110, high: 125, state: "ahead" }), 100);
    expect(marks.target).toBeCloseTo(0.8);
    expect(marks.value).toBeCloseTo(0.64);
    expect(marks.range?.to).toBe(1);
    expect(marksOf(progress({ share: 2, state: "reached" }), 100)).toMatchObject({ target: 0.5, value: 1, range: null, expected: null });
  });

  test("is not squeezed by a forecast that is far off", () => {
    expect(marksOf(progress({ share: 0.3, low: 100, high: 5000 }), 100).value).toBeCloseTo(0.2);
  });

  test("shows no forecast and no even course where there are none", () => {
    expect(marksOf(progress({ forecast: null, low: null, high: null, expected_share: null, share: null }), 100)).toEqual({ value: 0, expected: null, target: 1, range: null });
  });
});

describe("the course", () => {
  const points = [
    { t: "2026-03-01T00:00:00Z", value: 10 },
    { t: "2026-03-02T00:00:00Z", value: 20 },
  ];

  test("reaches the target on the last day, evenly, and has every day once", () => {
    const rows = courseOf(goal({ progress: progress({ points }) }), dayIn);
    expect(rows.map((row) => row.day)).toHaveLength(10);
    expect(rows[0]?.expected).toBe(10);
    expect(rows.at(-1)).toMatchObject({ day: "2026-03-10", expected: 100, value: null, forecast: 80, low: 70, high: 90 });
  });

  test("goes on from the last known day, where the band is closed", () => {
    const rows = courseOf(goal({ progress: progress({ points }) }), dayIn);
    expect(rows[0]?.forecast).toBeNull();
    expect(rows[1]).toMatchObject({ value: 20, forecast: 20, low: 20, high: 20 });
  });

  test("of what does not add up the even course is the target itself", () => {
    const level = goal({ metric: { name: "A", event: null, where: [], measure: "avg", property: "revenue" } });
    expect(new Set(courseOf(level, dayIn).map((row) => row.expected))).toEqual(new Set([100]));
  });

  test("is not drawn on when it is over or nobody knows", () => {
    for (const over of [{ state: "missed" as const }, { forecast: null, low: null, high: null }]) {
      expect(courseOf(goal({ progress: progress({ points, ...over }) }), dayIn).every((row) => row.forecast === null)).toBe(true);
    }
  });

  test("does not lose a day where clocks change", () => {
    const rows = courseOf(goal({ from: "2026-03-28", deadline: "2026-03-31" }), dayIn);
    expect(rows.map((row) => row.day)).toEqual(["2026-03-28", "2026-03-29", "2026-03-30", "2026-03-31"]);
    expect(daysBetween("2026-10-24", "2026-10-26")).toBe(3);
  });
});

test("what is behind comes first, then what ends soonest, and what is over last", () => {
  const named = (name: string, state: Progress["state"], deadline: string) => goal({ name, deadline, progress: progress({ state }) });
  const list = [named("won", "reached", "2026-01-01"), named("late", "on_track", "2026-09-01"), named("lost", "missed", "2026-02-01"), named("soon", "ahead", "2026-04-01"), named("care", "behind", "2026-12-01")];
  expect(sorted(list).map((one) => one.name)).toEqual(["care", "soon", "late", "lost", "won"]);
});
