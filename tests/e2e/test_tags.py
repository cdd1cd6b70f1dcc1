"""Tags: who may put which on, sets of which one excludes the others, expiry, history, deletion, changes in bulk."""

from datetime import datetime, timedelta

import pytest

from support.api import check_problem, moment
from support.waiting import wait_for_equal, wait_until

NOBODY = "mem_0000000000001"


def define(api, name, **definition):
    return api.put(f"/api/v1/tags/{name}", definition, expect=204)


def tag(api, user, **change):
    """Changes tags of a member; returns those that he carries then."""
    return api.post(f"/api/v1/members/{api.by_user()[user]['id']}/tags", change)["tags"]


def tags(api, user):
    return api.by_user()[user]["tags"]


def listed(api):
    return {item["tag"]: item for item in api.all("/api/v1/tags")}


def people(api, tracker, *users):
    tracker.batch([{"type": "identify", "userId": user, "traits": {"name": user}} for user in users])
    wait_until(lambda: set(users) <= set(api.by_user()), 20, "the members")


def order(tracker, user, revenue):
    tracker.track(user, "Order Completed", revenue=revenue)


def spent(least):
    return {"event": "Order Completed", "sum": {"property": "revenue", "op": "gte", "value": least}}


def test_each_kind_of_tag_is_given_only_by_whom_its_definition_says(hearth, api, tracker):
    people(api, tracker, "li", "bai", "du")
    order(tracker, "li", 150)
    define(api, "vip", description="Knows everybody")
    define(api, "spender", kind="dynamic", rule=spent(100), description="100 and more")
    define(api, "likely", kind="predictive", model="next-order-30d")
    wait_for_equal(lambda: tags(api, "li"), ["spender"], 10, "history is evaluated")
    assert tag(api, "bai", add=[" vip "]) == ["vip"], "a tag is trimmed"

    of = listed(api)
    assert {name: (item["kind"], item["members"]) for name, item in of.items()} == {
        "vip": ("static", 1), "spender": ("dynamic", 1), "likely": ("predictive", 0),
    }
    assert of["spender"]["rule"] == spent(100) and of["vip"]["rule"] is None
    assert (of["likely"]["model"], of["vip"]["description"]) == ("next-order-30d", "Knows everybody")
    assert api.users_in("/api/v1/members", tag="spender") == {"li"}
    assert api.users_in("/api/v1/members", tag="vip") == {"bai"}
    assert api.get("/api/v1/tags/spender/usage") == {"members": 1, "shown": 1, "used_by": []}

    # It is live, and rules see it like any other.
    spenders = api.live_segment("spenders", {"tag": "spender"})
    assert api.users_of(spenders) == {"li"}
    order(tracker, "bai", 60)
    order(tracker, "bai", 40)
    wait_for_equal(lambda: tags(api, "bai"), ["spender", "vip"], 10, "the second order completes the sum")
    assert api.users_of(spenders) == {"li", "bai"} and listed(api)["spender"]["members"] == 2

    li = api.by_user()["li"]["id"]
    for change in ({"add": ["spender"]}, {"remove": ["spender"]}, {"add": ["likely"]}, {"remove": ["likely"]}):
        check_problem(api.send("POST", f"/api/v1/members/{li}/tags", json=change), 422, "tag_is_dynamic")
        in_bulk = {**change, "members": [li]}
        check_problem(api.send("POST", "/api/v1/tags/bulk", json=in_bulk), 422, "tag_is_dynamic")
    assert tags(api, "li") == ["spender"]

    # Another rule takes the place of the first.
    define(api, "spender", kind="dynamic", rule=spent(120))
    wait_for_equal(lambda: tags(api, "bai"), ["vip"], 10, "the new rule counts")
    assert tags(api, "li") == ["spender"] and listed(api)["spender"]["rule"] == spent(120)

    # A kind is for good, and what was put on by hand does not become a rule's.
    check_problem(api.send("PUT", "/api/v1/tags/spender", json={"kind": "static"}), 409, "conflict")
    check_problem(api.send("PUT", "/api/v1/tags/vip", json={"kind": "predictive"}), 409, "conflict")
    tag(api, "du", add=["loose"])
    loose = {"kind": "dynamic", "rule": {"event": "Page Read"}}
    check_problem(api.send("PUT", "/api/v1/tags/loose", json=loose), 409, "in_use")
    actions = [(line["action"], line["target"]) for line in api.all("/api/v1/audit")]
    assert ("tag.defined", "spender") in actions and ("member.tagged", api.by_user()["du"]["id"]) in actions


