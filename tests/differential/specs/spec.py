"""What a question of this suite is."""

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Callable
from zoneinfo import ZoneInfo

SECOND, MINUTE, HOUR, DAY = 1_000, 60_000, 3_600_000, 86_400_000
SPECS = []


@dataclass(frozen=True)
class Spec:
    """A question: the body for our API, and a query for each table of the answer that is compared."""

    kind: str
    name: str
    ask: Callable

    @property
    def path(self):
        return "/api/v1/segments/preview" if self.kind == "preview" else f"/api/v1/insight/{self.kind}"

    def __str__(self):
        return f"{self.kind}-{self.name}"


def question(kind):
    """Puts a function into the list. It is given the words of a data set and returns body and queries."""

    def note(function):
        SPECS.append(Spec(kind, function.__name__, function))
        return function

    return note


def top_and_rest(query, value, top):
    """From rows with a group and a number: the groups with the largest numbers as they are, the others as one.

    Among equal ones those come first whose text is the smaller; "no value" comes before all texts.
    """
    return (
        f"SELECT if(place <= {top}, g, NULL) AS `group`, place > {top} AS rest, {value} FROM "
        f"(SELECT *, row_number() OVER (ORDER BY weight DESC, isNull(g) DESC, g) AS place FROM ({query})) GROUP BY `group`, rest"
    )


def period(unit, zone, of="time"):
    """When the period of a moment began, in milliseconds."""
    begin = {
        "hour": f"toStartOfHour({of}, '{zone}')",
        "day": f"toStartOfDay({of}, '{zone}')",
        "week": f"toDateTime(toStartOfWeek({of}, 1, '{zone}'), '{zone}')",
        "month": f"toDateTime(toStartOfMonth({of}, '{zone}'), '{zone}')",
    }[unit]
    return f"(toInt64(toUnixTimestamp({begin})) * 1000)"


def begins(start, end, unit, zone, more=0):
    """When the periods begin that have a moment from `start` on and before `end`, and so many after them."""
    place = ZoneInfo(zone)
    first = datetime.fromtimestamp(start / 1000, timezone.utc)
    found = []
    if unit == "hour":
        moment = start - start % HOUR
        while moment < end or more:
            more -= moment >= end
            found.append(moment)
            moment += HOUR
        return found
    day = first.astimezone(place).date()
    if unit == "week":
        day -= timedelta(days=day.weekday())
    if unit == "month":
        day = day.replace(day=1)
    while True:
        moment = round(datetime(day.year, day.month, day.day, tzinfo=place).timestamp() * 1000)
        if moment >= end:
            more -= 1
            if more < 0:
                return found
        found.append(moment)
        if unit == "month":
            day = (day + timedelta(days=32)).replace(day=1)
        else:
            day += timedelta(days=7 if unit == "week" else 1)
