"""Whatever is wrong with what is sent in: a clear problem with a stable code, never a 5xx, nothing lost,
and the rest of its batch lives on."""

import gzip
import json
from datetime import datetime, timedelta, timezone

import pytest

from support.api import check_cannot_be_published, check_problem
from support.waiting import wait_for_equal, wait_until

JSON = {"Content-Type": "application/json"}
TEN_MEGABYTES = 10 << 20


def moment(**distance):
    """A moment at this distance from now, as SDKs write it."""
    return (datetime.now(timezone.utc) + timedelta(**distance)).isoformat().replace("+00:00", "Z")


def track(**fields):
    return json.dumps({"type": "track", "userId": "u", "event": "Bad", **fields})


def track_raw(field, text):
    """An event with a field as it stands, which Python's JSON would not write."""
    return f'{{"type":"track","userId":"u","event":"Bad","{field}":{text}}}'


def nested(levels):
    return '{"a":' * levels + "1" + "}" * levels


def wide(properties):
    return {f"p{number}": number for number in range(properties)}


BAD_RECORDS = {
    "not an object": ("5", "invalid_field"),
    "null": ("null", "invalid_field"),
    "an empty object": ("{}", "missing_field"),
    "nobody": ('{"type":"track","event":"Bad"}', "missing_identity"),
    "a blank id": ('{"type":"track","event":"Bad","userId":" "}', "missing_identity"),
    "no event name": ('{"type":"track","userId":"u"}', "missing_field"),
    "an alias of nobody": ('{"type":"alias","userId":"u"}', "missing_field"),
    "an unknown call": ('{"type":"command","userId":"u","event":"Tag Added"}', "unknown_call"),
    "a number as name": (track(event=5), "invalid_field"),
    "a list as id": (track(userId=[1]), "invalid_field"),
    "text as properties": (track(properties="x"), "invalid_field"),
    "a list as traits": ('{"type":"identify","userId":"u","traits":[1]}', "invalid_field"),
    "a number as context": (track(context=7), "invalid_field"),
    "an object as messageId": (track(messageId={}), "invalid_field"),
    "an overlong id": (track(userId="x" * 513), "invalid_field"),
    "an overlong name": (track(event="名" * 201), "invalid_field"),
    "2,000 properties": (track(properties=wide(2_000)), "too_many_properties"),
    "30 levels": (track_raw("properties", nested(30)), "too_deep"),
    "30 levels of lists": (track_raw("properties", '{"a":' + "[" * 30 + "]" * 30 + "}"), "too_deep"),
    "33 KB": (track(properties={"a": "x" * 33_000}), "event_too_large"),
    "NUL in a value": (track(properties={"a": "x\0y"}), "nul_character"),
    "NUL in a name of a property": (track(properties={"\0": 1}), "nul_character"),
    "NUL in the event's name": (track(event="E\0"), "nul_character"),
    "NUL in the id": (track(userId="\0"), "nul_character"),
    "NUL in a trait": ('{"type":"identify","userId":"u","traits":{"a":"\\u0000"}}', "nul_character"),
    "half a character": (track_raw("properties", '{"a":"\\ud83d"}'), "invalid_field"),
    "1e400": (track_raw("properties", '{"a":1e400}'), "number_out_of_range"),
    "-1e400": (track_raw("properties", '{"a":[-1e400]}'), "number_out_of_range"),
    "the year 0": (track(timestamp="0000-01-01T00:00:00Z"), "timestamp_out_of_range"),
    "the year 9999": (track(timestamp="9999-12-31T23:59:59Z"), "timestamp_out_of_range"),
    "1969": (track(timestamp="1969-12-31T23:59:59Z"), "timestamp_out_of_range"),
    "in two days": (lambda: track(timestamp=moment(days=2)), "timestamp_out_of_range"),
    "in ten years": (lambda: track(timestamp=moment(days=3652)), "timestamp_out_of_range"),
    "no timestamp at all": (track(timestamp="soon"), "invalid_field"),
    "seconds for milliseconds": (track(timestamp=1_700_000_000), "invalid_field"),
}

BAD_BODIES = {
    "nothing": (b"", 400, "malformed_json"),
    "half an object": (b'{"batch":[', 400, "malformed_json"),
    "not UTF-8": (b'{"batch":["\xff\xfe"]}', 400, "malformed_json"),
    "a raw NUL": (b'{"batch":[{"a":"x\x00y"}]}', 400, "malformed_json"),
    "a list": (b"[]", 400, "invalid_field"),
    "a number": (b"7", 400, "invalid_field"),
    "no batch": (b"{}", 400, "missing_field"),
    "a batch that is none": (b'{"batch":"x"}', 400, "invalid_field"),
    "200,000 brackets": (b'{"batch":[' + b"[" * 200_000 + b"]" * 200_000 + b"]}", 400, "invalid_field"),
    "ten megabytes": (b'{"batch":[' + b" " * TEN_MEGABYTES + b"]}", 400, "batch_too_large"),
}