def test_a_change_of_tags_that_is_refused_changes_nothing(hearth, api, tracker):
    people(api, tracker, "li")
    define(api, "spender", kind="dynamic", rule=spent(100))
    assert tag(api, "li", add=["vip"]) == ["vip"]
    li = api.by_user()["li"]["id"]
    for change in ({"add": ["new", "spender"]}, {"remove": ["vip"], "add": ["spender"]}):
        check_problem(api.send("POST", f"/api/v1/members/{li}/tags", json=change), 422, "tag_is_dynamic")
        assert tags(api, "li") == ["vip"], change
    assert [change["tag"] for change in api.all(f"/api/v1/members/{li}/tags/history")] == ["vip"]


@pytest.mark.sqlite_only
def test_lists_of_tags_and_their_groups_are_paged_by_name(hearth, api, tracker):
    people(api, tracker, "li")
    names = [f"tag {n:04}" for n in range(60)]
    groups = [api.post("/api/v1/tag-groups", {"name": f"group {n}"}, expect=201) for n in range(3)]
    tag(api, "li", add=names[::2][:30])
    for name in names[1::2]:
        define(api, name)
    for path, wanted, value in (("/api/v1/tags", names, "tag"), ("/api/v1/tag-groups", [g["name"] for g in groups], "name")):
        found, cursor = [], None
        while cursor is not None or not found:
            page = api.get(path, limit=2, **({"cursor": cursor} if cursor else {}))
            assert 0 < len(page["items"]) <= 2
            found += [item[value] for item in page["items"]]
            cursor = page["next"]
        assert found == wanted
        check_problem(api.send("GET", f"{path}?cursor=zzz"), 400, "invalid_cursor")
    assert len(api.get("/api/v1/tags")["items"]) == 50 and len(api.all("/api/v1/tags")) == 60


def test_a_segment_follows_when_the_rule_of_its_tag_changes(hearth, api, tracker):
    people(api, tracker, "li", "bai")
    order(tracker, "li", 150)
    order(tracker, "bai", 50)
    define(api, "spender", kind="dynamic", rule=spent(100))
    wait_for_equal(lambda: tags(api, "li"), ["spender"], 10, "history is evaluated")
    spenders, others = api.live_segment("s", {"tag": "spender"}), api.live_segment("o", {"not": {"tag": "spender"}})
    define(api, "spender", kind="dynamic", rule={"not": spent(100)})
    wait_for_equal(lambda: tags(api, "bai"), ["spender"], 10, "the new rule counts")
    wait_for_equal(lambda: (api.users_of(spenders), api.users_of(others)), ({"bai"}, {"li"}), 5, "segments follow")


