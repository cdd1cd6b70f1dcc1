import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { App } from "antd";
import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import problems from "../../messages/en/problems.json";
import tasks from "../../messages/en/tasks.json";
import ui from "../../messages/en/ui.json";
import type { Task } from "./api";
import { CompleteForm } from "./CompleteForm";

// A machine that builds beside the tests takes its time with the roles of a page.
vi.setConfig({ testTimeout: 30_000 });

const task = { id: "tsk_1", title: "Call", outcomes: ["answered", "no answer"], state: "open", assignee: "", note: "" } as unknown as Task;
const replies: { status: number; body: unknown }[] = [];
const asked: { url: string; body: unknown }[] = [];

beforeAll(async () => {
  await i18next.use(initReactI18next).init({ lng: "en", resources: { en: { tasks, ui, problems } }, interpolation: { escapeValue: false } });
});

beforeEach(() => {
  replies.length = 0;
  asked.length = 0;
  vi.stubGlobal("fetch", async (request: Request) => {
    asked.push({ url: new URL(request.url).pathname, body: await request.json() });
    const { status, body } = replies.shift() ?? { status: 200, body: {} };
    return new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json" } });
  });
});
afterEach(() => void vi.unstubAllGlobals());

function show(onDone = vi.fn()) {
  const queries = new QueryClient();
  render(
    <QueryClientProvider client={queries}>
      <App>
        <CompleteForm task={task} onDone={onDone} />
      </App>
    </QueryClientProvider>,
  );
  return onDone;
}

test("a task is completed without a mouse: a number for the outcome, a note, and Ctrl with Enter", async () => {
  const user = userEvent.setup();
  const onDone = show();
  await user.keyboard("2");
  expect(screen.getByRole("radio", { name: /no answer/ })).toHaveProperty("checked", true);
  await user.click(screen.getByRole("textbox"));
  // In the note, a number is a number.
  await user.keyboard("call at 1{Control>}{Enter}{/Control}");
  await waitFor(() => expect(onDone).toHaveBeenCalledOnce());
  expect(asked).toEqual([{ url: "/api/v1/tasks/tsk_1/complete", body: { outcome: "no answer", note: "call at 1" } }]);
});

test("without an outcome nothing is sent, since the journey would not know where to go", async () => {
  const user = userEvent.setup();
  const onDone = show();
  await user.keyboard("{Control>}{Enter}{/Control}");
  expect(asked).toEqual([]);
  expect(screen.getByRole("button", { name: /Complete/ })).toHaveProperty("disabled", true);
  expect(onDone).not.toHaveBeenCalled();
});

test("what was typed stays when somebody else was faster", async () => {
  const user = userEvent.setup();
  const onDone = show();
  replies.push({ status: 409, body: { code: "task_closed", title: "The task is closed", detail: "the task is done", help: "Nothing is left to do." } });
  await user.keyboard("1");
  await user.type(screen.getByRole("textbox"), "spoke to him");
  await user.click(screen.getByRole("button", { name: /Complete/ }));
  await screen.findByRole("alert");
  expect(screen.getByRole("textbox")).toHaveProperty("value", "spoke to him");
  expect(onDone).not.toHaveBeenCalled();
});

test("a completion that takes effect later counts as done", async () => {
  const user = userEvent.setup();
  const onDone = show();
  replies.push({ status: 504, body: { code: "timeout", title: "It takes longer" } });
  await user.keyboard("1{Control>}{Enter}{/Control}");
  await waitFor(() => expect(onDone).toHaveBeenCalledOnce());
});
