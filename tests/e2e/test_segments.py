"""Segments: every element of the grammar, windows, segments in segments, a changed rule, history, snapshots, bad rules."""

import csv
import io
import json
import time
from datetime import datetime, timedelta

import pytest

from support.api import check_problem, moment
from support.waiting import wait_for_equal, wait_until

JSON = {"Content-Type": "application/json"}
NO_SEGMENT = "seg_0000000000001"


def said(user, at=None, **known):
    item = {"type": "identify", "userId": user, "traits": known}
    return {**item, "timestamp": at} if at else item


def done(user, name, at=None, **properties):
    item = {"type": "track", "userId": user, "event": name, "properties": properties}
    return {**item, "timestamp": at} if at else item


def trait(name, op, value):
    return {"trait": name, "op": op, "value": value}


def order(**condition):
    return {"event": "Order Completed", **condition}


def of(measure, field, op, value, **also):
    return order(**{measure: {"property": field, "op": op, "value": value}}, **also)


def where(field, op, value, **also):
    return order(where=[{"property": field, "op": op, "value": value}], **also)


def size(api, segment):
    return api.get(f"/api/v1/segments/{segment}")["size"]


def changes(api, segment, **only):
    return api.all(f"/api/v1/segments/{segment}/changes", **only)


def edit(api, segment, rule):
    """Gives a segment another rule and waits until that counts."""
    api.patch(f"/api/v1/segments/{segment}", {"rule": rule})
    wait_until(lambda: api.is_live(segment), 30, "the new rule")


# What is known of four people: li, bai, du and wei.
def lives():
    ago = {days: moment(days=-days) for days in range(60)}
    return [
        said("li", ago[9], city="上海", age=30, vip=True, likes=["Tea", "wine"], home={"zip": "200000", "rooms": [{"m2": 12}, {"m2": 30}]}),
        said("bai", ago[9], city="Bonn", age=41.5, vip=False, likes=["beer"], home={"zip": "53111"}, **{"a.b": "dotted"}),
        said("du", ago[9], city="bonn am rhein", age="41"), said("du", ago[1], city="BONN"),
        said("wei", ago[9], nick=None),
        done("li", "Order Completed", ago[40], revenue=100, shop="north", products=[{"sku": "tea-1"}, {"sku": "wine-9", "tags": ["red"]}]),
        done("li", "Order Completed", ago[5], revenue=50.25, shop="south", products=[{"sku": "wine-9"}]),
        done("li", "Order Completed", ago[4], revenue=0.25, shop="north"),
        done("bai", "Order Completed", ago[10], revenue=20, shop="Harbour"), done("bai", "Product Viewed", ago[9], sku="wine-9"),
        done("bai", "Order Completed", ago[2], revenue="free", shop="Harbour"),
        done("du", "Product Viewed", ago[8], sku="wine-9"), done("du", "Cart Updated", ago[7]),
        done("du", "Order Completed", ago[7], revenue=7), done("wei", "Product Viewed", ago[3], sku="tea-1"),
    ]


