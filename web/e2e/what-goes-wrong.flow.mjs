// Whatever goes wrong on the way, what was typed stays and goes on.

import assert from "node:assert/strict";
import { test } from "node:test";
import { app, newPage, signedIn } from "./support.mjs";

/** A workspace form in which something was typed that is not saved yet. */
async function typed(text) {
  const page = await signedIn("/settings/workspace");
  await page.getByLabel("Brand").fill(text);
  return page;
}

const save = (page) => page.getByRole("button", { name: "Save", exact: true }).click();
const brand = (page) => page.getByLabel("Brand").inputValue();

test("a session that has ended is renewed where one stands, and what was asked for is done", async () => {
  const page = await typed("Hearth & Sons");
  await page.context().clearCookies();
  await save(page);
  const dialog = page.getByRole("dialog", { name: "Please sign in again" });
  await dialog.locator('input[type="password"]').fill(process.env.HEARTH_PASSWORD);
  await dialog.getByRole("button", { name: "Sign in and go on" }).click();
  await page.getByText("The workspace was saved").waitFor();
  await page.reload();
  await page.getByLabel("Brand").waitFor();
  assert.equal(await brand(page), "Hearth & Sons");
  await page.isWell();
});

test("without a connection nothing is lost, and with one again it is saved", async () => {
  const page = await typed("Offline Wine");
  await page.context().setOffline(true);
  await save(page);
  await page.getByText("The server cannot be reached").first().waitFor();
  assert.equal(await brand(page), "Offline Wine");
  await page.context().setOffline(false);
  await save(page);
  await page.getByText("The workspace was saved").waitFor();
});

for (const [status, code, words] of [
  [500, "internal", "Something failed on the server"],
  [409, "conflict", "Somebody else has just changed this"],
  [403, "forbidden", "Your role does not allow this"],
]) {
  test(`an answer of ${status} says what it means and keeps what was typed`, async () => {
    const page = await typed(`Typed ${status}`);
    const body = JSON.stringify({ type: "about:blank", status, code, title: "t", help: "h", message: "m" });
    await page.route("**/api/v1/workspace", (route) =>
      route.request().method() === "PATCH" ? route.fulfill({ status, body, contentType: "application/problem+json" }) : route.continue(),
    );
    await save(page);
    await page.getByText(words).first().waitFor();
    assert.equal(await brand(page), `Typed ${status}`);
    await page.unroute("**/api/v1/workspace");
    await save(page);
    await page.getByText("The workspace was saved").waitFor();
    await page.isWell();
  });
}

test("whoever may not look at something is told so, and everything else works", async () => {
  const owner = await signedIn("/settings/users");
  const viewer = { email: `viewer-${process.pid}@example.com`, name: "Vera", role: "viewer", password: "correct horse battery" };
  const made = await owner.request.post(`${app}/api/v1/users`, { data: viewer, headers: { origin: app } });
  assert.equal(made.status(), 201, await made.text());
  const page = await newPage();
  await page.goto(`${app}/app/login`);
  await page.fill('input[type="email"]', viewer.email);
  await page.fill('input[type="password"]', viewer.password);
  await page.click('button[type="submit"]');
  await page.waitForSelector(".h-shell");
  await page.goto(`${app}/app/settings/users`);
  await page.getByText("Your role cannot look at this").waitFor();
  await page.goto(`${app}/app/members`);
  await page.getByRole("table").first().waitFor();
  await page.isWell();
});

test("a wrong present password is said at its field, and nobody is signed out for it", async () => {
  const page = await signedIn("/settings/account");
  await page.getByLabel("Present password").fill("not-my-password");
  await page.getByLabel("New password").fill("correct horse battery");
  await page.getByRole("button", { name: "Change password" }).click();
  await page.getByText("This is not your present password").waitFor();
  assert.equal(await page.getByLabel("New password").inputValue(), "correct horse battery");
  assert.equal(await page.getByRole("dialog").count(), 0);
  await page.isWell();
});

test("a page that is not there says so and leads home", async () => {
  const page = await signedIn("/no/such/page");
  await page.getByRole("heading").first().waitFor();
  await page.getByRole("link", { name: "Home" }).first().click();
  await page.waitForURL(`${app}/app/`);
});
