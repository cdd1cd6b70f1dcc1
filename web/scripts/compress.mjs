// Lays a .br and a .gz beside each file of dist/app that gets smaller by it, so that the server never compresses.

import { readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const dist = new URL("../dist/app", import.meta.url).pathname;
const worthwhile = /\.(js|css|html|svg|json|txt)$/;

let count = 0;
for (const entry of await readdir(dist, { recursive: true, withFileTypes: true })) {
  const file = path.join(entry.parentPath, entry.name);
  if (!entry.isFile() || !worthwhile.test(file)) continue;
  const bytes = await readFile(file);
  if (bytes.length < 512) continue;
  await writeFile(`${file}.gz`, gzipSync(bytes, { level: 9 }));
  const quality = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  await writeFile(`${file}.br`, brotliCompressSync(bytes, { params: quality }));
  count += 1;
}
console.log(`compressed ${count} files`);
