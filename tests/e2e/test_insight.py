"""Insight: answers have what has just arrived, follow merges at once, survive kills and damage, and forget who was erased."""

from datetime import datetime, timedelta, timezone

import requests

from support.api import check_problem
from support.waiting import wait_until

DAY = timedelta(days=1)
BEGIN = datetime(2026, 3, 2, tzinfo=timezone.utc)  # a Monday
RANGE = {"from": "2026-03-01", "to": "2026-04-01", "zone": "UTC"}
STEPS = [{"event": "Product Viewed"}, {"event": "Product Added"}, {"event": "Order Completed"}]


def happened(who, event, after, **properties):
    moment = BEGIN + after
    return {"type": "track", "event": event, "properties": properties, "timestamp": moment.isoformat(), **who}


def user(name):
    return {"userId": name}


def ask(api, kind, /, expect=None, **question):
    return api.post(f"/api/v1/insight/{kind}", {**RANGE, **question}, expect=expect)


def members(api, **more):
    return [step["members"] for step in ask(api, "funnel", steps=STEPS, **more)["steps"]]


def everybody(api, tracker):
    """Ten look, six of them add, three of these buy: for 10, 20 and 30."""
    items = []
    for number in range(10):
        who = user(f"user-{number}")
        items.append(happened(who, "Product Viewed", number * DAY, shop="north" if number % 2 else "south"))
        if number < 6:
            items.append(happened(who, "Product Added", number * DAY + timedelta(hours=1)))
        if number < 3:
            items.append(happened(who, "Order Completed", number * DAY + timedelta(hours=2), revenue=(number + 1) * 10))
    tracker.batch(items)
    wait_until(lambda: api.member("user_id", "user-9"), 20, "the last member appears")


def test_questions_are_answered_from_what_has_just_arrived(hearth, api, tracker):
    everybody(api, tracker)
    funnel = ask(api, "funnel", steps=STEPS, by="shop")
    assert [step["members"] for step in funnel["steps"]] == [10, 6, 3]
    assert [step["median_seconds"] for step in funnel["steps"]] == [None, 3600, 7200]
    groups = {group["key"]: [step["members"] for step in group["steps"]] for group in funnel["groups"]}
    assert groups == {"south": [5, 3, 2], "north": [5, 3, 1]}
    assert funnel["definition"]["zh"] and funnel["zone"] == "UTC"
    tracker.batch([happened(user("user-5"), "Order Completed", 6 * DAY, revenue=5.5)])
    wait_until(lambda: members(api) == [10, 6, 4], 5, "the order is in the answer")

    trend = ask(api, "trend", unit="week", previous="period", series=[
        {"event": "Order Completed", "measure": "sum", "property": "revenue"},
        {"event": "Order Completed", "measure": "members"},
    ], formulas=[{"name": "each", "expression": "A / B"}])
    total = {series["name"]: series["total"] for series in trend["series"]}
    assert total == {"A": 65.5, "B": 4, "each": 65.5 / 4}
    assert [point["value"] for point in trend["series"][0]["points"]][:3] == [0, 65.5, 0]
    assert trend["series"][0]["previous"]["total"] == 0

    retention = ask(api, "retention", start=STEPS[0], **{"return": STEPS[2]}, unit="day", periods=3)
    first = next(cohort for cohort in retention["cohorts"] if cohort["start"].startswith("2026-03-02"))
    assert (first["size"], first["returned"], first["complete"]) == (1, [1, 0, 0], 3)
    paths = ask(api, "path", depth=3)
    assert paths["members"] == 10 and {tuple(way["events"]): way["members"] for way in paths["ways"]} == {
        ("Product Viewed",): 4, ("Product Viewed", "Product Added"): 2,
        ("Product Viewed", "Product Added", "Order Completed"): 4,
    }
    spread = ask(api, "distribution", event="Order Completed", measure="sum", property="revenue", buckets=[0, 10, 25])
    assert [bucket["members"] for bucket in spread["buckets"]] == [1, 2, 1] and spread["median"] == 20
    life = ask(api, "lifecycle", unit="week")["points"]
    assert [(point["new"], point["dormant"]) for point in life[:4]] == [(0, 0), (7, 0), (3, 7), (0, 3)]
    interval = ask(api, "interval", first=STEPS[0], then=STEPS[2])
    assert interval["pairs"] == 4 and interval["median_seconds"] == 7200
    attribution = ask(api, "attribution", model="last", conversion={"event": "Order Completed", "value": "revenue"},
                      touches=[{"event": "Product Viewed"}], touch_by="shop")
    assert {touch["key"]: touch["value"] for touch in attribution["touches"]} == {"south": 40, "north": 25.5}

    question = {**RANGE, "steps": STEPS}
    behind = api.post("/api/v1/insight/members",
                      {"kind": "funnel", "question": question, "point": {"step": 3, "reached": False}, "limit": 1})
    assert behind["total"] == 2 and len(behind["items"]) == 1
    after = api.post("/api/v1/insight/members", {
        "kind": "funnel", "question": question, "point": {"step": 3, "reached": False}, "cursor": behind["next"]})
    names = [identity["value"] for item in behind["items"] + after["items"] for identity in item["identities"]]
    assert sorted(names) == ["user-3", "user-4"] and after["next"] is None


