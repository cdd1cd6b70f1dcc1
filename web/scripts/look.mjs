// Takes a picture of each page in both themes, Chinese and English, desktop and phone, and asks axe what is wrong.
//
//   HEARTH_APP=http://127.0.0.1:5181 HEARTH_EMAIL=… HEARTH_PASSWORD=… npm run look -- [page …]
//
// Pictures are written to screenshots/; with HEARTH_WHOLE=1 they are as long as the page. HEARTH_SETUP=<path with token>
// adds the set-up page. Fails on serious findings, on messages in the browser's console, and when a page is wider than the
// screen.

import { mkdir, readFile } from "node:fs/promises";
import { chromium } from "playwright-core";

/** Where the app lives: HEARTH_APP names the server, with or without the /app below which its pages are. */
const app = `${(process.env.HEARTH_APP ?? "http://127.0.0.1:5181").replace(/\/(app\/?)?$/, "")}/app`;
/** Members of whom there is something to tell. */
const STORIED = "members?stage=repeat&tag=葡萄酒爱好者";
const pages = {
  login: { path: "/login", isOpen: true },
  ...(process.env.HEARTH_SETUP ? { setup: { path: process.env.HEARTH_SETUP, isOpen: true } } : {}),
  home: { path: "/" },
  members: { path: "/members" },
  "members-found": { path: "/members?search=139&stage=repeat" },
  "members-none": { path: "/members?search=nobody-is-called-so" },
  member: { path: (first) => first(STORIED, "/members/") },
  "member-messages": { path: async (first) => `${await first(STORIED, "/members/")}?tab=deliveries` },
  "member-journeys": { path: async (first) => `${await first(STORIED, "/members/")}?tab=journeys` },
  "member-consent": { path: async (first) => `${await first(STORIED, "/members/")}?tab=consent` },
  "member-merges": { path: async (first) => `${await first(STORIED, "/members/")}?tab=merges` },
  "member-trait": { path: async (first) => `${await first(STORIED, "/members/")}?open=trait` },
  "member-merge": { path: async (first) => `${await first(STORIED, "/members/")}?open=merge` },
  "member-erase": { path: async (first) => `${await first(STORIED, "/members/")}?open=erase` },
  suggestions: { path: "/members/merges" },
  merges: { path: "/members/merges?tab=done" },
  segments: { path: "/segments" },
  "segments-new": { path: "/segments/new" },
  "segments-starter": { path: "/segments/new?starter=asleep" },
  segment: { path: (first) => first("segments", "/segments/") },
  "segment-members": { path: async (first) => `${await first("segments", "/segments/")}?tab=members` },
  "segment-changes": { path: async (first) => `${await first("segments", "/segments/")}?tab=changes` },
  "segment-edit": { path: async (first) => `${await first("segments", "/segments/")}/edit` },
  "segments-overlap": { path: (first) => first("segments", "/segments/overlap?ids=", 4) },
  templates: { path: "/templates" },
  template: { path: "/templates/{templates}" },
  "template-versions": { path: "/templates/{templates}?open=versions" },
  "template-test": { path: "/templates/{templates}?open=test" },
  "template-new": { path: "/templates/new?start=offer" },
  partials: { path: "/templates/partials" },
  partial: { path: "/templates/partials/new" },
  deliveries: { path: "/deliveries" },
  delivery: { path: "/deliveries?open={deliveries}" },
  queue: { path: "/deliveries/queue" },
  suppressions: { path: "/deliveries/suppressions" },
  tasks: { path: "/tasks" },
  task: { path: "/tasks?open={tasks}" },
  imports: { path: "/imports" },
  "import-new": { path: "/imports/new" },
  import: { path: "/imports/{imports}" },
  "import-columns": { path: "/imports/{imports}?step=columns" },
  keys: { path: "/settings/keys" },
  "keys-new": { path: "/settings/keys?open=new" },
  users: { path: "/settings/users" },
  "users-new": { path: "/settings/users?open=new" },
  channels: { path: "/settings/channels" },
  "channels-new": { path: "/settings/channels?open=new" },
  topics: { path: "/settings/topics" },
  "topics-new": { path: "/settings/topics?open=new" },
  policy: { path: "/settings/policy" },
  tags: { path: "/settings/tags" },
  "tags-new": { path: "/settings/tags?open=new" },
  stages: { path: "/settings/stages" },
  traits: { path: "/settings/traits" },
  "traits-new": { path: "/settings/traits?open=new" },
  retention: { path: "/settings/retention" },
  audit: { path: "/settings/audit" },
  health: { path: "/settings/health" },
  "health-letters": { path: "/settings/health?tab=letters" },
  workspace: { path: "/settings/workspace" },
  account: { path: "/settings/account" },
  lost: { path: "/no-such-page" },
};
const chosen = process.argv.slice(2);
const views = [
  { name: "light-zh-1440", theme: "light", language: "zh-CN", width: 1440, height: 900 },
  { name: "dark-en-1440", theme: "dark", language: "en", width: 1440, height: 900 },
  { name: "dark-zh-390", theme: "dark", language: "zh-CN", width: 390, height: 844 },
  { name: "light-en-390", theme: "light", language: "en", width: 390, height: 844 },
];

