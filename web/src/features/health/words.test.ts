import { expect, test } from "vitest";
import en from "@/messages/en/health.json";
import taiwan from "@/messages/zh-TW/health.json";
import chinese from "@/messages/zh-CN/health.json";

test("each reason that has a name also has words on what to do about it, in all languages", () => {
  const codes = Object.keys(en.code).sort();
  for (const messages of [en, chinese, taiwan]) {
    expect(Object.keys(messages.code).sort()).toEqual(codes);
    expect(Object.keys(messages.codeHelp).sort()).toEqual(codes);
  }
});
