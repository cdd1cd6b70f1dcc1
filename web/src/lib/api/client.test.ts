import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ask } from "./unlisted";
import { renewal } from "./renewal";

const fetch = vi.fn<(request: Request) => Promise<Response>>();
const refusal = (code: string) => Response.json({ code, title: code, help: "" }, { status: 401 });

beforeEach(() => {
  vi.stubGlobal("fetch", fetch.mockReset());
  renewal.setSignedIn(true);
});
afterEach(() => {
  renewal.setSignedIn(false);
  vi.unstubAllGlobals();
});

test("a session that has ended is waited for, and what was asked is asked again", async () => {
  fetch.mockResolvedValueOnce(refusal("unauthenticated")).mockResolvedValueOnce(Response.json({ id: "mem_1" }));
  const asked = ask("POST", "/api/v1/tags", { body: { tag: "vip" } });
  await vi.waitFor(() => expect(renewal.isWanted()).toBe(true));
  renewal.end(true);
  expect(await asked).toEqual({ id: "mem_1" });
  expect(await fetch.mock.calls[1]?.[0].json()).toEqual({ tag: "vip" });
});

test("a wrong password is no ended session: it is said where it was typed", async () => {
  fetch.mockResolvedValueOnce(refusal("login_failed"));
  await expect(ask("POST", "/api/v1/me/password", { body: { current: "x", new: "y" } })).rejects.toMatchObject({ code: "login_failed" });
  expect(renewal.isWanted()).toBe(false);
});
