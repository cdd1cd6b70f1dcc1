"""Accounts: the first owner by a link that works once, sign-in and its throttle, roles and scopes, and
nothing open by default."""

import re
import socket

from support.api import check_problem
from support.server import PASSWORD

OWNER = {"email": "owner@example.com", "name": "Olga", "password": PASSWORD, "workspace_name": "Wine", "time_zone": "Asia/Shanghai"}
ROLES = ["viewer", "analyst", "operator", "admin", "owner"]
# What each role is the first to be able to do: method, address, body, and the answer when it may.
RIGHTS = {
    "viewer": [("GET", "/api/v1/members", None, 200), ("GET", "/api/v1/deliveries", None, 200), ("GET", "/api/v1/dead-letters", None, 200)],
    "analyst": [("POST", "/api/v1/segments", {"name": "S", "rule": {"tag": "a"}}, 201)],
    "operator": [
        ("POST", "/api/v1/events", {"event": "E", "userId": "u"}, 200),
        ("POST", "/api/v1/templates", {"name": "T", "subject": "S", "text": "x"}, 201),
        ("POST", "/api/v1/journeys", {"name": "J", "document": {"entry": {"event": "E"}, "start": "a", "steps": {"a": {"type": "exit"}}}}, 201),
    ],
    "admin": [
        ("GET", "/api/v1/keys", None, 200), ("GET", "/api/v1/users", None, 200), ("GET", "/api/v1/audit", None, 200),
        ("GET", "/api/v1/channels", None, 200), ("POST", "/api/v1/keys", {"kind": "write", "name": "K"}, 201),
    ],
    "owner": [("POST", "/api/v1/users", {"email": "second@example.com", "name": "Second", "role": "owner", "password": PASSWORD}, 201)],
}
# Without credentials these, and only these, do anything.
OPEN = {
    ("GET", "/healthz"), ("GET", "/readyz"),
    ("POST", "/api/v1/login"), ("POST", "/api/v1/logout"), ("POST", "/api/v1/setup"),
    # Whether there is an owner yet, and whether the link that makes one still works.
    ("GET", "/api/v1/session/state"), ("GET", "/api/v1/setup"),
    # Guarded by a signed token or a signature.
    ("GET", "/t/{token}"), ("GET", "/o/{token}"), ("GET", "/u/{token}"), ("POST", "/u/{token}"),
    ("GET", "/u/confirm/{token}"), ("POST", "/u/confirm/{token}"),
    ("POST", "/hooks/{kind}/{channel}"),
    # Says to other products' SDKs that there are no feature flags, and reads nothing.
    ("POST", "/flags/"),
}
# A body that the tracking API would take from somebody with a key.
EVENT = {"type": "track", "event": "E", "userId": "u", "groupId": "g", "previousId": "p"}
WELL_FORMED = {**EVENT, "batch": [EVENT]}
# The same for the addresses of other products' SDKs, which are refused in the form that those SDKs read.
IN_A_FORM = {"data": '{"event": "E", "properties": {"distinct_id": "u"}}'}
FOREIGN = {
    "/2/httpapi": {"json": {"api_key": "guessed", "events": [{"event_type": "E", "user_id": "user-1"}]}},
    "/track": {"data": IN_A_FORM},
    "/engage": {"data": IN_A_FORM},
    "/groups": {"data": IN_A_FORM},
    "/import": {"json": [{"event": "E", "properties": {"distinct_id": "u", "time": 1}}]},
    "/sa": {"data": {"data_list": "W10="}},
    "/debug": {"data": {"data_list": "W10="}},
}


def set_up(client, token, **changes):
    return client.send("POST", "/api/v1/setup", json={**OWNER, "token": token, **changes})


