import { describe, expect, it } from "vitest";
import { copySteps, pasteSteps } from "./clipboard";
import { addStep, changeStep, connect, moveSteps, removeSteps, setFields, setSettings } from "./edit";
import { freshStep } from "./fresh";
import { begin, change, redo, undo, type History } from "./history";
import { arrange, placesOf } from "./layout";
import { welcome } from "./samples";
import { ENTRY, STEP_TYPES, type JourneyDocument, type StepType } from "./types";
import { leadTo, waysOf } from "./ways";
import { emptyDocument, parseDocument, writeDocument } from "./wire";

/** Numbers that are the same in each run, so that a failure can be looked at. */
function dice(seed: number): (sides: number) => number {
  let state = seed * 2_654_435_761;
  return (sides) => {
    state = (Math.imul(state ^ (state >>> 15), 2_246_822_519) + 0x9e3779b9) | 0;
    return Math.abs(state >> 3) % sides;
  };
}

function pick<T>(roll: (sides: number) => number, items: readonly T[]): T | undefined {
  return items.length === 0 ? undefined : items[roll(items.length)];
}

/** Some edit that one could make on the canvas. */
function anyEdit(document: JourneyDocument, roll: (sides: number) => number): JourneyDocument {
  const names = Object.keys(document.steps);
  const name = pick(roll, names);
  const way = name && pick(roll, waysOf(document.steps[name]!));
  const type = pick(roll, STEP_TYPES) as StepType;
  switch (roll(7)) {
    case 0:
      return addStep(document, freshStep(type), { after: name && way ? { step: name, way: way.id } : { step: ENTRY, way: "start" } }).document;
    case 1:
      return addStep(document, freshStep(type), { at: { x: roll(900), y: roll(900) } }).document;
    case 2:
      return name && way ? connect(document, { step: name, way: way.id }, roll(4) === 0 ? null : (pick(roll, names) ?? null)) : document;
    case 3:
      return removeSteps(document, new Set(names.filter(() => roll(3) === 0)));
    case 4: {
      const text = copySteps(document, new Set(names.filter(() => roll(2) === 0)));
      return text ? (pasteSteps(document, text)?.document ?? document) : document;
    }
    case 5:
      return moveSteps(document, { ...arrange(document) });
    default:
      return name ? changeStep(document, name, setFields(document.steps[name]!, { title: `T${roll(99)}` })) : document;
  }
}

function expectValid(document: JourneyDocument) {
  const names = new Set(Object.keys(document.steps));
  if (document.start !== null) expect(names).toContain(document.start);
  for (const step of Object.values(document.steps)) {
    for (const way of waysOf(step)) if (way.to !== null) expect(names).toContain(way.to);
  }
  for (const place of Object.keys(document.layout)) expect(place === ENTRY || names.has(place)).toBe(true);
}

