"""Insight: those behind a number are kept as a segment, a snapshot that follows merges and erasures and nothing else."""

from datetime import datetime, timedelta, timezone

import pytest

from support.api import check_problem
from support.waiting import wait_for_equal, wait_until

DAY = timedelta(days=1)
BEGIN = datetime(2026, 3, 2, tzinfo=timezone.utc)  # a Monday
RANGE = {"from": "2026-03-01", "to": "2026-04-01", "zone": "UTC"}
VIEWED, ORDERED = "Product Viewed", "Order Completed"
VIEWS, ORDERS = {"event": VIEWED}, {"event": ORDERED}
FUNNEL = {**RANGE, "steps": [VIEWS, ORDERS], "by": "shop"}
LOOKERS = {"step": 2, "reached": False}
USERS = [f"user-{number}" for number in range(10)]
# All of them look; the first four buy, two of them twice.
BUYERS, OFTEN = set(USERS[:4]), set(USERS[:2])


def happened(user, event, after, **properties):
    moment = BEGIN + after
    return {"type": "track", "userId": user, "event": event, "properties": properties, "timestamp": moment.isoformat()}


@pytest.fixture
def ids(hearth, api, tracker):
    """The members' ids, when everything that they did has taken effect."""
    items = [happened(user, VIEWED, number * DAY / 2, shop="south" if number % 3 else "north") for number, user in enumerate(USERS)]
    items += [happened(user, ORDERED, (USERS.index(user) + 1) * DAY, revenue=10) for user in sorted(BUYERS)]
    items += [happened(user, ORDERED, (USERS.index(user) + 2) * DAY, revenue=10) for user in sorted(OFTEN)]
    tracker.batch(items)
    wait_for_equal(lambda: set(api.by_user()), set(USERS), 20, "the members appear")
    hearth.wait_until_idle()
    return {user: member["id"] for user, member in api.by_user().items()}


def body(kind, question, point, name):
    return {"kind": kind, "question": question, "point": point, "name": name}


def keep(api, kind, question, point, name="kept", expect=201):
    """Makes a segment of those behind a number; waits until it is live, and returns its id."""
    made = api.post("/api/v1/insight/members/segment", body(kind, question, point, name), expect=expect)
    assert made["segment"]["name"] == name
    segment = made["segment"]["id"]
    wait_until(lambda: api.is_live(segment), 20, "the segment is made")
    shown = api.get(f"/api/v1/segments/{segment}")
    assert shown["size"] == made["members"] == len(api.members_of(segment))
    return segment


def behind(api, kind, question, point):
    return api.post("/api/v1/insight/members", {"kind": kind, "question": question, "point": point, "limit": 200})


def ids_behind(api, kind, question, point):
    return {item["id"] for item in behind(api, kind, question, point)["items"]}


NUMBERS = [
    ("funnel", FUNNEL, {"step": 2}), ("funnel", FUNNEL, LOOKERS), ("funnel", FUNNEL, {"step": 1, "group": "north"}),
    ("funnel", {**FUNNEL, "top": 1}, {"step": 1, "rest": True}),
    ("retention", {**RANGE, "start": VIEWS, "return": ORDERS, "unit": "week"}, {"cohort": "2026-03-02T00:00:00.000Z", "period": 0, "returned": True}),
    ("trend", {**RANGE, "series": [{**ORDERS, "measure": "members"}]}, {"series": "A", "t": "2026-03-03T00:00:00.000Z"}),
    ("path", RANGE, {"way": [VIEWED]}), ("path", RANGE, {"step": 1, "event": VIEWED, "next": {"event": ORDERED}}),
    ("distribution", {**RANGE, **ORDERS, "measure": "count"}, {"bucket": 1}),
    ("interval", {**RANGE, "first": VIEWS, "then": ORDERS}, {"from_seconds": 86_400}),
    ("lifecycle", {**RANGE, "unit": "week"}, {"t": "2026-03-09T00:00:00.000Z", "state": "dormant"}),
    ("attribution", {**RANGE, "conversion": ORDERS, "touches": [VIEWS], "touch_by": "shop"}, {"key": "south"}),
    ("funnel", FUNNEL, {"step": 1, "group": "nowhere"}),
]


