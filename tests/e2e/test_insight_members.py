"""Insight: behind each number of an answer stand exactly as many members as it says, and the right ones."""

import json
import random
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from itertools import product

import pytest

from support.api import check_problem
from support.waiting import wait_for_equal

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BEGIN = datetime(2026, 3, 2, tzinfo=timezone.utc)  # a Monday
RANGE = {"from": "2026-03-01", "to": "2026-04-01", "zone": "UTC"}
# Neither end is that of a day or a week.
PART = {"from": "2026-03-04T09:00:00Z", "to": "2026-03-18T15:00:00Z", "zone": "UTC"}
VIEWED, ADDED, ORDERED, TASTED = NAMES = ["Product Viewed", "Product Added", "Order Completed", "Wine Tasted"]
STEPS = [{"event": VIEWED}, {"event": ADDED}, {"event": ORDERED}]
CITIES = ["Bonn", "Trier", "Mainz", None]
SHOPS = ["north", "south", "east", None]
PRICES = [-5, 3, 10, 10, 12.5, 40, None]
BREAKDOWNS = [None, "shop", {"trait": "city"}]


@dataclass
class Event:
    """Something that somebody did."""

    user: str
    name: str
    at: datetime
    properties: dict = field(default_factory=dict)

    def call(self):
        return {
            "type": "track", "userId": self.user, "event": self.name, "properties": self.properties,
            "timestamp": self.at.isoformat(),
        }


def small_world(seed):
    """What sixteen members did in four weeks, by the quarter of a day, so that much happens at the same moment."""
    draw = random.Random(seed)
    events = []
    for number in range(16):
        for quarter in sorted(draw.choices(range(4 * 26), k=draw.randrange(1, 13))):
            known = {"shop": draw.choice(SHOPS), "revenue": draw.choice(PRICES)}
            properties = {name: value for name, value in known.items() if value is not None}
            events.append(Event(f"user-{number:02}", draw.choice(NAMES), BEGIN + quarter * 6 * HOUR, properties))
    return events


@pytest.fixture
def world(backend, hearth, api, tracker):
    """The events of a small world, all of which have taken effect; sorted by time, those of one moment as they were sent."""
    events = small_world({"sqlite": 1, "postgres": 2}[backend])
    users = sorted({event.user for event in events})
    told = [{"type": "identify", "userId": user, "traits": {"city": city}}
            for user, city in zip(users, CITIES * len(users)) if city is not None]
    tracker.batch(told + [event.call() for event in events])
    wait_for_equal(lambda: set(api.by_user()), set(users), 20, "the members appear")
    hearth.wait_until_idle()
    return sorted(events, key=lambda event: event.at)


def ask(api, kind, question):
    return api.post(f"/api/v1/insight/{kind}", question)


def behind(api, kind, question, point, **page):
    return api.post("/api/v1/insight/members", {"kind": kind, "question": question, "point": point, **page})


def names_of(items):
    return [identity["value"] for item in items for identity in item["identities"] if identity["kind"] == "user_id"]


def who(api, kind, question, **point):
    """Who is behind a number."""
    told = behind(api, kind, question, point, limit=200)
    names = names_of(told["items"])
    assert (told["total"], told["next"]) == (len(names), None) and len(set(names)) == len(names), (point, told)
    return set(names)


def meant(group):
    """How a point names a group of an answer."""
    return {"rest": True} if group["rest"] else {"group": group["key"]}


def by_user(events):
    found = defaultdict(list)
    for event in events:
        found[event.user].append(event)
    return found


def within(events, question):
    """The events of the range of a question."""
    def moment(text):
        at = datetime.fromisoformat(text.replace("Z", "+00:00"))
        return at if at.tzinfo else at.replace(tzinfo=timezone.utc)

    begin, end = moment(question["from"]), moment(question["to"])
    return [event for event in events if begin <= event.at < end]


