import { renderHook } from "@testing-library/react";
import i18next from "i18next";
import { beforeAll, expect, test } from "vitest";
import { initReactI18next } from "react-i18next";
import { Problem } from "@/lib/api";
import problems from "@/messages/zh-CN/problems.json";
import { useFieldWords, useProblemWords } from "./problems";

beforeAll(async () => {
  await i18next.use(initReactI18next).init({ lng: "zh-CN", resources: { "zh-CN": { problems } }, interpolation: { escapeValue: false } });
});

test("a field is spoken of in the reader's language, also where the server has no words for it", () => {
  const { result } = renderHook(() => useFieldWords());
  const field = { path: "password", message: "is little more than a common word" };
  expect(result.current({ ...field, code: "weak_password" })).toBe(problems.weak_password.title);
  expect(result.current({ ...field, code: "weak_password", words: { en: "too easy", zh: "太简单" } })).toBe("太简单");
  expect(result.current({ ...field, code: "invalid_body" })).toBe(field.message);
});

test("what our words say wholly is not said once more in English, and what names a place stays", () => {
  const { result } = renderHook(() => useProblemWords());
  expect(result.current(new Problem("bad_token", 404, "gone", "the link has ended")).help).toBe(problems.bad_token.help);
  expect(result.current(new Problem("in_use", 409, "in use", "journey jrn_1 uses it")).help).toContain("jrn_1");
});