GRAMMAR = [
    (trait("city", "eq", "Bonn"), "bai"), ({"trait": "city", "value": "Bonn"}, "bai"), (trait("city", "ne", "Bonn"), "li du"),
    (trait("city", "in", ["上海", "Bonn"]), "li bai"), (trait("city", "nin", ["上海", "Bonn"]), "du"), (trait("city", "prefix", "BO"), "du"),
    (trait("city", "contains", "on"), "bai"), (trait("city", "exists", True), "li bai du"), (trait("city", "exists", False), "wei"),
    (trait("nick", "exists", True), ""), (trait("age", "gt", 30), "bai"), (trait("age", "gte", 30), "li bai"), (trait("age", "lt", 41.5), "li"),
    (trait("age", "lte", 41.5), "li bai"), (trait("age", "eq", 30.0), "li"), (trait("age", "eq", "41"), "du"), (trait("age", "gt", "4"), "du"),
    (trait("vip", "eq", False), "bai"),
    # Upper and lower case alike, where it is asked for.
    (trait("city", "ieq", "bONN"), "bai du"), (trait("city", "ine", "BONN"), "li"), (trait("city", "iin", ["BONN", "x"]), "bai du"),
    (trait("city", "inin", ["BONN"]), "li"), (trait("city", "icontains", "ON"), "bai du"), (trait("city", "iprefix", "bo"), "bai du"),
    # Lists, and paths into what is nested.
    (trait("likes", "contains", "wine"), "li"), (trait("likes", "icontains", "TEA"), "li"), (trait("likes", "contains", "be"), ""),
    (trait("home.zip", "prefix", "53"), "bai"), (trait("home.rooms.m2", "gt", 20), "li"), (trait("home.rooms.0.m2", "gt", 20), ""),
    (trait("home.rooms.1.m2", "eq", 30), "li"), (trait("home.rooms.m2", "ne", 12), ""), (trait("a.b", "eq", "dotted"), "bai"),
    (where("products.sku", "eq", "tea-1"), "li"), (where("products.0.sku", "eq", "tea-1"), "li"), (where("products.1.sku", "prefix", "tea"), ""),
    (where("products.tags", "contains", "red"), "li"), (where("products.sku", "nin", ["tea-1"], count={"op": "eq", "value": 1}), "li"),
    (where("revenue", "exists", False), ""), (where("shop", "iin", ["HARBOUR"], count={"op": "gte", "value": 2}), "bai"),
    # Counts and other aggregates, over all time and over a window.
    (order(), "li bai du"), (order(count={"op": "gte", "value": 3}), "li"), (order(count={"op": "eq", "value": 0}), "wei"),
    (order(count={"op": "lt", "value": 2}), "du wei"), (order(within="P6D"), "li bai"), (order(within="P30D", count={"op": "eq", "value": 2}), "li bai"),
    (of("sum", "revenue", "gte", 150.5), "li"), (of("sum", "revenue", "eq", 0), "wei"), (of("sum", "revenue", "gte", 50, within="P30D"), "li"),
    (of("avg", "revenue", "gt", 50), "li"), (of("avg", "revenue", "lte", 20), "bai du"), (of("min", "revenue", "lt", 1), "li"),
    (of("max", "revenue", "eq", 100), "li"), (of("max", "revenue", "lt", 60, within="P30D"), "li bai du"),
    (of("distinct", "shop", "eq", 2), "li"), (of("distinct", "shop", "lt", 1), "du wei"), (of("distinct", "products.sku", "gte", 2), "li"),
    (of("first", "shop", "eq", "north"), "li"), (of("first", "shop", "eq", "south", within="P30D"), "li"), (of("last", "shop", "ieq", "harbour"), "bai"),
    (of("last", "shop", "in", ["north", "x"]), "li"), (of("most_frequent", "shop", "prefix", "Har"), "bai"), (of("last", "revenue", "eq", "free"), "bai"),
    (of("most_frequent", "shop", "ne", "north"), "bai"),
    # One after another.
    ({"sequence": ["Product Viewed", "Order Completed"]}, "bai du"), ({"sequence": ["Product Viewed", "Order Completed"], "within": "P3D"}, "du"),
    ({"sequence": ["Order Completed", "Product Viewed"], "within": "P3D"}, "bai"),
    ({"sequence": ["Product Viewed", "Cart Updated", "Order Completed"]}, "du"), ({"sequence": ["Order Completed", "Cart Updated"]}, "du"),
    ({"sequence": ["Order Completed"] * 3}, "li"), ({"sequence": ["Order Completed"] * 4}, ""), ({"sequence": ["Order Completed"] * 2, "within": "P2D"}, "li"),
    ({"sequence": [{"event": "Order Completed", "where": [{"property": "shop", "value": "south"}]}, "Order Completed"], "within": "P7D"}, "li"),
    # What has been so for some time.
    ({"been": trait("city", "ieq", "bonn"), "for": "P3D"}, "bai"), ({"been": trait("city", "exists", True), "for": "P3D"}, "li bai du"),
    ({"been": order(), "for": "P8D"}, "li bai"), ({"been": {"not": order(within="P10D")}, "for": "P8D"}, "wei"),
    ({"been": {"all": [trait("city", "exists", True), {"event": "Product Viewed"}]}, "for": "P8DT1H"}, "bai"),
    # Put together.
    ({"not": order()}, "wei"), ({"all": [order(), {"not": {"event": "Product Viewed"}}]}, "li"), ({"any": [trait("vip", "eq", True), {"event": "Cart Updated"}]}, "li du"),
    ({"not": {"any": [{"not": order()}, {"all": [trait("vip", "exists", True), trait("age", "gt", 40)]}]}}, "li du"),
    ({"stage": "repeat"}, "li bai"), ({"stage": "buyer"}, "du"), ({"stage": "stranger"}, "wei"), ({"tag": "vip"}, "wei"), ({"not": {"tag": "vip"}}, "li bai du"),
]


