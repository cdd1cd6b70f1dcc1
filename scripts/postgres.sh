#!/usr/bin/env bash
# A throw-away PostgreSQL server for tests and benchmarks. It touches no cluster that is already there.
#
#   scripts/postgres.sh start   starts it and prints its URL
#   scripts/postgres.sh url     prints the URL of the running server
#   scripts/postgres.sh stop    stops it and removes all its data
#   scripts/postgres.sh bin     prints the directory of the PostgreSQL programs that would be used
#
# HEARTH_POSTGRES_STATE names the file that remembers where the running server lives, so that
# several can run side by side. With HEARTH_POSTGRES_DURABLE=1 commits reach the disk, as they
# must when speed is measured; without it fsync is off.

set -Eeuo pipefail

MINIMUM_MAJOR=15
STATE="${HEARTH_POSTGRES_STATE:-${XDG_CACHE_HOME:-$HOME/.cache}/hearth/postgres}"

main() {
    case "${1:-}" in
        start) start ;;
        url) print_url ;;
        stop) stop ;;
        bin) find_programs ;;
        *) die "usage: scripts/postgres.sh start|stop|url|bin" ;;
    esac
}

start() {
    if [[ -f "$STATE" ]] && server_answers; then
        print_url
        return
    fi
    forget_dead_server

    programs=$(find_programs)
    server_user=$(choose_user)
    home=$(make_home)
    mkdir -p "$(dirname "$STATE")"
    printf '%s\n' "$home" >"$STATE"
    # Whatever goes wrong from here on, nothing is left behind.
    trap 'remove_server' ERR
    trap 'remove_server; exit 130' INT TERM

    printf '%s\n' "$programs" >"$home/programs"
    printf '%s\n' "$server_user" >"$home/user"
    as_server "$programs/initdb" --pgdata="$home/data" --username=hearth --auth=trust \
        --encoding=UTF8 --locale=C --no-sync >"$home/initdb.log" 2>&1 ||
        fail "initdb failed" "$home/initdb.log"
    settings | as_server tee -a "$home/data/postgresql.conf" >/dev/null
    start_on_free_port
    trap - ERR INT TERM
    print_url
}

print_url() {
    [[ -f "$STATE" ]] || die "no server was started; run: scripts/postgres.sh start"
    cat "$(cat "$STATE")/url"
}

stop() {
    [[ -f "$STATE" ]] || return 0
    remove_server
}

settings() {
    cat <<SETTINGS
listen_addresses = '127.0.0.1'
unix_socket_directories = '$home'
max_connections = 200
timezone = 'UTC'
log_timezone = 'UTC'
SETTINGS
    if [[ "${HEARTH_POSTGRES_DURABLE:-}" != 1 ]]; then
        printf 'fsync = off\nfull_page_writes = off\n'
    fi
}

# Another program may take the port between the look and the start, hence the attempts.
start_on_free_port() {
    local attempt port
    for attempt in 1 2 3 4 5; do
        port=$((20000 + RANDOM % 12000))
        if something_listens_on "$port"; then
            continue
        fi
        printf 'port = %s\n' "$port" | as_server tee -a "$home/data/postgresql.conf" >/dev/null
        if as_server "$programs/pg_ctl" --pgdata="$home/data" --log="$home/server.log" \
            --wait --timeout=60 start >/dev/null 2>&1 </dev/null; then
            printf 'postgres://hearth@127.0.0.1:%s/postgres\n' "$port" >"$home/url"
            return
        fi
    done
    fail "the server did not start in $attempt attempts" "$home/server.log"
}

# The newest installation of at least version 15 in the usual places or on PATH.
find_programs() {
    local directory best="" best_major=0 major
    local places=(
        /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /usr/local/pgsql/bin
        /opt/homebrew/opt/postgresql@*/bin /usr/local/opt/postgresql@*/bin
    )
    if command -v initdb >/dev/null; then
        places+=("$(dirname "$(command -v initdb)")")
    fi
    for directory in "${places[@]}"; do
        [[ -x "$directory/initdb" && -x "$directory/pg_ctl" && -x "$directory/postgres" ]] || continue
        major=$("$directory/postgres" --version | sed -E 's/^[^0-9]*([0-9]+).*/\1/')
        if ((major >= MINIMUM_MAJOR && major > best_major)); then
            best="$directory" best_major="$major"
        fi
    done
    [[ -n "$best" ]] || die "no PostgreSQL server programs of version $MINIMUM_MAJOR or newer; on Debian run: apt-get install postgresql"
    printf '%s\n' "$best"
}

# PostgreSQL refuses to run as root, so root lends the work to the user `postgres`.
choose_user() {
    if ((EUID != 0)); then
        id -un
        return
    fi
    if ! id postgres >/dev/null 2>&1; then
        useradd --system --user-group --no-create-home --shell /usr/sbin/nologin postgres
    fi
    printf 'postgres\n'
}

# A Unix socket's path may have at most 107 bytes, and the server's user must be able to reach it.
make_home() {
    local parent="${TMPDIR:-/tmp}" made
    if ((EUID == 0 || ${#parent} > 60)); then
        parent=/tmp
    fi
    made=$(mktemp -d "$parent/hearth-postgres.XXXXXX")
    ((EUID != 0)) || chown "$server_user" "$made"
    printf '%s\n' "$made"
}

as_server() {
    if ((EUID != 0)); then
        (cd "$home" && "$@")
    elif command -v runuser >/dev/null; then
        (cd "$home" && runuser -u "$server_user" -- "$@")
    else
        # shellcheck disable=SC2016  # the inner shell expands them
        (cd "$home" && su -s /bin/sh "$server_user" -c 'exec "$0" "$@"' -- "$@")
    fi
}

load_server() {
    home=$(cat "$STATE")
    [[ "$(basename "$home")" == hearth-postgres.* ]] || die "$STATE does not name a server of this script"
    programs=$(cat "$home/programs" 2>/dev/null) && server_user=$(cat "$home/user" 2>/dev/null)
}

server_answers() {
    local port
    load_server && port=$(sed -E 's/.*:([0-9]+)\/.*/\1/' "$home/url" 2>/dev/null) && something_listens_on "$port"
}

something_listens_on() {
    (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

forget_dead_server() {
    [[ ! -f "$STATE" ]] || remove_server
}

remove_server() {
    trap - ERR
    if load_server && [[ -f "$home/data/postmaster.pid" ]]; then
        as_server "$programs/pg_ctl" --pgdata="$home/data" --mode=immediate --wait --timeout=30 stop >/dev/null 2>&1 || true
    fi
    rm -rf "$home"
    rm -f "$STATE"
}

fail() {
    printf 'hearth: %s; the end of its log:\n' "$1" >&2
    tail -n 20 "$2" >&2 || true
    remove_server
    exit 1
}

die() {
    printf 'hearth: %s\n' "$*" >&2
    exit 1
}

main "$@"