describe("edits of a journey", () => {
  it("leave no edge that leads nowhere and no place of a step that is gone, whatever is done", () => {
    for (let seed = 1; seed <= 24; seed += 1) {
      const roll = dice(seed);
      let document = seed % 2 ? welcome : emptyDocument;
      for (let turn = 0; turn < 20; turn += 1) {
        document = anyEdit(document, roll);
        expectValid(document);
        if (turn % 5 === 0) expect(Object.keys(placesOf(document)).sort()).toEqual([ENTRY, ...Object.keys(document.steps)].sort());
      }
    }
  });

  it("never change the document that they begin with", () => {
    const before = JSON.stringify(welcome);
    for (let seed = 1; seed <= 40; seed += 1) anyEdit(welcome, dice(seed));
    expect(JSON.stringify(welcome)).toBe(before);
  });

  it("are undone to exactly what was, and done again", () => {
    for (let seed = 1; seed <= 30; seed += 1) {
      const roll = dice(seed);
      let history: History<JourneyDocument> = begin(welcome);
      const states = [welcome];
      for (let turn = 0; turn < 15; turn += 1) {
        const next = anyEdit(history.present, roll);
        if (next !== history.present) states.push(next);
        history = change(history, next);
      }
      for (const state of [...states].reverse().slice(1)) {
        history = undo(history);
        expect(history.present).toBe(state);
      }
      for (const state of states.slice(1)) {
        history = redo(history);
        expect(history.present).toBe(state);
      }
    }
  });

  it("take letters of one field back together", () => {
    let history = begin("");
    history = change(history, "a", "title");
    history = change(history, "ab", "title");
    history = change(history, "ab!", "note");
    expect(undo(history).present).toBe("ab");
    expect(undo(undo(history)).present).toBe("");
  });

  it("put a step between two others, which lead through it", () => {
    const { document, name } = addStep(welcome, freshStep("tag"), { after: { step: "greet", way: "next" } });
    expect(name).toBe("tag_1");
    expect(document.steps.greet?.next).toBe("tag_1");
    expect(document.steps.tag_1?.next).toBe("first_day");
  });

  it("make room for what is put in, and leave what stands above where it is", () => {
    const placed = moveSteps(welcome, arrange(welcome));
    const { document } = addStep(placed, freshStep("tag"), { after: { step: "greet", way: "next" } });
    expect(document.layout.greet).toEqual(placed.layout.greet);
    expect(document.layout.first_day!.y).toBeGreaterThan(placed.layout.first_day!.y);
    expect(document.layout.tag_1!.y).toBeLessThan(document.layout.first_day!.y);
  });

  it("close the gap behind a removed step, also behind a whole chain", () => {
    expect(removeSteps(welcome, new Set(["first_day"])).steps.greet?.next).toBe("speaks");
    expect(removeSteps(welcome, new Set(["greet", "first_day"])).start).toBe("speaks");
    const circle = parseDocument({ start: "a", steps: { a: { type: "wait", for: "P1D", next: "b" }, b: { type: "tag", next: "a" } } });
    expect(removeSteps(circle, new Set(["a", "b"])).start).toBeNull();
  });

  it("lead each way of each kind of step elsewhere, and no other", () => {
    for (const step of Object.values(welcome.steps)) {
      for (const way of waysOf(step)) {
        const changed = leadTo(step, way.id, "elsewhere");
        expect(waysOf(changed).map((one) => one.to)).toEqual(waysOf(step).map((one) => (one.id === way.id ? "elsewhere" : one.to)));
      }
    }
  });

  it("take a setting away when it is undefined", () => {
    expect("goal" in setSettings(welcome, { goal: undefined }).settings).toBe(false);
  });
});

describe("copied steps", () => {
  it("come back under fresh names, with their ways among each other", () => {
    const text = copySteps(welcome, new Set(["speaks", "thank"]))!;
    const pasted = pasteSteps(welcome, text)!;
    expect(pasted.names).toEqual(["speaks_1", "thank_1"]);
    expect(pasted.document.steps.speaks_1).toMatchObject({ next: "thank_1", timeout_next: null });
    expect(pasted.document.steps.speaks).toBe(welcome.steps.speaks);
  });

  it("can be pasted into an empty journey, whose start they become", () => {
    const pasted = pasteSteps(emptyDocument, copySteps(welcome, new Set(["greet"]))!)!;
    expect(pasted.document.start).toBe("greet_1");
  });

  it("are not made of what is no copy of ours", () => {
    for (const text of ["", "hello", "[1]", '{"hearth":"rule"}', '{"hearth":"steps","steps":{}}', '{"hearth":"steps","steps":{"a":5}}']) {
      expect(pasteSteps(welcome, text)).toBeNull();
    }
  });
});

describe("the document", () => {
  it("comes back as it was, with what this app does not know", () => {
    const wire = { entry: { event: "A" }, colour: "red", start: "a", steps: { a: { type: "dance", partner: { name: "b" } } }, layout: { a: { x: 1, y: 2 }, $entry: { x: 0, y: 0 } } };
    expect(writeDocument(parseDocument(wire))).toEqual(wire);
  });

  it("is read however unfinished it is", () => {
    for (const wire of [null, [], "x", {}, { steps: [] }, { steps: { a: null } }, { start: 5, layout: { a: { x: "1" } } }]) {
      expect(() => placesOf(parseDocument(wire))).not.toThrow();
    }
  });

  it("keeps the order in which ways stand also below each other", () => {
    const places = arrange(welcome);
    expect(places.thank!.x).toBeLessThan(places.invite!.x);
    expect(places.greet!.y).toBeLessThan(places.first_day!.y);
  });
});
