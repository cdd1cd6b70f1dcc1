import { act, fireEvent, render, screen } from "@testing-library/react";
import { App } from "antd";
import i18next from "i18next";
import { I18nextProvider, initReactI18next } from "react-i18next";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import journeys from "@/messages/en/journeys.json";
import rules from "@/messages/en/rules.json";
import ui from "@/messages/en/ui.json";
import type { Choices } from "../choices";
import { placesOf } from "../document/layout";
import { welcome } from "../document/samples";
import { ENTRY, type JourneyDocument } from "../document/types";
import { useEditor, type Editor } from "../editor";
import { CanvasEditor } from "./CanvasEditor";
import { neighbour } from "./walking";

// A key press draws the whole canvas anew, which takes long without a browser.
vi.setConfig({ testTimeout: 60_000 });

const choices: Choices = { templates: new Map(), segments: new Map(), channels: [], topics: [] };
const nothing = new Map();
let editor: Editor;
let opened: string[] = [];

function Harness({ isEditing }: { isEditing: boolean }) {
  editor = useEditor(welcome);
  return <CanvasEditor label="canvas" editor={editor} choices={choices} isEditing={isEditing} troubles={nothing} onOpen={(name) => opened.push(name)} />;
}

beforeAll(async () => {
  // jsdom has no layout: what the canvas measures is given.
  vi.stubGlobal("DOMMatrixReadOnly", class { m22 = 1; });
  vi.stubGlobal("fetch", async () => new Response("{}", { status: 404 }));
  vi.stubGlobal("requestAnimationFrame", (then: FrameRequestCallback) => { then(0); return 0; });
  vi.stubGlobal("CSS", { escape: (text: string) => text.replace("$", "\\$") });
  await i18next.use(initReactI18next).init({ lng: "en", resources: { en: { journeys, rules, ui } }, interpolation: { escapeValue: false } });
});

function draw(isEditing = true) {
  opened = [];
  render(
    <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
      <I18nextProvider i18n={i18next}>
        <App>
          <Harness isEditing={isEditing} />
        </App>
      </I18nextProvider>
    </QueryClientProvider>,
  );
}

const node = (name: string) => document.querySelector<HTMLElement>(`.react-flow__node[data-id="${CSS.escape(name)}"]`)!;
const press = (key: string, more: object = {}) => act(() => void fireEvent.keyDown(document.activeElement ?? document.body, { key, ...more }));
const focused = () => document.activeElement?.closest(".react-flow__node")?.getAttribute("data-id");
const steps = () => Object.keys(editor.document.steps);

describe("the canvas by keyboard", () => {
  beforeEach(() => sessionStorage.clear());

  it("follows the edges down, up and across", () => {
    draw();
    act(() => node(ENTRY).focus());
    press("ArrowDown");
    expect(focused()).toBe("greet");
    press("ArrowDown");
    press("ArrowDown");
    press("ArrowDown");
    expect(focused()).toBe("thank");
    press("ArrowRight");
    expect(focused()).toBe("invite");
    press("ArrowUp");
    expect(focused()).toBe("speaks");
    expect([...editor.chosen]).toEqual(["speaks"]);
  });

  it("adds a step behind the focused one, chosen from a menu, and undoes it", () => {
    draw();
    act(() => node("greet").focus());
    press("a");
    expect(screen.getByRole("menu")).toBeTruthy();
    press("ArrowDown");
    act(() => (document.activeElement as HTMLElement).click());
    expect(editor.document.steps.greet?.next).toBe("branch_1");
    expect(editor.document.steps.branch_1?.cases).toMatchObject([{ next: "first_day" }]);
    act(() => node("branch_1").focus());
    press("z", { ctrlKey: true });
    expect(editor.document).toBe(welcome);
    act(() => node("greet").focus());
    press("z", { ctrlKey: true, shiftKey: true });
    expect(steps()).toContain("branch_1");
  });

  it("removes what is chosen and closes the gap", () => {
    draw();
    act(() => node(ENTRY).focus());
    press("ArrowDown");
    press("ArrowDown");
    press("Delete");
    expect(steps()).not.toContain("first_day");
    expect(editor.document.steps.greet?.next).toBe("speaks");
    expect(focused()).toBe("greet");
  });

  it("copies, pastes and duplicates", () => {
    draw();
    act(() => node(ENTRY).focus());
    press("ArrowDown");
    const data: Record<string, string> = {};
    const clipboardData = { setData: (type: string, text: string) => { data[type] = text; }, getData: (type: string) => data[type] ?? "" };
    act(() => void fireEvent.copy(node("greet"), { clipboardData }));
    act(() => void fireEvent.paste(node("greet"), { clipboardData }));
    expect(steps()).toContain("greet_1");
    // The step that had the focus goes; the next key is for the canvas all the same.
    act(() => node("greet_1").focus());
    press("z", { ctrlKey: true });
    expect(steps()).not.toContain("greet_1");
    press("y", { ctrlKey: true });
    expect(steps()).toContain("greet_1");
    press("d", { ctrlKey: true });
    expect(steps()).toContain("greet_2");
  });

  it("moves a step and keeps all others where they stand", () => {
    draw();
    const before = placesOf(welcome);
    act(() => node(ENTRY).focus());
    press("ArrowDown");
    press("ArrowRight", { altKey: true });
    const after: JourneyDocument["layout"] = editor.document.layout;
    expect(after.greet!.x).toBeGreaterThan(before.greet!.x);
    expect(after.week).toEqual(before.week);
  });

  it("opens the form of a step, and lets those who may only look change nothing", () => {
    draw(false);
    act(() => node("greet").focus());
    press("Enter");
    expect(opened).toEqual(["greet"]);
    for (const key of ["Delete", "a", "l"]) press(key);
    press("d", { ctrlKey: true });
    expect(editor.document).toBe(welcome);
    expect(screen.queryByRole("menu")).toBeNull();
  });
});

describe("walking", () => {
  it("leads nowhere past the ends", () => {
    const places = placesOf(welcome);
    expect(neighbour(welcome, places, ENTRY, "up")).toBeNull();
    expect(neighbour(welcome, places, "bought", "down")).toBeNull();
  });
});
