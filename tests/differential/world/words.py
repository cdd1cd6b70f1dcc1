"""What a data set calls the things that the questions are about, as our API says it and as SQL says it."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Filter:
    """Some events: by their name and their properties for our API, and as a condition on a row of `events` in SQL."""

    event: str | None
    sql: str
    where: tuple = ()

    @property
    def body(self):
        return {"event": self.event, **({"where": list(self.where)} if self.where else {})}


def named(event):
    """All events of a name."""
    return Filter(event, f"name = {quoted(event)}")


def quoted(text):
    return "'" + str(text).replace("\\", "\\\\").replace("'", "\\'") + "'"


@dataclass(frozen=True)
class Range:
    """From a moment on, up to another which is not in it any more; both in milliseconds since 1970."""

    start: int
    end: int
    zone: str
    body: dict

    @property
    def sql(self):
        return f"(t >= {self.start} AND t < {self.end})"


def millis(moment):
    return round(moment.timestamp() * 1000)


def moments(start, end, zone="UTC"):
    """The range between two moments."""
    told = [moment.astimezone(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z") for moment in (start, end)]
    return Range(millis(start), millis(end), zone, {"from": told[0], "to": told[1], "zone": zone})


def dates(start, end, zone="UTC"):
    """The range from the midnight of one day to that of another, by the clock of a place."""
    return Range(midnight(start, zone), midnight(end, zone), zone, {"from": str(start), "to": str(end), "zone": zone})


def midnight(day, zone):
    return millis(datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)))


@dataclass
class Words:
    """The words of a data set."""

    # The first day, a Monday, and the day after the last one, a Monday, too.
    first: date
    last: date
    # Four kinds of events of which none is another.
    view: Filter
    add: Filter
    begin: Filter
    buy: Filter
    # A number of `buy`, and texts of `view` and of `buy` by which it is broken down; a property inside another one, if any.
    number: str
    text: str
    text_of_buy: str
    nested: str
    # Comparisons of properties with their SQL.
    tests: list
    # A test that about half of all events pass.
    half: tuple
    # A trait of some members.
    trait: str
    # A rule that holds for some members, whenever it is asked, with a query for these members.
    rule: tuple
    # Further names of events, for paths: one that is frequent and one that is not.
    frequent: str
    rare: str
    # What was made in the program: ids as the API writes them.
    segment: str = ""
    group: str = ""
    channel: str = ""
    # The moment at which it is asked, in milliseconds, and the zone of the workspace.
    now: int = 0
    zone: str = "UTC"
    # The traits of all members.
    traits: dict = field(default_factory=dict)

    def whole(self, zone="UTC"):
        """All of it."""
        return dates(self.first, self.last, zone)

    def weeks(self, start, end, zone="UTC"):
        """From one week of it to another."""
        return dates(self.first + timedelta(weeks=start), self.first + timedelta(weeks=end), zone)

    def cut(self, zone="UTC"):
        """A range whose ends lie within days, and between events."""
        length = (self.last - self.first) / 4
        start = datetime(self.first.year, self.first.month, self.first.day, tzinfo=timezone.utc)
        return moments(
            start + length + timedelta(hours=7, minutes=21, milliseconds=433), start + 3 * length + timedelta(hours=15), zone
        )

    def empty(self):
        """A range in which nothing happened."""
        return dates(date(1990, 1, 1), date(1990, 3, 1))
