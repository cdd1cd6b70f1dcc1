"""The timeline of a member: what stands in it, what its filters leave out, and its pages."""

from support.api import check_problem, moment
from support.waiting import wait_for_equal, wait_until

EVENTS = {"track", "identify", "page", "screen", "group", "alias", "command", "delivery"}
OTHERS = {"tag", "segment", "stage", "merge", "consent"}


def names(entries):
    return [entry["name"] for entry in entries]


def test_filters_leave_what_they_say_and_pages_make_the_whole(hearth, api, tracker):
    at = [moment(days=-10 + day) for day in range(10)]
    buyers = api.segment("buyers", {"event": "Order Completed"})
    tracker.batch([
        {"type": "track", "userId": "li", "event": "Page Read", "timestamp": at[1], "messageId": "m1"},
        {"type": "track", "userId": "li", "event": "Order Completed", "timestamp": at[3], "properties": {"revenue": 5}},
        {"type": "page", "userId": "li", "name": "Home", "timestamp": at[4], "context": {"page": {"path": "/"}}},
        {"type": "screen", "userId": "li", "name": "Start", "timestamp": at[5]},
        {"type": "group", "userId": "li", "groupId": "club", "timestamp": at[6]},
        {"type": "identify", "userId": "li", "anonymousId": "phone", "timestamp": at[7], "traits": {"city": "Bonn"}},
        # Two at one moment, and one that comes late.
        {"type": "track", "userId": "li", "event": "Page Read", "timestamp": at[7], "messageId": "m7"},
        {"type": "track", "anonymousId": "phone", "event": "Page Read", "timestamp": at[0], "messageId": "m0"},
    ])
    wait_until(lambda: "li" in api.by_user() and len(api.events(api.by_user()["li"]["id"])) == 8, 20, "the events")
    hearth.wait_until_idle()
    li = api.by_user()["li"]["id"]
    path = f"/api/v1/members/{li}/timeline"
    other = hearth.tracker()
    other.batch([{"type": "track", "userId": "li", "event": "Page Read", "timestamp": at[8]}])
    wait_until(lambda: len(api.events(li)) == 9, 10, "what came with the other key")

    # All events, latest first, as they were sent.
    whole = api.events(li)
    assert [entry["timestamp"] for entry in whole] == sorted((at[day] for day in (0, 1, 3, 4, 5, 6, 7, 7, 8)), reverse=True)
    assert {entry["kind"] for entry in whole} == {"track", "page", "screen", "group", "identify"}
    order = next(entry for entry in whole if entry["name"] == "Order Completed")
    assert order["id"].startswith("evt_") and order["properties"] == {"revenue": 5}
    assert order["received_at"] > order["timestamp"] and order["source"].startswith("key_")
    [page] = api.timeline(li, kind="page")
    assert page["context"]["page"] == {"path": "/"}

    # By name, kind, time and source; together they leave what passes all.
    assert [entry["message_id"] for entry in api.timeline(li, event="Page Read")][1:] == ["m7", "m1", "m0"]
    assert api.timeline(li, event="Unheard Of") == []
    assert {entry["kind"] for entry in api.timeline(li, kind="page, screen")} == {"page", "screen"}
    assert names(api.timeline(li, kind="track", event="Order Completed")) == ["Order Completed"]
    assert api.timeline(li, kind="identify", event="Order Completed") == []
    between = api.events(li, **{"from": at[3], "to": at[6]})
    assert [entry["timestamp"] for entry in between] == [at[5], at[4], at[3]], "from is in, to is not"
    assert api.events(li, **{"from": at[6], "to": at[3]}) == []
    first_key, other_key = order["source"], whole[0]["source"]
    assert first_key != other_key
    assert len(api.events(li, source=first_key)) == 8 and api.events(li, source=other_key) == whole[:1]
    assert len(api.timeline(li, source=first_key, event="Page Read", **{"to": at[7]})) == 2
    assert api.events(li, source="key_0000000000001") == []

    # Pages of any size make the whole, also where two have one moment, and with a filter.
    for filters, wanted in [({"kind": "event"}, whole), ({"event": "Page Read"}, api.timeline(li, event="Page Read"))]:
        for limit in (1, 2, 3):
            found, cursor = [], None
            while cursor is not None or not found:
                page = api.get(path, limit=limit, **filters, **({"cursor": cursor} if cursor else {}))
                assert len(page["items"]) <= limit
                found += page["items"]
                cursor = page["next"]
            assert found == wanted, (filters, limit)

    # What is new comes first, and does not disturb who turns the pages.
    begun = api.get(path, limit=4, kind="event")
    tracker.batch([{"type": "track", "userId": "li", "event": "Page Read"}])
    wait_until(lambda: len(api.events(li)) == 10, 10, "one more")
    rest = api.get(path, limit=100, kind="event", cursor=begun["next"])
    assert begun["items"] + rest["items"] == whole and rest["next"] is None
    assert api.members_of(buyers) == {li}


