"""Files of all kinds into members, by REST and on the command line: in any encoding, as workbooks, twice at once,
through a crash, and such as are meant to do harm. And out again."""

import csv
import io
import json
import subprocess
import zipfile
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import openpyxl
import pytest

from support.api import check_problem
from support.imports import as_csv, ended, imported, suggested, upload
from support.waiting import wait_for_equal, wait_until

PEOPLE = [
    ("M1", "王伟", "wang@example.com", "+8613800138001", "上海", "1990-01-02", "12.5"),
    ("M2", "李娜", "li@example.com", "+8613800138002", "成都", "1985-12-31", "3"),
    ("M3", "张敏", "zhang@example.com", "+8613800138003", "杭州", "2001-02-28", "0"),
    ("M4", "陈静", "", "+8613800138004", "广州", "1999-09-09", "77"),
]
HEADER = ("会员编号", "姓名", "邮箱", "手机号", "城市", "生日", "积分")
PEOPLE_IN_TAIPEI = [
    ("T1", "陳怡君", "yi@example.com", "+886912345678", "臺北", "1990/1/2", "12.5"),
    ("T2", "林志明", "lin@example.com", "+886912345679", "高雄", "1985/12/31", "3"),
]
HEADER_IN_TAIPEI = ("會員編號", "姓名", "電子郵件", "手機號碼", "城市", "生日", "積分")
MAP_OF_TAIPEI = (
    "user_id=會員編號; email=電子郵件; phone=手機號碼; traits.name=姓名; traits.city=城市; "
    "traits.birthday=生日:date; traits.points=積分:number"
)


def previewed(api, uploaded, choice):
    api.post(f"/api/v1/imports/{uploaded['id']}/preview", choice, expect=202)
    preview = ended(api, uploaded["id"], states=("previewed",))["preview"]
    return {name: preview[name] for name in ("create", "update", "merge", "reject")}


def profile(api, user):
    return api.member("user_id", user)["traits"]


@pytest.mark.parametrize("encoding", ["gbk", "utf-16", "utf-8", "utf-8-sig"])
@pytest.mark.parametrize("delimiter", [",", "\t"])
@pytest.mark.sqlite_only
def test_a_file_in_any_encoding_is_understood_by_itself(hearth, api, encoding, delimiter):
    uploaded = upload(api, as_csv(HEADER, PEOPLE, delimiter).encode(encoding))
    found = uploaded["detected"]
    names = {"utf-16": "utf-16le", "utf-8-sig": "utf-8"}
    assert found["encoding"] == names.get(encoding, encoding)
    assert found["delimiter"] == {"\t": "tab"}.get(delimiter, delimiter)
    assert [column["name"] for column in found["columns"]] == list(HEADER)
    assert found["columns"][5]["date_format"] == "y-m-d" and found["rows_estimated"] == len(PEOPLE)
    choice = suggested(uploaded)
    assert previewed(api, uploaded, choice) == {"create": 4, "update": 0, "merge": 0, "reject": 0}
    assert imported(api, uploaded, choice)["result"]["imported"] == len(PEOPLE)
    assert profile(api, "M1") == {
        "name": "王伟", "email": "wang@example.com", "phone": "+8613800138001", "city": "上海", "birthday": "1990-01-02",
        "points": 12.5,
    }
    assert api.member("email", "li@example.com")["traits"]["name"] == "李娜"


