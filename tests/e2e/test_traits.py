"""Traits: their types, which of several values a profile shows, and those that are computed from events."""

from datetime import datetime, timedelta

import pytest

from support.api import check_problem, moment
from support.waiting import wait_for_equal, wait_until


def define(api, name, **definition):
    return api.put(f"/api/v1/traits/{name}", definition, expect=204)


def defined(api):
    return {item["name"]: item for item in api.all("/api/v1/traits")}


def traits(api, user):
    return api.by_user()[user]["traits"]


def said(user, at=None, **known):
    item = {"type": "identify", "userId": user, "traits": known}
    return {**item, "timestamp": at} if at else item


def order(user, at=None, **properties):
    item = {"type": "track", "userId": user, "event": "Order Completed", "properties": properties}
    return {**item, "timestamp": at} if at else item


def computed(measure, field=None, **also):
    return {"event": "Order Completed", "measure": measure, **({"property": field} if field else {}), **also}


def test_a_trait_takes_only_values_of_its_type_and_keeps_the_others_as_letters(hearth, api, tracker):
    types = {"age": "number", "vip": "boolean", "born": "date", "name": "text", "likes": "list", "home": "object"}
    for name, value_type in types.items():
        define(api, name, value_type=value_type, title=f"The {name}")
    assert {name: (item["value_type"], item["title"]) for name, item in defined(api).items()} == {
        name: (value_type, f"The {name}") for name, value_type in types.items()
    }
    wait_until(lambda: all(item["state"] == "live" for item in defined(api).values()), 10, "the definitions")
    assert {(item["conflict"], item["computed"]) for item in defined(api).values()} == {("latest", None)}

    good = {
        "age": 42.5, "vip": True, "born": "1990-02-28", "name": "李", "likes": ["tea"], "home": {"city": "Bonn"}, "free": "x",
    }
    tracker.batch([
        said("li", **good),
        said("bai", age=" 42 ", vip="true", born="1990-02-28T10:00:00Z", name=7, likes=[], home={}),
        {**said("du", age="4 2", vip="yes", born="1990-02-30", name=["x"], likes="tea", home=[], free=[1]), "messageId": "bad"},
    ])
    wait_until(lambda: len(api.by_user()) == 3, 20, "the members")
    assert traits(api, "li") == good
    wanted = {"age": 42, "vip": True, "born": "1990-02-28T10:00:00Z", "name": "7", "likes": [], "home": {}}
    assert traits(api, "bai") == wanted, "what is unmistakable is read"
    assert traits(api, "du") == {"free": [1]}, "the rest of a call is taken"
    [entry] = api.events(api.by_user()["du"]["id"])
    assert entry["properties"]["age"] == "4 2", "the history has what was said"
    [letter] = api.dead_letters()
    assert letter["code"] == "wrong_trait_type" and all(name in letter["message"] for name in types)

    # With a better definition the letter can be replayed.
    define(api, "likes", value_type="text")
    wait_until(lambda: defined(api)["likes"]["state"] == "live", 20, "the new definition")
    assert "likes" not in traits(api, "bai") and traits(api, "du")["likes"] == "tea", "what was said before is read anew"
    assert "likes" not in traits(api, "li") and traits(api, "li")["age"] == 42.5


def test_a_letter_of_a_wrong_type_can_be_replayed_once_the_definition_is_another(hearth, api, tracker):
    define(api, "age", value_type="number")
    tracker.batch([said("li", moment(days=-1), age="many")])
    letter = wait_until(lambda: api.dead_letters(), 20, "the letter")[0]
    define(api, "age", value_type="text")
    wait_until(lambda: defined(api)["age"]["state"] == "live", 20, "the new definition")
    api.post(f"/api/v1/dead-letters/{letter['id']}/replay")
    wait_for_equal(lambda: traits(api, "li"), {"age": "many"}, 10, "the value of the letter")


@pytest.mark.sqlite_only
def test_a_value_that_cannot_be_is_not_set_by_hand_either(hearth, api, tracker):
    define(api, "age", value_type="number")
    define(api, "orders", computed=computed("count"))
    tracker.batch([said("li", name="Li")])
    wait_until(lambda: api.by_user(), 20, "the member")
    li = f"/api/v1/members/{api.by_user()['li']['id']}"
    before = traits(api, "li")
    answers = [api.send("PATCH", li, json={"traits": known}) for known in ({"age": "many"}, {"orders": 7}, {"age": "x", "city": "Bonn"})]
    assert traits(api, "li")["orders"] == before["orders"] and "age" not in traits(api, "li"), "it is not taken"
    for answer in answers:
        check_problem(answer, 422, "wrong_trait_type")


