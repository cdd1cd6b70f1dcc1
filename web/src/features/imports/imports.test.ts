import { expect, test } from "vitest";
import { faultsOf, ofKind, printMapping, readMapping, withUse, type Draft } from "./mapping";
import { answersTo, givenAnswer, isOpen, type Column, type Question } from "./questions";
import { secondsLeft, shownStep, stepOf } from "./steps";

const MAPPING = {
  kind: "members", user_id: "手机号", phone: "手机号", email: "邮箱", "identities.unionid": "微信", tags: "标签", tags_separator: "semicolon", "add_tags.1": "2026 展会",
  "traits.birthday": "生日:date(y/m/d)", "traits.points": "积分:number(comma)", "traits.name": "姓名", "traits.level": "等级:text", "traits.ratio": "a:b:text",
  "consents.1.channel": "email", "consents.1.purpose": "news", "consents.1.column": "订阅", "consents.1.yes.1": "是", "consents.1.yes.2": "Y", "consents.1.given_at": "=2024-01-02",
  "consents.1.proof": "登记表", strip_apostrophes: "true", encoding: "gbk",
};

const column = (part: Partial<Column> & { name: string }): Column => ({ type: "text", examples: [], ...part }) as Column;
const question = (code: string, about?: string): Question => ({ code, column: about, message: { en: "", zh: "" } });
const draft = (mapping: Record<string, string>): Draft => readMapping({ kind: "members", ...mapping });

test("a mapping of the API comes back as it was, with one column used twice and all that the wizard does not show", () => {
  const others = Object.fromEntries(Object.entries(MAPPING).filter(([name]) => name !== "traits.level"));
  // Texts need no type, unless the name of the column looks like one.
  expect(printMapping(readMapping(MAPPING))).toEqual({ ...others, "traits.level": "等级" });
  expect(readMapping(MAPPING).uses.filter((use) => use.column === "手机号").map((use) => use.target.to)).toEqual(["user_id", "phone"]);
});

test("types and forms behind a column's name are read, and a colon that is part of the name is not one of them", () => {
  const [use] = draft({ "traits.t": "时间:date(d/m/y)" }).uses;
  expect(use).toEqual({ column: "时间", target: { to: "value", name: "t", cell: { type: "date", form: "d/m/y" } } });
  expect(draft({ "traits.t": "a:b" }).uses[0]?.column).toBe("a:b");
  expect(printMapping(draft({ "traits.t": "a:b:text" }))["traits.t"]).toBe("a:b:text");
});

test("constants of events stay constants", () => {
  const events = readMapping({ kind: "events", event: "=Order Completed", user_id: "u", "properties.revenue": "金额:number" });
  expect(events.constants.event).toBe("Order Completed");
  expect(printMapping(events)).toEqual({ kind: "events", event: "=Order Completed", user_id: "u", "properties.revenue": "金额:number" });
});

test("what is missing or said twice is found before the server is asked", () => {
  expect(faultsOf(draft({ "traits.name": "姓名" })).map((fault) => fault.code)).toEqual(["no_identity"]);
  expect(faultsOf(draft({ user_id: "u", "identities.qq": "q" }))).toEqual([]);
  const twice = withUse(draft({ user_id: "u", "traits.name": "a" }), "b", 0, { to: "value", name: "name", cell: { type: "text" } });
  expect(faultsOf(twice)).toEqual([{ code: "twice", column: "b" }]);
  expect(faultsOf(readMapping({ kind: "events", user_id: "u" })).map((fault) => fault.code)).toEqual(["no_event"]);
  expect(faultsOf(draft({ user_id: "u", "consents.1.column": "订阅" }))).toEqual([{ code: "consent_unfinished", column: "订阅" }]);
});

test("a column's uses are changed in their place and the other columns keep theirs", () => {
  const before = draft({ user_id: "手机", phone: "手机", "traits.name": "姓名" });
  const changed = withUse(before, "手机", 1, { to: "anonymous_id" });
  expect(changed.uses.map((use) => `${use.column} ${use.target.to}`)).toEqual(["手机 user_id", "手机 anonymous_id", "姓名 value"]);
  expect(withUse(changed, "手机", 0, null).uses.map((use) => use.target.to)).toEqual(["anonymous_id", "value"]);
});

