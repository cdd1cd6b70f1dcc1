// A segment from an empty editor to its members: the rule reads as a sentence, the count follows, and nothing gets lost.

import assert from "node:assert/strict";
import { test } from "node:test";
import { signedIn } from "./support.mjs";

/** Chooses from the list of a field, after typing what is looked for. */
async function choose(page, field, typed, option = typed) {
  await field.click();
  if (typed) await field.fill(typed);
  await page.locator(".ant-select-dropdown:visible .ant-select-item-option").filter({ hasText: option }).first().click();
}

const count = (page) => page.getByRole("complementary").locator(".h-segment-count:not(.is-stale) strong");

async function numberOf(page) {
  await count(page).waitFor();
  return Number((await count(page).innerText()).replace(/[^\d]/g, ""));
}

test("a segment is built as a sentence, counted while it is, saved and deleted", async () => {
  const page = await signedIn("/segments/new", { language: "en" });
  const name = `Buyers who stay silent ${Date.now()}`;

  await page.getByRole("button", { name: "Add the first condition" }).click();
  await page.getByRole("menuitem", { name: /Did something/ }).click();
  await choose(page, page.getByRole("combobox", { name: "Event" }), "Order Completed");
  await page.getByText("Members who ordered in the last 30 days").waitFor();
  await page.getByRole("spinbutton", { name: "How long" }).fill("90");
  await page.getByText("Members who ordered in the last 90 days").waitFor();
  const buyers = await numberOf(page);
  assert.ok(buyers > 0, "somebody has bought in the demo");

  await page.getByRole("button", { name: "Add a condition" }).click();
  await page.getByRole("menuitem", { name: /Did something/ }).click();
  await choose(page, page.getByRole("combobox", { name: "Event" }).nth(1), "Message Posted");
  await choose(page, page.getByRole("combobox", { name: "Whether it holds" }).nth(1), "", "not those who");
  await page.getByText("Members who ordered in the last 90 days and have not posted in the last 30 days").waitFor();
  await page.waitForFunction(
    (before) => {
      const shown = document.querySelector(".h-segment-count:not(.is-stale) strong")?.textContent ?? "";
      return shown !== "" && Number(shown.replace(/[^\d]/g, "")) < before;
    },
    buyers,
  );
  assert.ok((await page.locator(".h-segment-sample li").count()) <= 10);

  // Without a name nothing is sent, and nothing is lost.
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Give the segment a name").waitFor();
  await page.getByRole("textbox", { name: "Name" }).fill(name);
  await page.getByRole("button", { name: "Save" }).click();

  await page.getByRole("heading", { level: 1, name }).waitFor();
  await page.getByText("Members who ordered in the last 90 days and have not posted in the last 30 days").waitFor();
  await page.getByText("Live", { exact: true }).waitFor();
  await page.getByRole("tab", { name: "Members" }).click();
  await page.locator(".h-table tbody tr").first().waitFor();

  await page.getByRole("button", { name: "More", exact: true }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("Members who are no longer in this segment").waitFor();
  await dialog.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("heading", { level: 1, name: "Segments" }).waitFor();
  await page.getByText(`“${name}” is deleted`).waitFor();
  await page.isWell();
});

test("what contradicts itself is refused at the two conditions concerned", async () => {
  const page = await signedIn("/segments/new", { language: "en" });
  for (const [place, tag] of [[0, "vip"], [1, "vip"]]) {
    await page.getByRole("button", { name: place === 0 ? "Add the first condition" : "Add a condition" }).click();
    await page.getByRole("menuitem", { name: /^Tag/ }).click();
    await choose(page, page.getByRole("combobox", { name: "Tag" }).nth(place), tag);
  }
  await choose(page, page.getByRole("combobox", { name: "Whether it holds" }).nth(1), "", "not tagged");
  await page.locator(".h-rule-problems").getByText("Contradicts a condition before it").waitFor();
  assert.equal(await page.locator(".h-rule-node.is-wrong").count(), 2);
  await page.getByRole("button", { name: "Undo" }).click();
  await page.locator(".h-rule-node.is-wrong").first().waitFor({ state: "detached" });
  await page.isWell();
});
