"""Fixtures of the end-to-end tests. Each test has a server, a data directory and a database of its own."""

import os
import sys
from pathlib import Path

import pytest

from support import databases
from support.mail import Mailbox
from support.server import Hearth, program

# The unmodified SDK asks the environment for a proxy; what it sends stays on this machine.
os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1"
sys.dont_write_bytecode = True


def pytest_configure(config):
    if not Path(program()).exists():
        raise pytest.UsageError(f"{program()} is not built; run `make test`, or name the program in HEARTH_BIN")


def pytest_generate_tests(metafunc):
    """Every test runs on SQLite, and on PostgreSQL when there is a server, unless it says otherwise."""
    if "backend" not in metafunc.fixturenames:
        return
    backends = [
        backend for backend, others in [("sqlite", "postgres_only"), ("postgres", "sqlite_only")]
        if metafunc.definition.get_closest_marker(others) is None
    ]
    metafunc.parametrize("backend", backends)


@pytest.fixture
def database(backend):
    """Makes databases: each call gives the URL of an empty one, or None for SQLite."""
    if backend == "postgres" and not databases.SERVER:
        if databases.IS_REQUIRED:
            pytest.fail("HEARTH_TEST_POSTGRES_URL is not set, and HEARTH_TEST_REQUIRE_POSTGRES=1 demands it")
        pytest.skip("HEARTH_TEST_POSTGRES_URL is not set")
    made = []

    def make():
        if backend == "sqlite":
            return None
        made.append(databases.create_postgres())
        return made[-1]

    yield make
    for url in made:
        databases.drop_postgres(url)


@pytest.fixture
def new_hearth(database, tmp_path, request):
    """Makes Hearths that do not run yet: each call gives one with an empty data directory and database."""
    made = []

    def make(*options, data=None):
        hearth = Hearth(data or tmp_path / f"data-{len(made) + 1}", database(), options)
        made.append(hearth)
        return hearth

    yield make
    panics = [line for hearth in made for line in hearth.panics()]
    for hearth in made:
        hearth.end()
        report = getattr(request.node, "report_of_call", None)
        if report is not None and report.failed:
            print(f"--- the end of what {hearth.data.name} said:\n{hearth.tail()}")
    assert not panics, panics


@pytest.fixture
def hearth(new_hearth):
    """A Hearth that serves."""
    return new_hearth().start()


@pytest.fixture
def api(hearth):
    """Its REST API, with a key that may do everything."""
    return hearth.api()


@pytest.fixture
def tracker(hearth):
    """Its tracking API, with a write key."""
    return hearth.tracker()


@pytest.fixture
def mailbox():
    """An SMTP server that takes everything."""
    with Mailbox() as mailbox:
        yield mailbox


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    if call.when == "call":
        item.report_of_call = outcome.get_result()