def test_of_a_mutually_exclusive_set_a_member_carries_one_also_through_a_merge(hearth, api, tracker):
    people(api, tracker, "li", "bai")
    group = api.post("/api/v1/tag-groups", {"name": "level", "exclusive": True}, expect=201)
    topics = api.post("/api/v1/tag-groups", {"name": "topics"}, expect=201)
    assert (group["exclusive"], topics["exclusive"]) == (True, False)
    assert api.all("/api/v1/tag-groups") == [group, topics]
    for level in ("bronze", "silver", "gold"):
        define(api, level, group_id=group["id"])
    for topic in ("wine", "tea"):
        define(api, topic, group_id=topics["id"])
    bronze = api.live_segment("bronze", {"tag": "bronze"})

    assert tag(api, "li", add=["bronze"]) == ["bronze"] and api.users_of(bronze) == {"li"}
    assert tag(api, "li", add=["gold", "wine", "tea"]) == ["gold", "tea", "wine"] and api.users_of(bronze) == set()
    li = api.by_user()["li"]["id"]
    history = [(change["tag"], change["added"]) for change in api.all(f"/api/v1/members/{li}/tags/history")]
    assert sorted(history[:4]) == [("bronze", False), ("gold", True), ("tea", True), ("wine", True)]
    assert history[4:] == [("bronze", True)]
    assert len(tag(api, "bai", add=["bronze", "silver"])) == 1, "two at once are still one too many"

    # Whoever becomes one with another shows the later one; parted again, each has his own.
    assert tag(api, "bai", add=["bronze"]) == ["bronze"]
    bai = api.by_user()["bai"]["id"]
    merge = api.post(f"/api/v1/members/{li}/merge", {"with": bai})["merge_id"]
    assert api.get(f"/api/v1/members/{li}")["tags"] == ["bronze", "tea", "wine"]
    assert len(api.all(f"/api/v1/segments/{bronze}/members")) == 1
    api.post(f"/api/v1/merges/{merge}/undo")
    assert (tags(api, "li"), tags(api, "bai")) == (["gold", "tea", "wine"], ["bronze"])
    assert api.users_of(bronze) == {"bai"}

    dynamic = {"kind": "dynamic", "rule": spent(1), "group_id": group["id"]}
    check_problem(api.send("PUT", "/api/v1/tags/d", json=dynamic), 422, "invalid_body")
    define(api, "d", **{**dynamic, "group_id": topics["id"]})
    to_exclusive = {"name": "topics", "exclusive": True}
    check_problem(api.send("PUT", f"/api/v1/tag-groups/{topics['id']}", json=to_exclusive), 422, "invalid_body")
    check_problem(api.send("PUT", f"/api/v1/tag-groups/{topics['id']}", json={"name": "level"}), 409, "already_exists")
    check_problem(api.send("POST", "/api/v1/tag-groups", json={"name": "level"}), 409, "already_exists")
    check_problem(api.send("POST", "/api/v1/tag-groups", json={"name": " "}), 422, "invalid_body")
    check_problem(api.send("PUT", "/api/v1/tag-groups/tgr_0000000000007", json={"name": "other"}), 404, "not_found")
    check_problem(api.send("DELETE", "/api/v1/tag-groups/tgr_0000000000007"), 404, "not_found")
    check_problem(api.send("PUT", "/api/v1/tags/e", json={"group_id": "tgr_0000000000007"}), 422, "unknown_reference")

    # Without its group a tag excludes nothing any more.
    api.delete(f"/api/v1/tag-groups/{group['id']}", expect=204)
    assert listed(api)["gold"]["group_id"] is None and listed(api)["wine"]["group_id"] == topics["id"]
    assert tag(api, "bai", add=["gold"]) == ["bronze", "gold"]


def test_a_tag_comes_off_by_itself_when_its_time_is_over(hearth, api, tracker):
    people(api, tracker, "li", "bai", "du", "wei")
    define(api, "hot", expires_after="PT1S")
    hot = api.live_segment("hot", {"tag": "hot"})
    assert listed(api)["hot"]["expires_after"] == "PT1S"
    tag(api, "li", add=["hot", "cold"])
    renewed = datetime.fromisoformat(moment())
    tag(api, "li", add=["hot"])
    # Who says when it ends is believed more than the definition, and needs none.
    tag(api, "bai", add=["hot"], expires_at=moment(days=1))
    tag(api, "du", add=["brief"], expires_at=moment(seconds=3))
    tag(api, "wei", add=["hot"])
    wei = api.by_user()["wei"]["id"]
    tag(api, "wei", remove=["hot"])

    wait_for_equal(lambda: [tags(api, user) for user in ("li", "du")], [["cold"], []], 20, "what was brief is over")
    li = api.by_user()["li"]["id"]
    last, first = api.all(f"/api/v1/members/{li}/tags/history", tag="hot")
    assert (last["added"], last["source"], first["added"]) == (False, "expiry", True)
    assert datetime.fromisoformat(last["at"]) - renewed >= timedelta(seconds=1), "putting it on again renewed it"
    assert tags(api, "bai") == ["hot"] and api.users_of(hot) == {"bai"}
    entries = api.all(f"/api/v1/segments/{hot}/changes", member=li)
    assert [(change["entered"]) for change in entries] == [False, True] and entries[0]["at"] == last["at"]
    ends = api.all(f"/api/v1/members/{wei}/tags/history")
    assert [(change["added"], change["source"]) for change in ends][0] == (False, ends[1]["source"])
    assert len(ends) == 2, "what was taken off by hand does not expire as well"


def test_a_tag_expires_although_the_server_was_down_at_that_moment(hearth, api, tracker):
    people(api, tracker, "li")
    over = datetime.fromisoformat(moment(seconds=3))
    tag(api, "li", add=["brief"], expires_at=over.isoformat())
    hearth.stop()
    wait_until(lambda: datetime.now(over.tzinfo) > over, 10, "the end of the time of the tag")
    hearth.start()
    wait_for_equal(lambda: tags(api, "li"), [], 10, "it is taken off afterwards")


