// Draws a journey, plays the past with it, and publishes it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { signedIn } from "./support.mjs";

/** Chooses of a list that opens below a field. */
async function choose(page, label, option) {
  await page.getByRole("combobox", { name: label, exact: true }).click();
  await page.locator(".ant-select-dropdown:visible .ant-select-item-option", { hasText: option }).first().click();
}

test("a journey is drawn, tried on the past and published", async () => {
  const page = await signedIn("/journeys");
  await page.getByRole("button", { name: "New journey" }).first().click();
  await page.getByLabel("Name", { exact: true }).fill("Thanks for the order");
  await page.getByRole("button", { name: "Start drawing" }).click();
  const entry = page.locator('.react-flow__node[data-id="$entry"]');
  await entry.click();

  const panel = page.getByRole("complementary", { name: "Settings of the step" });
  await choose(page, "By what", "An event");
  await panel.getByLabel("Event", { exact: true }).fill("Order Completed");
  await page.keyboard.press("Escape");

  // By keyboard: a message behind the entry, and a wait before it.
  await entry.focus();
  await page.keyboard.press("a");
  await page.getByRole("menuitem", { name: /^Send/ }).click();
  await choose(page, "Channel", "E-mail");
  await page.getByRole("combobox", { name: "Template", exact: true }).click();
  await page.locator(".ant-select-dropdown:visible .ant-select-item-option").first().click();
  await entry.focus();
  await page.keyboard.press("a");
  await page.getByRole("menuitem", { name: /^Wait/ }).click();
  await page.locator('.react-flow__node[data-id="wait_1"]').waitFor();

  // What was done can be taken back, and done again.
  await page.locator('.react-flow__node[data-id="wait_1"]').focus();
  await page.keyboard.press("Control+z");
  await page.locator('.react-flow__node[data-id="wait_1"]').waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Redo" }).click();
  await page.locator('.react-flow__node[data-id="wait_1"]').waitFor();
  await page.locator(".j-saved.is-saved").waitFor();

  await page.getByRole("tab", { name: "Simulate" }).click();
  await page.getByRole("button", { name: "Simulate" }).click();
  const wouldEnter = page.locator("dl div", { hasText: "Would enter" }).locator("dd");
  await wouldEnter.waitFor({ timeout: 60_000 });
  assert.ok(Number((await wouldEnter.innerText()).replace(/\D/g, "")) > 0, "nobody would enter");

  await page.getByRole("button", { name: "Publish", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "Publish the journey" });
  await dialog.getByText("This becomes version 1.").waitFor();
  await dialog.getByRole("button", { name: "Publish", exact: true }).click();
  await page.getByText("Version 1 is live").waitFor();
  await page.locator(".h-pill", { hasText: "Live" }).waitFor();

  // After a reload, everything is where it was.
  await page.reload();
  await page.getByRole("tab", { name: "Canvas" }).click();
  await page.locator('.react-flow__node[data-id="send_1"]').waitFor();
  await page.isWell();
});
