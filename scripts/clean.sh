#!/usr/bin/env bash
# Removes build artefacts and Python environments from the user's cache. Data stays.

# shellcheck source=scripts/lib.sh
source "$(dirname "$0")/lib.sh"

cargo clean
rm -rf "$HEARTH_CACHE/venv"