def test_each_element_of_the_grammar_means_the_same_live_over_history_and_in_a_preview(hearth, api, tracker):
    tracker.batch([said("nobody")])
    wait_until(lambda: api.by_user(), 20, "the pipeline has begun")
    ids = {}

    def make(when, rules):
        for place, rule in rules:
            ids[when, place] = api.segment(f"{when} {place}", rule)
        wait_until(lambda: all(one["state"] == "live" for one in api.all("/api/v1/segments")), 30, "all are live")

    rules = list(enumerate(rule for rule, _ in GRAMMAR))
    make("live", rules)
    # Told in an order that is not that of time, for some at once and for some in many batches.
    facts = lives()
    tracker.batch(facts[::2])
    for fact in reversed(facts[1::2]):
        tracker.batch([fact])
    wait_until(lambda: set(api.by_user()) == {"nobody", "li", "bai", "du", "wei"}, 20, "the members")
    api.post(f"/api/v1/members/{api.by_user()['wei']['id']}/tags", {"add": ["vip"]})
    hearth.wait_until_idle()
    make("later", rules)
    shown = {user: set(member["segments"]) for user, member in api.by_user().items()}
    wrong = {}
    for place, (rule, names) in enumerate(GRAMMAR):
        wanted = set(names.split())
        found = {when: {user for user in shown if ids[when, place] in shown[user]} - {"nobody"} for when in ("live", "later")}
        preview = api.post("/api/v1/segments/preview", {"rule": rule})
        found["preview"] = {identity["value"] for member in preview["sample"] for identity in member["identities"]} - {"nobody"}
        assert preview["size"] == len(preview["sample"])
        if any(users != wanted for users in found.values()):
            wrong[json.dumps(rule, ensure_ascii=False)] = (wanted, found)
    assert not wrong, "\n".join(f"{rule}: wanted and found {both}" for rule, both in wrong.items())
    # Shown as canonical JSON, which means the same.
    for place, (rule, names) in enumerate(GRAMMAR[:10]):
        segment = api.get(f"/api/v1/segments/{ids['live', place]}")
        assert api.post("/api/v1/segments/preview", {"rule": segment["rule"]})["size"] == segment["size"], rule
        assert {"nobody"} | api.users_of(segment["id"]) == {"nobody"} | set(names.split()), rule


def test_windows_open_and_close_by_themselves(hearth, api, tracker):
    busy = api.segment("two within 2 s", {"event": "Page Read", "count": {"op": "gte", "value": 2}, "within": "PT2S"})
    quiet = api.segment("none within 1 s", {"not": {"event": "Page Read", "within": "PT1S"}})
    stays = api.segment("for a second", {"been": {"event": "Page Read"}, "for": "PT1S"})
    first, second = moment(), moment(milliseconds=5)
    tracker.batch([done("li", "Page Read", first), done("li", "Page Read", second)])
    wait_for_equal(lambda: api.users_of(busy), {"li"}, 10, "two at once")
    for segment, course in ((busy, [True, False]), (stays, [True]), (quiet, [True])):
        wait_for_equal(lambda: [c["entered"] for c in reversed(changes(api, segment))], course, 20, "what time alone changes")

    def seconds(segment, place):
        return datetime.fromisoformat(changes(api, segment)[place]["at"]) - datetime.fromisoformat(first)

    assert seconds(busy, 0) >= timedelta(seconds=2), "not before the first is 2 seconds old"
    assert seconds(stays, 0) >= timedelta(seconds=1) and seconds(quiet, 0) >= timedelta(seconds=1)
    # One that happened long ago, and is told now, opens nothing.
    tracker.batch([done("bai", "Page Read", moment(days=-1)), done("bai", "Page Read", moment(days=-1))])
    wait_for_equal(lambda: api.users_of(stays), {"li", "bai"}, 10, "what has been so for a day")
    assert api.users_of(busy) == set() and api.users_of(quiet) == {"li", "bai"}


def test_a_segment_in_a_segment_is_live_and_a_circle_is_refused(hearth, api, tracker):
    buyers = api.live_segment("buyers", order())
    rich = api.live_segment("rich", {"all": [{"segment": buyers}, of("sum", "revenue", "gte", 100)]})
    others = api.live_segment("others", {"not": {"segment": rich}})
    tracker.batch([done("li", "Order Completed", revenue=60), done("bai", "Order Completed", revenue=150), done("du", "Page Read")])
    wait_for_equal(lambda: api.users_of(rich), {"bai"}, 20, "bai is rich")
    assert api.users_of(buyers) == {"li", "bai"} and api.users_of(others) == {"li", "du"}
    tracker.batch([done("li", "Order Completed", revenue=40)])
    wait_for_equal(lambda: (api.users_of(rich), api.users_of(others)), ({"li", "bai"}, {"du"}), 10, "through two segments")
    assert api.post("/api/v1/segments/preview", {"rule": {"segment": others}})["size"] == 1
    for rule in ({"segment": buyers}, {"any": [{"event": "Page Read"}, {"not": {"segment": rich}}]}, {"segment": others}):
        check_problem(api.send("PATCH", f"/api/v1/segments/{buyers}", json={"rule": rule}), 422, "segment_cycle")
    # Through a tag and a stage as well.
    api.put("/api/v1/tags/noble", {"kind": "dynamic", "rule": {"segment": rich}}, expect=204)
    check_problem(api.send("PATCH", f"/api/v1/segments/{buyers}", json={"rule": {"tag": "noble"}}), 422, "segment_cycle")
    for segment in (buyers, rich):
        check_problem(api.send("DELETE", f"/api/v1/segments/{segment}"), 409, "in_use")
    once = order(count={"op": "gte", "value": 1})
    assert api.get(f"/api/v1/segments/{buyers}")["rule"] == once and api.is_live(buyers), "nothing has changed"
    api.delete("/api/v1/tags/noble", expect=204)
    for segment in (others, rich, buyers):
        api.delete(f"/api/v1/segments/{segment}", expect=204)
    assert api.all("/api/v1/segments") == [] and {tuple(m["segments"]) for m in api.by_user().values()} == {()}


