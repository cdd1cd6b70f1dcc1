#!/usr/bin/env bash
# Writes docs/openapi.json from the code.

# shellcheck source=scripts/lib.sh
source "$(dirname "$0")/lib.sh"

check_build_tools
build_hearth debug </dev/null
mkdir -p docs
"$HEARTH_BIN" openapi >docs/openapi.json.new
mv docs/openapi.json.new docs/openapi.json
say "wrote docs/openapi.json"
