#!/usr/bin/env bash
# Measures speed and memory in a release build, each figure beside its yardstick.
# The PostgreSQL server it starts is durable: commits reach the disk, as in real use.
# Arguments choose what is measured; without any, everything is.

# shellcheck source=scripts/lib.sh
source "$(dirname "$0")/lib.sh"

work=$(mktemp -d)
trap 'stop_postgres; rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

install_test_tools
check_build_tools
HEARTH_PYTHON=$(scripts/venv.sh bench)
build_hearth release </dev/null
cargo build --release --workspace --bin hearth-bench </dev/null
HEARTH_POSTGRES_DURABLE=1 start_postgres "$work" HEARTH_BENCH_POSTGRES_URL
# Mail is measured into a sink of Postfix; where there is none, only that cannot be measured.
HEARTH_POSTFIX=$(scripts/postfix.sh) || HEARTH_POSTFIX=
export HEARTH_PYTHON HEARTH_POSTFIX
"$CARGO_TARGET_DIR/release/hearth-bench" "$@" </dev/null
