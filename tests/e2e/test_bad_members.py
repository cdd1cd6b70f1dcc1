"""Members whom nobody has thought of: names in any script, values of every type, and more of everything than anybody needs."""

import csv
import io
import json

import openpyxl
import pytest

from support.api import check_problem
from support.imports import as_csv, imported, suggested, upload
from support.waiting import wait_until

MEGABYTE = 1 << 20

NAMES = {
    "family": "👩‍👩‍👧‍👦 家庭",
    "flag": "🏴󠁧󠁢󠁥󠁮󠁧󠁿 England",
    "arabic": "محمد بن سلمان",
    "hebrew": "שרה לוי",
    "mixed": "Zoë محمد 王伟",
    "combining": "Zoe\u0308 N\u0303ando\u0301",
    "zalgo": "H" + "\u0301\u0300\u0334" * 20 + "i",
    "overridden": "\u202eabc\u202c",
    "joined": "نامه\u200cای",
    "spaced": "a\u200bb\u00a0c",
    "astral": "𠮷野家",
    "korean": "한국어 이름",
    "devanagari": "क्षत्रिय",
    "formula": "=1+1",
    "quoted": "a,\"b\"\nc;d\te",
}


def test_names_in_any_script_stay_as_they_are_wherever_they_go(hearth, api, tracker):
    tracker.batch([
        item
        for key, name in NAMES.items()
        for item in (
            {"type": "identify", "userId": f"sent {name}", "traits": {"name": name, "key": key}},
            {"type": "track", "userId": f"sent {name}", "event": f"Said {name}", "properties": {name: [name]}},
        )
    ])
    hearth.wait_until_idle()
    for key, name in NAMES.items():
        member = api.member("user_id", f"sent {name}")
        assert member["traits"] == {"name": name, "key": key}
        [said] = [entry for entry in api.timeline(member["id"]) if entry["name"].startswith("Said")]
        assert (said["name"], said["properties"]) == (f"Said {name}", {name: [name]})
        for part in (name, name[1:-1] or name, name.lower(), f"sent {name}"):
            found = [one["id"] for one in api.all("/api/v1/members", search=part)]
            assert member["id"] in found, f"{key}: {part!r}"
        for op in ("eq", "ieq", "contains", "icontains", "prefix", "iprefix"):
            rule = {"trait": "name", "op": op, "value": name}
            assert api.post("/api/v1/segments/preview", {"rule": rule})["size"] == 1, f"{key}: {op}"

    for form in ("csv", "xlsx"):
        content = api.send("GET", "/api/v1/members/export", params={"format": form}).content
        if form == "csv":
            rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
        else:
            rows = [list(row) for row in openpyxl.load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True)]
        place = rows[0].index("name")
        shown = {row[place] for row in rows[1:]}
        # What a spreadsheet would take for a formula has an apostrophe in CSV.
        guarded = {f"'{name}" if form == "csv" and name.startswith("=") else name for name in NAMES.values()}
        assert shown == guarded, form
    uploaded = upload(api, as_csv(("user_id", "name"), [(f"read {key}", name) for key, name in NAMES.items()]).encode())
    assert imported(api, uploaded, suggested(uploaded))["result"]["imported"] == len(NAMES)
    for key, name in NAMES.items():
        assert api.member("user_id", f"read {key}")["traits"]["name"] == name


def test_a_trait_may_change_its_type_and_a_definition_settles_which_values_count(hearth, api, tracker):
    values = [1, "one", True, [1], {"a": 1}, "1e400", "NaN", 1e308, "9999999-01-01", "2"]
    for number, value in enumerate(values):
        tracker.batch([{"type": "identify", "userId": "u", "timestamp": f"2024-01-01T00:00:{number:02}Z", "traits": {"x": value}}])
    hearth.wait_until_idle()
    member = api.member("user_id", "u")["id"]

    def value():
        return api.get(f"/api/v1/members/{member}")["traits"].get("x")

    def defined(**definition):
        api.put("/api/v1/traits/x", definition, expect=204)
        wait_until(lambda: {one["name"]: one["state"] for one in api.get("/api/v1/traits")["items"]}["x"] == "live", 20, "the definition")
        return value()

    def matches(op, wanted):
        return api.post("/api/v1/segments/preview", {"rule": {"trait": "x", "op": op, "value": wanted}})["size"]

    assert value() == "2"
    assert (matches("eq", "2"), matches("eq", 2), matches("gt", 1)) == (1, 0, 0), "a text is no number"
    assert defined(value_type="number") == 2
    assert (matches("eq", "2"), matches("eq", 2), matches("gt", 1)) == (0, 1, 1)
    assert defined(value_type="number", conflict="largest") == 1e308
    assert defined(value_type="boolean") is True
    assert defined(value_type="list") == [1]
    assert defined(value_type="object") == {"a": 1}
    assert defined(value_type="date") is None, "the year 9999999 is none"
    tracker.batch([{"type": "identify", "userId": "u", "traits": {"x": "0000-02-30"}}])
    [letter] = wait_until(api.dead_letters, 10, "the letter of the value")
    assert letter["code"] == "wrong_trait_type"
    assert api.get(f"/api/v1/dead-letters/{letter['id']}")["payload"].count("0000-02-30") == 1, "nothing is lost"


