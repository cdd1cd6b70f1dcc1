// From the link that the program prints to the first page.

import assert from "node:assert/strict";
import { test } from "node:test";
import { app, newPage } from "./support.mjs";

test("the printed link makes the owner, and a session that lasts", async () => {
  const page = await newPage({ language: "zh-CN" });
  await page.goto(app + process.env.HEARTH_SETUP);
  await page.getByLabel("品牌").fill("<img src=x onerror=alert(1)> 酒馆");
  await page.getByLabel("邮箱").fill("lin@example.com");
  await page.locator('input[type="password"]').fill("password12");
  await page.click('button[type="submit"]');
  // The API's own words, at the field; what was typed is still there.
  await page.locator(".ant-form-item-explain-error").first().waitFor();
  assert.equal(await page.getByLabel("邮箱").inputValue(), "lin@example.com");
  await page.locator('input[type="password"]').fill("correct horse battery staple");
  await page.click('button[type="submit"]');
  await page.waitForSelector(".h-shell");
  assert.match(await page.locator(".h-shell").innerText(), /<img src=x onerror=alert\(1\)> 酒馆/);
  await page.reload();
  await page.waitForSelector(".h-shell");
  await page.isWell();

  const late = await newPage();
  await late.goto(app + process.env.HEARTH_SETUP);
  await late.waitForSelector("h1, h2");
  assert.doesNotMatch(await late.locator("body").innerText(), /setup\.[a-z]/, "no raw keys");
  await late.isWell();
});
