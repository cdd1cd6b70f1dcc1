"""Eighteen months of a real shop: the import is exact to the cent, survives a crash, and ten segments
over it equal an independent computation."""

import csv
import gzip
import json
import signal
import subprocess
import sys
from datetime import datetime, timezone
from decimal import Decimal
from pathlib import Path

import pytest

from support.waiting import wait_for_equal, wait_until

ROOT = Path(__file__).resolve().parents[2]
MEMBERS, ORDERS, REVENUE = 23_570, 69_659, Decimal("2500315.63")
MAP = (
    "event==Order Completed; user_id=customer_id; timestamp=date; timestamp_format=%Y%m%d; delimiter=whitespace; "
    "properties.quantity=number_of_cds:number; properties.revenue=dollar_value:number"
)
ENOUGH_TO_KILL = 10_000
# So that there is a middle in which an import can be killed: it never is far ahead of the pipeline.
SLOWLY = "[imports]\nrows_ahead = 5000\n"
ALL_BEFORE = f"{ORDERS} rows imported, 0 rejected; an earlier run did the first {ORDERS} rows\n"


@pytest.fixture
def purchases(tmp_path):
    """The purchase file, unpacked."""
    file = tmp_path / "CDNOW_master.txt"
    with gzip.open(ROOT / "testdata" / "cdnow" / "CDNOW_master.txt.gz") as packed:
        file.write_bytes(packed.read())
    return file


@pytest.fixture
def slowly(tmp_path):
    """The option for imports that stay close to the pipeline."""
    file = tmp_path / "slowly.toml"
    file.write_text(SLOWLY)
    return ["--config", str(file)]


def totals(hearth):
    """Members, orders and revenue, as the database holds them."""
    [(members,)] = hearth.query("SELECT COUNT(*) FROM members WHERE merged_into IS NULL")
    rows = hearth.query(
        "SELECT e.properties_json FROM events e JOIN event_names n ON n.id = e.name_id WHERE n.name = 'Order Completed'"
    )
    revenue = sum(json.loads(text, parse_float=Decimal, parse_int=Decimal)["revenue"] for (text,) in rows)
    return members, len(rows), revenue


def rows_done(hearth):
    return sum(done for (done,) in hearth.query("SELECT rows_done FROM imports"))