def is_alive(hearth):
    """Ready, and nothing has crashed."""
    return hearth.is_running() and hearth.stranger().send("GET", "/readyz").status_code == 200 and not hearth.panics()


def test_each_bad_record_gets_its_code_and_the_rest_of_its_batch_lives_on(hearth, api, tracker):
    for number, (name, (bad, code)) in enumerate(BAD_RECORDS.items()):
        bad = bad() if callable(bad) else bad
        good = [json.dumps({"type": "track", "userId": "good", "event": "Good", "messageId": f"{number}-{side}"}) for side in "ab"]
        answer = tracker.raw_batch([good[0], bad, good[1]], expect=200).json()
        assert (answer["success"], answer["accepted"], answer["rejected_count"]) == (True, 2, 1), name
        [rejected] = answer["rejected"]
        assert (rejected["index"], rejected["code"]) == (1, code) and rejected["message"], name
        alone = check_problem(tracker.raw_batch([bad]), 400, code)
        assert [error["code"] for error in alone["errors"]] == [code], name
        assert is_alive(hearth), name

    good = wait_until(lambda: api.member("user_id", "good"), 10, "the good records' member")
    wanted = sorted(f"{number}-{side}" for number in range(len(BAD_RECORDS)) for side in "ab")
    wait_for_equal(lambda: sorted(entry["message_id"] for entry in api.events(good["id"])), wanted, 20, "good records")
    assert len(api.all("/api/v1/members")) == 1, "no bad record has left a trace among the members"
    kept = [letter["code"] for letter in reversed(api.dead_letters())]
    assert kept == [code for _, code in BAD_RECORDS.values() for _ in range(2)], "each refused record is kept"


def test_what_is_just_within_bounds_is_kept_as_it_was_sent(hearth, api, tracker):
    extremes = {"big": 1e308, "small": -1.7e308, "text": "🍷 \\u0000 \u200b", "list": [[[]]], "nothing": None}
    tracker.raw_batch([
        track(messageId="extremes", properties=extremes),
        track(messageId="wide", properties=wide(1_000)),
        track_raw("properties", nested(20)),
        track(messageId="ten years old", timestamp="2016-11-21T08:00:00Z"),
        track(messageId="tomorrow", timestamp=moment(hours=23)),
        track(messageId="1970", timestamp="1970-01-01T00:00:00Z"),
    ], expect=200)
    member = wait_until(lambda: api.member("user_id", "u"), 10, "the member")
    wait_for_equal(lambda: len(api.events(member["id"])), 6, 10, "events")
    found = {entry["message_id"]: entry for entry in api.events(member["id"])}
    assert found["extremes"]["properties"] == extremes and found["wide"]["properties"] == wide(1_000)
    assert found["ten years old"]["timestamp"] == "2016-11-21T08:00:00.000Z"
    assert found["1970"]["timestamp"] == "1970-01-01T00:00:00.000Z"
    order = [entry["message_id"] for entry in api.events(member["id"])]
    assert (order[0], order[-1]) == ("tomorrow", "1970"), "the timeline is in the order in which things happened"
    assert api.dead_letters() == []


def test_each_bad_body_of_the_tracking_api_gets_its_code(hearth, tracker):
    for name, (body, status, code) in BAD_BODIES.items():
        check_problem(tracker.send("POST", "/v1/batch", data=body, headers=JSON), status, code)
        assert is_alive(hearth), name
    bomb = gzip.compress(b" " * TEN_MEGABYTES)
    packed = {**JSON, "Content-Encoding": "gzip"}
    check_problem(tracker.send("POST", "/v1/batch", data=bomb, headers=packed), 400, "batch_too_large")
    check_problem(tracker.send("POST", "/v1/batch", data=b"not gzip", headers=packed), 400, "malformed_json")
    unknown = {**JSON, "Content-Encoding": "br"}
    check_problem(tracker.send("POST", "/v1/batch", data=b"{}", headers=unknown), 415, "unsupported_media_type")
    picture = {"Content-Type": "image/png"}
    check_problem(tracker.send("POST", "/v1/batch", data=b"{}", headers=picture), 415, "unsupported_media_type")
    for call in ("identify", "track", "page", "screen", "group", "alias"):
        for body in (b"", b"7", b"{}", b'{"userId":{}}', b'{"userId":"u","timestamp":"9999-12-31T23:59:59Z"}'):
            answer = tracker.send("POST", f"/v1/{call}", data=body, headers=JSON)
            check_problem(answer) if answer.status_code != 200 else None
            assert answer.status_code in (200, 400), f"{call} {body}: {answer.status_code} {answer.text}"
    check_problem(tracker.send("GET", "/v1/batch"), 405, "method_not_allowed")
    assert is_alive(hearth)