def test_each_number_becomes_a_segment_of_those_behind_it(hearth, api, ids):
    for nth, (kind, question, point) in enumerate(NUMBERS):
        expected = ids_behind(api, kind, question, point)
        assert expected or point.get("group") == "nowhere", (kind, point)
        segment = keep(api, kind, question, point, f"number {nth}")
        assert api.members_of(segment) == expected, (kind, point)
    listed = {segment["name"]: segment["size"] for segment in api.all("/api/v1/segments")}
    assert {f"number {nth}" for nth in range(len(NUMBERS))} <= set(listed)
    lines = [line for line in api.all("/api/v1/audit") if line["action"] == "segment.snapshot_made"]
    assert [line["detail"]["name"] for line in reversed(lines)] == [f"number {nth}" for nth in range(len(NUMBERS))]
    assert {line["target"] for line in lines} <= {segment["id"] for segment in api.all("/api/v1/segments")}
    # It can stand in rules and questions like any other.
    buyers = next(segment["id"] for segment in api.all("/api/v1/segments") if segment["name"] == "number 0")
    others = api.live_segment("others", {"not": {"segment": buyers}})
    assert api.users_of(others) == set(USERS) - BUYERS
    assert behind(api, "funnel", {**FUNNEL, "segment": buyers}, {"step": 1})["total"] == len(BUYERS)


def test_a_segment_of_a_number_stays_what_it_is_whatever_happens(hearth, api, tracker, ids):
    buyers, lookers = keep(api, "funnel", FUNNEL, {"step": 2}, "buyers"), keep(api, "funnel", FUNNEL, LOOKERS, "lookers")
    assert (api.users_of(buyers), api.users_of(lookers)) == (BUYERS, set(USERS) - BUYERS)
    tracker.batch([happened("user-9", ORDERED, 6 * DAY, revenue=1), happened("new", VIEWED, DAY), happened("new", ORDERED, 2 * DAY)])
    wait_for_equal(lambda: behind(api, "funnel", FUNNEL, {"step": 2})["total"], len(BUYERS) + 2, 20, "two more have bought")
    hearth.wait_until_idle()
    assert (api.users_of(buyers), api.users_of(lookers)) == (BUYERS, set(USERS) - BUYERS)
    hearth.kill()
    hearth.start()
    assert (api.users_of(buyers), api.users_of(lookers)) == (BUYERS, set(USERS) - BUYERS)
    assert [change["entered"] for change in api.all(f"/api/v1/segments/{buyers}/changes")] == [True] * len(BUYERS)
    again = keep(api, "funnel", FUNNEL, {"step": 2}, "buyers again")
    assert api.users_of(again) == BUYERS | {"user-9", "new"}


def test_of_two_who_become_one_one_stays_and_both_when_they_are_parted(hearth, api, ids):
    segment = keep(api, "funnel", FUNNEL, {"step": 2})
    merge = api.post(f"/api/v1/members/{ids['user-0']}/merge", {"with": ids["user-1"]})["merge_id"]
    assert api.members_of(segment) == {ids[user] for user in BUYERS} - {ids["user-1"]}
    wait_for_equal(lambda: api.get(f"/api/v1/segments/{segment}")["size"], len(BUYERS) - 1, 10, "the size follows")
    # One of them with somebody who is not in it.
    other = api.post(f"/api/v1/members/{ids['user-9']}/merge", {"with": ids["user-2"]})["merge_id"]
    assert api.members_of(segment) == {ids["user-0"], ids["user-9"], ids["user-3"]}
    api.post(f"/api/v1/merges/{other}/undo")
    api.post(f"/api/v1/merges/{merge}/undo")
    assert api.users_of(segment) == BUYERS
    # Also of those who were one when it was made.
    api.post(f"/api/v1/members/{ids['user-0']}/merge", {"with": ids["user-5"]})
    kept = keep(api, "funnel", FUNNEL, {"step": 1}, "everybody")
    assert api.members_of(kept) == set(ids.values()) - {ids["user-5"]}


def test_whoever_is_erased_is_taken_out(hearth, api, ids):
    segment, empty = keep(api, "funnel", FUNNEL, {"step": 2}), keep(api, "funnel", {**FUNNEL, "steps": [{"event": "Nothing"}]}, {"step": 1}, "nobody")
    erasure = api.post(f"/api/v1/members/{ids['user-2']}/erase", {"confirm": ids["user-2"]}, expect=202)
    wait_until(lambda: api.get(f"/api/v1/erasures/{erasure['id']}")["state"] == "done", 60, "he is erased")
    assert api.users_of(segment) == BUYERS - {"user-2"} and api.users_of(empty) == set()
    wait_for_equal(lambda: api.get(f"/api/v1/segments/{segment}")["size"], len(BUYERS) - 1, 10, "the size follows")
    assert hearth.query("SELECT COUNT(*) FROM snapshot_members") == [(0,)], "what was named until the segment was made is not kept"


