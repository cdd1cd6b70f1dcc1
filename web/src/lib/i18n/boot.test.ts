import { readFileSync } from "node:fs";
import { afterEach, expect, test, vi } from "vitest";
import { languageFor } from "./languages";

const boot = readFileSync("public/boot.js", "utf8");
const root = document.documentElement;

afterEach(() => {
  localStorage.clear();
  document.head.replaceChildren();
  Reflect.deleteProperty(document, "currentScript");
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

/** What the browser is told to ask for before the app runs, with the addresses that the build writes at the script. */
function askedAt(address: string): string[] {
  history.replaceState(null, "", address);
  const script = document.createElement("script");
  script.setAttribute("data-zh-cn", "/app/assets/words-zh-CN-1.js");
  Object.defineProperty(document, "currentScript", { value: script, configurable: true });
  start(["zh-CN"]);
  return [...document.head.querySelectorAll("link")].map((link) => link.getAttribute("href") ?? "");
}

test("the words of the language and who is signed in are asked for before the app runs", () => {
  expect(askedAt("/app/members")).toEqual(["/app/assets/words-zh-CN-1.js", "/api/v1/me"]);
});

test("where nobody is signed in yet, no answer is kept that would be out of date after the log-in", () => {
  expect(askedAt("/app/login?next=%2Fmembers")).toEqual(["/app/assets/words-zh-CN-1.js"]);
});
