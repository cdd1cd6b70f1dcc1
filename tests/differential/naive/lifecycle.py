"""New, returning, resurrected and dormant members."""

from .comparison import picks
from .scope import Scope, told


def lifecycle(world, body):
    scope = Scope(world, body)
    active = []
    for history in scope.histories.values():
        active.append({scope.begin_of(event.t, body["unit"]) for event in history if event.t < scope.end and picks(body, event)})
    points = []
    for begin in scope.periods(body["unit"]):
        before = scope.begin_of(begin - 1, body["unit"])
        counts = {"new": 0, "returning": 0, "resurrected": 0, "dormant": 0}
        for periods in active:
            if begin in periods:
                state = "returning" if before in periods else "resurrected" if any(period < begin for period in periods) else "new"
                counts[state] += 1
            elif before in periods:
                counts["dormant"] += 1
        ratio = (counts["new"] + counts["resurrected"]) / counts["dormant"] if counts["dormant"] else None
        points.append({"t": told(begin), **counts, "quick_ratio": ratio})
    return {"points": points}
