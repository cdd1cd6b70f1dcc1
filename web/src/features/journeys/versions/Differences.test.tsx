import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen, within } from "@testing-library/react";
import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import { beforeAll, expect, test, vi } from "vitest";
import journeys from "../../../messages/en/journeys.json";
import rules from "../../../messages/en/rules.json";
import ui from "../../../messages/en/ui.json";
import type { Choices } from "../choices";
import { diff } from "../document/diff";
import type { Step } from "../document/types";
import { parseDocument } from "../document/wire";
import { Differences } from "./Differences";

const choices: Choices = {
  templates: new Map([
    ["tpl_1", { id: "tpl_1", name: "Welcome", channel_kind: "email" }],
    ["tpl_2", { id: "tpl_2", name: "Warm welcome", channel_kind: "email" }],
  ]),
  segments: new Map([["seg_1", { id: "seg_1", name: "Sleepers" }]]),
  channels: [],
  topics: [],
};

const before = {
  entry: { segment: "seg_1" },
  reentry: { policy: "never" },
  start: "greet",
  steps: {
    greet: { type: "send", title: "Greeting", channel: "email", template: "tpl_1", topic: "service", next: "pause" },
    pause: { type: "wait", for: "P1D", next: "which" },
    which: { type: "branch", cases: [{ when: { tag: "vip" }, next: "done" }], else: null },
    done: { type: "exit", next: null },
  },
};

beforeAll(async () => {
  vi.stubGlobal("fetch", async () => new Response("{}", { status: 404 }));
  await i18next.use(initReactI18next).init({ lng: "en", resources: { en: { journeys, rules, ui } }, interpolation: { escapeValue: false } });
});

/** The rows of what is shown: label, before, after. */
function rowsOf(after: unknown): string[][] {
  const [a, b] = [parseDocument(before), parseDocument(after)];
  render(
    <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
      <Differences found={diff(a, b)} a={a} b={b} choices={choices} labels={["Version 1", "Draft"]} />
    </QueryClientProvider>,
  );
  return screen.getAllByRole("row").filter((row) => within(row).queryByRole("rowheader")).map((row) => [...row.children].map((cell) => cell.textContent ?? ""));
}

const changed = (name: keyof typeof before.steps, more: object) => ({ ...before, steps: { ...before.steps, [name]: { ...before.steps[name], ...more } as unknown as Step } });

test("what is chosen is called by its name, and durations are told in words", () => {
  expect(rowsOf(changed("greet", { template: "tpl_2", topic: "offers", expires: "PT2H" }))).toEqual([
    ["Template", "Welcome", "Warm welcome"],
    ["Topic", "Service", "Offers"],
    ["Expires after", "–", "2 hours"],
  ]);
});

test("where a way leads is told by the title of the step", () => {
  expect(rowsOf(changed("which", { else: "greet" }))).toEqual([["“Otherwise” leads to", "The run ends", "Greeting"]]);
});

test("a wait of another kind is told as a whole", () => {
  const rows = rowsOf({ ...before, steps: { ...before.steps, pause: { type: "wait", event: "Order Completed", where: [{ property: "total", op: "gte", value: 100 }], timeout: "P3D", timeout_next: null, next: "which" } } });
  expect(rows.map(([label]) => label)).toEqual(["What for", "And the event has", "At most", "“Time over” leads to"]);
  expect(rows).toContainEqual(["And the event has", "–", "total at least 100"]);
  expect(rows).toContainEqual(["At most", "–", "3 days"]);
});

test("the entry and the rules of a branch are sentences", () => {
  const rows = rowsOf({ ...changed("which", { cases: [{ when: { tag: "fan" }, next: "done" }] }), entry: { event: "Order Completed", where: [{ property: "total", op: "gt", value: 5 }] }, reentry: { policy: "always", cooldown: "P7D" } });
  expect(rows.flat().join("\n")).not.toMatch(/[{}[\]]|seg_1|P7D/);
  expect(rows).toContainEqual(["The same member", "Once only", "At any time"]);
  expect(rows).toContainEqual(["Not sooner than", "–", "7 days"]);
});

test("what no form asks is not hidden", () => {
  expect(rowsOf(changed("greet", { colour: "red" }))).toEqual([["Other: colour", "–", "red"]]);
});