def test_the_history_tells_who_put_each_tag_on_and_took_it_off(hearth, api, tracker):
    tracker.batch([{"type": "identify", "userId": "li", "anonymousId": "phone-of-li"}])
    wait_until(lambda: "li" in api.by_user(), 20, "the member")
    for change in ({"add": ["a", "b"]}, {"remove": ["a"]}, {"add": ["a"]}, {"add": ["a"]}, {"remove": ["never"]}):
        tag(api, "li", **change)
    path = f"/api/v1/members/{api.by_user()['li']['id']}/tags/history"
    history = api.all(path)
    assert [(change["tag"], change["added"]) for change in history][:2] == [("a", True), ("a", False)]
    assert sorted((change["tag"], change["added"]) for change in history[2:]) == [("a", True), ("b", True)]
    assert [change["added"] for change in api.all(path, tag="a")] == [True, False, True]
    assert [change["at"] for change in history] == sorted((change["at"] for change in history), reverse=True)
    assert {(change["identity_kind"], change["identity_value"]) for change in history} == {("user_id", "li")}
    [audit] = {line["actor"] for line in api.all("/api/v1/audit") if line["action"] == "member.tagged"}
    assert {change["source"] for change in history} == {audit}
    pages, cursor = [], None
    while cursor is not None or not pages:
        page = api.get(path, limit=1, **({"cursor": cursor} if cursor else {}))
        pages += page["items"]
        cursor = page["next"]
    assert pages == history
    assert api.all(path, tag="unheard of") == []
    check_problem(api.send("GET", f"{path}?tag=%00"), 400, "nul_character")
    check_problem(api.send("GET", f"{path}?cursor=zzz"), 400, "invalid_cursor")


@pytest.mark.sqlite_only
def test_the_history_of_nobody_is_not_found(hearth, api):
    check_problem(api.send("GET", f"/api/v1/members/{NOBODY}/tags/history"), 404, "not_found")


def test_a_tag_is_deleted_only_when_nothing_uses_it_and_with_consent_from_its_members(hearth, api, tracker):
    people(api, tracker, "li", "bai", "du")
    order(tracker, "du", 10)
    define(api, "vip")
    tag(api, "li", add=["vip", "guest"])
    tag(api, "bai", add=["vip"])
    segment = api.segment("vips", {"all": [{"event": "Page Read"}, {"any": [{"not": {"tag": "vip"}}]}]})
    define(api, "noble", kind="dynamic", rule={"tag": "vip"})
    journey = api.journey("make vips", {
        "entry": {"event": "Order Completed"}, "reentry": {"policy": "never"}, "start": "s1",
        "steps": {"s1": {"type": "tag", "add": ["vip"], "next": None}},
    })
    usage = api.get("/api/v1/tags/vip/usage")
    assert usage["members"] == 2 and len(usage["used_by"]) == 3
    assert segment in usage["used_by"] and 'tag "noble"' in usage["used_by"]
    assert any(journey in user for user in usage["used_by"])
    for remove in ("false", "true"):
        check_problem(api.send("DELETE", f"/api/v1/tags/vip?remove={remove}"), 409, "in_use")

    api.delete(f"/api/v1/segments/{segment}", expect=204)
    api.delete("/api/v1/tags/noble", expect=204)
    problem = check_problem(api.send("DELETE", "/api/v1/tags/vip"), 409, "in_use")
    assert journey in problem["detail"]
    api.post(f"/api/v1/journeys/{journey}/stop")
    assert api.get("/api/v1/tags/vip/usage") == {"members": 2, "shown": 2, "used_by": []}
    problem = check_problem(api.send("DELETE", "/api/v1/tags/vip"), 409, "in_use")
    assert "2 members" in problem["detail"]
    begun = api.delete("/api/v1/tags/vip", expect=200, remove="true")
    assert begun["members"] == 2 and api.ended_job(begun["job_id"])["state"] == "done"
    assert (tags(api, "li"), tags(api, "bai")) == (["guest"], []) and set(listed(api)) == {"guest"}
    li = api.by_user()["li"]["id"]
    assert [c["added"] for c in api.all(f"/api/v1/members/{li}/tags/history", tag="vip")] == [False, True]

    # A dynamic one goes with its rule; one that nobody carries goes at once.
    define(api, "buyer", kind="dynamic", rule={"event": "Order Completed"})
    wait_for_equal(lambda: tags(api, "du"), ["buyer"], 10, "history is evaluated")
    api.delete("/api/v1/tags/buyer", expect=204)
    assert tags(api, "du") == [] and api.users_in("/api/v1/members", tag="buyer") == set()
    assert tag(api, "bai", add=["buyer"]) == ["buyer"], "the name is free again"
    define(api, "unused")
    api.delete("/api/v1/tags/unused", expect=204)
    check_problem(api.send("DELETE", "/api/v1/tags/unused"), 404, "not_found")