def test_the_setup_link_makes_the_first_owner_and_works_once(hearth):
    token = hearth.setup_token()
    assert token and f"{hearth.url}/setup?token={token}" in hearth.stdout.read_text()
    assert token not in hearth.stderr.read_text(), "the link does not go through the log"
    browser = hearth.browser()
    page = browser.send("GET", f"/setup?token={token}", allow_redirects=False)
    assert page.headers["location"] == f"/app/setup?token={token}", "the link leads into the app"
    check_problem(set_up(browser, "guessed"), 404, "bad_token")
    check_problem(set_up(browser, token, password="password1"), 422, "weak_password")
    check_problem(set_up(browser, token, time_zone="Mars/Olympus"), 422)
    check_problem(set_up(browser, token, email="nobody"), 422)

    done = set_up(browser, token)
    assert done.status_code == 200, done.text
    cookie = done.headers["set-cookie"]
    assert cookie.startswith("hearth_session=") and "HttpOnly" in cookie and "SameSite=Lax" in cookie
    me = browser.get("/api/v1/me")
    assert (me["user"]["email"], me["role"], me["scopes"]) == ("owner@example.com", "owner", None)
    assert (me["workspace"]["name"], me["workspace"]["time_zone"]) == ("Wine", "Asia/Shanghai")

    check_problem(set_up(hearth.browser(), token, email="thief@example.com"), 409, "setup_done")
    hearth.stop()
    hearth.start()
    assert hearth.stdout.read_text().count("/setup?token=") == 1, "no second link once there is an owner"
    assert browser.get("/api/v1/me")["user"]["email"] == "owner@example.com", "a session survives a restart"


def test_a_restart_replaces_a_setup_link_that_was_not_used(hearth):
    first = hearth.setup_token()
    hearth.stop()
    hearth.start()
    second = hearth.setup_token()
    assert first != second
    check_problem(set_up(hearth.browser(), first), 404, "bad_token")
    assert set_up(hearth.browser(), second).status_code == 200


def test_signing_in_and_out(hearth):
    email = hearth.user("operator", email="Oli@Example.com")
    browser = hearth.browser()
    for wrong in ({"email": email, "password": "wrong password"}, {"email": "nobody@example.com", "password": PASSWORD}):
        check_problem(browser.send("POST", "/api/v1/login", json=wrong), 401, "login_failed")
    check_problem(browser.send("GET", "/api/v1/me"), 401, "unauthenticated")
    browser.post("/api/v1/login", {"email": "oli@example.COM ", "password": PASSWORD})
    assert browser.get("/api/v1/me")["role"] == "operator"
    assert "members" in browser.get("/live")

    # Another site cannot use the cookie that the browser brings along.
    elsewhere = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    stolen = browser.send("POST", "/api/v1/segments", json={"name": "S", "rule": {"tag": "a"}}, headers=elsewhere)
    check_problem(stolen, 403, "cross_site")

    changed = {"current": PASSWORD, "new": "another long password"}
    browser.post("/api/v1/me/password", changed, expect=204)
    check_problem(hearth.browser().send("POST", "/api/v1/login", json={"email": email, "password": PASSWORD}), 401, "login_failed")
    other = hearth.browser()
    other.post("/api/v1/login", {"email": email, "password": "another long password"})
    token = browser.session.cookies["hearth_session"]
    browser.post("/api/v1/logout", expect=204)
    browser.session.cookies.set("hearth_session", token)
    check_problem(browser.send("GET", "/api/v1/me"), 401, "unauthenticated")
    assert other.get("/api/v1/me")["user"]["email"] == "oli@example.com", "only this session has ended"


def test_guessing_a_password_is_slowed_down_also_over_a_restart(hearth):
    email = hearth.user("owner")
    browser = hearth.browser()
    for _ in range(5):
        check_problem(browser.send("POST", "/api/v1/login", json={"email": email, "password": "a wrong guess"}), 401, "login_failed")
    refused = browser.send("POST", "/api/v1/login", json={"email": email, "password": PASSWORD})
    check_problem(refused, 429, "rate_limited")
    assert 1 <= int(refused.headers["Retry-After"]) <= 30
    hearth.stop()
    hearth.start()
    check_problem(browser.send("POST", "/api/v1/login", json={"email": email, "password": PASSWORD}), 429, "rate_limited")
    other = hearth.user("viewer")
    assert browser.send("POST", "/api/v1/login", json={"email": other, "password": PASSWORD}).status_code == 200, "others are not held up"


