// A question from an empty page to a board, and the people behind it to a segment; a goal; and questions in SQL. Wherever
// a number stands twice it is the same.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { app, signedIn } from "./support.mjs";

const DAY = 86_400_000;
const WINDOW = 3;
const STEPS = ["Product Viewed", "Product Added", "Order Completed"];
const SHOWN = ["Viewed a product", "Added to the cart", "Ordered"];
const TITLE = `How far did they get: ${SHOWN.join(" → ")}?`;

const dayBefore = (day, days) => new Date(Date.parse(`${day}T00:00:00Z`) - days * DAY).toISOString().slice(0, 10);
const numberIn = (text) => Number(text.replace(/[^\d]/g, ""));
const sum = (numbers) => numbers.reduce((all, one) => all + one, 0);

/** Chooses from the list of a field, after typing what is looked for. */
async function choose(page, field, typed, option) {
  await field.click();
  if (typed) await field.fill(typed);
  await page.locator(".ant-select-dropdown:visible .ant-select-item-option").filter({ hasText: option }).first().click();
}

/** Does something that brings the answer which fits, and waits until the page shows it. */
async function answered(page, fits, act) {
  const came = page.waitForResponse(async (reply) => {
    if (!reply.url().endsWith("/api/v1/insight/funnel") || !reply.ok()) return false;
    // An answer that nobody waits for any more has no body left.
    const answer = await reply.json().catch(() => null);
    return answer !== null && fits(answer);
  });
  await act();
  const answer = await (await came).json();
  await page.locator('.h-answer-kept[aria-busy="false"]:not(.is-waiting)').waitFor();
  return answer;
}

/** The table of an answer, row by row. */
function rowsOf(page) {
  return page.getByRole("region", { name: TITLE }).locator("tbody tr").evaluateAll((rows) => rows.map((row) => [...row.cells].map((cell) => cell.innerText.trim())));
}

/** How many people a list is of: its headline, and the file that is written of it. */
async function membersIn(page, drawer) {
  const headline = numberIn(await drawer.getByText(/^[\d,]+ members?$/).innerText());
  await drawer.getByRole("button", { name: "Export" }).click();
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("menuitem", { name: "CSV file" }).click()]);
  const [, ...lines] = (await readFile(await download.path(), "utf8")).trim().split("\n");
  assert.equal(lines.length, headline, "the list is as long as its headline says");
  return headline;
}

