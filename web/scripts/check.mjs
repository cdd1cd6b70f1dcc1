// Everything that a change to the app must pass, one after the other.

import { spawnSync } from "node:child_process";

const steps = [
  ["types of the API are current", "node", ["scripts/api-types.mjs", "--check"]],
  ["messages", "node", ["scripts/check-messages.mjs"]],
  ["types", "npx", ["--no-install", "tsc", "--noEmit"]],
  ["rules", "npx", ["--no-install", "eslint", ".", "--max-warnings", "0"]],
  ["tests", "npx", ["--no-install", "vitest", "run"]],
];

let failed = 0;
for (const [name, command, parameters] of steps) {
  const { status } = spawnSync(command, parameters, { stdio: "inherit", cwd: new URL("..", import.meta.url) });
  console.log(`${status === 0 ? "ok    " : "FAILED"} ${name}`);
  if (status !== 0) failed += 1;
}
console.log(`web: ${steps.length - failed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
