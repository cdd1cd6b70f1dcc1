#!/usr/bin/env bash
# The admin app in web/: `packages` installs what it is built with in the user's cache, `build` writes web/dist,
# which the program takes in when it is compiled. Both do nothing when nothing has changed.

# shellcheck source=scripts/lib.sh
source "$(dirname "$0")/lib.sh"

main() {
    has_node || die "needed is Node.js $MINIMUM_NODE or newer with npm; on Debian run: apt-get install nodejs npm"
    case "${1:-}" in
    packages) packages ;;
    build) packages && build ;;
    *) die "usage: scripts/web.sh packages|build" ;;
    esac
}

# One directory for each set of packages and each Node, shared by all clones; web/node_modules is a link to it.
packages() {
    local key directory
    key=$(fingerprint web/package.json web/package-lock.json | cut -c1-12)
    directory="$HEARTH_CACHE/web/$key"
    mkdir -p "$HEARTH_CACHE/web"
    if command -v flock >/dev/null; then
        exec 9>"$directory.lock"
        flock 9
    fi
    # The stamp is written last: an installation that was cut short is made anew.
    if [[ ! -f "$directory/complete" ]]; then
        rm -rf "$directory"
        say "installing the packages of the admin app (Node $(node --version)); the next time they are there"
        mkdir -p "$directory"
        cp web/package.json web/package-lock.json "$directory"
        (cd "$directory" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error </dev/null) || return
        touch "$directory/complete"
    fi
    # What somebody installed there by hand is his.
    if [[ -L web/node_modules || ! -e web/node_modules ]]; then
        ln -sfn "$directory/node_modules" web/node_modules
    fi
}

build() {
    local source
    source=$(find web/src web/public web/scripts -type f -print0 | sort -z |
        xargs -0 cat web/index.html web/vite.config.ts web/tsconfig.json web/package-lock.json | fingerprint -)
    if [[ "$(cat web/dist/.source 2>/dev/null)" == "$source" && -f web/dist/app/index.html ]]; then
        return
    fi
    say "building the admin app"
    (cd web && npm run --silent build </dev/null) || return
    printf '%s\n' "$source" >web/dist/.source
}

# fingerprint FILE...: one word that changes with the content of the files and with Node.
fingerprint() {
    node -e '
        const { readFileSync } = require("node:fs");
        const hash = require("node:crypto").createHash("sha256").update(process.version);
        for (const name of process.argv.slice(1)) hash.update(readFileSync(name === "-" ? 0 : name));
        console.log(hash.digest("hex"));
    ' "$@"
}

main "$@"
