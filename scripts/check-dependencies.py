#!/usr/bin/env python3
"""The dependency policy: who may depend on whom, from where, and under which licence.

It reads `cargo metadata`, prints each violation with its reason, and exits with 1 if there is one.
CONTRIBUTING.md tells the policy to people; the tables here are what is enforced.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

# May depend on. A room that is not in this table is a violation: add it here, with thought.
EDGES = {
    "base": set(),
    "web": set(),
    "store": {"base"},
    "log": set(),
    "api": {"base", "store"},
    "channels": {"base"},
    "people": {"base", "store", "log", "api"},
    "outreach": {"base", "store", "api", "people", "channels"},
    "community": {"base", "store", "api", "people", "channels"},
    "behaviour": {"base", "store", "log"},
    "insight": {"base", "store", "api", "people", "behaviour"},
}
EDGES["server"] = set(EDGES)
EDGES["demo"] = {"base"}
EDGES["testing"] = {"base", "store", "log", "people"}
EDGES["hearth"] = set(EDGES)
EDGES["bench"] = set(EDGES)

# What the tests of a room may use on top of that.
EXTRA_FOR_TESTS = {
    "store": {"testing"},
    "people": {"testing"},
    "outreach": {"log", "testing"},
    "channels": {"store", "log"},
    "server": {"testing"},
    "insight": {"testing"},
}

# Outside crates that only one room may name. The benchmarks may name anything.
ANALYTICS_ENGINE = re.compile(r"^(datafusion|arrow|parquet)([-_].*)?$")
ANALYTICS_ROOM = "behaviour"

# `base` is the part that needs no input, no output and no runtime.
KEPT_OUT_OF_BASE = re.compile(
    r"^(tokio([-_].*)?|async-std|async-io|smol|mio|socket2|hyper([-_].*)?|reqwest|axum([-_].*)?"
    r"|tower([-_].*)?|sea-orm([-_].*)?|sqlx([-_].*)?|rusqlite|lettre)$"
)

LICENCES = {
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-1-Clause",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "Unicode-3.0",
    "Unicode-DFS-2016",
    "Zlib",
}

# Single crates under another licence: (crate, licence) -> why it is acceptable.
LICENCE_EXCEPTIONS = {
    ("xxhash-rust", "BSL-1.0"): "the Boost licence is permissive and asks nothing of a binary",
}


def room_of(package_name):
    """`hearth-people` -> `people`; the program `hearth` itself is the room `hearth`."""
    return package_name.removeprefix("hearth-")


def is_ours(package_name):
    return package_name == "hearth" or package_name.startswith("hearth-")


def edge_violations(packages):
    """Checks the workspace's own packages (`cargo metadata --no-deps`) against the tables."""
    found = []
    for package in packages:
        room = room_of(package["name"])
        if not is_ours(package["name"]) or room not in EDGES:
            found.append(f"{package['name']}: is not in the table of rooms in scripts/check-dependencies.py")
            continue
        for dependency in package["dependencies"]:
            reason = reason_against(room, dependency["name"], dependency["kind"])
            if reason:
                kind = {"dev": " (for tests)", "build": " (for building)"}.get(dependency["kind"], "")
                found.append(f"{package['name']} -> {dependency['name']}{kind}: {reason}")
    return found


def reason_against(room, dependency, kind):
    """Why `room` may not depend on the package `dependency`, or None."""
    if is_ours(dependency):
        target = room_of(dependency)
        allowed = EDGES[room] | (EXTRA_FOR_TESTS.get(room, set()) if kind == "dev" else set())
        if target == room or target in allowed:
            return None
        if {room, target} == {"outreach", "community"}:
            return "outreach and community never name each other; register an Action instead"
        listed = ", ".join(sorted(EDGES[room])) or "no other room"
        return f"{room} may depend on {listed}"
    if room not in (ANALYTICS_ROOM, "bench") and ANALYTICS_ENGINE.match(dependency):
        return f"only {ANALYTICS_ROOM} may name DataFusion, Arrow and Parquet"
    if room == "base" and KEPT_OUT_OF_BASE.match(dependency):
        return "base has no I/O and no async runtime"
    return None


def source_violations(packages, members):
    """Every outside crate comes from a registry, so that a clone builds anywhere."""
    found = []
    for package in packages:
        source = package["source"]
        if package["id"] in members or (source or "").startswith(("registry+", "sparse+")):
            continue
        origin = "a git repository" if (source or "").startswith("git+") else "a path outside the workspace"
        found.append(f"{package['name']} {package['version']}: comes from {origin}; use a published version")
    return found


def licence_violations(packages):
    found = []
    for package in packages:
        expression = package["license"]
        name = f"{package['name']} {package['version']}"
        if not expression:
            found.append(f"{name}: states no SPDX licence in its manifest")
        elif not is_acceptable(expression, package["name"]):
            found.append(f"{name}: is under `{expression}`, which is not among the accepted licences")
    return found


def is_acceptable(expression, crate):
    """Evaluates an SPDX expression: one side of OR is enough, AND needs both."""
    # Crates from before SPDX wrote a slash for OR.
    tokens = re.findall(r"[()]|[^\s()]+", expression.replace("/", " OR "))

    def alternatives():
        accepted = conjunction()
        while tokens and tokens[0] == "OR":
            tokens.pop(0)
            accepted = conjunction() or accepted
        return accepted

    def conjunction():
        accepted = single()
        while tokens and tokens[0] == "AND":
            tokens.pop(0)
            accepted = single() and accepted
        return accepted

    def single():
        token = tokens.pop(0)
        if token == "(":
            accepted = alternatives()
            tokens.pop(0)
            return accepted
        if tokens and tokens[0] == "WITH":
            tokens.pop(0)
            token = f"{token} WITH {tokens.pop(0)}"
        return token in LICENCES or (crate, token) in LICENCE_EXCEPTIONS

    try:
        accepted = alternatives()
    except IndexError:
        return False
    return accepted and not tokens


def cargo_metadata(*options):
    root = Path(__file__).resolve().parent.parent
    command = ["cargo", "metadata", "--format-version", "1", *options]
    result = subprocess.run(command, cwd=root, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
    if result.returncode != 0:
        print(f"`{' '.join(command)}` failed; its reason stands above.")
        if "--locked" in options:
            print("If Cargo.lock is out of date, any cargo command brings it up to date; commit it with the change.")
        sys.exit(1)
    return json.loads(result.stdout)


def main():
    found = edge_violations(cargo_metadata("--no-deps")["packages"])
    everything = cargo_metadata("--locked")
    packages = everything["packages"]
    found += source_violations(packages, set(everything["workspace_members"]))
    found += licence_violations(packages)
    for violation in found:
        print(f"forbidden: {violation}")
    if found:
        print(f"{len(found)} violations of the dependency policy (see CONTRIBUTING.md)")
        return 1
    print(f"{len(packages)} packages keep the dependency policy")
    return 0


if __name__ == "__main__":
    sys.exit(main())
