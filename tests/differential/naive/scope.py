"""What all questions share: range, members, events that count, calendar, groups."""

import re
from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from .comparison import passes, text
from .rules import members_of


class Scope:
    """The histories that a question is about."""

    def __init__(self, world, body):
        self.world, self.body = world, body
        self.zone = ZoneInfo(body.get("zone", world.words.zone))
        self.start, self.end = (moment(body[end], self.zone) for end in ("from", "to"))
        self.now = world.words.now
        members = set(world.traits)
        for field in ("segment", "group"):
            if body.get(field):
                members &= world.insiders[body[field]]
        if body.get("members"):
            members &= members_of(world, body["members"])
        self.histories = {member: list(filter(self.counts, world.events[member])) for member in members & set(world.events)}

    def counts(self, event):
        channel = self.body.get("channel")
        if channel and event.properties.get("channel") != channel:
            return False
        return not self.body.get("where") or all(passes(event.properties, test) for test in self.body["where"])

    def within(self):
        """By member, the events in the range, in order."""
        found = {}
        for member, history in self.histories.items():
            inside = [event for event in history if self.start <= event.t < self.end]
            if inside:
                found[member] = inside
        return found

    def periods(self, unit, start=None, end=None, more=0):
        """When the periods begin that the range touches, and so many after them."""
        begin = self.begin_of(self.start if start is None else start, unit)
        end = self.end if end is None else end
        found = []
        while begin < end or more > 0:
            more -= begin >= end
            found.append(begin)
            begin = self.next(begin, unit)
        return found

    def begin_of(self, at, unit):
        local = datetime.fromtimestamp(at / 1000, timezone.utc).astimezone(self.zone)
        if unit == "hour":
            return at - at % 3_600_000
        day = local.date()
        if unit == "week":
            day -= timedelta(days=day.weekday())
        if unit == "month":
            day = day.replace(day=1)
        return midnight(day, self.zone)

    def next(self, begin, unit):
        if unit == "hour":
            return begin + 3_600_000
        day = self.day(begin)
        if unit == "month":
            return midnight(date(day.year + day.month // 12, day.month % 12 + 1, 1), self.zone)
        return midnight(day + timedelta(days={"day": 1, "week": 7}[unit]), self.zone)

    def day(self, at):
        return datetime.fromtimestamp(at / 1000, timezone.utc).astimezone(self.zone).date()

    def breakdown(self):
        """A function of member and event that says to which group they belong; None for no breakdown."""
        by = self.body.get("by")
        if not by:
            return None
        if isinstance(by, dict) and "trait" in by:
            return lambda member, _: text(self.world.traits[member], by["trait"])
        name = by["property"] if isinstance(by, dict) else by
        return lambda _, event: text(event.properties, name)

    def ranked(self, weights):
        """For each group its name in the answer and whether it is the rest; those come first that weigh most."""
        order = sorted(weights, key=lambda group: (-weights[group], group is not None, group or ""))
        top = self.body.get("top", 10)
        return {group: (group, False) if place < top else (None, True) for place, group in enumerate(order)}


def moment(text, zone):
    """A moment, or the midnight of a date, in milliseconds."""
    if "T" not in text:
        return midnight(date.fromisoformat(text), zone)
    return round(datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1000)


def midnight(day, zone):
    return round(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp() * 1000)


def told(at):
    """A moment as the API writes it."""
    return (datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(milliseconds=at)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def length(period):
    """How long a period of days, hours, minutes and seconds is, in milliseconds."""
    days, hours, minutes, seconds = re.fullmatch(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?", period).groups()
    return (((int(days or 0) * 24 + int(hours or 0)) * 60 + int(minutes or 0)) * 60 + int(seconds or 0)) * 1000


def percentile(values, percent):
    """The value at place floor(percent × how many / 100), counted from 0, among the sorted ones; None of none."""
    return sorted(values)[min(percent * len(values) // 100, len(values) - 1)] if values else None


def mean(values):
    return sum(values) / len(values) if values else None


def seconds(value):
    return None if value is None else value / 1000
