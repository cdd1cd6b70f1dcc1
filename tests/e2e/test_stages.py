"""Life-cycle stages: the ladder from stranger to fan, another ladder, how members move on it, and merges undone."""

from collections import Counter

import pytest

from support.api import check_problem, moment
from support.waiting import wait_for_equal, wait_until

USUAL = ["stranger", "follower", "buyer", "satisfied", "repeat", "advocate", "fan"]


def ladder(api):
    return api.get("/api/v1/stages")


def keys(api):
    return [stage["key"] for stage in ladder(api)["stages"]]


def counts(api):
    return {stage["key"]: stage["members"] for stage in ladder(api)["stages"] if stage["members"]}


def stage_of(api, user):
    return api.by_user()[user]["stage"]


def stages_of(api):
    return {user: member["stage"] for user, member in api.by_user().items()}


def rung(key, rule, **also):
    return {"key": key, "name": key.title(), "rule": rule, **also}


def put_ladder(api, *stages):
    """Puts a ladder and waits until it has taken the place of the one before; its keys."""
    api.put("/api/v1/stages", {"stages": list(stages)}, expect=200)
    wait_until(lambda: ladder(api)["building"] is None, 30, "the new ladder")
    return keys(api)


def event(user, name, at=None, **properties):
    item = {"type": "track", "userId": user, "event": name, "properties": properties}
    return {**item, "timestamp": at} if at else item


def test_a_fresh_server_shows_the_usual_ladder(hearth, api):
    shown = ladder(api)
    assert [stage["key"] for stage in shown["stages"]] == USUAL and shown["building"] is None
    assert {stage["members"] for stage in shown["stages"]} == {0}
    assert [stage["rule"] is None for stage in shown["stages"]] == [True] + [False] * 6
    assert not any(stage["falls_back"] for stage in shown["stages"])
    # Rules may ask for its stages at once.
    api.segment("fans", {"stage": "fan"})


def test_members_climb_the_usual_ladder_and_each_stage_is_a_rule(hearth, api, tracker):
    order, review = ("Order Completed", {}), ("Product Reviewed", {"rating": 5})
    lives = {
        "stranger": [("Page Read", {}), ("Product Reviewed", {"rating": 5})],
        "follower": [("Signed Up", {})],
        "buyer": [order, ("Product Reviewed", {"rating": 3})],
        "satisfied": [order, review],
        "repeat": [order, review, order],
        "advocate": [order, ("Product Shared", {})],
        "fan": [order, order, order, ("Referral Completed", {}), *[("Message Posted", {})] * 10],
    }
    tracker.batch([event(stage, name, **given) for stage, life in lives.items() for name, given in life])
    wait_for_equal(lambda: stages_of(api), {stage: stage for stage in USUAL}, 20, "each is where his deeds put him")
    assert keys(api) == USUAL and counts(api) == {stage: 1 for stage in USUAL}

    found = {stage: api.live_segment(stage, {"stage": stage}) for stage in USUAL}
    below = api.live_segment("below", {"not": {"any": [{"stage": "repeat"}, {"stage": "advocate"}, {"stage": "fan"}]}})
    for stage in USUAL:
        assert api.users_of(found[stage]) == {stage} == api.users_in("/api/v1/members", stage=stage)
        assert api.post("/api/v1/segments/preview", {"rule": {"stage": stage}})["size"] == 1
    assert api.users_of(below) == {"stranger", "follower", "buyer", "satisfied"}
    assert api.by_user()["fan"]["segments"] == [found["fan"]], "the rungs themselves are not shown as segments"

    # Up one rung, and every segment follows; the timeline tells it.
    tracker.batch([event("buyer", "Order Completed"), event("follower", "Order Completed")])
    after = {**{stage: stage for stage in USUAL}, "buyer": "repeat", "follower": "buyer"}
    wait_for_equal(lambda: stages_of(api), after, 10, "they climb")
    assert counts(api) == {"stranger": 1, "buyer": 1, "satisfied": 1, "repeat": 2, "advocate": 1, "fan": 1}
    assert (api.users_of(found["buyer"]), api.users_of(found["repeat"])) == ({"follower"}, {"repeat", "buyer"})
    assert api.users_of(below) == {"stranger", "follower", "satisfied"} and api.users_of(found["follower"]) == set()
    reached = api.timeline(api.by_user()["buyer"]["id"], kind="stage")
    assert [(entry["name"], entry["properties"]) for entry in reached] == [
        ("Stage Reached", {"stage": "repeat"}), ("Stage Reached", {"stage": "buyer"}),
    ]


