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
const pages = {
  login: { path: "/login", isOpen: true },
  ...(process.env.HEARTH_SETUP ? { setup: { path: process.env.HEARTH_SETUP, isOpen: true } } : {}),
  home: { path: "/" },
  segments: { path: "/segments" },
  "segments-new": { path: "/segments/new" },
  "segments-starter": { path: "/segments/new?starter=asleep" },
  segment: { path: "/segments/{segments}" },
  "segment-members": { path: "/segments/{segments}?tab=members" },
  "segment-changes": { path: "/segments/{segments}?tab=changes" },
  "segment-edit": { path: "/segments/{segments}/edit" },
  "segments-overlap": { path: "/segments/overlap?ids={segments},{segments:1},{segments:2},{segments:3}" },
  templates: { path: "/templates" },
  template: { path: (first) => first("templates", "/templates/") },
  "template-versions": { path: async (first) => `${await first("templates", "/templates/")}?open=versions` },
  "template-test": { path: async (first) => `${await first("templates", "/templates/")}?open=test` },
  "template-new": { path: "/templates/new?start=offer" },
  partials: { path: "/templates/partials" },
  partial: { path: "/templates/partials/new" },
  deliveries: { path: "/deliveries" },
  delivery: { path: (first) => first("deliveries", "/deliveries?open=") },
  queue: { path: "/deliveries/queue" },
  suppressions: { path: "/deliveries/suppressions" },
  tasks: { path: "/tasks" },
  task: { path: (first) => first("tasks", "/tasks?open=") },
  imports: { path: "/imports" },
  "import-new": { path: "/imports/new" },
  import: { path: (first) => first("imports", "/imports/") },
  "import-columns": { path: async (first) => `${await first("imports", "/imports/")}?step=columns` },
  keys: { path: "/settings/keys" },
  "keys-new": { path: "/settings/keys?open=new" },
  users: { path: "/settings/users" },
  "users-new": { path: "/settings/users?open=new" },
  channels: { path: "/settings/channels" },
  "channels-new": { path: "/settings/channels?open=new" },
  topics: { path: "/settings/topics" },
  "topics-new": { path: "/settings/topics?open=new" },
  policy: { path: "/settings/policy" },
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

/** Puts ids of what there is in the place of `{segments}` (the newest) or `{segments:2}` (the third newest). */
async function withIds(context, path) {
  let whole = path;
  for (const [hole, list, place] of path.matchAll(/\{([\w-]+)(?::(\d+))?\}/g)) {
    const reply = await context.request.get(`${app.replace(/\/app$/, "")}/api/v1/${list}?limit=20`);
    const { items } = await reply.json();
    whole = whole.replace(hole, items[Number(place ?? 0)]?.id ?? "none");
  }
  return whole;
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
  /** The page of the newest thing of a list, or the list's own page while there is none. */
  const first = async (list, before) => {
    const { items } = await (await page.request.get(new URL(`/api/v1/${list}?limit=1`, app).href)).json();
    return before + (items[0]?.id ?? "");
  };
  for (const [name, { path }] of Object.entries(pages)) {
    if (chosen.length > 0 && !chosen.includes(name)) continue;
    await page.goto(app + (await withIds(context, path)));
    await page.goto(app + (typeof path === "string" ? path : await path(first)));
    await page.waitForSelector("h1, h2", { state: "visible" });
    await quiet(page);
    await page.waitForFunction(() => !document.querySelector('[class*="motion"], .h-loading'));
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
