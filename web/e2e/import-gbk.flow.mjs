// Somebody imports a list of members as a Chinese till writes it: GBK, with a date that may be read in two ways, a row that
// names nobody, and a column about consent.

import assert from "node:assert/strict";
import { test } from "node:test";
import { signedIn } from "./support.mjs";

/** GBK, for which Node has no encoder, of the words that the file needs; all else in it is ASCII. */
const WORDS = { 会员编号: "bbe1d4b1b1e0bac5", 姓名: "d0d5c3fb", 入会日期: "c8ebbbe1c8d5c6da", 张伟: "d5c5ceb0", 李芳: "c0eeb7bc", 无名氏: "cedec3fbcacf" };

function gbk(text) {
  const parts = text.split(/(\p{Script=Han}+)/u);
  return Buffer.concat(parts.map((part) => (WORDS[part] ? Buffer.from(WORDS[part], "hex") : Buffer.from(part, "latin1"))));
}

/** Another number each time, so that the flow can be gone through twice. */
const NUMBER = `G${Date.now()}`;
const FILE = gbk(`会员编号,姓名,入会日期\r\n${NUMBER}1,张伟,03/04/2021\r\n${NUMBER}2,李芳,05/06/2022\r\n,无名氏,07/08/2022\r\n`);

test("a GBK file is read, its question answered, tried out, imported, and its rejected row handed back", async () => {
  const page = await signedIn("/imports");
  await page.getByRole("button", { name: /Import a file/ }).first().click();
  await page.locator('input[type="file"]').setInputFiles({ name: "members-gbk.csv", mimeType: "text/csv", buffer: FILE });

  // The names of the columns are readable, so the encoding was found.
  const mapping = page.getByRole("combobox", { name: "Use of “会员编号”" });
  await mapping.waitFor();
  assert.match(await page.getByRole("region", { name: "First rows" }).innerText(), /张伟/);

  // Day or month first: asked, and answered with one click.
  const question = page.getByRole("group", { name: /In “入会日期”, does the day or the month come first/ });
  await question.getByRole("radio", { name: "31/01/2026" }).check();

  await page.getByRole("button", { name: "Try it out" }).click();
  await page.getByRole("heading", { name: "What the import would do" }).waitFor();
  await page.getByRole("button", { name: "Import 2 rows" }).waitFor();
  await page.getByText("Does not say who it is").waitFor();

  // A reload leads back to the same step.
  await page.reload();
  await page.getByRole("button", { name: "Import 2 rows" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Begin the import" }).click();
  await page.getByText("The import is done").waitFor();

  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: /Download rows left out/ }).click()]);
  const rejects = await (await import("node:fs/promises")).readFile(await download.path(), "utf8");
  assert.match(rejects, /无名氏/);

  // The member is there, with his name as the till wrote it.
  const found = await page.request.get(`${process.env.HEARTH_APP}/api/v1/members?search=${NUMBER}1`);
  const { items } = await found.json();
  assert.equal(items[0].traits.name, "张伟");
  assert.equal(items[0].traits.registered_at, "2021-04-03");
  await page.isWell();
});
