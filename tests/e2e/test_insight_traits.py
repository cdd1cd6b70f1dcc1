"""Insight: members are told apart by what they are now, and asked of by a rule."""

from collections import Counter, defaultdict
from datetime import datetime, timedelta, timezone

from support.api import check_problem
from support.waiting import wait_for_equal, wait_until

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BEGIN = datetime(2026, 3, 2, tzinfo=timezone.utc)  # a Monday
RANGE = {"from": "2026-03-01", "to": "2026-04-01", "zone": "UTC"}
VIEWED, ORDERED = "Product Viewed", "Order Completed"
STEPS = [{"event": VIEWED}, {"event": ORDERED}]
BY_CITY = {"trait": "city"}
# As many of each as of another, and some of whom nothing is known.
CITIES = {f"user-{number}": (["Bonn", "Trier", "上海", None])[number % 4] for number in range(12)}


def happened(user, event, after, **properties):
    moment = BEGIN + after
    return {"type": "track", "userId": user, "event": event, "properties": properties, "timestamp": moment.isoformat()}


def deeds():
    """What they did: (user, event, time after the beginning, properties). The shop of an event is not that of a trait."""
    found = []
    for number, user in enumerate(CITIES):
        for day in range(1 + number % 3):
            found.append((user, VIEWED, (number + day * 3) * DAY, {"city": "of the event"}))
        if number % 2 == 0:
            found.append((user, ORDERED, (number + 1) * DAY + number * HOUR, {"revenue": number * 2.5}))
            found.append((user, ORDERED, (number + 9) * DAY, {"revenue": 1}))
    return sorted(found, key=lambda deed: deed[2])


def send_all(hearth, api, tracker):
    told = [{"type": "identify", "userId": user, "traits": {"city": city}} for user, city in CITIES.items() if city]
    tracker.batch(told + [happened(user, event, after, **properties) for user, event, after, properties in deeds()])
    wait_for_equal(lambda: set(api.by_user()), set(CITIES), 20, "the members appear")
    hearth.wait_until_idle()


def ask(api, kind, /, **question):
    return api.post(f"/api/v1/insight/{kind}", {**RANGE, **question})


def who(api, kind, point, /, **question):
    told = api.post("/api/v1/insight/members", {"kind": kind, "question": {**RANGE, **question}, "point": point, "limit": 200})
    names = [i["value"] for item in told["items"] for i in item["identities"] if i["kind"] == "user_id"]
    assert told["total"] == len(told["items"])
    return set(names)


def funnel_by(api, by=BY_CITY, **more):
    """By value, how many reached each step."""
    told = ask(api, "funnel", steps=STEPS, within="P30D", by=by, **more)
    return {(group["key"], group["rest"]): [step["members"] for step in group["steps"]] for group in told["groups"]}


def expected_funnel(cities):
    """The same, counted plainly; `cities` says who is what."""
    viewed, ordered = {}, set()
    for user, event, after, _ in deeds():
        if event == VIEWED:
            viewed.setdefault(user, after)
        elif user in viewed and after > viewed[user]:
            ordered.add(user)
    return {
        (city, False): [sum(cities[user] == city for user in viewed), sum(cities[user] == city for user in ordered)]
        for city in {cities[user] for user in viewed}
    }