def test_answers_follow_merges_and_their_undoing_at_once(hearth, api, tracker):
    phone = {"anonymousId": "phone"}
    tracker.batch([
        happened(phone, "Product Viewed", 0 * DAY), happened(phone, "Product Added", timedelta(hours=1)),
        happened(user("li"), "Order Completed", timedelta(hours=2), revenue=10),
        happened(user("bai"), "Product Viewed", 1 * DAY),
    ])
    wait_until(lambda: api.member("user_id", "bai"), 20, "the last member appears")
    assert members(api) == [2, 1, 0]
    one, other = api.member("user_id", "li")["id"], api.member("anonymous_id", "phone")["id"]
    merge = api.post(f"/api/v1/members/{one}/merge", {"with": other})["merge_id"]
    assert members(api) == [2, 1, 1]
    # Also when everything is on disk, and read anew.
    hearth.stop()
    hearth.start()
    assert members(api) == [2, 1, 1]
    api.post(f"/api/v1/merges/{merge}/undo")
    assert members(api) == [2, 1, 0]
    # Whoever is split off takes with him what was his.
    tracker.batch([{"type": "identify", "userId": "li", "anonymousId": "tablet"},
                   happened({"anonymousId": "tablet"}, "Product Viewed", timedelta(minutes=30))])
    wait_until(lambda: members(api) == [3, 1, 0], 10, "the tablet's event is in the answer")
    li = api.member("user_id", "li")
    tablet = next(identity["id"] for identity in li["identities"] if identity["value"] == "tablet")
    alone = [{"event": "Product Viewed"}, {"event": "Order Completed"}]
    assert [step["members"] for step in ask(api, "funnel", steps=alone)["steps"]] == [3, 1]
    api.post(f"/api/v1/members/{li['id']}/split", {"identity": tablet})
    assert [step["members"] for step in ask(api, "funnel", steps=alone)["steps"]] == [3, 0]