test("a funnel is built, explained, broken down, followed to its members, and kept as a segment and on a board", async () => {
  const page = await signedIn("/insight/funnel", { language: "en" });
  const segment = `Left the cart ${Date.now()}`;
  const board = `Monday round ${Date.now()}`;

  await page.getByRole("button", { name: "Ask a question of my own" }).click();
  await page.getByText("Almost: choose the event").waitFor();
  const steps = page.getByRole("list", { name: "Steps" }).getByRole("listitem");
  for (const [at, event] of STEPS.entries()) {
    if (at === 2) await page.getByRole("button", { name: "Add a step" }).click();
    await choose(page, steps.nth(at).getByRole("combobox", { name: "Event" }), event, SHOWN[at]);
    // Conditions are offered once the question has the event.
    await steps.nth(at).getByRole("button", { name: "condition" }).waitFor();
  }
  const isWithin = ({ definition }) => definition.en.includes(`within ${WINDOW} days`);
  await answered(page, isWithin, () => page.getByRole("spinbutton", { name: "How long" }).fill(String(WINDOW)));

  // The shop of the demo stays open: only what is long past has the same answer whenever somebody asks.
  await choose(page, page.getByRole("combobox", { name: "Dates" }), "", "other dates");
  const lastDay = page.getByRole("textbox", { name: "Last day" });
  const last = dayBefore(await lastDay.inputValue(), WINDOW + 1);
  const first = await page.getByRole("textbox", { name: "First day" }).inputValue();
  const isWanted = (one) => isWithin(one) && Date.parse(one.range.to) === Date.parse(`${last}T24:00:00+08:00`);
  const answer = await answered(page, isWanted, async () => {
    await lastDay.fill(last);
    await lastDay.press("Enter");
  });

  // Table, numbers above it and picture say the same.
  const rows = await rowsOf(page);
  const reached = rows.map((row) => numberIn(row[1]));
  const shares = rows.map((row) => row[2]);
  assert.deepEqual(reached, answer.steps.map((step) => step.members));
  assert.ok(reached[0] > reached[1] && reached[1] > reached[2] && reached[2] > 0, `some are lost at each step: ${reached}`);
  assert.equal(numberIn(rows[2][4]), reached[1] - reached[2], "lost are those who do not come further");
  assert.equal(await page.locator(".h-figures div", { hasText: "Conversion" }).locator("strong").innerText(), shares[2]);

  // What is drawn stands in words beside the canvas.
  const picture = page.locator(".h-chart > [aria-label]").first();
  const drawn = await picture.getAttribute("aria-label");
  for (const [at, members] of reached.entries()) assert.ok(drawn.includes(`the data for ${at + 1} ${SHOWN[at]} is ${at}, ${members / reached[0]}`), drawn);

  // A click into the second bar, low enough to be within it.
  const { width, height } = await picture.boundingBox();
  await picture.click({ position: { x: width / 2, y: height - 40 } });
  const drawer = page.getByRole("dialog");
  await drawer.getByText(`Reached step 2: ${SHOWN[1]}`).waitFor();
  assert.equal(await membersIn(page, drawer), reached[1]);
  await page.goBack();
  await drawer.waitFor({ state: "detached" });

  await page.getByRole("button", { name: "Why?" }).click();
  const why = page.getByRole("tooltip");
  await why.getByText(`Members who did ${STEPS.map((step) => `“${step}”`).join(" → ")} in this order`).waitFor();
  await why.getByText(`all within ${WINDOW} days of the first of them`).waitFor();
  await why.getByText("Asia/Shanghai").waitFor();
  await page.getByRole("button", { name: "Why?" }).click();

  // Everybody is in one group.
  const byCity = (one) => isWanted(one) && one.groups.length > 0;
  await answered(page, byCity, () => choose(page, page.getByRole("combobox", { name: "Broken down by" }), "city", "of the member"));
  const [all, groups] = [(await rowsOf(page)).slice(0, 3), (await rowsOf(page)).slice(3)];
  assert.deepEqual(all.map((row) => numberIn(row[2])), reached);
  for (const [at, whole] of reached.entries()) {
    const ofStep = groups.filter((_, place) => place % STEPS.length === at);
    assert.equal(sum(ofStep.map((row) => numberIn(row[2]))), whole, `the groups of step ${at + 1} make up the whole`);
  }

  // Behind a number of the largest group are as many as it says, and on its other side those who came further.
  const [city] = groups[0];
  const [, , , , , lost] = groups[2];
  assert.ok(numberIn(lost) > 0 && numberIn(lost) < reached[1] - reached[2], `some of ${city} have left`);
  const cityRow = page.getByRole("region", { name: TITLE }).getByRole("row").filter({ has: page.getByRole("rowheader", { name: city, exact: true }) }).nth(2);
  await cityRow.getByRole("button", { name: lost, exact: true }).last().click();
  await drawer.getByText(`Stopped before step 3: ${SHOWN[2]} · ${city}`).waitFor();
  assert.equal(await membersIn(page, drawer), numberIn(lost));
  await drawer.getByRole("button", { name: "Show who reached this step" }).click();
  await drawer.getByText(`Reached step 3: ${SHOWN[2]} · ${city}`).waitFor();
  assert.equal(await membersIn(page, drawer), numberIn(groups[2][2]));
  await drawer.getByRole("button", { name: "Show who stopped before this step" }).click();
  await drawer.getByText(`Stopped before step 3: ${SHOWN[2]} · ${city}`).waitFor();

  await drawer.getByRole("button", { name: "Save as segment" }).click();
  await drawer.getByRole("textbox", { name: "Name of the segment" }).fill(segment);
  await drawer.getByRole("button", { name: "Save the segment" }).click();
  await drawer.getByText("The segment is ready.").waitFor();
  const question = page.url();
  await drawer.getByRole("link", { name: "Open the segment" }).click();
  await page.getByRole("heading", { level: 1, name: segment }).waitFor();
  assert.equal(await page.locator(".h-segment-number strong").innerText(), lost);
  await page.getByRole("link", { name: "Segments" }).first().click();
  const listed = page.getByRole("row").filter({ hasText: segment });
  await listed.getByRole("cell", { name: lost, exact: true }).waitFor();

  // The address is the question, so it is answered as before; and so is the card that it becomes.
  await answered(page, byCity, () => page.goto(question));
  await drawer.getByRole("button", { name: "Close" }).first().click();
  assert.deepEqual(await rowsOf(page), [...all, ...groups]);
  await page.getByRole("button", { name: "Save to board" }).click();
  const dialog = page.getByRole("dialog", { name: "Save to board" });
  await dialog.getByRole("textbox", { name: "Name of the board" }).fill(board);
  await dialog.getByText("Table", { exact: true }).click();
  await dialog.getByText("Whole row", { exact: true }).click();
  await dialog.getByRole("button", { name: "Save" }).click();
  await page.getByRole("heading", { level: 1, name: board }).waitFor();
  await page.getByText("All changes are saved").waitFor();
  await answered(page, byCity, () => page.reload());
  assert.deepEqual(await rowsOf(page), [...all, ...groups]);

  await page.getByRole("link", { name: "Boards" }).first().click();
  const tile = page.getByRole("link").filter({ hasText: board });
  await tile.getByText("1 card").waitFor();
  await tile.click();
  await page.getByRole("button", { name: `Open “${TITLE}”` }).click();
  await page.getByRole("heading", { level: 1, name: "Funnel" }).waitFor();
  await page.getByRole("region", { name: TITLE }).waitFor();
  assert.deepEqual(await rowsOf(page), [...all, ...groups]);

  // SQL, which goes another way, finds as many who took the first step.
  await page.goto(`${app}/app/insight/sql`);
  const during = `time >= '${first}T00:00:00+08:00' AND time < '${dayBefore(last, -1)}T00:00:00+08:00'`;
  await query(page, `SELECT COUNT(DISTINCT member_id) AS members FROM events WHERE event = '${STEPS[0]}' AND ${during}`);
  assert.deepEqual(await cells(page), [[String(reached[0])]]);
  await page.isWell();
});

