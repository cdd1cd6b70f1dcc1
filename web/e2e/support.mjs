// What the flows have in common: a browser, a page that is signed in, and eyes for what must never happen.

import assert from "node:assert/strict";
import { after, before } from "node:test";
import { chromium } from "playwright-core";

export const app = process.env.HEARTH_APP;
const PATIENCE = 20_000;

let browser;
before(async () => {
  const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
  browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
});
after(() => browser?.close());

/**
 * A page in a browser of its own. What the content security policy stopped, what failed in a script, and what the
 * console calls an error makes `page.isWell()` fail.
 */
export async function newPage({ language = "en", theme = "light", width = 1440, height = 900 } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, locale: language, reducedMotion: "reduce" });
  context.setDefaultTimeout(PATIENCE);
  await context.addInitScript(
    ([language, theme]) => {
      // The frame in which mails are shown has nothing of its own to remember.
      if (window.top !== window) return;
      for (const [name, value] of [["hearth.language", language], ["hearth.theme", theme]]) {
        if (localStorage.getItem(name) === null) localStorage.setItem(name, JSON.stringify(value));
      }
      window.stopped = [];
      document.addEventListener("securitypolicyviolation", (event) => {
        window.stopped.push(`${event.violatedDirective}: ${event.blockedURI}`);
      });
    },
    [language, theme],
  );
  const page = await context.newPage();
  const faults = [];
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("console", (message) => {
    // The browser calls every answer that is not 2xx an error; those are the server's to give.
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) faults.push(message.text());
  });
  page.isWell = async () => {
    assert.deepEqual(faults, []);
    assert.deepEqual(await page.evaluate(() => window.stopped), [], "stopped by the content security policy");
  };
  return page;
}

/** The same, signed in as the owner of the demo, on this page of the app. */
export async function signedIn(path = "/", options) {
  const page = await newPage(options);
  await page.goto(`${app}/app/login`);
  await page.fill('input[type="email"]', process.env.HEARTH_EMAIL);
  await page.fill('input[type="password"]', process.env.HEARTH_PASSWORD);
  await page.click('button[type="submit"]');
  await page.waitForSelector(".h-shell");
  if (path !== "/") await page.goto(`${app}/app${path}`);
  return page;
}
