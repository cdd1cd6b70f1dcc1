"""Funnels, by trying every event as the first step."""

from bisect import bisect_left
from collections import Counter

from .comparison import picks
from .scope import Scope, length, mean, percentile, seconds


def funnel(world, body):
    scope = Scope(world, body)
    filters, group_of = body["steps"], scope.breakdown()
    members = []
    for member, history in scope.within().items():
        masks = [frozenset(step for step, filter in enumerate(filters) if picks(filter, event)) for event in history]
        level, times = Funnel(body, history, masks).reached()
        if level:
            first = next(event for event, mask in zip(history, masks) if 0 in mask)
            members.append((level, times, group_of(member, first) if group_of else None))
    groups = []
    if group_of:
        names = scope.ranked(Counter(group for _, _, group in members))
        for key, rest in dict.fromkeys(names.values()):
            groups.append({"key": key, "rest": rest, "steps": steps_of(body, [m for m in members if names[m[2]] == (key, rest)])})
    whole = [times[-1] for level, times, _ in members if level == len(filters)]
    convert = {"members": len(whole), "median_seconds": seconds(percentile(whole, 50)), "average_seconds": seconds(mean(whole)),
               "p90_seconds": seconds(percentile(whole, 90)), "buckets": spread(whole, "members")}
    return {"steps": steps_of(body, members), "groups": groups, "time_to_convert": convert}


def steps_of(body, members):
    found, before, first = [], None, None
    for step, filter in enumerate(body["steps"]):
        here = [times[step] for level, times, _ in members if level > step]
        first = len(here) if first is None else first
        found.append({
            "event": filter["event"], "members": len(here), "of_first": len(here) / first if first else 0,
            "of_previous": len(here) / before if before else float(before is None and bool(here)),
            "median_seconds": seconds(percentile(here, 50)) if step else None,
            "average_seconds": seconds(mean(here)) if step else None,
        })
        before = len(here)
    return found


def spread(times, how_many):
    """All in one bucket."""
    return [{"from_seconds": 0, "to_seconds": None, how_many: len(times)}] if times else []


class Funnel:
    """One member's way through the steps; `masks` says which steps each event can be."""

    def __init__(self, body, history, masks):
        self.body, self.masks, self.steps = body, masks, len(body["steps"])
        self.times = [event.t for event in history]
        self.window = length(body["within"])
        self.places = [[place for place, mask in enumerate(masks) if step in mask] for step in range(self.steps)]
        self.excluded = [
            (one["after"], one["before"], [event.t for event in history if picks(one, event)]) for one in body.get("exclude") or []
        ]

    def reached(self):
        """How many steps, and for each how long it took when it was first reached, from the latest beginning."""
        if self.body["mode"] == "any":
            return self.reached_in_any_order(), [0] * self.steps
        earliest = [None] * self.steps
        for first in self.places[0]:
            ends = self.strict(first) if self.body["mode"] == "strict" else self.ordered(first)
            for step, end in enumerate(ends):
                candidate = (end, -self.times[first])
                if end is not None and (earliest[step] is None or candidate < earliest[step]):
                    earliest[step] = candidate
        level = sum(end is not None for end in earliest)
        return level, [end[0] + end[1] if end else None for end in earliest]

    def strict(self, first):
        """Directly one after the other, nothing in between."""
        ends = []
        for step in range(self.steps):
            place = first + step
            if place >= len(self.times) or step not in self.masks[place] or self.times[place] - self.times[first] > self.window:
                break
            ends.append(self.times[place])
        return ends

    def ordered(self, first):
        """When each step is reached at the earliest, from this first one."""
        ends = [None] * self.steps

        def follow(chain):
            step = len(chain)
            at = self.times[chain[-1]]
            ends[step - 1] = at if ends[step - 1] is None else min(ends[step - 1], at)
            if step == self.steps:
                return
            tried = set()
            for place in self.candidates(step, chain):
                kind = (self.times[place], self.masks[place])
                if kind not in tried and not self.is_excluded([*chain, place]):
                    tried.add(kind)
                    follow([*chain, place])

        follow([first])
        return ends

    def candidates(self, step, chain):
        """Events for the next step. Without exclusions only those of the earliest moment: later ones lead no further."""
        start = bisect_left(self.times, self.times[chain[-1]])
        places = self.places[step]
        earliest = None
        for place in places[bisect_left(places, start):]:
            if place in chain:
                continue
            at = self.times[place]
            if at - self.times[chain[0]] > self.window or (not self.excluded and earliest is not None and at > earliest):
                return
            earliest = at if earliest is None else earliest
            yield place

    def is_excluded(self, chain):
        for after, before, moments in self.excluded:
            if len(chain) > after:
                start, end = self.times[chain[after - 1]], self.times[chain[min(len(chain), before) - 1]]
                if any(start < at < end for at in moments):
                    return True
        return False

    def reached_in_any_order(self):
        level = 0
        for start in sorted(set(self.times)):
            while level < self.steps and self.is_together(start, level + 1):
                level += 1
        return level

    def is_together(self, start, steps):
        """Whether each of the first steps can be given an event of its own within the window."""
        near = []
        for places in self.places[:steps]:
            # As many as there are steps are enough to choose from.
            near.append([place for place in places if start <= self.times[place] <= start + self.window][:steps])

        def give(step, taken):
            return step == steps or any(give(step + 1, taken | {place}) for place in near[step] if place not in taken)

        return give(0, frozenset())