def test_tags_of_many_members_are_changed_by_a_job_that_tells_how_far_it_is(hearth, api, tracker):
    count = 600
    for begin in range(0, count, 300):
        rows = range(begin, begin + 300)
        tracker.batch([{"type": "identify", "userId": f"u{n}", "traits": {"n": n}} for n in rows])
    everybody = api.live_segment("everybody", {"trait": "n", "op": "exists"})
    wait_until(lambda: api.get(f"/api/v1/segments/{everybody}")["size"] == count, 30, "all are in")
    tagged = api.live_segment("tagged", {"all": [{"tag": "new"}, {"not": {"tag": "old"}}]})

    begun = api.post("/api/v1/tags/bulk", {"add": ["new", "old"], "segment": everybody}, expect=202)
    assert begun["members"] == count
    seen = []

    def is_done():
        job = api.get(f"/api/v1/jobs/{begun['job_id']}")
        seen.append((job["done"], job["total"]))
        return job if job["state"] == "done" else None

    job = wait_until(is_done, 60, "the end of the job")
    assert seen == sorted(seen) and seen[-1] == (count, count)
    reached = {"members": count, "changed": count, "unchanged": 0, "refused": 0}
    assert (job["kind"], job["result"]) == ("tag_members", reached)
    assert job["id"] in [other["id"] for other in api.all("/api/v1/jobs")]
    assert {name: listed(api)[name]["members"] for name in ("new", "old")} == {"new": count, "old": count}
    assert api.get(f"/api/v1/segments/{tagged}")["size"] == 0

    # While they lose the tag by which they are chosen, nobody is left out.
    half = [member["id"] for user, member in api.by_user().items() if int(user[1:]) % 2]
    begun = api.post("/api/v1/tags/bulk", {"remove": ["old"], "members": half[:10] + half[:10]}, expect=202)
    assert api.ended_job(begun["job_id"])["state"] == "done" and listed(api)["old"]["members"] == count - 10
    begun = api.post("/api/v1/tags/bulk", {"remove": ["old"], "add": ["late"], "tag": "old"}, expect=202)
    assert begun["members"] == count - 10
    assert api.ended_job(begun["job_id"])["result"]["changed"] == count - 10
    of = listed(api)
    assert "old" not in of and (of["late"]["members"], of["new"]["members"]) == (count - 10, count)
    assert api.get(f"/api/v1/segments/{tagged}")["size"] == count
    [audit] = {line["actor"] for line in api.all("/api/v1/audit") if line["action"] == "members.tagged"}
    history = api.all(f"/api/v1/members/{half[0]}/tags/history")
    assert len(history) == 3 and {change["source"] for change in history} == {audit}

    # Long enough for the job to count who carries it, before it comes off.
    brief = {"add": ["brief"], "members": half[:2], "expires_at": moment(seconds=6)}
    begun = api.post("/api/v1/tags/bulk", brief, expect=202)
    assert api.ended_job(begun["job_id"])["result"] == {"members": 2, "changed": 2, "unchanged": 0, "refused": 0}
    wait_until(lambda: "brief" not in listed(api), 20, "the tag comes off by itself")
    history = api.all(f"/api/v1/members/{half[0]}/tags/history", tag="brief")
    assert [(change["added"], change["source"]) for change in history] == [(False, "expiry"), (True, audit)]
    assert api.dead_letters() == []


