import { expect, test } from "vitest";
import { Problem } from "@/lib/api";
import { bodyOf, clashes, NO_PARTS, partsOf, pathOf, placeOf, sameDraft, withPart, type Draft } from "./draft";
import { around, changedLines } from "./lines";
import { marksIn, offsetOf, sorted, warningsOfProblem, type Warning } from "./lint";
import { blockFor, groupsOf, includeOf, inserted, matching, spelt, tagFor, type VariableGroup } from "./variables";

const draft: Draft = { name: "A", channel_kind: "email", parts: { ...NO_PARTS, subject: "Hi" }, translations: {}, rules: {}, strict: false };
const warning = (part: Partial<Warning>): Warning => ({ code: "x", severity: "warning", path: "html", en: "", zh: "", ...part });

test("a place of the server is found in a text with characters of any width", () => {
  expect(offsetOf("ab\ncd", 2, 2)).toBe(4);
  expect(offsetOf("你好{{ x }}", 1, 3)).toBe(2);
  expect(offsetOf("🍷🍷{{ x }}", 1, 3)).toBe(4);
  expect(offsetOf("ab", 9, 9)).toBe(2);
  expect(offsetOf("", 1, 1)).toBe(0);
});

test("a warning is marked from its tag's beginning to its end, in its own part only", () => {
  const text = "<p>\n  {{ member.nmae }} x";
  const [mark] = marksIn(text, "html", [warning({ line: 2, column: 3 })]);
  expect(text.slice(mark!.from, mark!.to)).toBe("{{ member.nmae }}");
  expect(marksIn(text, "subject", [warning({ line: 2, column: 3 })])).toEqual([]);
  expect(marksIn(text, "html", [warning({})])).toEqual([]);
  expect(marksIn("", "html", [warning({ line: 1 })])[0]).toMatchObject({ from: 0, to: 0 });
});

test("what the server refuses stands among the warnings, at the line that it names", () => {
  const problem = new Problem("invalid_template", 422, "t", null, "", [{ path: "html", code: "invalid_template", message: "syntax error (in line 12)" }]);
  expect(warningsOfProblem(problem)).toMatchObject([{ severity: "error", path: "html", line: 12 }]);
  expect(warningsOfProblem(new Problem("internal", 500, "t"))).toEqual([]);
});

test("errors come before warnings and hints", () => {
  const found = sorted([warning({ severity: "hint" }), warning({ severity: "error", line: 9 }), warning({ severity: "warning" })]);
  expect(found.map((one) => one.severity)).toEqual(["error", "warning", "hint"]);
});

test("a variable is put in with what stands instead of it, spelt so that the engine reads it", () => {
  const variable = (path: string, type = "text", may_be_missing = true) => ({ path, type, may_be_missing, en: path, zh: path });
  const name = variable("member.name");
  expect(tagFor(name, "text", { fallback: '老"朋友"' })).toBe('{{ member.name|fallback("老\\"朋友\\"") }}');
  expect(tagFor(name, "html")).toBe("{{ member.name }}");
  expect(tagFor(variable("member.points", "number"), "html")).toBe("{{ member.points|number }}");
  expect(tagFor(variable("member.birthday", "date"), "html", { fallback: "soon" })).toBe('{{ member.birthday|date("long")|fallback("soon") }}');
  expect(tagFor(variable("workspace.name", "text", false), "text", { fallback: "x" })).toBe("{{ workspace.name }}");
  expect(spelt("member.First Name")).toBe('member["First Name"]');
  expect(spelt("member.姓名")).toBe("member.姓名");
  expect(tagFor(name, "json")).toBe("{{ member.name|tojson }}");
});

test("a link becomes one where there can be links", () => {
  const link = { path: "unsubscribe_url", type: "link", may_be_missing: false, en: "", zh: "" };
  expect(tagFor(link, "html", { linkText: "退订" })).toBe('<a href="{{ unsubscribe_url }}">退订</a>');
  expect(tagFor(link, "text", { linkText: "退订" })).toBe("{{ unsubscribe_url }}");
});

test("blocks and partials are named as the engine wants them", () => {
  expect(blockFor("vip", "x")).toBe("{% if rules.vip %}x{% endif %}");
  expect(blockFor("老客", "")).toBe('{% if rules["老客"] %}{% endif %}');
  expect(includeOf("footer")).toBe('{% include "footer" %}');
});

test("a piece takes the place of the selection and the cursor stands behind it", () => {
  expect(inserted("Hello NAME!", 6, 10, "{{ x }}")).toEqual({ text: "Hello {{ x }}!", cursor: 13 });
});

test("variables are found by path and by title", () => {
  const item = (path: string, zh: string) => ({ path, zh, en: path, type: "text", may_be_missing: true, filters: [] });
  const group = (root: string, items: ReturnType<typeof item>[]) => ({ root, en: root, zh: root, items, events: [] });
  const email = item("member.email", "邮箱");
  const groups: VariableGroup[] = groupsOf([group("member", [item("member.city", "城市"), email, email]), group("links", [item("unsubscribe_url", "退订")]), group("none", [])]);
  expect(groups.map((one) => one.items.length)).toEqual([2, 1]);
  expect(groups[1]?.items[0]?.type).toBe("link");
  expect(matching(groups, "城").flatMap((group) => group.items.map((item) => item.path))).toEqual(["member.city"]);
  expect(matching(groups, "").length).toBe(2);
});

test("a part of a language is its own, and what says nothing is not sent", () => {
  const changed = withPart(draft, "zh", "subject", "你好");
  expect(partsOf(changed, "zh").subject).toBe("你好");
  expect(partsOf(changed, "all").subject).toBe("Hi");
  expect(Object.keys(bodyOf(changed).translations ?? {})).toEqual(["zh"]);
  expect(bodyOf(withPart(changed, "zh", "subject", "")).translations).toEqual({});
  expect(sameDraft(withPart(changed, "zh", "subject", ""), draft)).toBe(true);
  expect(placeOf(pathOf("zh", "mjml"))).toEqual({ variant: "zh", part: "mjml" });
  expect(placeOf("rules.vip")).toBeNull();
});

test("the order in which rules were written is no change", () => {
  expect(sameDraft({ ...draft, rules: { a: { x: 1, y: 2 } } }, { ...draft, rules: { a: { y: 2, x: 1 } } })).toBe(true);
  expect(sameDraft({ ...draft, rules: { a: 1 } }, { ...draft, rules: { a: 2 } })).toBe(false);
});

test("a conflict names each part in which the two are not alike, and no other", () => {
  const theirs = withPart({ ...draft, rules: { vip: { tag: "vip" } } }, "all", "subject", "Hello");
  expect(clashes(draft, theirs).map((one) => one.path)).toEqual(["subject", "rules.vip"]);
  expect(clashes(draft, draft)).toEqual([]);
});

test("changes of a text are its lines that went and came, with the common ones kept", () => {
  const lines = changedLines("a\nb\nc\nd", "a\nx\nc\nd\ne");
  expect(lines.map((line) => `${line.kind[0]}${line.text}`)).toEqual(["sa", "gb", "nx", "sc", "sd", "ne"]);
  expect(changedLines("a", "a")).toEqual([{ kind: "same", text: "a" }]);
  const long = Array.from({ length: 30 }, (_, index) => `${index}`);
  const shown = around(changedLines(long.join("\n"), [...long.slice(0, 15), "new", ...long.slice(15)].join("\n")));
  expect(shown.filter((line) => line === null).length).toBe(2);
  expect(shown.length).toBe(7);
});
