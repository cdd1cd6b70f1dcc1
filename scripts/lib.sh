# Shared by the scripts beside it; each of them sources this file first.
# shellcheck shell=bash

set -Eeuo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

MINIMUM_RUST=1.95
MINIMUM_PYTHON=3.11
MINIMUM_NODE=20

HEARTH_CACHE="${XDG_CACHE_HOME:-$HOME/.cache}/hearth"
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$HEARTH_CACHE/target}"

# cargo, rustc and the test harness never start more work than the machine has cores.
CORES=$(nproc 2>/dev/null || getconf _NPROCESSORS_ONLN)
export CARGO_BUILD_JOBS="${CARGO_BUILD_JOBS:-$CORES}"

if [[ -n "${CI:-}" || ! -t 1 ]]; then
    export CARGO_TERM_COLOR=never CARGO_TERM_PROGRESS_WHEN=never NO_COLOR=1
fi

say() { printf '%s\n' "$*"; }

die() {
    printf 'hearth: %s\n' "$*" >&2
    exit 1
}

# version_at_least HAVE NEED: compares the first two numbers of two versions.
version_at_least() {
    local have_major have_minor need_major need_minor
    IFS=. read -r have_major have_minor _ <<<"$1.0"
    IFS=. read -r need_major need_minor _ <<<"$2.0"
    ((have_major > need_major || (have_major == need_major && have_minor >= need_minor)))
}

# One line for each build tool that is missing, then stops if any was.
check_build_tools() {
    local missing=0 version
    if ! command -v cargo >/dev/null || ! command -v rustc >/dev/null; then
        say "missing: Rust $MINIMUM_RUST or newer (rustc and cargo); install it with rustup"
        missing=1
    else
        version=$(rustc --version | cut -d' ' -f2) || die "rustc does not run, its reason stands above"
        if ! version_at_least "$version" "$MINIMUM_RUST"; then
            say "too old: rustc $version, needed is $MINIMUM_RUST or newer; run: rustup update stable"
            missing=1
        fi
    fi
    if ! command -v cc >/dev/null; then
        say "missing: a C compiler (cc); on Debian and Ubuntu run: apt-get install build-essential; on macOS: xcode-select --install"
        missing=1
    fi
    ((missing == 0)) || die "install what is listed above, then run this again"
}

check_rust_components() {
    cargo fmt --version >/dev/null 2>&1 || die "missing: cargo fmt; run: rustup component add rustfmt"
    cargo clippy --version >/dev/null 2>&1 || die "missing: cargo clippy; run: rustup component add clippy"
}

# Prints the first Python that is new enough and can make virtual environments.
find_python() {
    local candidate
    for candidate in "${HEARTH_BASE_PYTHON:-python3}" python3.11 python3.12 python3.13 python3.14; do
        if "$candidate" - "$MINIMUM_PYTHON" >/dev/null 2>&1 <<'PYTHON'; then
import ensurepip, sys, venv
need = tuple(int(part) for part in sys.argv[1].split("."))
sys.exit(sys.version_info[:2] < need)
PYTHON
            command -v "$candidate"
            return 0
        fi
    done
    return 1
}

# Whether there is a Node that is new enough, with npm.
has_node() {
    command -v node >/dev/null && command -v npm >/dev/null &&
        version_at_least "$(node --version | tr -d v)" "$MINIMUM_NODE.0"
}

# Runs a command as root: directly, or through sudo, which may ask for a password only on a terminal.
as_root() {
    if ((EUID == 0)); then
        "$@"
    elif command -v sudo >/dev/null && [[ -z "${CI:-}" ]] && { : </dev/tty; } 2>/dev/null; then
        sudo "$@"
    elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
        sudo -n "$@"
    else
        die "this needs root once; run it yourself: $*"
    fi
}

# Where the browser of the tests is.
find_chromium() {
    command -v "${CHROMIUM:-chromium}" || command -v chromium-browser || command -v google-chrome
}

# Whether Chinese can be drawn.
has_chinese_font() {
    command -v fc-list >/dev/null && [[ -n "$(fc-list :lang=zh 2>/dev/null | head -n 1)" ]]
}

# Sees to the programs that the tests need beside Rust: PostgreSQL, Python, a C compiler, Node with "node", and Node
# with a browser that can show Chinese with "browser".
# On Debian and its relatives they are installed; elsewhere their names are printed.
install_test_tools() {
    local packages=()
    scripts/postgres.sh bin >/dev/null 2>&1 || packages+=(postgresql)
    find_python >/dev/null || packages+=(python3 python3-venv)
    [[ -z "${1:-}" ]] || has_node || packages+=(nodejs npm)
    if [[ "${1:-}" == browser ]]; then
        find_chromium >/dev/null || packages+=(chromium)
        has_chinese_font || packages+=(fontconfig fonts-noto-cjk)
    fi
    command -v cc >/dev/null || packages+=(build-essential)
    if ((${#packages[@]} > 0)); then
        if ! command -v apt-get >/dev/null; then
            die "the tests also need PostgreSQL 15 or newer (initdb, pg_ctl, postgres), Python $MINIMUM_PYTHON or newer with venv, Node.js $MINIMUM_NODE or newer with npm and Chromium for \`make test\`, and a C compiler; missing here, by their Debian names: ${packages[*]}"
        fi
        say "installing: ${packages[*]}"
        as_root apt-get update -qq || die "apt-get update failed"
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
            "${packages[@]}" >/dev/null || die "could not install: ${packages[*]}"
    fi
    scripts/postgres.sh bin >/dev/null || exit 1
    find_python >/dev/null || die "needed is Python $MINIMUM_PYTHON or newer with venv; name another one in HEARTH_BASE_PYTHON"
    [[ -z "${1:-}" ]] || has_node || die "needed is Node.js $MINIMUM_NODE or newer with npm; see https://nodejs.org"
}

# start_postgres DIRECTORY VARIABLE: starts a PostgreSQL server of this run's own, remembered in the
# directory, and exports its URL as the variable. The caller's exit trap must run stop_postgres.
start_postgres() {
    local url
    export HEARTH_POSTGRES_STATE="$1/postgres"
    url=$(scripts/postgres.sh start) || return
    export "$2=$url"
}

stop_postgres() {
    if [[ -n "${HEARTH_POSTGRES_STATE:-}" && -f "$HEARTH_POSTGRES_STATE" ]]; then
        scripts/postgres.sh stop || true
    fi
}

# build_hearth debug|release: builds the program and exports its path as HEARTH_BIN. The whole workspace
# is named so that shared crates get the same features as in `cargo test --workspace` and are not
# compiled a second time.
build_hearth() {
    local profile=()
    [[ "$1" == debug ]] || profile=(--release)
    cargo build ${profile[@]+"${profile[@]}"} --workspace --bin hearth || return
    export HEARTH_BIN="$CARGO_TARGET_DIR/$1/hearth"
}
