"""Answers of the API as tables, so that they can be compared with the rows that SQL gives.

Each kind of question has a function that turns an answer into named tables. A table is a list of dictionaries with the
same columns; a query for it may leave columns out, but no rows.
"""

import math
from datetime import datetime

from world.world import number_of

# What tells the rows of a table apart; the other columns are what is compared.
KEYS = (
    "name", "group", "rest", "key", "step", "start", "k", "t", "event", "from", "to", "from_rest", "to_rest", "exit", "events", "ended",
    "member",
)
RELATIVE = 1e-9


def millis(moment):
    """Milliseconds since 1970 of a moment of the API."""
    whole = datetime.fromisoformat(moment.replace("Z", "+00:00"))
    return round(whole.timestamp() * 1000)


def funnel(answer):
    def steps(of, **more):
        return [
            {**more, "step": step, "members": row["members"], "of_first": row["of_first"], "of_previous": row["of_previous"],
             "median": row["median_seconds"], "average": row["average_seconds"]}
            for step, row in enumerate(of, 1)
        ]

    convert = answer["time_to_convert"]
    return {
        "steps": steps(answer["steps"]),
        "groups": [row for group in answer["groups"] for row in steps(group["steps"], group=group["key"], rest=group["rest"])],
        "time_to_convert": [{"members": convert["members"], "median": convert["median_seconds"],
                             "average": convert["average_seconds"], "p90": convert["p90_seconds"]}],
        "times": histogram(convert["buckets"], "from_seconds", "to_seconds", "members"),
    }


def retention(answer):
    def shares(of, **more):
        return [{**more, "k": k, "share": share} for k, share in enumerate(of)]

    def returned(of, **more):
        return [{**more, "k": k, "returned": members} for k, members in enumerate(of["returned"])]

    return {
        "cohorts": [{"start": millis(cohort["start"]), "size": cohort["size"]} for cohort in answer["cohorts"]],
        "complete": [{"start": millis(cohort["start"]), "complete": cohort["complete"]} for cohort in answer["cohorts"]],
        "returned": [row for cohort in answer["cohorts"] for row in returned(cohort, start=millis(cohort["start"]))],
        "later": [row for cohort in answer["cohorts"] for row in returned(cohort, start=millis(cohort["start"])) if row["k"]],
        "average": shares(answer["average"]),
        "groups": [{"group": group["key"], "rest": group["rest"], "size": group["size"]} for group in answer["groups"]],
        "group_returned": [row for group in answer["groups"] for row in returned(group, group=group["key"], rest=group["rest"])],
        "group_average": [row for group in answer["groups"] for row in shares(group["average"], group=group["key"], rest=group["rest"])],
    }


def trend(answer):
    def key(series):
        return {"name": series["name"], "group": series["group"], "rest": series["rest"]}

    def points(of, **more):
        return [{**more, "t": millis(point["t"]), "value": point["value"]} for point in of]

    compared = [series for series in answer["series"] if series.get("previous") is not None]
    return {
        "points": [row for series in answer["series"] for row in points(series["points"], **key(series))],
        "totals": [{**key(series), "total": series["total"]} for series in answer["series"]],
        "previous": [row for series in compared for row in points(series["previous"]["points"], **key(series))],
        "previous_totals": [{**key(series), "total": series["previous"]["total"]} for series in compared],
    }


def path(answer):
    def node(row):
        return {"step": row["step"], "event": row["event"], "rest": bool(row.get("rest")), "members": row["members"]}

    def link(row):
        # A name that is missing is the rest of a step, unless nothing came after.
        leaves = bool(row.get("exit"))
        return {"step": row["step"], "from": row["from"], "to": row["to"], "exit": leaves,
                "from_rest": row["from"] is None, "to_rest": row["to"] is None and not leaves, "members": row["members"]}

    return {
        "members": [{"members": answer["members"]}],
        "nodes": [node(row) for row in answer["nodes"]],
        "links": [link(row) for row in answer["links"]],
        "ways": [{"events": way["events"], "ended": way["ended"], "members": way["members"]} for way in answer["ways"]],
    }


