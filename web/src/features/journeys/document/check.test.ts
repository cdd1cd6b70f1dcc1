import { describe, expect, it } from "vitest";
import { check } from "./check";
import { diff, marksOf } from "./diff";
import { takenOf } from "./figures";
import { spotOf } from "./paths";
import { isPeriod, readPeriod, writePeriod } from "./periods";
import { welcome } from "./samples";
import type { Json } from "./types";
import { waysOf } from "./ways";
import { parseDocument, writeDocument } from "./wire";

const withStep = (step: Json) => parseDocument({ entry: { event: "A" }, start: "s1", steps: { s1: step } });
const found = (step: Json) => check(withStep(step)).map((one) => `${one.field}:${one.code}`);

describe("the check", () => {
  it("has nothing against a whole document", () => {
    expect(check(welcome)).toEqual([]);
  });

  it("tells what each kind of step lacks, at the field", () => {
    expect(found({ type: "wait" })).toContain("for:wait_kind");
    expect(found({ type: "wait", for: "-P1D" })).toContain("for:period");
    expect(found({ type: "wait", event: "" })).toContain("event:missing");
    expect(found({ type: "wait", window: { from: "09:00", to: "09:00" } })).toContain("window:window");
    expect(found({ type: "wait", window: { days: ["mon"] } })).toEqual([]);
    expect(found({ type: "wait", until: { at: "09:00" } })).toContain("until.trait:missing");
    expect(found({ type: "branch", cases: [] })).toContain("cases:cases");
    expect(found({ type: "branch", cases: [{ when: {} }] })).toContain("cases[0].when:missing");
    expect(found({ type: "split", ways: [{ share: 0.5 }, { share: 0.4 }] })).toContain("ways:shares");
    expect(found({ type: "holdout" })).toContain("share:share");
    expect(found({ type: "send", channel: "email" })).toContain("template:missing");
    expect(found({ type: "tag" })).toContain("add:tags");
    expect(found({ type: "set", traits: {} })).toContain("traits:traits");
    expect(found({ type: "task" })).toContain("title:missing");
    expect(found({ type: "dance" })).toContain("type:unknown_type");
  });

  it("tells of edges to steps that are gone, of steps that nobody comes to, and of circles in no time", () => {
    expect(found({ type: "wait", for: "P1D", next: "s9" })).toContain("next:leads_nowhere");
    const lonely = parseDocument({ entry: { event: "A" }, start: "a", steps: { a: { type: "exit" }, b: { type: "exit" } } });
    expect(check(lonely)).toContainEqual({ step: "b", field: "", code: "unreachable", level: "warning" });
    const circle = (wait: Json) => parseDocument({ entry: { event: "A" }, start: "a", steps: { a: wait, b: { type: "tag", add: ["x"], next: "a" } } });
    expect(check(circle({ type: "wait", window: { from: "09:00", to: "18:00" }, next: "b" })).some((one) => one.code === "cycle")).toBe(true);
    expect(check(circle({ type: "wait", for: "PT1H", next: "b" }))).toEqual([]);
    expect(check(circle({ type: "wait", event: "A", next: "b" }))).toEqual([]);
  });
});

describe("paths of problems", () => {
  const document = parseDocument({ start: "a", steps: { a: { type: "exit" }, "a.b": { type: "exit" }, "mail[0]": { type: "exit" }, mail: { type: "exit" } } });
  it.each([
    ["document.steps.a.next", "a", "next"],
    ["document.steps.a.b.next", "a.b", "next"],
    ["document.steps.a.b", "a.b", ""],
    ["document.steps.a", "a", ""],
    ["document.steps.mail[0].template", "mail[0]", "template"],
    ["document.steps.mail.cases[0].when.all[2].within", "mail", "cases[0].when.all[2].within"],
    ["document.entry.date.trait", null, "entry.date.trait"],
    ["document.start", null, "start"],
    ["document", null, ""],
  ])("%s is of the step %s and its field %s", (path, step, field) => {
    expect(spotOf(path, document)).toEqual({ step, field });
  });
});

describe("what differs", () => {
  it("is what was added, removed and changed, and not where steps stand", () => {
    const wire = writeDocument(welcome) as { steps: Record<string, Json> };
    const kept = Object.fromEntries(Object.entries(wire.steps).filter(([name]) => name !== "thank"));
    const other = parseDocument({ ...wire, goal: null, layout: { greet: { x: 5, y: 5 } }, steps: { ...kept, late: { type: "exit" }, first_day: { type: "wait", for: "P2D", next: "speaks" } } });
    const all = diff(welcome, other);
    expect(all.added).toEqual(["late"]);
    expect(all.removed).toEqual(["thank"]);
    expect([...all.changed]).toEqual([["first_day", [{ field: "for", a: "P1D", b: "P2D" }]]]);
    expect(all.settings.map((one) => one.field)).toEqual(["goal"]);
    expect(marksOf(all, "a").get("thank")).toBe("removed");
    expect(marksOf(all, "b").get("late")).toBe("added");
  });

  it("is nothing between a document and itself, nor between a missing way and one that ends", () => {
    expect(diff(welcome, welcome).isSame).toBe(true);
    expect(diff(withStep({ type: "tag", add: ["a"] }), withStep({ type: "tag", add: ["a"], next: null, remove: [] })).isSame).toBe(true);
  });
});

describe("durations", () => {
  it("are read as a number with a unit and written the same", () => {
    for (const text of ["P3D", "PT10M", "P1M", "-P7D", "PT2H", "P2W", "P1Y"]) expect(writePeriod(readPeriod(text)!)).toBe(text);
    expect(readPeriod("P1DT2H")).toBeNull();
  });

  it("are told from what the server would not take", () => {
    for (const text of ["P1D", "P1DT2H", "PT0.5S", "P1Y2M3D"]) expect(isPeriod(text)).toBe(true);
    for (const text of ["", "P", "PT", "1D", "P0D", "-P1D", "P1DT"]) expect(isPeriod(text)).toBe(false);
    expect(isPeriod("-P1D", true)).toBe(true);
  });
});

describe("numbers on ways", () => {
  const taken = (step: Json, figures: Record<string, number>, entered: number | null = 10, waiting = 0) => {
    const read = withStep(step).steps.s1!;
    return waysOf(read).map((way) => takenOf(read, way, { entered, waiting, ways: figures }));
  };
  it("are the same in the spelling of reports and of simulations", () => {
    const branch = { type: "branch", cases: [{ when: {} }, { when: {} }], else: null };
    expect(taken(branch, { "case 0": 3, "case 1": 2, else: 5 })).toEqual([3, 2, 5]);
    expect(taken(branch, { case_0: 3, case_1: 2, else: 5 })).toEqual([3, 2, 5]);
    const task = { type: "task", title: "x", due: "P1D", outcomes: { won: null } };
    expect(taken(task, { "outcome won": 4, task_expired: 1, task_done: 2 })).toEqual([4, 2, 1]);
    expect(taken(task, { "task_done: won": 4, task_expired: 1, task_done: 2 })).toEqual([4, 2, 1]);
  });

  it("of a plain step are those who came and neither stand there nor left", () => {
    expect(taken({ type: "tag", add: ["a"] }, { exited: 1, moved: 1 }, 10, 3)).toEqual([5]);
    expect(taken({ type: "wait", event: "A", timeout: "P1D" }, { met: 4, timed_out: 2 })).toEqual([4, 2]);
    expect(taken({ type: "send" }, {}, null)).toEqual([null]);
  });
});
