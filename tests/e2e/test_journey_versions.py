"""Journeys that are changed while members are in them, and simulations beside what then happens."""

import json
from concurrent.futures import ThreadPoolExecutor

from support.api import check_problem, moment
from support.waiting import wait_for_equal, wait_until

FIRST = {
    "entry": {"event": "Joined"},
    "start": "first",
    "steps": {
        "first": {"type": "tag", "add": ["first"], "next": "pause"},
        "pause": {"type": "wait", "event": {"event": "Go"}, "next": "old end"},
        "old end": {"type": "tag", "add": ["old"], "next": None},
    },
}
SECOND = {
    "entry": {"event": "Joined"},
    "start": "first",
    "steps": {
        "first": {"type": "tag", "add": ["newcomer"], "next": "new pause"},
        "new pause": {"type": "wait", "event": {"event": "Go"}, "next": "new end"},
        "new end": {"type": "tag", "add": ["new"], "next": None},
    },
}


def people(api, tracker, *users):
    """Ids of members who are known by the time this returns."""
    for user in users:
        tracker.identify(user, email=f"{user}@example.com")
    return [wait_until(lambda user=user: api.member("user_id", user), 10, user)["id"] for user in users]


def tags(api, member):
    return set(api.get(f"/api/v1/members/{member}")["tags"])


def standing(api, journey, **wanted):
    """How many active runs stand where."""
    runs = api.runs(journey, state="active")
    return {(run["version"], run["step"]) for run in runs}, len(runs)


def test_a_second_version_moves_who_stands_where_it_was_said_beforehand(hearth, api, tracker):
    journey = api.journey("J", FIRST)
    path = f"/api/v1/journeys/{journey}"
    anna, ben, cleo = people(api, tracker, "anna", "ben", "cleo")
    for user in ("anna", "ben", "cleo"):
        tracker.track(user, "Joined")
    wait_for_equal(lambda: standing(api, journey), ({(1, "pause")}, 3), 10, "three who wait")

    api.patch(path, {"document": SECOND})
    seen = api.get(path)["revision"]
    preview = api.post(f"{path}/publish/preview", {"revision": seen})
    assert (preview["version"], preview["under_way"], preview["stay"], preview["moved"]) == (2, 3, 3, 0)
    preview = api.post(f"{path}/publish/preview", {"running": {"move": {}}})
    assert (preview["unmapped"], preview["unmapped_paths"]) == (3, ["running.move.pause"])
    refused = check_problem(api.send("POST", f"{path}/publish", json={"running": {"move": {}}}), 422)
    assert refused["errors"][0]["path"] == "running.move.pause"
    refused = check_problem(api.send("POST", f"{path}/publish", json={"running": {"move": {"pause": "nowhere"}}}), 422)
    assert refused["errors"][0]["path"] == "running.move.pause"

    mapping = {"revision": seen, "running": {"move": {"pause": "new pause"}}}
    preview = api.post(f"{path}/publish/preview", mapping)
    assert (preview["moved"], preview["stay"], preview["ended"], preview["unmapped"]) == (3, 0, 0, 0)
    assert preview["standing"] == [{"version": 1, "step": "pause", "runs": 3, "what": "moves", "to": "new pause"}]
    assert preview["unreached_by_moved"] == ["first"] and preview["unreached"] == []
    assert standing(api, journey) == ({(1, "pause")}, 3), "a preview changes nothing"
    published = api.post(f"{path}/publish", mapping)
    assert (published["published_version"], published["moved"], published["left"]) == (2, 3, 0)
    assert "3" in published["words"]["en"] and "3" in published["words"]["zh"]
    wait_for_equal(lambda: standing(api, journey), ({(2, "new pause")}, 3), 10, "all of them on the second version")

    tracker.track("anna", "Go")
    tracker.track("ben", "Go")
    for member in (anna, ben):
        wait_for_equal(lambda member=member: tags(api, member), {"first", "new"}, 10, "the new way, and only that")
    moved = next(line for line in api.explain(anna, journey) if line["what"] == "moved")
    assert "version 1" in moved["en"] and "version 2" in moved["en"] and "版本 2" in moved["zh"]
    versions = api.all(f"{path}/versions")
    assert [(one["version"], one["under_way"], one["is_current"]) for one in versions] == [(2, 1, True), (1, 0, False)]
    compared = api.get(f"{path}/versions/compare", a="1", b="draft")
    assert "pause" in json.dumps(compared)

    # Publishing without a word leaves everybody where he is.
    api.post(f"{path}/versions/1/restore")
    assert api.get(path)["document"] == FIRST
    assert api.post(f"{path}/publish")["published_version"] == 3
    tracker.track("cleo", "Go")
    wait_for_equal(lambda: tags(api, cleo), {"first", "new"}, 10, "Cleo's own version")


