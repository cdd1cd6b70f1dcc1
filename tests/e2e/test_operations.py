"""Running it: health and metrics, backup and restore, the doctor, a graceful end, a full disk, and the command
line beside a server."""

import json
import os
import re
import signal
import stat
import subprocess
import threading
from pathlib import Path

import pytest
import requests

from support.api import Api, check_problem
from support.server import Hearth, metric, program
from support.waiting import wait_for_equal, wait_until

PEOPLE = 30


def lively(hearth, mailbox):
    """A workspace with people, segments, a journey and messages; returns what the API shows of it."""
    api, tracker = hearth.api(), hearth.tracker()
    api.email_channel(mailbox.port)
    template = api.template("T", "Hello {{ member.first_name }}", "Text", "<p>安娜 🍷</p>")
    segment = api.segment("buyers", {"event": "Order Completed"})
    api.segment("in 上海", {"trait": "city", "value": "上海"})
    # Whoever enters while a segment is evaluated over history starts no journey.
    wait_until(lambda: all(segment["state"] == "live" for segment in api.all("/api/v1/segments")), 10, "live segments")
    journey = api.journey("welcome", {
        "entry": {"segment": segment}, "start": "send",
        "steps": {"send": {"type": "send", "channel": "email", "template": template, "next": "tag"},
                  "tag": {"type": "tag", "add": ["welcomed"], "next": "later"},
                  "later": {"type": "wait", "for": "P1D", "next": None}},
    })
    tracker.batch([
        {"type": "identify", "userId": f"u{n}", "traits": {"email": f"u{n}@example.com", "city": ["上海", "Köln"][n % 2], "first_name": f"客{n}"}}
        for n in range(PEOPLE)
    ])
    tracker.batch([{"type": "track", "userId": f"u{n}", "event": "Order Completed", "properties": {"revenue": n}} for n in range(0, PEOPLE, 3)])
    tracker.raw_batch(['{"type":"track"}'])
    expected = {"accepted": len(range(0, PEOPLE, 3))}
    wait_for_equal(lambda: api.get(f"/api/v1/journeys/{journey}/report")["deliveries"], expected, 30, "deliveries")
    wait_until(lambda: len(api.all("/api/v1/members", tag="welcomed")) == expected["accepted"], 10, "tags")
    hearth.wait_until_idle()
    return portrait(api)


def portrait(api):
    """All that the API shows of the workspace."""
    members = api.all("/api/v1/members")
    whole = {
        path: api.all(f"/api/v1/{path}")
        for path in ("segments", "journeys", "templates", "channels", "dead-letters", "suppressions", "tags")
    }
    whole["members"] = members
    whole["deliveries"] = [api.delivery(delivery["id"]) for delivery in api.deliveries()]
    whole["timelines"] = {member["id"]: api.timeline(member["id"]) for member in members[:5]}
    whole["runs"] = {journey["id"]: api.all(f"/api/v1/journeys/{journey['id']}/runs") for journey in whole["journeys"]}
    return whole


def test_health_readiness_and_metrics(hearth, api, tracker):
    stranger = hearth.stranger()
    assert stranger.get("/healthz") == {"status": "ok"} and stranger.get("/readyz") == {"status": "ok"}
    tracker.batch([{"type": "track", "userId": "u", "event": "E"}] * 3)
    wait_until(lambda: api.member("user_id", "u"), 10, "the events' effect")
    hearth.wait_until_idle()
    text = hearth.metrics()
    assert re.search(r'^hearth_ingest_events_total\{outcome="accepted"\} 3$', text, re.MULTILINE), text[:3000]
    assert metric(text, "hearth_pipeline_events_total") >= 3
    assert metric(text, "hearth_pipeline_lag_seconds") is not None
    assert re.search(r'^hearth_http_requests_total\{[^}]*route="/v1/batch"[^}]*\} 1$', text, re.MULTILINE)
    assert "/api/v1/members/{id}" not in text or "mem_" not in text, "no ids of people in labels"
    unique = stranger.send("GET", "/healthz", headers={"X-Request-Id": "my-id-1"})
    assert unique.headers["x-request-id"] == "my-id-1"