def shown(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def midnight(moment):
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def monday(moment):
    return midnight(moment) - moment.weekday() * DAY


def month(moment):
    return midnight(moment).replace(day=1)


BEGIN_OF = {"day": midnight, "week": monday, "month": month}


# Funnels ---------------------------------------------------------------------------------------------------------

FUNNELS = {
    "ordered": {}, "strict": {"mode": "strict"}, "any": {"mode": "any"}, "quick": {"within": "PT18H"},
    "excluding": {"exclude": [{"event": TASTED, "after": 1, "before": 3}]},
    "filtered": {"where": [{"property": "shop", "op": "in", "value": ["north", "south"]}]},
    "of one step": {"steps": [{"event": None}]}, "a part": PART,
}


def test_each_number_of_a_funnel_has_its_members_behind_it(api, world):
    for variant in FUNNELS.values():
        for by, top in product(BREAKDOWNS, (10, 1)):
            question = {**RANGE, "steps": STEPS, "within": "P5D", "by": by, "top": top, **variant}
            told = ask(api, "funnel", question)
            everybody = check_steps(api, question, told["steps"], {})
            began = [check_steps(api, question, group["steps"], meant(group)) for group in told["groups"]]
            if by is None:
                continue
            assert set().union(*began) == everybody and sum(map(len, began)) == len(everybody), "each is in one group"
            assert [group["rest"] for group in told["groups"]].count(True) == (1 if top == 1 else 0)


def check_steps(api, question, steps, group):
    """Compares all numbers of the steps with who is behind them; returns those of the first step."""
    reached = [who(api, "funnel", question, step=nth, **group) for nth in range(1, len(steps) + 1)]
    assert [len(members) for members in reached] == [step["members"] for step in steps]
    for nth, (before, after) in enumerate(zip(reached, reached[1:]), start=2):
        assert after <= before
        assert who(api, "funnel", question, step=nth, reached=False, **group) == before - after
        assert who(api, "funnel", question, step=nth, reached=True, **group) == after
    return reached[0]


# Retention -------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("unit", ["day", "week"])
def test_each_number_of_a_retention_has_its_members_behind_it(api, world, unit):
    of_days = [("first", "exact", {"trait": "city"}, PART), ("each", "rolling", None, PART)]
    of_weeks = [
        ("first", "exact", None, RANGE), ("first", "rolling", "shop", PART), ("first", "exact", {"trait": "city"}, RANGE),
        ("each", "exact", "shop", PART), ("each", "rolling", {"trait": "city"}, RANGE),
    ]
    for cohorts, back, by, span in of_days if unit == "day" else of_weeks:
        question = {
            **span, "start": {"event": VIEWED}, "return": {"event": ORDERED}, "unit": unit, "periods": 4,
            "cohorts": cohorts, "back": back, "by": by, "top": 2,
        }
        told = ask(api, "retention", question)
        assert sum(cohort["size"] for cohort in told["cohorts"]) > 0
        for cohort in told["cohorts"]:
            of = {"cohort": cohort["start"]}
            began = who(api, "retention", question, **of)
            assert len(began) == cohort["size"]
            if not began:
                continue
            for period, returned in enumerate(cohort["returned"]):
                came = who(api, "retention", question, **of, period=period, returned=True)
                stayed_away = who(api, "retention", question, **of, period=period, returned=False)
                assert len(came) == returned and came | stayed_away == began and not came & stayed_away
        for group in told["groups"]:
            check_group(api, question, told, group)


def check_group(api, question, told, group):
    """In a group everybody counts once for each cohort in which he is."""
    sizes, returned = 0, [0] * len(group["returned"])
    for cohort in told["cohorts"]:
        if cohort["size"] == 0:
            continue
        of = {"cohort": cohort["start"], **meant(group)}
        sizes += len(who(api, "retention", question, **of))
        for period in range(len(cohort["returned"])):
            returned[period] += len(who(api, "retention", question, **of, period=period, returned=True))
    assert (sizes, returned) == (group["size"], group["returned"])
    everybody = who(api, "retention", question, **meant(group))
    if question["cohorts"] == "first":
        assert len(everybody) == group["size"]
        for period, count in enumerate(group["returned"]):
            assert len(who(api, "retention", question, **meant(group), period=period, returned=True)) == count


def test_who_is_behind_a_cohort_are_those_who_began_then_and_came_back(api, world):
    question = {**RANGE, "start": {"event": VIEWED}, "return": {"event": ORDERED}, "unit": "week", "periods": 4}
    began, came = defaultdict(set), defaultdict(set)
    for user, events in by_user(world).items():
        views = [event.at for event in events if event.name == VIEWED]
        if not views:
            continue
        cohort = monday(views[0])
        began[cohort].add(user)
        for event in events:
            if event.name == ORDERED and event.at >= views[0]:
                came[cohort, (monday(event.at) - cohort).days // 7].add(user)
    for cohort, members in began.items():
        assert who(api, "retention", question, cohort=shown(cohort)) == members
        for period in range(4):
            point = {"cohort": shown(cohort), "period": period}
            assert who(api, "retention", question, **point, returned=True) == came[cohort, period]


def test_nobody_stayed_away_in_a_period_that_has_not_begun(hearth, api, tracker):
    # In this week or in the last one, so that at the most two weeks have begun for them.
    moment = datetime.now(timezone.utc) - 3 * DAY
    tracker.batch([Event(user, VIEWED, moment).call() for user in ("li", "bai")] + [Event("li", ORDERED, moment + HOUR).call()])
    wait_for_equal(lambda: set(api.by_user()), {"li", "bai"}, 20, "the members appear")
    hearth.wait_until_idle()
    question = {"start": {"event": VIEWED}, "return": {"event": ORDERED}, "unit": "week", "periods": 5, "zone": "UTC"}
    [cohort] = [cohort for cohort in ask(api, "retention", question)["cohorts"] if cohort["size"]]
    assert cohort["size"] == 2 and len(cohort["returned"]) <= 2
    for period in range(5):
        stayed_away = who(api, "retention", question, cohort=cohort["start"], period=period, returned=False)
        begun = period < len(cohort["returned"])
        assert len(stayed_away) == (cohort["size"] - cohort["returned"][period] if begun else 0), period


# Trends ----------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("unit", ["day", "week", "month"])
def test_each_number_of_a_trend_has_its_members_behind_it(api, world, unit):
    series = [
        {"name": "members", "event": VIEWED, "measure": "members"}, {"name": "events", "event": VIEWED, "measure": "events"},
        {"name": "anything", "measure": "members"}, {"name": "active", "measure": "members_7d"},
        {"name": "buyers", "event": ORDERED, "where": [{"property": "revenue", "op": "gt", "value": 5}], "measure": "members"},
    ]
    for by, span in product(BREAKDOWNS, (PART,) if unit == "day" else (RANGE, PART)):
        question = {**span, "series": series, "unit": unit, "by": by, "top": 2, "formulas": [{"name": "F", "expression": "members * 2"}]}
        totals = {}
        for line in ask(api, "trend", question)["series"]:
            group = {} if by is None else meant({"key": line["group"], "rest": line["rest"]})
            for point in line["points"]:
                number = {"series": line["name"], "t": point["t"], **group}
                total = behind(api, "trend", question, number, limit=1)["total"]
                totals[line["name"], point["t"], str(group)] = total
                if line["name"] == "F":
                    assert total == 0, "a formula has no members of its own"
                elif line["name"] != "events":
                    assert total == point["value"], (number, question)
        for (name, t, group), total in totals.items():
            if name == "events":
                assert total == totals["members", t, group]


def test_who_is_behind_a_point_of_a_trend_are_those_who_did_it_then(api, world):
    for unit, begin_of in BEGIN_OF.items():
        question = {**PART, "series": [{"event": VIEWED, "measure": "members"}], "unit": unit}
        did = defaultdict(set)
        for event in within(world, PART):
            if event.name == VIEWED:
                did[shown(begin_of(event.at))].add(event.user)
        [line] = ask(api, "trend", question)["series"]
        assert {point["t"]: point["value"] for point in line["points"] if point["value"]} == {t: len(users) for t, users in did.items()}
        for point in line["points"]:
            assert who(api, "trend", question, series="A", t=point["t"]) == did[point["t"]]


# Paths -----------------------------------------------------------------------------------------------------------

PATHS = {
    "from the beginning": {}, "no more than three": {"depth": 3}, "each event": {"collapse": False, "depth": 4},
    "after": {"anchor": {"event": ADDED, "side": "after"}}, "before": {"anchor": {"event": ORDERED, "side": "before"}, "depth": 4},
    "only": {"only": [VIEWED, ORDERED]}, "without": {"without": [TASTED], "anchor": {"event": TASTED, "side": "before"}}, "a part": PART,
}


def walks(events, question):
    """By member, the names of the events of his way in the order of its steps."""
    found = {}
    anchor, depth = question.get("anchor"), question.get("depth", 5)
    for user, his in by_user(within(events, question)).items():
        names = [
            event.name for event in his
            if (event.name in question.get("only", NAMES) and event.name not in question.get("without", []))
            or (anchor and event.name == anchor["event"])
        ]
        if anchor:
            if anchor["event"] not in names:
                continue
            place = names.index(anchor["event"])
            names = names[place:] if anchor["side"] == "after" else names[place::-1]
        if question.get("collapse", True):
            names = [name for nth, name in enumerate(names) if nth == 0 or names[nth - 1] != name]
        if names:
            found[user] = names[:depth]
    return found


def test_each_node_link_and_way_of_a_path_has_its_members_behind_it(api, world):
    for variant, top in product(PATHS.values(), (10, 2, 1)):
        question = {**RANGE, "top": top, **variant}
        told, expected = ask(api, "path", question), walks(world, question)
        assert told["members"] == len(expected) > 0
        kept = {(node["step"], node["event"]) for node in told["nodes"] if not node["rest"]}

        def at(walk, step):
            """What a member's walk has at a step, as the answer tells it: a name, "rest" or nothing."""
            if len(walk) < step:
                return None
            return walk[step - 1] if (step, walk[step - 1]) in kept else "rest"

        for node in told["nodes"]:
            wanted = "rest" if node["rest"] else node["event"]
            members = {user for user, walk in expected.items() if at(walk, node["step"]) == wanted}
            point = {"step": node["step"], "event": node["event"], "rest": node["rest"]}
            assert who(api, "path", question, **point) == members and len(members) == node["members"], (point, question)
        for link in told["links"]:
            begin, end = link["from"] or "rest", None if link["exit"] else link["to"] or "rest"
            members = {
                user for user, walk in expected.items()
                if at(walk, link["step"]) == begin and at(walk, link["step"] + 1) == end
            }
            to = {"exit": True} if link["exit"] else {"event": link["to"], "rest": link["to"] is None}
            point = {"step": link["step"], "event": link["from"], "rest": link["from"] is None, "next": to}
            assert who(api, "path", question, **point) == members and len(members) == link["members"], (point, question)
        is_back = question.get("anchor", {}).get("side") == "before"
        ways = Counter(tuple(walk[::-1] if is_back else walk) for walk in expected.values())
        assert {tuple(way["events"]): way["members"] for way in told["ways"]} == ways
        for way in ways:
            members = {user for user, walk in expected.items() if tuple(walk[::-1] if is_back else walk) == way}
            assert who(api, "path", question, way=list(way)) == members


# Distributions ---------------------------------------------------------------------------------------------------

AMOUNTS = {
    "count": lambda events, _: len(events),
    "days": lambda events, _: len({midnight(event.at) for event in events}),
    "sum": lambda _, numbers: sum(numbers) if numbers else None,
    "avg": lambda _, numbers: sum(numbers) / len(numbers) if numbers else None,
}


def test_each_bucket_of_a_distribution_has_its_members_behind_it(api, world):
    for measure, by in product(AMOUNTS, BREAKDOWNS):
        more = {"property": "revenue"} if measure in ("sum", "avg") else {}
        for buckets, (span, event) in product(([0, 3, 10, 40], [-100, 1], None), ((RANGE, None), (PART, VIEWED))):
            question = {**span, "event": event, "measure": measure, "buckets": buckets, "by": by, "top": 2, **more}
            told = ask(api, "distribution", question)
            amounts = {}
            for user, his in by_user(within(world, question)).items():
                his = [one for one in his if event in (None, one.name)]
                numbers = [one.properties["revenue"] for one in his if "revenue" in one.properties]
                amount = AMOUNTS[measure](his, numbers) if his else None
                if amount is not None:
                    amounts[user] = amount
            assert told["members"] == len(amounts)
            assert any(bucket["from"] is None for bucket in told["buckets"]) == (
                bool(buckets) and any(amount < buckets[0] for amount in amounts.values()))
            for nth, bucket in enumerate(told["buckets"]):
                low = float("-inf") if bucket["from"] is None else bucket["from"]
                high = float("inf") if bucket["to"] is None else bucket["to"]
                members = {user for user, amount in amounts.items() if low <= amount < high}
                assert who(api, "distribution", question, bucket=nth) == members and len(members) == bucket["members"]
            for group in told["groups"]:
                for nth, bucket in enumerate(group["buckets"]):
                    point = {"bucket": nth, **meant(group)}
                    total = behind(api, "distribution", question, point)["total"]
                    assert total == bucket["members"], (point, question)
            assert behind(api, "distribution", question, {"bucket": len(told["buckets"])})["total"] == 0


# Times from one event to the next --------------------------------------------------------------------------------

def test_each_bucket_of_times_has_its_members_behind_it(api, world):
    for most, (first, then) in product((None, "P3D"), ((VIEWED, ORDERED), (VIEWED, VIEWED), (None, ORDERED))):
        question = {**PART, "first": {"event": first}, "then": {"event": then}, "within": most}
        told = ask(api, "interval", question)
        times = defaultdict(list)
        for user, his in by_user(within(world, question)).items():
            begun = None
            for event in his:
                if event.name == then and begun is not None:
                    if most is None or event.at - begun <= 3 * DAY:
                        times[user].append((event.at - begun).total_seconds())
                    begun = None
                if first in (None, event.name):
                    begun = event.at
        assert (told["members"], told["pairs"]) == (len(times), sum(map(len, times.values())))
        assert who(api, "interval", question) == set(times)
        for bucket in told["buckets"]:
            low, high = bucket["from_seconds"], bucket["to_seconds"]
            inside = {
                user: [time for time in his if low <= time and (high is None or time < high)] for user, his in times.items()
            }
            assert sum(map(len, inside.values())) == bucket["pairs"]
            point = {"from_seconds": low, "to_seconds": high}
            assert who(api, "interval", question, **point) == {user for user, his in inside.items() if his}


# Life cycles -----------------------------------------------------------------------------------------------------

def test_each_state_of_a_life_cycle_has_its_members_behind_it(api, world):
    for unit, event, span in product(("day", "week"), (None, VIEWED), (RANGE, PART)):
        begin_of, length = BEGIN_OF[unit], DAY if unit == "day" else 7 * DAY
        question = {**span, "event": event, "unit": unit}
        until = datetime.fromisoformat(span["to"].replace("Z", "+00:00")).replace(tzinfo=timezone.utc)
        active = defaultdict(set)
        for one in world:
            if event in (None, one.name) and one.at < until:
                active[one.user].add(begin_of(one.at))
        points = ask(api, "lifecycle", question)["points"]
        assert sum(point["new"] for point in points) > 0
        for point in points:
            now = datetime.fromisoformat(point["t"].replace("Z", "+00:00"))
            expected = defaultdict(set)
            for user, periods in active.items():
                before = (now - length) in periods
                if now in periods:
                    earlier = any(period < now for period in periods)
                    expected["returning" if before else "resurrected" if earlier else "new"].add(user)
                elif before:
                    expected["dormant"].add(user)
            for state in ("new", "returning", "resurrected", "dormant"):
                assert point[state] == len(expected[state]), (point, question)
                if unit == "week" or point[state]:
                    assert who(api, "lifecycle", question, t=point["t"], state=state) == expected[state]


# Attributions ----------------------------------------------------------------------------------------------------

def owed_to(touches, model):
    """Which of some touches, in their order, a conversion is owed to."""
    return {"first": touches[:1], "last": touches[-1:]}.get(model, touches)


def test_each_touch_of_an_attribution_has_its_members_behind_it(api, world):
    for model, touch_by in product(("first", "last", "linear", "position", "time_decay"), ("shop", None)):
        kinds = [VIEWED] if touch_by else [VIEWED, TASTED]
        question = {
            **PART, "conversion": {"event": ORDERED, "value": "revenue"}, "touches": [{"event": kind} for kind in kinds],
            "touch_by": touch_by, "model": model, "within": "P4D",
        }
        expected, unattributed, converted = defaultdict(set), set(), set()
        conversions = [event for event in within(world, question) if event.name == ORDERED]
        for user, his in by_user(world).items():
            for place, event in enumerate(his):
                if event not in conversions:
                    continue
                converted.add(user)
                touches = [one for one in his[:place] if one.name in kinds and event.at - one.at <= 4 * DAY]
                for touch in owed_to(touches, model):
                    expected[touch.properties.get("shop") if touch_by else touch.name].add(user)
                if not touches:
                    unattributed.add(user)
        told = ask(api, "attribution", question)
        assert told["conversions"] == len(conversions)
        assert {touch["key"] for touch in told["touches"]} == set(expected)
        for touch in told["touches"]:
            assert who(api, "attribution", question, key=touch["key"]) == expected[touch["key"]], (touch, question)
        assert who(api, "attribution", question, unattributed=True) == unattributed
        assert who(api, "attribution", question) == converted
        assert who(api, "attribution", question, key="a shop that there is not") == set()


def test_every_question_is_answered_before_anything_has_happened(api):
    wrong = []
    for kind, question, point in [
        ("funnel", FUNNEL, {"step": 1}), ("retention", RETENTION, {"cohort": WEEK}), ("trend", TREND, {"series": "A", "t": WEEK}), ("path", RANGE, {"way": [VIEWED]}),
        ("distribution", SPREAD, {"bucket": 0}), ("interval", {**RANGE, "first": STEPS[0], "then": STEPS[2]}, {}),
        ("lifecycle", {**RANGE, "unit": "week"}, {"t": WEEK, "state": "new"}), ("attribution", ATTRIBUTION, {}),
    ]:
        asked = [api.send("POST", f"/api/v1/insight/{kind}", json=question),
                 api.send("POST", "/api/v1/insight/members", json={"kind": kind, "question": question, "point": point})]
        wrong += [(kind, answer.text) for answer in asked if answer.status_code != 200]
        assert asked[1].status_code != 200 or asked[1].json() == {"items": [], "total": 0, "next": None}
    assert wrong == [], wrong


# Pages, and numbers that there are not ---------------------------------------------------------------------------

def test_pages_lead_to_the_end_in_whichever_size(api, world):
    question, point = {**RANGE, "steps": [{"event": None}]}, {"step": 1}
    whole = behind(api, "funnel", question, point)
    ids = [item["id"] for item in whole["items"]]
    assert whole["total"] == len(ids) == 16 and ids == sorted(ids, reverse=True), "newest first"
    for limit in (1, 3, 8, 15, 16, 17, 200):
        found, cursor = [], None
        while True:
            page = behind(api, "funnel", question, point, limit=limit, cursor=cursor)
            assert page["total"] == 16 and 1 <= len(page["items"]) <= limit
            found += page["items"]
            cursor = page["next"]
            if cursor is None:
                break
            assert len(page["items"]) == limit
        assert found == whole["items"]
    listed = {member["id"]: member for member in api.all("/api/v1/members")}
    assert {item["id"]: set(item) for item in whole["items"]} == {id: set(member) for id, member in listed.items()}
    # A cursor only says where to go on.
    some = behind(api, "funnel", question, {"step": 1}, cursor=ids[4])
    assert [item["id"] for item in some["items"]] == ids[5:]
    assert behind(api, "funnel", question, point, cursor=ids[-1]) == {"items": [], "total": 16, "next": None}
    for page in ({"limit": 0}, {"limit": 201}):
        answer = api.send("POST", "/api/v1/insight/members", json={"kind": "funnel", "question": question, "point": point, **page})
        assert check_problem(answer, 422, "invalid_question")["errors"][0]["path"] == "limit"
    for page in ({"limit": -1}, {"limit": 1.5}, {"limit": "5"}, {"cursor": "nonsense"}, {"cursor": "seg_0000000000001"}, {"cursor": 5}):
        answer = api.send("POST", "/api/v1/insight/members", json={"kind": "funnel", "question": question, "point": point, **page})
        check_problem(answer, 422)


FUNNEL = {**RANGE, "steps": STEPS}
RETENTION = {**RANGE, "start": {"event": VIEWED}, "return": {"event": ORDERED}, "unit": "week", "periods": 3}
TREND = {**RANGE, "series": [{"event": VIEWED, "measure": "members"}], "unit": "week"}
ATTRIBUTION = {**RANGE, "conversion": {"event": ORDERED}, "touches": [{"event": VIEWED}]}
SPREAD = {**RANGE, "event": VIEWED, "measure": "count"}
WEEK = shown(BEGIN)
NO_SUCH_NUMBERS = [
    ("funnel", FUNNEL, {"step": 0}), ("funnel", FUNNEL, {"step": 4}), ("funnel", FUNNEL, {"step": 2**63, "reached": True}),
    ("funnel", FUNNEL, {"step": 0, "reached": False}), ("funnel", FUNNEL, {"step": 5, "reached": False}),
    ("funnel", FUNNEL, {"step": 1, "group": "north"}), ("funnel", FUNNEL, {"step": 1, "rest": True}),
    ("funnel", {**FUNNEL, "by": "shop"}, {"step": 1, "group": "no such shop"}), ("funnel", {**FUNNEL, "by": "shop"}, {"step": 1, "rest": True}),
    ("funnel", {**FUNNEL, "by": {"trait": "city"}}, {"step": 1, "group": "Atlantis"}),
    ("retention", RETENTION, {"cohort": "2026-03-03T00:00:00.000Z"}), ("retention", RETENTION, {"cohort": "1999-01-04T00:00:00.000Z"}),
    ("retention", RETENTION, {"cohort": WEEK, "period": 3, "returned": True}),
    ("retention", RETENTION, {"cohort": WEEK, "period": 3, "returned": False}),
    ("retention", RETENTION, {"cohort": WEEK, "period": 99}), ("retention", RETENTION, {"cohort": WEEK, "group": "north"}),
    ("trend", TREND, {"series": "B", "t": WEEK}), ("trend", TREND, {"series": "", "t": WEEK}),
    ("trend", TREND, {"series": "A", "t": "2026-03-03T00:00:00.000Z"}), ("trend", TREND, {"series": "A", "t": "2025-03-03T00:00:00.000Z"}),
    ("trend", TREND, {"series": "A", "t": WEEK, "group": "north"}), ("trend", TREND, {"series": "A", "t": WEEK, "rest": True}),
    ("path", RANGE, {}), ("path", RANGE, {"step": 0, "event": VIEWED}), ("path", RANGE, {"step": 6, "event": VIEWED}),
    ("path", RANGE, {"step": 2**63, "event": VIEWED}), ("path", RANGE, {"step": 1}), ("path", RANGE, {"step": 1, "event": "Nothing"}),
    ("path", RANGE, {"step": 1, "rest": True}), ("path", RANGE, {"step": 5, "event": VIEWED, "next": {"event": VIEWED}}),
    ("path", RANGE, {"way": []}), ("path", RANGE, {"way": ["Nothing"]}), ("path", RANGE, {"way": [VIEWED] * 50}),
    ("path", RANGE, {"step": 1, "event": VIEWED, "next": {}}),
    ("distribution", SPREAD, {"bucket": 99}), ("distribution", SPREAD, {"bucket": 2**63}), ("distribution", SPREAD, {"bucket": 2**64 - 1}),
    ("distribution", SPREAD, {"bucket": 0, "group": "north"}), ("distribution", SPREAD, {"bucket": 0, "rest": True}),
    ("interval", {**RANGE, "first": STEPS[0], "then": STEPS[2]}, {"from_seconds": 5, "to_seconds": 1}),
    ("interval", {**RANGE, "first": STEPS[0], "then": STEPS[2]}, {"from_seconds": -9, "to_seconds": -5}),
    ("lifecycle", {**RANGE, "unit": "week"}, {"t": "2026-03-03T00:00:00.000Z", "state": "new"}),
    ("lifecycle", {**RANGE, "unit": "week"}, {"t": "2025-01-06T00:00:00.000Z", "state": "new"}),
    ("attribution", ATTRIBUTION, {"key": None}), ("attribution", ATTRIBUTION, {"key": ORDERED}), ("attribution", ATTRIBUTION, {"rest": True}),
    ("attribution", ATTRIBUTION, {"key": VIEWED, "rest": True}),
]
NO_NUMBERS_AT_ALL = [
    ("funnel", FUNNEL, {}), ("funnel", FUNNEL, {"step": -1}), ("funnel", FUNNEL, {"step": "1"}), ("funnel", FUNNEL, {"step": 1.5}),
    ("funnel", FUNNEL, {"step": 1, "bogus": 1}), ("funnel", FUNNEL, None), ("funnel", FUNNEL, []), ("funnel", FUNNEL, "1"),
    ("funnel", FUNNEL, {"step": 1, "reached": "yes"}), ("funnel", FUNNEL, {"step": 2**70}),
    ("funnel", None, {"step": 1}), ("funnel", {"steps": []}, {"step": 1}), ("funnel", {**FUNNEL, "bogus": 1}, {"step": 1}),
    ("funnel", {**FUNNEL, "by": {"trait": ""}}, {"step": 1}), ("funnel", TREND, {"step": 1}),
    ("retention", RETENTION, {"cohort": "Monday"}), ("retention", RETENTION, {"period": -1}),
    ("trend", TREND, {"series": "A"}), ("trend", TREND, {"t": WEEK}), ("trend", TREND, {"series": "A", "t": "soon"}),
    ("path", RANGE, {"way": VIEWED}), ("path", RANGE, {"step": 1, "event": VIEWED, "next": {"bogus": 1}}),
    ("distribution", SPREAD, {}), ("distribution", SPREAD, {"bucket": -1}), ("distribution", SPREAD, {"bucket": 1e400}),
    ("interval", {**RANGE, "first": STEPS[0], "then": STEPS[2]}, {"from_seconds": "5"}),
    ("lifecycle", RANGE, {"t": WEEK}), ("lifecycle", RANGE, {"t": WEEK, "state": "old"}),
    ("attribution", ATTRIBUTION, {"key": 5}), ("attribution", ATTRIBUTION, {"touch": VIEWED}),
    ("sql", {}, {}), (None, FUNNEL, {"step": 1}),
]


KINDS = sorted({kind for kind, _, _ in NO_SUCH_NUMBERS})


@pytest.mark.parametrize("kind", KINDS)
def test_nobody_is_behind_a_number_that_there_is_not(api, world, kind):
    wrong = []
    for asked, question, point in NO_SUCH_NUMBERS:
        if asked != kind:
            continue
        answer = api.send("POST", "/api/v1/insight/members", json={"kind": kind, "question": question, "point": point})
        if answer.status_code == 422:
            check_problem(answer, code="invalid_question")
        elif answer.status_code != 200 or answer.json()["total"] != 0 or answer.json()["items"]:
            wrong.append((point, answer.status_code, answer.json().get("total")))
    assert wrong == [], wrong


def test_what_names_no_number_is_a_problem(api, world):
    wrong = []
    for kind, question, point in NO_NUMBERS_AT_ALL:
        # Python writes a number that is out of range as a name that JSON does not have.
        body = json.dumps({"kind": kind, "question": question, "point": point}).replace("Infinity", "1e400")
        answer = api.send("POST", "/api/v1/insight/members", data=body, headers={"Content-Type": "application/json"})
        if 400 <= answer.status_code < 500:
            check_problem(answer)
        else:
            wrong.append((kind, point, answer.status_code, answer.text[:200]))
    assert wrong == [], wrong
    answer = api.send("POST", "/api/v1/insight/members", json={"kind": "funnel", "question": {"steps": [{"event": "", "where": 5}]}, "point": {"step": 1}})
    assert check_problem(answer, 422, "invalid_question")["errors"][0]["path"].endswith("steps[0].event")
    whole = {"kind": "funnel", "question": FUNNEL, "point": {"step": 1}}
    for change in ({"kind": None}, {"question": ...}, {"point": ...}):
        body = {name: value for name, value in {**whole, **change}.items() if value is not ...}
        check_problem(api.send("POST", "/api/v1/insight/members", json=body), 422)


def test_a_number_has_no_other_fields_than_its_own(api, world):
    whole = {"kind": "funnel", "question": FUNNEL, "point": {"step": 1}}
    taken = []
    for address, body in [("members", {**whole, "bogus": 1}), ("members", {**whole, "Limit": 1}), ("members/segment", {**whole, "name": "kept", "bogus": 1})]:
        answer = api.send("POST", f"/api/v1/insight/{address}", json=body)
        if answer.status_code == 422:
            check_problem(answer, 422, "invalid_body")
        else:
            taken.append((address, set(body) - set(whole), answer.status_code))
    assert taken == [], taken
