"""Measures by period."""

import ast
import operator
from bisect import bisect_right
from datetime import timedelta

from .comparison import number, picks
from .scope import Scope, mean, midnight, percentile, told

OPERATORS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}
NUMBERS = {"sum": sum, "avg": mean, "min": lambda n: min(n, default=None), "max": lambda n: max(n, default=None)}


def trend(world, body):
    scope = Scope(world, body)
    spans = scope.periods(body["unit"]), scope.start, scope.end
    answers = computed(scope, body, *spans)
    if body.get("previous"):
        before = computed(scope, body, *earlier(scope, body))
        for one, other in zip(answers, before):
            one["previous"] = {"total": other["total"], "points": other["points"]}
    return {"series": answers}


def earlier(scope, body):
    """The range of as many days directly before, or the same days of the year before."""
    first, last = scope.day(scope.start), scope.day(scope.end)
    if body["previous"] == "year":
        first, last = first.replace(year=first.year - 1), last.replace(year=last.year - 1)
    else:
        first, last = first - (last - first), first
    start, end = midnight(first, scope.zone), midnight(last, scope.zone)
    return scope.periods(body["unit"], start, end), start, end


def computed(scope, body, begins, start, end):
    found = []
    for series in body["series"]:
        # Everything up to the end, since a window that slides also looks at what was before.
        events = [(member, event) for member, history in scope.histories.items() for event in history if picks(series, event)]
        inside = [(member, event) for member, event in events if start <= event.t < end]
        group_of = scope.breakdown()
        if not group_of:
            found.append(line(scope, series, inside, events, begins, body["unit"]))
            continue
        weights = {}
        for member, event in inside:
            group = group_of(member, event)
            weights[group] = weights.get(group, 0) + 1
        names = scope.ranked(weights)
        for key, rest in dict.fromkeys(names.values()):
            own = [(member, event) for member, event in inside if names[group_of(member, event)] == (key, rest)]
            found.append({**line(scope, series, own, None, begins, body["unit"]), "group": key, "rest": rest})
    for formula in body.get("formulas") or []:
        tree = ast.parse(formula["expression"], mode="eval").body
        points = [
            {"t": told(begin), "value": result(tree, {one["name"]: one["points"][place]["value"] for one in found})}
            for place, begin in enumerate(begins)
        ]
        total = result(tree, {one["name"]: one["total"] for one in found})
        found.append({"name": formula["name"], "group": None, "rest": False, "points": points, "total": total})
    return found


def line(scope, series, inside, everything, begins, unit):
    if series["measure"] in ("members_7d", "members_30d"):
        values, total = [active(scope, series, everything, scope.next(begin, unit)) for begin in begins], None
    else:
        by_period = [[] for _ in begins]
        for member, event in inside:
            by_period[bisect_right(begins, event.t) - 1].append((member, event))
        values, total = [measured(series, events) for events in by_period], measured(series, inside)
    points = [{"t": told(begin), "value": value} for begin, value in zip(begins, values)]
    return {"name": series["name"], "group": None, "rest": False, "points": points, "total": total}


def active(scope, series, events, end):
    """Different members in the days that end then."""
    days = 7 if series["measure"] == "members_7d" else 30
    start = midnight(scope.day(end) - timedelta(days=days), scope.zone)
    return len({member for member, event in events if start <= event.t < end})


def measured(series, events):
    measure = series["measure"]
    if measure == "events":
        return len(events)
    members = len({member for member, _ in events})
    if measure == "members":
        return members
    if measure == "per_member":
        return len(events) / members if members else None
    numbers = [value for _, event in events if (value := number(event.properties, series["property"])) is not None]
    return percentile(numbers, int(measure[1:])) if measure[0] == "p" else NUMBERS[measure](numbers)


def result(tree, values):
    """The value of an expression; nothing where a part has none or something is divided by nothing."""
    if isinstance(tree, ast.Constant):
        return tree.value
    if isinstance(tree, ast.Name):
        return values[tree.id]
    if isinstance(tree, ast.UnaryOp):
        operand = result(tree.operand, values)
        return None if operand is None else -operand
    left, right = result(tree.left, values), result(tree.right, values)
    if left is None or right is None or (isinstance(tree.op, ast.Div) and right == 0):
        return None
    return OPERATORS[type(tree.op)](left, right)