def test_an_unknown_key_is_refused_wherever_it_stands(hearth):
    stranger = hearth.stranger()
    item = {"type": "track", "userId": "u", "event": "E"}
    for options in (
        {"json": {"batch": [item]}},
        {"json": {"batch": [item], "writeKey": "nobody's"}},
        {"json": {"batch": [item]}, "auth": ("nobody's", "")},
        {"json": {"batch": [item]}, "headers": {"Authorization": "Bearer nobody's"}},
    ):
        check_problem(stranger.send("POST", "/v1/batch", **options), 401, "unauthenticated")
    api_key = hearth.key("api")
    refused = stranger.send("POST", "/v1/batch", json={"batch": [item]}, auth=(api_key, ""))
    check_problem(refused, 401, "unauthenticated")
    write_key = hearth.key("write")
    for options in (
        {"json": {**item, "writeKey": write_key}},
        {"json": item, "auth": (write_key, "")},
        {"json": item, "headers": {"Authorization": f"Bearer {write_key}"}},
    ):
        assert stranger.send("POST", "/v1/track", **options).status_code == 200, "all three places"
    bearer = {"Authorization": f"Bearer {write_key}"}
    check_problem(stranger.send("GET", "/api/v1/members", headers=bearer), 401, "unauthenticated")


def test_a_message_counts_once_however_often_and_whenever_it_is_sent(hearth, api, tracker):
    item = {"type": "track", "userId": "u", "event": "E", "messageId": "the-same"}
    tracker.batch([item, item, {**item, "event": "Other"}])
    tracker.batch([item])
    hearth.stop()
    hearth.start()
    tracker.batch([item, {**item, "messageId": "another"}])
    member = wait_until(lambda: api.member("user_id", "u"), 10, "the member")
    wait_until(lambda: len(api.events(member["id"])) >= 2, 10, "the last message")
    hearth.wait_until_idle()
    assert sorted(entry["message_id"] for entry in api.events(member["id"])) == ["another", "the-same"]


def test_dead_letters_are_listed_corrected_and_replayed_once(hearth, api, tracker):
    tracker.raw_batch([track(event="Too Deep", properties=json.loads(nested(30))), track(userId="")])
    letters = {letter["code"]: letter for letter in api.dead_letters()}
    assert set(letters) == {"too_deep", "missing_identity"}
    assert [letter["code"] for letter in api.dead_letters(code="too_deep")] == ["too_deep"]
    whole = api.get(f"/api/v1/dead-letters/{letters['too_deep']['id']}")
    assert json.loads(whole["payload"])["event"] == "Too Deep" and whole["replayed_at"] is None

    path = f"/api/v1/dead-letters/{letters['missing_identity']['id']}/replay"
    check_problem(api.send("POST", path), 400, "missing_identity")
    corrected = {**json.loads(api.get(path.removesuffix("/replay"))["payload"]), "userId": "found"}
    assert api.post(path, {"payload": corrected})["replayed"] == 1
    again = api.post("/api/v1/dead-letters/replay", {"ids": [letters["missing_identity"]["id"]]})
    assert (again["replayed"], again["skipped"]) == (0, 1)
    many = api.post("/api/v1/dead-letters/replay", {"code": "too_deep"})
    assert many["replayed"] == 0 and [failure["code"] for failure in many["failed"]] == ["too_deep"]

    member = wait_until(lambda: api.member("user_id", "found"), 10, "the corrected record's member")
    hearth.wait_until_idle()
    assert [entry["name"] for entry in api.events(member["id"])] == ["Bad"]
    api.delete(f"/api/v1/dead-letters/{letters['too_deep']['id']}", expect=204)
    assert len(api.dead_letters()) == 1


COSTLY_TEMPLATES = {
    "loops": "{% for a in range(100000) %}{% for b in range(100000) %}{{ a }}{% endfor %}{% endfor %}",
    "a loop over nothing to see": "{% for a in range(1000000) %}{% for b in range(1000000) %}{% endfor %}{% endfor %}",
    "doubling": "{% set x = 'xx' %}" + "{% set x = x ~ x %}" * 60 + "{{ x }}",
    "repeating": "{{ 'x' * 1000000000 }}",
}