def test_how_long_members_are_in_a_stage_and_how_they_moved_between_two_dates(hearth, api, tracker):
    """All of it happened in the past, and is told only now."""
    at = {days: moment(days=-days) for days in range(1, 41)}
    tracker.batch([
        # Four who were there 30 days ago …
        *[event(user, "Signed Up", at[40]) for user in ("a", "b", "c", "d")],
        # … two of whom bought 20 days ago, and one of them once more 10 days ago.
        event("a", "Order Completed", at[20]), event("b", "Order Completed", at[20]), event("b", "Order Completed", at[10]),
        # One came in between, and one came and bought.
        event("e", "Page Read", at[16]), event("f", "Order Completed", at[4]),
    ])
    wanted = {"a": "buyer", "b": "repeat", "c": "follower", "d": "follower", "e": "stranger", "f": "buyer"}
    wait_for_equal(lambda: stages_of(api), wanted, 20, "each is where his deeds put him")

    days = {stage["key"]: stage["mean_days"] for stage in ladder(api)["stages"] if stage["members"]}
    assert days == pytest.approx({"stranger": 16, "follower": 40, "buyer": 12, "repeat": 10}, abs=0.1)

    def moves(begin, end=None):
        asked = {"from": at[begin], **({"to": at[end]} if end else {})}
        moved = api.get("/api/v1/stages/transitions", **asked)["transitions"]
        return {(move["from"], move["to"]): (move["members"], move["rate"]) for move in moved}

    assert moves(30, 15) == {("follower", "buyer"): (2, 0.5), ("follower", "follower"): (2, 0.5), (None, "stranger"): (1, 1)}
    assert moves(15, 2) == {
        ("buyer", "repeat"): (1, 0.5), ("buyer", "buyer"): (1, 0.5), ("follower", "follower"): (2, 1),
        ("stranger", "stranger"): (1, 1), (None, "buyer"): (1, 1),
    }
    now = moves(30)
    assert now[("follower", "repeat")] == (1, 0.25) and sum(members for members, _ in now.values()) == 6
    dates = {"from": at[30][:10], "to": at[1][:10]}
    moved = api.get("/api/v1/stages/transitions", **dates)["transitions"]
    assert {(move["from"], move["to"]) for move in moved} == set(now), "dates are days of the workspace"
    for query in (f"from={at[2]}&to={at[3]}", "from=soon", "to=2026-01-01T00:00:00Z"):
        check_problem(api.send("GET", f"/api/v1/stages/transitions?{query}"), 400, "invalid_query")


def test_nobody_falls_back_unless_the_rule_says_so(hearth, api, tracker):
    rungs = [
        rung("noble", {"tag": "noble"}),
        rung("guest", {"tag": "guest"}, falls_back=True),
        rung("recent", {"event": "Page Read", "within": "PT1S"}),
        rung("present", {"event": "Message Posted", "within": "PT1S"}, falls_back=True),
    ]
    assert put_ladder(api, *rungs) == ["stranger", "noble", "guest", "recent", "present"]
    assert [stage["falls_back"] for stage in ladder(api)["stages"]] == [False, False, True, False, True]
    tracker.batch([{"type": "identify", "userId": user} for user in ("li", "bai")])
    wait_until(lambda: len(api.by_user()) == 2, 20, "the members")
    li, bai = (api.by_user()[user]["id"] for user in ("li", "bai"))

    def tag(member, **change):
        return api.post(f"/api/v1/members/{member}/tags", change)["stage"]

    assert tag(li, add=["noble"]) == "noble" and tag(li, remove=["noble"]) == "noble"
    assert tag(li, add=["guest"]) == "guest" and tag(li, remove=["guest"]) == "noble"
    # What was true for a moment in the past counts for good, where one does not fall back.
    tracker.batch([event("bai", "Page Read", moment(days=-5)), event("bai", "Message Posted", moment(days=-5))])
    wait_for_equal(lambda: stage_of(api, "bai"), "recent", 10, "it was so once")
    tracker.batch([event("li", "Page Read"), event("li", "Message Posted")])
    falls = [("Stage Reached", "present"), ("Stage Left", "present")]

    def moved():
        entries = api.timeline(li, kind="stage")
        return [(entry["name"], entry["properties"]["stage"]) for entry in reversed(entries)][-2:]

    wait_for_equal(moved, falls, 20, "he was present for a second")
    assert stage_of(api, "li") == "recent", "and has been here recently for good"
    assert counts(api) == {"recent": 2}


