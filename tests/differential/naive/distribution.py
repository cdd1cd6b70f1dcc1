"""How often, on how many days and how much."""

import math

from .comparison import number, picks
from .scope import Scope, mean, percentile


def distribution(world, body):
    scope = Scope(world, body)
    events = [(member, event) for member, history in scope.within().items() for event in history if picks(body, event)]
    group_of = scope.breakdown()
    groups = []
    if group_of:
        members = {}
        for member, event in events:
            members.setdefault(group_of(member, event), set()).add(member)
        names = scope.ranked({group: len(of) for group, of in members.items()})
        for key, rest in dict.fromkeys(names.values()):
            own = [(member, event) for member, event in events if names[group_of(member, event)] == (key, rest)]
            groups.append({"key": key, "rest": rest, **summary(scope, body, own)})
    return {**summary(scope, body, events), "groups": groups}


def summary(scope, body, events):
    by_member = {}
    for member, event in events:
        by_member.setdefault(member, []).append(event)
    values = [value for own in by_member.values() if (value := measured(scope, body, own)) is not None]
    bounds = body["buckets"] or []
    buckets = [
        {"from": start, "to": end, "members": sum(start <= value < (math.inf if end is None else end) for value in values)}
        for start, end in zip(bounds, [*bounds[1:], None])
    ]
    return {"members": len(values), "mean": mean(values), "median": percentile(values, 50), "p90": percentile(values, 90), "buckets": buckets}


def measured(scope, body, events):
    if body["measure"] == "count":
        return len(events)
    if body["measure"] == "days":
        return len({scope.day(event.t) for event in events})
    numbers = [value for event in events if (value := number(event.properties, body["property"])) is not None]
    if not numbers:
        return None
    return sum(numbers) if body["measure"] == "sum" else mean(numbers)
