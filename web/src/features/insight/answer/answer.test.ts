import type { TFunction } from "i18next";
import { describe, expect, test } from "vitest";
import { csvOf } from "@/lib/export/csv";
import { palettes } from "@/ui/theme/tokens";
import type { Answered, Asked, FunnelStep, TrendSeries } from "../api/types";
import { exampleFor } from "../question/example";
import { titleOf } from "../question/title";
import { moved } from "../builder/reorder";
import { fileTable, roomOf } from "./drawn";
import { drawDistribution } from "./counts";
import { drawAttribution } from "./attribution";
import { drawFunnel } from "./funnel";
import { drawLifecycle } from "./lifecycle";
import { drawPath } from "./path";
import { drawRetention } from "./retention";
import { drawTrend, shownSeries } from "./trend";
import { partsOfLength, type AnswerWords } from "./words";

const words: AnswerWords = {
  t: ((key: string, options?: object) => (options ? `${key} ${JSON.stringify(options)}` : key)) as unknown as TFunction<"insight">,
  number: (value) => String(value), percent: (share) => (share === null || share === undefined ? "–" : `${Math.round(share * 100)}%`), duration: (seconds) => `${seconds}s`,
  moment: (at) => at.slice(0, 10), event: (name) => name ?? "any", property: (name) => name, group: ({ key, rest }) => (rest ? "others" : (key ?? "none")),
  palette: palettes.light, colours: ["1", "2", "3", "4", "5", "6", "7"],
};
const wide = roomOf(false, false);
const answered: Answered = { range: { from: "2026-11-01T00:00:00Z", to: "2026-12-01T00:00:00Z" }, zone: "UTC", took_ms: 1, as_of: "2026-11-23T00:00:00Z", definition: { en: "", zh: "" } };

const step = (event: string, members: number): FunnelStep => ({ event, members, of_first: null, of_previous: null, median_seconds: null, average_seconds: null });
const funnel = (more: Partial<Asked<"funnel">["answer"]> = {}): Asked<"funnel"> => ({
  question: { steps: [{ event: "A" }, { event: "B" }, { event: "C" }] },
  answer: { ...answered, steps: [step("A", 200), step("B", 50), step("C", 0)], groups: [], time_to_convert: { members: 0, median_seconds: null, average_seconds: null, p90_seconds: null, buckets: [] }, ...more },
});

describe("a funnel", () => {
  test("has shares of the first step and of the one before, and counts whom it lost", () => {
    const { table } = drawFunnel(funnel(), words, wide);
    expect(table.rows.map((row) => row.map((cell) => cell.raw))).toEqual([
      ["1 A", 200, 1, "", "", "", ""],
      ["2 B", 50, 0.25, 0.25, 150, "", ""],
      ["3 C", 0, 0, 0, 50, "", ""],
    ]);
  });

  test("leads from each number to those behind it, and from none to nobody", () => {
    const { table, pointOf } = drawFunnel(funnel(), words, wide);
    expect(table.rows[1]?.[1]?.point).toEqual({ step: 2, reached: true });
    expect(table.rows[1]?.[4]?.point).toEqual({ step: 2, reached: false });
    expect(table.rows[2]?.[1]?.point).toBeUndefined();
    expect(pointOf({ seriesIndex: 0, dataIndex: 1, data: null })).toEqual({ step: 2, reached: true });
    expect(pointOf({ seriesIndex: 1, dataIndex: 2, data: null })).toEqual({ step: 3, reached: false });
  });

  test("draws the time before first, of which nobody can be listed", () => {
    const { pointOf, figures } = drawFunnel(funnel(), words, wide, funnel({ steps: [step("A", 100), step("B", 50), step("C", 10)] }));
    expect(pointOf({ seriesIndex: 0, dataIndex: 1, data: null })).toBeNull();
    expect(pointOf({ seriesIndex: 1, dataIndex: 1, data: null })).toEqual({ step: 2, reached: true });
    expect(figures[0]?.compare).toEqual({ now: 0, before: 0.1, isShare: true });
  });

  test("draws seven groups and says how many more there are; all are in the table", () => {
    const groups = Array.from({ length: 9 }, (_, at) => ({ key: at < 8 ? `g${at}` : null, rest: at === 8, steps: [step("A", 10), step("B", 5), step("C", 1)] }));
    const { option, pictureNote, table, pointOf } = drawFunnel(funnel({ groups }), words, wide);
    expect((option?.series as unknown[]).length).toBe(7);
    expect(pictureNote).toContain('"count":2');
    expect(table.rows).toHaveLength(3 + 27);
    // The others together have no value by which they could be asked for: they are asked for as the rest.
    expect(table.rows.at(-1)?.[2]?.point).toEqual({ step: 3, reached: true, rest: true });
    expect(table.rows.at(-4)?.[2]?.point).toEqual({ step: 3, reached: true, group: "g7" });
    expect(pointOf({ seriesIndex: 2, dataIndex: 1, data: null })).toEqual({ step: 2, reached: true, group: "g2" });
  });

  test("in which nobody began is empty rather than divided by zero", () => {
    const drawn = drawFunnel(funnel({ steps: [step("A", 0), step("B", 0), step("C", 0)] }), words, wide);
    expect(drawn.isEmpty).toBe(true);
    expect(drawn.figures[0]?.text).toBe("–");
  });
});

