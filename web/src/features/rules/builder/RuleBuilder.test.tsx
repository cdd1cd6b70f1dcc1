import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { fireEvent, render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { App } from "antd";
import i18next from "i18next";
import { useState } from "react";
import { initReactI18next } from "react-i18next";
import { beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { FieldProblem } from "@/lib/api";
import rules from "@/messages/en/rules.json";
import ui from "@/messages/en/ui.json";
import type { RuleJson } from "../model/grammar";
import { readRoot, writeRoot } from "../model/tree";
import { unfinishedParts } from "../model/unfinished";
import { RuleBuilder } from "./RuleBuilder";
import { valueFor } from "./TestChips";
import { readingsOf } from "./ValueChip";

beforeAll(async () => {
  const resources = { en: { rules, ui } };
  await i18next.use(initReactI18next).init({ lng: "en", resources, defaultNS: "ui", interpolation: { escapeValue: false } });
});

// Lists of antd watch their size, which jsdom has not. Many fields take their time on a slow machine.
vi.setConfig({ testTimeout: 30_000 });
class NoResize {
  observe = () => undefined;
  unobserve = () => undefined;
  disconnect = () => undefined;
}

beforeEach(() => {
  vi.stubGlobal("ResizeObserver", NoResize);
  vi.stubGlobal("fetch", () => Promise.resolve(new Response(JSON.stringify({ items: [], complete: true }), { headers: { "content-type": "application/json" } })));
});

let value: RuleJson | null;
const told = vi.fn();

function House({ first, problems }: { first: RuleJson | null; problems?: FieldProblem[] }) {
  const [rule, setRule] = useState(first);
  value = rule;
  return (
    <RuleBuilder
      value={rule}
      problems={problems}
      onChange={(next) => {
        told(next);
        setRule(next);
      }}
    />
  );
}

function show(first: RuleJson | null, problems?: FieldProblem[]) {
  told.mockClear();
  const queries = new QueryClient();
  return render(
    <QueryClientProvider client={queries}>
      <App>
        <House first={first} problems={problems} />
      </App>
    </QueryClientProvider>,
  );
}

const lines = () => [...document.querySelectorAll<HTMLElement>("[data-node]")];
const lineOf = (index: number) => lines()[index] as HTMLElement;
const sentence = () => document.querySelector(".h-rule-head .h-rule-sentence")?.textContent;

async function pick(user: ReturnType<typeof userEvent.setup>, box: HTMLElement, label: string) {
  await user.click(box);
  const options = await waitFor(() => {
    const found = [...document.querySelectorAll<HTMLElement>(".ant-select-item-option")].filter((one) => one.textContent?.includes(label) && one.offsetParent !== undefined);
    expect(found.length).toBeGreaterThan(0);
    return found;
  });
  await user.click(options.at(-1) as HTMLElement);
}

const bought = { event: "Order Completed", count: { op: "gte", value: 2 }, within: "P30D" };

describe("the rule builder", () => {
  test("reads every kind of condition without changing anything", () => {
    const whole = {
      all: [
        { trait: "city", op: "in", value: ["上海", "杭州"] }, { trait: "birthday", op: "exists", value: false }, { tag: "vip" }, { not: { stage: "fan" } }, { segment: "seg_1" },
        { group: "grp_1" }, bought, { event: "X", last: { property: "p", op: "prefix", value: "a" } }, { event: "X", sum: { property: "p", op: "lt", value: 3 } },
        { sequence: [{ event: "A" }, { event: "B", where: [{ property: "q", op: "eq", value: true }] }], within: "P1DT2H" },
        { been: { tag: "vip" }, for: "P3D" }, { any: [{ tag: "a" }, { not: { all: [{ tag: "b" }, { tag: "c" }] } }] }, { what: "is this" },
      ],
    };
    show(whole);
    expect(told).not.toHaveBeenCalled();
    expect(value).toEqual(whole);
    expect(screen.getAllByText('{"what":"is this"}')).toHaveLength(2);
    expect(lines()).toHaveLength(18);
  });

  test("turns a condition into its opposite, and back by undo", async () => {
    const user = userEvent.setup();
    show(bought);
    expect(sentence()).toBe("Members who ordered at least 2 times in the last 30 days");
    await pick(user, screen.getByRole("combobox", { name: "Whether it holds" }), "not those who");
    expect(value).toEqual({ not: bought });
    expect(sentence()).toBe("Members who ordered fewer than 2 times, or not at all, in the last 30 days");
    await user.click(screen.getByRole("button", { name: "Undo" }));
    expect(value).toEqual(bought);
    await user.click(screen.getByRole("button", { name: "Redo" }));
    expect(value).toEqual({ not: bought });
  });

  test("begins with nothing, and says what is to be filled in only where it is asked", async () => {
    const user = userEvent.setup();
    show(null);
    expect(screen.getByText("No condition yet")).toBeTruthy();
    await user.click(screen.getByRole("button", { name: /Add the first condition/ }));
    await user.click(await screen.findByText("Tag"));
    expect(value).toEqual({ tag: "" });
    expect(unfinishedParts(value)).toHaveLength(1);
    expect(screen.queryByRole("alert")).toBeNull();
  });

  test("takes a name that is in no list", async () => {
    const user = userEvent.setup();
    show({ tag: "" });
    const box = screen.getByRole("combobox", { name: "Tag" });
    await user.type(box, "my own");
    await pick(user, box, "my own");
    expect(value).toEqual({ tag: "my own" });
  });

  test("keeps a value that was typed and not chosen", async () => {
    const user = userEvent.setup();
    show({ trait: "city", op: "eq", value: "" });
    await user.type(screen.getByRole("combobox", { name: "Value" }), "苏州");
    await user.tab();
    await waitFor(() => expect(value).toEqual({ trait: "city", op: "eq", value: "苏州" }));
  });

  test("tells a problem at the condition concerned, and marks both of a contradiction", () => {
    const problems = [{ path: "rule.all[2]", code: "contradictory_rule", message: "contradicts rule.all[0]: nobody can be both" }];
    show({ all: [{ stage: "a" }, { tag: "x" }, { stage: "b" }] }, problems);
    expect(lines().map((line) => line.className.includes("is-wrong"))).toEqual([true, false, true]);
    expect(within(lineOf(2)).getByRole("alert").textContent).toContain("Contradicts a condition before it");
    expect(within(lineOf(0)).getByRole("alert").textContent).toContain("exclude each other");
  });

  test("tells what belongs to no condition below the rule", () => {
    show({ tag: "a" }, [{ path: "elsewhere", code: "x", message: "Something odd" }]);
    expect(screen.getByText("Something odd")).toBeTruthy();
  });

  test("is walked, moved in and cleared by the keyboard", () => {
    show({ all: [{ tag: "a" }, { tag: "b" }, { tag: "c" }] });
    fireEvent.keyDown(lineOf(0), { key: "ArrowDown", altKey: true });
    expect(value).toEqual({ all: [{ tag: "b" }, { tag: "a" }, { tag: "c" }] });
    lineOf(0).focus();
    fireEvent.keyDown(lineOf(0), { key: "ArrowDown" });
    expect(document.activeElement).toBe(lineOf(1));
    fireEvent.keyDown(lineOf(1), { key: "n" });
    expect(value).toEqual({ all: [{ tag: "b" }, { not: { tag: "a" } }, { tag: "c" }] });
    fireEvent.keyDown(lineOf(1), { key: "Delete" });
    expect(value).toEqual({ all: [{ tag: "b" }, { tag: "c" }] });
    fireEvent.keyDown(lineOf(0), { key: "d" });
    expect(value).toEqual({ all: [{ tag: "b" }, { tag: "b" }, { tag: "c" }] });
    fireEvent.keyDown(lineOf(0), { key: "z", ctrlKey: true });
    expect(value).toEqual({ all: [{ tag: "b" }, { tag: "c" }] });
  });

  test("takes a condition that was copied elsewhere, beside the line that has the focus", () => {
    show({ all: [{ tag: "a" }, { tag: "b" }] });
    const text = JSON.stringify({ event: "X", count: { op: "gte", value: 1 } });
    fireEvent.paste(lineOf(0), { clipboardData: { getData: () => text } });
    expect(value).toEqual({ all: [{ tag: "a" }, { event: "X", count: { op: "gte", value: 1 } }, { tag: "b" }] });
    fireEvent.paste(lineOf(0), { clipboardData: { getData: () => "just words" } });
    expect(told).toHaveBeenCalledTimes(1);
  });

  test("shows names as text, whatever stands in them", () => {
    const { container } = show({ all: [{ tag: "<img src=x onerror=alert(1)>" }, { trait: "<b>x</b>", op: "eq", value: "<script>1</script>" }] });
    expect(container.querySelector("img, script")).toBeNull();
    expect(sentence()).toContain("<img src=x onerror=alert(1)>");
  });

  test("takes a rule that was put in from outside, as a step that can be undone", async () => {
    const user = userEvent.setup();
    const { rerender } = render(<Outer rule={{ tag: "a" }} />);
    rerender(<Outer rule={{ tag: "b" }} />);
    expect(sentence()).toBe("Members tagged “b”");
    await user.click(screen.getByRole("button", { name: "Undo" }));
    expect(told).toHaveBeenLastCalledWith({ tag: "a" });
  });
});

function Outer({ rule }: { rule: RuleJson }) {
  const [queries] = useState(() => new QueryClient());
  return (
    <QueryClientProvider client={queries}>
      <App>
        <RuleBuilder value={rule} onChange={told} />
      </App>
    </QueryClientProvider>
  );
}

describe("a typed value", () => {
  test("is a number where it looks like one and nothing says otherwise", () => {
    expect(readingsOf("18", [], "eq")).toEqual([18, "18"]);
    expect(readingsOf("-1.5", ["number"], "gte")).toEqual([-1.5, "-1.5"]);
    expect(readingsOf("18", ["text"], "eq")).toEqual(["18", 18]);
    expect(readingsOf("0571", [], "eq")).toEqual(["0571", 571]);
    expect(readingsOf("2026-01-01", [], "gte")).toEqual(["2026-01-01"]);
    expect(readingsOf("5", [], "icontains")).toEqual(["5"]);
    expect(readingsOf("  ", [], "eq")).toEqual([]);
  });

  test("is kept when another way of comparing is chosen", () => {
    expect(valueFor("in", { op: "eq", value: "a" })).toEqual(["a"]);
    expect(valueFor("in", { op: "eq", value: "" })).toEqual([]);
    expect(valueFor("eq", { op: "in", value: ["a", "b"] })).toBe("a");
    expect(valueFor("prefix", { op: "eq", value: 5 })).toBe("5");
    expect(valueFor("eq", { op: "exists", value: true })).toBe("");
  });
});

test("what the builder writes for an untouched rule is what came in", () => {
  expect(writeRoot(readRoot(bought))).toEqual(bought);
});