def test_a_segment_of_a_number_can_be_deleted_also_before_it_is_made(hearth, api, ids):
    segment = keep(api, "funnel", FUNNEL, {"step": 2})
    api.delete(f"/api/v1/segments/{segment}", expect=204)
    check_problem(api.send("GET", f"/api/v1/segments/{segment}"), 404, "not_found")
    assert all(segment not in member["segments"] and member["tags"] == [] for member in api.by_user().values())
    for nth in range(5):
        made = api.post("/api/v1/insight/members/segment", body("funnel", FUNNEL, {"step": 1}, f"short {nth}"), expect=201)["segment"]["id"]
        answer = api.send("DELETE", f"/api/v1/segments/{made}")
        if answer.status_code != 204:
            check_problem(answer, 409, "wrong_state")
            wait_until(lambda: api.is_live(made), 20, "the segment is made")
            api.delete(f"/api/v1/segments/{made}", expect=204)
    hearth.wait_until_idle()
    assert api.all("/api/v1/segments") == [] and hearth.query("SELECT COUNT(*) FROM snapshot_members") == [(0,)]
    assert all(member["segments"] == [] and member["tags"] == [] for member in api.by_user().values())
    assert len(api.users_of(keep(api, "funnel", FUNNEL, {"step": 1}))) == len(USERS), "others are made as before"


def test_what_cannot_become_a_segment_is_told_and_makes_none(hearth, api, ids):
    before = api.all("/api/v1/segments")
    for name in ("", "   ", "x" * 201, "two\nlines", "a\x00b"):
        answer = api.send("POST", "/api/v1/insight/members/segment", json=body("funnel", FUNNEL, {"step": 1}, name))
        assert check_problem(answer, 422, "invalid_body")["errors"][0]["path"] == "name", repr(name)
    whole = body("funnel", FUNNEL, {"step": 1}, "kept")
    for change in ({"name": None}, {"name": 5}, {"kind": "sql"}, {"point": {}}, {"point": {"step": -1}}, {"question": {}},
                   {"question": {**FUNNEL, "segment": "seg_0000000000001"}}, {"question": {**FUNNEL, "members": {"bogus": 1}}}):
        check_problem(api.send("POST", "/api/v1/insight/members/segment", json={**whole, **change}), 422)
    for missing in whole:
        less = {name: value for name, value in whole.items() if name != missing}
        check_problem(api.send("POST", "/api/v1/insight/members/segment", json=less), 422, "invalid_body")
    assert api.all("/api/v1/segments") == before
    assert len(api.users_of(keep(api, "funnel", FUNNEL, {"step": 1}, "名" * 200))) == len(USERS)
    assert api.post("/api/v1/insight/members/segment", body("funnel", FUNNEL, {"step": 1}, "  trimmed "))["segment"]["name"] == "trimmed"


def test_only_who_may_write_segments_and_see_people_keeps_one(hearth, api, ids):
    wanted = body("funnel", FUNNEL, {"step": 2}, "kept")
    viewer = hearth.signed_in("viewer")
    number = {name: value for name, value in wanted.items() if name != "name"}
    assert viewer.post("/api/v1/insight/members", number)["total"] == len(BUYERS), "he may look"
    check_problem(viewer.send("POST", "/api/v1/insight/members/segment", json=wanted), 403, "forbidden")
    for scopes in (["people:read"], ["segments:write"], ["segments:read", "people:read", "people:write"]):
        options = [part for scope in scopes for part in ("--scope", scope)]
        few = hearth.api(hearth.key("api", *options))
        check_problem(few.send("POST", "/api/v1/insight/members/segment", json=wanted), 403, "forbidden")
    check_problem(hearth.stranger().send("POST", "/api/v1/insight/members/segment", json=wanted), 401, "unauthenticated")
    assert api.all("/api/v1/segments") == []
    for client in (hearth.signed_in("analyst"), hearth.api(hearth.key("api", "--scope", "people:read", "--scope", "segments:write"))):
        made = client.post("/api/v1/insight/members/segment", wanted, expect=201)
        wait_until(lambda: api.is_live(made["segment"]["id"]), 20, "the segment is made")
        assert api.users_of(made["segment"]["id"]) == BUYERS
