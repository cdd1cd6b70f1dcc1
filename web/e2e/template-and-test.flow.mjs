// A template is written with a variable, seen by the eyes of a member, warned about, saved, overtaken, and sent as a test.

import assert from "node:assert/strict";
import { test } from "node:test";
import { signedIn } from "./support.mjs";

const api = (path) => `${process.env.HEARTH_APP}/api/v1/${path}`;
const headers = { origin: new URL(process.env.HEARTH_APP ?? "http://127.0.0.1").origin };

test("a template is written, previewed without a script of its own, saved over somebody else's change, and tested", async () => {
  const page = await signedIn("/templates");
  await page.getByRole("button", { name: /New template/ }).click();
  await page.getByRole("menuitem", { name: "Plain letter" }).click();
  await page.getByRole("textbox", { name: "Name" }).fill("Flow letter");

  // A mistyped variable is named in the list, at its line.
  const body = page.getByRole("textbox", { name: "Everybody · Plain text" });
  await body.waitFor();
  await page.getByRole("textbox", { name: "Subject" }).fill("Dear {{ member.nmae }}");
  await page.getByRole("button", { name: /member\.nmae.*Subject/s }).first().waitFor();
  await page.getByRole("textbox", { name: "Subject" }).fill("Dear ");

  // The picker puts a variable with its fallback where the cursor was.
  await page.getByRole("textbox", { name: "Subject" }).press("End");
  await page.getByRole("button", { name: /Insert/ }).click();
  await page.getByRole("textbox", { name: "Find a variable, partial or block" }).fill("member.name");
  await page.getByRole("button", { name: /member\.name/ }).first().click();
  assert.equal(await page.getByRole("textbox", { name: "Subject" }).inputValue(), 'Dear {{ member.name|fallback("friend") }}');

  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.waitForURL(/\/templates\/tpl_/);
  const id = /tpl_\w+/.exec(page.url())?.[0];
  await page.getByText("Version 1").waitFor();

  // What is scripted in a mail stays dead, and its pictures are not fetched.
  await page.getByText("HTML", { exact: true }).click();
  await page.getByRole("textbox", { name: "Everybody · HTML" }).fill('<p id="x">Hello <script>document.body.id="ran"</script><img src="https://pictures.invalid/a.png"> there</p>');
  await page.getByText("1 outside picture is not loaded").waitFor();
  const mail = page.frameLocator('iframe[title^="Preview of"]');
  await mail.getByText("Hello").waitFor();
  assert.equal(await mail.locator("#ran").count(), 0);

  // Somebody else saves first: mine is kept, theirs is among the versions.
  const theirs = await (await page.request.get(api(`templates/${id}`))).json();
  await page.request.patch(api(`templates/${id}`), { headers, data: { subject: "Theirs", version: theirs.version } });
  await page.getByRole("button", { name: "Save", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "Somebody has just saved another version" });
  await dialog.getByRole("button", { name: "Keep mine" }).click();
  await page.getByText("Version 3").first().waitFor();
  const saved = await (await page.request.get(api(`templates/${id}`))).json();
  assert.equal(saved.subject, 'Dear {{ member.name|fallback("friend") }}');
  assert.match(saved.html, /Hello/);

  await page.getByRole("button", { name: /Send a test/ }).click();
  const drawer = page.getByRole("dialog", { name: "Send a test" });
  await drawer.getByRole("button", { name: "Send the test" }).click();
  await drawer.getByText(/Sent|Delivered/).first().waitFor();
  await page.isWell();
});
