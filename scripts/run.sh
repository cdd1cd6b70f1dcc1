#!/usr/bin/env bash
# Builds Hearth and serves the demo workspace; HEARTH_DATA and HEARTH_LISTEN choose where.

# shellcheck source=scripts/lib.sh
source "$(dirname "$0")/lib.sh"

data="${HEARTH_DATA:-$HOME/.local/share/hearth/demo}"
listen="${HEARTH_LISTEN:-127.0.0.1:7700}"

check_build_tools
if has_node; then
    scripts/web.sh build </dev/null
else
    say "without Node.js $MINIMUM_NODE and npm the admin app is left out; on Debian: apt-get install nodejs npm"
fi
say "building hearth; the first time this takes several minutes, later it takes seconds"
build_hearth release </dev/null
mkdir -p "$data"
exec "$HEARTH_BIN" demo --data "$data" --listen "$listen"