# Each link stands on the one before, and whoever follows them goes down as deep.
CHAINS = {
    "filters": lambda links: "{{ a" + "|upper" * links + " }}",
    "operators": lambda links: "{{ a" + " ~ b" * links + " }}",
    "powers": lambda links: "{{ 1" + "**1" * links + " }}",
    "answers": lambda links: "{{ a" + " and b" * links + " }}",
    "tests": lambda links: "{{ a" + " is defined" * links + " }}",
    "denials": lambda links: "{{ " + "not " * links + "a }}",
    "signs": lambda links: "{{ " + "-" * links + "1 }}",
    "attributes": lambda links: "{{ a" + ".b" * links + " }}",
    "subscripts": lambda links: "{{ a" + "[0]" * links + " }}",
    "brackets": lambda links: "{{ " + "(" * links + "a" + ")" * links + " }}",
    "choices": lambda links: "{{ a" + " if b else c" * links + " }}",
    "a variable": lambda links: "{% set x = a" + "|upper" * links + " %}",
    "branches": lambda links: "{% if a %}" + "{% elif b %}" * links + "{% endif %}",
}


@pytest.mark.sqlite_only
def test_no_template_overflows_the_stack(hearth, api):
    for name, chain in CHAINS.items():
        fine = api.template(name, "S", chain(20))
        shown = api.send("POST", f"/api/v1/templates/{fine}/preview", json={})
        assert shown.status_code == 200 or check_problem(shown, 422), name
        for links in (1_000, 40_000):
            answer = api.send("POST", "/api/v1/templates", json={"name": "T", "subject": "S", "text": chain(links)})
            assert answer.status_code in (201, 422), f"{links} {name}: {answer.status_code} {answer.text}"
            if answer.status_code == 422:
                check_problem(answer, 422, "invalid_template")
            assert links == 1_000 or answer.status_code == 422, name
            assert is_alive(hearth), name


def test_a_template_that_never_ends_is_stopped_and_the_message_says_why(hearth, api, tracker, mailbox):
    api.email_channel(mailbox.port)
    steps = {}
    for number, (name, text) in enumerate(COSTLY_TEMPLATES.items()):
        saved = api.send("POST", "/api/v1/templates", json={"name": name, "subject": "S", "text": text})
        if saved.status_code != 201:
            assert check_problem(saved, 422)["code"] in ("invalid_template", "template_too_costly"), name
            continue
        template = saved.json()["id"]
        shown = check_problem(api.send("POST", f"/api/v1/templates/{template}/preview", json={}, timeout=20), 422)
        assert shown["code"] in ("template_too_costly", "template_failed"), name
        steps[f"s{number}"] = {"type": "send", "channel": "email", "template": template, "next": f"s{number + 1}"}
    assert {"s0", "s1"} <= set(steps), "at least the loops can be saved, since they may depend on data"
    fine = api.template("fine", "Fine", "Hello")
    steps[f"s{len(COSTLY_TEMPLATES)}"] = {"type": "send", "channel": "email", "template": fine, "next": None}
    # What could not be saved is stepped over.
    names = sorted(steps)
    for name, following in zip(names, [*names[1:], None], strict=True):
        steps[name]["next"] = following
    journey = api.journey("costly", {"entry": {"event": "Go"}, "start": names[0], "steps": steps})
    tracker.identify("anna", email="anna@example.com")
    tracker.track("anna", "Go")
    wait_until(lambda: mailbox.mails("anna@example.com", "Fine"), 20, "the mail after the costly ones")
    costly = [delivery for delivery in api.deliveries(journey=journey) if delivery["step"] != names[-1]]
    assert {(delivery["state"], delivery["attempts"]) for delivery in costly} == {("failed", 1)}
    assert {delivery["reason"] for delivery in costly} <= {"template_too_costly", "template_failed"}
    assert all(delivery["error"] for delivery in costly) and len(mailbox.mails()) == 1
    assert is_alive(hearth)


BAD_TEMPLATES = {
    "an open tag": "Hello {{ name",
    "an unknown filter": "{{ name | launch }}",
    "an unknown statement": "{% include 'secret.key' %}",
    "an endless macro": "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
}

