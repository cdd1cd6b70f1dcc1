import { readFileSync } from "node:fs";
import { afterEach, expect, test, vi } from "vitest";
import { languageFor } from "./languages";

const boot = readFileSync("public/boot.js", "utf8");
const root = document.documentElement;

afterEach(() => {
  localStorage.clear();
  vi.unstubAllGlobals();
});

function start(wishes: string[], isDark = false) {
  vi.stubGlobal("navigator", { languages: wishes });
  vi.stubGlobal("matchMedia", () => ({ matches: isDark }));
  root.lang = "";
  root.dataset.theme = "";
  new Function(boot)();
}

test.each([[["fr", "zh-Hant-HK"]], [["zh"]], [["zh-TW", "en"]], [["en-GB", "zh-CN"]], [["de"]], [[]]])(
  "the language before the first paint is the one that the app then speaks: %j",
  (wishes: string[]) => {
    start(wishes);
    expect(root.lang).toBe(languageFor(wishes));
  },
);

test("what was chosen goes before what the browser wishes", () => {
  localStorage.setItem("hearth.language", '"zh-TW"');
  localStorage.setItem("hearth.theme", '"light"');
  start(["en"], true);
  expect(root.lang).toBe("zh-TW");
  expect(root.dataset.theme).toBe("light");
});

test("a choice that cannot be read does not keep the app from starting", () => {
  localStorage.setItem("hearth.language", "{");
  localStorage.setItem("hearth.theme", "3");
  start(["zh-CN"], true);
  expect(root.lang).toBe("zh-CN");
  expect(root.dataset.theme).toBe("dark");
});
