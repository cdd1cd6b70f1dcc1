#!/usr/bin/env bash
# Removes build artefacts and the packages of Python and Node from the user's cache. Data stays.

# shellcheck source=scripts/lib.sh
source "$(dirname "$0")/lib.sh"

cargo clean
rm -rf "$HEARTH_CACHE/venv" "$HEARTH_CACHE/web" web/dist/app web/dist/.source
