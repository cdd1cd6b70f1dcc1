#!/usr/bin/env python3
"""Shows that the dependency policy catches what it is there to catch."""

import importlib.util
import unittest
from pathlib import Path

spec = importlib.util.spec_from_file_location("policy", Path(__file__).with_name("check-dependencies.py"))
policy = importlib.util.module_from_spec(spec)
spec.loader.exec_module(policy)


def package(name, *dependencies, kind=None):
    return {"name": name, "dependencies": [{"name": it, "kind": kind} for it in dependencies]}


def outside(name, license="MIT", source="registry+somewhere"):
    return {"name": name, "version": "1.0.0", "id": name, "license": license, "source": source}


class Edges(unittest.TestCase):
    def refused(self, *packages):
        return len(policy.edge_violations(packages))

    def test_the_table_lets_the_architecture_through(self):
        self.assertEqual(0, self.refused(
            package("hearth-base", "jiff", "serde"),
            package("hearth-store", "hearth-base", "sea-orm", "tokio"),
            package("hearth-people", "hearth-log", "hearth-store", "hearth-base"),
            package("hearth-outreach", "hearth-people", "hearth-channels"),
            package("hearth-behaviour", "datafusion", "arrow-array", "parquet"),
            package("hearth-server", "hearth-outreach", "hearth-community", "hearth-insight"),
            package("hearth", "hearth-server", "hearth-people"),
            package("hearth-bench", "hearth", "hearth-server", "arrow"),
        ))

    def test_a_room_may_not_reach_upwards(self):
        self.assertEqual(1, self.refused(package("hearth-base", "hearth-store")))
        self.assertEqual(1, self.refused(package("hearth-people", "hearth-outreach")))
        self.assertEqual(1, self.refused(package("hearth-server", "hearth")))
        self.assertEqual(1, self.refused(package("hearth-store", "hearth-log")))

    def test_outreach_and_community_never_meet(self):
        self.assertEqual(1, self.refused(package("hearth-outreach", "hearth-community")))
        self.assertEqual(1, self.refused(package("hearth-community", "hearth-outreach", kind="dev")))

    def test_only_behaviour_names_the_analytics_engine(self):
        for crate in ("datafusion", "datafusion-expr", "arrow", "arrow-schema", "parquet"):
            self.assertEqual(1, self.refused(package("hearth-insight", crate)), crate)

    def test_base_stays_without_io(self):
        for crate in ("tokio", "tokio-util", "sea-orm", "reqwest", "axum"):
            self.assertEqual(1, self.refused(package("hearth-base", crate)), crate)
            self.assertEqual(1, self.refused(package("hearth-base", crate, kind="dev")), crate)

    def test_tests_of_channels_may_use_the_log(self):
        self.assertEqual(0, self.refused(package("hearth-channels", "hearth-log", kind="dev")))
        self.assertEqual(1, self.refused(package("hearth-channels", "hearth-log")))

    def test_a_room_nobody_listed_is_refused(self):
        self.assertEqual(1, self.refused(package("hearth-attic")))
        self.assertEqual(1, self.refused(package("helpers")))


class Sources(unittest.TestCase):
    def test_only_registries_and_members(self):
        packages = [outside("a"), outside("b", source="git+somewhere"), outside("c", source=None), outside("d", source=None)]
        self.assertEqual(2, len(policy.source_violations(packages, {"d"})))


class Licences(unittest.TestCase):
    def test_expressions(self):
        accepted = ["MIT", "MIT/Apache-2.0", "Apache-2.0 / MIT", "GPL-3.0-only OR MIT", "(MIT OR GPL-2.0-only) AND Unicode-3.0",
                    "Apache-2.0 WITH LLVM-exception OR GPL-2.0-only", "MIT AND (ISC OR Zlib)"]
        refused = ["GPL-3.0-only", "MIT AND GPL-3.0-only", "GPL-2.0-only WITH LLVM-exception", "AGPL-3.0-only OR SSPL-1.0",
                   "(MIT", "MIT OR", "", "MIT MIT"]
        for expression in accepted:
            self.assertTrue(policy.is_acceptable(expression, "crate"), expression)
        for expression in refused:
            self.assertFalse(policy.is_acceptable(expression, "crate"), expression)

    def test_a_missing_licence_is_named(self):
        self.assertEqual(1, len(policy.licence_violations([outside("a", license=None), outside("b")])))

    def test_an_exception_holds_for_its_crate_only(self):
        self.assertTrue(policy.is_acceptable("BSL-1.0", "xxhash-rust"))
        self.assertFalse(policy.is_acceptable("BSL-1.0", "another"))


if __name__ == "__main__":
    unittest.main(verbosity=0)