def test_traditional_characters_are_imported_on_the_command_line_and_a_mapping_is_used_again(hearth, api, tmp_path):
    file = tmp_path / "members.csv"
    file.write_bytes(as_csv(HEADER_IN_TAIPEI, PEOPLE_IN_TAIPEI).encode("big5"))
    arguments = ["import", "members", file]
    checked = hearth.run(*arguments, "--mapping", MAP_OF_TAIPEI, "--save-mapping", "臺北", "--dry-run")
    assert checked.stdout == "dry run: 2 create, 0 update, 0 merge, 0 reject\n"
    assert hearth.run(*arguments, "--mapping", "臺北").stdout == "2 rows imported, 0 rejected\n"
    assert profile(api, "T1")["birthday"] == "1990-01-02" and profile(api, "T1")["city"] == "臺北"
    [started] = [line for line in api.all("/api/v1/audit") if line["action"] == "import.started"]
    assert (started["actor"], started["detail"]) == ("cli", {"kind": "members", "file": "members.csv"})
    # The saved one is found by itself, for the next file, and offered by REST.
    file.write_bytes(as_csv(HEADER_IN_TAIPEI, [("T1", *PEOPLE_IN_TAIPEI[0][1:4], "臺中", "1990/1/2", "15")]).encode("big5"))
    again = hearth.run(*arguments, "--dry-run")
    assert again.stdout == "dry run: 0 create, 1 update, 0 merge, 0 reject\n" and "臺北" in again.stderr
    uploaded = upload(api, file.read_bytes())
    assert uploaded["detected"]["encoding"] == "big5" and uploaded["offered_mapping"]["name"] == "臺北"
    imported(api, uploaded, {"mapping_id": uploaded["offered_mapping"]["id"]})
    assert profile(api, "T1")["city"] == "臺中"


def test_a_workbook_is_imported_by_rest_and_on_the_command_line(hearth, api, tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(HEADER)
    for row in PEOPLE:
        sheet.append([*row[:5], date.fromisoformat(row[5]), float(row[6])])
    file = tmp_path / "members.xlsx"
    book.save(file)
    uploaded = upload(api, file.read_bytes(), "members.xlsx")
    assert uploaded["detected"]["format"] == "xlsx" and uploaded["detected"]["rows_estimated"] == len(PEOPLE)
    imported(api, uploaded, suggested(uploaded))
    assert profile(api, "M3") == {
        "name": "张敏", "email": "zhang@example.com", "phone": "+8613800138003", "city": "杭州",
        "birthday": "2001-02-28", "points": 0,
    }
    report = hearth.run("import", "members", file)
    assert report.stdout == "4 rows imported, 0 rejected; an earlier run did the first 4 rows\n"
    assert len(api.all("/api/v1/members")) == len(PEOPLE)


@pytest.mark.sqlite_only
def test_files_that_are_meant_to_do_harm_are_refused_and_the_server_serves_on(hearth, api, tmp_path):
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            for _ in range(3_000):
                sheet.write(b" " * (1 << 20))
    assert bomb.tell() < 4 << 20
    before = hearth.memory()
    answer = api.send("POST", "/api/v1/imports", params={"name": "bomb.xlsx"}, data=bomb.getvalue())
    check_problem(answer, 413, "spreadsheet_too_large")
    assert hearth.memory() - before < 60 << 20
    file = tmp_path / "bomb.xlsx"
    file.write_bytes(bomb.getvalue())
    refused = hearth.run("import", "members", file, check=False)
    assert refused.returncode == 1 and "1 GB" in refused.stderr
    wide = ",".join(f"column {number}" for number in range(5_000)) + "\n" + ",".join("1" * 5_000) + "\n"
    check_problem(api.send("POST", "/api/v1/imports", data=wide.encode()), 422, "too_many_columns")
    check_problem(api.send("POST", "/api/v1/imports", data=b""), 422, "unreadable_file")
    check_problem(api.send("POST", "/api/v1/imports", data=bytes(1_000)), 422, "unreadable_file")
    check_problem(hearth.stranger().send("POST", "/api/v1/imports", data=b"a,b\n"), 401)
    assert list((hearth.data / "imports").iterdir()) == [], "nothing is left behind"


def test_names_from_right_to_left_with_emoji_and_combining_marks_come_back_as_they_were(hearth, api):
    names = ["محمد بن سلمان", "שרה לוי", "👩‍👩‍👧‍👦 家庭", "Zoe\u0308", "\u202eabc\u202c", "𠮷野家", "=1+1", "+86 tel", "a,\"b\"\nc"]
    rows = [(f"u{number}", name) for number, name in enumerate(names)]
    uploaded = upload(api, as_csv(("user_id", "name"), rows).encode())
    imported(api, uploaded, suggested(uploaded))
    assert [profile(api, f"u{number}")["name"] for number in range(len(names))] == names


def test_two_imports_of_one_file_at_once_do_nothing_twice(hearth, api, tmp_path):
    content = as_csv(("user_id", "name"), [(f"u{number}", f"name {number}") for number in range(20_000)]).encode()
    ids = [upload(api, content)["id"] for _ in range(2)]
    choice = {"mapping": {"kind": "members", "user_id": "user_id", "traits": {"name": "name"}}}
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda one: api.send("POST", f"/api/v1/imports/{one}/start", json=choice), ids))
    statuses = sorted(answer.status_code for answer in answers)
    if statuses == [202, 409]:
        refused = next(answer for answer in answers if answer.status_code == 409)
        problem = check_problem(refused, 409, "import_running")
        winner = next(one for one, answer in zip(ids, answers) if answer.status_code == 202)
        assert winner in problem["detail"]
    else:
        # The first had ended before the second began.
        assert statuses == [202, 202]
        winner = ids[0]
    # The command line, with the same mapping, joins the one that runs or finds all of it done.
    file = tmp_path / "members.csv"
    file.write_bytes(content)
    hearth.run("import", "members", file, "--mapping", "user_id=user_id; traits.name=name")
    ended(api, winner)
    assert hearth.query("SELECT COUNT(*) FROM members") == [(20_000,)]
    assert hearth.query("SELECT COUNT(*) FROM events") == [(20_000,)]


