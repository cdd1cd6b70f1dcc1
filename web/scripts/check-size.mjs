// Fails when what a browser needs before Home can be used is more script than 350 kB gzip.

import { readFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";

const LIMIT = 350_000;
/** The pages somebody may open first, by the module that the router loads for them. */
const FIRST_PAGES = { home: "src/features/home/index.ts", login: "src/features/session/index.ts" };
const ALWAYS = ["index.html"];
const ONE_LANGUAGE = ["ui", "shell", "home"].map((name) => `src/messages/zh-CN/${name}.json`);

const dist = new URL("../dist/app/", import.meta.url);
const manifest = JSON.parse(await readFile(new URL(".vite/manifest.json", dist), "utf8"));

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
for (const [page, module] of Object.entries(FIRST_PAGES)) {
  const shell = page === "home" ? ["src/features/shell/index.ts"] : [];
  const files = [...closure([...ALWAYS, ...shell, module, ...ONE_LANGUAGE])].map((name) => manifest[name].file);
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
