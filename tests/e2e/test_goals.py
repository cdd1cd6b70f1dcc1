"""Goals: how far they are equals what is counted plainly, day by day by the workspace's clock, and so does where they lead."""

from datetime import date, datetime, time, timedelta, timezone
from itertools import product
from statistics import mean

import pytest

from support.api import check_problem
from support.waiting import wait_for_equal, wait_until
from support.workspaces import move_keys

DAY = timedelta(days=1)
NO_GOAL, NO_SEGMENT = "gol_0000000000001", "seg_0000000000001"
ORDERED = "Order Completed"
EVENTS, MEMBERS = {"event": ORDERED, "measure": "events"}, {"event": ORDERED, "measure": "members"}
SUM = {"event": ORDERED, "measure": "sum", "property": "revenue"}
AVG = {**SUM, "measure": "avg"}


class Clock:
    """The clock of a workspace, which shows about noon now, so that no midnight passes meanwhile."""

    def __init__(self, hour=12):
        hours = (hour - datetime.now(timezone.utc).hour + 11) % 24 - 11
        self.name = f"Etc/GMT{-hours:+d}"
        self.zone = timezone(timedelta(hours=hours))
        self.today = datetime.now(self.zone).date()

    def at(self, day, hour=0, **more):
        """A moment, by the number of days from today."""
        return datetime.combine(self.today + day * DAY, time(hour), self.zone) + timedelta(**more)

    def day(self, days):
        return (self.today + days * DAY).isoformat()

    def begin(self, days):
        """When a day begins, as Hearth writes it."""
        return self.at(days).astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000Z")

    def days_to(self, moment):
        """How many days from today it is."""
        return (moment.astimezone(self.zone).date() - self.today).days


@pytest.fixture
def clock(api):
    clock = Clock()
    api.patch("/api/v1/workspace", {"time_zone": clock.name})
    return clock


@pytest.fixture
def lively(hearth, api, tracker, clock):
    """A workspace in which something has happened, of which no goal tells."""
    tracker.track("somebody", "Arrived")
    wait_until(lambda: api.member("user_id", "somebody"), 20, "the member appears")
    hearth.wait_until_idle()


def ordered(user, at, **properties):
    return {"type": "track", "userId": user, "event": ORDERED, "properties": properties, "timestamp": at.isoformat()}


def forty_days(clock):
    """Orders of the last forty days and of this morning, by weekday more or fewer: (user, day, revenue or None)."""
    orders = []
    for day in range(-40, 1):
        for nth in range(1 + (clock.today + day * DAY).weekday() % 4):
            number = len(orders)
            orders.append((f"user-{(number * 7 + day // 5) % 23}", day, [10, 2.5, None, 7.25][number % 4]))
    return orders


@pytest.fixture
def orders(hearth, api, tracker, clock):
    """The orders, all of which have taken effect."""
    orders = forty_days(clock)
    tracker.batch([
        ordered(user, clock.at(day, minutes=nth % 400), shop="north" if nth % 2 else "south", **({} if revenue is None else {"revenue": revenue}))
        for nth, (user, day, revenue) in enumerate(orders)
    ])
    wait_for_equal(lambda: set(api.by_user()), {user for user, *_ in orders}, 20, "the members appear")
    hearth.wait_until_idle()
    return orders


def goal(clock, metric, target, begin, end, **more):
    return {"name": "Goal", "metric": metric, "target": target, "from": clock.day(begin), "deadline": clock.day(end), **more}


def made(api, *of, **more):
    return api.post("/api/v1/goals", goal(*of, **more), expect=201)


def progress(api, *of, **more):
    """How far a new goal is."""
    shown = made(api, *of, **more)
    again = api.get(f"/api/v1/goals/{shown['id']}")
    assert again == shown and shown in api.all("/api/v1/goals")
    return shown["progress"]


