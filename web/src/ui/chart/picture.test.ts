import { expect, test } from "vitest";
import { linesOf } from "./picture";

const upTo = (count: number) => (line: string) => line.length <= count;

test("a title is broken at spaces, and Chinese between any two characters", () => {
  expect(linesOf("How many members sign up?", upTo(12))).toEqual(["How many", "members sign", "up?"]);
  expect(linesOf("新成员走到首单了吗？", upTo(4))).toEqual(["新成员走", "到首单了", "吗？"]);
  expect(linesOf("有多少 VIP 成员？", upTo(7))).toEqual(["有多少 VIP", "成员？"]);
});

test("a word that fits nowhere stands alone, and nothing is lost", () => {
  expect(linesOf("a incomprehensibilities b", upTo(5))).toEqual(["a", "incomprehensibilities", "b"]);
  expect(linesOf("", upTo(5))).toEqual([]);
});
