import { expect, test } from "vitest";
import type { Member } from "../search";
import { memberColumns, plainValue, traitNames } from "./columns";
import { bodyOf, filterOf, isUnfiltered, parametersOf } from "./filters";
import { lookedAt, mustGoOn, type MemberPageOfList } from "./useMemberList";

test("a filter survives its way through the address", () => {
  const filter = { search: "张伟", tag: ["vip", "a&b"], not_tag: ["沉睡"], stage: "buyer", segment: "seg_1", group: "grp_1", created_from: "2026-11-01T00:00:00Z" };
  expect(filterOf({ ...filter })).toEqual(filter);
  const parameters = parametersOf(filter);
  expect(parameters.getAll("tag")).toEqual(["vip", "a&b"]);
  expect(parameters.get("search")).toBe("张伟");
});

test("whatever stands in an address, only what makes sense is taken", () => {
  expect(filterOf({ search: 13800138000, tag: "vip", stage: ["x"], segment: { a: 1 }, group: " ", page: 3 })).toEqual({ search: "13800138000", tag: ["vip"] });
  expect(filterOf({ tag: ["vip", "", "vip", null, 7] })).toEqual({ tag: ["vip", "7"] });
  expect(isUnfiltered({ search: "  ", tag: [] })).toBe(true);
  expect(isUnfiltered({ not_tag: ["a"] })).toBe(false);
});

test("in a body the text is named as the API names it", () => {
  expect(bodyOf({ search: "wei", tag: ["vip"] })).toEqual({ q: "wei", tag: ["vip"] });
  expect(bodyOf({})).toEqual({});
});

const page = (found: number, members: number, done: boolean, next: string | null): MemberPageOfList => ({
  items: Array.from({ length: found }, (_, place) => ({ id: `mem_${place}` }) as Member),
  next,
  searched: { members, done },
});

test("a search goes on by itself until there is enough to look at, or nothing is left", () => {
  expect(mustGoOn([page(0, 50_000, false, "c")], 50)).toBe(true);
  expect(mustGoOn([page(30, 50_000, false, "c"), page(20, 9_000, false, "d")], 50)).toBe(false);
  expect(mustGoOn([page(0, 50_000, false, "c"), page(3, 12, true, null)], 50)).toBe(false);
  expect(mustGoOn([{ items: [], next: "c" }], 50)).toBe(false);
  expect(mustGoOn([], 50)).toBe(false);
  expect(lookedAt([page(0, 50_000, false, "c"), page(3, 12, true, null)])).toBe(50_012);
});

const member = {
  id: "mem_1",
  identities: [
    { id: "idn_1", kind: "anonymous_id", value: "dev-1", verified: false },
    { id: "idn_2", kind: "phone", value: "+8613800138000", verified: true },
    { id: "idn_3", kind: "user_id", value: "LW1", verified: false },
  ],
  traits: { name: "=HYPERLINK()", city: "上海", scores: [1, 2] },
  tags: ["vip", "老友"],
  segments: ["seg_1", "seg_2"],
  stage: "buyer",
  stage_since: "2026-11-01T00:00:00Z",
  consent: {},
  created_at: "2026-11-01T00:00:00Z",
  last_seen_at: "2026-11-02T00:00:00Z",
} as unknown as Member;

function columns() {
  return memberColumns({
    t: ((key: string) => key) as never,
    stageNames: new Map([["buyer", "购买"]]),
    segmentNames: new Map([["seg_1", "常客"]]),
    traits: ["city", "scores", "unknown"],
    traitTitle: (name) => name,
  });
}
const text = (key: string) => columns().find((column) => column.key === key)?.text?.(member);

test("files say what the columns show", () => {
  expect(text("stage")).toBe("购买");
  expect(text("tags")).toBe("vip, 老友");
  expect(text("segments")).toBe("常客, seg_2");
  expect(text("phone")).toBe("+8613800138000");
  expect(text("identities")).toBe("LW1, dev-1");
  expect(text("traits.city")).toBe("上海");
  expect(text("traits.scores")).toBe("[1,2]");
  expect(text("traits.unknown")).toBe("");
});

test("a member of whom less was asked for breaks no column", () => {
  const little = { id: "mem_1", identities: [], traits: {} } as unknown as Member;
  for (const column of columns()) expect(() => column.text?.(little)).not.toThrow();
});

test("columns are offered for settled traits first, then for those that were seen, and for none twice", () => {
  expect(traitNames(["birthday", "city"], [member])).toEqual(["birthday", "city", "scores"]);
  expect(plainValue(null)).toBe("");
  expect(plainValue(false)).toBe("false");
});