/** Runs a query and waits for what comes of it: the rows, or the alert. */
async function query(page, text) {
  const editor = page.getByRole("textbox", { name: "Query in SQL" });
  await editor.fill(text);
  const [reply] = await Promise.all([
    page.waitForResponse((reply) => reply.url().endsWith("/api/v1/insight/sql")),
    editor.press("Control+Enter"),
  ]);
  if (!reply.ok()) return reply;
  const { rows } = await reply.json();
  await page.locator(".h-sql-answer > div:not(.is-former) .h-sql-facts strong", { hasText: new RegExp(`^${rows.length} rows?$`) }).waitFor();
  return reply;
}

const cells = (page) =>
  page.getByRole("grid", { name: "Rows of the query" }).locator("tbody tr").evaluateAll((rows) => rows.map((row) => [...row.cells].map((cell) => cell.innerText.trim())));

test("SQL answers and refuses to write, and a goal counts what SQL counts", async () => {
  const page = await signedIn("/insight/sql", { language: "en" });
  await query(page, "SELECT event, COUNT(*) AS n FROM events GROUP BY event ORDER BY n DESC LIMIT 5");
  const top = await cells(page);
  assert.equal(top.length, 5);
  assert.ok(top.some(([event]) => event === STEPS[0]), `${STEPS[0]} is among the most frequent: ${top}`);
  const counts = top.map(([, n]) => Number(n));
  assert.deepEqual(counts, [...counts].sort((one, other) => other - one), "the largest first");

  const today = new Intl.DateTimeFormat("en-CA", { timeZone: "Asia/Shanghai" }).format(new Date());
  const from = dayBefore(today, 20);
  const orders = `SELECT COUNT(*) AS orders FROM events WHERE event = '${STEPS[2]}' AND time >= '${from}T00:00:00+08:00'`;
  const howMany = async () => {
    await query(page, orders);
    await page.getByRole("columnheader", { name: /^orders/ }).waitFor();
    return Number((await cells(page))[0][0]);
  };
  const before = await howMany();

  const refused = await query(page, "DELETE FROM events");
  assert.equal(refused.status(), 422);
  const alert = page.getByRole("alert").filter({ hasText: "This query cannot be run" });
  await alert.getByText("a query only reads: begin with SELECT or WITH").waitFor();
  assert.equal(await page.getByRole("grid").count(), 0, "no rows of another query stand beneath");
  await page.getByRole("tab", { name: "History" }).click();
  const past = page.getByRole("button").filter({ hasText: "DELETE FROM events" });
  await past.first().getByText("Failed").waitFor();

  const name = `Orders to come ${Date.now()}`;
  const target = before * 2;
  await page.getByRole("link", { name: "Goals" }).first().click();
  await page.getByRole("button", { name: "New goal" }).click();
  const drawer = page.getByRole("dialog", { name: "New goal" });
  await choose(page, drawer.getByRole("combobox", { name: "Event" }), STEPS[2], SHOWN[2]);
  const begin = drawer.getByRole("textbox", { name: "From" });
  await begin.fill(from);
  await begin.press("Enter");
  await drawer.getByRole("spinbutton", { name: "Target" }).fill(String(target));
  await drawer.getByText(/^The last 28 days: [\d,]+\. At that pace it would be [\d,]+ by the deadline\.$/).waitFor();
  await drawer.getByRole("textbox", { name: "Name" }).fill(name);
  await drawer.getByRole("button", { name: "Make the goal" }).click();

  // Orders come in meanwhile: the goal lies between what is counted before and after it.
  const bar = page.getByRole("progressbar", { name });
  await bar.waitFor();
  const card = page.getByRole("listitem").filter({ has: bar });
  const reached = numberIn(await card.locator(".h-goal-numbers strong").innerText());
  await card.getByText(`of ${target.toLocaleString("en")} (`).waitFor();
  assert.equal(Number(await bar.getAttribute("aria-valuenow")), Math.round((reached / target) * 100));
  assert.match(await bar.getAttribute("aria-valuetext"), /: (Ahead|On course|Behind)$/);
  await card.getByRole("button", { name: "Course" }).click();
  await card.getByRole("heading", { name: `How does “${name}” come along?` }).waitFor();
  await card.locator("canvas").waitFor();

  await page.goto(`${app}/app/insight/sql`);
  const after = await howMany();
  assert.ok(before <= reached && reached <= after, `${before} ≤ ${reached} ≤ ${after}`);
  await page.isWell();
});