def test_of_two_who_publish_at_once_one_is_told(hearth, api):
    journey = api.post("/api/v1/journeys", {"name": "J", "document": FIRST})["id"]
    path = f"/api/v1/journeys/{journey}"
    both = [hearth.signed_in("admin"), hearth.signed_in("admin")]
    for round_ in range(1, 6):
        api.patch(path, {"document": SECOND if round_ % 2 else FIRST})
        body = {"revision": api.get(path)["revision"]}
        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(lambda one, body=body: one.send("POST", f"{path}/publish", json=body), both))
        assert sorted(answer.status_code for answer in answers) == [200, 409], [answer.text for answer in answers]
        problem = check_problem(next(answer for answer in answers if answer.status_code == 409), 409, "conflict")
        assert problem["help"]
        assert api.get(path)["published_version"] == round_
    stale = api.get(path)["revision"]
    api.patch(path, {"document": SECOND, "revision": stale})
    check_problem(api.send("PATCH", path, json={"document": FIRST, "revision": stale}), 409, "conflict")
    check_problem(api.send("POST", f"{path}/publish", json={"revision": stale}), 409, "conflict")
    assert len(api.all(f"{path}/versions")) == 5


def test_a_simulation_says_what_then_happens_and_does_nothing(hearth, api, tracker, mailbox):
    api.email_channel(mailbox.port)
    template = api.template("hello", "Hello {{ member.user }}", "Hello")
    document = {
        "entry": {"event": "Joined", "where": [{"property": "shop", "op": "eq", "value": "Bund"}]},
        "reentry": {"policy": "always"},
        "start": "chance",
        "steps": {
            "chance": {"type": "split", "ways": [{"share": 0.5, "next": "city?"}, {"share": 0.5, "next": "mark"}]},
            "city?": {"type": "branch", "cases": [{"when": {"trait": "city", "value": "上海"}, "next": "mail"}], "else": "mark"},
            "mail": {"type": "send", "channel": "email", "template": template, "next": "a moment"},
            "a moment": {"type": "wait", "for": "PT1S", "next": "mark"},
            "mark": {"type": "tag", "add": ["marked"], "next": None},
        },
    }
    users = [f"u{number}" for number in range(24)]
    for number, user in enumerate(users):
        address = {} if number % 6 == 0 else {"email": f"{user}@example.com"}
        tracker.identify(user, city="上海" if number % 3 else "Berlin", **address)
        tracker.track(user, "Joined", shop="Bund" if number % 4 else "Harbour")
    wait_until(lambda: len(api.by_user()) == len(users), 20, "everybody")
    hearth.wait_until_idle()

    journey = api.post("/api/v1/journeys", {"name": "J", "document": document}, expect=201)["id"]
    path = f"/api/v1/journeys/{journey}"
    other = {**document, "steps": {**document["steps"], "mail": {**document["steps"]["mail"], "next": "mark"}}}
    asked = {"from": moment(hours=-1), "to": moment(), "compare_with": other}
    done = api.call("POST", f"{path}/simulate", 200, json=asked)
    assert done["state"] == "done" and done["error"] is None, done
    told = done["result"]
    assert told["entered"] == 18 and told["ended"]["completed"] == 18 and told["members"]["of"] == len(users)
    difference = told["compared"]["differences"]
    assert (difference["entered"], set(difference["steps"])) == (0, {"a moment"})
    assert told["steps"]["a moment"]["reached"] == difference["steps"]["a moment"]["reached"]
    check_problem(api.send("POST", f"{path}/simulate", json={"from": moment(), "to": moment(days=1)}), 422, "invalid_body")

    assert api.deliveries() == [] and mailbox.attempts == {} and api.runs(journey) == []
    assert api.get(path)["state"] == "draft"
    assert all(member["tags"] == [] for member in api.all("/api/v1/members"))

    # The same happens again, and now it counts.
    api.post(f"{path}/publish")
    for number, user in enumerate(users):
        tracker.track(user, "Joined", shop="Bund" if number % 4 else "Harbour")
    report = wait_until(lambda: ended(api, path, 18), 30, "the end of all runs")
    for step, outcome in told["steps"].items():
        assert report["steps"][step]["entered"] == outcome["reached"], f"{step}: {report['steps'][step]} and {outcome}"
    [mails] = told["messages"]
    wait_until(lambda: api.get("/api/v1/deliveries/summary", journey=journey)["waiting"] == 0, 20, "the end of all messages")
    summary = api.get("/api/v1/deliveries/summary", journey=journey)
    assert mails["count"] == summary["audience"] and summary["sending"] == 0
    assert sum(mails["would_be_refused"].values()) == summary["refused"], (mails, summary)
    assert mails["sent"] == summary["sent"] == len(mailbox.mails()) == mails["count"] - summary["refused"] > 0
    real = {run["member"]: way_of(run["trace"]) for run in api.runs(journey)}
    simulated = {run["member"]: way_of(run["trail"]) for run in told["sample_runs"]}
    assert len(simulated) == 18 and simulated == real


def ended(api, path, number):
    report = api.get(f"{path}/report")
    return report if report["runs"] == {"completed": number} else None


def way_of(trail):
    """The steps and what happened there, without their moments."""
    return [(line["step"], line["action"], line["detail"].get("way"), line["detail"].get("case")) for line in trail]