describe("a trend", () => {
  const series = (name: string, values: (number | null)[], more: Partial<TrendSeries> = {}): TrendSeries => ({
    key: name, name, group: null, rest: false, event: "A", measure: "events", total: values.reduce<number>((sum, value) => sum + (value ?? 0), 0), previous: null,
    points: values.map((value, at) => ({ t: `2026-11-0${at + 1}T00:00:00Z`, value })), ...more,
  });
  const trend = (all: TrendSeries[], question: Partial<Asked<"trend">["question"]> = {}): Asked<"trend"> => ({ question: { series: [{ name: "A", event: "A", measure: "events" }], ...question }, answer: { ...answered, series: all } });

  test("leads from a point to its members, and not from a dashed line or a formula", () => {
    const before = { total: 3, points: [{ t: "2026-10-01T00:00:00Z", value: 3 }] };
    const drawn = drawTrend(trend([series("A", [1, 2], { previous: before }), series("F1", [4, 5])], { formulas: [{ name: "F1", expression: "A * 2" }] }), words, wide);
    expect(drawn.pointOf({ seriesIndex: 0, dataIndex: 1, data: null })).toEqual({ series: "A", t: "2026-11-02T00:00:00Z" });
    expect(drawn.pointOf({ seriesIndex: 1, dataIndex: 0, data: null })).toBeNull();
    expect(drawn.pointOf({ seriesIndex: 2, dataIndex: 0, data: null })).toBeNull();
    expect(drawn.table.rows[1]?.some((cell) => cell.point)).toBe(false);
    expect(drawn.figures[0]?.compare).toEqual({ now: 3, before: 3 });
  });

  test("shows the largest groups of each series, the others together only if there is room", () => {
    const groups = (name: string, times: number) => [...Array.from({ length: 8 }, (_, at) => series(name, [at * times], { group: `g${at}` })), series(name, [99 * times], { rest: true })];
    expect(shownSeries(groups("A", 1)).map((one) => one.group)).toEqual(["g1", "g2", "g3", "g4", "g5", "g6", "g7"]);
    // However much larger the numbers of one of them are.
    expect(shownSeries([...groups("A", 1), ...groups("B", 1000)]).map((one) => one.name + String(one.group))).toEqual(["Ag5", "Ag6", "Ag7", "Bg5", "Bg6", "Bg7"]);
  });

  test("has the latest number of what looks back, and of what is computed of it", () => {
    const question = { series: [{ name: "A", event: "A", measure: "members" as const }, { name: "B", event: "A", measure: "members_30d" as const }], formulas: [{ name: "F1", expression: "A / B" }] };
    const all = [series("A", [100, 80, 1], { measure: "members", total: 150 }), series("B", [200, 400, 390], { measure: "members_30d", total: 500 }), series("F1", [0.5, 0.2, 0.01], { measure: null, total: 0.3 })];
    const drawn = drawTrend(trend(all, question), words, wide);
    expect(drawn.figures.map((figure) => figure.text)).toEqual(["150", "400", "0.2"]);
    expect(drawn.table.rows.map((row) => row[1]?.raw)).toEqual([150, 400, 0.2]);
    // The last period is still under way. A ratio would lie flat beneath its parts.
    expect((drawn.option?.series as { yAxisIndex: number }[]).map((line) => line.yAxisIndex)).toEqual([0, 0, 1]);
    expect(drawn.option?.yAxis).toHaveLength(2);
    expect(drawTrend(trend([series("A", [1, 2])]), words, wide).option?.yAxis).toHaveLength(1);
  });

  test("of nothing but zeros and gaps is empty", () => {
    expect(drawTrend(trend([series("A", [0, null])]), words, wide).isEmpty).toBe(true);
    expect(drawTrend(trend([series("A", [0, 1])]), words, wide).isEmpty).toBe(false);
  });
});