def number(measure, orders):
    """What a measure is of some orders, counted plainly."""
    values = [revenue for *_, revenue in orders if revenue is not None]
    return {
        "events": len(orders), "members": len({user for user, *_ in orders}), "sum": sum(values),
        "avg": mean(values) if values else None,
        "min": min(values, default=None), "max": max(values, default=None),
        "per_member": len(orders) / len({user for user, *_ in orders}) if orders else None,
    }[measure]


def between(orders, begin, end):
    return [order for order in orders if begin <= order[1] <= end]


def close(one, other):
    return one == other if None in (one, other) else one == pytest.approx(other)


SPANS = [(-30, -10), (-10, -10), (-9, 10), (-3, 3), (0, 0), (0, 30), (-39, 100), (3, 20)]


def test_a_goal_is_as_far_as_what_is_counted_plainly(api, clock, orders):
    for measure, (begin, end) in product(["events", "members", "sum", "avg", "min", "max", "per_member"], SPANS):
        adds_up = measure in ("events", "members", "sum")
        metric = {"event": ORDERED, "measure": measure, **({"property": "revenue"} if measure in ("sum", "avg", "min", "max") else {})}
        told = progress(api, clock, metric, 50, begin, end)
        last = min(end, 0)
        expected = number(measure, between(orders, begin, last)) if begin <= 0 else None
        assert close(told["value"], expected), (begin, end)
        assert close(told["share"], None if expected is None else expected / 50)
        gone = max(0, last - begin + 1)
        assert close(told["expected_share"], gone / (end - begin + 1) if adds_up else None)
        assert [point["t"] for point in told["points"]] == [clock.begin(day) for day in range(begin, last + 1)]
        for day, point in zip(range(begin, last + 1), told["points"]):
            whole = between(orders, begin, day) if adds_up else between(orders, day, day)
            assert close(point["value"], number(measure, whole)), (begin, end, day)


NORTH = {"event": ORDERED, "property": "revenue", "where": [{"property": "shop", "op": "eq", "value": "north"}]}


def trend(api, clock, metric, begin, end):
    """The same as a line: its points, and the value of all of them."""
    [line] = api.post("/api/v1/insight/trend", {"from": clock.day(begin), "to": clock.day(end + 1), "series": [metric]})["series"]
    return line["points"], line["total"]


def test_the_points_of_a_goal_are_those_of_the_trend(api, clock, orders):
    for measure in ("events", "sum", "avg", "min", "max", "per_member", "p50", "p75", "p90", "p95", "p99"):
        told = progress(api, clock, {**NORTH, "measure": measure}, 50, -20, 5)
        points, total = trend(api, clock, {**NORTH, "measure": measure}, -20, 0)
        if measure in ("events", "sum"):
            values = [point["value"] for point in points]
            points = [{**point, "value": sum(values[:nth + 1])} for nth, point in enumerate(points)]
        assert [point["t"] for point in told["points"]] == [point["t"] for point in points]
        assert all(close(one["value"], other["value"]) for one, other in zip(told["points"], points)), (measure, told, points)
        assert close(told["value"], total), measure


@pytest.mark.parametrize("measure", ["members_7d", "members_30d"])
def test_a_goal_of_active_members_is_as_far_as_they_are_now(api, clock, orders, measure):
    """Of the week or the month that ends with each day, and now with today: not of that day alone, not since the beginning."""
    told = progress(api, clock, {**NORTH, "measure": measure}, 50, -20, 5)
    points, _ = trend(api, clock, {**NORTH, "measure": measure}, -20, 0)
    assert told["points"] == points
    assert told["value"] == points[-1]["value"]


# Where it leads --------------------------------------------------------------------------------------------------