def test_a_segment_follows_when_the_rule_of_the_one_inside_it_changes(hearth, api, tracker):
    tracker.batch([done("li", "Order Completed", revenue=60), done("bai", "Order Completed", revenue=150)])
    inner = api.live_segment("inner", of("sum", "revenue", "gte", 100))
    middle, outer = api.live_segment("middle", {"segment": inner}), api.live_segment("outer", {"not": {"segment": inner}})
    wait_for_equal(lambda: (api.users_of(middle), api.users_of(outer)), ({"bai"}, {"li"}), 20, "the first rule")
    edit(api, inner, of("sum", "revenue", "lt", 100))
    assert api.users_of(inner) == {"li"}
    wait_for_equal(lambda: (api.users_of(middle), api.users_of(outer)), ({"li"}, {"bai"}), 5, "both follow")
    for segment in (middle, outer):
        assert len(changes(api, segment)) == 3, "each told once who came and who went"


def test_a_changed_rule_takes_the_old_ones_place_at_one_moment_and_history_tells_who_came_and_went(hearth, api, tracker):
    count = 1_200
    for begin in range(0, count, 400):
        tracker.batch([done(f"u{n}", "Order Completed", revenue=n % 4) for n in range(begin, begin + 400)])
    everybody = api.segment("everybody", order())
    wait_for_equal(lambda: size(api, everybody), count, 30, "the members")
    segment = api.live_segment("s", of("sum", "revenue", "lte", 1))
    before = {change["member_id"]: change["at"] for change in changes(api, segment)}
    assert size(api, segment) == len(before) == count // 2
    revenue = {member["id"]: int(user[1:]) % 4 for user, member in api.by_user().items()}
    new = {"event": "Order Completed", "sum": {"property": "revenue", "op": "gte", "value": 1}}

    answer = api.patch(f"/api/v1/segments/{segment}", {"name": "renamed", "rule": new})
    assert (answer["name"], answer["state"], answer["size"]) == ("renamed", "building", count // 2)
    assert answer["rule"]["sum"]["op"] == "lte" and answer["building"]["rule"]["sum"]["op"] == "gte"
    seen = []

    def is_switched():
        shown = api.get(f"/api/v1/segments/{segment}")
        if shown["state"] == "live":
            assert shown["rule"] == answer["building"]["rule"] and shown["size"] == count * 3 // 4
            return True
        assert (shown["size"], shown["rule"]) == (count // 2, answer["rule"]), "until then the old rule counts"
        assert shown["building"]["done"] <= count
        seen.append(shown["building"]["done"])
        return False

    wait_until(is_switched, 60, "the new rule")
    assert seen == sorted(seen)
    assert api.members_of(segment) == {member for member, spent in revenue.items() if spent >= 1}
    after = changes(api, segment)[:-len(before)]
    assert {(change["member_id"], change["entered"]) for change in after} == {
        (member, spent >= 1) for member, spent in revenue.items() if spent != 1
    }, "who stays has neither left nor entered"
    assert len(after) == count * 3 // 4 and len({change["at"] for change in after}) == 1, "at one moment"
    assert after[0]["at"] > max(before.values())
    rows = csv.DictReader(io.StringIO(export(api, segment, columns="id,entered_at")))
    stayed = {row["id"]: row["entered_at"] for row in rows if revenue[row["id"]] == 1}
    assert stayed == {member: before[member] for member in stayed} and len(stayed) == count // 4

    # It is live at once; the same rule again builds nothing; of two changes the last counts.
    tracker.batch([done("u0", "Order Completed", revenue=5), done("u-new", "Order Completed", revenue=5)])
    wait_for_equal(lambda: size(api, segment), count * 3 // 4 + 2, 10, "two more")
    assert api.patch(f"/api/v1/segments/{segment}", {"rule": new})["state"] == "live"
    api.patch(f"/api/v1/segments/{segment}", {"rule": {"tag": "nobody"}})
    edit(api, segment, {"all": [{"segment": everybody}, {"not": {"event": "Order Completed", "count": {"op": "gte", "value": 2}}}]})
    assert size(api, segment) == count
    points = api.get(f"/api/v1/segments/{segment}/sizes", unit="day")["points"]
    assert points[-1]["size"] == count, "what entered and left adds up"


def test_who_comes_while_a_rule_is_built_is_neither_lost_nor_counted_twice(hearth, api, tracker):
    count = 1_200
    for begin in range(0, count, 400):
        tracker.batch([done(f"u{n}", "Order Completed", n=n) for n in range(begin, begin + 400)])
    # One that was never live would begin anew, without a history.
    segment = api.live_segment("s", order())
    wait_for_equal(lambda: size(api, segment), count, 30, "the members")
    api.patch(f"/api/v1/segments/{segment}", {"rule": {"any": [{"event": "Page Read"}, where("n", "lt", 100)]}})
    tracker.batch([done(f"u{n}", "Page Read") for n in (5, 500, 1_199)] + [done("new", "Page Read"), done("other", "Order Completed", n=5_000)])
    wanted = {f"u{n}" for n in range(100)} | {"u500", "u1199", "new"}
    wait_for_equal(lambda: api.users_of(segment), wanted, 30, "the new rule")
    assert size(api, segment) == len(wanted)
    course = {}
    for change in reversed(changes(api, segment)):
        course.setdefault(change["member_id"], []).append(change["entered"])
    users = api.by_user()
    assert course[users["u5"]["id"]] == course[users["u1199"]["id"]] == [True], "he was in it all the time"
    assert course[users["new"]["id"]] == [True] and course[users["u700"]["id"]] == [True, False]
    # He bought under the old rule, which the new one may have replaced by then.
    assert course.get(users["other"]["id"], []) in ([], [True, False])


def export(api, segment, **asked):
    answer = api.send("GET", f"/api/v1/segments/{segment}/export", params={"bom": "false", **asked})
    assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/csv"), answer.text
    assert f"{segment}.csv" in answer.headers["content-disposition"]
    return answer.text


def test_sizes_overlap_sample_and_export_tell_of_a_segment(hearth, api, tracker):
    in_bonn, buyers = api.live_segment("in Bonn", trait("city", "eq", "Bonn")), api.live_segment("buyers", order())
    tracker.batch([said(f"u{n}", city="Bonn", n=n) for n in range(30)] + [done(f"u{n}", "Order Completed") for n in range(20, 60)])
    wait_for_equal(lambda: (size(api, in_bonn), size(api, buyers)), (30, 40), 20, "the members")
    assert api.get(f"/api/v1/segments/{in_bonn}/overlap", **{"with": buyers}) == {"size": 30, "with_size": 40, "both": 10}
    assert api.get(f"/api/v1/segments/{in_bonn}/overlap", **{"with": in_bonn}) == {"size": 30, "with_size": 30, "both": 30}
    tracker.batch([said(f"u{n}", city="Köln") for n in range(10)])
    wait_for_equal(lambda: size(api, in_bonn), 20, 10, "ten leave")
    for unit, most in (("hour", 24 * 31), ("day", 32), ("week", 6), ("month", 3)):
        points = api.get(f"/api/v1/segments/{in_bonn}/sizes", unit=unit)["points"]
        assert len(points) <= most and [point["t"] for point in points] == sorted(point["t"] for point in points)
        assert (sum(point["entered"] for point in points), sum(point["left"] for point in points)) == (30, 10), unit
        assert points[-1]["size"] == 20 and points[0]["size"] in (0, 20), unit
    past = api.get(f"/api/v1/segments/{in_bonn}/sizes", **{"from": moment(days=-9), "to": moment(days=-7)})["points"]
    assert {(point["size"], point["entered"]) for point in past} == {(0, 0)}

    def sample(**asked):
        return [member["id"] for member in api.get(f"/api/v1/segments/{buyers}/sample", **asked)["items"]]

    assert sorted(sample(limit=10, seed=3)) == sorted(sample(limit=10, seed=3)) != sorted(sample(limit=10, seed=4))
    kept = set(sample(limit=20, seed=3))
    leaver = kept & api.members_of(in_bonn)
    edit(api, buyers, {"all": [order(), {"not": {"segment": in_bonn}}]})
    assert kept - leaver <= set(sample(limit=20, seed=3)), "who stays in the segment stays in the sample"
    picks = [set(sample(limit=5, seed=seed)) for seed in range(40)]
    assert len(set.union(*picks)) > 24, "seeds reach nearly everybody"

    rows = list(csv.DictReader(io.StringIO(export(api, in_bonn))))
    assert {row["user_id"] for row in rows} == api.users_of(in_bonn) and len(rows) == 20
    assert {(row["city"], row["segments"]) for row in rows[:1]} <= {("Bonn", in_bonn), ("Bonn", f"{buyers};{in_bonn}"), ("Bonn", f"{in_bonn};{buyers}")}
    assert all(row["entered_at"].endswith("Z") and row["stage"] in ("stranger", "buyer") for row in rows)
    assert export(api, in_bonn, columns="user_id,n").splitlines()[0] == "user_id,n"
    for path, status, code in [
        (f"{in_bonn}/export?format=pdf", 400, "invalid_query"), (f"{in_bonn}/export?columns=id,id", 400, "invalid_query"),
        (f"{NO_SEGMENT}/export", 404, "not_found"), (f"{in_bonn}/overlap", 400, "invalid_query"), (f"{in_bonn}/sample?seed=x", 400, "invalid_query"),
        (f"{in_bonn}/overlap?with={NO_SEGMENT}", 422, "unknown_reference"), (f"{NO_SEGMENT}/sizes", 404, "not_found"),
        (f"{NO_SEGMENT}/sample", 404, "not_found"), (f"{NO_SEGMENT}/changes", 404, "not_found"), (f"{NO_SEGMENT}/members", 404, "not_found"),
        (f"{in_bonn}/sizes?unit=hour&from=1999-01-01T00:00:00Z", 400, "invalid_query"), (f"{in_bonn}/sizes?from=2099-01-01T00:00:00Z", 400, "invalid_query"),
    ]:
        check_problem(api.send("GET", f"/api/v1/segments/{path}"), status, code)


def snapshot(api, segment, name="frozen"):
    made = api.post(f"/api/v1/segments/{segment}/snapshot", {"name": name}, expect=201)
    wait_until(lambda: api.is_live(made["id"]), 20, "the snapshot")
    return made["id"]


def test_a_snapshot_keeps_who_was_in_a_segment_through_exits_merges_and_deletion(hearth, api, tracker):
    tagged = api.live_segment("vips", {"tag": "vip"})
    tracker.batch([said(user, name=user) for user in ("li", "bai", "du", "wei")])
    wait_until(lambda: len(api.by_user()) == 4, 20, "the members")
    ids = {user: member["id"] for user, member in api.by_user().items()}
    for user in ("li", "bai", "du"):
        api.post(f"/api/v1/members/{ids[user]}/tags", {"add": ["vip"]})
    frozen = snapshot(api, tagged)
    assert api.users_of(frozen) == {"li", "bai", "du"} and size(api, frozen) == 3
    assert [change["entered"] for change in changes(api, frozen)] == [True] * 3
    api.post(f"/api/v1/members/{ids['li']}/tags", {"remove": ["vip"]})
    api.post(f"/api/v1/members/{ids['wei']}/tags", {"add": ["vip"]})
    assert api.users_of(tagged) == {"bai", "du", "wei"} and api.users_of(frozen) == {"li", "bai", "du"}
    left = api.live_segment("left", {"all": [{"segment": frozen}, {"not": {"segment": tagged}}]})
    assert api.users_of(left) == {"li"} and api.get(f"/api/v1/segments/{frozen}/overlap", **{"with": tagged})["both"] == 2

    # Of two who become one, and are parted again.
    merge = api.post(f"/api/v1/members/{ids['wei']}/merge", {"with": ids["bai"]})["merge_id"]
    assert api.members_of(frozen) == {ids["li"], ids["wei"], ids["du"]}
    api.post(f"/api/v1/merges/{merge}/undo")
    assert api.users_of(frozen) == {"li", "bai", "du"} and size(api, frozen) == 3
    second = snapshot(api, frozen, "of a snapshot")
    api.delete(f"/api/v1/segments/{left}", expect=204)
    for segment in (tagged, frozen):
        api.delete(f"/api/v1/segments/{segment}", expect=204)
    assert api.users_of(second) == {"li", "bai", "du"}
    check_problem(api.send("POST", f"/api/v1/segments/{frozen}/snapshot", json={"name": "x"}), 404, "not_found")
    check_problem(api.send("POST", f"/api/v1/segments/{second}/snapshot", json={"name": " "}), 422, "invalid_body")
    hearth.stop()
    hearth.start()
    tracker.batch([said("du", city="Bonn")])
    wait_until(lambda: "city" in api.by_user()["du"]["traits"], 10, "something happens to a frozen one")
    assert api.users_of(second) == {"li", "bai", "du"}


def test_the_mark_of_a_snapshot_is_shown_nowhere(hearth, api, tracker):
    tracker.batch([done("li", "Order Completed")])
    buyers = api.live_segment("buyers", order())
    wait_for_equal(lambda: api.users_of(buyers), {"li"}, 20, "the buyer")
    frozen = snapshot(api, buyers)
    li = api.by_user()["li"]
    assert sorted(li["segments"]) == sorted([buyers, frozen]) and li["tags"] == []
    assert api.get(f"/api/v1/members/{li['id']}")["tags"] == [] and api.all(f"/api/v1/members/{li['id']}/tags/history") == []
    assert api.all("/api/v1/tags") == [] and api.timeline(li["id"], kind="tag") == []
    assert export(api, frozen, columns="user_id,tags").splitlines()[1:] == ["li,"]
    assert api.get(f"/api/v1/members/{li['id']}/export")["tags"] == []


def test_a_snapshot_of_a_segment_that_was_just_made_has_everybody_or_has_to_wait(hearth, api, tracker):
    count = 1_200
    for begin in range(0, count, 400):
        tracker.batch([done(f"u{n}", "Order Completed") for n in range(begin, begin + 400)])
    everybody = api.segment("everybody", order())
    wait_for_equal(lambda: size(api, everybody), count, 30, "the members")
    fresh = api.segment("fresh", order(count={"op": "gte", "value": 1}))
    answer = api.send("POST", f"/api/v1/segments/{fresh}/snapshot", json={"name": "too early"})
    if answer.status_code == 201:
        early = answer.json()["id"]
        wait_until(lambda: api.is_live(early), 20, "the snapshot")
        assert size(api, early) == count
    else:
        check_problem(answer, 409, "wrong_state")
    wait_until(lambda: api.is_live(fresh), 20, "the segment")
    assert size(api, snapshot(api, fresh)) == count


@pytest.mark.sqlite_only
def test_text_that_would_ruin_a_pattern_is_text_and_quickly_answered(hearth, api, tracker):
    bomb, text = "(a+)+$", "a" * 20_000 + "!"
    for value in (text, "x(a+)+$x", "%_%", ""):
        tracker.batch([said(f"u{len(value)}", motto=value), done(f"u{len(value)}", "Said", motto=value)])
    wait_until(lambda: len(api.by_user()) == 4, 20, "the members")
    hearth.wait_until_idle()

    def found(op, value):
        test = {"op": op, "value": value}
        answers = []
        for rule in ({"trait": "motto", **test}, {"event": "Said", "where": [{"property": "motto", **test}]}):
            begun = time.monotonic()
            preview = api.post("/api/v1/segments/preview", {"rule": rule})
            assert time.monotonic() - begun < 5, f"{op} {value[:20]}"
            answers.append({identity["value"] for member in preview["sample"] for identity in member["identities"]})
        assert answers[0] == answers[1], "a trait and a property are read alike"
        return answers[0]

    assert found("contains", bomb) == {"u8"} == found("icontains", bomb.upper()) and found("prefix", "x(a+") == {"u8"}
    assert found("contains", "a" * 20_000) == {"u20001"} and found("contains", "a" * 20_000 + "b") == set()
    assert found("contains", "%") == {"u3"} and found("prefix", ".*") == set() and found("eq", "") == {"u0"}


def nested(levels):
    rule = {"tag": "x"}
    for _ in range(levels):
        rule = {"not": rule}
    return rule


@pytest.mark.sqlite_only
def test_a_rule_that_cannot_be_is_refused_with_the_place_of_what_is_wrong(hearth, api):
    page = {"event": "Page Read"}
    for rule, code, path in [
        ({}, "invalid_rule", "rule"), ({"all": []}, "invalid_rule", "rule.all"), ({"any": []}, "invalid_rule", "rule.any"),
        ({"not": {}}, "invalid_rule", "rule.not"), ([], "invalid_rule", "rule"), (None, "invalid_rule", "rule"), ("vip", "invalid_rule", "rule"),
        ({"tag": "a", "stage": "fan"}, "invalid_rule", "rule"), ({"tag": "a", "extra": 1}, "invalid_rule", "rule.extra"), ({"tag": ""}, "invalid_rule", "rule.tag"),
        ({"tag": 7}, "invalid_rule", "rule.tag"), ({"tag": "a\0"}, "invalid_rule", "rule.tag"), ({"event": "x" * 201}, "invalid_rule", "rule.event"),
        ({"all": [page, {"tga": "x"}]}, "invalid_rule", "rule.all[1]"), ({"all": {"tag": "x"}}, "invalid_rule", "rule.all"),
        (trait("a", "like", "x"), "invalid_rule", "rule.op"), (trait("a", "regex", "(a+)+$"), "invalid_rule", "rule.op"), ({"trait": "a", "op": "gt"}, "invalid_rule", "rule.value"),
        (trait("a", "in", "x"), "invalid_rule", "rule.value"), (trait("a", "in", [[1]]), "invalid_rule", "rule.value"), (trait("a", "in", ["x"] * 10_001), "invalid_rule", "rule.value"),
        (trait("a", "prefix", 7), "invalid_rule", "rule.value"), (trait("a", "eq", {"b": 1}), "invalid_rule", "rule.value"), (trait("a", "exists", "yes"), "invalid_rule", "rule.value"),
        ({**page, "within": "30 days"}, "invalid_rule", "rule.within"), ({**page, "within": "P0D"}, "invalid_rule", "rule.within"), ({**page, "within": "P9999Y"}, "invalid_rule", "rule.within"),
        ({**page, "within": 30}, "invalid_rule", "rule.within"), ({**page, "count": {"op": "more", "value": 1}}, "invalid_rule", "rule.count.op"),
        ({**page, "count": {"op": "gte", "value": "1"}}, "invalid_rule", "rule.count.value"), ({**page, "count": 1}, "invalid_rule", "rule.count"),
        ({**page, "count": {"value": 1}, "sum": {"property": "p", "value": 1}}, "invalid_rule", "rule"), ({**page, "sum": {"op": "gt", "value": 1}}, "invalid_rule", "rule.sum.property"),
        ({**page, "where": {"property": "p"}}, "invalid_rule", "rule.where"), ({**page, "where": [{"property": "p", "op": "gt"}]}, "invalid_rule", "rule.where[0].value"),
        ({**page, "where": [{"property": "p", "value": 1}] * 51}, "invalid_rule", "rule.where"),
        ({"sequence": ["A"]}, "invalid_rule", "rule.sequence"), ({"sequence": ["A"] * 11}, "invalid_rule", "rule.sequence"), ({"sequence": ["A", 7]}, "invalid_rule", "rule.sequence[1]"),
        ({"been": page}, "invalid_rule", "rule.for"), ({"been": {"been": page, "for": "P1D"}, "for": "P1D"}, "invalid_rule", "rule.been"),
        ({"segment": "mem_0000000000001"}, "invalid_rule", "rule.segment"), ({"group": "x"}, "invalid_rule", "rule.group"),
        ({"all": [{"tag": "a"}, page, {"not": {"tag": "a"}}]}, "contradictory_rule", "rule.all[2]"), ({"all": [trait("a", "gt", 5), trait("a", "lte", 5)]}, "contradictory_rule", "rule.all[1]"),
        ({"any": [page, {"all": [{"stage": "fan"}, {"stage": "buyer"}]}]}, "contradictory_rule", "rule.any[1].all[1]"),
        ({"all": [trait("a", "eq", 1), trait("a", "in", [2, 3])]}, "contradictory_rule", "rule.all[1]"),
        ({"any": [page] * 501}, "rule_too_complex", "rule.any[499]"), (nested(21), "rule_too_complex", "rule" + ".not" * 21), (nested(100), "rule_too_complex", "rule" + ".not" * 21),
        ({"segment": NO_SEGMENT}, "unknown_reference", "rule"), ({"all": [page, {"segment": NO_SEGMENT}]}, "unknown_reference", "rule"), ({"stage": "emperor"}, "unknown_reference", "rule"),
    ]:
        problem = check_problem(api.send("POST", "/api/v1/segments", json={"name": "s", "rule": rule}), 422, code)
        assert [(error["path"], error["code"]) for error in problem["errors"]] == [(path, code)], rule
        if code != "unknown_reference":
            check_problem(api.send("POST", "/api/v1/segments/preview", json={"rule": rule}), 422, code)
    for body in ({"name": "s"}, {"rule": page}, {"name": " ", "rule": page}, {"name": "x" * 201, "rule": page}, {"name": "a\nb", "rule": page}, {"name": 7, "rule": page}, []):
        problem = check_problem(api.send("POST", "/api/v1/segments", json=body), 422)
        assert problem["code"] in ("invalid_body", "invalid_rule"), body
    for body, code in [
        ('{"name":"s","rule":' + '{"not":' * 100_000 + "1" + "}" * 100_001, "too_deep"), ('{"name":"s","rule":' + "[" * 200_000, "too_deep"),
        ('{"name"', "malformed_json"), ("\xff", "malformed_json"),
    ]:
        check_problem(api.send("POST", "/api/v1/segments", data=body.encode("latin-1"), headers=JSON), 400, code)
    assert api.all("/api/v1/segments") == []

    # Just within bounds.
    api.live_segment("deep", nested(20))
    api.live_segment("wide", {"any": [{"tag": f"t{n}"} for n in range(499)]})
    segment = api.live_segment("s", order())
    check_problem(api.send("PATCH", f"/api/v1/segments/{segment}", json={"rule": {"all": []}}), 422, "invalid_rule")
    check_problem(api.send("PATCH", f"/api/v1/segments/{segment}", json={"name": " "}), 422, "invalid_body")
    check_problem(api.send("PATCH", f"/api/v1/segments/{NO_SEGMENT}", json={"name": "x"}), 404, "not_found")
    check_problem(api.send("DELETE", f"/api/v1/segments/{NO_SEGMENT}"), 404, "not_found")
    check_problem(api.send("GET", "/api/v1/segments/s"), 404, "invalid_path")
    shown = api.get(f"/api/v1/segments/{segment}")
    once = order(count={"op": "gte", "value": 1})
    assert (shown["name"], shown["rule"], shown["state"]) == ("s", once, "live")


@pytest.mark.sqlite_only
def test_a_rule_of_200_levels_is_too_deep_rather_than_no_json(hearth, api):
    for path, named in (("/api/v1/segments", {"name": "s"}), ("/api/v1/segments/preview", {})):
        check_problem(api.send("POST", path, json={**named, "rule": nested(200)}), 400, "too_deep")


@pytest.mark.sqlite_only
def test_a_preview_refuses_what_does_not_exist_as_a_segment_would(hearth, api):
    for rule in ({"segment": NO_SEGMENT}, {"stage": "emperor"}, {"group": "grp_0000000000001"}):
        check_problem(api.send("POST", "/api/v1/segments/preview", json={"rule": rule}), 422, "unknown_reference")
