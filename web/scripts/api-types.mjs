// Writes src/lib/api/schema.ts from ../docs/openapi.json; with --check only says whether it is current.

import { readFile, writeFile } from "node:fs/promises";
import openapiTS, { astToString } from "openapi-typescript";

const target = new URL("../src/lib/api/schema.ts", import.meta.url);
const document = new URL("../../docs/openapi.json", import.meta.url);

const wanted =
  "// Written by `npm run api` from docs/openapi.json; not to be changed by hand.\n\n" +
  astToString(await openapiTS(document, { alphabetize: true, defaultNonNullable: false }));

if (process.argv.includes("--check")) {
  const present = await readFile(target, "utf8").catch(() => "");
  if (present !== wanted) {
    console.error("src/lib/api/schema.ts is not what docs/openapi.json says; run: npm run api");
    process.exit(1);
  }
} else {
  await writeFile(target, wanted);
  console.log("wrote src/lib/api/schema.ts");
}
