import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Batch } from "./batch";
import { memberName } from "./person";
import { isUsualStage } from "./stage";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("whatever is asked for within a moment is one request, and each name is asked for once", async () => {
  const load = vi.fn(async (ids: string[]) => new Map(ids.filter((id) => id !== "mem_gone").map((id) => [id, `name of ${id}`])));
  const batch = new Batch<string, string>(load, 500, 16);
  const asked = Promise.all([batch.get("mem_1"), batch.get("mem_2"), batch.get("mem_1"), batch.get("mem_gone")]);
  await vi.advanceTimersByTimeAsync(16);
  expect(await asked).toEqual(["name of mem_1", "name of mem_2", "name of mem_1", null]);
  expect(load).toHaveBeenCalledOnce();
  expect(load).toHaveBeenCalledWith(["mem_1", "mem_2", "mem_gone"]);
});

test("no request asks for more than the server answers at once", async () => {
  const load = vi.fn(async (ids: number[]) => new Map(ids.map((id) => [id, id])));
  const batch = new Batch<number, number>(load, 2, 16);
  const asked = Promise.all([1, 2, 3].map((id) => batch.get(id)));
  await vi.advanceTimersByTimeAsync(16);
  expect(await asked).toEqual([1, 2, 3]);
  expect(load.mock.calls).toEqual([[[1, 2]], [[3]]]);
});

test("a failed request fails for all who asked, and the next one begins anew", async () => {
  const load = vi.fn().mockRejectedValueOnce(new Error("lost")).mockResolvedValueOnce(new Map([["a", 1]]));
  const batch = new Batch<string, number>(load, 500, 16);
  const failed = expect(batch.get("a")).rejects.toThrow("lost");
  await vi.advanceTimersByTimeAsync(16);
  await failed;
  const found = batch.get("a");
  await vi.advanceTimersByTimeAsync(16);
  expect(await found).toBe(1);
});

const identity = (kind: string, value: string) => ({ id: `idn_${value}`, kind, value, verified: false });

test("a member is called what a trait says, and told apart by an address", () => {
  const identities = [identity("anonymous_id", "a-1"), identity("user_id", "LW1"), identity("email", "wei@example.com")];
  expect(memberName({ id: "mem_1", identities, traits: { name: " 张伟 " } })).toEqual({ name: "张伟", hint: "wei@example.com" });
  expect(memberName({ id: "mem_1", identities, traits: { name: 7 } })).toEqual({ name: "LW1", hint: "wei@example.com" });
});

test("first and last names stand in the order of their language", () => {
  const named = (first_name: string, last_name: string) => memberName({ id: "mem_1", identities: [], traits: { first_name, last_name } }).name;
  expect(named("伟", "张")).toBe("张伟");
  expect(named("Ada", "Lovelace")).toBe("Ada Lovelace");
  expect(named("", "Lovelace")).toBe("Lovelace");
});

test("without a name the strongest identity stands, and a device only when there is nothing else", () => {
  const of = (...kinds: string[]) => memberName({ id: "mem_1", identities: kinds.map((kind) => identity(kind, kind)), traits: {} }).name;
  expect(of("anonymous_id", "external:card", "device_id")).toBe("external:card");
  expect(of("anonymous_id", "openid", "phone")).toBe("phone");
  expect(of("anonymous_id")).toBe("anonymous_id");
  expect(of()).toBe("mem_1");
});

test("a stage that still has its first name is called so in the reader's language; a renamed one as it was renamed", () => {
  expect(isUsualStage("repeat", "复购 Repeat buyer")).toBe(true);
  expect(isUsualStage("repeat", "老朋友")).toBe(false);
  expect(isUsualStage("repeat", "Gold Repeat buyer")).toBe(false);
  expect(isUsualStage("gold", "黄金 Gold")).toBe(false);
});
