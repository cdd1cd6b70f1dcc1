// An operator reads what one member has been through, and mends what is known of him.

import assert from "node:assert/strict";
import { test } from "node:test";
import { app, signedIn } from "./support.mjs";

/** A member with some history, by the API: one who has ordered. */
async function aBuyer(page) {
  const reply = await page.request.get(`${app}/api/v1/members?stage=repeat&limit=1`);
  const { items } = await reply.json();
  assert.ok(items[0], "the demo has somebody who has ordered twice");
  return items[0];
}

test("a member is found, his story is read and filtered, and the address keeps the filter", async () => {
  const page = await signedIn("/members");
  const member = await aBuyer(page);
  const name = member.traits.name;
  const email = member.identities.find((identity) => identity.kind === "email").value;

  await page.getByRole("textbox", { name: "Name, e-mail, phone …" }).fill(email);
  await page.waitForURL(/search=/);
  const row = page.getByRole("row").filter({ hasText: email });
  await row.waitFor();
  await row.focus();
  await page.keyboard.press("Enter");

  await page.getByRole("heading", { level: 1, name }).waitFor();
  const story = page.getByRole("list").filter({ hasText: "Ordered" }).first();
  await page.getByRole("combobox", { name: "Event" }).fill("Order Completed");
  await page.getByRole("option", { name: /Order Completed/ }).first().waitFor({ state: "attached" });
  await page.keyboard.press("Enter");
  await page.waitForURL(/event=Order/);
  await story.waitFor();
  assert.equal(await page.getByText("Looked at a product").count(), 0);

  await page.getByText("Ordered", { exact: true }).first().click();
  await page.getByText('"order_id"').first().waitFor();
  await page.reload();
  await page.getByText("Ordered", { exact: true }).first().waitFor();
  assert.match(page.url(), /event=Order/);

  await page.getByRole("tab", { name: "Messages" }).click();
  await page.waitForURL(/tab=deliveries/);
  await page.getByRole("tab", { name: "Journeys" }).click();
  await page.waitForURL(/tab=journeys/);
  await page.isWell();
});

test("a tag is put on and taken off, and a trait is mended", async () => {
  const page = await signedIn("/members");
  const member = await aBuyer(page);
  await page.goto(`${app}/app/members/${member.id}`);
  await page.getByRole("heading", { level: 1 }).waitFor();

  await page.getByRole("button", { name: "Add tags" }).click();
  await page.getByRole("combobox", { name: "Choose or type tags" }).fill("tasting-2027");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Add tags" }).click();
  await page.getByRole("button", { name: "Remove the tag tasting-2027" }).click();
  await page.getByRole("button", { name: "Remove the tag tasting-2027" }).waitFor({ state: "detached" });

  await page.getByRole("button", { name: "Change City" }).click();
  const drawer = page.getByRole("dialog");
  await drawer.getByRole("textbox", { name: "Value" }).fill("绍兴");
  await drawer.getByRole("button", { name: "Save" }).click();
  await page.getByRole("definition").filter({ hasText: "绍兴" }).waitFor();
  await page.isWell();
});