def test_the_profile_shows_of_several_values_the_one_that_its_rule_prefers(hearth, api, tracker):
    rules = {"l": "latest", "f": "first", "max": "largest", "min": "smallest"}
    for name, conflict in rules.items():
        define(api, name, conflict=conflict)
    low = api.live_segment("low", {"trait": "min", "op": "lt", "value": 3})
    # Said out of order: by its own time it is 5 (five days ago), 9, 2, 7.
    for days, value in ((3, 2), (5, 5), (1, 7), (4, 9)):
        tracker.batch([said("li", moment(days=-days), **dict.fromkeys([*rules, "n"], value))])
        wait_until(lambda: len(api.events(api.by_user()["li"]["id"])) if api.by_user() else 0, 20, "the member")
    wait_for_equal(lambda: traits(api, "li"), {"l": 7, "f": 5, "max": 9, "min": 2, "n": 7}, 10, "each as its rule says")
    assert api.users_of(low) == {"li"}
    source = api.get(f"/api/v1/members/{api.by_user()['li']['id']}")["provenance"]
    distance = datetime.fromisoformat(moment()) - datetime.fromisoformat(source["max"]["at"])
    assert timedelta(days=3, hours=23) < distance < timedelta(days=4, hours=1), "it tells when that value was said"
    # Texts come after numbers; nothing is neither large nor small.
    tracker.batch([said("li", max=None, min=None, l="x")])
    wait_until(lambda: traits(api, "li")["l"] == "x", 10, "the last call")
    assert (traits(api, "li")["max"], traits(api, "li")["min"]) == (9, 2)

    # Two members become one: the rules decide among what both have said; undone, each has his own.
    tracker.batch([said("bai", moment(days=-9), l=1, f=1, max=11, min=1)])
    wait_until(lambda: "bai" in api.by_user(), 10, "the other member")
    before = traits(api, "li"), traits(api, "bai")
    li, bai = (api.by_user()[user]["id"] for user in ("li", "bai"))
    merge = api.post(f"/api/v1/members/{li}/merge", {"with": bai})["merge_id"]
    assert traits(api, "li") == {"l": "x", "f": 1, "max": 11, "min": 1, "n": 7}
    api.post(f"/api/v1/merges/{merge}/undo")
    assert (traits(api, "li"), traits(api, "bai")) == before


def test_a_new_definition_decides_all_profiles_anew_in_the_background(hearth, api, tracker):
    count = 600
    for begin in range(0, count, 300):
        users = [f"u{n}" for n in range(begin, begin + 300)]
        tracker.batch([said(user, moment(days=-2), points=9) for user in users])
        tracker.batch([said(user, moment(days=-1), points="3") for user in users])
    many = api.segment("many", {"trait": "points", "op": "gte", "value": 5})
    few = api.segment("few", {"trait": "points", "op": "lt", "value": 5})
    everybody = api.segment("everybody", {"trait": "points", "op": "exists"})
    wait_for_equal(lambda: api.get(f"/api/v1/segments/{everybody}")["size"], count, 30, "the members")
    wait_until(lambda: traits(api, "u0") == {"points": "3"} == traits(api, f"u{count - 1}"), 20, "the latest call")

    def sizes():
        return [api.get(f"/api/v1/segments/{segment}")["size"] for segment in (many, few)]

    def points():
        return {member["traits"].get("points") for member in api.all("/api/v1/members")}

    def redefine(**definition):
        define(api, "points", **definition)
        wait_until(lambda: defined(api)["points"]["state"] == "live", 60, "all profiles are decided anew")

    wait_for_equal(lambda: (sizes(), points()), ([0, 0], {"3"}), 20, "texts are no numbers")
    redefine(value_type="number")
    assert (sizes(), points()) == ([0, count], {3})
    redefine(value_type="number", conflict="largest")
    assert (sizes(), points()) == ([count, 0], {9})
    # What comes in afterwards is decided by the same rule.
    tracker.batch([said("u0", points=4), said("u1", points=12)])
    wait_until(lambda: traits(api, "u1")["points"] == 12, 10, "a larger one")
    wait_until(lambda: len(api.events(api.by_user()["u0"]["id"])) == 3, 10, "a smaller one")
    assert traits(api, "u0")["points"] == 9
    # Nothing of it is lost when nothing is settled any more.
    api.delete("/api/v1/traits/points", expect=204)
    wait_until(lambda: "points" not in defined(api), 60, "all profiles are as they would be without it")
    assert (traits(api, "u0")["points"], traits(api, "u2")["points"], sizes()) == (4, "3", [1, 1])
    assert [c["entered"] for c in api.all(f"/api/v1/segments/{few}/changes", member=api.by_user()["u2"]["id"])] == [False, True]