def test_each_role_may_do_what_it_says_and_no_more(hearth):
    for rank, role in enumerate(ROLES):
        browser = hearth.signed_in(role)
        assert browser.get("/api/v1/me")["role"] == role
        for needed, requests in RIGHTS.items():
            for method, path, body, status in requests:
                answer = browser.send(method, path, json=body)
                if rank >= ROLES.index(needed):
                    assert answer.status_code == status, f"{role} {method} {path}: {answer.text}"
                    undo(browser, path, answer)
                else:
                    check_problem(answer, 403, "forbidden")


def undo(browser, path, answer):
    """Removes a user again, so that the next role can make the same one."""
    if path == "/api/v1/users" and answer.request.method == "POST":
        browser.delete(f"/api/v1/users/{answer.json()['id']}", expect=200)


def test_a_key_can_do_what_its_scopes_say_until_it_is_revoked(hearth):
    narrow = hearth.api(hearth.key("api", "--scope", "people:read", "--scope", "segments:write"))
    narrow.get("/api/v1/members")
    segment = narrow.segment("S", {"tag": "a"})
    narrow.get(f"/api/v1/segments/{segment}")
    for method, path in [("GET", "/api/v1/deliveries"), ("GET", "/api/v1/keys"), ("GET", "/api/v1/dead-letters")]:
        check_problem(narrow.send(method, path), 403, "forbidden")
    check_problem(narrow.send("POST", "/api/v1/events", json={"event": "E", "userId": "u"}), 403, "forbidden")

    admin = hearth.signed_in("admin")
    made = admin.post("/api/v1/keys", {"kind": "api", "name": "reader", "scopes": ["people:read"]}, expect=201)
    assert made["secret"].startswith("hk_")
    listed = {key["id"]: key for key in admin.all("/api/v1/keys")}
    assert made["secret"] not in str(listed) and listed[made["id"]]["hint"].endswith(made["secret"][-4:])
    reader = hearth.api(made["secret"])
    reader.get("/api/v1/members")
    check_problem(admin.send("POST", "/api/v1/keys", json={"kind": "api", "name": "x", "scopes": ["everything"]}), 422)
    admin.delete(f"/api/v1/keys/{made['id']}", expect=204)
    check_problem(reader.send("GET", "/api/v1/members"), 401, "unauthenticated")

    write = admin.post("/api/v1/keys", {"kind": "write", "name": "shop"}, expect=201)
    tracker = hearth.tracker(write["secret"])
    tracker.track("u", "E")
    admin.delete(f"/api/v1/keys/{write['id']}", expect=204)
    answer = tracker.send("POST", "/v1/batch", json={"batch": [{"type": "track", "userId": "u", "event": "E"}]})
    check_problem(answer, 401, "unauthenticated")


def test_disabling_a_user_ends_what_he_could_do(hearth):
    owner, admin = hearth.signed_in("owner"), hearth.signed_in("admin")
    key = admin.post("/api/v1/keys", {"kind": "api", "name": "his"}, expect=201)
    his = hearth.api(key["secret"])
    his.get("/api/v1/members")
    me = admin.get("/api/v1/me")["user"]["id"]
    owner.patch(f"/api/v1/users/{me}", {"disabled": True})
    check_problem(admin.send("GET", "/api/v1/me"), 401, "unauthenticated")
    check_problem(his.send("GET", "/api/v1/members"), 401, "unauthenticated")
    [last] = [user for user in owner.all("/api/v1/users") if user["role"] == "owner"]
    refused = owner.send("PATCH", f"/api/v1/users/{last['id']}", json={"disabled": True})
    assert 400 <= refused.status_code < 500, "somebody must be able to sign in"
    check_problem(refused)