const folder = new URL("../screenshots/", import.meta.url).pathname;
await mkdir(folder, { recursive: true });
const axe = await readFile(new URL("../node_modules/axe-core/axe.min.js", import.meta.url), "utf8");
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
let faults = 0;

/** How many questions to the API each page waits for. The stream of changes stays open for ever, so the network is never idle. */
const asking = new WeakMap();

function watch(page) {
  asking.set(page, new Set());
  page.on("request", (request) => {
    if (/\/api\/v1\/(?!live)/.test(request.url())) asking.get(page).add(request);
  });
  for (const end of ["requestfinished", "requestfailed"]) page.on(end, (request) => asking.get(page).delete(request));
}

/** Waits until nothing was asked for half a second. */
async function quiet(page) {
  for (let calm = 0; calm < 5; calm += 1) {
    await page.waitForTimeout(100);
    if (asking.get(page).size > 0) calm = 0;
  }
}

let state;
for (const view of views) {
  const context = await browser.newContext({ viewport: view, storageState: state, reducedMotion: "reduce" });
  await context.addInitScript(({ theme, language }) => {
    // The frame in which mails are shown has nothing of its own to remember.
    if (window.top !== window) return;
    localStorage.setItem("hearth.theme", JSON.stringify(theme));
    localStorage.setItem("hearth.language", JSON.stringify(language));
  }, view);
  const page = await context.newPage();
  watch(page);
  page.on("console", (message) => {
    if (!["error", "warning"].includes(message.type()) || /40[134]/.test(message.text())) return;
    faults += 1;
    console.log(`${view.name} console: ${message.text().slice(0, 300)}`);
  });
  page.on("pageerror", (error) => {
    faults += 1;
    console.log(`${view.name} error: ${error.message}`);
  });
  if (!state) {
    await page.goto(`${app}/login`);
    await page.fill('input[type="email"]', process.env.HEARTH_EMAIL ?? "");
    await page.fill('input[type="password"]', process.env.HEARTH_PASSWORD ?? "");
    await page.click('button[type="submit"]');
    await page.waitForSelector(".h-shell");
    state = await context.storageState();
  }
  /** The pages of the newest things of a list, or the list's own page while there is none. */
  const first = async (list, before, count = 1) => {
    const { items } = await (await page.request.get(new URL(`/api/v1/${list}${list.includes("?") ? "&" : "?"}limit=${count}`, app).href)).json();
    return before + items.map((item) => item.id).join(",");
  };
  for (const [name, { path }] of Object.entries(pages)) {
    if (chosen.length > 0 && !chosen.includes(name)) continue;
    await page.goto(app + (typeof path === "string" ? await withIds(context, path) : await path(first)));
    await page.waitForSelector("h1, h2", { state: "visible" });
    await quiet(page);
    await page.waitForFunction(() => !document.querySelector('[class*="motion"], .h-loading, .h-chart > div[aria-hidden]:empty'));
    await page.screenshot({ path: `${folder}${name}-${view.name}.png`, fullPage: Boolean(process.env.HEARTH_WHOLE) });
    const tooWide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    if (tooWide > 0) {
      faults += 1;
      console.log(`${name} ${view.name}: ${tooWide} px wider than the screen`);
    }
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => window.axe.run());
    for (const one of violations) {
      const isSerious = ["serious", "critical"].includes(one.impact);
      if (isSerious) faults += 1;
      console.log(`${name} ${view.name}: ${one.impact} ${one.id}: ${one.nodes.map((node) => node.html.slice(0, 160)).slice(0, 3).join(" | ")}`);
    }
  }
  await context.close();
}
await browser.close();
console.log(`${faults} faults`);
process.exit(faults === 0 ? 0 : 1);