def test_what_hearth_did_about_a_member_stands_in_the_timeline(hearth, api, tracker):
    buyers = api.live_segment("buyers", {"event": "Order Completed"})
    vips = api.live_segment("vips", {"tag": "vip"})
    tracker.batch([
        {"type": "track", "userId": "li", "event": "Order Completed"},
        {"type": "identify", "userId": "bai", "traits": {"city": "Bonn"}},
    ])
    wait_until(lambda: len(api.by_user()) == 2, 20, "the members")
    li, bai = (api.by_user()[user]["id"] for user in ("li", "bai"))
    api.post(f"/api/v1/members/{li}/tags", {"add": ["vip"]})
    api.post(f"/api/v1/members/{li}/tags", {"remove": ["vip"]})
    for granted in (True, False):
        api.put(f"/api/v1/members/{li}/consent", {"channel_kind": "email", "topic": "news", "granted": granted})
    merge = api.post(f"/api/v1/members/{li}/merge", {"with": bai})["merge_id"]
    assert {entry["properties"].get("city") for entry in api.timeline(bai, kind="identify")} == {"Bonn"}
    api.post(f"/api/v1/merges/{merge}/undo")
    hearth.wait_until_idle()

    def told(kind, **also):
        return [(entry["name"], entry["properties"]) for entry in api.timeline(li, kind=kind, **also)]

    assert told("tag") == [("Tag Removed", {"tag": "vip"}), ("Tag Added", {"tag": "vip"})]
    assert told("segment") == [
        (name, {"segment": segment, "name": title})
        for name, segment, title in [("Segment Left", vips, "vips"), ("Segment Entered", vips, "vips"), ("Segment Entered", buyers, "buyers")]
    ]
    assert told("stage") == [("Stage Reached", {"stage": "buyer"})]
    assert [name for name, _ in told("merge")] == ["Merge Undone", "Members Merged"]
    assert {properties["absorbed"] for _, properties in told("merge")} == {bai}
    assert told("consent")[0] == ("Consent Withdrawn", {"channel_kind": "email", "topic": "news"})

    everything = api.timeline(li, kind="all")
    assert {entry["kind"] for entry in everything} & OTHERS == OTHERS
    assert [entry["timestamp"] for entry in everything] == sorted((entry["timestamp"] for entry in everything), reverse=True)
    by_kinds = [entry for kind in sorted(EVENTS - {"command"} | OTHERS) for entry in api.timeline(li, kind=kind)]
    key = lambda entry: (entry["kind"], entry["name"], entry["timestamp"], str(entry["properties"]))  # noqa: E731
    assert sorted(map(key, by_kinds)) == sorted(key(entry) for entry in everything if entry["kind"] != "command")
    pages, cursor = [], None
    while cursor is not None or not pages:
        page = api.get(f"/api/v1/members/{li}/timeline", kind="all", limit=2, **({"cursor": cursor} if cursor else {}))
        pages += page["items"]
        cursor = page["next"]
    assert pages == everything, "two of one moment are not lost between pages"
    assert api.timeline(li) == everything, "without being asked for a kind, it tells everything"
    # Of events alone, those of the operator's commands, too.
    plain = api.events(li)
    assert {entry["kind"] for entry in plain} <= EVENTS and "Tag Added" in names(plain)
    assert told("tag", event="Tag Removed") == [("Tag Removed", {"tag": "vip"})]
    [operator] = {entry["source"] for entry in api.timeline(li, kind="tag")}
    assert {entry["kind"] for entry in api.timeline(li, kind="tag,segment", source=operator)} == {"tag"}
    wait_for_equal(lambda: api.timeline(bai, kind="tag,segment,stage,consent"), [], 5, "what is not the other's")
    assert [entry["name"] for entry in api.timeline(bai, kind="merge")] == ["Merge Undone", "Members Merged"]


def test_every_decision_about_consent_stands_in_the_timeline_not_only_the_last(hearth, api, tracker):
    tracker.batch([{"type": "identify", "userId": "li"}])
    wait_until(lambda: api.by_user(), 20, "the member")
    li = api.by_user()["li"]["id"]
    for granted in (True, False, True):
        api.put(f"/api/v1/members/{li}/consent", {"channel_kind": "email", "topic": "news", "granted": granted})
    assert names(api.timeline(li, kind="consent")) == ["Consent Given", "Consent Withdrawn", "Consent Given"]


def test_what_a_timeline_cannot_be_asked_is_refused(hearth, api, tracker):
    tracker.batch([{"type": "identify", "userId": "li"}])
    wait_until(lambda: api.by_user(), 20, "the member")
    path = f"/api/v1/members/{api.by_user()['li']['id']}/timeline"
    for query, code in [
        ("kind=tracks", "invalid_query"), ("kind=", "invalid_query"), ("kind=tag,", "invalid_query"), ("from=soon", "invalid_query"),
        ("to=2026-13-01T00:00:00Z", "invalid_query"), ("limit=many", "invalid_query"), ("limit=-1", "invalid_query"),
        ("cursor=zzz", "invalid_cursor"), ("cursor=AAAAAAAAAAA", "invalid_cursor"), ("event=%00", "nul_character"),
        ("source=a%00", "nul_character"),
    ]:
        check_problem(api.send("GET", f"{path}?{query}"), 400, code)
    assert len(api.get(path, limit=0)["items"]) == len(api.get(path, limit=100_000)["items"]) == 1
    assert api.get(path, event="' OR 1=1 --")["items"] == [] == api.get(path, source="%")["items"]
    check_problem(api.send("GET", "/api/v1/members/mem_0000000000001/timeline"), 404, "not_found")
    check_problem(api.send("GET", "/api/v1/members/li/timeline"), 404, "invalid_path")