test("a file of events keeps what only members have as plain values", () => {
  const events = ofKind(draft({ user_id: "u", email: "邮箱" }), "events");
  expect(printMapping(events)).toMatchObject({ kind: "events", user_id: "u", "properties.email": "邮箱" });
  expect(faultsOf(events).map((fault) => fault.code)).toEqual(["no_event"]);
});

test("a date that reads in two ways is answered by choosing one, for a trait and for the time of events", () => {
  const dates = column({ name: "d", type: "date", ambiguous_dates: ["d/m/y", "m/d/y"] });
  const asked = question("ambiguous_dates", "d");
  const answers = answersTo(asked, dates);
  expect(answers.map((answer) => answer.form)).toEqual(["d/m/y", "m/d/y"]);
  const trait = answers[0]!.apply(draft({ user_id: "u", "traits.since": "d" }));
  expect(printMapping(trait)["traits.since"]).toBe("d:date(d/m/y)");
  expect(givenAnswer(asked, answers, trait)).toBe("d/m/y");
  const time = readMapping({ kind: "events", event: "=E", user_id: "u", timestamp: "d" });
  expect(isOpen(asked, dates, time)).toBe(true);
  const answered = answers[1]!.apply(time);
  expect(printMapping(answered).timestamp_format).toBe("m/d/y");
  expect(isOpen(asked, dates, answered)).toBe(false);
});

test("numbers of two readings hold the import up until they are answered, unless they stay texts or out", () => {
  const asked = question("ambiguous_numbers", "n");
  const numbers = column({ name: "n", type: "number" });
  expect(isOpen(asked, numbers, draft({ user_id: "u", "traits.n": "n:number" }))).toBe(true);
  expect(isOpen(asked, numbers, draft({ user_id: "u", "traits.n": "n:number(comma)" }))).toBe(false);
  expect(isOpen(asked, numbers, draft({ user_id: "u", "traits.n": "n" }))).toBe(false);
  expect(isOpen(asked, numbers, draft({ user_id: "u" }))).toBe(false);
});

test("every other question has its answers, and each says that it was given", () => {
  const odd = column({ name: "c", date_format: "y-m-d", separators: ["semicolon", "comma"] } as never);
  const start = draft({ user_id: "u", "traits.c": "c", tags: "c" });
  const answer = (code: string, key: string) => {
    const answers = answersTo(question(code, "c"), odd);
    const given = answers.find((one) => (one.form ?? one.key) === key)!.apply(start);
    return [printMapping(given), givenAnswer(question(code, "c"), answers, given)] as const;
  };
  expect(answer("not_all_are_numbers", "reject_others")).toEqual([expect.objectContaining({ "traits.c": "c:number" }), "reject_others"]);
  expect(answer("some_cells_do_not_fit", "reject_others")[0]["traits.c"]).toBe("c:date(y-m-d)");
  expect(answer("several_separators", "comma")).toEqual([expect.objectContaining({ tags_separator: "comma" }), "comma"]);
  expect(answer("may_be_consent", "is_consent")).toEqual([expect.objectContaining({ "consents.1.column": "c" }), "is_consent"]);
  expect(isOpen(question("user_id_is_missing"), undefined, draft({ "traits.c": "c" }))).toBe(true);
});

test("the wizard stands where the server is, and nobody goes back behind a start", () => {
  const at = (state: string) => stepOf({ state });
  expect(["uploaded", "preview_failed", "previewing", "previewed", "queued", "running", "done", "failed", "cancelled"].map(at)).toEqual([
    "columns", "columns", "preview", "preview", "run", "run", "run", "run", "run",
  ]);
  expect(shownStep({ state: "previewed" }, "columns")).toBe("columns");
  expect(shownStep({ state: "running" }, "columns")).toBe("run");
  expect(shownStep({ state: "uploaded" }, "preview")).toBe("columns");
});

test("the time left follows from the pace, and is not made up without one", () => {
  expect(secondsLeft({ rows: 1000, total: 3000, rows_per_second: 400 })).toBe(5);
  expect(secondsLeft({ rows: 1000, total: 3000 })).toBeNull();
  expect(secondsLeft({ rows: 3000, total: 3000, rows_per_second: 9 })).toBeNull();
  expect(secondsLeft(null)).toBeNull();
});