def test_answers_are_told_apart_by_a_trait_of_the_members(hearth, api, tracker):
    send_all(hearth, api, tracker)
    assert funnel_by(api) == expected_funnel(CITIES)
    for city in set(CITIES.values()):
        assert who(api, "funnel", {"step": 1, "group": city}, steps=STEPS, by=BY_CITY) == {
            user for user, his in CITIES.items() if his == city}
    # The property of the same name is something else.
    assert set(funnel_by(api, by="city")) == set(funnel_by(api, by={"property": "city"})) == {("of the event", False)}

    events, days = Counter(), defaultdict(Counter)
    numbers, cohorts = defaultdict(list), defaultdict(set)
    came = defaultdict(set)
    first = {}
    for user, event, after, properties in deeds():
        city = CITIES[user]
        if event == ORDERED:
            events[city] += 1
            days[city][(BEGIN + after).strftime("%Y-%m-%dT00:00:00.000Z")] += 1
            numbers[user].append(properties["revenue"])
            if user in first:
                came[city, (BEGIN + after).isocalendar().week - first[user]].add(user)
        else:
            first.setdefault(user, (BEGIN + after).isocalendar().week)
            cohorts[city].add(user)
    trend = ask(api, "trend", series=[{"event": ORDERED, "measure": "events"}], by=BY_CITY)["series"]
    assert {line["group"]: line["total"] for line in trend} == events
    assert {line["group"]: {point["t"]: point["value"] for point in line["points"] if point["value"]} for line in trend} == days
    told = {line["key"] for line in trend}
    assert told == {"A · –" if city is None else f"A · {city}" for city in events}

    retention = ask(api, "retention", start=STEPS[0], **{"return": STEPS[1]}, unit="week", periods=3, by=BY_CITY)["groups"]
    assert {group["key"]: group["size"] for group in retention} == {city: len(users) for city, users in cohorts.items()}
    for group in retention:
        assert group["returned"] == [len(came[group["key"], week]) for week in range(3)]

    spread = ask(api, "distribution", event=ORDERED, measure="sum", property="revenue", buckets=[0, 10], by=BY_CITY)["groups"]
    sums = {user: sum(values) for user, values in numbers.items()}
    assert {group["key"]: [bucket["members"] for bucket in group["buckets"]] for group in spread} == {
        city: [sum(CITIES[user] == city and (value >= 10) == high for user, value in sums.items()) for high in (False, True)]
        for city in {CITIES[user] for user in sums}
    }


def test_the_most_frequent_values_are_told_and_the_others_together(hearth, api, tracker):
    send_all(hearth, api, tracker)
    whole = funnel_by(api)
    for top in (1, 2, 3):
        told = funnel_by(api, top=top)
        shown = {key: steps for key, steps in told.items() if not key[1]}
        assert len(shown) == top and shown.items() <= whole.items()
        left = [steps for key, steps in whole.items() if key not in shown]
        assert told[None, True] == [sum(step) for step in zip(*left)]
        rest = who(api, "funnel", {"step": 1, "rest": True}, steps=STEPS, by=BY_CITY, top=top)
        assert rest == {user for user, city in CITIES.items() if (city, False) not in shown}
    assert (None, True) not in funnel_by(api, top=4)


def test_what_a_member_is_now_counts_also_for_what_he_did_before(hearth, api, tracker):
    send_all(hearth, api, tracker)
    cities = dict(CITIES)
    moves = [("user-0", "Trier"), ("user-3", "Bonn"), ("user-4", "Atlantis"), ("user-0", "Bonn"), ("user-0", None)]
    for user, city in moves:
        tracker.identify(user, city=city)
        wait_until(lambda: api.by_user()[user]["traits"].get("city") == city, 10, "he has moved")
        cities[user] = city
        assert funnel_by(api) == expected_funnel(cities), (user, city)
        trend = ask(api, "trend", series=[{"event": VIEWED, "measure": "members"}], by=BY_CITY)["series"]
        assert {line["group"]: line["total"] for line in trend} == Counter(cities.values())
        rule = {"trait": "city", "op": "eq", "value": "Bonn"}
        assert who(api, "funnel", {"step": 1}, steps=STEPS, members=rule) == {
            user for user, his in cities.items() if his == "Bonn"}
    hearth.stop()
    hearth.start()
    assert funnel_by(api) == expected_funnel(cities)


