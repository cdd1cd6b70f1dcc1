"""People: merges by an operator, their preview, undoing them, splitting identities off, and suggestions."""

from support.api import check_problem
from support.waiting import wait_until

SHOWN = ("identities", "traits", "tags", "segments", "stage", "stage_since", "consent", "created_at", "last_seen_at")


def shown(api, member_id):
    """What the API tells of a member, without what the asking may change."""
    member = api.get(f"/api/v1/members/{member_id}")
    assert member["id"] == member_id
    return {field: member[field] for field in SHOWN}


def two_members(api, tracker):
    def at(hour):
        return {"timestamp": f"2026-01-02T{hour:02}:00:00Z"}

    tracker.batch([
        {"type": "identify", "userId": "li", "traits": {"name": "Li", "city": "Bonn"}, **at(1)},
        {"type": "track", "userId": "li", "event": "Order Completed", "properties": {"revenue": 10}, **at(2)},
        {"type": "identify", "userId": "bai", "traits": {"name": "Bai", "city": "Berlin", "age": 30}, **at(3)},
        {"type": "track", "userId": "bai", "event": "Order Completed", "properties": {"revenue": 20}, **at(4)},
    ])
    wait_until(lambda: api.member("user_id", "bai"), 10, "the second member appears")
    return api.member("user_id", "li")["id"], api.member("user_id", "bai")["id"]


def test_a_merge_is_previewed_made_and_undone_exactly_also_after_later_events(hearth, api, tracker):
    both_orders = api.segment("two orders", {"event": "Order Completed", "count": {"op": "gte", "value": 2}})
    followed = api.segment("order after order", {"sequence": ["Order Completed", "Order Completed"], "within": "P1D"})
    li, bai = two_members(api, tracker)
    api.post(f"/api/v1/members/{bai}/tags", {"add": ["vip"]})
    before = shown(api, li), shown(api, bai)

    preview = api.post(f"/api/v1/members/{li}/merge/preview", {"with": bai})
    assert [conflict["name"] for conflict in preview["conflicts"]] == ["city", "name"]
    assert preview["conflicts"][0]["values"] == {li: "Bonn", bai: "Berlin"}
    assert preview["conflicts"][0]["stays"] == preview["member"]["traits"]["city"] == "Berlin"
    assert preview["member"]["tags"] == ["vip"] and len(preview["member"]["identities"]) == 2
    assert (shown(api, li), shown(api, bai)) == before, "a preview changes nothing"

    merge = api.post(f"/api/v1/members/{li}/merge", {"with": bai})["merge_id"]
    merged = api.get(f"/api/v1/members/{bai}")
    assert merged["id"] == li, "the absorbed one leads to the one who stayed"
    assert merged["traits"] == {"name": "Bai", "city": "Berlin", "age": 30}
    assert sorted(merged["segments"]) == sorted([both_orders, followed])
    # Something happens to both while they are one.
    tracker.batch([
        {"type": "identify", "userId": "li", "traits": {"city": "Köln"}},
        {"type": "track", "userId": "bai", "anonymousId": "phone-of-bai", "event": "Page Read"},
    ])
    wait_until(lambda: api.member("anonymous_id", "phone-of-bai"), 10, "the phone is known")

    assert api.post(f"/api/v1/merges/{merge}/undo") == {"kept": li, "absorbed": bai}
    after_li, after_bai = shown(api, li), shown(api, bai)
    assert after_li == {**before[0], "traits": {"name": "Li", "city": "Köln"}, "last_seen_at": after_li["last_seen_at"]}
    assert after_bai["traits"] == before[1]["traits"] and after_bai["tags"] == ["vip"] and after_bai["segments"] == []
    assert {identity["value"] for identity in after_bai["identities"]} == {"bai", "phone-of-bai"}
    assert "Page Read" in [entry["name"] for entry in api.events(bai)]
    listed = api.all("/api/v1/merges", member=bai)
    assert [(entry["id"], entry["undone_by"] is not None) for entry in listed] == [(merge, True)]
    actions = [line["action"] for line in api.all("/api/v1/audit")]
    assert "member.merged" in actions and "merge.undone" in actions

    check_problem(api.send("POST", f"/api/v1/merges/{merge}/undo"), 409, "wrong_state")
    check_problem(api.send("POST", f"/api/v1/members/{li}/merge", json={"with": li}), 422, "invalid_body")
    check_problem(api.send("POST", f"/api/v1/members/{li}/merge", json={"with": "mem_0000000000001"}), 422, "unknown_reference")
    check_problem(api.send("POST", "/api/v1/merges/mrg_0000000000001/undo"), 404, "not_found")


