"""Privacy: the history of consent, the export of a member, erasure down to the bytes on the disk, backups, retention."""

import hashlib
import json
import re
from datetime import datetime, timedelta, timezone

from support.api import check_problem
from support.waiting import wait_until

EMAIL, PHONE, NAME, USER = "li.bai.unique@example.com", "+8613912345678", "李白独此一人", "customer-li-bai-77"
TRACES = [EMAIL, "li.bai.unique", PHONE, "13912345678", NAME, USER, "visitor-li-bai", json.dumps(NAME).strip('"')]


def traces_under(directory):
    """In which files of a directory something of him stands."""
    found = []
    for path in sorted(directory.rglob("*")):
        if path.is_file():
            content = path.read_bytes()
            found += [(path.name, trace) for trace in TRACES if trace.encode() in content]
    return found


def traces_in_rows(hearth, tmp_path, name):
    """The same of a database that is no file: by a copy of all its tables."""
    hearth.run("backup", tmp_path / name)
    return traces_under(tmp_path / name)


def make_li_bai(api, tracker, mailbox):
    api.email_channel(mailbox.port)
    template = api.template("hello", "你好，{{ member.name }}", text="Hello {{ member.name }}, {{ unsubscribe_url }}")
    journey = api.journey("welcome", {
        "entry": {"event": "Order Completed"}, "reentry": {"policy": "always"}, "start": "s1",
        "steps": {
            "s1": {"type": "send", "channel": "email", "template": template, "topic": "transactional", "next": "s2"},
            "s2": {"type": "wait", "for": "P30D", "next": None},
        },
    })
    api.segment("buyers", {"event": "Order Completed"})
    tracker.batch([
        {"type": "track", "anonymousId": "visitor-li-bai", "event": "Page Read"},
        {"type": "identify", "userId": USER, "anonymousId": "visitor-li-bai",
         "traits": {"name": NAME, "email": EMAIL, "phone": PHONE}},
        {"type": "identify", "userId": "somebody-else", "traits": {"name": "Du Fu", "email": "dufu@example.com"}},
        {"type": "track", "userId": "somebody-else", "event": "Order Completed", "properties": {"revenue": 5}},
    ])
    li = wait_until(lambda: api.member("user_id", USER), 20, "the member appears")["id"]
    tracker.track(USER, "Order Completed", revenue=10, note=f"for {NAME} <{EMAIL}>")
    wait_until(lambda: mailbox.mails(EMAIL), 20, "his mail")
    # A record of his that is refused, and an address of his in the audit log.
    tracker.batch([
        {"type": "track", "userId": USER, "event": "", "properties": {"email": EMAIL}},
        {"type": "track", "userId": USER, "event": "Page Read"},
    ])
    api.post(f"/api/v1/members/{li}/tags", {"add": ["poet"]})
    api.post("/api/v1/suppressions", {"channel_kind": "email", "address": EMAIL}, expect=201)
    for granted in (True, False):
        body = {"channel_kind": "email", "topic": "news", "granted": granted, "proof": {"form": f"{NAME} {granted}"}}
        api.call("PUT", f"/api/v1/members/{li}/consent", json=body)
    return li, journey


def erase(api, member, **reason):
    erasure = api.post(f"/api/v1/members/{member}/erase", {"confirm": member, **reason}, expect=202)
    return wait_until(
        lambda: (lambda one: one if one["state"] == "done" else None)(api.get(f"/api/v1/erasures/{erasure['id']}")),
        60, "the erasure is complete",
    )


