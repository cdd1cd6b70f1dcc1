#!/usr/bin/env python3
"""The yardstick of durable ingest: ClickHouse, in process, inserting the same JSON lines into a MergeTree on disk.

    chdb_yardstick.py EVENTS.jsonl 500000
    chdb_yardstick.py EVENTS.jsonl 500000 --rows-per-insert 500

Each line is one item of a /v1/batch body. Only the insertion is measured: reading and parsing the lines,
sorting, compressing, writing and fsync of the data files and of their directory. Starting the engine,
making the table and choosing the lines come before; counting the rows comes after, and a wrong count is an error.
Without --rows-per-insert everything goes in with one INSERT, which is what suits ClickHouse best.

Prints {"events": N, "seconds": s, "events_per_second": r}.
"""

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

from chdb import session

TABLE = """
CREATE TABLE yardstick.events (
    type LowCardinality(String),
    event LowCardinality(String),
    userId String,
    anonymousId String,
    messageId String,
    timestamp DateTime64(3, 'UTC'),
    properties String,
    traits String,
    context String
) ENGINE = MergeTree ORDER BY (event, userId, timestamp)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
"""
COLUMNS = (
    "type String, event String, userId String, anonymousId String, messageId String, "
    "timestamp DateTime64(3, \\'UTC\\'), properties String, traits String, context String"
)
SETTINGS = (
    "async_insert = 0, date_time_input_format = 'best_effort', input_format_skip_unknown_fields = 1, "
    "input_format_null_as_default = 1, input_format_json_read_objects_as_strings = 1"
)


def choose_lines(source, count, rows_per_insert, directory):
    """Copies the first `count` lines into one file for each INSERT, and returns their paths.

    The copies are as fresh in the page cache as what a load generator holds in memory.
    """
    paths, target, taken = [], None, 0
    with open(source, "rb") as lines:
        for line in lines:
            if taken == count:
                break
            if not line.strip():
                continue
            if taken % rows_per_insert == 0:
                if target:
                    target.close()
                paths.append(directory / f"{len(paths):06}.jsonl")
                target = open(paths[-1], "wb")
            target.write(line if line.endswith(b"\n") else line + b"\n")
            taken += 1
    if target:
        target.close()
    if taken < count:
        sys.exit(f"{source} has {taken} lines, {count} were asked for")
    return paths


def quoted(path):
    return "'" + str(path).replace("\\", "\\\\").replace("'", "\\'") + "'"


def insert(database, paths):
    """Inserts every file and returns the seconds that took."""
    statements = [
        f"INSERT INTO yardstick.events SELECT * FROM file({quoted(path)}, 'JSONEachRow', '{COLUMNS}') "
        f"SETTINGS {SETTINGS}"
        for path in paths
    ]
    started = time.perf_counter()
    for statement in statements:
        database.query(statement)
    return time.perf_counter() - started


def measure(source, count, rows_per_insert, parent):
    with tempfile.TemporaryDirectory(prefix="hearth-yardstick-", dir=parent) as work:
        paths = choose_lines(source, count, rows_per_insert, Path(work))
        database = session.Session(str(Path(work) / "clickhouse"))
        try:
            database.query("CREATE DATABASE yardstick ENGINE = Atomic")
            database.query(TABLE)
            seconds = insert(database, paths)
            counted = int(str(database.query("SELECT count() FROM yardstick.events", "TabSeparated")))
        finally:
            database.close()
    if counted != count:
        sys.exit(f"the table has {counted} rows after {count} were inserted")
    return seconds


def positive(text):
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", help="JSON lines, one event each")
    parser.add_argument("count", type=positive, help="how many of its lines to insert")
    parser.add_argument("--rows-per-insert", type=positive, help="lines in one INSERT; all of them unless set")
    parser.add_argument("--directory", help="where the table is made; it should be on the disk that is measured")
    arguments = parser.parse_args()
    rows_per_insert = arguments.rows_per_insert or arguments.count
    seconds = measure(arguments.file, arguments.count, rows_per_insert, arguments.directory)
    print(json.dumps({
        "events": arguments.count,
        "seconds": round(seconds, 4),
        "events_per_second": round(arguments.count / seconds),
    }))


if __name__ == "__main__":
    main()
