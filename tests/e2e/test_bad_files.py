"""Files that are broken, or meant to do harm: each gets a stable code, or loses no more than the rows that are wrong."""

import io
import struct
import subprocess
import zipfile

import pytest

from support.api import check_problem
from support.imports import as_csv, ended, imported, suggested, upload
from support.waiting import wait_until

MEGABYTE = 1 << 20
# What the server may take more after the worst of them: rows, buffers, what the allocator keeps.
ROOM = 150 * MEGABYTE

PACKAGE = "http://schemas.openxmlformats.org/package/2006"
DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
HEAD = '<?xml version="1.0"?>'
LAUGHS = "<!DOCTYPE lolz [<!ENTITY lol0 \"lol\">" + "".join(
    f'<!ENTITY lol{level + 1} "{f"&lol{level};" * 10}">' for level in range(9)
) + "]>"


def row(*texts, number=1):
    cells = "".join(f'<c r="{chr(65 + place)}{number}" t="str"><v>{text}</v></c>' for place, text in enumerate(texts))
    return f'<row r="{number}">{cells}</row>'


def sheet(rows, head=HEAD):
    return f"{head}<worksheet><sheetData>{rows}</sheetData></worksheet>"


def book(worksheet, shared="<sst/>", doctype="", more=None):
    """A workbook by hand; a part is a text, or an iterable of pieces."""
    parts = {
        "[Content_Types].xml": f'{HEAD}<Types xmlns="{PACKAGE}/content-types"></Types>',
        "_rels/.rels": f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{DOCUMENT}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'{HEAD}{doctype}<workbook xmlns="{MAIN}" xmlns:r="{DOCUMENT}"><sheets>'
        '<sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{DOCUMENT}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" '
        f'Type="{DOCUMENT}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": worksheet,
        "xl/sharedStrings.xml": shared,
        **(more or {}),
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            with archive.open(name, "w", force_zip64=True) as part:
                for piece in [content] if isinstance(content, (str, bytes)) else content:
                    part.write(piece.encode() if isinstance(piece, str) else piece)
    return out.getvalue()


def repeated(head, piece, times, tail):
    yield head
    for _ in range(times):
        yield piece
    yield tail


def nested_archives(levels):
    inner = b"x"
    for _ in range(levels):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("inner.zip", inner)
        inner = out.getvalue()
    return inner


def archive_of(entries):
    """An archive that says of so many files that it has them."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number in range(entries):
            archive.writestr(zipfile.ZipInfo(f"{number:x}"), b"")
    return out.getvalue()


def with_directory(archive, offset, form, *values):
    """The archive with something else in the record that ends it."""
    changed = bytearray(archive)
    struct.pack_into(form, changed, archive.rfind(b"PK\x05\x06") + offset, *values)
    return bytes(changed)


GOOD = book(sheet(row("user_id", "name") + row("u1", "Anna", number=2)))
BAD_BOOKS = {
    "shared texts of more than a gigabyte": (
        lambda: book(sheet(""), repeated("<sst>", "<si><t>" + "x" * MEGABYTE + "</t></si>", 1_100, "</sst>")), 413),
    "ten million shared texts": (lambda: book(sheet(""), repeated("<sst>", "<si><t/></si>" * 100_000, 100, "</sst>")), 413),
    "a sheet of more than a gigabyte": (
        lambda: book(repeated("<worksheet><sheetData>", row("1") * 20_000, 1_000, "</sheetData></worksheet>")), 413),
    "styles of a hundred megabytes": (lambda: book(sheet(""), more={"xl/styles.xml": " " * (100 * MEGABYTE)}), 413),
    "an attribute of forty megabytes": (lambda: book(sheet(f'<row r="1" spans="{"x" * (40 * MEGABYTE)}"></row>')), 413),
    "archives within archives": (lambda: nested_archives(50), 422),
    "20,000 files": (lambda: archive_of(20_000), 413),
    "a directory that is elsewhere": (lambda: with_directory(GOOD, 16, "<I", 0), 422),
    "a directory with other numbers": (lambda: with_directory(GOOD, 8, "<HH", 65_535, 65_535), 422),
    "a directory with one file": (lambda: with_directory(GOOD, 8, "<HH", 1, 1), 422),
    "a directory of other records": (lambda: GOOD.replace(b"PK\x01\x02", b"PK\x01\x09"), 422),
    "half of it": (lambda: GOOD[: len(GOOD) // 2], 422),
    "a billion laughs in the workbook": (lambda: book(sheet(row("&lol9;")), doctype=LAUGHS), 422),
    "a billion laughs in the sheet": (lambda: book(sheet(row("&lol9;"), HEAD + LAUGHS)), 422),
    "a billion laughs in UTF-16": (lambda: book(sheet(row("&lol9;"), HEAD + LAUGHS).encode("utf-16")), 422),
    "an unknown entity": (lambda: book(sheet(row("&xxe;"))), 422),
    "elements without an end": (lambda: book("<worksheet><sheetData>" + "<a>" * 1_000_000), 422),
    "a shared text that is not there": (lambda: book(sheet('<row r="1"><c r="A1" t="s"><v>99</v></c></row>')), 422),
}
CODES = {413: "spreadsheet_too_large", 422: "unreadable_file"}


@pytest.mark.sqlite_only
def test_no_workbook_breaks_the_server_or_fills_its_memory(hearth, api):
    api.delete(f"/api/v1/imports/{upload(api, GOOD, 'members.xlsx')['id']}", expect=204)
    before = hearth.memory()
    for name, (made, status) in BAD_BOOKS.items():
        answer = api.send("POST", "/api/v1/imports", params={"name": "bad.xlsx"}, data=made())
        assert (answer.status_code, name) == (status, name), answer.text
        assert check_problem(answer, status, CODES[status])["detail"], name
        assert hearth.memory() - before < ROOM, name
    assert list((hearth.data / "imports").iterdir()) == [], "nothing is left behind"
    uploaded = upload(api, GOOD, "members.xlsx")
    assert imported(api, uploaded, suggested(uploaded))["result"]["imported"] == 1, "and it serves on"


def lines(*parts):
    return b"".join(part if isinstance(part, bytes) else part.encode() for part in parts)


def users(first, last):
    return "".join(f"u{number},n\n" for number in range(first, last))


# What is in the file, and how many rows are imported; the codes of the others by their lines.
DAMAGED_TEXTS = {
    "a line of a hundred megabytes": (
        lambda: lines("user_id,name\nu1,a\nu2,", b"x" * (100 * MEGABYTE), "\nu3,c\n"), 2, {3: "event_too_large"}),
    "a quote that is never closed": (
        lambda: lines("user_id,name\n", users(1, 6), 'u6,"open\n', users(7, 3_001)), 2_999, {7: "ragged_row"}),
    "NUL in a cell": (lambda: lines("user_id,name\nu1,a\0b\nu2,c\n"), 1, {2: "nul_character"}),
    "rows in another encoding": (
        lambda: lines("user_id,name\n", "".join(f"u{number},王伟\n" for number in range(200)), "v,李娜\n".encode("gbk")),
        200, {202: "invalid_field"}),
    "rows with more or fewer cells": (
        lambda: lines("user_id,name\nu1\nu2,a,b\nu3,c\n"), 1, {2: "ragged_row", 3: "ragged_row"}),
    "only a header": (lambda: b"user_id,name\n", 0, {}),
    "only a header without an end": (lambda: b"user_id,name", 0, {}),
}
UNREADABLE_TEXTS = {
    "nothing": (lambda: b"", "unreadable_file"),
    "NUL all over": (lambda: bytes(100_000), "unreadable_file"),
    "5,000 columns": (lambda: as_csv([f"column {n}" for n in range(5_000)], [["1"] * 5_000]).encode(), "too_many_columns"),
    "a header of a hundred megabytes": (lambda: b"user_id," + b"x," * (50 * MEGABYTE) + b"\nu1,a\n", "too_many_columns"),
    "one line, one quote": (lambda: b'"' + b"x" * (100 * MEGABYTE), "too_many_columns"),
}


@pytest.mark.sqlite_only
def test_of_a_damaged_text_only_the_damaged_rows_are_rejected_each_with_its_line(hearth, api):
    before = hearth.memory()
    for name, (made, code) in UNREADABLE_TEXTS.items():
        answer = api.send("POST", "/api/v1/imports", data=made())
        assert check_problem(answer, 422)["code"] == code, name
        assert hearth.memory() - before < ROOM, name
    for name, (made, count, rejects) in DAMAGED_TEXTS.items():
        uploaded = upload(api, made())
        result = imported(api, uploaded, suggested(uploaded))["result"]
        assert (result["imported"], result["rejected"]) == (count, len(rejects)), name
        report = api.send("GET", f"/api/v1/imports/{uploaded['id']}/rejects")
        found = [line.split(",")[:2] for line in report.text.splitlines() if line[:1].isdigit()]
        assert {int(line): code for line, code in found} == rejects, name
        assert hearth.memory() - before < ROOM, name


def test_columns_of_one_name_are_all_imported(hearth, api):
    uploaded = upload(api, b"user_id,name,name,\nu1,a,b,c\n")
    assert [column["name"] for column in uploaded["detected"]["columns"]] == ["user_id", "name", "3", "4"]
    imported(api, uploaded, suggested(uploaded))
    assert api.member("user_id", "u1")["traits"] == {"name": "a", "3": "b", "4": "c"}


def test_numbers_and_dates_that_nothing_can_hold_are_rejected_by_their_rows(hearth, api):
    numbers = ["1e400", "NaN", "Infinity", "0x10", "123456789012345678901234567890", "-0.5"]
    uploaded = upload(api, as_csv(("user_id", "n"), [(f"n{place}", value) for place, value in enumerate(numbers)]).encode())
    choice = {"mapping": {"kind": "members", "user_id": "user_id", "traits": {"n": "n:number"}}}
    result = imported(api, uploaded, choice)["result"]
    assert (result["imported"], result["rejected"]) == (2, 4)
    assert api.member("user_id", "n5")["traits"] == {"n": -0.5}

    dates = ["0000-01-01", "9999999-01-01", "2024-02-30", "-0001-01-01", "1990-01-02"]
    uploaded = upload(api, as_csv(("user_id", "day"), [(f"d{place}", value) for place, value in enumerate(dates)]).encode())
    choice = {"mapping": {"kind": "members", "user_id": "user_id", "traits": {"day": "day:date"}}}
    result = imported(api, uploaded, choice)["result"]
    assert (result["imported"], result["rejected"]) == (1, 4)
    assert api.member("user_id", "d4")["traits"] == {"day": "1990-01-02"}

    moments = ["0000-01-01T00:00:00Z", "9999999-01-01T00:00:00Z", "99999999999999999999", "1e400", "2024-01-02T03:04:05Z"]
    rows = [(f"m{place}", "E", value) for place, value in enumerate(moments)]
    uploaded = upload(api, as_csv(("user_id", "event", "at"), rows).encode())
    choice = {"mapping": {"kind": "events", "user_id": "user_id", "event": "event", "timestamp": "at", "properties": {}}}
    result = imported(api, uploaded, choice)["result"]
    assert (result["imported"], result["rejected"]) == (1, 4)
    [entry] = api.timeline(api.member("user_id", "m4")["id"])
    assert entry["timestamp"] == "2024-01-02T03:04:05.000Z"


def begin_import(hearth, file, config):
    arguments = ["import", "members", file, "--mapping", "user_id=user_id; traits.name=name", "--config", config]
    return hearth.begin(*arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def counts(hearth):
    return [hearth.query(f"SELECT COUNT(*) FROM {table}")[0][0] for table in ("members", "events")]


def test_a_command_that_is_killed_while_it_imports_goes_on_and_doubles_nothing(new_hearth, tmp_path):
    config = tmp_path / "hearth.toml"
    config.write_text("[imports]\nrows_ahead = 2000\n")
    hearth = new_hearth()
    hearth.key("api")
    count = 30_000
    file = tmp_path / "members.csv"
    file.write_text(as_csv(("user_id", "name"), [(f"u{number}", "n") for number in range(count)]), encoding="utf-8")
    killed = begin_import(hearth, file, config)
    wait_until(lambda: counts(hearth)[0] >= 2_000 or killed.poll() is not None, 60, "the middle of the import")
    killed.kill()
    killed.communicate(timeout=60)
    assert counts(hearth)[0] < count, "it was not killed in the middle"
    again = begin_import(hearth, file, config)
    out, told = again.communicate(timeout=120)
    assert again.returncode == 0, told
    assert out.startswith(f"{count} rows imported, 0 rejected"), out
    hearth.start()
    hearth.wait_until_idle()
    assert counts(hearth) == [count, count]


def test_two_commands_that_import_one_file_at_once_do_nothing_twice(hearth, api, tmp_path):
    config = tmp_path / "hearth.toml"
    config.write_text("[imports]\nrows_ahead = 2000\n")
    count = 10_000
    file = tmp_path / "members.csv"
    file.write_text(as_csv(("user_id", "name"), [(f"u{number}", "n") for number in range(count)]), encoding="utf-8")
    uploaded = upload(api, file.read_bytes())
    choice = {"mapping": {"kind": "members", "user_id": "user_id", "traits": {"name": "name"}}}
    both = [begin_import(hearth, file, config) for _ in range(2)]
    started = api.send("POST", f"/api/v1/imports/{uploaded['id']}/start", json=choice)
    for process in both:
        out, told = process.communicate(timeout=120)
        assert process.returncode == 0, told
        assert out.startswith(f"{count} rows imported, 0 rejected"), out
    if started.status_code == 202:
        assert ended(api, uploaded["id"])["result"]["imported"] == count
    else:
        check_problem(started, 409, "import_running")
    hearth.wait_until_idle()
    assert counts(hearth) == [count, count]