def test_an_erased_member_is_nowhere_and_an_old_backup_does_not_bring_him_back(
    hearth, api, tracker, mailbox, new_hearth, tmp_path, backend
):
    li, journey = make_li_bai(api, tracker, mailbox)
    hearth.wait_until_idle()
    is_file = backend == "sqlite"
    assert traces_under(hearth.data)
    hearth.run("backup", tmp_path / "old")
    assert traces_under(tmp_path / "old")
    report = api.get(f"/api/v1/journeys/{journey}/report")

    check_problem(api.send("POST", f"/api/v1/members/{li}/erase", json={"confirm": "mem_0000000000001"}), 422)
    operator = hearth.signed_in("operator")
    check_problem(operator.send("POST", f"/api/v1/members/{li}/erase", json={"confirm": li}), 403, "forbidden")
    erasure = erase(api, li, reason="asked for it by letter")

    check_problem(api.send("GET", f"/api/v1/members/{li}"), 404, "not_found")
    assert api.member("email", EMAIL) is None and api.member("user_id", "somebody-else")
    assert traces_under(hearth.data) == []
    assert traces_in_rows(hearth, tmp_path, "new") == []
    certificate = erasure["certificate"]
    assert certificate["reason"] == "asked for it by letter" and certificate["member"] == li
    assert certificate["deleted"]["events"] >= 4 and certificate["deleted"]["dead_letters"] == 1
    assert certificate["deleted"]["identities"] == 4 and certificate["blanked"]["deliveries"] == 1
    assert certificate["blanked"]["withheld"] == 2, "the suppressed address, and the topic that he wanted no more"
    assert certificate["log"]["records"] >= 5 and certificate["database_rewritten"] == is_file
    text = json.dumps(certificate, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    assert hashlib.sha256(text.encode()).hexdigest() == erasure["sha256"]
    for language, title in (("zh", "擦除证明"), ("en", "Certificate of erasure")):
        page = api.send("GET", f"/api/v1/erasures/{erasure['id']}/certificate.html", params={"lang": language}).text
        assert title in page and erasure["sha256"] in page
        (tmp_path / f"certificate-{language}.html").write_text(page)
    # What figures are made of is still there.
    assert api.get(f"/api/v1/journeys/{journey}/report")["entered"] == report["entered"]
    assert len(api.deliveries()) == 2 and sorted(d["address"] for d in api.deliveries()) == ["", "dufu@example.com"]
    buyers = next(s for s in api.all("/api/v1/segments") if s["name"] == "buyers")
    assert buyers["size"] == 1

    # He comes back: a new stranger, of whom nothing is known.
    tracker.identify(USER, email=EMAIL)
    back = wait_until(lambda: api.member("user_id", USER), 20, "a new stranger")
    assert back["id"] != li and back["tags"] == [] and "name" not in back["traits"]
    assert api.all("/api/v1/suppressions") == []
    stopped = [(one["reason"], one["topic"], one["source"]) for one in api.all("/api/v1/suppressions", address=EMAIL)]
    assert stopped == [("manual", None, erasure["id"]), ("consent_withdrawn", "news", erasure["id"])]

    # Elsewhere, from the old backup and the register.
    hearth.run("erasures", "export", tmp_path / "register")
    assert traces_under(tmp_path / "old") and EMAIL not in (tmp_path / "register").read_text()
    forgetful = new_hearth()
    forgetful.run("restore", tmp_path / "old")
    forgetful.start()
    assert forgetful.api().member("email", EMAIL), "the old backup holds him, so the test is about something"
    forgetful.stop()
    mindful = new_hearth()
    mindful.data.mkdir()
    (mindful.data / "erasures.register").write_bytes((tmp_path / "register").read_bytes())
    said = mindful.run("restore", tmp_path / "old").stdout
    assert re.search(r"1 erasures were carried out again: 1 members and \d+ records", said), said
    assert traces_under(mindful.data) == []
    mindful.start()
    assert mindful.api().member("email", EMAIL) is None and mindful.api().member("user_id", "somebody-else")
    wait_until(lambda: mindful.api().get(f"/api/v1/erasures/{erasure['id']}")["state"] == "done", 30, "its certificate")
    by_file = new_hearth()
    by_file.run("restore", tmp_path / "old", "--erasures", tmp_path / "register")
    assert traces_under(by_file.data) == []
    # A backup from after the erasure knows of it by itself, and who came back since then stays.
    later = new_hearth()
    hearth.run("backup", tmp_path / "later")
    later.run("restore", tmp_path / "later")
    later.start()
    assert later.api().member("user_id", USER)["id"] == back["id"]


def test_an_erasure_that_a_kill_interrupts_is_completed(hearth, api, tracker, mailbox, backend):
    li, _ = make_li_bai(api, tracker, mailbox)
    hearth.wait_until_idle()
    erasure = api.post(f"/api/v1/members/{li}/erase", {"confirm": li}, expect=202)
    hearth.kill()
    hearth.start()
    path = f"/api/v1/erasures/{erasure['id']}"
    wait_until(lambda: api.get(path)["state"] == "done", 90, "the erasure is complete")
    assert traces_under(hearth.data) == [] and api.member("user_id", "somebody-else")
    assert api.get("/api/v1/erasures")["items"][0]["id"] == erasure["id"]


def test_a_member_sees_everything_that_is_kept_about_him(hearth, api, tracker, mailbox, tmp_path):
    li, _ = make_li_bai(api, tracker, mailbox)
    hearth.wait_until_idle()
    document = api.get(f"/api/v1/members/{li}/export")
    assert document["member"] == li
    assert {identity["value"] for identity in document["identities"]} == {USER, EMAIL, PHONE, "visitor-li-bai"}
    traits = [identity["traits"] for identity in document["identities"] if identity["kind"] == "user_id"][0]
    assert traits["name"]["value"] == NAME and traits["name"]["source"].startswith("key") and traits["name"]["at"]
    assert [tag["tag"] for tag in document["tags"]] == ["poet"] and len(document["tag_changes"]) == 1
    segments = sorted((segment["kind"], segment["name"]) for segment in document["segments"])
    assert segments == [("segment", "buyers"), ("stage", "购买 Buyer")]
    changes = sorted((change["kind"], change["entered"]) for change in document["segment_changes"])
    assert changes == [("segment", True), ("stage", True)]
    assert [consent["granted"] for consent in document["consents"]] == [False]
    assert [change["proof"]["form"] for change in document["consent_changes"]] == [f"{NAME} True", f"{NAME} False"]
    names = [event["name"] for event in document["events"]]
    assert {"Page Read", "Order Completed", "Identified", "Email Sent"} <= set(names)
    assert document["deliveries"][0]["address"] == EMAIL and document["delivery_history"]
    assert document["journey_runs"][0]["state"] == "active" and document["journey_trace"]
    assert document["suppressions"][0]["address"] == EMAIL and len(document["dead_letters"]) == 1
    assert "member.exported" in [line["action"] for line in document["audit"]]
    assert all("somebody-else" not in json.dumps(rows) for name, rows in document.items() if name != "audit")

    history = api.all(f"/api/v1/members/{li}/consent/history")
    assert [(one["granted"], one["proof"]["form"]) for one in history] == [(False, f"{NAME} False"), (True, f"{NAME} True")]
    assert api.all(f"/api/v1/members/{li}/consent")[0]["proof"] == {"form": f"{NAME} False"}

    evil = "<script>alert(1)</script>"
    tracker.identify(USER, motto=evil)
    wait_until(lambda: api.member("user_id", USER)["traits"].get("motto") == evil, 20, "the motto is known")
    for language, title in (("zh", "我们保存的关于您的数据"), ("en", "The data that we keep about you")):
        answer = api.send("GET", f"/api/v1/members/{li}/export.html", params={"lang": language})
        assert answer.headers["content-type"] == "text/html; charset=utf-8" and answer.headers["cache-control"] == "no-store"
        assert title in answer.text and NAME in answer.text and "<script" not in answer.text
        (tmp_path / f"export-{language}.html").write_text(answer.text)
    answer = api.send("GET", f"/api/v1/members/{li}/export", params={"format": "html"}, headers={"Accept-Language": "zh-CN"})
    assert 'lang="zh-CN"' in answer.text
    viewer = hearth.signed_in("viewer")
    check_problem(viewer.send("GET", f"/api/v1/members/{li}/export"), 403, "forbidden")
    lines = [line for line in api.all("/api/v1/audit") if line["action"] == "member.exported"]
    assert [line["detail"]["format"] for line in lines].count("html") == 3


def test_events_go_when_their_time_is_over_and_count_no_more(hearth, api, tracker):
    old = (datetime.now(timezone.utc) - timedelta(days=100)).isoformat()
    readers = api.segment("readers", {"event": "Page Read", "count": {"op": "gte", "value": 2}})
    buyers = api.segment("buyers", {"event": "Order Completed"})
    tracker.batch([
        {"type": "track", "userId": "li", "event": "Page Read", "timestamp": old},
        {"type": "track", "userId": "li", "event": "Page Read"},
        {"type": "track", "userId": "li", "event": "Order Completed", "timestamp": old},
    ])
    wait_until(lambda: api.get(f"/api/v1/segments/{readers}")["size"] == 1, 20, "the reader counts")
    assert api.get("/api/v1/retention")["default"] is None
    check_problem(api.send("PUT", "/api/v1/retention", json={"default": "PT1H"}), 422, "invalid_body")
    body = {"default": "P730D", "events": {"Page Read": "P90D", "Order Completed": None}}
    answer = api.call("PUT", "/api/v1/retention", json=body)
    assert answer["default"] == "P730D" and answer["events"] == body["events"] and answer["log"]["days"] == 30
    wait_until(lambda: api.get("/api/v1/retention")["last_run"]["state"] == "done", 30, "events were looked through")
    assert api.get("/api/v1/retention")["last_run"]["deleted"] == 1
    assert api.get(f"/api/v1/segments/{readers}")["size"] == 0
    assert api.get(f"/api/v1/segments/{buyers}")["size"] == 1
    li = api.member("user_id", "li")
    assert sorted(event["name"] for event in api.events(li["id"])) == ["Order Completed", "Page Read"]
    # What is in memory has forgotten it, too: one more makes two, not three.
    tracker.track("li", "Page Read")
    wait_until(lambda: api.get(f"/api/v1/segments/{readers}")["size"] == 1, 20, "the reader counts again")