def forecast(clock, orders, begin, end, measure):
    """Each day that comes is as those of its weekday were among the last 28 whole days."""
    def brought(day):
        return number(measure, between(orders, day, day))

    def usual(day):
        return mean(brought(other) for other in range(-28, 0) if (other - day) % 7 == 0)

    value = number(measure, between(orders, begin, 0)) if begin <= 0 else 0
    rest_of_today = max(0, usual(0) - brought(0)) if begin <= 0 else 0
    return value + rest_of_today + sum(usual(day) for day in range(max(begin, 1), end + 1))


@pytest.mark.parametrize("metric", [EVENTS, SUM], ids=["events", "sum"])
def test_a_goal_is_ahead_on_track_behind_or_reached_by_where_it_leads(api, clock, orders, metric):
    for begin, end in [(-9, 10), (-30, 30), (0, 20), (-2, 1)]:
        leads_to, value = forecast(clock, orders, begin, end, metric["measure"]), number(metric["measure"], between(orders, begin, 0))
        for target, state in [(leads_to, "on_track"), (leads_to / 1.02, "on_track"), (leads_to / 0.98, "on_track"),
                              (leads_to * 1.2, "behind"), (value * 100, "behind"), (leads_to / 1.2, "ahead"), (value, "reached"), (value / 2, "reached")]:
            told = progress(api, clock, metric, target, begin, end)
            if target > value or state == "reached":
                assert told["state"] == state, (begin, end, target, told)
            else:
                assert told["state"] == "reached"
            assert told["forecast"] == pytest.approx(leads_to) and told["low"] <= told["forecast"] <= told["high"]
            assert told["low"] >= value, "what has been does not go away"
    # One that has not begun.
    told = progress(api, clock, metric, forecast(clock, orders, 3, 20, metric["measure"]), 3, 20)
    assert told["state"] == "on_track" and told["value"] is None and told["points"] == []
    assert told["forecast"] == pytest.approx(forecast(clock, orders, 3, 20, metric["measure"]))


def test_new_members_lead_where_those_of_the_goal_itself_do(api, clock, orders):
    for begin, end in [(-20, 10), (-39, 3), (-8, 30)]:
        def reached(day):
            return number("members", between(orders, begin, day))

        def usual(day):
            past = {other: reached(other) - reached(other - 1) for other in range(max(begin, -28), 0)}
            alike = [brought for other, brought in past.items() if (other - day) % 7 == 0]
            return mean(alike or past.values())

        rest_of_today = max(0, usual(0) - (reached(0) - reached(-1)))
        expected = reached(0) + rest_of_today + sum(usual(day) for day in range(1, end + 1))
        told = progress(api, clock, MEMBERS, expected * 1.2, begin, end)
        assert told["forecast"] == pytest.approx(expected) and told["state"] == "behind", (begin, end)
        assert told["value"] <= told["low"] <= told["forecast"] <= told["high"]


@pytest.mark.parametrize("metric", [EVENTS, MEMBERS, SUM, AVG], ids=lambda metric: metric["measure"])
def test_what_is_over_was_reached_or_missed(api, clock, orders, metric):
    value = number(metric["measure"], between(orders, -30, -1))
    for target, state in [(value, "reached"), (value * 0.5, "reached"), (value + 0.01, "missed"), (value * 3, "missed")]:
        told = progress(api, clock, metric, target, -30, -1)
        assert (told["state"], told["forecast"], told["low"], told["high"]) == (state, None, None, None)
        assert close(told["share"], value / target) and told["expected_share"] == (None if metric is AVG else 1)
    # Yesterday it was not over.
    assert progress(api, clock, metric, value * 30, -30, 0)["state"] == "behind"


def test_an_average_is_judged_by_itself_until_the_deadline(api, clock, orders):
    value = number("avg", between(orders, -20, 0))
    for target, state in [(value / 2, "ahead"), (value * 2, "behind")]:
        told = progress(api, clock, AVG, target, -20, 5)
        assert (told["state"], told["expected_share"]) == (state, None) and told["value"] == pytest.approx(value)
    # Of nothing there is no average.
    told = progress(api, clock, {**AVG, "event": "Nothing"}, 5, -20, 5)
    assert (told["value"], told["share"], told["forecast"]) == (None, None, None) and len(told["points"]) == 21
    assert progress(api, clock, {**AVG, "event": "Nothing"}, 5, -20, -5)["state"] == "missed"


