"""The engine's files are open: whoever reads Parquet finds in them every event, as the state database has it."""

import json
from collections import Counter

import pyarrow as pa
import pyarrow.parquet as parquet
import pytest
from support.waiting import DidNotHappen, wait_until

FLUSH_SECONDS = 60
PROPERTY = "properties."
FIXED = {
    "member": pa.int64(), "time": pa.timestamp("ms", "UTC"), "event": pa.int64(), "identity": pa.int64(), "name": pa.string(), "rest": pa.string(),
}
# The member to whom the identity first belonged never changes, so files need not be written anew for a merge.
TRUTH = (
    "SELECT e.id, i.origin_member_id, e.happened_at, e.identity_id, n.name, e.properties_json FROM events e "
    "JOIN identities i ON i.id = e.identity_id JOIN event_names n ON n.id = e.name_id WHERE e.id <= {}"
)


@pytest.fixture
def stored(world):
    """The truth by id, and the paths of files that hold all of it."""
    [(last,)] = world.hearth.query("SELECT MAX(id) FROM events")
    truth = {row[0]: row[1:] for row in world.hearth.query(TRUTH.format(last))}

    def holding_all():
        files = files_of(world)
        try:
            found = sum(parquet.ParquetFile(file).metadata.num_rows for file in files)
        except (FileNotFoundError, pa.ArrowInvalid):
            # Files were put together, or one is being written.
            return None
        return files if found >= len(truth) else None

    try:
        files = wait_until(holding_all, FLUSH_SECONDS, "the writing of all events to files")
    except DidNotHappen:
        # The latest events may still be in memory only; an orderly end writes them.
        assert world.hearth.stop() == 0
        files = files_of(world)
        world.hearth.start()
    return world, truth, last, files


def files_of(world):
    return sorted((world.hearth.data / "behaviour").glob("*/**/*.parquet"))


def test_pyarrow_reads_every_event_as_it_is_in_the_state_database(stored):
    _, truth, last, files = stored
    found = {}
    for file in files:
        for row in parquet.read_table(file, partitioning=None).to_pylist():
            assert row["event"] not in found, f"the event {row['event']} is there twice, the second time in {file}"
            if row["event"] <= last:
                found[row["event"]] = row
    assert len(truth) > 5_000 and found.keys() == truth.keys()
    wrong = [
        f"{event}: the file has {as_in_database(found[event])}, the database {(*row[:4], json.loads(row[4]))}"
        for event, row in truth.items()
        if not is_same(as_in_database(found[event]), (*row[:4], json.loads(row[4])))
    ]
    assert not wrong, f"{len(wrong)} of {len(truth)} events differ:\n" + "\n".join(wrong[:10])


def test_files_have_the_columns_that_are_described_and_are_sorted(stored):
    _, _, _, files = stored
    for file in files:
        schema = parquet.read_schema(file)
        for name, kind in FIXED.items():
            assert plain(schema.field(name).type) == kind, f"{name} of {file}"
        others = [field for field in schema if field.name not in FIXED]
        assert all(field.name.startswith(PROPERTY) for field in others), others
        assert all(plain(field.type) in (pa.float64(), pa.string(), pa.bool_()) for field in others), others
        columns = parquet.read_table(file, columns=["member", "time", "event"], partitioning=None).to_pydict()
        order = list(zip(columns["member"], columns["time"], columns["event"]))
        assert order == sorted(order), f"{file} is not sorted by member, time and event"
        assert len({(time.year, time.month) for time in columns["time"]}) == 1, f"{file} has events of several months"


def test_clickhouse_reads_the_same(stored):
    world, truth, last, _ = stored
    paths = world.hearth.data / "behaviour" / "*" / "**" / "*.parquet"
    rows = world.rows(
        "SELECT name, count() AS n, uniqExact(event) AS events, sum(toUnixTimestamp64Milli(time) % 1000000007) AS times, "
        "groupBitXor(member) AS members, groupBitXor(identity) AS identities "
        f"FROM file('{paths}', Parquet, 'member Int64, time DateTime64(3, \\'UTC\\'), event Int64, identity Int64, name String') "
        f"WHERE event <= {last} GROUP BY name"
    )
    expected = {}
    for event, (member, at, identity, name, _) in truth.items():
        sums = expected.setdefault(name, Counter())
        sums.update({"n": 1, "events": 1, "times": at % 1_000_000_007})
        sums["members"] ^= member
        sums["identities"] ^= identity
    assert {row.pop("name"): row for row in rows} == {name: dict(sums) for name, sums in expected.items()}


def plain(kind):
    """The type of the values, whether they are written by a dictionary or not."""
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    return pa.string() if pa.types.is_large_string(kind) else kind


def as_in_database(row):
    """Member, time, identity, name and properties of a row of a file."""
    properties = json.loads(row["rest"]) if row["rest"] else {}
    for name, value in row.items():
        if name.startswith(PROPERTY) and value is not None:
            assert name.removeprefix(PROPERTY) not in properties, f"{name} is in a column and in the rest of the event {row['event']}"
            properties[name.removeprefix(PROPERTY)] = value
    # Milliseconds are whole, and floats of this size are not.
    moment = row["time"]
    at = round(moment.replace(microsecond=0).timestamp()) * 1000 + moment.microsecond // 1000
    return row["member"], at, row["identity"], row["name"], properties


def is_same(one, other):
    """Equal, where 1 is 1.0 and neither is true."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(is_same(one[name], other[name]) for name in one)
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        return len(one) == len(other) and all(map(is_same, one, other))
    return isinstance(one, bool) == isinstance(other, bool) and one == other