def test_who_were_merged_have_the_trait_of_the_one_they_are_until_they_are_parted(hearth, api, tracker):
    send_all(hearth, api, tracker)
    ids = {user: member["id"] for user, member in api.by_user().items()}
    merge = api.post(f"/api/v1/members/{ids['user-0']}/merge", {"with": ids["user-5"]})["merge_id"]
    one = api.get(f"/api/v1/members/{ids['user-0']}")["traits"]["city"]
    assert one in (CITIES["user-0"], CITIES["user-5"])
    told = funnel_by(api)
    others = Counter(city for user, city in CITIES.items() if user not in ("user-0", "user-5"))
    assert {key: steps[0] for (key, _), steps in told.items()} == others + Counter([one])
    views = Counter(one if user in ("user-0", "user-5") else CITIES[user] for user, event, *_ in deeds() if event == VIEWED)
    trend = ask(api, "trend", series=[{"event": VIEWED, "measure": "events"}], by=BY_CITY)["series"]
    assert {line["group"]: line["total"] for line in trend} == views
    assert {"user-0", "user-5"} <= who(api, "funnel", {"step": 1, "group": one}, steps=STEPS, by=BY_CITY)
    spread = ask(api, "distribution", event=VIEWED, measure="count", by=BY_CITY)["groups"]
    assert {group["key"]: group["members"] for group in spread} == others + Counter([one])
    # Who had no city has the other's.
    second = api.post(f"/api/v1/members/{ids['user-3']}/merge", {"with": ids["user-2"]})["merge_id"]
    told = {key: steps[0] for (key, _), steps in funnel_by(api).items()}
    assert told[None] == others[None] - 1 and told["上海"] == others["上海"] + (one == "上海")
    api.post(f"/api/v1/merges/{second}/undo")
    api.post(f"/api/v1/merges/{merge}/undo")
    assert funnel_by(api) == expected_funnel(CITIES)


def test_values_of_every_type_are_told_as_text(hearth, api, tracker):
    values = {
        "number": (30, "30"), "part": (41.5, "41.5"), "yes": (True, "true"), "no": (False, "false"), "text": ("30 ", "30 "),
        "list": (["tea", 1], '["tea",1]'), "object": ({"a": {"b": 1}}, '{"a":{"b":1}}'), "empty": ("", ""), "null": (None, None),
    }
    tracker.batch([{"type": "identify", "userId": user, "traits": {"x": value}} for user, (value, _) in values.items()])
    tracker.batch([happened(user, VIEWED, DAY) for user in [*values, "nobody"]])
    wait_for_equal(lambda: set(api.by_user()), {*values, "nobody"}, 20, "the members appear")
    hearth.wait_until_idle()
    trend = ask(api, "trend", series=[{"event": VIEWED, "measure": "events"}], by={"trait": "x"})["series"]
    assert {line["group"]: line["total"] for line in trend} == Counter([*(text for _, text in values.values()), None])
    for user, (_, text) in values.items():
        assert user in who(api, "funnel", {"step": 1, "group": text}, steps=[STEPS[0]], by={"trait": "x"})


def test_a_rule_says_whose_events_count(hearth, api, tracker):
    send_all(hearth, api, tracker)
    buyers = {user for user, event, *_ in deeds() if event == ORDERED}
    segment = api.live_segment("buyers", {"event": ORDERED})
    often = {user for user, count in Counter(user for user, event, *_ in deeds() if event == VIEWED).items() if count >= 2}
    in_bonn = {user for user, city in CITIES.items() if city == "Bonn"}
    bonn = {"trait": "city", "op": "eq", "value": "Bonn"}
    for rule, expected in [
        (bonn, in_bonn), ({"not": bonn}, set(CITIES) - in_bonn), ({"event": VIEWED, "count": {"op": "gte", "value": 2}}, often),
        ({"segment": segment}, buyers), ({"all": [{"segment": segment}, {"not": bonn}]}, buyers - in_bonn),
        ({"any": [bonn, {"event": VIEWED, "count": {"op": "gte", "value": 2}}]}, in_bonn | often),
        ({"trait": "city", "op": "eq", "value": "Atlantis"}, set()),
    ]:
        assert who(api, "funnel", {"step": 1}, steps=STEPS, members=rule) == expected, rule
        [line] = ask(api, "trend", series=[{"event": VIEWED, "measure": "events"}], members=rule)["series"]
        assert line["total"] == sum(event == VIEWED and user in expected for user, event, *_ in deeds())
        assert ask(api, "path", members=rule)["members"] == len(expected)
        both = who(api, "funnel", {"step": 1}, steps=STEPS, members=rule, segment=segment)
        assert both == expected & buyers
    # Who fulfils it is asked anew each time.
    tracker.identify("user-1", city="Bonn")
    wait_until(lambda: api.by_user()["user-1"]["traits"]["city"] == "Bonn", 10, "he has moved")
    assert who(api, "funnel", {"step": 1}, steps=STEPS, members=bonn) == in_bonn | {"user-1"}


