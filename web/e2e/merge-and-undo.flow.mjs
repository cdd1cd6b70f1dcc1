// Two members turn out to be one person; they are merged, and parted again.

import assert from "node:assert/strict";
import { test } from "node:test";
import { app, signedIn } from "./support.mjs";

/** Makes two members who give one e-mail address, as a shop's site would; the second one's name is a script. */
async function twoWithOneAddress(page) {
  const headers = { origin: app };
  const key = await (await page.request.post(`${app}/api/v1/keys`, { headers, data: { name: "merge flow", kind: "write" } })).json();
  const email = `twin-${Date.now()}@example.com`;
  const authorization = `Basic ${Buffer.from(`${key.secret}:`).toString("base64")}`;
  const identify = (userId, name) =>
    page.request.post(`${app}/v1/identify`, { headers: { authorization }, data: { type: "identify", userId, traits: { name, email, city: userId } } });
  for (const [userId, name] of [[`${email}-1`, "Ada Twin"], [`${email}-2`, "<script>alert(1)</script>"]]) {
    assert.equal((await identify(userId, name)).status(), 200);
  }
  return email;
}

test("a suggestion is compared, accepted, and undone", async () => {
  const page = await signedIn("/members");
  let alerts = 0;
  page.on("dialog", (dialog) => {
    alerts += 1;
    void dialog.dismiss();
  });
  const email = await twoWithOneAddress(page);

  await page.goto(`${app}/app/members/merges`);
  const card = page.getByRole("listitem").filter({ hasText: email }).filter({ hasText: "Compare and merge" });
  // The pipeline notices it a moment after the events came in.
  await page.waitForFunction(
    async (email) => JSON.stringify(await (await fetch("/api/v1/merge-suggestions")).json()).includes(email),
    email,
  );
  await page.reload();
  await card.waitFor();
  await card.getByText("<script>alert(1)</script>").first().waitFor();
  await card.getByRole("button", { name: "Compare and merge" }).click();

  const drawer = page.getByRole("dialog");
  await drawer.getByRole("rowheader", { name: "City" }).waitFor();
  await drawer.getByRole("button", { name: "Make them one" }).click();
  await card.waitFor({ state: "detached" });

  await page.getByRole("tab", { name: "Merged" }).click();
  const merge = page.getByRole("row").filter({ hasText: "Merged by an operator" }).first();
  await merge.getByRole("button", { name: "Undo" }).click();
  await page.getByRole("button", { name: "Undo the merge" }).click();
  await merge.getByText("Undone").waitFor();
  assert.equal(alerts, 0, "a script in a name ran");
  await page.isWell();
});
