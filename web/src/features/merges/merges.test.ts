import { expect, test } from "vitest";
import { isRatherASplit, reasonKey, witnessesOf } from "./evidence";
import en from "@/messages/en/merges.json";

test("every reason that the server gives has words", () => {
  const reasons = [
    "same address", "same verified address", "same account", "same verified account", "alias", "alias from a key that is not trusted",
    "verified address that the other only claims", "anonymous visitor identified", "by an operator",
  ];
  for (const reason of reasons) expect(en.reasons).toHaveProperty(reasonKey(reason) ?? "missing");
  expect(reasonKey("something new")).toBeNull();
});

test("where one claims what the other has proven, a split is advised", () => {
  expect(isRatherASplit("verified address that the other only claims")).toBe(true);
  expect(isRatherASplit("same verified address")).toBe(false);
});

test("evidence is read as far as it makes sense", () => {
  const evidence = {
    message_id: "m", source: "demo",
    identities: [{ member: "mem_1", kind: "phone", value: "+86100", verified: true }, { kind: "phone" }, null, { member: 7, kind: "email", value: "a@b", verified: "yes" }],
  };
  expect(witnessesOf(evidence)).toEqual([
    { member: "mem_1", kind: "phone", value: "+86100", verified: true },
    { member: null, kind: "email", value: "a@b", verified: false },
  ]);
  expect(witnessesOf(null)).toEqual([]);
  expect(witnessesOf({ identities: "none" })).toEqual([]);
});