BAD_RULES = {
    "a text": ("x", "invalid_rule", "rule"),
    "nothing": ({}, "invalid_rule", "rule"),
    "two kinds at once": ({"tag": "a", "trait": "b", "op": "exists"}, "invalid_rule", "rule"),
    "an unknown word": ({"all": [{"tag": "a"}, {"tga": "b"}]}, "invalid_rule", "rule.all[1]"),
    "an unknown field": ({"event": "E", "count": {"op": "gte", "value": 1, "per": "day"}}, "invalid_rule", "rule.count.per"),
    "an unknown operator": ({"all": [{"trait": "a", "op": "like", "value": "x"}]}, "invalid_rule", "rule.all[0].op"),
    "a window that is none": ({"event": "E", "within": "30 days"}, "invalid_rule", "rule.within"),
    "a NUL": ({"tag": "a\0"}, "invalid_rule", "rule.tag"),
    "30 levels": (json.loads('{"not":' * 30 + '{"tag":"a"}' + "}" * 30), "rule_too_complex", None),
    "600 conditions": ({"any": [{"tag": f"t{number}"} for number in range(600)]}, "rule_too_complex", None),
    "nobody's segment": ({"segment": "seg_00000000000zz"}, "unknown_reference", "rule"),
    "10,000 conditions": ({"any": [{"tag": f"t{number}"} for number in range(10_000)]}, "rule_too_complex", None),
    "100 levels": (json.loads('{"not":' * 100 + '{"tag":"a"}' + "}" * 100), "rule_too_complex", None),
    "10,001 values": ({"trait": "a", "op": "in", "value": [*range(10_001)]}, "invalid_rule", "rule.value"),
    "nothing in all": ({"all": []}, "invalid_rule", "rule.all"),
    "nothing in any": ({"all": [{"any": []}]}, "invalid_rule", "rule.all[0].any"),
    "the opposite of nothing": ({"not": {}}, "invalid_rule", "rule.not"),
    "a pattern": ({"trait": "a", "op": "matches", "value": "(a+)+$"}, "invalid_rule", "rule.op"),
    "a window of ten million years": ({"event": "E", "within": "P9999999Y"}, "invalid_rule", "rule.within"),
    "a window of no time": ({"event": "E", "within": "PT0S"}, "invalid_rule", "rule.within"),
    "a count that is a text": ({"event": "E", "count": {"op": "gte", "value": "NaN"}}, "invalid_rule", "rule.count.value"),
    "a tag and its opposite": ({"all": [{"tag": "a"}, {"tag": "b"}, {"not": {"tag": "a"}}]}, "contradictory_rule", "rule.all[2]"),
    "two stages": ({"any": [{"tag": "a"}, {"all": [{"stage": "fan"}, {"stage": "buyer"}]}]}, "contradictory_rule", "rule.any[1].all[1]"),
    "more than five and less": (
        {"all": [{"trait": "n", "op": "gt", "value": 5}, {"trait": "n", "op": "lt", "value": 5}]}, "contradictory_rule", "rule.all[1]"),
    "two cities": ({"all": [{"trait": "c", "value": "上海"}, {"trait": "c", "value": "杭州"}]}, "contradictory_rule", "rule.all[1]"),
}

# What no library would write, so that it is refused before anybody asks for a rule.
BAD_RULE_TEXTS = {
    "200 levels": ('{"not":' * 200 + '{"tag":"a"}' + "}" * 200, 400, "too_deep"),
    "1e400": ('{"trait":"a","op":"gt","value":1e400}', 400, "number_out_of_range"),
    "-1e400": ('{"event":"a","count":{"op":"gte","value":-1e400}}', 400, "number_out_of_range"),
    "NaN": ('{"trait":"a","op":"gt","value":NaN}', 400, "malformed_json"),
}

BAD_DOCUMENTS = {
    "a cycle without a wait": (
        {"entry": {"event": "E"}, "start": "a", "steps": {
            "a": {"type": "tag", "add": ["x"], "next": "b"},
            "b": {"type": "branch", "cases": [{"when": {"tag": "x"}, "next": "a"}], "else": None}}},
        "journey_cycle", "document.steps.a"),
    "a step that leads to itself": (
        {"entry": {"event": "E"}, "start": "a", "steps": {"a": {"type": "tag", "add": ["x"], "next": "a"}}},
        "journey_cycle", "document.steps.a"),
    "a step that leads nowhere": (
        {"entry": {"event": "E"}, "start": "a", "steps": {"a": {"type": "wait", "for": "P1D", "next": "z"}}},
        "invalid_journey", "document.steps.a.next"),
    "an unknown field": (
        {"entry": {"event": "E"}, "start": "a", "steps": {"a": {"type": "wait", "for": "P1D", "unless": 1}}},
        "invalid_journey", "document.steps.a.unless"),
    "an unknown field at the top": (
        {"entry": {"event": "E"}, "begin": "a", "steps": {"a": {"type": "exit"}}}, "invalid_journey", "document.begin"),
    "an unknown step": (
        {"entry": {"event": "E"}, "start": "a", "steps": {"a": {"type": "teleport"}}}, "invalid_journey", "document.steps.a.type"),
    "a wait that is none": (
        {"entry": {"event": "E"}, "start": "a", "steps": {"a": {"type": "wait", "for": "soon"}}}, "invalid_journey", "document.steps.a.for"),
    "a bad rule": (
        {"entry": {"event": "E"}, "start": "a", "steps": {"a": {"type": "branch", "cases": [{"when": {"tga": "x"}}]}}},
        "invalid_rule", "document.steps.a.cases[0].when"),
    "no start": ({"entry": {"event": "E"}, "start": "z", "steps": {"a": {"type": "exit"}}}, "invalid_journey", "document.start"),
    "no entry": ({"start": "a", "steps": {"a": {"type": "exit"}}}, "invalid_journey", "document.entry"),
}


