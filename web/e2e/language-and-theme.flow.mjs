// Three languages and two themes, from every page and for good.

import assert from "node:assert/strict";
import { test } from "node:test";
import { app, newPage, signedIn } from "./support.mjs";

test("the language is switched at once and stays", async () => {
  const page = await signedIn("/", { language: "en" });
  await page.waitForSelector("h1");
  assert.equal(await page.locator("html").getAttribute("lang"), "en");
  await page.getByRole("button", { name: "Language" }).click();
  await page.getByRole("menuitem", { name: "繁體中文" }).click();
  await page.waitForFunction(() => document.documentElement.lang === "zh-TW");
  await page.getByRole("link", { name: "總覽" }).first().waitFor();
  await page.reload();
  await page.getByRole("link", { name: "總覽" }).first().waitFor();
  assert.equal(await page.locator("html").getAttribute("lang"), "zh-TW");
  await page.isWell();
});

test("the theme is switched at once and stays", async () => {
  const page = await signedIn("/", { language: "en", theme: "light" });
  const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  await page.waitForSelector("h1");
  const light = await paper();
  await page.getByRole("button", { name: "Appearance" }).click();
  await page.getByRole("menuitem", { name: "Dark" }).click();
  await page.waitForFunction((light) => getComputedStyle(document.body).backgroundColor !== light, light);
  const dark = await paper();
  await page.reload();
  await page.waitForSelector("h1");
  assert.equal(await paper(), dark);
  await page.isWell();
});

test("a stranger is asked to sign in and comes to the page that he wanted", async () => {
  const page = await newPage({ language: "en" });
  await page.goto(`${app}/app/settings/keys`);
  await page.fill('input[type="email"]', process.env.HEARTH_EMAIL);
  await page.fill('input[type="password"]', "a wrong guess");
  await page.click('button[type="submit"]');
  await page.getByRole("alert").first().waitFor();
  await page.fill('input[type="password"]', process.env.HEARTH_PASSWORD);
  await page.click('button[type="submit"]');
  await page.waitForURL(`${app}/app/settings/keys`);
  await page.waitForSelector("h1, h2");
  await page.isWell();
});
