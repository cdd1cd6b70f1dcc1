"""`hearth demo`: fills an empty directory with a believable community, serves it, and comes back as it was."""

import subprocess

import pytest

from support.demo import MEMBERS, demo, fill, serve
from support.waiting import wait_until


def test_the_demo_is_a_believable_community_and_lives(new_hearth):
    hearth = new_hearth()
    members, events = fill(hearth)
    assert 0.8 * MEMBERS <= members <= 2 * MEMBERS, "some members of the demo are visitors without a name"
    assert 5_000 <= events <= 100_000

    email, password = serve(hearth)
    browser = hearth.browser()
    browser.post("/api/v1/login", {"email": email, "password": password})
    numbers = browser.get("/live")
    assert numbers["members"] >= members and numbers["segments"] >= 3 and numbers["journeys_running"] >= 1
    stored = sent_events(hearth)
    assert stored >= events
    segments = browser.all("/api/v1/segments")
    assert all(segment["state"] == "live" and 0 <= segment["size"] <= numbers["members"] for segment in segments)
    assert any(0 < segment["size"] < numbers["members"] for segment in segments)
    assert browser.all("/api/v1/dead-letters") == []
    page = browser.send("GET", "/app/")
    assert page.status_code == 200 and "Hearth" in page.text
    # A trickle of live events goes on, and nobody outside gets mail.
    wait_until(lambda: sent_events(hearth) > stored, 30, "live events")
    [channel] = [channel for channel in browser.all("/api/v1/channels") if channel["kind"] == "email"]
    assert channel["config"]["host"] == "127.0.0.1"
    assert hearth.stop() == 0


def sent_events(hearth):
    """How many events there are, without those that Hearth itself made."""
    return hearth.query("SELECT COUNT(*) FROM events WHERE kind NOT IN ('command', 'delivery')")[0][0]


@pytest.mark.sqlite_only
def test_the_demo_comes_back_as_it_was_left(new_hearth):
    hearth = new_hearth()
    fill(hearth)
    login = serve(hearth, "--quiet")
    browser = hearth.browser()
    browser.post("/api/v1/login", dict(zip(("email", "password"), login, strict=True)))
    before = browser.get("/live")["members"], {segment["id"] for segment in browser.all("/api/v1/segments")}
    assert hearth.stop() == 0
    assert serve(hearth, "--quiet") == login
    assert (browser.get("/live")["members"], {segment["id"] for segment in browser.all("/api/v1/segments")}) == before
    [channel] = [channel for channel in browser.all("/api/v1/channels") if channel["kind"] == "email"]
    assert browser.post(f"/api/v1/channels/{channel['id']}/test") == {"ok": True}, "the mailbox has moved, the channel with it"
    assert hearth.stop() == 0


@pytest.mark.sqlite_only
def test_a_demo_whose_filling_was_cut_short_is_filled_by_the_next(new_hearth):
    hearth = new_hearth()
    process = demo(hearth, "--fill-only", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def has_begun():
        return (hearth.data / "hearth.db").exists() and has_table(hearth) and hearth.query("SELECT COUNT(*) FROM journeys")[0][0] > 0

    wait_until(has_begun, 60, "the beginning of the filling")
    process.kill()
    process.wait(30)
    serve(hearth, "--quiet")
    hearth.wait_until_idle()
    assert hearth.live_numbers()["members"] >= 0.8 * MEMBERS
    assert hearth.stop() == 0


def has_table(hearth):
    return hearth.query("SELECT COUNT(*) FROM sqlite_master WHERE name = 'journeys'") == [(1,)]