def test_without_a_past_a_goal_is_judged_by_the_time_that_has_gone(hearth, api, tracker, clock):
    """Of new members only the days of the goal itself tell anything, and six of them are too few."""
    tracker.batch([ordered(f"user-{day}-{nth}", clock.at(-day, minutes=nth)) for day in range(6) for nth in range(10)])
    wait_for_equal(lambda: len(api.by_user()), 60, 20, "the members appear")
    hearth.wait_until_idle()
    # Six of sixty days have gone, so that sixty are as many as six hundred at the end.
    for target, state in [(600, "on_track"), (400, "ahead"), (900, "behind"), (60, "reached")]:
        told = progress(api, clock, MEMBERS, target, -5, 54)
        assert (told["state"], told["forecast"], told["value"]) == (state, None, 60)
        assert told["expected_share"] == pytest.approx(0.1)


def test_a_goal_may_be_set_before_anything_has_happened(hearth, api, clock):
    answer = api.send("POST", "/api/v1/goals", json=goal(clock, EVENTS, 5, -5, 5))
    saved = hearth.query("SELECT COUNT(*) FROM goals")
    assert (answer.status_code, saved) == (201, [(1,)]), answer.text
    assert (answer.json()["progress"]["value"], answer.json()["progress"]["state"]) == (0, "behind")
    assert api.all("/api/v1/goals") == [answer.json()]


def test_a_goal_follows_what_arrives_and_who_is_erased(hearth, api, tracker, clock):
    tracker.batch([ordered("li", clock.at(-2)), ordered("bai", clock.at(-1)), ordered("bai", clock.at(-1))])
    wait_for_equal(lambda: set(api.by_user()), {"li", "bai"}, 20, "the members appear")
    hearth.wait_until_idle()
    events, people = (made(api, clock, metric, 4, -5, 5)["id"] for metric in (EVENTS, MEMBERS))

    def values():
        return tuple(api.get(f"/api/v1/goals/{each}")["progress"]["value"] for each in (events, people))

    assert values() == (3, 2)
    tracker.batch([ordered("du", clock.at(0)), ordered("li", clock.at(-6)), ordered("li", clock.at(-5))])
    wait_for_equal(values, (5, 3), 20, "it follows")
    assert api.get(f"/api/v1/goals/{events}")["progress"]["state"] == "reached"
    ids = {user: member["id"] for user, member in api.by_user().items()}
    merge = api.post(f"/api/v1/members/{ids['li']}/merge", {"with": ids["du"]})["merge_id"]
    assert values() == (5, 2)
    api.post(f"/api/v1/merges/{merge}/undo")
    assert values() == (5, 3)
    erasure = api.post(f"/api/v1/members/{ids['bai']}/erase", {"confirm": ids["bai"]}, expect=202)
    wait_until(lambda: api.get(f"/api/v1/erasures/{erasure['id']}")["state"] == "done", 60, "she is erased")
    assert values() == (3, 2)


# Whose events count ----------------------------------------------------------------------------------------------