def test_a_trait_is_computed_from_events_and_rules_ask_for_it(hearth, api, tracker):
    measures = {
        "orders": computed("count"), "spent": computed("sum", "revenue"), "mean": computed("avg", "revenue"),
        "least": computed("min", "revenue"), "most": computed("max", "revenue"), "wines": computed("distinct", "wine"),
        "first_wine": computed("first", "wine"), "last_wine": computed("last", "wine"),
        "usual_wine": computed("most_frequent", "wine"), "spent_lately": computed("sum", "revenue", within="P30D"),
        "last_lately": computed("last", "wine", within="P30D"),
        "large": computed("count", where=[{"property": "revenue", "op": "gte", "value": 20}]),
        "skus": computed("distinct", "products.sku"),
    }
    for name, how in measures.items():
        define(api, name, computed=how, title=name.title())
    assert {name: item["computed"] for name, item in defined(api).items()} == measures
    rich = api.live_segment("rich", {"all": [{"trait": "spent", "op": "gte", "value": 60}, {"trait": "last_wine", "value": "Beaune"}]})
    idle = api.live_segment("idle", {"trait": "spent_lately", "op": "lt", "value": 5})
    tracker.batch([
        # Out of order by their own time: Riesling 40 days ago, Beaune, Riesling, Beaune and nothing named.
        order("li", moment(days=-2), revenue=20, wine="Beaune", products=[{"sku": "b"}, {"sku": "c"}]),
        order("li", moment(days=-40), revenue=10.5, wine="Riesling", products=[{"sku": "a"}]),
        order("li", moment(days=-3), revenue=0.1, wine="Riesling", products=[{"sku": "a"}]),
        order("li", moment(days=-5), revenue=0.2, wine="Beaune"), order("li", moment(days=-1), revenue="a text"),
        said("bai", name="Bai"),
    ])
    wait_until(lambda: len(api.by_user()) == 2 and traits(api, "li").get("orders") == 5, 20, "the orders")
    assert traits(api, "li") == {
        "orders": 5, "spent": 30.8, "mean": 7.7, "least": 0.1, "most": 20, "wines": 2, "first_wine": "Riesling",
        "last_wine": "Beaune", "usual_wine": "Beaune", "spent_lately": 20.3, "last_lately": "Beaune", "large": 1, "skus": 3,
    }
    nothing = {"orders": 0, "spent": 0, "wines": 0, "spent_lately": 0, "large": 0, "skus": 0, "name": "Bai"}
    assert traits(api, "bai") == nothing == api.get(f"/api/v1/members/{api.by_user()['bai']['id']}")["traits"]
    assert api.users_of(rich) == set() and api.users_of(idle) == {"bai"}
    tracker.batch([order("li", revenue=40), order("bai", revenue=100, wine="Beaune")])
    wait_for_equal(lambda: api.users_of(rich), {"li", "bai"}, 10, "both have spent enough")
    wait_for_equal(lambda: api.users_of(idle), set(), 10, "and lately")
    exported = api.send("GET", "/api/v1/members/export", params={"columns": "user_id,spent,usual_wine", "bom": "false"}).text
    assert sorted(exported.splitlines()) == ["bai,100.0,Beaune", "li,70.8,Beaune", "user_id,spent,usual_wine"]
    everything = api.send("GET", "/api/v1/members/export", params={"bom": "false"}).text.splitlines()[0].split(",")
    assert {"spent", "usual_wine"} <= set(everything), "without a choice the computed ones are there as well"

    # Nobody can say it: the event keeps it, the profile does not.
    tracker.batch([said("bai", spent=1_000_000, city="Bonn")])
    wait_until(lambda: traits(api, "bai").get("city") == "Bonn", 10, "the rest of the call")
    assert traits(api, "bai")["spent"] == 100
    assert [letter["code"] for letter in api.dead_letters()] == ["wrong_trait_type"]

    # Another way to compute it counts at once in profiles; it goes only when no rule asks for it.
    define(api, "spent", computed=computed("sum", "revenue", within="P7D"))
    assert traits(api, "li")["spent"] == 60.3
    check_problem(api.send("DELETE", "/api/v1/traits/spent"), 409, "in_use")
    api.delete(f"/api/v1/segments/{rich}", expect=204)
    api.delete("/api/v1/traits/spent", expect=204)
    assert "spent" not in traits(api, "li") and "spent" not in defined(api)
    check_problem(api.send("PUT", "/api/v1/traits/most", json={"value_type": "number"}), 409, "conflict")


