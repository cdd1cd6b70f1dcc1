import i18next from "i18next";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { LANGUAGES } from "@/lib/i18n/languages";
import en from "@/messages/en/rules.json";
import simplified from "@/messages/zh-CN/rules.json";
import traditional from "@/messages/zh-TW/rules.json";
import { KNOWN_EVENTS } from "../known-events";
import { MEASURES, OPERATORS, ORDER_OPERATORS, givesAnyValue, takesList, type RuleJson } from "../model/grammar";
import { fill, named, plain, textOf, typeset } from "./pattern";
import { conditionsOf, ruleToText } from "./sentence";
import { eventTitle, type Translate, type Words } from "./words";

// Thousands of sentences take their time on a slow machine.
vi.setConfig({ testTimeout: 30_000 });

const house = i18next.createInstance();
beforeAll(async () => {
  const resources = { en: { rules: en }, "zh-CN": { rules: simplified }, "zh-TW": { rules: traditional } };
  await house.init({ lng: "en", resources, defaultNS: "rules", interpolation: { escapeValue: false } });
});

const names: Words["names"] = {
  segment: (id) => (id === "seg_1" ? "Regulars" : undefined),
  stage: (key) => (key === "fan" ? "铁粉" : undefined),
  trait: (name) => (name === "points" ? "Punkte" : undefined),
  property: (name) => (name === "rating" ? "Stars" : undefined),
};

function wordsIn(language: string): Words {
  return { t: house.getFixedT(language, "rules") as unknown as Translate, language, names };
}

const inEach = (rule: RuleJson) => Object.fromEntries(LANGUAGES.map((language) => [language, ruleToText(rule, wordsIn(language))]));

const valueFor = (op: string) => (op === "exists" ? true : takesList(op) ? ["红", "blue"] : op === "gt" ? 5 : "x");

function everyCondition(): RuleJson[] {
  const where = OPERATORS.map((op) => ({ property: "colour", op, value: valueFor(op) }));
  const traits = OPERATORS.flatMap((op) => [
    { trait: "points", op, value: valueFor(op) },
    { trait: "city", op, value: valueFor(op) },
  ]);
  const events = MEASURES.flatMap((measure) =>
    (givesAnyValue(measure) ? OPERATORS : ORDER_OPERATORS).flatMap((op) =>
      [undefined, "P30D"].map((within) => {
        const test = { op, value: givesAnyValue(measure) ? valueFor(op) : 2 };
        const measured = measure === "count" ? test : { property: "revenue", ...test };
        return { event: "Order Completed", where: where.slice(0, 2), [measure]: measured, ...(within ? { within } : {}) };
      }),
    ),
  );
  return [
    ...traits,
    ...events,
    { trait: "points", op: "exists", value: false },
    ...where.map((filter) => ({ event: "Something Own", where: [filter] })),
    ...[0, 1].map((value) => ({ event: "Order Completed", count: { op: "lte", value } })),
    { tag: "vip" }, { stage: "fan" }, { stage: "unheard" }, { segment: "seg_1" }, { segment: "seg_gone" }, { group: "grp_1" },
    { sequence: ["Product Viewed", { event: "Order Completed", where: where.slice(0, 1) }], within: "P1D" },
    { sequence: ["A", "B", "C"] },
    { been: { tag: "vip" }, for: "P1DT2H" },
    { been: { all: [{ tag: "a" }, { event: "B" }] }, for: "PT30S" },
    { any: [{ tag: "a" }, { event: "B" }, { trait: "points", op: "gt", value: 1 }] },
    { all: [{ any: [{ tag: "a" }, { tag: "b" }] }, { stage: "fan" }] },
  ];
}