def test_a_killed_server_goes_on_with_an_import_and_loses_nothing(new_hearth, tmp_path):
    config = tmp_path / "hearth.toml"
    config.write_text("[imports]\nrows_ahead = 5000\n")
    hearth = new_hearth("--config", config).start()
    api = hearth.api()
    count = 60_000
    rows = [(f"u{number}", f"name {number}") if number % 100 else (f"u{number}",) for number in range(count)]
    uploaded = upload(api, as_csv(("user_id", "name"), rows).encode())
    api.post(f"/api/v1/imports/{uploaded['id']}/start", suggested(uploaded), expect=202)

    def rows_done():
        return sum(done for (done,) in hearth.query("SELECT rows_done FROM imports"))

    for enough in (5_000, 20_000):
        wait_until(lambda: rows_done() >= enough, 60, "the middle of the import")
        hearth.kill()
        assert rows_done() < count, "it was not killed in the middle"
        hearth.start()
    done = ended(api, uploaded["id"])
    assert (done["result"]["imported"], done["result"]["rejected"]) == (count - count // 100, count // 100)
    assert hearth.query("SELECT COUNT(*) FROM members") == [(count - count // 100,)]
    assert hearth.query("SELECT COUNT(*) FROM events") == [(count - count // 100,)]
    rejects = api.send("GET", f"/api/v1/imports/{uploaded['id']}/rejects")
    assert api.all("/api/v1/audit")[0]["action"] == "import.rejects_exported"
    assert rejects.headers["content-type"].startswith("text/csv")
    lines = [row["line"] for row in csv.DictReader(io.StringIO(rejects.text))]
    assert lines == [str(number + 2) for number in range(0, count, 100)]


def test_an_import_can_be_deleted_while_it_runs(new_hearth, tmp_path):
    config = tmp_path / "hearth.toml"
    config.write_text("[imports]\nrows_ahead = 5000\n")
    hearth = new_hearth("--config", config).start()
    api = hearth.api()
    content = as_csv(("user_id", "name"), [(f"u{number}", "n") for number in range(60_000)]).encode()
    uploaded = upload(api, content)
    started = api.post(f"/api/v1/imports/{uploaded['id']}/start", suggested(uploaded), expect=202)
    job = started["progress"]["job"]
    api.delete(f"/api/v1/imports/{uploaded['id']}", expect=204)
    ends = ("cancelled", "failed", "done")
    state = wait_until(lambda: next(iter({api.get(f"/api/v1/jobs/{job}")["state"]} & set(ends)), None), 60, "its end")
    assert state != "done"
    check_problem(api.send("GET", f"/api/v1/imports/{uploaded['id']}"), 404, "not_found")
    assert list((hearth.data / "imports").glob("*.upload")) == []


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_what_is_exported_can_be_imported_into_another_house(new_hearth, form):
    hearth = new_hearth().start()
    api = hearth.api()
    tracker = hearth.tracker()
    traits = [
        {"name": "王伟", "city": "上海", "points": 12.5, "vip": True, "likes": ["红酒", "茶"], "zip": "00501"},
        {"name": "=cmd|' /C calc'!A0", "city": "a,\"b\"\nc", "points": -3, "vip": False, "phone": "+8613800138000"},
        {"name": "-x", "email": "x@example.com", "birthday": "1990-01-02"},
    ]
    tracker.batch([
        {"type": "identify", "userId": f"u{number}", "anonymousId": f"a{number}", "traits": known}
        for number, known in enumerate(traits)
    ])
    wait_for_equal(lambda: len(api.all("/api/v1/members")), len(traits), 20, "members")
    segment = api.segment("in Shanghai", {"trait": "city", "op": "eq", "value": "上海"})
    wait_until(lambda: api.is_live(segment), 20, "the segment")
    exported = api.send("GET", "/api/v1/members/export", params={"format": form})
    assert exported.status_code == 200 and f"members.{form}" in exported.headers["content-disposition"]
    if form == "csv":
        text = exported.content.decode("utf-8-sig")
        assert exported.content.startswith(b"\xef\xbb\xbf") and "'=cmd|' /C calc'!A0" in text
        rows = list(csv.DictReader(io.StringIO(text)))
        assert rows[0]["id"].startswith("mem_") and {row["points"] for row in rows} == {"12.5", "-3", ""}
        bare = api.send("GET", "/api/v1/members/export", params={"bom": "false", "escape_formulas": "false"})
        assert bare.text.startswith("id,user_id,") and ",=cmd|" in bare.text
        chosen = api.send("GET", f"/api/v1/segments/{segment}/export", params={"columns": "user_id,name,entered_at"})
        [row] = csv.DictReader(io.StringIO(chosen.content.decode("utf-8-sig")))
        assert (row["user_id"], row["name"]) == ("u0", "王伟") and row["entered_at"].endswith("Z")
    actions = [line["action"] for line in api.all("/api/v1/audit")]
    assert "members.exported" in actions
    viewer = hearth.signed_in("viewer")
    check_problem(viewer.send("GET", "/api/v1/members/export"), 403, "forbidden")
    check_problem(api.send("GET", "/api/v1/members/export", params={"format": "pdf"}), 400, "invalid_query")

    other = new_hearth().start()
    there = other.api()
    uploaded = upload(there, exported.content, f"members.{form}")
    assert uploaded["suggested_mapping"]["questions"] == []
    imported(there, uploaded, suggested(uploaded))

    def people(api):
        return {
            tuple(sorted((identity["kind"], identity["value"]) for identity in member["identities"])): member["traits"]
            for member in api.all("/api/v1/members")
        }

    assert people(there) == people(api)


FROM_ANOTHER_CRM = (
    ("会员编号", "姓名", "标签", "积分", "订阅", "订阅日期"),
    [
        ("M1", "王伟", "VIP;老客", "1,280.50", "是", "2024/5/1"),
        ("M2", "李娜", "老客；华东, 上海", "7", "否", ""),
        ("M3", "张敏", "", "0", "", ""),
        ("M4", "陈静", "老客", "3", "也许", "2024/5/2"),
    ],
)
MAP_FROM_ANOTHER_CRM = {
    "user_id": "会员编号",
    "traits": {"name": "姓名", "points": "积分:number"},
    "tags": "标签",
    "tags_separator": ";",
    "add_tags": ["2026 展会"],
    "consents": [{
        "channel": "email", "purpose": "news", "column": "订阅", "yes": ["是", "Y", "1"],
        "given_at": "订阅日期", "proof": "门店登记表，2024 年版",
    }],
}


def known(api):
    """What members carry and have decided, and how it came to that."""
    members = {}
    for user, member in api.by_user().items():
        path = f"/api/v1/members/{member['id']}"
        decided = {(item["channel_kind"], item["topic"]): item for item in api.get(f"{path}/consent")["items"]}
        members[user] = {
            "tags": sorted(member["tags"]),
            "traits": member["traits"],
            "decided": {about: item["granted"] for about, item in decided.items()},
            "changes": len(api.all(f"{path}/tags/history")),
        }
    return members


@pytest.mark.parametrize("way", ["rest", "cli"])
def test_tags_and_consents_come_along_from_another_crm(hearth, api, tmp_path, way):
    content = as_csv(*FROM_ANOTHER_CRM).encode("gbk")
    if way == "rest":
        uploaded = upload(api, content, "会员.csv")
        assert uploaded["suggested_mapping"]["mapping"]["tags"] == "标签"
        assert not any(name.startswith("consents") for name in uploaded["suggested_mapping"]["mapping"])
        questions = {question["code"]: question for question in uploaded["suggested_mapping"]["questions"]}
        assert questions["may_be_consent"]["column"] == "订阅" and "订阅" in questions["may_be_consent"]["message"]["zh"]
        choice = {"mapping": {"kind": "members", **MAP_FROM_ANOTHER_CRM}}
        started = {"json": choice, "headers": {"Accept-Language": "zh-CN,zh;q=0.9"}}
        api.call("POST", f"/api/v1/imports/{uploaded['id']}/preview", 202, **started)
        preview = ended(api, uploaded["id"], states=("previewed",))["preview"]
        counts = {name: preview[name] for name in ("create", "reject", "tags", "consents_given", "consents_withdrawn")}
        assert counts == {"create": 3, "reject": 1, "tags": 7, "consents_given": 1, "consents_withdrawn": 1}
        assert api.all("/api/v1/members") == []
        api.call("POST", f"/api/v1/imports/{uploaded['id']}/start", 202, **started)
        done = ended(api, uploaded["id"])
        assert (done["result"]["imported"], done["result"]["rejected"]) == (3, 1)
        rejects = api.send("GET", f"/api/v1/imports/{uploaded['id']}/rejects")
        [reject] = csv.DictReader(io.StringIO(rejects.content.decode()))
        assert (reject["line"], reject["code"]) == ("5", "invalid_field")
        assert reject["message"] == "订阅 既不是同意，也不是拒绝"
    else:
        file, mapping = tmp_path / "会员.csv", tmp_path / "mapping.json"
        file.write_bytes(content)
        mapping.write_text(json.dumps(MAP_FROM_ANOTHER_CRM, ensure_ascii=False), encoding="utf-8")
        arguments = ["import", "members", file, "--mapping", mapping, "--language", "zh"]
        checked = hearth.run(*arguments, "--dry-run").stdout
        assert "3 create, 0 update, 0 merge, 1 reject" in checked
        assert ", 7 tags to put on, 1 consents given, 1 consents withdrawn" in checked
        assert hearth.run(*arguments).stdout.startswith("3 rows imported, 1 rejected (")
        assert "订阅 既不是同意，也不是拒绝" in (tmp_path / "会员.csv.rejects.csv").read_text(encoding="utf-8")

    found = known(api)
    assert found["M1"]["tags"] == sorted(["VIP", "老客", "2026 展会"]) and found["M1"]["traits"]["points"] == 1280.5
    assert found["M2"]["tags"] == sorted(["老客", "华东, 上海", "2026 展会"])
    assert found["M3"]["tags"] == ["2026 展会"] and "M4" not in found
    assert [found[user]["decided"] for user in ("M1", "M2", "M3")] == [
        {("email", "news"): True}, {("email", "news"): False}, {},
    ]
    [given] = api.get(f"/api/v1/members/{api.member('user_id', 'M1')['id']}/consent")["items"]
    assert given["decided_at"].startswith("2024-05-01") and given["source"].startswith("import:") and not given["claimed"]
    said = given["proof"]["said"]
    assert (said["text"], said["file"], said["row"]) == ("门店登记表，2024 年版", "会员.csv", 2)
    assert said.get("import", "").startswith("imp_") == (way == "rest")

    # What Hearth writes out it takes in again, and nothing changes; neither does anything by the same file once more.
    exported = api.send("GET", "/api/v1/members/export").content
    again = upload(api, exported, "again.csv")
    assert again["suggested_mapping"]["questions"] == []
    assert again["suggested_mapping"]["mapping"]["tags"] == "tags"
    assert imported(api, again, suggested(again))["result"]["imported"] == 3
    assert known(api) == found
    repeated = upload(api, content, "会员.csv")
    imported(api, repeated, {"mapping": {"kind": "members", **MAP_FROM_ANOTHER_CRM}})
    assert known(api) == found
    assert api.dead_letters() == []


def test_tags_that_no_hand_puts_on_and_odd_names_survive_an_export(hearth, api):
    api.put("/api/v1/tags/hot", {"kind": "dynamic", "rule": {"trait": "city", "op": "eq", "value": "上海"}}, expect=204)
    uploaded = upload(api, as_csv(("user_id", "city", "tags"), [("u1", "上海", '["a;b","c"]'), ("u2", "成都", "[x")]).encode())
    imported(api, uploaded, suggested(uploaded))
    wait_until(lambda: "hot" in api.by_user()["u1"]["tags"], 20, "the dynamic tag")
    before = known(api)
    assert before["u1"]["tags"] == ["a;b", "c", "hot"] and before["u2"]["tags"] == ["[x"]
    refused = api.send(
        "POST", f"/api/v1/imports/{uploaded['id']}/start",
        json={"mapping": {"user_id": "user_id", "add_tags": ["hot"]}},
    )
    check_problem(refused, 422, "tag_is_dynamic")
    again = upload(api, api.send("GET", "/api/v1/members/export").content, "again.csv")
    api.post(f"/api/v1/imports/{again['id']}/preview", suggested(again), expect=202)
    preview = ended(api, again["id"], states=("previewed",))["preview"]
    assert (preview["tags"], preview["ruled_tags"]) == (3, 1)
    imported(api, again, suggested(again))
    assert known(api) == before and api.dead_letters() == []


def test_two_imports_of_one_file_with_tags_at_once_put_each_on_once(hearth, api):
    rows = [(f"u{number}", "a;b") for number in range(2_000)]
    content = as_csv(("user_id", "tags"), rows).encode()
    ids = [upload(api, content)["id"] for _ in range(2)]
    choice = {"mapping": {"kind": "members", "user_id": "user_id", "tags": "tags", "add_tags": ["c"]}}
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda one: api.send("POST", f"/api/v1/imports/{one}/start", json=choice), ids))
    assert {answer.status_code for answer in answers} <= {202, 409} and 202 in {a.status_code for a in answers}
    for one, answer in zip(ids, answers):
        if answer.status_code == 202:
            ended(api, one)
    assert hearth.query("SELECT COUNT(*) FROM member_tags") == [(6_000,)]
    assert hearth.query("SELECT COUNT(*) FROM tag_changes") == [(6_000,)]


def test_progress_is_told_in_lines_where_there_is_no_terminal(new_hearth, tmp_path):
    config = tmp_path / "hearth.toml"
    config.write_text("[imports]\nrows_ahead = 5000\n")
    hearth = new_hearth()
    hearth.key("api")
    file = tmp_path / "members.csv"
    file.write_text(as_csv(("user_id", "name"), [(f"u{number}", "n") for number in range(30_000)]), encoding="utf-8")
    process = hearth.begin(
        "import", "members", file, "--config", config, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    out, told = process.communicate(timeout=120)
    assert process.returncode == 0 and out == "30000 rows imported, 0 rejected\n"
    assert "mapping: " in told and "\x1b" not in told and "\r" not in told
