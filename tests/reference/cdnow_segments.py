#!/usr/bin/env python3
"""How many customers of CDNOW each rule in testdata/cdnow/segments.json holds for.

An independent computation beside the product's: it reads the purchase file itself and evaluates the
rule grammar in the plainest way, one customer and one rule at a time, in exact decimals.

    cdnow_segments.py 2026-11-21T08:00:00Z            {"name": size, ...}
    cdnow_segments.py 2026-11-21T08:00:00Z --rules    [{"name": ..., "rule": ..., "size": ...}, ...]

The windows in segments.json are written for 2026 and would fall behind the data some day. With
--rules each window is longer by the years that have passed since, so that it always ends within the data.
The windows are calendar periods in UTC, or in the zone given with --zone.
"""

import argparse
import calendar
import gzip
import json
import operator
import re
import sys
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

DATA = Path(__file__).resolve().parents[2] / "testdata" / "cdnow"
EVENT = "Order Completed"
WRITTEN_FOR = 2026
COMPARISONS = {
    "eq": operator.eq, "ne": operator.ne, "gt": operator.gt,
    "gte": operator.ge, "lt": operator.lt, "lte": operator.le,
}


def orders():
    """Yields (customer, moment, quantity, revenue) for each line of the file, in its order."""
    with gzip.open(DATA / "CDNOW_master.txt.gz", "rt", encoding="ascii") as lines:
        next(lines)
        for line in lines:
            customer, day, quantity, revenue = line.split()
            moment = datetime.strptime(day, "%Y%m%d").replace(tzinfo=timezone.utc)
            yield customer, moment, int(quantity), Decimal(revenue)


def orders_by_customer():
    found = {}
    for customer, moment, quantity, revenue in orders():
        event = {"at": moment, "quantity": Decimal(quantity), "revenue": revenue}
        found.setdefault(customer, []).append(event)
    return found


def window_start(now, period, zone):
    """`now` minus a calendar period such as P28Y10M or P29YT1H, on the wall clock of `zone`."""
    match = re.fullmatch(
        r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?", period
    )
    if not match or not any(match.groups()):
        raise ValueError(f"{period!r} is not a period")
    years, months, weeks, days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    local = now.astimezone(zone)
    month_number = local.year * 12 + local.month - 1 - 12 * years - months
    year, month = divmod(month_number, 12)
    last_day = calendar.monthrange(year, month + 1)[1]
    local = local.replace(year=year, month=month + 1, day=min(local.day, last_day))
    local -= timedelta(weeks=weeks, days=days)
    return local.astimezone(timezone.utc) - timedelta(hours=hours, minutes=minutes, seconds=seconds)


def passes(event, test):
    actual, wanted, how = event.get(test["property"]), test["value"], test.get("op", "eq")
    if actual is None:
        return False
    if how == "in":
        return actual in wanted
    if how == "nin":
        return actual not in wanted
    return COMPARISONS[how](actual, wanted)


def event_holds(events, rule, now, zone):
    known = {"event", "where", "count", "sum", "avg", "min", "max", "within"}
    assert set(rule) <= known, f"unknown words in {rule}"
    if rule["event"] != EVENT:
        events = []
    events = [event for event in events if event["at"] <= now]
    if "within" in rule:
        start = window_start(now, rule["within"], zone)
        events = [event for event in events if start < event["at"]]
    events = [event for event in events if all(passes(event, test) for test in rule.get("where", []))]

    measures = [word for word in ("count", "sum", "avg", "min", "max") if word in rule]
    assert len(measures) <= 1, f"more than one measure in {rule}"
    if not measures:
        return len(events) >= 1
    measure = measures[0]
    asked = rule[measure]
    compare = COMPARISONS[asked.get("op", "gte")]
    if measure == "count":
        return compare(len(events), asked["value"])

    values = [event[asked["property"]] for event in events]
    if measure == "sum":
        result = sum(values, Decimal(0))
    elif not values:
        return False
    elif measure == "avg":
        result = sum(values) / len(values)
    else:
        result = min(values) if measure == "min" else max(values)
    # A sum or a mean this close to the limit would be decided by how a program rounds.
    if measure in ("sum", "avg") and values and abs(result - asked["value"]) < Decimal("1e-7"):
        raise ValueError(f"{result} is too near to the limit in {rule}; choose another limit")
    return compare(result, asked["value"])


def holds(events, rule, now, zone):
    if "all" in rule:
        return all(holds(events, part, now, zone) for part in rule["all"])
    if "any" in rule:
        return any(holds(events, part, now, zone) for part in rule["any"])
    if "not" in rule:
        return not holds(events, rule["not"], now, zone)
    return event_holds(events, rule, now, zone)


def lengthened(rule, years):
    """The rule with `years` added to each of its windows."""
    if isinstance(rule, list):
        return [lengthened(part, years) for part in rule]
    if not isinstance(rule, dict):
        return rule
    longer = {word: lengthened(part, years) for word, part in rule.items()}
    if "within" in longer:
        longer["within"] = re.sub(r"^P(\d+)Y", lambda match: f"P{int(match[1]) + years}Y", longer["within"])
    return longer


def exact(rule):
    """The rule with its numbers as decimals."""
    return json.loads(json.dumps(rule), parse_float=Decimal, parse_int=Decimal)


def segments(now, zone=timezone.utc, lengthen=False):
    """A list of {"name", "rule", "size"} as of `now`."""
    written = json.loads((DATA / "segments.json").read_text(encoding="utf-8"))
    customers = orders_by_customer()
    found = []
    for segment in written:
        rule = lengthened(segment["rule"], now.astimezone(zone).year - WRITTEN_FOR) if lengthen else segment["rule"]
        decimals = exact(rule)
        size = sum(holds(events, decimals, now, zone) for events in customers.values())
        if size in (0, len(customers)):
            print(f"\"{segment['name']}\" holds for {size} customers and shows little", file=sys.stderr)
        found.append({"name": segment["name"], "rule": rule, "size": size})
    return found


def zone_named(name):
    if name == "UTC":
        return timezone.utc
    from zoneinfo import ZoneInfo

    return ZoneInfo(name)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("as_of", help="the moment from which the rules look back, RFC 3339")
    parser.add_argument("--rules", action="store_true", help="print the rules too, with windows that reach the data")
    parser.add_argument("--zone", type=zone_named, default=timezone.utc, help="time zone of the workspace")
    arguments = parser.parse_args()
    now = datetime.fromisoformat(arguments.as_of.replace("Z", "+00:00"))
    if now.tzinfo is None:
        parser.error("the moment needs its offset from UTC, such as a Z at its end")
    found = segments(now, arguments.zone, lengthen=arguments.rules)
    if not arguments.rules:
        found = {segment["name"]: segment["size"] for segment in found}
    json.dump(found, sys.stdout, ensure_ascii=False, indent=2)
    print()


if __name__ == "__main__":
    main()
