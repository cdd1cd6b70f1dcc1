import { expect, test } from "vitest";
import { lanesOf } from "./lanes";
import { pathDown } from "./path";

const lanes = (...bends: [string, number, number][]) => Object.fromEntries(lanesOf(bends.map(([way, from, to]) => ({ way, from, to }))));

test("ways that go apart share a lane, and a straight one needs none", () => {
  expect(lanes(["a", 0, -200], ["b", 100, 100], ["c", 200, 400])).toEqual({ a: 0, c: 0 });
});

test("ways to the same side do not cross: the outermost turns first", () => {
  expect(lanes(["a", 0, -300], ["b", 100, -100], ["c", 200, 50])).toEqual({ a: 0, b: 1, c: 2 });
  expect(lanes(["a", 0, 150], ["b", 100, 300], ["c", 200, 500])).toEqual({ c: 0, b: 1, a: 2 });
});

test("a way has turned before another one comes down below its beginning", () => {
  expect(lanes(["b", 100, 230], ["c", 200, 100])).toEqual({ b: 0, c: 1 });
  expect(lanes(["b", 100, 200], ["c", 200, 50])).toEqual({ c: 0, b: 1 });
});

test("an edge in a lower lane turns lower, and arrives from above all the same", () => {
  const turn = (lane: number) => Number(/Q0 ([\d.]+)/.exec(pathDown({ x: 0, y: 0 }, [], { x: 200, y: 100 }, lane))?.[1]);
  expect(turn(1)).toBeGreaterThan(turn(0));
  expect(turn(9)).toBeLessThan(100);
});
