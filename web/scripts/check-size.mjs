// Fails when what a browser needs before Home can be used is more script than 350 kB gzip.

import { readFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";

const LIMIT = 350_000;
/** The pages somebody may open first, with the modules that the router loads for them; Home comes with the app itself. */
const FIRST_PAGES = { home: [], login: ["src/features/session/index.ts", "src/messages/zh-CN/session.json"] };

const dist = new URL("../dist/app/", import.meta.url);
const manifest = JSON.parse(await readFile(new URL(".vite/manifest.json", dist), "utf8"));
const wordsOfTheHouse = Object.keys(manifest).find((name) => name.startsWith("_words-zh-CN-"));
if (!wordsOfTheHouse) throw new Error("the build has no words of the house in one file; mend vite.config.ts");
const ALWAYS = ["index.html", wordsOfTheHouse];

function closure(names, seen = new Set()) {
  for (const name of names) {
    if (seen.has(name)) continue;
    if (!manifest[name]) throw new Error(`the build has no ${name}; mend the list in scripts/check-size.mjs`);
    seen.add(name);
    closure(manifest[name].imports ?? [], seen);
  }
  return seen;
}

let worst = 0;
for (const [page, modules] of Object.entries(FIRST_PAGES)) {
  const files = [...closure([...ALWAYS, ...modules])].map((name) => manifest[name].file);
  let bytes = 0;
  for (const file of new Set(files)) {
    if (file.endsWith(".js")) bytes += gzipSync(await readFile(new URL(file, dist)), { level: 9 }).length;
  }
  console.log(`first load of ${page}: ${(bytes / 1000).toFixed(1)} kB gzip of at most ${LIMIT / 1000}`);
  worst = Math.max(worst, bytes);
}
if (worst > LIMIT) {
  console.error("too much: load a route or a library lazily");
  process.exit(1);
}
