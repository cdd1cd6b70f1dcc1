#!/usr/bin/env python3
"""The yardstick of the behaviour engine: ClickHouse, in process, on the same events.

    chdb_behaviour.py COLUMNS DIRECTORY EVENTS FROM TO STEP STEP …

Reads Hearth's Parquet files below COLUMNS into a MergeTree in DIRECTORY, sorted by member and time, merges its parts, and asks
what Hearth is asked. FROM and TO are milliseconds since 1970. Each question is asked three times; the fastest counts.

Prints {"disk": bytes, "funnel": {"answer": [numbers], "seconds": s}, "retention": …, "active": …, "paths": …, "bought": …}.
"""

import json
import sys
import time
from pathlib import Path

from chdb import session

DAY = 86_400_000

TABLE = """
CREATE TABLE bench.events (
    member Int64,
    time DateTime64(3, 'UTC'),
    event Int64,
    identity Int64,
    name LowCardinality(String),
    revenue Nullable(Float64),
    page LowCardinality(Nullable(String))
) ENGINE = MergeTree ORDER BY (member, time)
"""


def quoted(text):
    return "'" + str(text).replace("\\", "\\\\").replace("'", "\\'") + "'"


def ask(database, query):
    return [json.loads(line) for line in str(database.query(query, "JSONEachRow")).splitlines() if line]


def timed(database, query):
    fastest, answer = float("inf"), None
    for _ in range(3):
        began = time.perf_counter()
        answer = ask(database, query)
        fastest = min(fastest, time.perf_counter() - began)
    return fastest, answer


def main():
    columns, directory, events, start, end, *steps = sys.argv[1:]
    Path(directory).mkdir()
    database = session.Session(directory)
    database.query("CREATE DATABASE bench")
    database.query(TABLE)
    database.query(
        "INSERT INTO bench.events SELECT member, time, event, identity, name, `properties.revenue`, `properties.page` "
        f"FROM file({quoted(columns + '/**/*.parquet')}, Parquet)"
    )
    database.query("OPTIMIZE TABLE bench.events FINAL")
    rows = ask(database, "SELECT count() AS rows FROM bench.events")[0]["rows"]
    if int(rows) != int(events):
        sys.exit(f"ClickHouse has {rows} events, not {events}")
    disk = ask(
        database, "SELECT sum(bytes_on_disk) AS bytes FROM system.parts WHERE database = 'bench' AND active"
    )[0]["bytes"]
    answers = {"disk": float(disk)}

    def note(question, query, numbers):
        seconds, rows = timed(database, query)
        answers[question] = {"answer": numbers(rows), "seconds": seconds}

    conditions = ", ".join(f"name = {quoted(step)}" for step in steps)
    names = ", ".join(quoted(step) for step in steps)
    moment = "fromUnixTimestamp64Milli(toInt64({}))".format
    within = f"time >= {moment(start)} AND time < {moment(end)}"
    note(
        "funnel",
        f"SELECT level, count() AS members FROM (SELECT member, windowFunnel({7 * DAY})"
        f"(toUInt64(toUnixTimestamp64Milli(time)), {conditions}) AS level FROM bench.events "
        f"WHERE {within} AND name IN ({names}) GROUP BY member) GROUP BY level",
        lambda rows: [sum(int(row["members"]) for row in rows if int(row["level"]) > step) for step in range(len(steps))],
    )
    dates = [f"toDate({moment(int(start) + week * 7 * DAY)})" for week in range(4)]
    note(
        "retention",
        f"SELECT sum(r[1]) AS a, sum(r[2]) AS b, sum(r[3]) AS c, sum(r[4]) AS d FROM (SELECT member, "
        f"retention({', '.join(f'toDate(time) = {date}' for date in dates)}) AS r FROM bench.events "
        f"WHERE toDate(time) IN ({', '.join(dates)}) GROUP BY member)",
        lambda rows: [int(rows[0][name]) for name in "abcd"],
    )
    note(
        "active",
        f"SELECT toDate(time) AS day, uniqExact(member) AS members FROM bench.events WHERE {within} GROUP BY day ORDER BY day",
        lambda rows: [int(row["members"]) for row in rows],
    )
    two_weeks = f"time >= {moment(int(start) + 28 * DAY)} AND time < {moment(int(start) + 42 * DAY)}"
    note(
        "paths",
        f"SELECT count() AS members FROM (SELECT arraySlice(arrayMap(x -> x.3, arraySort(groupArray((time, event, name)))), 1, 5) "
        f"AS path FROM bench.events WHERE {two_weeks} GROUP BY member) GROUP BY path ORDER BY members DESC",
        lambda rows: [int(row["members"]) for row in rows],
    )
    sixty_days = f"time >= {moment(int(end) - 60 * DAY)} AND time < {moment(end)}"
    note(
        "bought",
        f"SELECT count() AS members FROM (SELECT member FROM bench.events WHERE {sixty_days} AND name = 'Order Completed' "
        f"GROUP BY member HAVING count() >= 2 AND sum(revenue) > 50)",
        lambda rows: [int(rows[0]["members"])],
    )
    print(json.dumps(answers))


if __name__ == "__main__":
    main()