def test_bad_rules_journeys_and_templates_are_refused_with_their_path(hearth, api):
    for name, (rule, code, path) in BAD_RULES.items():
        problem = check_problem(api.send("POST", "/api/v1/segments", json={"name": "S", "rule": rule}), 422, code)
        assert path is None or problem["errors"][0]["path"].startswith(path), f"{name}: {problem}"
        if code != "unknown_reference":
            check_problem(api.send("POST", "/api/v1/segments/preview", json={"rule": rule}), 422, code)
    for text, status, code in BAD_RULE_TEXTS.values():
        for path, named in (("/api/v1/segments", '"name":"S",'), ("/api/v1/segments/preview", "")):
            body = f'{{{named}"rule":{text}}}'
            check_problem(api.send("POST", path, data=body, headers=JSON), status, code)
    for name, (document, code, path) in BAD_DOCUMENTS.items():
        check_cannot_be_published(api, name, document, code, path)
    answer = api.send("POST", "/api/v1/journeys", json={"name": "J", "document": []})
    assert check_problem(answer, 422, "invalid_journey")["errors"][0]["path"] == "document"
    for name, text in BAD_TEMPLATES.items():
        answer = api.send("POST", "/api/v1/templates", json={"name": "T", "subject": "S", "text": text})
        assert check_problem(answer, 422, "invalid_template")["message"], name
    assert api.all("/api/v1/segments") == api.all("/api/v1/journeys") == api.all("/api/v1/templates") == []
    assert is_alive(hearth)


def test_a_segment_cannot_refer_to_itself_however_long_the_way(hearth, api):
    first = api.segment("first", {"tag": "a"})
    second = api.segment("second", {"any": [{"segment": first}, {"tag": "b"}]})
    third = api.segment("third", {"not": {"segment": second}})
    for target in (first, second, third):
        answer = api.send("PATCH", f"/api/v1/segments/{first}", json={"rule": {"all": [{"segment": target}]}})
        problem = check_problem(answer, 422, "segment_cycle")
        assert first in problem["message"]
    assert api.get(f"/api/v1/segments/{first}")["rule"] == {"tag": "a"}
    check_problem(api.send("DELETE", f"/api/v1/segments/{first}"), 409, "in_use")


def test_a_segment_is_not_deleted_while_a_journey_works_with_it(hearth, api):
    let_in, asked = api.segment("entry", {"tag": "a"}), api.segment("branch", {"tag": "b"})
    branch = {"type": "branch", "cases": [{"when": {"not": {"segment": asked}}, "next": "end"}], "else": None}
    document = {"entry": {"segment": let_in}, "start": "ask", "steps": {"ask": branch, "end": {"type": "exit"}}}
    journey = api.post("/api/v1/journeys", {"name": "J", "document": document})["id"]
    api.post(f"/api/v1/journeys/{journey}/publish", {})
    for segment in (let_in, asked):
        problem = check_problem(api.send("DELETE", f"/api/v1/segments/{segment}"), 409, "in_use")
        assert journey in problem["message"]
    api.post(f"/api/v1/journeys/{journey}/stop", {})
    for segment in (let_in, asked):
        assert api.send("DELETE", f"/api/v1/segments/{segment}").status_code == 204


PATTERNS = ["(a+)+$", "(a|a)*b", "^(([a-z])+.)+[A-Z]([a-z])+$", "%_!%", "\\", "[", "'; DROP TABLE members; --", "*" * 30]


