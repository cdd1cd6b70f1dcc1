#!/usr/bin/env bash
# The long kill test: HEARTH_KILL_ROUNDS rounds (50 unless set) of `kill -9` under load.

# shellcheck source=scripts/lib.sh
source "$(dirname "$0")/lib.sh"

work=$(mktemp -d)
trap 'stop_postgres; rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

install_test_tools
check_build_tools
HEARTH_PYTHON=$(scripts/venv.sh)
build_hearth debug </dev/null
start_postgres "$work" HEARTH_TEST_POSTGRES_URL
export HEARTH_PYTHON HEARTH_TEST_REQUIRE_POSTGRES=1
export HEARTH_KILL_ROUNDS="${HEARTH_KILL_ROUNDS:-50}"
"$HEARTH_PYTHON" -m pytest tests/e2e/test_kill.py -o cache_dir="$work/pytest" </dev/null
