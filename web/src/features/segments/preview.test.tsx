import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, renderHook } from "@testing-library/react";
import type { ReactNode } from "react";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { isSameRule, unfinishedParts, type RuleJson } from "@/features/rules";
import { rounded, usePreview } from "./preview";
import { STARTERS } from "./starters";

interface Asked {
  body: { rule: RuleJson; patience_ms?: number };
  signal: AbortSignal;
  answer: (status: number, body: unknown) => void;
}

let asked: Asked[] = [];

beforeEach(() => {
  asked = [];
  vi.useFakeTimers();
  vi.stubGlobal("fetch", async (request: Request) => {
    const body = (await request.clone().json()) as Asked["body"];
    return new Promise<Response>((resolve, reject) => {
      request.signal.addEventListener("abort", () => reject(new DOMException("aborted", "AbortError")));
      const answer: Asked["answer"] = (status, reply) =>
        resolve(new Response(JSON.stringify(reply), { status, headers: { "content-type": "application/json" } }));
      asked.push({ body, signal: request.signal, answer });
    });
  });
});

afterEach(() => vi.useRealTimers());

function follow(first: RuleJson | null) {
  const queries = new QueryClient();
  const wrapper = ({ children }: { children: ReactNode }) => <QueryClientProvider client={queries}>{children}</QueryClientProvider>;
  return renderHook(({ rule }) => usePreview(rule), { wrapper, initialProps: { rule: first } });
}

const pass = (time: number) => act(() => vi.advanceTimersByTimeAsync(time));
const answer = async (place: number, status: number, body: unknown) => {
  await act(async () => {
    asked[place]?.answer(status, body);
    await vi.advanceTimersByTimeAsync(0);
  });
};

describe("the live count", () => {
  test("asks once after a pause, however often the rule was changed", async () => {
    const hook = follow({ tag: "a" });
    await pass(0);
    await answer(0, 200, { size: 1, exact: true, sample: [] });
    for (const tag of ["ab", "abc", "abcd"]) {
      hook.rerender({ rule: { tag } });
      await pass(100);
    }
    expect(asked).toHaveLength(1);
    expect(hook.result.current.isStale).toBe(true);
    await pass(250);
    expect(asked.map((one) => one.body.rule)).toEqual([{ tag: "a" }, { tag: "abcd" }]);
  });

  test("cancels what is no longer asked, and never shows it as the answer", async () => {
    const hook = follow({ tag: "a" });
    await pass(0);
    hook.rerender({ rule: { tag: "b" } });
    await pass(300);
    expect(asked[0]?.signal.aborted).toBe(true);
    await answer(0, 200, { size: 111, exact: true, sample: [] });
    expect(hook.result.current.preview).toBeUndefined();
    await answer(1, 200, { size: 2, exact: true, sample: [] });
    expect(hook.result.current).toMatchObject({ preview: { size: 2 }, isStale: false });
  });

  test("makes an estimate exact once nobody has typed for a while", async () => {
    const hook = follow({ tag: "a" });
    await pass(0);
    await answer(0, 200, { size: 1, exact: true, sample: [] });
    hook.rerender({ rule: { event: "Y" } });
    await pass(300);
    await answer(1, 200, { size: 41_873, exact: false, low: 40_000, high: 44_000, sample: [] });
    expect(hook.result.current.preview?.exact).toBe(false);
    await pass(1_000);
    expect(asked).toHaveLength(2);
    await pass(1_500);
    expect(asked[2]?.body.patience_ms).toBeGreaterThan(asked[1]?.body.patience_ms ?? 0);
    await answer(2, 200, { size: 42_102, exact: true, sample: [] });
    expect(hook.result.current.preview).toMatchObject({ size: 42_102, exact: true });
  });

  test("asks nothing about a rule that is not finished", async () => {
    const hook = follow({ tag: "" });
    await pass(1_000);
    expect(asked).toHaveLength(0);
    expect(hook.result.current.isUnfinished).toBe(true);
    hook.rerender({ rule: null });
    await pass(1_000);
    expect(asked).toHaveLength(0);
  });

  test("hands on what the server refuses, with its place", async () => {
    const hook = follow({ all: [{ tag: "a" }, { not: { tag: "a" } }] });
    await pass(0);
    const errors = [{ path: "rule.all[1]", code: "contradictory_rule", message: "contradicts rule.all[0]: nobody can be both" }];
    await answer(0, 422, { code: "contradictory_rule", title: "No", errors });
    expect(hook.result.current.error).toMatchObject({ code: "contradictory_rule", fields: [{ path: "rule.all[1]" }] });
  });

  test("goes on with plain counts where a server does not estimate", async () => {
    const hook = follow({ tag: "a" });
    await pass(0);
    await answer(0, 422, { code: "invalid_body", title: "No", errors: [] });
    await pass(0);
    expect(asked[1]?.body).toEqual({ rule: { tag: "a" } });
    await answer(1, 200, { size: 3, sample: [] });
    expect(hook.result.current.preview).toMatchObject({ size: 3, exact: true });
  });
});

test("an estimate is shown with two figures that mean something", () => {
  expect([7, 99, 123, 1_449, 41_873, 999_999].map(rounded)).toEqual([7, 99, 120, 1_400, 42_000, 1_000_000]);
});

test("every starter is a finished rule in the form that the server keeps", () => {
  for (const { key, rule } of STARTERS) {
    expect(unfinishedParts(rule), key).toEqual([]);
    expect(isSameRule(rule, JSON.parse(JSON.stringify(rule)) as RuleJson), key).toBe(true);
  }
});