def test_a_backup_taken_while_serving_is_restored_to_the_same(hearth, new_hearth, mailbox, tmp_path):
    before = lively(hearth, mailbox)
    hearth.run("backup", tmp_path / "backup")
    assert hearth.is_running()
    assert stat.S_IMODE((tmp_path / "backup").stat().st_mode) == 0o700, "it holds the key"
    refused = hearth.run("backup", tmp_path / "backup", check=False)
    assert refused.returncode == 1 and "cannot make" in refused.stderr, "nothing is overwritten"
    hearth.stop()

    restored = new_hearth()
    restored.run("restore", tmp_path / "backup")
    restored.start()
    restored.wait_until_idle()
    assert portrait(restored.api()) == before
    assert len(mailbox.mails()) == len(before["deliveries"]), "nobody is written to again"
    again = restored.run("restore", tmp_path / "backup", check=False)
    assert again.returncode == 1 and "is not empty" in again.stderr
    # It lives on: a key of old opens it, time goes on, and new events have their effect.
    tracker = restored.tracker()
    tracker.track("u1", "Order Completed", revenue=1)
    wait_until(lambda: mailbox.mails("u1@example.com"), 15, "a new member's welcome")


def test_a_backup_under_load_is_consistent(hearth, new_hearth, tmp_path):
    """Each message sends two events in one batch, so halves of a batch would show."""
    api, tracker = hearth.api(), hearth.tracker()
    segment = api.segment("twice", {"event": "E", "count": {"op": "gte", "value": 2}})
    sent = 0
    process = None
    while process is None or process.poll() is None:
        tracker.batch([{"type": "track", "userId": f"u{sent}", "event": "E", "messageId": f"{sent}-{n}"} for n in range(2)])
        sent += 1
        if sent == 100:
            process = hearth.begin("backup", tmp_path / "backup", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        assert sent < 100_000, "the backup does not end"
    assert process.returncode == 0
    restored = new_hearth()
    restored.run("restore", tmp_path / "backup")
    restored.start()
    restored.wait_until_idle()
    api = restored.api()
    [(events, members)] = restored.query("SELECT COUNT(*), COUNT(DISTINCT identity_id) FROM events")
    assert 100 <= members <= sent and events == 2 * members, f"{events} events of {members} members"
    wait_for_equal(lambda: api.get(f"/api/v1/segments/{segment}")["size"], members, 30, "the segment")


@pytest.mark.postgres_only
def test_a_backup_goes_from_sqlite_to_postgres_and_back(new_hearth, mailbox, tmp_path):
    first = Hearth(tmp_path / "sqlite")
    try:
        first.start()
        before = lively(first, mailbox)
        first.stop()
        first.run("backup", tmp_path / "from-sqlite")
        second = new_hearth()
        second.run("restore", tmp_path / "from-sqlite")
        second.start()
        second.wait_until_idle()
        assert portrait(second.api()) == before
        second.stop()
        second.run("backup", tmp_path / "from-postgres")
        third = Hearth(tmp_path / "sqlite-again")
        first = third
        third.run("restore", tmp_path / "from-postgres")
        third.start()
        third.wait_until_idle()
        assert portrait(third.api()) == before
    finally:
        first.end()


@pytest.mark.postgres_only
def test_a_backup_is_not_restored_into_a_database_that_holds_something(new_hearth, tmp_path):
    hearth = new_hearth()
    key = hearth.key("api")
    hearth.run("backup", tmp_path / "backup")
    other = Hearth(tmp_path / "other", hearth.database_url)
    refused = other.run("restore", tmp_path / "backup", check=False)
    assert refused.returncode == 1 and "the database is not empty" in refused.stderr
    assert not other.data.exists(), "nothing is left of the attempt"
    hearth.start()
    assert hearth.api(key).get("/api/v1/me")["role"] == "owner"


def test_a_restore_that_fails_leaves_nothing_behind(new_hearth, tmp_path):
    hearth = new_hearth()
    hearth.key("api")
    hearth.run("backup", tmp_path / "backup")
    with open(tmp_path / "backup" / "tables" / "workspaces.jsonl", "a", encoding="utf-8") as table:
        table.write("half a line")
    restored = new_hearth()
    refused = restored.run("restore", tmp_path / "backup", check=False)
    assert refused.returncode == 1 and "not a row" in refused.stderr
    assert not restored.data.exists()
    if restored.database_url:
        assert restored.query("SELECT COUNT(*) FROM api_keys") == [(0,)]


def test_segments_can_be_changed_while_they_are_evaluated_and_events_flow(hearth):
    """Whoever changes a rule and the pipeline, which evaluates it, do not get into each other's way."""
    api, tracker = hearth.api(), hearth.tracker()
    tracker.batch([{"type": "track", "userId": f"u{n}", "event": "E", "properties": {"n": n}} for n in range(100)])
    segment = api.segment("S", {"event": "E"})
    for limit in range(40):
        rule = {"event": "E", "where": [{"property": "n", "op": "lt", "value": limit}]}
        api.patch(f"/api/v1/segments/{segment}", {"name": f"below {limit}", "rule": rule})
        tracker.track(f"v{limit}", "Other")
    wait_until(lambda: api.is_live(segment), 30, "the last evaluation")
    wait_for_equal(lambda: api.get(f"/api/v1/segments/{segment}")["size"], 39, 10, "members of the last rule")
    passing = api.segment("passing", {"tag": "a"})
    api.delete(f"/api/v1/segments/{passing}", expect=204)


def test_the_doctor_finds_nothing_in_a_sound_house_and_says_what_is_wrong_in_another(new_hearth):
    hearth = new_hearth()
    hearth.user("owner")
    sound = hearth.run("doctor")
    assert "BAD" not in sound.stdout and sound.stdout.count("ok ") >= 5
    hearth.start()
    beside = hearth.run("doctor")
    assert "a server is running" in beside.stdout and "BAD" not in beside.stdout
    hearth.tracker().raw_batch(['{"type":"track"}'])
    letters = hearth.run("doctor", check=False)
    assert letters.returncode == 1 and "1 dead letters wait" in letters.stdout and "GET /api/v1/dead-letters" in letters.stdout

    assert stat.S_IMODE(hearth.data.stat().st_mode) == 0o700
    hearth.stop()
    os.chmod(hearth.data / "secret.key", 0o644)
    exposed = hearth.run("doctor", check=False)
    assert exposed.returncode == 1 and "others may read it" in exposed.stdout
    refused = hearth.run("key", "list", check=False)
    assert refused.returncode == 1 and "chmod 600" in refused.stderr


@pytest.mark.sqlite_only
def test_a_mistyped_path_is_named_and_nothing_is_made_there(tmp_path, backend):
    nowhere = Hearth(tmp_path / "typo")
    for command in (["doctor"], ["backup", tmp_path / "backup"], ["key", "list"], ["user", "list"]):
        refused = nowhere.run(*command, check=False)
        assert refused.returncode == 1 and "is not a data directory" in refused.stderr
    assert not nowhere.data.exists() and not (tmp_path / "backup").exists()


@pytest.mark.sqlite_only
def test_links_that_lead_nowhere_and_settings_that_cannot_be_are_named(new_hearth):
    hearth = new_hearth()
    hearth.user("owner")
    found = hearth.run("doctor", "--listen", "0.0.0.0:7700", check=False)
    assert found.returncode == 1 and "which leads nowhere" in found.stdout
    assert "BAD" not in hearth.run("doctor", "--listen", "0.0.0.0:7700", "--public-url", "https://h.example.com/").stdout
    refused = hearth.run("serve", "--ingest-rate", "0", check=False)
    assert refused.returncode == 1 and "ingest.events_per_second" in refused.stderr


def test_a_server_without_an_owner_is_found_by_the_doctor(new_hearth):
    hearth = new_hearth()
    hearth.key("write")
    found = hearth.run("doctor", check=False)
    assert found.returncode == 1 and "nobody can sign in as an owner" in found.stdout


def test_asked_to_stop_it_finishes_what_it_began(hearth, mailbox):
    api, tracker = hearth.api(), hearth.tracker()
    api.email_channel(mailbox.port)
    template = api.template("T", "S", "Text")
    journey = api.journey("J", {"entry": {"event": "Go"}, "start": "a",
                                "steps": {"a": {"type": "send", "channel": "email", "template": template}}})
    for user in range(50):
        tracker.batch([{"type": "identify", "userId": f"u{user}", "traits": {"email": f"u{user}@example.com"}},
                       {"type": "track", "userId": f"u{user}", "event": "Go"}])
    wait_until(lambda: mailbox.mails(), 10, "the first mail")
    assert hearth.stop() == 0
    assert "stopping" in hearth.stderr.read_text()
    hearth.start()
    wait_for_equal(lambda: len(api.deliveries(journey=journey, state="accepted")), 50, 30, "messages, none of them unknown")
    recipients = [mail.recipients[0] for mail in mailbox.mails()]
    assert len(recipients) == len(set(recipients)) == 50
    assert hearth.run("key", "list").stdout.count("\n") == 2
    hearth.process.send_signal(signal.SIGINT)
    assert hearth.process.wait(60) == 0, "Ctrl-C is as good"
    hearth.process = None


def test_changes_in_progress_take_effect_before_it_stops(hearth, api, tracker):
    """Whoever changes a member waits for the pipeline, so that must not stop before him."""
    tracker.identify("u", city="Köln")
    member = wait_until(lambda: api.member("user_id", "u"), 10, "the member")
    answers = []

    def change(thread):
        own = Api(hearth.url, api.key)
        for number in range(100_000):
            try:
                answer = own.send("POST", f"/api/v1/members/{member['id']}/tags", json={"add": [f"t{thread}-{number}"]})
            except requests.ConnectionError:
                return
            answers.append((answer.status_code, answer.text))

    threads = [threading.Thread(target=change, args=(thread,)) for thread in range(8)]
    for thread in threads:
        thread.start()
    wait_until(lambda: len(answers) >= 20, 30, "the first changes")
    assert hearth.stop() == 0
    for thread in threads:
        thread.join(60)
    assert {status for status, _ in answers} == {200}, [text for status, text in answers if status != 200][:3]


def test_keys_and_users_are_made_before_the_first_start_and_beside_a_server(new_hearth):
    hearth = new_hearth()
    early = hearth.run("key", "create", "--kind", "api").stdout
    assert re.fullmatch(r"hk_\S+\n", early), early
    user = hearth.run("user", "create", "--email", "o@example.com", "--role", "owner", "--password-stdin", stdin="a long password\n").stdout
    assert re.fullmatch(r"usr_[0-9a-z]{13}\n", user), user
    hearth.start()
    assert hearth.setup_token() is None, "there is an owner"
    hearth.api(early.strip()).get("/api/v1/members")
    late = hearth.run("key", "create", "--kind", "write").stdout
    assert re.fullmatch(r"\S+\n", late)
    hearth.tracker(late.strip()).track("u", "E")
    for arguments, word in [
        (["user", "create", "--email", "o@example.com", "--role", "owner", "--password-stdin"], "already"),
        (["user", "create", "--email", "p@example.com", "--role", "king", "--password-stdin"], "role"),
        (["user", "create", "--email", "nobody", "--role", "owner", "--password-stdin"], "email"),
        (["key", "create", "--kind", "api", "--scope", "everything"], "scope"),
    ]:
        refused = hearth.run(*arguments, stdin="a long password", check=False)
        assert refused.returncode != 0 and refused.stdout == "" and word in refused.stderr, refused.stderr
    weak = hearth.run("user", "create", "--email", "p@example.com", "--password-stdin", stdin="short", check=False)
    assert weak.returncode == 1 and "password" in weak.stderr and "short" not in weak.stderr
    listed = hearth.run("key", "list").stdout
    assert early.strip() not in listed and late.strip() not in listed and listed.count("active") == 2
    assert stat.S_IMODE((hearth.data / "secret.key").stat().st_mode) == 0o600


@pytest.mark.sqlite_only
def test_two_servers_cannot_have_one_directory(hearth, backend):
    second = Hearth(hearth.data)
    arguments = ["serve", "--listen", f"127.0.0.1:{second.port}"]
    process = second.begin(*arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 1 and "hearth:" in errors and "panicked" not in errors
    assert hearth.stranger().get("/readyz") == {"status": "ok"}


@pytest.mark.sqlite_only
def test_configuration_is_read_from_file_variable_and_flag_in_this_order(tmp_path, backend):
    example = subprocess.run([program(), "openapi", "--config"], capture_output=True, text=True, check=True).stdout
    assert 'listen = "127.0.0.1:7700"' in example and "[ingest]" in example
    file = tmp_path / "hearth.toml"
    file.write_text(example, encoding="utf-8")
    hearth = Hearth(tmp_path / "data", options=["--config", str(file)])
    try:
        hearth.start()
        assert hearth.stranger().get("/healthz") == {"status": "ok"}
        assert hearth.stop() == 0
    finally:
        hearth.end()
    file.write_text("[server]\nlisten = \"127.0.0.1:1\"\nlisen = 1\n", encoding="utf-8")
    done = subprocess.run([program(), "serve", "--config", file, "--data", tmp_path / "x"], capture_output=True, text=True, timeout=30)
    assert done.returncode == 1 and "lisen" in done.stderr, "a misspelt setting is named"


class SmallDisk:
    """A file system of its own that is quickly full."""

    SIZE = "24m"

    def __init__(self, directory):
        self.directory = Path(directory)
        self.filler = self.directory / "filler"

    def __enter__(self):
        self.directory.mkdir()
        if os.geteuid() != 0:
            pytest.skip("only root can mount a small disk")
        command = ["mount", "-t", "tmpfs", "-o", f"size={self.SIZE}", "tmpfs", str(self.directory)]
        mounted = subprocess.run(command, capture_output=True, text=True)
        if mounted.returncode != 0:
            pytest.skip(f"a small disk cannot be mounted: {mounted.stderr.strip()}")
        return self

    def fill(self):
        """Takes every free byte."""
        with open(self.filler, "ab", buffering=0) as filler:
            for size in (1 << 20, 4096, 1):
                try:
                    while filler.write(b"x" * size) == size:
                        pass
                except OSError:
                    continue

    def free(self):
        self.filler.unlink()

    def __exit__(self, *_):
        subprocess.run(["umount", str(self.directory)], check=True)


@pytest.mark.sqlite_only
def test_a_full_disk_is_answered_clearly_and_heals_by_itself(tmp_path, backend):
    with SmallDisk(tmp_path / "disk") as disk:
        hearth = Hearth(disk.directory / "data")
        # What the server says goes elsewhere, since it has no room on a full disk either.
        hearth.stdout, hearth.stderr = tmp_path / "stdout", tmp_path / "stderr"
        try:
            hearth.start()
            fill_and_free(hearth, disk)
        finally:
            hearth.end()
        assert hearth.panics() == []


def fill_and_free(hearth, disk):
    api, tracker = hearth.api(), hearth.tracker()
    watcher = hearth.signed_in("owner")
    acknowledged, refused = [], []

    def send():
        """One batch of 20 KB; whether it was acknowledged."""
        number = len(acknowledged) + len(refused)
        item = {"type": "track", "userId": "u", "event": "E", "messageId": f"m{number}", "properties": {"a": "x" * 20_000}}
        answer = tracker.send("POST", "/v1/batch", json={"batch": [item]})
        if answer.status_code == 200:
            acknowledged.append(item["messageId"])
            return True
        refused.append(item["messageId"])
        check_problem(answer, 503, "disk_full")
        assert int(answer.headers["Retry-After"]) > 0
        return False

    assert send()
    disk.fill()
    wait_until(lambda: not send(), 30, "the refusal on a full disk")
    assert not send(), "it stays so"
    assert hearth.stranger().get("/healthz") == {"status": "ok"}
    api.get("/api/v1/members"), watcher.get("/api/v1/me")
    changed = api.send("POST", "/api/v1/segments", json={"name": "S", "rule": {"tag": "a"}})
    if changed.status_code != 201:
        assert check_problem(changed)["status"] in (503, 507), "a change that cannot be saved says so"
    disk.free()
    # No restart, nobody's help.
    wait_until(send, 30, "the acceptance after room was made")
    member = wait_until(lambda: api.member("user_id", "u"), 30, "the events' effect")
    wait_for_equal(lambda: {entry["message_id"] for entry in api.events(member["id"])}, set(acknowledged), 30, "acknowledged events")
    hearth.stop()
    hearth.start()
    assert {entry["message_id"] for entry in api.events(member["id"])} == set(acknowledged)