@pytest.mark.sqlite_only
def test_very_many_names_of_traits_take_no_room_that_grows_with_them(new_hearth):
    hearth = new_hearth("--ingest-rate", "1000000").start()
    api, tracker = hearth.api(), hearth.tracker()
    of_each, members = 500, 200
    before = hearth.memory()
    for first in range(0, members, 10):
        tracker.batch([
            {"type": "identify", "userId": f"u{member}", "traits": {f"t {member} {number}": number for number in range(of_each)}}
            for member in range(first, first + 10)
        ])
    hearth.wait_until_idle()
    assert len(api.all("/api/v1/members")) == members and api.dead_letters() == []
    assert api.get("/api/v1/traits")["items"] == [], "a trait that nobody has defined is in no list"
    segment = api.live_segment("one of a hundred thousand", {"trait": "t 7 7", "op": "eq", "value": 7})
    assert api.users_of(segment) == {"u7"}
    for member in (0, 199):
        rule = {"trait": f"t {member} 499", "op": "exists"}
        assert api.post("/api/v1/segments/preview", {"rule": rule})["size"] == 1
    check_problem(api.send("GET", "/api/v1/members/export"), 422, "too_many_columns")
    named = api.send("GET", "/api/v1/members/export", params={"columns": "user_id,t 3 3"})
    rows = list(csv.DictReader(io.StringIO(named.content.decode("utf-8-sig"))))
    assert len(rows) == members and [row["user_id"] for row in rows if row["t 3 3"] == "3"] == ["u3"]
    assert hearth.memory() - before < 400 * MEGABYTE

    tracker.batch([{"type": "identify", "userId": "u0", "traits": {f"more {number}": number for number in range(501)}}])
    [letter] = wait_until(api.dead_letters, 20, "the letter of too many traits")
    assert letter["code"] == "too_many_traits"


def test_an_id_that_very_many_share_holds_nobody_up(hearth, api, tracker):
    visits = [
        {"type": "track", "userId": "guest", "anonymousId": f"device {number}", "event": "Page Read", "messageId": f"m{number}"}
        for number in range(1_100)
    ]
    tracker.batch(visits)
    hearth.wait_until_idle()
    member = api.member("user_id", "guest")
    assert len(member["identities"]) == 1_000
    letters = api.dead_letters(code="too_many_identities")
    assert len(letters) == 101 and "1000 identities" in letters[0]["message"]
    assert len(api.timeline(member["id"])) == 999
    # On a device that is known, and on none, everything goes on; what waits can be sent again as it should have been.
    tracker.batch([{**visits[5], "messageId": "again"}, {"type": "track", "userId": "guest", "event": "Page Read"}])
    path = f"/api/v1/dead-letters/{letters[0]['id']}"
    whole = json.loads(api.get(path)["payload"])
    api.post(f"{path}/replay", {"payload": {"type": "track", "anonymousId": whole["anon"], "event": "Page Read"}})
    hearth.wait_until_idle()
    assert len(api.timeline(member["id"])) == 1_001
    assert len(api.all("/api/v1/members")) == 2, "the visitor is himself"


def test_very_many_tags_are_refused_and_those_that_fit_are_kept(hearth, api, tracker):
    tracker.identify("u", name="Anna")
    member = wait_until(lambda: api.member("user_id", "u"), 10, "the member")["id"]
    path = f"/api/v1/members/{member}/tags"
    for count in (51, 100_000):
        check_problem(api.send("POST", path, json={"add": [f"t{number}" for number in range(count)]}), 422, "invalid_body")
    for first in range(0, 500, 50):
        api.post(path, {"add": [f"t{number}" for number in range(first, first + 50)]})
    check_problem(api.send("POST", path, json={"add": ["one more"]}), 422, "too_many_tags")
    assert len(api.get(f"/api/v1/members/{member}")["tags"]) == 500
    for bad in ("", "  ", "x" * 101, "a\0b", "a\nb"):
        check_problem(api.send("POST", path, json={"add": [bad]}), 422, "invalid_body")
    # A brand's own event of that name puts nothing on anybody.
    tracker.batch([{"type": "track", "userId": "u", "event": "Tag Added", "properties": {"tags": ["forged"]}}] * 3)
    hearth.wait_until_idle()
    assert "forged" not in api.get(f"/api/v1/members/{member}")["tags"]