test("a cohort shows shares of itself, and marks the period that is under way", () => {
  const asked: Asked<"retention"> = {
    question: { start: { event: "A" }, return: { event: "A" }, unit: "week" },
    answer: { ...answered, cohorts: [{ start: "2026-11-02T00:00:00Z", size: 40, returned: [40, 10, 4], complete: 2 }], average: [1, 0.25], groups: [] },
  };
  const { table } = drawRetention(asked, words, wide);
  expect(table.rows[1]?.slice(2).map((cell) => cell.text)).toEqual(["100%", "25%", "10% *"]);
  expect(table.rows[1]?.[3]).toMatchObject({ heat: 0.25, point: { cohort: "2026-11-02T00:00:00Z", period: 1, returned: true } });
  expect(table.rows[0]?.at(-1)?.text).toBe("");
  // All of the cohort, also those who did not come back in its own period.
  expect(table.rows[1]?.[1]?.point).toEqual({ cohort: "2026-11-02T00:00:00Z", period: 0 });
});

test("who fell asleep stands below zero, and is counted as people", () => {
  const asked: Asked<"lifecycle"> = { question: { event: null, unit: "week" }, answer: { ...answered, points: [{ t: "2026-11-02T00:00:00Z", new: 5, returning: 9, resurrected: 1, dormant: 3, quick_ratio: 2 }] } };
  const drawn = drawLifecycle(asked, words, wide);
  const series = drawn.option?.series as { data: number[] }[];
  expect(series.map((one) => one.data[0])).toEqual([5, 9, 1, -3]);
  expect(drawn.table.rows[0]?.map((cell) => cell.raw)).toEqual(["2026-11-02", 5, 9, 1, 3, 2]);
  expect(drawn.pointOf({ seriesIndex: 3, dataIndex: 0, data: null })).toEqual({ t: "2026-11-02T00:00:00Z", state: "dormant" });
});

test("the figures of a life cycle are those of the last period that is over, and the one under way is marked", () => {
  const point = (t: string, quick: number) => ({ t, new: 5, returning: 9, resurrected: 1, dormant: 3, quick_ratio: quick });
  const points = [point("2026-11-02T00:00:00Z", 1), point("2026-11-09T00:00:00Z", 2), point("2026-11-16T00:00:00Z", 3), point("2026-11-23T00:00:00Z", 0.1)];
  const asked = (to: string): Asked<"lifecycle"> => ({ question: { event: null, unit: "week" }, answer: { ...answered, range: { ...answered.range, to }, points } });
  const drawn = drawLifecycle(asked("2026-11-30T00:00:00Z"), words, wide, asked("2026-11-23T00:00:00Z"));
  expect(drawn.figures[0]).toMatchObject({ text: "3", compare: { now: 3, before: 3 } });
  expect(drawn.figures[1]?.point).toEqual({ t: "2026-11-16T00:00:00Z", state: "new" });
  expect(drawn.table.rows.map((row) => row[0]?.text)).toEqual(["2026-11-02", "2026-11-09", "2026-11-16", "2026-11-23 *"]);
  expect(drawn.note).toContain('{"begun":"2026-11-23","period":"2026-11-16"}');
  expect(drawLifecycle(asked("2026-11-23T00:00:00Z"), words, wide)).toMatchObject({ figures: [{ text: "0.1" }, {}, {}, {}, {}], note: "lifecycle.note" });
});

