import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, renderHook } from "@testing-library/react";
import type { ReactNode } from "react";
import { beforeEach, expect, test, vi } from "vitest";
import { useRun } from "./useRun";

interface Asked {
  query: string;
  signal: AbortSignal;
  answer: (status: number, body: unknown) => Promise<void>;
}

let asked: Asked[] = [];

beforeEach(() => {
  asked = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    const { query } = (await request.clone().json()) as { query: string };
    return new Promise<Response>((resolve, reject) => {
      request.signal.addEventListener("abort", () => reject(new DOMException("aborted", "AbortError")));
      const answer: Asked["answer"] = async (status, body) => {
        await act(async () => resolve(new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json" } })));
      };
      asked.push({ query, signal: request.signal, answer });
    });
  });
});

const answer = (value: number) => ({ columns: [{ name: "n", type: "number" }], rows: [[value]], more: false, took_ms: 1 });

function follow() {
  const wrapper = ({ children }: { children: ReactNode }) => <QueryClientProvider client={new QueryClient()}>{children}</QueryClientProvider>;
  const hook = renderHook(() => useRun(), { wrapper });
  return {
    run: () => hook.result.current.run,
    start: async (query: string) => {
      await act(async () => hook.result.current.start(query, 10));
      await vi.waitFor(() => expect(asked.at(-1)?.query).toBe(query));
    },
    stop: () => act(async () => hook.result.current.stop()),
    leave: hook.unmount,
  };
}

test("a query that is stopped is given up on the wire, and the former answer stays", async () => {
  const { run, start, stop } = follow();
  await start("select 1");
  await asked[0]?.answer(200, answer(1));
  await start("select 2");
  expect(run()).toMatchObject({ answer: answer(1), wasStopped: false });
  await stop();
  expect(asked[1]?.signal.aborted).toBe(true);
  await vi.waitFor(() => expect(run()).toMatchObject({ since: null, wasStopped: true, error: null, answer: answer(1) }));
});

test("a new query takes the place of one that still runs, and a late answer changes nothing", async () => {
  const { run, start } = follow();
  await start("select slow");
  await start("select 2");
  expect(asked[0]?.signal.aborted).toBe(true);
  await asked[0]?.answer(200, answer(99));
  expect(run()?.since).not.toBeNull();
  await asked[1]?.answer(200, answer(2));
  await vi.waitFor(() => expect(run()).toMatchObject({ query: "select 2", since: null, answer: answer(2) }));
});

test("a refusal takes the answer away, so that nobody reads old rows as those of the new query", async () => {
  const { run, start } = follow();
  await start("select 1");
  await asked[0]?.answer(200, answer(1));
  await start("selct 2");
  await asked[1]?.answer(422, { code: "sql_invalid", title: "not valid" });
  await vi.waitFor(() => expect(run()).toMatchObject({ answer: null, since: null, error: { code: "sql_invalid" } }));
});

test("whoever leaves the page wants no answer any more", async () => {
  const { start, leave } = follow();
  await start("select 1");
  leave();
  expect(asked[0]?.signal.aborted).toBe(true);
});