def test_only_members_of_its_segment_count_and_without_it_nothing_is_known(hearth, api, clock, orders):
    often = {user for user, *_ in orders if sum(other == user for other, *_ in orders) >= 5}
    segment = api.live_segment("often", {"event": ORDERED, "count": {"op": "gte", "value": 5}})
    assert api.users_of(segment) == often
    whole = made(api, clock, EVENTS, 50, -9, 9)
    limited = made(api, clock, SUM, 50, -9, 9, segment=segment)
    expected = number("sum", [order for order in between(orders, -9, 0) if order[0] in often])
    assert limited["segment"] == segment and limited["progress"]["value"] == pytest.approx(expected)
    api.delete(f"/api/v1/segments/{segment}", expect=204)
    shown = api.get(f"/api/v1/goals/{limited['id']}")["progress"]
    assert shown["state"] == "unknown" and shown["points"] == []
    assert {shown[name] for name in ("value", "share", "expected_share", "forecast", "low", "high")} == {None}
    assert [listed["progress"]["state"] for listed in api.all("/api/v1/goals")] == ["unknown", whole["progress"]["state"]]
    body = goal(clock, SUM, 50, -9, 9, segment=segment, version=1)
    problem = check_problem(api.send("PUT", f"/api/v1/goals/{limited['id']}", json=body), 422, "unknown_reference")
    assert problem["errors"][0]["path"] == "segment"
    saved = api.put(f"/api/v1/goals/{limited['id']}", {**body, "segment": None})
    assert saved["progress"]["value"] == pytest.approx(number("sum", between(orders, -9, 0)))


def test_days_begin_and_end_by_the_clock_of_the_workspace(hearth, api, tracker, clock):
    """Just before midnight, at midnight, and just before the next one."""
    moments = [clock.at(-3, milliseconds=-1), clock.at(-3), clock.at(-2, milliseconds=-1), clock.at(-2)]
    tracker.batch([ordered(f"user-{nth}", moment) for nth, moment in enumerate(moments)])
    wait_for_equal(lambda: len(api.by_user()), len(moments), 20, "the members appear")
    hearth.wait_until_idle()
    one_day = made(api, clock, EVENTS, 5, -3, -3)
    four = made(api, clock, EVENTS, 5, -4, -1)
    # Then the clock of the workspace is put three hours forward: its days begin three hours earlier.
    later = Clock(15)
    assert (later.today, later.name) != (clock.today, clock.name) or pytest.fail("the clock stands still")
    for now in (clock, later, clock):
        api.patch("/api/v1/workspace", {"time_zone": now.name})
        for shown in (api.get(f"/api/v1/goals/{one_day['id']}"), api.get(f"/api/v1/goals/{four['id']}")):
            assert (shown["from"], shown["deadline"]) in [(clock.day(-3), clock.day(-3)), (clock.day(-4), clock.day(-1))]
            begin, end = (date.fromisoformat(shown[name]) - now.today for name in ("from", "deadline"))
            days = [now.days_to(moment) for moment in moments]
            assert shown["progress"]["value"] == sum(begin.days <= day <= end.days for day in days)
            assert [point["t"] for point in shown["progress"]["points"]] == [now.begin(day) for day in range(begin.days, end.days + 1)]


def test_a_day_may_be_said_by_a_moment_in_it(api, clock, lively):
    for begin, end in [
        (clock.at(-3), clock.at(4, milliseconds=-1)), (clock.at(-2, milliseconds=-1), clock.at(3)),
        (clock.at(-3, 12).astimezone(timezone.utc), clock.at(3, 23).astimezone(timezone(timedelta(hours=-9)))),
    ]:
        body = {**goal(clock, EVENTS, 5, 0, 0), "from": begin.isoformat(), "deadline": end.isoformat().replace("+00:00", "Z")}
        shown = api.post("/api/v1/goals", body, expect=201)
        assert (shown["from"], shown["deadline"]) == (clock.day(-3), clock.day(3))
        assert len(shown["progress"]["points"]) == 4


# Saving ----------------------------------------------------------------------------------------------------------

