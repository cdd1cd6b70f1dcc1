import { expect, test } from "vitest";
import { isMine, mineFirst, urgency } from "./order";

const me = { user: { id: "usr_1", email: "Wei@example.com", name: "张伟" } } as never;
const task = (id: string, assignee = "") => ({ id, assignee });

test("a task is mine when the journey names me by address, id or name", () => {
  expect(["wei@example.com", "usr_1", "user:usr_1", "张伟"].every((assignee) => isMine({ assignee }, me))).toBe(true);
  expect(isMine({ assignee: "" }, me)).toBe(false);
  expect(isMine({ assignee: "li@example.com" }, me)).toBe(false);
  expect(isMine({ assignee: "usr_1" }, undefined)).toBe(false);
});

test("all of mine come before all others, over any number of pages, and none comes twice", async () => {
  const mine = [task("m1", "usr_1"), task("m2", "usr_1"), task("m3", "usr_1")];
  const all = [task("a"), ...mine, task("b", "usr_2")];
  const read = async (isMineOnly: boolean, cursor: string | undefined) => {
    const rows = isMineOnly ? mine : all;
    const start = Number(cursor ?? 0);
    return { items: rows.slice(start, start + 2), next: start + 2 < rows.length ? String(start + 2) : null };
  };
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await mineFirst(read, me, cursor);
    seen.push(...page.items.map((one) => one.id));
    cursor = page.next ?? undefined;
  } while (cursor);
  expect(seen).toEqual(["m1", "m2", "m3", "a", "b"]);
});

test("a server that does not know what is mine still shows each task once", async () => {
  const all = [task("a"), task("m", "usr_1")];
  const page = await mineFirst(async () => ({ items: all, next: null }), me, undefined);
  expect(page.items.map((one) => one.id)).toEqual(["m", "a"]);
});

test("only open tasks are late", () => {
  const due = { due_at: "2026-01-02T00:00:00Z" };
  expect(urgency({ state: "open", ...due }, Date.parse("2026-01-02T00:00:01Z"))).toBe("late");
  expect(urgency({ state: "done", ...due }, Date.parse("2026-01-03T00:00:00Z"))).toBe("calm");
  expect(urgency({ state: "open", ...due }, Date.parse("2026-01-01T12:00:00Z"))).toBe("soon");
  expect(urgency({ state: "open", due_at: null }, 0)).toBe("calm");
});