test("without any touch no empty picture is drawn, and the table says so", () => {
  const asked = (touches: number): Asked<"attribution"> => ({
    question: { conversion: { event: "A" }, touch_by: "source" },
    answer: {
      ...answered, conversions: 10, value: 0, unattributed: { conversions: 10 - touches, value: 0 },
      touches: touches > 0 ? [{ key: "mail", rest: false, conversions: touches, value: 0, share: touches / 10 }] : [],
    },
  });
  expect(drawAttribution(asked(4), words, wide).option).not.toBeNull();
  const { option, isEmpty, table } = drawAttribution(asked(0), words, wide);
  expect([option, isEmpty]).toEqual([null, false]);
  expect(table.rows.map((row) => row[1]?.raw)).toEqual([10]);
});

test("a bucket of whole numbers is named by what is in it, one of amounts by its ends", () => {
  const buckets = [{ from: 1, to: 2, members: 3 }, { from: 2, to: 5, members: 2 }, { from: 5, to: null, members: 1 }];
  const asked = (measure: "count" | "sum"): Asked<"distribution"> => ({ question: { event: "A", measure }, answer: { ...answered, members: 6, mean: 2, median: 1, p90: 5, buckets, groups: [] } });
  const names = (measure: "count" | "sum") => drawDistribution(asked(measure), words, wide).table.rows.map((row) => row[0]?.text);
  expect(names("count")).toEqual(["1", 'bucket.between {"from":"2","to":"4"}', 'bucket.from {"from":"5"}']);
  expect(names("sum")[0]).toBe('bucket.between {"from":"1","to":"2"}');
});

test("amounts of a time before stand beside these only in the same buckets", () => {
  const amounts = (froms: number[]): Asked<"distribution"> => ({
    question: { event: "A", measure: "sum", property: "p" },
    answer: { ...answered, members: 6, mean: 2, median: 1, p90: 5, groups: [], buckets: froms.map((from, at) => ({ from, to: froms[at + 1] ?? null, members: 2 })) },
  });
  const drawn = (before: number[]) => drawDistribution(amounts([0, 500, 1000]), words, wide, amounts(before)).option?.series;
  expect(drawn([0, 500, 1000])).toHaveLength(2);
  expect(drawn([0, 200, 400])).toHaveLength(1);
});

test("a path keeps apart who did something else and who did nothing more", () => {
  const asked: Asked<"path"> = {
    question: { depth: 3 },
    answer: {
      ...answered, members: 10, ways: [],
      nodes: [{ step: 1, event: "A", rest: false, members: 10 }, { step: 2, event: "A", rest: false, members: 4 }, { step: 2, event: null, rest: true, members: 3 }],
      links: [{ step: 1, from: "A", to: "A", exit: false, members: 4 }, { step: 1, from: "A", to: null, exit: false, members: 3 }, { step: 1, from: "A", to: null, exit: true, members: 3 }],
    },
  };
  const drawn = drawPath(asked, words, wide);
  const [sankey] = drawn.option?.series as [{ data: { name: string; depth: number }[]; links: { source: string; target: string; value: number }[] }];
  expect(new Set(sankey.data.map((node) => node.name)).size).toBe(4);
  expect(new Set(sankey.links.map((link) => link.target)).size).toBe(3);
  expect(drawn.pointOf({ seriesIndex: 0, dataIndex: 0, dataType: "node", data: sankey.data[1] })).toEqual({ step: 2, event: "A" });
  expect(drawn.pointOf({ seriesIndex: 0, dataIndex: 0, dataType: "node", data: sankey.data[2] })).toEqual({ step: 2, rest: true });
  expect([0, 1, 2].map((dataIndex) => drawn.pointOf({ seriesIndex: 0, dataIndex, dataType: "edge", data: null }))).toEqual([
    { step: 1, event: "A", next: { event: "A" } }, { step: 1, event: "A", next: { rest: true } }, { step: 1, event: "A", next: { exit: true } },
  ]);
});

