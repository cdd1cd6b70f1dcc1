import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { renderHook } from "@testing-library/react";
import type { ReactNode } from "react";
import { beforeEach, expect, test, vi } from "vitest";
import { useReplayMany } from "./api";

const post = vi.hoisted(() => vi.fn());
vi.mock("@/lib/api", async (original) => ({ ...(await original<object>()), api: { POST: post }, got: (reply: unknown) => reply }));
beforeEach(() => post.mockReset());

function replayer() {
  const queries = new QueryClient();
  const wrapper = ({ children }: { children: ReactNode }) => <QueryClientProvider client={queries}>{children}</QueryClientProvider>;
  return renderHook(() => useReplayMany(), { wrapper }).result.current;
}
const bodies = () => post.mock.calls.map(([, { body }]) => body as unknown);

test("all of a kind are tried again, portion by portion until the end", async () => {
  post.mockResolvedValueOnce({ replayed: 200, failed: [], next: "a" }).mockResolvedValueOnce({ replayed: 5, failed: [{ id: "ded_1" }], next: null });
  const tell = vi.fn();
  const told = await replayer()({ code: "missing_field" }, tell, new AbortController().signal);
  expect(bodies()).toEqual([{ code: "missing_field", after: undefined }, { code: "missing_field", after: "a" }]);
  expect(told).toEqual({ replayed: 205, failed: 1 });
  expect(tell.mock.calls).toEqual([[{ replayed: 200, failed: 0 }], [{ replayed: 205, failed: 1 }]]);
});

test("chosen ones go two hundred at a time, and stop when told to", async () => {
  const ending = new AbortController();
  post.mockImplementation(() => {
    ending.abort();
    return Promise.resolve({ replayed: 200, failed: [] });
  });
  const ids = Array.from({ length: 450 }, (_, at) => `ded_${at}`);
  await replayer()({ ids }, () => undefined, ending.signal);
  expect(post).toHaveBeenCalledTimes(1);
  expect(bodies()[0]).toEqual({ ids: ids.slice(0, 200) });
});