def test_every_change_by_a_person_is_in_the_audit_log_without_secrets(hearth):
    owner = hearth.signed_in("owner")
    segment = owner.post("/api/v1/segments", {"name": "S", "rule": {"tag": "a"}}, expect=201)
    owner.patch(f"/api/v1/segments/{segment['id']}", {"name": "S2"})
    owner.delete(f"/api/v1/segments/{segment['id']}", expect=204)
    config = {"host": "mx.example", "from": {"email": "a@b.example"}, "username": "u", "password": "mail-server-secret"}
    channel = owner.post("/api/v1/channels", {"kind": "email", "name": "Post", "config": config}, expect=201)
    key = owner.post("/api/v1/keys", {"kind": "api", "name": "K"}, expect=201)
    owner.patch("/api/v1/workspace", {"name": "Renamed"})

    me = owner.get("/api/v1/me")
    entries = list(reversed(owner.all("/api/v1/audit")))
    mine = [(entry["action"], entry["target"]) for entry in entries if entry["actor"] == me["actor"]]
    for change in [("segment.created", segment["id"]), ("segment.updated", segment["id"]), ("segment.deleted", segment["id"]),
                   ("channel.created", channel["id"])]:
        assert change in mine, f"{change} is missing in {mine}"
    assert any(target == key["id"] for _, target in mine) and any(target == me["workspace"]["id"] for _, target in mine)
    for secret in ("mail-server-secret", key["secret"], PASSWORD):
        assert secret not in str(entries)
        assert secret not in hearth.stderr.read_text()
    assert channel["config"]["password"] == "•••" and "mail-server-secret" not in str(owner.get(f"/api/v1/channels/{channel['id']}"))
    assert hearth.query("SELECT config_json FROM channels")[0][0].count("mail-server-secret") == 0, "secrets are not at rest in the open"


def test_nothing_is_open_by_default(hearth):
    stranger = hearth.stranger()
    # One connection per request: each answer stands for itself.
    stranger.session.headers["Connection"] = "close"
    document = stranger.get("/api/openapi.json")
    seen = set()
    for template, item in document["paths"].items():
        for method in item:
            operation = (method.upper(), template)
            path = re.sub(r"\{[^}]+\}", "mem_0000000000001", template)
            if operation in OPEN:
                seen.add(operation)
                continue
            body = FOREIGN.get(path, {"json": WELL_FORMED if method in ("post", "put", "patch") else None})
            for header in (None, "Bearer ", "Bearer hk_guessed", "Basic Og==", "Digest x"):
                answer = stranger.send(method.upper(), path, headers=header and {"Authorization": header}, **body)
                if path in FOREIGN:
                    assert answer.status_code == 401, f"{path}: {answer.status_code} {answer.text}"
                else:
                    check_problem(answer, 401, "unauthenticated")
    assert seen == OPEN, "the list of what is open is up to date"
    for path in ("/", "/app/", "/live", "/api/docs/"):
        assert "members" not in stranger.send("GET", path).text.replace("/members", ""), f"{path} shows numbers to a stranger"
    check_problem(stranger.send("GET", "/live"), 401, "unauthenticated")
    cors = stranger.send("OPTIONS", "/api/v1/members", headers={"Origin": "https://evil.example", "Access-Control-Request-Method": "GET"})
    assert "access-control-allow-origin" not in cors.headers, "no other site reads the REST API"
    cors = stranger.send("OPTIONS", "/v1/batch", headers={"Origin": "https://shop.example", "Access-Control-Request-Method": "POST"})
    assert cors.headers["access-control-allow-origin"] == "*", "any shop's page may send events"


def test_a_refusal_says_whether_the_connection_can_be_used_on(hearth):
    """An answer may come before the body was sent. Then the server either goes on reading, or says that it closes."""
    head = "PUT /api/v1/templates/tpl_0000000000001 HTTP/1.1\r\nHost: hearth\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n"
    with socket.create_connection(("127.0.0.1", hearth.port), timeout=10) as connection:
        answers = connection.makefile("rb")
        connection.sendall(head.encode())
        first = read_answer(answers)
        assert first["status"] == 401
        if first.get("connection", "").lower() == "close":
            return
        connection.sendall(b"{}GET /healthz HTTP/1.1\r\nHost: hearth\r\n\r\n")
        assert read_answer(answers)["status"] == 200


def read_answer(stream):
    """The head of an HTTP/1.1 answer as a dictionary; its body is read and thrown away."""
    line = stream.readline()
    assert line, "the server closed the connection without a word"
    head = {"status": int(line.split()[1])}
    while (line := stream.readline().decode().strip()):
        name, _, value = line.partition(":")
        head[name.lower()] = value.strip()
    stream.read(int(head.get("content-length", 0)))
    return head
