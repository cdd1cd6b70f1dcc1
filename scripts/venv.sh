#!/usr/bin/env bash
# Makes the Python environment of the tests in the user's cache, or finds the one made before,
# and prints the path of its python.
#
#   scripts/venv.sh          what the end-to-end tests need
#   scripts/venv.sh bench    that, and what the benchmarks need

# shellcheck source=scripts/lib.sh
source "$(dirname "$0")/lib.sh"

requirements=(-r tests/requirements.txt)
files=(tests/requirements.txt tests/requirements-lock.txt)
if [[ "${1:-}" == bench ]]; then
    requirements+=(-r tests/requirements-bench.txt)
    files+=(tests/requirements-bench.txt)
fi

base_python=$(find_python) || die "needed is Python $MINIMUM_PYTHON or newer with venv; on Debian run: apt-get install python3 python3-venv"

# One environment for each set of requirements and each Python.
key=$("$base_python" - "${files[@]}" <<'PYTHON'
import hashlib, sys
digest = hashlib.sha256(sys.version.encode())
for name in sys.argv[1:]:
    digest.update(open(name, "rb").read())
print(digest.hexdigest()[:12])
PYTHON
)
environment="$HEARTH_CACHE/venv/$key"

mkdir -p "$HEARTH_CACHE/venv"
if command -v flock >/dev/null; then
    exec 9>"$environment.lock"
    flock 9
fi

# The stamp is written last: an installation that was cut short is made anew.
if [[ ! -f "$environment/complete" ]]; then
    rm -rf "$environment"
    printf 'making the Python environment of the tests (%s)\n' "$("$base_python" --version)" >&2
    "$base_python" -m venv "$environment" >&2
    "$environment/bin/python" -m pip install --quiet --no-input --disable-pip-version-check \
        "${requirements[@]}" -c tests/requirements-lock.txt >&2 </dev/null
    touch "$environment/complete"
fi
printf '%s\n' "$environment/bin/python"
