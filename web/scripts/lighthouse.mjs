// Measures a page of a running Hearth with Lighthouse and prints its scores.
//
//   HEARTH_APP=http://127.0.0.1:7700 HEARTH_EMAIL=… HEARTH_PASSWORD=… node scripts/lighthouse.mjs [desktop|mobile] [path] [runs]
//
// Several runs are taken and the one in the middle by performance counts, since one alone says more about the machine than
// about the page.

import { fileURLToPath } from "node:url";
import lighthouse, { desktopConfig } from "lighthouse";
import { chromium } from "playwright-core";

/** The scores (0 to 100) of the run in the middle, with what lies behind them. */
export async function measure({ app, email, password, path = "/app/", form = "desktop", runs = 3 }) {
  const port = 9200 + (process.pid % 700);
  const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", `--remote-debugging-port=${port}`] });
  try {
    const login = await fetch(`${app}/api/v1/login`, {
      method: "POST",
      headers: { "content-type": "application/json", origin: app },
      body: JSON.stringify({ email, password }),
    });
    if (!login.ok) throw new Error(`cannot sign in: ${login.status} ${await login.text()}`);
    // Into the browser's own jar rather than a header of each request: the shared worker of the stream would not send that, be
    // refused, and have the page ask for the password again while it is measured.
    const cookies = login.headers.getSetCookie().map((line) => {
      const [name, ...value] = line.split(";")[0].split("=");
      return { name, value: value.join("="), url: app };
    });
    const devtools = await browser.newBrowserCDPSession();
    const measured = [];
    for (let run = 0; run < runs; run += 1) {
      // Lighthouse begins each run with nothing in the browser.
      await devtools.send("Storage.setCookies", { cookies });
      const flags = { port, output: "json", logLevel: "error", onlyCategories: ["performance", "accessibility"] };
      const { lhr } = await lighthouse(app + path, flags, form === "desktop" ? desktopConfig : undefined);
      if (lhr.runtimeError) throw new Error(lhr.runtimeError.message);
      if (lhr.finalDisplayedUrl !== app + path) throw new Error(`measured ${lhr.finalDisplayedUrl} instead of ${app + path}`);
      const score = (name) => Math.round(lhr.categories[name].score * 100);
      const millis = (name) => Math.round(lhr.audits[name].numericValue);
      measured.push({
        page: lhr.finalDisplayedUrl,
        performance: score("performance"),
        accessibility: score("accessibility"),
        firstPaint: millis("first-contentful-paint"),
        largestPaint: millis("largest-contentful-paint"),
        blocked: millis("total-blocking-time"),
        shift: lhr.audits["cumulative-layout-shift"].numericValue,
        faults: lhr.categories.accessibility.auditRefs.filter(({ id }) => lhr.audits[id].score === 0).map(({ id }) => id),
      });
    }
    return measured.sort((a, b) => a.performance - b.performance)[Math.floor(runs / 2)];
  } finally {
    await browser.close();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [form = "desktop", path = "/app/", runs = "3"] = process.argv.slice(2);
  const { HEARTH_APP: app, HEARTH_EMAIL: email, HEARTH_PASSWORD: password } = process.env;
  console.log(JSON.stringify(await measure({ app, email, password, path, form, runs: Number(runs) }), null, 2));
}
