"""The grammar of segments, of the present moment."""

from collections import Counter
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from .comparison import holds, number, passes, picks, text, values_at


def preview(world, body):
    return {"size": len(members_of(world, body["rule"]))}


def members_of(world, rule):
    return {member for member in world.traits if is_true(world, rule, member, world.words.now)}


def is_true(world, rule, member, now):
    def ask(part):
        return is_true(world, part, member, now)

    if "all" in rule:
        return all(map(ask, rule["all"]))
    if "any" in rule:
        return any(map(ask, rule["any"]))
    if "not" in rule:
        return not ask(rule["not"])
    if "trait" in rule:
        return passes(world.traits[member], rule, "trait")
    for word in ("segment", "group"):
        if word in rule:
            return member in world.insiders[rule[word]]
    history = [event for event in world.events.get(member, []) if event.t <= now]
    if "sequence" in rule:
        return has_sequence(world, rule, history)
    if "been" in rule:
        since = before(world, rule["for"], now)
        moments = {since, now} | {event.t for event in history if since < event.t}
        return all(is_true(world, rule["been"], member, then) for then in moments)
    return event_holds(world, rule, history, now)


def event_holds(world, rule, history, now):
    events = [event for event in history if picks(rule, event)]
    if "within" in rule:
        since = before(world, rule["within"], now)
        events = [event for event in events if event.t > since]
    for word in ("count", "sum", "avg", "min", "max", "distinct"):
        if word in rule:
            asked = rule[word]
            value = measured(word, asked.get("property"), events)
            return value is not None and holds(asked.get("op", "gte"), value, asked["value"])
    return bool(events)


def measured(word, name, events):
    if word == "count":
        return len(events)
    if word == "distinct":
        return len(Counter(text(event.properties, name) for event in events if values_at(event.properties, name)))
    numbers = [value for event in events if (value := number(event.properties, name)) is not None]
    if word == "sum":
        return sum(numbers)
    return {"avg": lambda n: sum(n) / len(n), "min": min, "max": max}[word](numbers) if numbers else None


def has_sequence(world, rule, history):
    """Tries each event as the first: from there the next ones as early as possible, each another one."""
    steps = [step if isinstance(step, dict) else {"event": step} for step in rule["sequence"]]
    for first in range(len(history)):
        if picks(steps[0], history[first]) and follows(world, rule, steps, history, first):
            return True
    return False


def follows(world, rule, steps, history, first):
    used, at = {first}, history[first].t
    for step in steps[1:]:
        # An event of the same moment may stand before the one that it follows.
        places = [place for place, event in enumerate(history) if place not in used and event.t >= at and picks(step, event)]
        if not places:
            return False
        used.add(places[0])
        at = history[places[0]].t
    return "within" not in rule or before(world, rule["within"], at) < history[first].t


def before(world, period, moment):
    """A moment and so many days or hours before it; days are those of the workspace's calendar."""
    zone = ZoneInfo(world.words.zone)
    if period.startswith("PT"):
        return moment - int(period[2:-1]) * 3_600_000
    whole, millis = divmod(moment, 1000)
    local = datetime.fromtimestamp(whole, timezone.utc).astimezone(zone) - timedelta(days=int(period[1:-1]))
    return round(local.timestamp()) * 1000 + millis
