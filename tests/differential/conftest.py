"""Fixtures of the differential tests: each data set has one server for the whole run, and a database in ClickHouse."""

import os
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

HERE = Path(__file__).resolve().parent
# The server and its API are driven as the end-to-end tests drive them.
sys.path[:0] = [str(HERE), str(HERE.parent / "e2e")]
os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1"
sys.dont_write_bytecode = True

import pytest
from support.demo import fill as fill_demo
from support.server import Hearth, program
from support.waiting import wait_until

from world import cdnow, demo, generated
from world.world import ClickHouse, World

SEEN_SECONDS = 60


def pytest_configure(config):
    if not Path(program()).exists():
        raise pytest.UsageError(f"{program()} is not built; run `make test`, or name the program in HEARTH_BIN")


@pytest.fixture(scope="session")
def clickhouse():
    """ClickHouse in this process."""
    clickhouse = ClickHouse()
    yield clickhouse
    clickhouse.close()


@pytest.fixture(scope="session", params=["generated", "demo", "cdnow"])
def world(request, tmp_path_factory, clickhouse):
    """A data set in both systems; the tests of one data set run together, so that one server runs at a time."""
    directory = tmp_path_factory.mktemp(request.param)
    hearth = Hearth(directory / "data")
    try:
        if request.param == "demo":
            fill_demo(hearth)
        api = hearth.start().api()
        tracker = hearth.tracker()
        if request.param == "generated":
            generated.fill(tracker)
        if request.param == "cdnow":
            cdnow.fill(hearth, tracker, directory)
        hearth.wait_until_idle(120)
        words = {"generated": generated, "demo": demo, "cdnow": cdnow}[request.param].words()
        make_what_is_asked_for(hearth, api, tracker, words)
        world = World(request.param, hearth, api, words, clickhouse)
        world.refresh()
        yield world
        assert not hearth.panics()
    finally:
        hearth.end()


def make_what_is_asked_for(hearth, api, tracker, words):
    """A segment, a group and a channel, to which questions are narrowed, and events of the channel."""
    # It looks at all time, so nobody leaves it while it is asked for.
    rule = {"event": words.buy.event, "where": [*words.buy.where], "count": {"op": "gte", "value": 2}}
    words.segment = api.segment("asked for", rule)
    wait_until(lambda: api.is_live(words.segment), SEEN_SECONDS, "the segment")
    words.group = max(api.all("/api/v1/groups"), key=lambda group: group["members"])["id"]
    emails = [channel["id"] for channel in api.all("/api/v1/channels") if channel["kind"] == "email"]
    words.channel = emails[0] if emails else api.email_channel(9)
    # Some on one day of the data, and some in the night of 1997 in which clocks went back in Europe and in America.
    day, night = f"{words.first + timedelta(days=9)}T12:00:00.000Z", datetime(1997, 10, 26, tzinfo=timezone.utc)
    times = [day] * 40 + [(night + timedelta(minutes=15 * n)).isoformat().replace("+00:00", ".000Z") for n in range(40)]
    tracker.batch([
        {"userId": f"reader-{n % 7}", "type": "track", "event": "Email Link Clicked", "timestamp": at,
         "properties": {"channel": words.channel if n % 3 else "chn_0000000000001", "url": f"https://brand.example/{n}"}}
        for n, at in enumerate(times)
    ])
    hearth.wait_until_idle()
    merge_some(api, words)
    hearth.wait_until_idle()


def merge_some(api, words):
    """Makes eight pairs of members one, and parts three of them again."""
    members = [member["id"] for member in api.get(f"/api/v1/segments/{words.segment}/members", limit=16)["items"]]
    merges = [
        api.post(f"/api/v1/members/{kept}/merge", {"with": absorbed})["merge_id"] for kept, absorbed in zip(members[::2], members[1::2])
    ]
    for merge in merges[1:6:2]:
        api.post(f"/api/v1/merges/{merge}/undo")