def test_a_goal_is_made_read_saved_anew_and_deleted(hearth, api, clock, lively):
    metric = {**SUM, "name": "Revenue", "where": [{"property": "shop", "op": "eq", "value": "north"}]}
    shown = made(api, clock, metric, 12.5, -5, 5, name="  Goal ")
    assert shown["id"].startswith("gol_") and (shown["name"], shown["version"], shown["target"]) == ("Goal", 1, 12.5)
    assert shown["metric"] == metric and shown["segment"] is None and shown["created_by"]
    address = f"/api/v1/goals/{shown['id']}"
    saved = api.put(address, goal(clock, EVENTS, 3, -1, 1, name="Other", version=1))
    assert (saved["name"], saved["version"], saved["from"], saved["created_at"]) == ("Other", 2, clock.day(-1), shown["created_at"])
    assert {name: saved["metric"].get(name) for name in EVENTS} == EVENTS
    check_problem(api.send("PUT", address, json=goal(clock, EVENTS, 3, -1, 1, version=1)), 409, "conflict")
    problem = check_problem(api.send("PUT", address, json=goal(clock, EVENTS, 3, -1, 1)), 422, "invalid_body")
    assert problem["errors"][0]["path"] == "version"
    second = made(api, clock, EVENTS, 5, 0, 9)
    hearth.kill()
    hearth.start()
    wait_until(lambda: api.send("GET", address).status_code == 200, 20, "histories are read")
    assert api.all("/api/v1/goals") == [second, saved], "newest first"
    page = api.get("/api/v1/goals", limit=1)
    assert page["items"] == [second] and api.get("/api/v1/goals", limit=1, cursor=page["next"]) == {"items": [saved], "next": None}
    api.delete(address, expect=204)
    for answer in (api.send("GET", address), api.send("DELETE", address), api.send("GET", f"/api/v1/goals/{NO_GOAL}"),
                   api.send("PUT", address, json=goal(clock, EVENTS, 3, -1, 1, version=2))):
        check_problem(answer, 404, "not_found")
    assert api.all("/api/v1/goals") == [second]
    lines = [(line["action"], line["target"], line["detail"]["name"]) for line in api.all("/api/v1/audit") if line["action"].startswith("goal.")]
    assert lines[::-1] == [
        ("goal.created", shown["id"], "Goal"), ("goal.updated", shown["id"], "Other"), ("goal.created", second["id"], "Goal"),
        ("goal.deleted", shown["id"], "Other"),
    ]


def test_what_is_no_goal_is_refused_at_its_place(api, clock, lively):
    kept, whole = made(api, clock, EVENTS, 5, -5, 5), goal(clock, EVENTS, 5, -5, 5)
    wrong = []
    for change, code, path in [
        ({"target": 0}, "invalid_body", "target"), ({"target": -1}, "invalid_body", "target"), ({"target": "5"}, "invalid_body", "target"), ({"target": None}, "invalid_body", "target"),
        ({"deadline": clock.day(-6)}, "invalid_body", "deadline"), ({"deadline": clock.day(995)}, "invalid_body", "deadline"),
        ({"deadline": "soon"}, "invalid_body", "deadline"), ({"from": "soon"}, "invalid_body", "from"), ({"from": "2026-02-30"}, "invalid_body", "from"),
        ({"from": ""}, "invalid_body", "from"), ({"from": "2026-02-03T25:00:00Z"}, "invalid_body", "from"), ({"from": None}, "invalid_body", "from"), ({"from": 5}, "invalid_body", "from"),
        ({"metric": {"event": ORDERED, "measure": "sum"}}, "invalid_question", "metric.property"),
        ({"metric": {"event": ORDERED, "measure": "p90", "property": ""}}, "invalid_question", "metric.property"),
        ({"metric": {"event": ORDERED}}, "invalid_body", "metric.measure"), ({"metric": {"measure": "most"}}, "invalid_body", "metric.measure"),
        ({"metric": {**EVENTS, "bogus": 1}}, "invalid_body", "metric.bogus"), ({"metric": {**EVENTS, "event": ""}}, "invalid_question", "metric.event"),
        ({"metric": {**EVENTS, "where": [{"property": "p", "op": "gt"}]}}, "invalid_rule", "metric.where[0].value"), ({"metric": None}, "invalid_body", "metric"),
        ({"segment": NO_SEGMENT}, "unknown_reference", "segment"), ({"segment": "often"}, "invalid_body", "segment"),
        ({"name": ""}, "invalid_body", "name"), ({"name": "x" * 201}, "invalid_body", "name"), ({"name": "a\x00"}, "invalid_body", "name"),
        ({"bogus": 1}, "invalid_body", "bogus"), ({"progress": {}}, "invalid_body", "progress"),
        *[({missing: ...}, "invalid_body", missing) for missing in ("name", "metric", "target", "from", "deadline")],
    ]:
        body = {name: value for name, value in {**whole, **change}.items() if value is not ...}
        for method, address, body in [("POST", "/api/v1/goals", body), ("PUT", f"/api/v1/goals/{kept['id']}", {**body, "version": 1})]:
            answer = api.send(method, address, json=body)
            problem = check_problem(answer, 422)
            if problem["code"] != code or not problem.get("errors") or problem["errors"][0]["path"] != path:
                wrong.append((method, change, problem["code"], problem.get("errors")))
    assert wrong == [], wrong
    assert api.all("/api/v1/goals") == [kept]
    longest = made(api, clock, EVENTS, 1e300, -5, 994)
    assert longest["target"] == 1e300 and longest["progress"]["share"] == 0
    assert made(api, clock, EVENTS, 1e-300, -5, 5)["progress"]["value"] == 0