def test_a_scope_that_cannot_be_understood_is_told_with_its_place(hearth, api, tracker):
    send_all(hearth, api, tracker)
    gone = api.live_segment("gone", {"event": ORDERED})
    api.delete(f"/api/v1/segments/{gone}", expect=204)
    for question, code, path in [
        ({"members": {"segment": "seg_0000000000001"}}, "unknown_reference", "members"),
        ({"members": {"segment": gone}}, "unknown_reference", "members"),
        ({"members": {"all": [{"event": VIEWED}, {"not": {"segment": gone}}]}}, "unknown_reference", "members"),
        ({"members": {"group": "grp_0000000000001"}}, "unknown_reference", "members"),
        ({"members": {"trait": "a", "op": "like", "value": "x"}}, "invalid_rule", "members.op"),
        ({"members": {"all": [{"event": VIEWED}, {"bogus": 1}]}}, "invalid_rule", "members.all[1]"),
        ({"members": "everybody"}, "invalid_rule", "members"), ({"members": []}, "invalid_rule", "members"),
        ({"members": {}}, "invalid_rule", "members"),
        ({"by": {"trait": ""}}, "invalid_question", "by"), ({"by": {"trait": "x" * 201}}, "invalid_question", "by"), ({"by": ""}, "invalid_question", "by"),
        ({"top": 0}, "invalid_question", "top"), ({"top": 101}, "invalid_question", "top"),
        ({"segment": gone}, "unknown_reference", "segment"), ({"group": "grp_0000000000001"}, "unknown_reference", "group"),
        ({"by": {"trait": 5}}, "invalid_body", "by"), ({"by": {}}, "invalid_body", "by"), ({"by": {"bogus": "city"}}, "invalid_body", "by"),
    ]:
        answer = api.send("POST", "/api/v1/insight/funnel", json={**RANGE, "steps": STEPS, **question})
        assert answer.status_code == 422, (question, answer.status_code, answer.text[:300])
        problem = check_problem(answer, 422, code)
        assert problem["errors"][0]["path"].startswith(path), (question, problem)
        # The same of those behind a number.
        body = {"kind": "funnel", "question": {**RANGE, "steps": STEPS, **question}, "point": {"step": 1}}
        check_problem(api.send("POST", "/api/v1/insight/members", json=body), 422)
    for kind, question in [("path", {}), ("lifecycle", {}), ("interval", {"first": STEPS[0], "then": STEPS[1]}),
                           ("attribution", {"conversion": STEPS[1], "touches": [STEPS[0]]})]:
        answer = api.send("POST", f"/api/v1/insight/{kind}", json={**RANGE, **question, "by": BY_CITY})
        assert check_problem(answer, 422, "invalid_question")["errors"][0]["path"] == "by"


def test_a_breakdown_names_one_thing_and_nothing_else(hearth, api, tracker):
    send_all(hearth, api, tracker)
    taken = []
    for by in ({"trait": "city", "property": "city"}, {"trait": "city", "bogus": 1}, {"property": "city", "bogus": 1}):
        answer = api.send("POST", "/api/v1/insight/funnel", json={**RANGE, "steps": STEPS, "by": by})
        if answer.status_code == 422:
            assert check_problem(answer, 422, "invalid_body")["errors"][0]["path"].startswith("by")
        else:
            taken.append((by, answer.status_code))
    assert taken == [], taken