def reference(now):
    """Name, rule and size of each segment as of a moment, by a program that shares nothing with ours."""
    script = ROOT / "tests" / "reference" / "cdnow_segments.py"
    done = subprocess.run(
        [sys.executable, "-B", script, now.isoformat(), "--rules"], capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


def test_import_is_exact_through_a_crash_and_segments_equal_the_reference(new_hearth, purchases, slowly):
    hearth = new_hearth()
    arguments = ["import", "events", purchases, "--map", MAP, *slowly]

    checked = hearth.run(*arguments, "--dry-run").stdout
    assert checked == f"dry run: {MEMBERS} create, {ORDERS - MEMBERS} update, 0 merge, 0 reject\n"
    assert not hearth.data.exists(), "a dry run makes nothing"

    hearth.key("api")
    # Killed in the middle, like a machine that loses power, and taken up again.
    process = hearth.begin(*arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_until(lambda: rows_done(hearth) >= ENOUGH_TO_KILL, 60, "the beginning of the import")
    process.kill()
    assert process.wait(30) == -signal.SIGKILL
    done = rows_done(hearth)
    assert ENOUGH_TO_KILL <= done < ORDERS, f"killed after {done} rows, not in the middle"
    # The same file under the same map is one import, so it goes on instead of beginning anew, and soon.
    process = hearth.begin(*arguments, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        wait_until(lambda: rows_done(hearth) > done, 15, "the import's going on")
        resumed, _ = process.communicate(timeout=120)
    finally:
        process.kill()
    assert resumed == f"{ORDERS} rows imported, 0 rejected; an earlier run did the first {done} rows\n"
    assert totals(hearth) == (MEMBERS, ORDERS, REVENUE)

    again = hearth.run(*arguments).stdout
    assert again == ALL_BEFORE
    assert totals(hearth) == (MEMBERS, ORDERS, REVENUE), "importing again changes nothing"

    hearth.start()
    api = hearth.api()
    today = datetime.now(timezone.utc)
    wanted = reference(today)
    ids = {segment["name"]: api.segment(segment["name"], segment["rule"]) for segment in wanted}
    wait_until(lambda: all(api.is_live(segment) for segment in ids.values()), 120, "the evaluation over history")
    now = datetime.now(timezone.utc)
    if now.date() != today.date():
        # All orders are at midnight, so the windows have moved on.
        wanted = reference(now)
    expected = {segment["name"]: segment["size"] for segment in wanted}
    sizes = {name: api.get(f"/api/v1/segments/{segment}")["size"] for name, segment in ids.items()}
    assert sizes == expected and len(sizes) == 10
    preview = api.post("/api/v1/segments/preview", {"rule": wanted[-1]["rule"]})
    assert preview["size"] == wanted[-1]["size"] and len(preview["sample"]) == 10
    fewest = min(expected, key=expected.get)
    assert len(api.members_of(ids[fewest])) == expected[fewest]


@pytest.mark.sqlite_only
def test_an_import_is_done_when_everything_has_taken_effect_also_after_a_crash_at_its_end(new_hearth, purchases):
    hearth = new_hearth()
    hearth.key("api")
    arguments = ["import", "events", purchases, "--map", MAP]
    process = hearth.begin(*arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_until(lambda: rows_done(hearth) == ORDERS, 60, "the last row's way into the log")
    process.kill()
    process.wait(30)
    assert hearth.run(*arguments).stdout == ALL_BEFORE
    assert totals(hearth) == (MEMBERS, ORDERS, REVENUE)


def test_a_ragged_file_gives_rejects_with_line_and_reason(hearth, api, tmp_path):
    file = tmp_path / "orders.csv"
    file.write_text(
        "customer,date,revenue\n"
        "anna,2026-01-01,12.50\n"
        "bob,2026-01-02\n"
        'carol,2026-01-03,"7,20"\n'
        "dora,yesterday,3\n"
        ",2026-01-04,5\n"
        "emil,2026-01-05,1,2,3\n"
        'fritz,2026-01-06,"9\n'
        "greta,2026-01-07,9e999\n"
        "anna,2026-01-08,30\n",
        encoding="utf-8",
    )
    mapping = "event==Order Completed; user_id=customer; timestamp=date; properties.revenue=revenue:number"
    rejects = tmp_path / "rejects.csv"
    arguments = ["import", "events", file, "--map", mapping, "--rejects", rejects]
    wanted = [
        ("3", "ragged_row", "bob,2026-01-02"),
        ("4", "invalid_field", 'carol,2026-01-03,"7,20"'),
        ("5", "invalid_field", "dora,yesterday,3"),
        ("6", "missing_identity", ",2026-01-04,5"),
        ("7", "ragged_row", "emil,2026-01-05,1,2,3"),
        ("8", "ragged_row", 'fritz,2026-01-06,"9'),
        ("9", "invalid_field", "greta,2026-01-07,9e999"),
    ]

    checked = hearth.run(*arguments, "--dry-run").stdout
    assert checked == f"dry run: 1 create, 1 update, 0 merge, {len(wanted)} reject ({rejects})\n"
    assert read_rejects(rejects) == wanted and api.all("/api/v1/members") == []

    # Beside a running server, which does the work.
    assert hearth.run(*arguments).stdout == f"2 rows imported, {len(wanted)} rejected ({rejects})\n"
    assert read_rejects(rejects) == wanted
    [anna] = api.all("/api/v1/members")
    assert [entry["properties"] for entry in api.events(anna["id"])] == [{"revenue": 30}, {"revenue": 12.5}]


@pytest.mark.sqlite_only
def test_an_interrupted_import_reports_all_its_rejects_once(new_hearth, tmp_path, slowly):
    hearth = new_hearth()
    file = tmp_path / "orders.csv"
    rows = [f"u{n},2026-01-01,1" if n % 10 else f"u{n},2026-01-01" for n in range(60_000)]
    file.write_text("customer,date,revenue\n" + "\n".join(rows) + "\n", encoding="utf-8")
    mapping = "event==Order Completed; user_id=customer; timestamp=date; properties.revenue=revenue:number"
    arguments = ["import", "events", file, "--map", mapping, *slowly]
    rejects = Path(f"{file}.rejects.csv")
    hearth.key("api")
    process = hearth.begin(*arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_until(lambda: rows_done(hearth) >= ENOUGH_TO_KILL, 60, "the beginning of the import")
    process.kill()
    process.wait(30)
    done = rows_done(hearth)
    assert ENOUGH_TO_KILL <= done < len(rows), f"killed after {done} rows, not in the middle"
    # As if it had been killed between writing rejects and remembering them.
    with open(rejects, "a", encoding="utf-8") as half:
        half.write('99,ragged_row,"half a li')
    report = hearth.run(*arguments).stdout
    assert report == f"54000 rows imported, 6000 rejected ({rejects}); an earlier run did the first {done} rows\n"
    assert [row[0] for row in read_rejects(rejects)] == [str(n + 2) for n in range(0, len(rows), 10)]


@pytest.mark.sqlite_only
def test_rows_of_sixty_kilobytes_are_imported_and_rejects_go_where_the_command_line_says(hearth, api, tmp_path):
    file = tmp_path / "notes.csv"
    text = "x" * 30_000
    rows = [f"u{n % 50},2026-01-01,{text}" for n in range(1_500)] + ["broken"]
    file.write_text("customer,date,note\n" + "\n".join(rows) + "\n", encoding="utf-8")
    mapping = "event==Noted; user_id=customer; timestamp=date; properties.note=note"
    # The server that does the work has another current directory.
    arguments = ["import", "events", str(file), "--map", mapping, "--rejects", "rejects.csv"]
    process = hearth.begin(*arguments, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=tmp_path)
    report, _ = process.communicate(timeout=120)
    rejects = tmp_path / "rejects.csv"
    assert report == f"1500 rows imported, 1 rejected ({rejects})\n"
    assert [row[0] for row in read_rejects(rejects)] == ["1502"]
    assert len(api.all("/api/v1/members")) == 50


def read_rejects(file):
    with open(file, newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    assert all(row["message"] for row in rows)
    return [(row["line"], row["code"], row["row"]) for row in rows]


def test_members_are_imported_with_traits_and_a_bad_map_is_named(hearth, api, tmp_path):
    file = tmp_path / "people.csv"
    file.write_text("id;mail;city;vip\n1;a@example.com;上海;true\n2;b@example.com;Köln;false\n", encoding="utf-8")
    mapping = tmp_path / "map.json"
    mapping.write_text(json.dumps(
        {"user_id": "id", "email": "mail", "delimiter": ";", "traits": {"city": "city", "vip": "vip:bool"}}
    ))
    assert hearth.run("import", "members", file, "--map", mapping).stdout == "2 rows imported, 0 rejected\n"
    member = wait_until(lambda: api.member("email", "a@example.com"), 5, "the imported member")
    assert member["traits"] == {"email": "a@example.com", "city": "上海", "vip": True}
    wait_for_equal(lambda: len(api.all("/api/v1/members")), 2, 5, "members")

    refused = hearth.run("import", "members", file, "--map", "user_id=customer;delimiter=;", check=False)
    assert refused.returncode == 1 and refused.stdout == "" and refused.stderr.startswith("hearth: ")
    missing = hearth.run("import", "members", file, "--map", '{"user_id":"customer","delimiter":";"}', check=False)
    assert 'the file has no column "customer"' in missing.stderr