def test_a_text_that_is_looked_for_is_no_pattern(hearth, api, tracker):
    tracker.batch([
        {"type": "identify", "userId": f"u{number}", "traits": {"about": f"{'a' * 3_000}! {pattern}"}}
        for number, pattern in enumerate(PATTERNS)
    ])
    wait_until(lambda: len(api.all("/api/v1/members")) == len(PATTERNS), 10, "the members")
    for number, pattern in enumerate(PATTERNS):
        assert [member["traits"]["about"][3_002:] for member in api.all("/api/v1/members", search=f"! {pattern}")] == [pattern]
        for op in ("contains", "icontains"):
            found = api.post("/api/v1/segments/preview", {"rule": {"trait": "about", "op": op, "value": f"! {pattern}"}})
            assert found["size"] == 1, f"{op} {pattern}"
        for op in ("prefix", "eq", "ieq"):
            found = api.post("/api/v1/segments/preview", {"rule": {"trait": "about", "op": op, "value": pattern * 2_000}})
            assert found["size"] == 0, f"{op} {pattern}"
    assert api.get("/api/v1/members", search="ab" * 500)["items"] == []
    # Longer than any name, and than what a database takes for a pattern.
    check_problem(api.send("GET", "/api/v1/members", params={"search": "ab" * 30_000}), 400, "invalid_query")
    assert is_alive(hearth)


def test_a_journey_is_not_published_with_references_that_lead_nowhere(hearth, api):
    nobody = {"type": "send", "channel": "email", "template": "tpl_00000000000zz", "next": None}
    made = api.post("/api/v1/journeys", {"name": "J", "document": {"entry": {"event": "E"}, "start": "a", "steps": {"a": nobody}}})
    answer = api.send("POST", f"/api/v1/journeys/{made['id']}/publish", json={})
    problem = check_problem(answer, 422, "unknown_reference")
    assert problem["errors"][0]["path"] == "document.steps.a.template"
    template = api.template("T", "S", "text")
    document = {"entry": {"event": "E"}, "start": "a", "steps": {"a": {**nobody, "template": template}}}
    api.patch(f"/api/v1/journeys/{made['id']}", {"document": document})
    answer = api.send("POST", f"/api/v1/journeys/{made['id']}/publish", json={})
    assert check_problem(answer, 422, "unknown_reference")["errors"][0]["path"] == "document.steps.a.channel"
    assert api.get(f"/api/v1/journeys/{made['id']}")["state"] == "draft"


INSIDE = [
    "http://127.0.0.1/", "http://127.0.0.1:5432/", "http://localhost/", "http://[::1]/", "http://0x7f000001/", "http://2130706433/",
    "http://127.1/", "http://[::ffff:127.0.0.1]/", "http://0.0.0.0/", "http://10.1.2.3/", "http://192.168.0.1/", "http://172.16.0.1/",
    "http://169.254.169.254/latest/meta-data/", "http://[fd00::1]/", "http://[fe80::1]/", "http://100.64.0.1/",
    "file:///etc/passwd", "gopher://example.com/", "http://user:password@example.com/", "http:///", "no address",
]


def test_a_webhook_cannot_be_turned_against_the_machines_beside_this_one(new_hearth):
    hearth = new_hearth().start(allow_loopback=False)
    api = hearth.api()
    for url in INSIDE:
        config = {"url": url, "secret": "whsec_" + "QUJD" * 8}
        answer = api.send("POST", "/api/v1/channels", json={"kind": "webhook", "name": "W", "config": config})
        problem = check_problem(answer, 422, "forbidden_address")
        assert problem["errors"][0]["path"] == "url", url
    assert api.all("/api/v1/channels") == []
    # A mail server inside is refused when it is connected to, since its name may lead anywhere by then.
    channel = api.email_channel(2525)
    answer = api.send("POST", f"/api/v1/channels/{channel}/test", json={})
    problem = check_problem(answer, 422, "channel_test_failed")
    assert "inside" in problem["message"], problem
    assert is_alive(hearth)


BAD_CHANNELS = {
    "an unknown kind": ({"kind": "pigeon", "name": "P", "config": {}}, None),
    "no host": ({"kind": "email", "name": "P", "config": {"from": {"email": "a@b.example"}}}, None),
    "a bad address": ({"kind": "email", "name": "P", "config": {"host": "mx.example", "from": {"email": "a b"}}}, "from.email"),
    "an unknown field": (
        {"kind": "email", "name": "P", "config": {"host": "mx.example", "from": {"email": "a@b.example"}, "hots": 1}}, None),
    "a password in the open": (
        {"kind": "email", "name": "P", "config": {
            "host": "mx.example", "security": "none", "from": {"email": "a@b.example"}, "username": "u", "password": "p"}}, "security"),
    "a secret that is none": ({"kind": "webhook", "name": "W", "config": {"url": "https://hooks.example/", "secret": "x"}}, "secret"),
}