def test_a_segment_follows_when_a_trait_is_computed_otherwise(hearth, api, tracker):
    define(api, "spent", computed=computed("sum", "revenue"))
    tracker.batch([order("li", moment(days=-9), revenue=100), order("bai", moment(days=-1), revenue=60)])
    rich = api.live_segment("rich", {"trait": "spent", "op": "gte", "value": 50})
    wait_for_equal(lambda: api.users_of(rich), {"li", "bai"}, 20, "both have spent enough")
    define(api, "spent", computed=computed("sum", "revenue", within="P7D"))
    wait_for_equal(lambda: api.users_of(rich), {"bai"}, 5, "one of them not lately")


def test_a_computed_trait_changes_by_itself_when_its_window_moves_on(hearth, api, tracker):
    define(api, "busy", computed=computed("count", within="PT2S"))
    busy = api.live_segment("busy", {"trait": "busy", "op": "gte", "value": 2})
    been = api.live_segment("been busy", {"been": {"trait": "busy", "op": "gte", "value": 1}, "for": "PT1S"})
    first, second = moment(), moment(milliseconds=1)
    tracker.batch([order("li", first), order("li", second)])
    wait_for_equal(lambda: api.users_of(busy), {"li"}, 10, "two orders")
    wait_for_equal(lambda: traits(api, "li")["busy"], 0, 20, "the window moves on")
    wait_for_equal(lambda: api.users_of(busy), set(), 10, "and he leaves")
    changes = api.all(f"/api/v1/segments/{busy}/changes")
    assert [change["entered"] for change in changes] == [False, True]
    left = datetime.fromisoformat(changes[0]["at"]) - datetime.fromisoformat(first)
    assert left >= timedelta(seconds=2), "not before the first of the two is two seconds old"
    wait_for_equal(lambda: [c["entered"] for c in api.all(f"/api/v1/segments/{been}/changes")], [False, True], 10, "for a second")


@pytest.mark.sqlite_only
def test_what_cannot_be_a_trait_is_refused(hearth, api):
    define(api, "plain", value_type="number")
    for definition, code in [
        ({"value_type": "money"}, "invalid_body"), ({"conflict": "loudest"}, "invalid_body"), ({"title": "x" * 201}, "invalid_body"),
        ({"title": 7}, "invalid_body"), ({"computed": 7}, "invalid_body"), ({"computed": {}}, "invalid_body"),
        ({"computed": computed("count"), "value_type": "number"}, "invalid_body"),
        ({"computed": computed("count"), "conflict": "first"}, "invalid_body"),
        ({"computed": {**computed("count"), "extra": 1}}, "invalid_body"), ({"computed": computed("median", "x")}, "invalid_rule"),
        ({"computed": computed("sum")}, "invalid_rule"), ({"computed": computed("count", within="30 days")}, "invalid_rule"),
        ({"computed": computed("count", where=[{"property": "p", "op": "like", "value": 1}])}, "invalid_rule"),
        ({"computed": {"measure": "count"}}, "invalid_rule"), ([], "invalid_body"),
    ]:
        check_problem(api.send("PUT", "/api/v1/traits/x", json=definition), 422, code)
    for name in ("%20", "x" * 201, "a%0Ab"):
        check_problem(api.send("PUT", f"/api/v1/traits/{name}", json={}), 422, "invalid_body")
    check_problem(api.send("PUT", "/api/v1/traits/plain", json={"computed": computed("count")}), 409, "conflict")
    check_problem(api.send("DELETE", "/api/v1/traits/x"), 404, "not_found")
    assert set(defined(api)) == {"plain"}
