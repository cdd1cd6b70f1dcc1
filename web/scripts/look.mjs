// Takes a picture of each page in both themes, Chinese and English, wide and narrow, and asks axe what is wrong.
//
//   HEARTH_APP=http://127.0.0.1:7700 HEARTH_EMAIL=… HEARTH_PASSWORD=… npm run look -- [page …]
//
// Pictures are written to the folder HEARTH_PICTURES (screenshots/ unless set); with HEARTH_WHOLE=1 they are as long as the
// page. HEARTH_VIEWS=light-zh-1440,dark-en-390 takes those only. Fails on serious findings, on messages in the browser's
// console, on what the content security policy stopped, on raw keys of messages, and when a page is wider than the screen.

import { mkdir, readFile } from "node:fs/promises";
import path from "node:path";
import { chromium } from "playwright-core";
import { pages } from "./pages.mjs";

/** Where the app lives: HEARTH_APP names the server, with or without the /app below which its pages are. */
const server = (process.env.HEARTH_APP ?? "http://127.0.0.1:5181").replace(/\/(app\/?)?$/, "");
const app = `${server}/app`;
const chosen = process.argv.slice(2);
const named = process.env.HEARTH_VIEWS?.split(",");
const sizes = { 1440: 900, 390: 844 };
const languages = { zh: "zh-CN", en: "en" };
const views = [];
for (const theme of ["light", "dark"]) {
  for (const short of Object.keys(languages)) {
    for (const width of [1440, 390]) views.push({ name: `${theme}-${short}-${width}`, theme, language: languages[short], width, height: sizes[width] });
  }
}

const folder = path.resolve(process.env.HEARTH_PICTURES ?? new URL("../screenshots/", import.meta.url).pathname);
await mkdir(folder, { recursive: true });
const axe = await readFile(new URL("../node_modules/axe-core/axe.min.js", import.meta.url), "utf8");
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
let faults = 0;

function fault(text) {
  faults += 1;
  console.log(text);
}

/** How many questions to the API each page waits for. The stream of changes stays open for ever, so the network is never idle. */
const asking = new WeakMap();

function watch(page, view) {
  asking.set(page, new Set());
  page.on("request", (request) => {
    if (/\/api\/v1\/(?!live)/.test(request.url())) asking.get(page).add(request);
  });
  for (const end of ["requestfinished", "requestfailed"]) page.on(end, (request) => asking.get(page).delete(request));
  page.on("console", (message) => {
    if (!["error", "warning"].includes(message.type()) || /40[134]/.test(message.text())) return;
    fault(`${view.name} console: ${message.text().slice(0, 300)}`);
  });
  page.on("pageerror", (error) => fault(`${view.name} error: ${error.message}`));
}

/** Waits until nothing was asked for half a second. */
async function quiet(page) {
  for (let calm = 0; calm < 5; calm += 1) {
    await page.waitForTimeout(100);
    if (asking.get(page).size > 0) calm = 0;
  }
}

async function signIn(page) {
  await page.goto(`${app}/login`);
  await page.fill('input[type="email"]', process.env.HEARTH_EMAIL ?? "");
  await page.fill('input[type="password"]', process.env.HEARTH_PASSWORD ?? "");
  await page.click('button[type="submit"]');
  await page.waitForSelector(".h-shell");
}

/** Puts ids of what there is in their places; null while there is none. */
async function withIds(page, address) {
  let whole = address;
  for (const [hole, list, count] of address.matchAll(/\{([^{}*]+)(?:\*(\d+))?\}/g)) {
    const reply = await page.request.get(new URL(`/api/v1/${list}${list.includes("?") ? "&" : "?"}limit=${count ?? 1}`, server).href);
    const { items } = await reply.json();
    if (items.length === 0) return null;
    whole = whole.replace(hole, items.map((item) => item.id).join(","));
  }
  return whole;
}

/** Words of the page that look like the key of a message, such as `members:list.title`. */
function rawKeys() {
  const key = /\b[a-z]{2,}:[a-z][A-Za-z]+(\.[a-zA-Z]+)+\b/g;
  return document.body.innerText.match(key) ?? [];
}

async function look(page, name, view) {
  const { address: holes, keys } = typeof pages[name] === "string" ? { address: pages[name] } : pages[name];
  const address = await withIds(page, holes);
  if (address === null) {
    console.log(`${name}: there is nothing to show`);
    return;
  }
  await page.goto(app + address);
  await page.waitForSelector("h1, h2", { state: "visible" });
  await quiet(page);
  if (keys) {
    await page.keyboard.press(keys);
    await quiet(page);
  }
  await page.waitForFunction(() => !document.querySelector('[class*="motion"], .h-loading, .h-chart > div[aria-hidden]:empty'));
  await page.screenshot({ path: `${folder}/${name}-${view.name}.png`, fullPage: Boolean(process.env.HEARTH_WHOLE) });
  const tooWide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  if (tooWide > 0) fault(`${name} ${view.name}: ${tooWide} px wider than the screen`);
  for (const key of await page.evaluate(rawKeys)) fault(`${name} ${view.name}: the key ${key} is shown`);
  for (const stopped of await page.evaluate(() => window.stopped)) fault(`${name} ${view.name}: stopped by the policy: ${stopped}`);
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run());
  for (const one of violations) {
    const text = `${name} ${view.name}: ${one.impact} ${one.id}: ${one.nodes.map((node) => node.html.slice(0, 160)).slice(0, 3).join(" | ")}`;
    if (["serious", "critical"].includes(one.impact)) fault(text);
    else console.log(text);
  }
}

let state;
for (const view of views) {
  if (named && !named.includes(view.name)) continue;
  const context = await browser.newContext({ viewport: view, storageState: state, reducedMotion: "reduce" });
  await context.addInitScript(({ theme, language }) => {
    window.stopped = [];
    document.addEventListener("securitypolicyviolation", (event) => window.stopped.push(`${event.violatedDirective} ${event.blockedURI}`));
    // The frame in which mails are shown has nothing of its own to remember.
    if (window.top !== window) return;
    localStorage.setItem("hearth.theme", JSON.stringify(theme));
    localStorage.setItem("hearth.language", JSON.stringify(language));
  }, view);
  const page = await context.newPage();
  watch(page, view);
  if (!state) {
    await signIn(page);
    state = await context.storageState();
  }
  for (const name of Object.keys(pages)) {
    if (chosen.length === 0 || chosen.includes(name)) await look(page, name, view);
  }
  await context.close();
}
await browser.close();
console.log(`${faults} faults`);
process.exit(faults === 0 ? 0 : 1);
