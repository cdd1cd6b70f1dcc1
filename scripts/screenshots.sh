#!/usr/bin/env bash
# Writes pictures of every page, in both themes, in Chinese and English, wide and narrow, to docs/screenshots/, and
# fails when axe finds something serious. Arguments name pages (web/scripts/pages.mjs); HEARTH_VIEWS=light-zh-1440,dark-en-390
# takes those views only. Git keeps the few that the README shows. Then Lighthouse measures Home; on a machine that does
# something else as well its figures say nothing.

# shellcheck source=scripts/lib.sh
source "$(dirname "$0")/lib.sh"

work=$(mktemp -d)
trap 'kill "${server:-}" 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"' EXIT

check_build_tools
install_test_tools browser
scripts/web.sh build </dev/null
build_hearth release </dev/null

"$HEARTH_BIN" demo --data "$work/data" --listen 127.0.0.1:0 --fill-only >/dev/null
port=$(node -e 'const s = require("node:net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })')
"$HEARTH_BIN" demo --data "$work/data" --listen "127.0.0.1:$port" >"$work/said" 2>"$work/log" &
server=$!
login=""
until [[ -n "$login" ]]; do
    kill -0 "$server" 2>/dev/null || die "the demo ended: $(tail -n 3 "$work/log")"
    login=$(sed -nE 's/.*sign in as (\S+) with password (\S+).*/\1 \2/p' "$work/said")
    sleep 0.2
done
read -r email password <<<"$login"
export HEARTH_APP="http://127.0.0.1:$port" HEARTH_EMAIL="$email" HEARTH_PASSWORD="$password"
export HEARTH_PICTURES="$PWD/docs/screenshots"
cd web
# The demo has no import, so one is made as a person would.
node --test e2e/import-gbk.flow.mjs </dev/null >"$work/import" || die "the import failed: $(tail -n 30 "$work/import")"
node scripts/look.mjs "$@" </dev/null
for form in desktop mobile; do
    say "Home, $form: $(node scripts/lighthouse.mjs "$form" /app/ 3 </dev/null | tr -d '\n')"
done
