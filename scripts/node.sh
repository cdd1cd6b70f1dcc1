#!/usr/bin/env bash
# Installs the Node packages of the tests in the user's cache, or finds those installed before, and prints the
# directory that holds them.

# shellcheck source=scripts/lib.sh
source "$(dirname "$0")/lib.sh"

has_node || die "needed is Node.js $MINIMUM_NODE or newer with npm; on Debian run: apt-get install nodejs npm"

# One directory for each set of packages and each Node.
key=$(node - tests/node/package.json tests/node/package-lock.json <<'NODE'
const hash = require("node:crypto").createHash("sha256").update(process.version);
for (const name of process.argv.slice(2)) hash.update(require("node:fs").readFileSync(name));
console.log(hash.digest("hex").slice(0, 12));
NODE
)
directory="$HEARTH_CACHE/node/$key"

mkdir -p "$HEARTH_CACHE/node"
if command -v flock >/dev/null; then
    exec 9>"$directory.lock"
    flock 9
fi

# The stamp is written last: an installation that was cut short is made anew.
if [[ ! -f "$directory/complete" ]]; then
    rm -rf "$directory"
    printf 'installing the Node packages of the tests (Node %s)\n' "$(node --version)" >&2
    mkdir -p "$directory"
    cp tests/node/package.json tests/node/package-lock.json "$directory"
    (cd "$directory" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2 </dev/null)
    touch "$directory/complete"
fi
printf '%s\n' "$directory"