test("what came before an event is drawn towards it", () => {
  const asked: Asked<"path"> = {
    question: { anchor: { event: "B", side: "before" }, depth: 2 },
    answer: {
      ...answered, members: 5, ways: [{ events: ["A", "B"], members: 3, ended: true }],
      nodes: [{ step: 1, event: "B", rest: false, members: 5 }, { step: 2, event: "A", rest: false, members: 3 }],
      links: [{ step: 1, from: "B", to: "A", exit: false, members: 3 }, { step: 1, from: "B", to: null, exit: true, members: 2 }],
    },
  };
  const drawn = drawPath(asked, words, wide);
  const [sankey] = drawn.option?.series as [{ data: { name: string; depth: number; label: { formatter: string } }[]; links: { source: string; target: string; value: number }[] }];
  const labelOf = (name: string) => sankey.data.find((node) => node.name === name)?.label.formatter;
  expect(sankey.links.map((link) => [labelOf(link.source), labelOf(link.target)])).toEqual([["A", "B"], ["path.entry", "B"]]);
  expect(sankey.data.map((node) => [node.label.formatter, node.depth])).toEqual([["B", 1], ["A", 0], ["path.entry", 0]]);
  expect(drawn.table.rows.map((row) => row[0]?.text)).toEqual(["0", "-1"]);
  expect(drawn.also?.[0]?.table.rows[0]?.[0]?.text).toBe("path.entry → A → B");
});

test("a value that a spreadsheet would take for a formula is harmless in a file, and numbers stay numbers", async () => {
  const groups = [{ key: '=HYPERLINK("http://bad.example")', rest: false, steps: [step("A", 1200), step("B", 5), step("C", 1)] }];
  const { head, rows } = fileTable(drawFunnel(funnel({ groups }), words, wide).table);
  const reader = new FileReader();
  const read = new Promise<string>((resolve) => {
    reader.onload = () => resolve(String(reader.result));
  });
  reader.readAsText(csvOf([head, ...rows.map((row) => row.map(String))]));
  const text = await read;
  expect(text).toContain(`"'=HYPERLINK(""http://bad.example"")",1 A,1200,1,`);
  expect(text).not.toMatch(/(^|,)"?=/m);
});

test("a length of time has its two largest parts", () => {
  const said = (seconds: number) => partsOfLength(seconds).map(({ unit, count }) => `${count}${unit}`).join(" ");
  expect([0, 59, 60, 3661, 86_400, 90_061, 950_400].map(said)).toEqual(["0s", "59s", "1m", "1h 1m", "1d", "1d 1h", "11d"]);
});

test("an example asks for events that the workspace has", () => {
  const example = exampleFor("funnel", ["Message Posted", "Order Completed", "Page Viewed"]);
  expect(example.steps.map((one) => one.event)).toEqual(["Message Posted", "Page Viewed", "Order Completed"]);
  expect(exampleFor("trend", ["Page Viewed"]).series.map((one) => one.event)).toEqual([null, "Page Viewed"]);
});

test("an example of touches tells them apart by a property only where events have it", () => {
  const events = ["Page Viewed", "Order Completed", "Article Read"];
  expect(exampleFor("attribution", events, ["utm_source", "city"])).toMatchObject({ touch_by: "utm_source" });
  const own = exampleFor("attribution", events, ["city"]);
  expect(own).toMatchObject({ conversion: { event: "Order Completed" }, touches: [{ event: "Page Viewed" }, { event: "Article Read" }] });
  expect(own.touch_by).toBeUndefined();
});

test("a trend is called by what it counts of which event, and of which property", () => {
  const series = [{ name: "A", event: "A", measure: "members" as const }, { name: "B", event: "B", measure: "sum" as const, property: "p" }];
  const called = (of: typeof series) => titleOf("trend", { series: of }, { ...words, t: ((key: string, said: object) => [key, ...Object.values(said ?? {})].join("|")) as unknown as TFunction<"insight"> });
  expect(called(series.slice(0, 1))).toBe("title.series|A|measure.members");
  expect(called(series)).toBe("title.series|A|measure.members" + "trend.between" + "title.series|B|measureOf|measure.sum|p");
});

test("a step moves by dragging or keys, and never out of the list", () => {
  expect(moved(["a", "b", "c"], 0, 2)).toEqual(["b", "c", "a"]);
  expect(moved(["a", "b", "c"], 2, 0)).toEqual(["c", "a", "b"]);
  expect(moved(["a", "b"], 0, -1)).toEqual(["a", "b"]);
  expect(moved(["a", "b"], 1, 2)).toEqual(["a", "b"]);
});
