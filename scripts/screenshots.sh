#!/usr/bin/env bash
# Writes pictures of every page, in both themes, in Chinese and English, wide and narrow, to docs/screenshots/, and
# fails when axe finds something serious. HEARTH_VIEWS=readme takes only those that the README shows.

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
(cd web && HEARTH_APP="http://127.0.0.1:$port" HEARTH_EMAIL="$email" HEARTH_PASSWORD="$password" \
    HEARTH_PICTURES="$PWD/../docs/screenshots" node scripts/look.mjs "$@" </dev/null)