def test_what_cannot_be_a_tag_or_a_change_of_tags_is_refused(hearth, api, tracker):
    people(api, tracker, "li")
    li = f"/api/v1/members/{api.by_user()['li']['id']}/tags"
    for body in (
        {"add": [" "]}, {"add": ["x" * 101]}, {"add": ["a\nb"]}, {"add": ["a\0"]}, {"add": ["seg_0000000000001"]},
        {"remove": [""]}, {"add": [f"t{n}" for n in range(51)]}, {"add": "vip"}, {"add": [7]}, [],
        {"add": ["vip"], "expires_at": "soon"}, {"add": ["vip"], "expires_at": moment(seconds=-1)}, {"ad": ["vip"]},
    ):
        check_problem(api.send("POST", li, json=body), 422, "invalid_body")
    over = {"add": ["vip"], "tag": "old", "expires_at": "2020-01-01T00:00:00Z"}
    assert check_problem(api.send("POST", "/api/v1/tags/bulk", json=over), 422, "invalid_body")["errors"][0]["path"] == "expires_at"
    check_problem(api.send("POST", li, data=b"{", headers={"Content-Type": "application/json"}), 400, "malformed_json")
    check_problem(api.send("POST", f"/api/v1/members/{NOBODY}/tags", json={"add": ["a"]}), 404, "not_found")
    assert tags(api, "li") == []

    for definition, code in [
        ({"kind": "dynamic"}, "invalid_body"), ({"rule": spent(1)}, "invalid_body"), ({"kind": "other"}, "invalid_body"),
        ({"kind": "predictive", "rule": spent(1)}, "invalid_body"), ({"expires_after": "30 days"}, "invalid_body"),
        ({"kind": "dynamic", "rule": spent(1), "expires_after": "P1D"}, "invalid_body"), ({"expires_after": "-P1D"}, "invalid_body"),
        ({"description": "x" * 1_001}, "invalid_body"), ({"kind": "predictive", "model": "x" * 201}, "invalid_body"),
        ({"kind": "dynamic", "rule": {}}, "invalid_rule"), ({"kind": "dynamic", "rule": {"tga": "x"}}, "invalid_rule"),
        ({"kind": "dynamic", "rule": {"all": [{"tag": "a"}, {"not": {"tag": "a"}}]}}, "contradictory_rule"),
        ({"kind": "dynamic", "rule": {"segment": "seg_0000000000001"}}, "unknown_reference"),
        ({"kind": "dynamic", "rule": {"stage": "emperor"}}, "unknown_reference"),
        ({"kind": "dynamic", "rule": {"group": "grp_0000000000001"}}, "unknown_reference"),
        ({"kind": "dynamic", "rule": {"not": {"tag": "x"}}}, "segment_cycle"),
    ]:
        check_problem(api.send("PUT", "/api/v1/tags/x", json=definition), 422, code)
    for name in ("%20", "x" * 101, "a%0Ab", "seg_0000000000001"):
        check_problem(api.send("PUT", f"/api/v1/tags/{name}", json={}), 422, "invalid_body")
    assert listed(api) == {}, "nothing of it is there"

    # A circle of several tags is one, too.
    define(api, "a", kind="dynamic", rule={"tag": "b"})
    define(api, "b", kind="dynamic", rule={"tag": "c"})
    circle = {"kind": "dynamic", "rule": {"any": [{"event": "Page Read"}, {"tag": "a"}]}}
    check_problem(api.send("PUT", "/api/v1/tags/c", json=circle), 422, "segment_cycle")

    for body, code in [
        ({"add": ["x"]}, "invalid_body"), ({"members": []}, "invalid_body"),
        ({"add": ["x"], "tag": "y", "members": []}, "invalid_body"),
        ({"add": ["x"], "segment": "seg_0000000000001"}, "unknown_reference"),
        ({"add": ["x"], "segment": "nonsense"}, "invalid_body"), ({"add": [""], "tag": "y"}, "invalid_body"),
        ({"add": ["x"], "members": [NOBODY] * 10_001}, "invalid_body"),
    ]:
        check_problem(api.send("POST", "/api/v1/tags/bulk", json=body), 422, code)
    viewer = hearth.signed_in("viewer")
    check_problem(viewer.send("POST", li, json={"add": ["x"]}), 403, "forbidden")
    check_problem(viewer.send("PUT", "/api/v1/tags/x", json={}), 403, "forbidden")
    check_problem(viewer.send("POST", "/api/v1/tags/bulk", json={"add": ["x"], "tag": "y"}), 403, "forbidden")
    check_problem(viewer.send("DELETE", "/api/v1/tags/a"), 403, "forbidden")