def test_an_identity_is_split_off_and_whom_an_operator_parted_stays_parted(hearth, api, tracker):
    tracker.batch([
        {"type": "identify", "userId": "u", "anonymousId": "v", "traits": {"name": "U"}},
        {"type": "track", "anonymousId": "v", "event": "Page Read"},
    ])
    member = wait_until(lambda: api.member("anonymous_id", "v"), 10, "the member appears")
    of = {identity["kind"]: identity["id"] for identity in member["identities"]}
    new = api.post(f"/api/v1/members/{member['id']}/split", {"identity": of["anonymous_id"]})["member_id"]
    assert [identity["value"] for identity in api.get(f"/api/v1/members/{new}")["identities"]] == ["v"]
    assert "Page Read" in [entry["name"] for entry in api.events(new)]
    check_problem(api.send("POST", f"/api/v1/members/{new}/split", json={"identity": of["anonymous_id"]}), 409, "wrong_state")
    check_problem(api.send("POST", f"/api/v1/members/{new}/split", json={"identity": of["user_id"]}), 422, "unknown_reference")

    # The same device says again who it is: that is for the operator to decide now.
    tracker.batch([{"type": "identify", "userId": "u", "anonymousId": "v", "traits": {}}])
    suggestion = wait_until(lambda: api.all("/api/v1/merge-suggestions"), 10, "a suggestion appears")[0]
    assert {suggestion["one"], suggestion["other"]} == {member["id"], new}
    assert len(api.all("/api/v1/members")) == 2
    api.post(f"/api/v1/merge-suggestions/{suggestion['id']}/accept")
    assert len(api.all("/api/v1/members")) == 1 and api.all("/api/v1/merge-suggestions") == []
    check_problem(api.send("POST", f"/api/v1/merge-suggestions/{suggestion['id']}/dismiss"), 409, "wrong_state")


def test_a_segment_tells_who_came_and_went_how_large_it_was_and_whom_it_shares(hearth, api, tracker):
    vips, buyers = api.segment("vips", {"tag": "vip"}), api.segment("buyers", {"event": "Order Completed"})
    tracker.batch([{"type": "track", "userId": f"u{n}", "event": "Order Completed"} for n in range(20)])
    wait_until(lambda: api.get(f"/api/v1/segments/{buyers}")["size"] == 20, 10, "all buyers are in")
    one, two = api.member("user_id", "u1")["id"], api.member("user_id", "u2")["id"]
    for member in (one, two):
        api.post(f"/api/v1/members/{member}/tags", {"add": ["vip"]})
    api.post(f"/api/v1/members/{two}/tags", {"remove": ["vip"]})

    changes = api.all(f"/api/v1/segments/{vips}/changes")
    assert [(change["member_id"], change["entered"]) for change in changes] == [(two, False), (two, True), (one, True)]
    assert [change["entered"] for change in api.all(f"/api/v1/segments/{vips}/changes", member=two)] == [False, True]
    points = api.get(f"/api/v1/segments/{vips}/sizes", unit="hour")["points"]
    assert points[-1]["size"] == 1 and points[0]["size"] == 0
    assert (sum(point["entered"] for point in points), sum(point["left"] for point in points)) == (2, 1)
    assert api.get(f"/api/v1/segments/{vips}/overlap", **{"with": buyers}) == {"size": 1, "with_size": 20, "both": 1}

    sample = lambda **asked: {member["id"] for member in api.get(f"/api/v1/segments/{buyers}/sample", **asked)["items"]}
    five = sample(limit=5, seed=7)
    assert len(five) == 5 and five == sample(limit=5, seed=7) and five != sample(limit=5, seed=8)
    assert five < sample(limit=10, seed=7), "a larger sample has the smaller one in it"

    check_problem(api.send("GET", f"/api/v1/segments/{vips}/sizes?unit=year"), 400, "invalid_query")
    check_problem(api.send("GET", f"/api/v1/segments/{vips}/sizes?unit=hour&from=1999-01-01T00:00:00Z"), 400, "invalid_query")
    check_problem(api.send("GET", f"/api/v1/segments/{vips}/overlap?with=seg_0000000000001"), 422, "unknown_reference")