@pytest.mark.parametrize("begin, end", [
    ("-009999-01-01", "-009999-01-03"), ("0000-01-01", "0000-01-02"), ("0001-01-01", "0001-01-01"), ("1969-12-31", "1970-01-01"),
    ("9999-12-30", "9999-12-30"), ("9999-12-31", "9999-12-31"), ("9998-12-31", "9999-12-31"), ("2100-01-01", "2102-01-01"),
])
def test_a_goal_at_the_end_of_time_is_refused_or_answered_and_leaves_the_others_alone(api, clock, lively, begin, end):
    kept = made(api, clock, EVENTS, 5, -5, 5)
    answer = api.send("POST", "/api/v1/goals", json={**goal(clock, EVENTS, 5, 0, 0), "from": begin, "deadline": end})
    if answer.status_code == 201:
        shown = answer.json()
        assert (shown["from"], shown["deadline"]) == (begin, end)
        assert shown["progress"]["value"] == (None if begin > clock.day(0) else 0)
    else:
        check_problem(answer, 422)
    listed = api.all("/api/v1/goals")
    assert [one["id"] for one in listed] == [*([answer.json()["id"]] if answer.status_code == 201 else []), kept["id"]]


def test_a_goal_that_is_refused_stays_what_it_was(api, clock, lively):
    kept = made(api, clock, EVENTS, 5, -5, 5)
    refused = {**goal(clock, EVENTS, 5, 0, 0), "from": "-009999-01-01", "deadline": "-009999-01-03", "version": 1}
    check_problem(api.send("PUT", f"/api/v1/goals/{kept['id']}", json=refused), 422)
    answer = api.send("GET", f"/api/v1/goals/{kept['id']}")
    assert (answer.status_code, answer.json()) == (200, kept)


def test_the_name_of_a_metric_has_the_bounds_of_that_of_a_series(api, clock, lively):
    for name in ("", "x" * 101, "x" * 100_000):
        asked = api.send("POST", "/api/v1/insight/trend", json={"series": [{**EVENTS, "name": name}]})
        assert check_problem(asked, 422, "invalid_question")["errors"][0]["path"] == "series[0].name"
        answer = api.send("POST", "/api/v1/goals", json=goal(clock, {**EVENTS, "name": name}, 5, -5, 5))
        assert check_problem(answer, 422, "invalid_question")["errors"][0]["path"] == "metric.name"


