"""SQL: queries see what everybody else sees, of one workspace, only read, and end at their limits."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import psycopg
import pytest
import requests

from support.api import check_problem
from support.waiting import wait_until
from test_insight import DAY, everybody, happened, user

SQL = "/api/v1/insight/sql"


def ask(api, query, **more):
    """The rows of an answer, as dictionaries."""
    answer = api.post(SQL, {"query": query, **more})
    names = [column["name"] for column in answer["columns"]]
    return [dict(zip(names, row)) for row in answer["rows"]]


def one(api, query):
    """The only value of an answer."""
    (row,) = ask(api, query)
    (value,) = row.values()
    return value


def test_a_query_sees_what_lists_and_answers_show(hearth, api, tracker):
    everybody(api, tracker)
    tracker.batch([{"type": "identify", "userId": f"user-{n}", "traits": {"city": "上海" if n < 4 else "杭州", "age": 20 + n}}
                   for n in range(10)])
    tracker.batch([{"type": "group", "userId": "user-1", "groupId": "fans", "traits": {"name": "Fans"}}])
    ids = {user: member["id"] for user, member in api.by_user().items()}
    api.post(f"/api/v1/members/{ids['user-2']}/tags", {"add": ["wine"]})
    segment = api.live_segment("buyers", {"event": "Order Completed"})
    wait_until(lambda: one(api, "SELECT COUNT(*) FROM tags WHERE tag = 'wine'") == 1, 10, "the tag is there")

    by_event = {row["event"]: row["n"] for row in ask(api, "SELECT event, COUNT(*) AS n FROM events GROUP BY event")}
    assert (by_event["Product Viewed"], by_event["Product Added"], by_event["Order Completed"]) == (10, 6, 3)
    shops = ask(api, "SELECT json_value(properties, 'shop') AS shop, COUNT(DISTINCT member_id) AS members FROM events "
                     "WHERE event = 'Product Viewed' GROUP BY 1 ORDER BY 1")
    assert shops == [{"shop": "north", "members": 5}, {"shop": "south", "members": 5}]
    cities = ask(api, "SELECT json_value(traits, 'city') AS city, COUNT(*) AS n FROM members GROUP BY 1 ORDER BY 2")
    assert cities == [{"city": "上海", "n": 4}, {"city": "杭州", "n": 6}]
    assert {row["id"] for row in ask(api, "SELECT id FROM members")} == set(ids.values())
    buyers = ask(api, f"SELECT m.member_id FROM segment_members m WHERE m.segment_id = '{segment}'")
    assert {row["member_id"] for row in buyers} == {ids[f"user-{n}"] for n in range(3)}
    assert ask(api, "SELECT name, size FROM segments") == [{"name": "buyers", "size": 3}]
    assert ask(api, "SELECT member_id, group_key FROM memberships") == [{"member_id": ids["user-1"], "group_key": "fans"}]
    assert ask(api, "SELECT member_id, tag FROM tags WHERE tag = 'wine'") == [{"member_id": ids["user-2"], "tag": "wine"}]
    assert one(api, "SELECT COUNT(*) FROM identities WHERE kind = 'user_id'") == 10
    stages = {row["stage"]: row["n"] for row in ask(api, "SELECT stage, COUNT(*) AS n FROM members GROUP BY stage")}
    shown = {}
    for member in api.all("/api/v1/members"):
        shown[member["stage"]] = shown.get(member["stage"], 0) + 1
    assert stages == shown
    for table in ("deliveries", "journeys", "journey_runs", "consents"):
        assert one(api, f"SELECT COUNT(*) FROM {table}") == 0

    # Who was merged is one in every table at once.
    api.post(f"/api/v1/members/{ids['user-0']}/merge", {"with": ids["user-1"]})
    assert one(api, "SELECT COUNT(DISTINCT member_id) FROM events WHERE event = 'Product Viewed'") == 9
    assert one(api, "SELECT COUNT(*) FROM members") == 9
    # What has just arrived is there, and stays through a stop.
    tracker.batch([happened(user("user-7"), "Order Completed", 8 * DAY, revenue=4.5)])
    wait_until(lambda: one(api, "SELECT COUNT(*) FROM events WHERE event = 'Order Completed'") == 4, 5, "the order is there")
    hearth.stop()
    hearth.start()
    recent = ask(api, "SELECT time, member_id FROM events WHERE event = 'Order Completed' AND time >= TIMESTAMP '2026-03-10'")
    assert recent == [{"time": "2026-03-10T00:00:00.000Z", "member_id": ids["user-7"]}]


def test_tables_columns_and_the_queries_that_were_asked_are_told(hearth, api, tracker):
    everybody(api, tracker)
    tables = {table["name"]: table for table in api.get(f"{SQL}/schema")["tables"]}
    assert {"events", "members", "tags", "memberships", "deliveries", "journey_runs"} <= set(tables)
    for name, table in tables.items():
        assert table["about"]["en"] and table["about"]["zh"]
        columns = [column["name"] for column in table["columns"]]
        answer = api.post(SQL, {"query": f"SELECT * FROM {name} LIMIT 1"})
        assert [column["name"] for column in answer["columns"]][:len(columns)] == columns
    assert api.send("POST", SQL, json={"query": "SELECT nothing FROM events"}).status_code == 422
    past = api.get(f"{SQL}/history")["items"]
    assert past[0]["query"] == "SELECT nothing FROM events" and past[0]["error"] == "invalid_question"
    assert past[1]["error"] is None and past[1]["rows"] is not None and past[1]["by"].startswith("key:")
    first = api.get(f"{SQL}/history", limit=1)
    rest = api.get(f"{SQL}/history", limit=500, cursor=first["next"])["items"]
    assert [item["id"] for item in first["items"] + rest] == [item["id"] for item in past]


@pytest.mark.parametrize("query", [
    "DROP TABLE events", "DELETE FROM members", "INSERT INTO tags SELECT * FROM tags", "UPDATE members SET stage = 'x'",
    "CREATE TABLE t AS SELECT 1", "COPY events TO '/tmp/out.csv'", "SELECT * FROM '/etc/passwd'",
    "CREATE EXTERNAL TABLE t STORED AS CSV LOCATION '/etc/passwd'", "SET datafusion.execution.batch_size = 1",
    "SELECT * FROM users", "SELECT * FROM information_schema.tables", "SELECT 1; SELECT 2", "  ", "SELECT 1 FROM",
    "SELECT repeat('x', 2000000000)",
])
def test_a_query_that_does_more_than_read_is_refused(hearth, api, query):
    problem = check_problem(api.send("POST", SQL, json={"query": query}), 422, "invalid_question")
    assert problem["errors"][0]["path"] == "query"
    assert one(api, "SELECT COUNT(*) FROM members") == 0


def test_a_query_ends_at_its_limits_and_with_whoever_waits_for_it(hearth, api):
    few = api.post(SQL, {"query": "SELECT value FROM generate_series(1, 50)", "limit": 7})
    assert few["more"] and [row[0] for row in few["rows"]] == list(range(1, 8))
    check_problem(api.send("POST", SQL, json={"query": "SELECT 1", "limit": 0}), 422, "invalid_question")
    hungry = "SELECT array_agg(value) FROM generate_series(1, 2000000000)"
    check_problem(api.send("POST", SQL, json={"query": hungry}), 422, "question_too_large")
    endless = "SELECT COUNT(*) FROM generate_series(1, 2000000000) a CROSS JOIN generate_series(1, 2000000000) b"
    # Whoever hangs up ends it; were it otherwise, the third of these would wait for the first two.
    for _ in range(3):
        with pytest.raises(requests.exceptions.Timeout):
            api.send("POST", SQL, json={"query": endless}, timeout=0.5)
    assert one(api, "SELECT 1") == 1
    ended = lambda: [item["error"] for item in api.get(f"{SQL}/history")["items"] if item["query"] == endless]
    wait_until(lambda: ended() == ["cancelled"] * 3, 10, "the three are noted down")
    # Many at once wait for each other, and the server goes on.
    with ThreadPoolExecutor(8) as pool:
        counts = list(pool.map(lambda _: one(api, "SELECT COUNT(*) FROM generate_series(1, 1000000)"), range(16)))
    assert counts == [1_000_000] * 16


def test_a_query_sees_one_workspace_only(hearth, api, tracker):
    everybody(api, tracker)
    hearth.wait_until_idle()
    hearth.stop()
    # Another workspace, as it would stand beside this one.
    connection = (psycopg.connect(hearth.database_url) if hearth.database_url else sqlite3.connect(hearth.data / "hearth.db"))
    with closing(connection):
        connection.execute("INSERT INTO members (id, workspace_id, created_at, last_seen_at) VALUES (5, 5, 0, 0)")
        connection.execute("INSERT INTO identities (id, workspace_id, kind, value, member_id, origin_member_id, verified, "
                           "traits_json, created_at) VALUES (6, 5, 'user_id', 'stranger', 5, 5, 0, '{}', 0)")
        connection.execute("INSERT INTO member_tags (identity_id, tag, workspace_id, added_at, source) "
                           "VALUES (6, 'theirs', 5, 0, 'x')")
        connection.commit()
    hearth.start()
    assert one(api, "SELECT COUNT(*) FROM members") == 10
    assert one(api, "SELECT COUNT(*) FROM identities WHERE value = 'stranger'") == 0
    assert one(api, "SELECT COUNT(*) FROM tags WHERE tag = 'theirs'") == 0


def test_who_may_look_at_members_segments_and_messages_may_ask(hearth, api):
    viewer = hearth.signed_in("viewer")
    assert viewer.post(SQL, {"query": "SELECT 1"})["rows"] == [[1]]
    key = api.post("/api/v1/keys", {"name": "narrow", "kind": "api", "scopes": ["people:read"]}, expect=201)["secret"]
    answer = requests.post(hearth.url + SQL, json={"query": "SELECT 1"}, headers={"Authorization": f"Bearer {key}"}, timeout=30)
    check_problem(answer, 403, "forbidden")
    check_problem(requests.post(hearth.url + SQL, json={"query": "SELECT 1"}, timeout=30), 401)
