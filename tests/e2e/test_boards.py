"""Boards: questions are kept as they were saved, nobody undoes what another has saved, and each workspace has its own."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from support.api import check_problem
from support.workspaces import move_keys

NO_BOARD = "brd_0000000000001"
TREND = {"series": [{"event": "Order Completed", "measure": "events"}], "unit": "day", "from": "2026-03-01", "to": "2026-04-01"}


def card(question=None, **change):
    return {"title": "Orders", "kind": "trend", "question": TREND if question is None else question, "view": "line", "width": 1, **change}


def board(name="Shop", *cards, **more):
    return {"name": name, "cards": list(cards), "period": None, **more}


def nested(levels):
    value = 1
    for _ in range(levels):
        value = {"a": [value]}
    return value


def test_a_board_is_made_read_saved_anew_and_deleted(hearth, api):
    made = api.post("/api/v1/boards", board("  Shop ", card(), card(view="number", width=2, title=""), period="P30D"), expect=201)
    assert made["id"].startswith("brd_") and (made["name"], made["version"], made["period"]) == ("Shop", 1, "P30D")
    assert made["cards"] == [card(), card(view="number", width=2, title="")]
    assert made["created_at"] == made["updated_at"] and made["created_by"]
    assert api.get(f"/api/v1/boards/{made['id']}") == made and api.all("/api/v1/boards") == [made]
    saved = api.put(f"/api/v1/boards/{made['id']}", board("Bar", card(kind="funnel", view="funnel"), version=1))
    assert (saved["name"], saved["version"], saved["period"]) == ("Bar", 2, None) and saved["cards"][0]["kind"] == "funnel"
    assert saved["created_at"] == made["created_at"] and saved["updated_at"] >= made["updated_at"]
    assert api.get(f"/api/v1/boards/{made['id']}") == saved
    empty = api.post("/api/v1/boards", {"name": "Nothing yet", "cards": []}, expect=201)
    assert (empty["cards"], empty["period"]) == ([], None)
    hearth.kill()
    hearth.start()
    assert api.all("/api/v1/boards") == [empty, saved], "newest first"
    api.delete(f"/api/v1/boards/{made['id']}", expect=204)
    for answer in (api.send("GET", f"/api/v1/boards/{made['id']}"), api.send("DELETE", f"/api/v1/boards/{made['id']}"),
                   api.send("PUT", f"/api/v1/boards/{made['id']}", json=board(version=2)), api.send("GET", f"/api/v1/boards/{NO_BOARD}")):
        check_problem(answer, 404, "not_found")
    assert api.all("/api/v1/boards") == [empty]


def test_what_a_card_asks_is_kept_as_it_was_sent(api):
    questions = [
        TREND, {}, {"period": "P30D", "zone": "Asia/Shanghai", "by": {"trait": "city"}, "top": None},
        {"an unknown key": [1, -0.5, 1e-9, 1e300, 2**53 - 1, True, None, "", {}, []], "": {"": ""}},
        {"text": "围炉 \u2028 \u0000 \\ \" </script> 🍷", "where": [{"property": "a.b", "op": "in", "value": ["x", 1]}]},
        {"deep": nested(50)}, {"version": 7, "cards": [card()], "name": None}, {"long": "x" * 49_900},
    ]
    made = api.post("/api/v1/boards", board("Questions", *[card(question, kind="path", view="sankey") for question in questions]), expect=201)
    shown = api.get(f"/api/v1/boards/{made['id']}")
    assert [one["question"] for one in shown["cards"]] == questions and made == shown
    kinds = ["funnel", "retention", "trend", "path", "distribution", "interval", "lifecycle", "attribution"]
    views = ["line", "bar", "table", "number", "funnel", "heat", "sankey"]
    wanted = [card(kind=kind, view=view, width=1 + nth % 2) for nth, kind in enumerate(kinds) for view in views][:50]
    saved = api.put(f"/api/v1/boards/{made['id']}", board("All", *wanted, version=1))
    assert saved["cards"] == wanted


def test_a_board_may_have_fifty_large_cards_as_far_as_a_request_has_room_for_them(api):
    cards = [card({"x": f"{nth:02}" + "x" * 18_000}, title="名" * 200) for nth in range(50)]
    made = api.post("/api/v1/boards", board("名" * 200, *cards), expect=201)
    assert api.get(f"/api/v1/boards/{made['id']}")["cards"] == cards
    larger = [card({"x": "x" * 49_000}) for _ in range(50)]
    check_problem(api.send("POST", "/api/v1/boards", json=board("Larger", *larger)), 413, "body_too_large")
    assert api.all("/api/v1/boards") == [made]


def test_what_is_no_board_is_refused_at_its_place(api):
    kept = api.post("/api/v1/boards", board("Kept", card()), expect=201)
    wrong = []
    for body, path in [
        (board(""), "name"), (board("  "), "name"), (board("x" * 201), "name"), (board("a\nb"), "name"), (board("a\x00b"), "name"), (board(None), "name"),
        ({"cards": []}, "name"), ({"name": "x"}, "cards"), ({**board(), "bogus": 1}, "bogus"), ({**board(), "id": NO_BOARD}, "id"),
        (board(cards=None), "cards"), (board("x", *[card()] * 51), "cards"),
        (board("x", card(), card(bogus=1)), "cards[1].bogus"), (board("x", card(), {}), "cards[1].title"), (board("x", 5), "cards[0]"),
        (board("x", card(title="x" * 201)), "cards[0].title"), (board("x", card(title="a\x00b")), "cards[0].title"), (board("x", card(title=None)), "cards[0].title"),
        (board("x", card(), card(question={"x": "x" * 50_001})), "cards[1].question"), (board("x", card(question=[])), "cards[0].question"),
        (board("x", card(question="SELECT 1")), "cards[0].question"), (board("x", {**card(), "question": None}), "cards[0].question"),
        (board("x", card(kind="sql")), "cards[0].kind"), (board("x", card(view="pie")), "cards[0].view"),
        (board("x", card(width=0)), "cards[0].width"), (board("x", card(width=3)), "cards[0].width"), (board("x", card(width=1.5)), "cards[0].width"),
        (board("x", card(width=300)), "cards[0].width"), (board("x", card(width="1")), "cards[0].width"),
        (board(period=""), "period"), (board(period="30 days"), "period"), (board(period="P0D"), "period"), (board(period="-P1D"), "period"),
        (board(period=30), "period"), (board(version="1"), "version"),
    ]:
        for method, address, body in [("POST", "/api/v1/boards", body), ("PUT", f"/api/v1/boards/{kept['id']}", {"version": 1, **body})]:
            problem = check_problem(api.send(method, address, json=body), 422, "invalid_body")
            if not problem.get("errors") or problem["errors"][0]["path"] != path:
                wrong.append((method, path, problem.get("errors"), problem["message"]))
    assert wrong == [], wrong
    problem = check_problem(api.send("PUT", f"/api/v1/boards/{kept['id']}", json=board()), 422, "invalid_body")
    assert problem["errors"][0]["path"] == "version"
    assert api.all("/api/v1/boards") == [kept]


def test_of_two_who_save_at_once_one_is_told_of_the_other(api):
    made = api.post("/api/v1/boards", board("Shop"), expect=201)
    address = f"/api/v1/boards/{made['id']}"
    api.put(address, board("First", version=1))
    check_problem(api.send("PUT", address, json=board("Second", version=1)), 409, "conflict")
    for version in (0, 3, -1, 2**62):
        check_problem(api.send("PUT", address, json=board("Second", version=version)), 409, "conflict")
    assert (api.get(address)["name"], api.get(address)["version"]) == ("First", 2)
    with ThreadPoolExecutor(8) as pool:
        def save(nth):
            return api.send("PUT", address, json=board(f"of {nth}", card(), version=2))
        answers = list(pool.map(save, range(8)))
    [saved] = [answer.json() for answer in answers if answer.status_code == 200]
    for answer in answers:
        if answer.status_code != 200:
            check_problem(answer, 409, "conflict")
    assert api.get(address) == saved and saved["version"] == 3


def test_boards_are_listed_page_by_page(api):
    made = [api.post("/api/v1/boards", board(f"Board {nth}"), expect=201) for nth in range(7)]
    for limit in (1, 3, 7, 8):
        found, cursor = [], None
        while True:
            page = api.get("/api/v1/boards", limit=limit, **({"cursor": cursor} if cursor else {}))
            assert len(page["items"]) <= limit
            found += page["items"]
            cursor = page["next"]
            if cursor is None:
                break
        assert found == made[::-1]
    check_problem(api.send("GET", "/api/v1/boards", params={"cursor": "nonsense"}), code="invalid_cursor")


def test_who_did_what_to_a_board_is_in_the_audit_log(hearth):
    analyst = hearth.signed_in("analyst")
    made = analyst.post("/api/v1/boards", board("Shop", card()), expect=201)
    analyst.put(f"/api/v1/boards/{made['id']}", board("Bar", version=1))
    check_problem(analyst.send("PUT", f"/api/v1/boards/{made['id']}", json=board("Late", version=1)), 409)
    check_problem(analyst.send("POST", "/api/v1/boards", json=board("")), 422)
    analyst.delete(f"/api/v1/boards/{made['id']}", expect=204)
    me = analyst.get("/api/v1/me")["actor"]
    lines = [line for line in hearth.api().all("/api/v1/audit") if line["action"].startswith("board.")]
    assert [(line["action"], line["target"], line["actor"], line["detail"]["name"]) for line in reversed(lines)] == [
        ("board.created", made["id"], me, "Shop"), ("board.updated", made["id"], me, "Bar"), ("board.deleted", made["id"], me, "Bar"),
    ]
    assert made["created_by"] == me


def test_whoever_may_read_sees_boards_and_only_some_may_change_them(hearth, api):
    made = api.post("/api/v1/boards", board("Shop", card()), expect=201)
    address = f"/api/v1/boards/{made['id']}"
    viewer = hearth.signed_in("viewer")
    assert viewer.get(address) == made and viewer.all("/api/v1/boards") == [made]
    for client, status, code in [
        (viewer, 403, "forbidden"), (hearth.api(hearth.key("api", "--scope", "people:read")), 403, "forbidden"), (hearth.stranger(), 401, "unauthenticated"),
    ]:
        check_problem(client.send("POST", "/api/v1/boards", json=board()), status, code)
        check_problem(client.send("PUT", address, json=board(version=1)), status, code)
        check_problem(client.send("DELETE", address), status, code)
    for method, path in (("GET", "/api/v1/boards"), ("GET", address)):
        check_problem(hearth.stranger().send(method, path), 401, "unauthenticated")
        check_problem(hearth.api(hearth.key("api", "--scope", "settings:read")).send(method, path), 403, "forbidden")
    assert api.get(address) == made


@pytest.fixture
def two(hearth):
    """Keys of two workspaces: (api, api, write key of the second)."""
    one, other, writing = hearth.key("api"), hearth.key("api", "--name", "moved"), hearth.key("write", "--name", "moved")
    hearth.stop()
    move_keys(hearth, "moved")
    hearth.start()
    return hearth.api(one), hearth.api(other), hearth.tracker(writing)


def test_workspaces_have_boards_of_their_own(two):
    one, other, _ = two
    mine, theirs = (client.post("/api/v1/boards", board("Shop", card()), expect=201) for client in (one, other))
    assert one.all("/api/v1/boards") == [mine] and other.all("/api/v1/boards") == [theirs]
    for client, foreign in ((one, theirs), (other, mine)):
        address = f"/api/v1/boards/{foreign['id']}"
        check_problem(client.send("GET", address), 404, "not_found")
        check_problem(client.send("PUT", address, json=board("Stolen", version=1)), 404, "not_found")
        check_problem(client.send("DELETE", address), 404, "not_found")
        assert foreign["id"] not in {line["target"] for line in client.all("/api/v1/audit")}
    assert one.get(f"/api/v1/boards/{mine['id']}") == mine and other.get(f"/api/v1/boards/{theirs['id']}") == theirs