def test_a_new_ladder_is_built_in_the_background_and_takes_its_place_as_a_whole(hearth, api, tracker):
    count = 1_200
    for begin in range(0, count, 400):
        tracker.batch([event(f"u{n}", "Order Completed", revenue=n % 3) for n in range(begin, begin + 400)])
    wait_for_equal(lambda: counts(api), {"buyer": count}, 30, "all have bought")
    before = ladder(api)["stages"]
    names = [(stage["key"], stage["name"]) for stage in before]
    third = {"event": "Order Completed", "where": [{"property": "revenue", "value": 2}]}
    new = [
        rung("visitor", {"event": "Page Read"}), rung("buyer", before[2]["rule"]), rung("rich", third),
        rung("fan", {"tag": "fan"}),
    ]
    new_names = [("stranger", before[0]["name"]), *[(stage["key"], stage["name"]) for stage in new]]
    answer = api.put("/api/v1/stages", {"stages": new}, expect=200)
    assert [(stage["key"], stage["name"]) for stage in answer["stages"]] == names and answer["building"] is not None
    seen = []

    def is_new():
        shown = ladder(api)
        assert sum(stage["members"] for stage in shown["stages"]) == count, "everybody is in one stage, at every moment"
        pairs = [(stage["key"], stage["name"]) for stage in shown["stages"]]
        if shown["building"]:
            assert pairs == names and shown["building"]["done"] <= shown["building"]["total"], shown
            seen.append(shown["building"]["done"])
            return False
        assert pairs == new_names, "a ladder is the one or the other"
        return True

    wait_until(is_new, 60, "the new ladder")
    assert seen == sorted(seen)
    assert counts(api) == {"buyer": count * 2 // 3, "rich": count // 3}
    actions = [line["action"] for line in api.all("/api/v1/audit")]
    assert "stages.updated" in actions

    # It is live from the first moment on.
    tracker.batch([event("u0", "Order Completed", revenue=2), event("u-new", "Page Read")])
    wait_for_equal(lambda: stage_of(api, "u0"), "rich", 10, "the new ladder is live")
    assert stage_of(api, "u-new") == "visitor"
    # The last of several changes counts.
    api.put("/api/v1/stages", {"stages": [rung("one", third)]}, expect=200)
    assert put_ladder(api, rung("two", {"event": "Order Completed"})) == ["stranger", "two"]
    assert counts(api) == {"stranger": 1, "two": count}


def test_a_segment_that_asks_for_a_stage_follows_when_the_ladder_changes(hearth, api, tracker):
    tracker.batch([event("li", "Order Completed", revenue=100), event("bai", "Order Completed", revenue=1)])
    wait_for_equal(lambda: counts(api), {"buyer": 2}, 20, "both have bought")
    buyers, others = api.live_segment("b", {"stage": "buyer"}), api.live_segment("o", {"not": {"stage": "buyer"}})
    much = {"event": "Order Completed", "sum": {"property": "revenue", "op": "gte", "value": 50}}
    assert put_ladder(api, rung("buyer", much)) == ["stranger", "buyer"]
    # What a member has reached he keeps only as far as the new rule says that he ever did.
    wait_for_equal(lambda: stages_of(api), {"li": "buyer", "bai": "stranger"}, 10, "the new ladder")
    wait_for_equal(lambda: (api.users_of(buyers), api.users_of(others)), ({"li"}, {"bai"}), 5, "segments follow")
    # A stage above takes them out of this one.
    assert put_ladder(api, rung("buyer", much), rung("top", much)) == ["stranger", "buyer", "top"]
    wait_for_equal(lambda: (api.users_of(buyers), api.users_of(others)), (set(), {"li", "bai"}), 10, "segments follow")


def test_an_undone_merge_gives_both_their_own_stages_back(hearth, api, tracker):
    tracker.batch([
        event("li", "Order Completed", moment(days=-9)), event("bai", "Order Completed", moment(days=-8)),
        event("bai", "Order Completed", moment(days=-7)), event("du", "Product Shared", moment(days=-6)),
    ])
    wanted = {"li": "buyer", "bai": "repeat", "du": "stranger"}
    wait_for_equal(lambda: stages_of(api), wanted, 20, "each is where his deeds put him")
    advocates = api.live_segment("advocates", {"stage": "advocate"})
    before = {stage["key"]: stage["mean_days"] for stage in ladder(api)["stages"]}
    li, du = api.by_user()["li"]["id"], api.by_user()["du"]["id"]

    merge = api.post(f"/api/v1/members/{li}/merge", {"with": du})["merge_id"]
    assert stages_of(api) == {"li": "advocate", "du": "advocate", "bai": "repeat"}
    assert counts(api) == {"advocate": 1, "repeat": 1} and api.users_of(advocates) == {"li", "du"}
    # One of them buys again while they are one.
    tracker.batch([event("li", "Order Completed")])
    wait_until(lambda: len(api.timeline(li, event="Order Completed")) == 2, 10, "the order")
    api.post(f"/api/v1/merges/{merge}/undo")
    assert stages_of(api) == {"li": "repeat", "du": "stranger", "bai": "repeat"}
    assert counts(api) == {"repeat": 2, "stranger": 1} and api.users_of(advocates) == set()
    after = {stage["key"]: stage["mean_days"] for stage in ladder(api)["stages"]}
    assert after["stranger"] == pytest.approx(before["stranger"], abs=0.01), "he is a stranger since he came"

    # Once more without anything in between: nothing is left of it.
    bai = api.by_user()["bai"]["id"]
    merge = api.post(f"/api/v1/members/{bai}/merge", {"with": du})["merge_id"]
    assert stage_of(api, "du") == "advocate"
    api.post(f"/api/v1/merges/{merge}/undo")
    assert Counter(stages_of(api).values()) == {"repeat": 2, "stranger": 1}


def test_the_preview_of_a_merge_shows_the_stage_that_it_gives(hearth, api, tracker):
    tracker.batch([event("li", "Order Completed"), event("du", "Product Shared")])
    wait_for_equal(lambda: stages_of(api), {"li": "buyer", "du": "stranger"}, 20, "the members")
    li, du = api.by_user()["li"]["id"], api.by_user()["du"]["id"]
    preview = api.post(f"/api/v1/members/{li}/merge/preview", {"with": du})["member"]
    assert stages_of(api) == {"li": "buyer", "du": "stranger"}, "a preview changes nothing"
    api.post(f"/api/v1/members/{li}/merge", {"with": du})
    merged = api.get(f"/api/v1/members/{li}")
    assert merged["stage"] == "advocate" and preview["stage"] == merged["stage"]


@pytest.mark.sqlite_only
def test_what_cannot_be_a_ladder_is_refused(hearth, api, tracker):
    tracker.batch([event("li", "Order Completed")])
    wait_for_equal(lambda: counts(api), {"buyer": 1}, 20, "the buyer")
    page = {"event": "Page Read"}
    segment = api.live_segment("buyers", {"any": [page, {"not": {"stage": "buyer"}}]})
    for stages, code, path in [
        ([], "invalid_body", "stages"),
        ([rung(f"s{n}", page) for n in range(21)], "invalid_body", "stages"),
        ([rung("a", page), rung("a", page)], "invalid_body", "stages[1].key"),
        ([rung("stranger", page)], "invalid_body", "stages[0].key"),
        ([rung("Fan", page)], "invalid_body", "stages[0].key"),
        ([rung("", page)], "invalid_body", "stages[0].key"),
        ([rung("x" * 41, page)], "invalid_body", "stages[0].key"),
        ([{**rung("a", page), "name": " "}], "invalid_body", "stages[0].name"),
        ([rung("a", page), rung("b", {"all": [page, {"tga": "x"}]})], "invalid_rule", "stages[1].rule.all[1]"),
        ([rung("a", {})], "invalid_rule", "stages[0].rule"),
        ([rung("a", {"all": [page, {"not": page}]})], "contradictory_rule", "stages[0].rule.all[1]"),
        ([rung("a", page), rung("b", {"stage": "a"})], "segment_cycle", "stages[1].rule"),
        ([rung("a", {"segment": segment})], "segment_cycle", "stages[0].rule"),
        ([rung("a", {"segment": "seg_0000000000001"})], "unknown_reference", "stages[0].rule"),
    ]:
        problem = check_problem(api.send("PUT", "/api/v1/stages", json={"stages": stages}), 422, code)
        assert [error["path"] for error in problem["errors"]] == [path], stages
    for body in ({}, {"stages": {}}, {"stages": [{"key": "a"}]}, []):
        check_problem(api.send("PUT", "/api/v1/stages", json=body), 422, "invalid_body")
    # A stage that a rule asks for stays.
    problem = check_problem(api.send("PUT", "/api/v1/stages", json={"stages": [rung("fan", page)]}), 409, "in_use")
    assert segment in problem["detail"]
    check_problem(api.send("POST", "/api/v1/segments", json={"name": "x", "rule": {"stage": "emperor"}}), 422, "unknown_reference")
    viewer = hearth.signed_in("viewer")
    check_problem(viewer.send("PUT", "/api/v1/stages", json={"stages": [rung("a", page)]}), 403, "forbidden")
    shown = ladder(api)
    assert [stage["key"] for stage in shown["stages"]] == USUAL and shown["building"] is None