def test_bad_channels_are_refused_with_their_field(hearth, api):
    for name, (channel, field) in BAD_CHANNELS.items():
        problem = check_problem(api.send("POST", "/api/v1/channels", json=channel), 422)
        assert problem["code"] in ("invalid_channel", "invalid_body"), f"{name}: {problem}"
        assert field is None or problem["errors"][0]["path"].removeprefix("config.") == field, f"{name}: {problem}"
    assert api.all("/api/v1/channels") == []


POSTS = [
    "/api/v1/events", "/api/v1/segments", "/api/v1/segments/preview", "/api/v1/journeys", "/api/v1/templates",
    "/api/v1/channels", "/api/v1/suppressions", "/api/v1/keys", "/api/v1/users", "/api/v1/login", "/api/v1/setup",
    "/api/v1/dead-letters/replay",
]
# Bodies that no address takes.
UNUSABLE = [b"", b"{", b"[]", b"7", b'"x"', b"null", b'{"name":"x\x00"}', b"\xff\xfe", b"[" * 100_000]


def test_no_body_that_makes_no_sense_breaks_a_rest_address(hearth, api):
    for path in POSTS:
        for body in UNUSABLE:
            answer = api.send("POST", path, data=body, headers=JSON)
            problem = check_problem(answer)
            assert 400 <= answer.status_code < 500, f"{path} {body[:20]}: {problem}"
        large = api.send("POST", path, data=b'{"name":"' + b"x" * TEN_MEGABYTES + b'"}', headers=JSON)
        assert check_problem(large)["code"] in ("body_too_large", "batch_too_large"), path
        check_problem(api.send("POST", path, data=b"<a/>", headers={"Content-Type": "application/xml"}), 415)
        assert is_alive(hearth), path


BAD_ADDRESSES = {
    "/api/v1/members/mem_1": (404, "invalid_path"),
    "/api/v1/members/seg_0000000000001": (404, "invalid_path"),
    "/api/v1/members/mem_zzzzzzzzzzzzz": (404, "invalid_path"),
    "/api/v1/members/mem_0000000000001": (404, "not_found"),
    "/api/v1/members/mem_0000000000001/timeline": (404, "not_found"),
    "/api/v1/members/%00": (404, "invalid_path"),
    "/api/v1/members/%ff": (404, "invalid_path"),
    "/api/v1/members?limit=many": (400, "invalid_query"),
    "/api/v1/members?limit=-1": (400, "invalid_query"),
    "/api/v1/members?cursor=x": (400, "invalid_cursor"),
    "/api/v1/members?segment=x": (400, "invalid_query"),
    "/api/v1/members?search=%00": (400, "nul_character"),
    "/api/v1/deliveries?state=lost": (400, "invalid_query"),
    "/api/v1/deliveries?member=mem_1": (400, "invalid_query"),
    "/api/v1/explain": (400, "invalid_query"),
    "/api/v1/explain?member=mem_0000000000001&journey=jrn_0000000000001": (404, "not_found"),
    "/api/v1/nothing": (404, "not_found"),
    "/nothing": (404, "not_found"),
    "/t/nothing": (404, "bad_token"),
    "/t/%00%ff": (404, None),
}


def test_bad_addresses_queries_and_cursors_are_problems(hearth, api):
    for path, (status, code) in BAD_ADDRESSES.items():
        check_problem(api.send("GET", path), status, code)
    assert api.get("/api/v1/members", limit=100_000)["items"] == [], "a limit that is too large is cut"
    check_problem(api.send("DELETE", "/api/v1/members"), 405, "method_not_allowed")
    assert is_alive(hearth)


@pytest.mark.sqlite_only
def test_a_key_that_sends_too_much_is_told_when_to_come_back(new_hearth):
    hearth = new_hearth("--ingest-rate", "5").start()
    tracker = hearth.tracker()
    item = {"type": "track", "userId": "u", "event": "E"}
    # Twice the rate may come at once.
    assert tracker.batch([item] * 10) == {"success": True}
    answer = tracker.send("POST", "/v1/batch", json={"batch": [item] * 10})
    check_problem(answer, 429, "rate_limited")
    assert 1 <= int(answer.headers["Retry-After"]) <= 5 and int(answer.headers["X-RateLimit-Reset"]) > 1_700_000_000
    other = hearth.tracker()
    assert other.batch([item]) == {"success": True}, "another key is not held up"
