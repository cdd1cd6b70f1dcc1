#!/usr/bin/env bash
# The whole proof: format, dependency policy, the admin app's own checks, clippy, every Rust test on SQLite
# and on a PostgreSQL server of its own, then the end-to-end tests against the real program, in a browser too, and its
# answers beside ClickHouse's.
# The last line always reads "N passed, N failed".

# shellcheck source=scripts/lib.sh
source "$(dirname "$0")/lib.sh"

STEPS=11
work=$(mktemp -d)
step_number=0
report=()

main() {
    step "set-up" set_up
    step "format" cargo fmt --all --check
    step "dependency policy" check_dependencies
    step "admin app" check_web
    step "build the admin app" scripts/web.sh build
    step "clippy" cargo clippy --workspace --all-targets -- -D warnings
    step "Rust tests, on SQLite and PostgreSQL" rust_tests
    step "build hearth" build_hearth debug
    step "generated files" check_generated_files
    step "end-to-end tests" end_to_end_tests
    step "answers beside ClickHouse's" differential_tests
}

set_up() {
    install_test_tools browser && check_build_tools && check_rust_components || return
    HEARTH_PYTHON=$(scripts/venv.sh) || return
    CLICKHOUSE_PYTHON=$(scripts/venv.sh bench) || return
    HEARTH_NODE_PACKAGES=$(scripts/node.sh) || return
    scripts/web.sh packages || return
    start_postgres "$work" HEARTH_TEST_POSTGRES_URL || return
    export HEARTH_PYTHON HEARTH_NODE_PACKAGES HEARTH_TEST_REQUIRE_POSTGRES=1
    export RUST_BACKTRACE="${RUST_BACKTRACE:-1}" PYTHONUTF8=1
    export HYPOTHESIS_STORAGE_DIRECTORY="$work/hypothesis"
    say "PostgreSQL: $("$(scripts/postgres.sh bin)/postgres" --version | sed -E 's/^[^0-9]*([0-9.]+).*/\1/')   Python: $("$HEARTH_PYTHON" --version | cut -d' ' -f2)   Rust: $(rustc --version | cut -d' ' -f2)"
}

check_dependencies() {
    "$HEARTH_PYTHON" scripts/check_dependencies_test.py && "$HEARTH_PYTHON" scripts/check-dependencies.py
}

# Types, messages, rules and component tests.
check_web() {
    (cd web && npm run --silent check)
}

rust_tests() {
    cargo test --workspace --no-fail-fast 2>&1 | tee "$work/rust.log"
}

check_generated_files() {
    [[ -f docs/openapi.json ]] || { say "docs/openapi.json is missing; run: make openapi" && return 1; }
    "$HEARTH_BIN" openapi >"$work/openapi.json" || return
    diff -u docs/openapi.json "$work/openapi.json" | head -n 40 ||
        { say "docs/openapi.json is not what the program describes; run: make openapi" && return 1; }
}

# They wait more than they work, so several files are gone through at once.
end_to_end_tests() {
    HEARTH_KILL_ROUNDS="${HEARTH_KILL_ROUNDS:-5}" "$HEARTH_PYTHON" -m pytest tests/e2e \
        --numprocesses "$CORES" --dist loadfile -o cache_dir="$work/pytest" --timeout=900 --junitxml="$work/e2e.xml"
}

# ClickHouse is part of the environment of the benchmarks.
differential_tests() {
    "$CLICKHOUSE_PYTHON" -m pytest tests/differential \
        -o cache_dir="$work/pytest" --timeout=900 --junitxml="$work/differential.xml"
}

# step NAME COMMAND...: runs the command under a heading; a failure ends the run.
step() {
    local name="$1" code=0 started=$SECONDS
    shift
    step_number=$((step_number + 1))
    printf '\n==> %s/%s  %s\n' "$step_number" "$STEPS" "$name"
    "$@" </dev/null || code=$?
    local line
    line=$(printf '%5s s  %s' "$((SECONDS - started))" "$name")
    if ((code != 0)); then
        report+=("$line: FAILED")
        exit 1
    fi
    report+=("$line")
    printf -- '--- %s: %s s\n' "$name" "$((SECONDS - started))"
}

# Adds up the "test result:" lines that each Rust test program ends with: passed failed ignored.
count_rust_tests() {
    awk '/^test result: / { for (i = 2; i <= NF; i++) {
            if ($i ~ /^passed/) passed += $(i - 1)
            if ($i ~ /^failed/) failed += $(i - 1)
            if ($i ~ /^ignored/) ignored += $(i - 1) } }
        END { printf "%d %d %d\n", passed, failed, ignored }' "$work/rust.log" 2>/dev/null || say "0 0 0"
}

# count_python_tests REPORT: the same three numbers from pytest's own report; errors in set-up count as failures.
count_python_tests() {
    "${HEARTH_PYTHON:-python3}" - "$work/$1.xml" 2>/dev/null <<'PYTHON' || say "0 0 0"
import sys, xml.etree.ElementTree as tree
tests = failed = skipped = 0
for suite in tree.parse(sys.argv[1]).iter("testsuite"):
    tests += int(suite.get("tests", 0))
    failed += int(suite.get("failures", 0)) + int(suite.get("errors", 0))
    skipped += int(suite.get("skipped", 0))
print(tests - failed - skipped, failed, skipped)
PYTHON
}

# Runs whatever happened, a signal too; nothing in here may keep the closing line from being printed.
finish() {
    local code=$? rust e2e differential passed failed line
    trap - EXIT
    trap '' INT TERM
    set +eu
    rust=$(count_rust_tests)
    e2e=$(count_python_tests e2e)
    differential=$(count_python_tests differential)
    stop_postgres
    rm -rf "$work"

    read -r rust_passed rust_failed rust_skipped <<<"$rust"
    read -r e2e_passed e2e_failed e2e_skipped <<<"$e2e"
    read -r differential_passed differential_failed differential_skipped <<<"$differential"
    passed=$((rust_passed + e2e_passed + differential_passed))
    failed=$((rust_failed + e2e_failed + differential_failed))
    # A step that fails without a failing test (format, clippy, a compile error) is one failure.
    if ((code != 0 && failed == 0)); then failed=1; fi
    if ((failed > 0 && code == 0)); then code=1; fi

    printf '\n==> summary\n'
    for line in ${report[@]+"${report[@]}"}; do say "$line"; done
    printf 'Rust: %s passed, %s failed, %s ignored\n' "$rust_passed" "$rust_failed" "$rust_skipped"
    printf 'End to end: %s passed, %s failed, %s skipped\n' "$e2e_passed" "$e2e_failed" "$e2e_skipped"
    printf 'Beside ClickHouse: %s passed, %s failed, %s skipped\n' "$differential_passed" "$differential_failed" "$differential_skipped"
    printf '%s passed, %s failed\n' "$passed" "$failed"
    exit "$code"
}

trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
main
