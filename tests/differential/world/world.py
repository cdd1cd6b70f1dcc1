"""A running Hearth with a data set in it, and the same events in ClickHouse."""

import json
import tempfile
import time
from collections import namedtuple
from pathlib import Path

from chdb import session

Event = namedtuple("Event", "t id name properties")

DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"

# What the questions share. A number is a JSON number and nothing that looks like one; a value by which is broken down is
# a text: true, false and numbers as JSON writes them; null, lists and objects are none.
FUNCTIONS = {
    "num": "(p, k) -> if(JSONType(p, k) IN ('Int64', 'UInt64', 'Double'), JSONExtractFloat(p, k), NULL)",
    "txt": "(p, k) -> if(JSONType(p, k) = 'String', JSONExtractString(p, k), NULL)",
    "val": "(p, k) -> multiIf(JSONType(p, k) = 'String', JSONExtractString(p, k), JSONType(p, k) = 'Bool', "
    "if(JSONExtractBool(p, k), 'true', 'false'), JSONType(p, k) IN ('Int64', 'UInt64', 'Double'), "
    "toString(JSONExtractFloat(p, k)), NULL)",
}
EVENTS = (
    "SELECT i.member_id, e.happened_at, e.id, n.name, e.properties_json FROM events e "
    "JOIN identities i ON i.id = e.identity_id JOIN event_names n ON n.id = e.name_id"
)


class ClickHouse:
    """ClickHouse in this process; there is one, and each data set has a database in it."""

    def __init__(self):
        self.directory = tempfile.TemporaryDirectory(prefix="hearth-differential-")
        self.session = session.Session(self.directory.name + "/clickhouse")
        for name, function in FUNCTIONS.items():
            self.run(f"CREATE FUNCTION IF NOT EXISTS {name} AS {function}")

    def run(self, sql):
        return self.session.query(sql, "JSONEachRow")

    def rows(self, sql):
        """The rows of a query, each a dictionary."""
        settings = "output_format_json_quote_64bit_integers = 0, join_use_nulls = 1, enable_analyzer = 1"
        answer = self.run(f"{sql}\nSETTINGS {settings}")
        return [json.loads(line) for line in str(answer).splitlines() if line]

    def fill(self, database, tables):
        """Makes a database anew with these tables: by name, their columns and rows."""
        self.run(f"DROP DATABASE IF EXISTS {database}")
        self.run(f"CREATE DATABASE {database}")
        self.run(f"USE {database}")
        for name, (columns, rows) in tables.items():
            self.run(f"CREATE TABLE {name} ({columns}) ENGINE = MergeTree ORDER BY {columns.split()[0]}")
            file = Path(self.directory.name) / f"{database}-{name}.jsonl"
            file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
            self.run(f"INSERT INTO {name} SELECT * FROM file('{file}', JSONCompactEachRow, '{columns}')")
            file.unlink()
        self.run("ALTER TABLE events ADD COLUMN time DateTime64(3, 'UTC') ALIAS fromUnixTimestamp64Milli(t, 'UTC')")

    def close(self):
        self.session.close()
        self.directory.cleanup()


class World:
    """One data set in both systems."""

    def __init__(self, name, hearth, api, words, clickhouse):
        self.name, self.hearth, self.api, self.words, self.clickhouse = name, hearth, api, words, clickhouse
        self.version = None
        [(words.zone,)] = hearth.query("SELECT time_zone FROM workspaces")
        self.events = {}
        self.traits = {}
        self.insiders = {}
        self.filled_at = time.monotonic()

    def refresh(self):
        """Reads the truth anew if something has happened since it was read."""
        version = self.seen()
        if version == self.version:
            return
        rows = self.hearth.query(EVENTS)
        self.events = {}
        for member, t, number, name, properties in rows:
            self.events.setdefault(member, []).append(Event(t, number, name, json.loads(properties)))
        for history in self.events.values():
            history.sort(key=lambda event: (event.t, event.id))
        self.traits = {number_of(member["id"]): member["traits"] for member in self.api.all("/api/v1/members")}
        self.words.traits = self.traits
        self.insiders = {
            self.words.segment: self.ids(f"/api/v1/segments/{self.words.segment}/members"),
            self.words.group: self.ids(f"/api/v1/groups/{self.words.group}/members"),
        }
        self.clickhouse.fill(self.name, self.tables(rows))
        self.version = version

    def tables(self, rows):
        return {
            "events": ("member Int64, t Int64, id Int64, name String, p String", rows),
            "members": ("member Int64", [[member] for member in self.traits]),
            "traits": (
                "member Int64, name String, value String",
                [[member, *pair] for member, traits in self.traits.items() for pair in texts(traits)],
            ),
            "insiders": (
                "of String, member Int64",
                [[of, member] for of, members in self.insiders.items() for member in members],
            ),
        }

    def ids(self, path):
        return {number_of(member["id"]) for member in self.api.all(path)}

    def seen(self):
        """What changes whenever something happens of which a question may ask."""
        return tuple(
            self.hearth.query(f"SELECT COALESCE(MAX(id), 0), COUNT(*) FROM {table}")[0]
            for table in ("events", "segment_changes", "group_changes", "merges")
        )

    def rows(self, sql):
        """What ClickHouse answers."""
        self.clickhouse.run(f"USE {self.name}")
        return self.clickhouse.rows(sql)


def texts(traits):
    """Traits as the texts by which is broken down."""
    for name, value in traits.items():
        if isinstance(value, bool):
            yield name, "true" if value else "false"
        elif isinstance(value, str):
            yield name, value
        elif isinstance(value, (int, float)):
            yield name, f"{value:.17g}" if value != int(value) else str(int(value))


def number_of(text):
    """The number that an id of the API stands for."""
    number = 0
    for digit in text.split("_")[1]:
        number = number * 32 + DIGITS.index(digit)
    return number