def test_whoever_may_read_sees_goals_and_only_some_may_change_them(hearth, api, clock, lively):
    kept = made(api, clock, EVENTS, 5, -5, 5)
    address, body = f"/api/v1/goals/{kept['id']}", goal(clock, EVENTS, 5, -5, 5)
    viewer = hearth.signed_in("viewer")
    assert viewer.get(address) == kept and viewer.all("/api/v1/goals") == [kept]
    for client, status, code in [
        (viewer, 403, "forbidden"), (hearth.api(hearth.key("api", "--scope", "people:read")), 403, "forbidden"),
        (hearth.api(hearth.key("api", "--scope", "segments:write")), 403, "forbidden"), (hearth.stranger(), 401, "unauthenticated"),
    ]:
        check_problem(client.send("POST", "/api/v1/goals", json=body), status, code)
        check_problem(client.send("PUT", address, json={**body, "version": 1}), status, code)
    check_problem(viewer.send("DELETE", address), 403, "forbidden")
    check_problem(hearth.stranger().send("DELETE", address), 401, "unauthenticated")
    check_problem(hearth.stranger().send("GET", "/api/v1/goals"), 401, "unauthenticated")
    assert hearth.signed_in("analyst").put(address, {**body, "version": 1})["version"] == 2


def test_workspaces_have_goals_segments_and_members_of_their_own(hearth):
    api, tracker, moved = hearth.api(), hearth.tracker(), (hearth.key("api", "--name", "moved"), hearth.key("write", "--name", "moved"))
    clock = Clock()
    api.patch("/api/v1/workspace", {"time_zone": clock.name})
    hearth.stop()
    move_keys(hearth, "moved")
    hearth.start()
    other, writing = hearth.api(moved[0]), hearth.tracker(moved[1])
    other.patch("/api/v1/workspace", {"time_zone": clock.name})
    tracker.batch([ordered("li", clock.at(-1)), ordered("bai", clock.at(-1))])
    writing.batch([ordered("li", clock.at(-1))])
    wait_for_equal(lambda: (set(api.by_user()), set(other.by_user())), ({"li", "bai"}, {"li"}), 20, "the members appear")
    hearth.wait_until_idle()
    wait_until(lambda: other.send("GET", "/api/v1/goals").status_code == 200, 10, "histories are there")
    mine, theirs = made(api, clock, EVENTS, 5, -5, 5), made(other, clock, EVENTS, 5, -5, 5)
    assert (mine["progress"]["value"], theirs["progress"]["value"]) == (2, 1)
    number = {"kind": "funnel", "question": {"steps": [{"event": ORDERED}], "from": clock.day(-5)}, "point": {"step": 1}}
    assert [client.post("/api/v1/insight/members", number)["total"] for client in (api, other)] == [2, 1]
    kept = api.post("/api/v1/insight/members/segment", {**number, "name": "kept"}, expect=201)["segment"]["id"]
    wait_until(lambda: api.is_live(kept), 20, "the segment is made")
    assert api.users_of(kept) == {"li", "bai"} and other.all("/api/v1/segments") == []
    check_problem(other.send("GET", f"/api/v1/segments/{kept}"), 404, "not_found")
    check_problem(other.send("POST", "/api/v1/goals", json=goal(clock, EVENTS, 5, -5, 5, segment=kept)), 422, "unknown_reference")
    for question in ({"segment": kept}, {"members": {"segment": kept}}):
        asked = {**number, "question": {**number["question"], **question}}
        check_problem(other.send("POST", "/api/v1/insight/members", json=asked), 422, "unknown_reference")
    for client, foreign in ((api, theirs), (other, mine)):
        address = f"/api/v1/goals/{foreign['id']}"
        check_problem(client.send("GET", address), 404, "not_found")
        check_problem(client.send("PUT", address, json=goal(clock, EVENTS, 5, -5, 5, version=1)), 404, "not_found")
        check_problem(client.send("DELETE", address), 404, "not_found")
    assert [client.all("/api/v1/goals") for client in (api, other)] == [[mine], [theirs]]