describe("the sentence of a rule", () => {
  test("has no key, no brace and no gap for any condition, operator, negation and language", () => {
    const broken: string[] = [];
    for (const rule of everyCondition()) {
      for (const one of [rule, { not: rule }, { all: [rule, { tag: "z" }] }]) {
        for (const [language, text] of Object.entries(inEach(one))) {
          const isBroken =
            /[{}[\]]|undefined|null|NaN|say\.|events\.|period\.|value\./.test(text) || / {2}|\(\)|（）|，，|^ | $/.test(text) || text.length < 5;
          if (isBroken) broken.push(`${language} ${JSON.stringify(one)}: ${text}`);
        }
      }
    }
    expect(broken).toEqual([]);
  });

  test("says something else for each operator, and for its opposite", () => {
    for (const language of LANGUAGES) {
      const said = OPERATORS.map((op) => ruleToText({ trait: "points", op, value: takesList(op) ? ["x", "y"] : "x" }, wordsIn(language)));
      expect(new Set(said).size, language).toBe(OPERATORS.length);
      for (const rule of everyCondition()) {
        expect(ruleToText({ not: rule }, wordsIn(language)), JSON.stringify(rule)).not.toBe(ruleToText(rule, wordsIn(language)));
      }
    }
  });

  test("shows what is unfinished as a gap rather than failing", () => {
    const unfinished: RuleJson[] = [
      { trait: "", op: "eq", value: "" }, { trait: "a", op: "in", value: [] }, { event: "" }, { tag: "" }, { sequence: [] }, { all: [] },
      { been: { tag: "" }, for: "" }, { event: "A", sum: { property: "", op: "gte", value: null } }, { what: 1 }, { not: {} },
    ];
    for (const rule of unfinished) {
      for (const language of LANGUAGES) expect(typeof ruleToText(rule, wordsIn(language))).toBe("string");
    }
    expect(ruleToText({ tag: "" }, wordsIn("en"))).toBe("Members tagged “…”");
    expect(ruleToText(null, wordsIn("en"))).toBe("No condition yet");
  });

  test("keeps whatever a name holds as it is", () => {
    const evil = "<script>{{verb}}[x]</script>";
    expect(ruleToText({ tag: evil }, wordsIn("en"))).toBe(`Members tagged “${evil}”`);
    expect(ruleToText({ event: evil }, wordsIn("zh-CN"))).toContain(evil);
  });

  test("has verbs in each language for all events that it knows", () => {
    for (const event of Object.keys(KNOWN_EVENTS)) {
      for (const language of LANGUAGES) expect(eventTitle(wordsIn(language), event)).not.toMatch(/events\.|\{/);
    }
  });

  test.each<[string, RuleJson]>([
    ["of the design", { all: [{ trait: "city", op: "in", value: ["上海"] }, { event: "Order Completed", count: { op: "gte", value: 2 }, within: "P30D" }, { not: { event: "Message Posted", within: "P7D" } }] }],
    ["three cities", { trait: "city", op: "in", value: ["上海", "杭州", "北京"] }],
    ["many cities", { trait: "city", op: "in", value: ["a", "b", "c", "d", "e", "f", "g", "h"] }],
    ["not in a city", { not: { trait: "city", value: "上海" } }],
    ["a number", { trait: "points", op: "gte", value: 12000 }],
    ["not a number", { not: { trait: "points", op: "gte", value: 12000 } }],
    ["a flag", { trait: "is_member", op: "eq", value: true }],
    ["known", { trait: "birthday", op: "exists", value: true }],
    ["unknown", { not: { trait: "birthday", op: "exists", value: true } }],
    ["any case", { trait: "source", op: "icontains", value: "red" }],
    ["tag and stage", { all: [{ tag: "vip" }, { not: { stage: "fan" } }] }],
    ["segment or group", { any: [{ segment: "seg_1" }, { group: "grp_7" }] }],
    ["ever", { event: "Order Completed" }],
    ["never", { not: { event: "Order Completed" } }],
    ["an event of one's own", { event: "Wine Tasted", within: "P3M" }],
    ["at most", { event: "Product Viewed", count: { op: "lte", value: 3 }, within: "PT12H" }],
    ["exactly once", { event: "Product Viewed", count: { op: "eq", value: 1 } }],
    ["not at least", { not: { event: "Product Viewed", count: { op: "gte", value: 3 }, within: "P1W" } }],
    ["with properties", { event: "Order Completed", where: [{ property: "revenue", op: "gte", value: 100 }, { property: "shop", op: "in", value: ["A", "B"] }], count: { op: "gt", value: 2 } }],
    ["sum", { event: "Order Completed", sum: { property: "revenue", op: "gte", value: 1500 }, within: "P90D" }],
    ["average", { event: "Order Completed", avg: { property: "revenue", op: "lt", value: 99.5 } }],
    ["not the average", { not: { event: "Order Completed", avg: { property: "revenue", op: "lt", value: 99.5 } } }],
    ["distinct", { event: "Order Completed", distinct: { property: "products.sku", op: "gte", value: 3 }, within: "P1Y" }],
    ["latest", { event: "Review Posted", last: { property: "rating", op: "lte", value: 3 }, within: "P7D" }],
    ["most frequent", { event: "Product Viewed", most_frequent: { property: "category", value: "礼盒" } }],
    ["sequence", { sequence: ["Product Viewed", { event: "Order Completed", where: [{ property: "revenue", op: "gt", value: 9 }] }], within: "P1D" }],
    ["no sequence", { not: { sequence: ["Product Viewed", "Order Completed"] } }],
    ["been", { been: { tag: "vip" }, for: "P3D" }],
    ["not any", { not: { any: [{ tag: "a" }, { event: "Order Completed" }] } }],
    ["nested", { all: [{ tag: "vip" }, { trait: "age", op: "gte", value: 18 }, { any: [{ event: "Order Completed", within: "P30D" }, { all: [{ stage: "fan" }, { tag: "b" }] }] }] }],
    ["mixed", { any: [{ event: "Order Completed" }, { tag: "x" }, { trait: "age", op: "lt", value: 20 }, { stage: "fan" }] }],
  ])("%s", (_, rule) => {
    expect(inEach(rule)).toMatchSnapshot();
  });

  test("leaves 'members' away on a branch", () => {
    expect(textOf(conditionsOf(wordsIn("en"), { event: "Order Completed", within: "P7D" }))).toBe("who ordered in the last 7 days");
  });
});

describe("a pattern", () => {
  test("leaves an optional part away when its slot is empty", () => {
    expect(textOf(fill("{{a}}[ in {{b}}].", { a: plain("x"), b: [] }))).toBe("x.");
    expect(textOf(fill("{{a}}[ in {{b}}].", { a: plain("x"), b: named("y") }))).toBe("x in y.");
  });

  test("sets Chinese apart from western letters and digits", () => {
    expect(textOf(typeset([...plain("城市"), ...named("city"), ...plain("是"), ...named("3"), ...plain("次")]))).toBe("城市 city 是 3 次");
  });
});
