"""Who comes back."""

from .comparison import picks
from .scope import Scope, told


def retention(world, body):
    scope = Scope(world, body)
    unit, how_many, rolling = body["unit"], body["periods"], body["back"] == "rolling"
    cohorts = scope.periods(unit)
    bounds = scope.periods(unit, end=max(scope.end, scope.now), more=how_many + 2)
    place_of = {begin: place for place, begin in enumerate(bounds)}
    group_of = scope.breakdown()
    # Who began where: member, cohort, group, and after how many periods he came back.
    beginnings = []
    for member, history in scope.histories.items():
        starts = {}
        for event in history:
            if scope.start <= event.t < scope.end and picks(body["start"], event):
                starts.setdefault(place_of[scope.begin_of(event.t, unit)], event)
        returns = [
            (place_of[scope.begin_of(event.t, unit)], event.t)
            for event in history
            if scope.start <= event.t <= scope.now and picks(body["return"], event)
        ]
        chosen = starts if body["cohorts"] == "each" else list(starts)[:1]
        for cohort in chosen:
            after = {place - cohort for place, t in returns if place > cohort or (place == cohort and t >= starts[cohort].t)}
            if rolling and after:
                after = set(range(max(after) + 1))
            beginnings.append((cohort, group_of(member, starts[cohort]) if group_of else None, after))

    def begun(cohort):
        """How many of its periods have begun."""
        return sum(bounds[cohort + k] <= scope.now for k in range(how_many))

    def complete(cohort):
        return sum(bounds[cohort + k + 1] <= scope.now for k in range(how_many))

    def returned(of, k):
        return sum(k in after and k < begun(cohort) for cohort, _, after in of)

    def average(of, periods):
        shares = []
        for k in range(periods):
            over = [after for cohort, _, after in of if k < complete(cohort)]
            shares.append(sum(k in after for after in over) / len(over) if over else None)
        return shares

    followed = max((begun(cohort) for cohort in range(len(cohorts))), default=0)
    rows = []
    for cohort, begin in enumerate(cohorts):
        own = [beginning for beginning in beginnings if beginning[0] == cohort]
        counts = [returned(own, k) for k in range(begun(cohort))]
        rows.append({"start": told(begin), "size": len(own), "complete": complete(cohort), "returned": counts})
    groups = []
    if group_of:
        weights = {}
        for _, group, _ in beginnings:
            weights[group] = weights.get(group, 0) + 1
        names = scope.ranked(weights)
        for key, rest in dict.fromkeys(names.values()):
            own = [beginning for beginning in beginnings if names[beginning[1]] == (key, rest)]
            counts = [returned(own, k) for k in range(followed)]
            groups.append({"key": key, "rest": rest, "size": len(own), "returned": counts, "average": average(own, followed)})
    return {"cohorts": rows, "average": average(beginnings, followed), "groups": groups}