def test_histories_survive_a_kill_and_are_made_anew_where_they_are_damaged(hearth, api, tracker):
    everybody(api, tracker)
    hearth.wait_until_idle()
    hearth.stop()
    hearth.start()
    assert members(api) == [10, 6, 3]
    tracker.batch([happened(user("user-4"), "Order Completed", 5 * DAY)])
    wait_until(lambda: members(api) == [10, 6, 4], 10, "the order is in the answer")
    hearth.kill()
    hearth.start()
    assert members(api) == [10, 6, 4]
    hearth.stop()
    files = sorted((hearth.data / "behaviour").rglob("*.parquet"))
    for path in files:
        content = bytearray(path.read_bytes())
        content[len(content) // 3] ^= 0x40
        path.write_bytes(content)
    hearth.start()

    def answered():
        answer = api.send("POST", "/api/v1/insight/funnel", json={**RANGE, "steps": STEPS})
        if answer.status_code == 503:
            check_problem(answer, 503)
            return None
        return [step["members"] for step in answer.json()["steps"]]

    assert wait_until(answered, 90, "the histories are made anew") == [10, 6, 4]
    assert api.get("/api/v1/insight/standing")["fault"] is None
    # Half of a manifest is none.
    hearth.stop()
    manifest = next((hearth.data / "behaviour").rglob("manifest.json"))
    manifest.write_bytes(manifest.read_bytes()[:100])
    hearth.start()
    assert wait_until(answered, 90, "the histories are made anew") == [10, 6, 4]


def test_only_what_is_damaged_is_made_anew(hearth, api, tracker):
    everybody(api, tracker)
    april = {"from": "2026-04-01", "to": "2026-05-01"}
    tracker.batch([happened(user(f"user-{number}"), "Product Viewed", 32 * DAY) for number in range(10)])
    series = [{"event": "Product Viewed", "measure": "events"}]

    def views():
        return api.post("/api/v1/insight/trend", {**april, "zone": "UTC", "unit": "month", "series": series})["series"][0]["points"]

    wait_until(lambda: views()[0]["value"] == 10, 10, "April is in the answer")
    hearth.stop()
    files = {path: path.read_bytes() for path in sorted((hearth.data / "behaviour").rglob("*.parquet"))}
    damaged = next(path for path in files if "month=2026-03" in str(path))
    damaged.write_bytes(files[damaged][: len(files[damaged]) // 2])
    hearth.start()
    # Other months are answered from at once, whatever has become of March.
    assert views()[0]["value"] == 10
    tracker.batch([happened(user("user-6"), "Product Added", 6 * DAY + timedelta(hours=1))])

    def answered():
        answer = api.send("POST", "/api/v1/insight/funnel", json={**RANGE, "steps": STEPS})
        if answer.status_code == 503:
            assert check_problem(answer, 503)["code"] == "history_damaged"
            return None
        return [step["members"] for step in answer.json()["steps"]]

    assert wait_until(answered, 60, "March is made anew") in ([10, 6, 3], [10, 7, 3])
    wait_until(lambda: answered() == [10, 7, 3], 10, "what arrived meanwhile counts once")
    assert api.get("/api/v1/insight/standing")["fault"] is None
    for path, content in files.items():
        is_there = path.parent == damaged.parent
        assert is_there or path.read_bytes() == content, f"{path} was not damaged"
    hearth.kill()
    hearth.start()
    assert members(api) == [10, 7, 3] and views()[0]["value"] == 10


def test_events_whose_time_is_over_are_in_no_answer(hearth, api, tracker):
    everybody(api, tracker)
    hearth.wait_until_idle()
    hearth.stop()
    hearth.start()
    now = datetime.now(timezone.utc)
    tracker.batch([
        {"type": "track", "event": "Order Completed", "timestamp": now.isoformat(), "properties": {"revenue": 7}, **user("user-0")}
    ])
    buyers = {"rule": {"event": "Order Completed", "sum": {"property": "revenue", "op": "gte", "value": 20}}}
    wait_until(lambda: api.post("/api/v1/segments/preview", buyers)["size"] == 2, 10, "two have spent enough")
    api.put("/api/v1/retention", {"events": {"Order Completed": "P90D"}})
    wait_until(lambda: members(api) == [10, 6, 0], 60, "orders of March are gone")
    assert api.post("/api/v1/segments/preview", buyers)["size"] == 0
    before = api.get("/api/v1/insight/standing")["events"]
    hearth.kill()
    hearth.start()
    assert members(api) == [10, 6, 0] and api.get("/api/v1/insight/standing")["events"] == before
    recent = {"rule": {"event": "Order Completed", "within": "P1D"}}
    assert api.post("/api/v1/segments/preview", recent)["size"] == 1


def test_who_was_erased_is_in_no_answer_and_no_file(hearth, api, tracker):
    everybody(api, tracker)
    tracker.batch([happened(user("user-0"), "Product Viewed", 20 * DAY, note="a trace of him")])
    hearth.wait_until_idle()
    hearth.stop()
    hearth.start()
    member = api.member("user_id", "user-0")["id"]
    erasure = api.post(f"/api/v1/members/{member}/erase", {"confirm": member}, expect=202)
    wait_until(lambda: api.get(f"/api/v1/erasures/{erasure['id']}")["state"] == "done", 60, "he is erased")
    assert members(api) == [9, 5, 2]
    before = api.get("/api/v1/insight/standing")["events"]
    hearth.kill()
    hearth.start()
    assert members(api) == [9, 5, 2] and api.get("/api/v1/insight/standing")["events"] == before


def test_what_cannot_be_asked_is_told_with_its_place(hearth, api, tracker):
    everybody(api, tracker)
    for kind, question, code, path in [
        ("funnel", {"steps": []}, "invalid_question", "steps"),
        ("funnel", {"steps": [{"event": "A"}] * 50}, "invalid_question", "steps"),
        ("funnel", {"steps": [{"event": "A", "where": [{"property": "p", "op": "gt"}]}]}, "invalid_rule", "steps[0].where[0].value"),
        ("funnel", {"steps": STEPS, "within": "P1M"}, "invalid_question", "within"),
        ("funnel", {"steps": STEPS, "zone": "Mars/Base"}, "invalid_question", "zone"),
        ("funnel", {"steps": STEPS, "from": "2026-05-01"}, "invalid_question", "from"),
        ("funnel", {"steps": STEPS, "segment": "seg_0000000000001"}, "unknown_reference", "segment"),
        ("funnel", {"steps": STEPS, "exclude": [{"event": "X", "after": 3, "before": 2}]}, "invalid_question", "exclude[0]"),
        ("trend", {"series": [{"event": "A", "measure": "sum"}]}, "invalid_question", "series[0].property"),
        ("trend", {"series": [{"measure": "events"}], "formulas": [{"name": "f", "expression": "A +"}]},
         "invalid_question", "formulas[0].expression"),
        ("trend", {"series": [{"measure": "events"}], "unit": "hour", "from": "2020-01-01"}, "invalid_question", "unit"),
        ("path", {"depth": 13}, "invalid_question", "depth"),
        ("distribution", {"measure": "count", "buckets": [3, 1]}, "invalid_question", "buckets"),
        ("funnel", {"steps": STEPS, "bogus": 1}, "invalid_body", "bogus"),
    ]:
        answer = api.send("POST", f"/api/v1/insight/{kind}", json={**RANGE, **question})
        problem = check_problem(answer, code=code)
        assert problem["errors"][0]["path"] == path, (kind, question, problem)
    nobody = requests.post(f"{hearth.url}/api/v1/insight/funnel", json={"steps": STEPS}, timeout=10)
    assert nobody.status_code == 401
    empty = ask(api, "funnel", steps=[{"event": "Nobody Did This"}, {"event": "Nor This"}])
    assert [(step["members"], step["of_first"]) for step in empty["steps"]] == [(0, None), (0, None)]


def test_a_thousand_different_values_are_the_first_ones_and_the_rest(hearth, api, tracker):
    for batch in range(4):
        tracker.batch([
            happened(user(f"u-{batch}-{number}"), "Product Viewed", DAY, code=f"c{batch * 300 + number}")
            for number in range(300)
        ] + [happened(user(f"u-{batch}-0"), "Product Viewed", 2 * DAY, code="often") for _ in range(3)])
    wait_until(lambda: api.member("user_id", "u-3-299"), 30, "the last member appears")
    hearth.wait_until_idle()
    trend = ask(api, "trend", series=[{"event": "Product Viewed", "measure": "events"}], by="code", top=2)
    told = [(series["group"], series["rest"], series["total"]) for series in trend["series"]]
    assert told == [("often", False, 12), ("c0", False, 1), (None, True, 1199)]