def distribution(answer):
    def summary(of, **more):
        return {**more, "members": of["members"], "mean": of["mean"], "median": of["median"], "p90": of["p90"]}

    def buckets(of, **more):
        return [{**more, "from": row["from"], "to": row["to"], "members": row["members"]} for row in of["buckets"]]

    groups = [({"group": group["key"], "rest": group["rest"]}, group) for group in answer["groups"]]
    return {
        "summary": [summary(answer)],
        "buckets": buckets(answer),
        "groups": [summary(group, **key) for key, group in groups],
        "group_buckets": [row for key, group in groups for row in buckets(group, **key)],
    }


def interval(answer):
    return {
        "summary": [{"pairs": answer["pairs"], "members": answer["members"], "mean": answer["mean_seconds"],
                     "median": answer["median_seconds"], "p90": answer["p90_seconds"]}],
        "times": histogram(answer["buckets"], "from_seconds", "to_seconds", "pairs"),
    }


def lifecycle(answer):
    return {"points": [{**point, "t": millis(point["t"])} for point in answer["points"]]}


def attribution(answer):
    return {
        "total": [{"conversions": answer["conversions"], "value": answer["value"]}],
        "touches": [{name: touch[name] for name in ("key", "conversions", "value", "share")} for touch in answer["touches"]
                    # Whether those are told to whom nothing goes is of no matter.
                    if touch["conversions"]],
        "unattributed": [answer["unattributed"]],
    }


def preview(answer):
    return {"size": [{"size": answer["size"]}]}


def members(answer):
    # Of the plain computation only their number is asked.
    who = [{"member": number_of(member["id"])} for member in answer.get("items", [])]
    return {"total": [{"total": answer["total"]}], **({"who": who} if "items" in answer else {})}


def histogram(buckets, start, end, how_many):
    """Buckets whose bounds the program has chosen: what falls into them is counted by whoever compares."""
    return [{"from": row[start], "to": row[end], how_many: row[how_many]} for row in buckets]


KINDS = {
    "funnel": funnel, "retention": retention, "trend": trend, "path": path, "distribution": distribution,
    "interval": interval, "lifecycle": lifecycle, "attribution": attribution, "preview": preview,
    "members": members,
}


def counted(values, buckets):
    """Values in the buckets of an answer: lower bounds belong to them, upper ones do not."""
    [how_many] = [name for name in (buckets[0] if buckets else {"members": 0}) if name not in ("from", "to")]
    rows = []
    for bucket in buckets:
        end = math.inf if bucket["to"] is None else bucket["to"]
        rows.append({**bucket, how_many: sum(bucket["from"] <= value < end for value in values)})
    assert sum(row[how_many] for row in rows) == len(values), f"the buckets {buckets} leave out some of {len(values)} values"
    return rows


def differences(ours, theirs, limit=12):
    """How our rows differ from theirs in what theirs say; nothing when they are equal."""
    columns = list(theirs[0]) if theirs else list(ours[0]) if ours else []
    keys = [column for column in columns if column in KEYS]
    values = [column for column in columns if column not in KEYS]
    our_rows, their_rows = by_key(ours, keys, values), by_key(theirs, keys, values)
    found = []
    for key in sorted(our_rows.keys() | their_rows.keys(), key=repr):
        our, their = our_rows.get(key), their_rows.get(key)
        if our is None or their is None or len(our) != len(their) or not all(map(same, our, their)):
            found.append(f"  {dict(zip(keys, key))}: ours {shown(values, our)}, theirs {shown(values, their)}")
    more = [f"  … and {len(found) - limit} more"] if len(found) > limit else []
    return found[:limit] + more


def by_key(rows, keys, values):
    found = {}
    for row in rows:
        key = tuple(as_key(row.get(column)) for column in keys)
        assert key not in found, f"two rows for {dict(zip(keys, key))}"
        found[key] = tuple(row.get(column) for column in values)
    return found


def as_key(value):
    if isinstance(value, list):
        return tuple(value)
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    return value if isinstance(value, int) else float(value)


def shown(columns, values):
    return "nothing" if values is None else dict(zip(columns, values, strict=False))


def same(our, their):
    """Whole numbers are equal to the last digit, others to a billionth of them; nothing equals only nothing."""
    if our is None or their is None:
        return our is their
    if isinstance(our, int) and isinstance(their, int):
        return our == their
    return math.isclose(our, their, rel_tol=RELATIVE, abs_tol=1e-12)
