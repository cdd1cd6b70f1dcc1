"""Journeys as members go through them: waits for events, chance, webhooks that answer, tasks for people, entry by hand,
pausing and stopping, and documents that cannot be."""

from datetime import datetime, timezone

import pytest

from support.api import check_cannot_be_published, check_problem
from support.waiting import wait_for_equal, wait_until
from support.webhooks import SECRET, Receiver

TIERS = {"安娜": "gold", "Ben": "silver", "Cleo": "silver"}


def tier_of(payload):
    """What the shop's own system answers."""
    name = payload["data"]["member"]["first_name"]
    return 200, {"customer": {"tier": TIERS[name], "email": "other@example.com"}, "known_for": ["红酒", "年份"]}


def welcome(api, mailbox, receiver):
    """First mail → wait for an order → webhook → branch on its answer → a person calls."""
    api.email_channel(mailbox.port)
    hook = api.webhook_channel(receiver.url, SECRET)
    hello = api.template("hello", "欢迎，{{ member.first_name }}", "Hello {{ member.first_name }}, it is {{ event.place }}.")
    steps = {
        "hello": {"type": "send", "channel": "email", "template": hello, "next": "an order?"},
        "an order?": {"type": "wait", "event": {"event": "Order Completed", "match": [
            {"property": "shop", "entry": "properties.place"}]}, "timeout": "PT3S", "timeout_next": "chance", "next": "tier"},
        "chance": {"type": "split", "ways": [{"share": 0.5, "next": "left"}, {"share": 0.5, "next": "right"}]},
        "left": {"type": "tag", "add": ["left"], "next": "tier"},
        "right": {"type": "tag", "add": ["right"], "next": "tier"},
        "tier": {"type": "webhook", "channel": hook, "body": {"asks": "tier"}, "timeout": "PT30S", "timeout_next": "quiet",
                 "traits": {"tier": "customer.tier", "known_for": "known_for", "missing": "customer.none"}, "next": "gold?"},
        "gold?": {"type": "branch", "cases": [{"when": {"trait": "tier", "value": "gold"}, "next": "call"}], "else": "quiet"},
        "call": {"type": "task", "title": "Call her", "note": "She likes Beaune", "assignee": "owner@example.com", "due": "P1D",
                 "outcomes": {"reached": "spoken", "nobody": None}, "next": "quiet", "expired": "quiet"},
        "spoken": {"type": "set", "traits": {"spoken": True}, "next": None},
        "quiet": {"type": "tag", "add": ["quiet"], "next": None},
    }
    return api.journey("Welcome", {"entry": {"event": "Joined"}, "start": "hello", "steps": steps})


def of_run(api, journey, member):
    """What happened in a member's only run: steps and actions."""
    [run] = api.runs(journey, member=member)
    return [(line["step"], line["action"]) for line in run["trace"]]


def test_a_welcome_from_the_first_mail_to_a_call(hearth, api, tracker, mailbox):
    with Receiver(tier_of) as receiver:
        journey = welcome(api, mailbox, receiver)
        for user, name in (("anna", "安娜"), ("ben", "Ben"), ("cleo", "Cleo")):
            tracker.identify(user, email=f"{user}@example.com", first_name=name)
            tracker.track(user, "Joined", place="Bund")
        [mail] = wait_until(lambda: mailbox.mails("anna@example.com"), 20, "the first mail")
        assert mail.subject == "欢迎，安娜" and "it is Bund" in mail.part("text/plain")
        # An order in another shop is not the one that is waited for.
        tracker.track("ben", "Order Completed", shop="Harbour")
        tracker.track("anna", "Order Completed", shop="Bund")
        anna, ben, cleo = (api.member("user_id", user)["id"] for user in ("anna", "ben", "cleo"))

        [task] = wait_until(lambda: api.all("/api/v1/tasks", state="open", journey=journey), 20, "the task")
        assert (task["member"], task["title"], task["outcomes"]) == (anna, "Call her", ["nobody", "reached"])
        traits = api.get(f"/api/v1/members/{anna}")["traits"]
        assert (traits["tier"], traits["known_for"]) == ("gold", ["红酒", "年份"]) and "missing" not in traits
        wait_until(lambda: all("quiet" in api.get(f"/api/v1/members/{one}")["tags"] for one in (ben, cleo)), 30, "the others' way")
        for one in (ben, cleo):
            done = of_run(api, journey, one)
            assert ("an order?", "timed_out") in done and ("an order?", "met") not in done
            assert (("left", "tagged") in done) != (("right", "tagged") in done), "one way and not the other"
            assert [step for step, action in done if action == "answered"] == ["tier"]
        the_call_is_made_once(api, task, anna)
        wait_until(lambda: api.get(f"/api/v1/members/{anna}")["traits"].get("spoken") is True, 10, "the trait of the outcome")
        assert "quiet" not in api.get(f"/api/v1/members/{anna}")["tags"]

        # Three requests, each verified, and each with an id that is the delivery's.
        assert receiver.refused == [] and len(receiver.requests) == 3
        for headers, payload in receiver.requests:
            assert payload["type"] == "journey.step" and payload["data"]["body"] == {"asks": "tier"}
            assert headers["webhook-id"] == payload["data"]["delivery"] and payload["data"]["journey"] == journey
        assert api.member("user_id", "anna")["traits"]["email"] == "anna@example.com"
        wait_for_equal(lambda: api.get(f"/api/v1/journeys/{journey}/report")["runs"], {"completed": 3}, 10, "the ends")
        told_in_both_languages(api, journey, anna, ben)


def the_call_is_made_once(api, task, anna):
    path = f"/api/v1/tasks/{task['id']}/complete"
    check_problem(api.send("POST", path, json={"outcome": "maybe"}), 400, "invalid_field")
    done = api.post(path, {"outcome": "reached", "note": "She wants the Beaune of 2019"})
    assert (done["state"], done["outcome"], done["remark"]) == ("done", "reached", "She wants the Beaune of 2019")
    check_problem(api.send("POST", path, json={"outcome": "nobody"}), 409, "task_closed")
    assert [one["id"] for one in api.all("/api/v1/tasks", member=anna, state="done")] == [task["id"]]


def told_in_both_languages(api, journey, anna, ben):
    trail = api.explain(anna, journey)
    assert [line["at"] for line in trail] == sorted(line["at"] for line in trail)
    assert all(line["en"].strip() and any("\u4e00" <= letter <= "\u9fff" for letter in line["zh"]) for line in trail)

    def line(trail, what):
        return next(line for line in trail if line["what"] == what)

    met = line(trail, "met")
    assert "“Order Completed” happened" in met["en"] and "发生了“Order Completed”" in met["zh"]
    answered = line(trail, "answered")
    assert "status 200" in answered["en"] and "tier" in answered["en"] and "状态 200" in answered["zh"]
    branched = line(trail, "branched")
    assert "case 1 held" in branched["en"] and "gold" in branched["en"] and "第 1 个条件成立" in branched["zh"]
    done = line(trail, "task_done")
    assert "“reached”" in done["en"] and "结果为“reached”" in done["zh"]
    trail = api.explain(ben, journey)
    assert "did not come in time" in line(trail, "timed_out")["en"] and "超时" in line(trail, "timed_out")["zh"]
    assert "chance chose way" in line(trail, "split")["en"] and "随机" in line(trail, "split")["zh"]
    assert "no case held" in line(trail, "branched")["en"]


def manual(api, name, steps, start, **more):
    return api.journey(name, {"entry": {"manual": True}, "start": start, "steps": steps, **more})


def test_members_are_let_in_by_hand_and_by_segment(hearth, api, tracker, mailbox):
    api.email_channel(mailbox.port)
    invitation = api.template("invitation", "{{ event.seat }}", "Your seat is {{ event.seat }}.")
    steps = {"invite": {"type": "send", "channel": "email", "template": invitation, "next": None}}
    journey = manual(api, "Dinner", steps, "invite", reentry={"policy": "always"}, key="properties.dinner")
    for user in ("anna", "ben", "cleo"):
        tracker.identify(user, email=f"{user}@example.com", city="上海")
    anna = wait_until(lambda: api.member("user_id", "anna"), 10, "Anna")["id"]
    path = f"/api/v1/journeys/{journey}/enter"
    stranger = "mem_0000000000001"
    entered = api.post(path, {"members": [anna, stranger], "properties": {"seat": "12B", "dinner": "spring"}})
    assert (entered["asked"], entered["unknown"], entered["job"]) == (1, [stranger], None)
    [mail] = wait_until(lambda: mailbox.mails("anna@example.com"), 20, "the invitation")
    assert mail.subject == "12B"
    [run] = api.runs(journey)
    assert (run["member"], run["key"]) == (anna, "spring") and run["trace"][0]["action"] == "entered"
    [entry, *_] = api.explain(anna, journey)
    assert "by hand" in entry["en"] or "put into the journey by" in entry["en"], entry

    everybody = api.live_segment("Shanghai", {"trait": "city", "value": "上海"})
    wait_until(lambda: len(api.members_of(everybody)) == 3, 10, "all of them")
    started = api.call("POST", path, 202, json={"segment": everybody, "properties": {"seat": "bar", "dinner": "autumn"}})
    assert api.ended_job(started["job"])["state"] == "done"
    wait_until(lambda: len(mailbox.mails(subject="bar")) == 3, 20, "everybody's invitation")
    for body, status, code in [
        ({}, 422, "invalid_body"),
        ({"members": [anna], "segment": everybody}, 422, "invalid_body"),
        ({"members": []}, 400, "invalid_field"),
        ({"segment": "seg_0000000000001"}, 422, "unknown_reference"),
    ]:
        check_problem(api.send("POST", path, json=body), status, code)
    by_event = api.journey("By event", {"entry": {"event": "E"}, "start": "x", "steps": {"x": {"type": "exit"}}})
    check_problem(api.send("POST", f"/api/v1/journeys/{by_event}/enter", json={"members": [anna]}), 409, "wrong_state")


def test_a_paused_journey_keeps_everybody_and_a_finishing_one_lets_nobody_in(hearth, api, tracker):
    steps = {
        "a moment": {"type": "wait", "for": "PT2S", "next": "mark"},
        "mark": {"type": "tag", "add": ["through"], "next": "for ever"},
        "for ever": {"type": "wait", "event": {"event": "Go on"}, "next": "end"},
        "end": {"type": "tag", "add": ["end"], "next": None},
    }
    journey = manual(api, "Slow", steps, "a moment")
    path = f"/api/v1/journeys/{journey}"
    for user in ("anna", "ben"):
        tracker.identify(user, email=f"{user}@example.com")
    wait_until(lambda: api.member("user_id", "ben"), 10, "both")
    anna, ben = (api.member("user_id", user)["id"] for user in ("anna", "ben"))

    def tags(member):
        return set(api.get(f"/api/v1/members/{member}")["tags"])

    def is_over(run):
        return datetime.fromisoformat(run["wake_at"].replace("Z", "+00:00")) < datetime.now(timezone.utc)

    api.post(f"{path}/enter", {"members": [anna]})
    [run] = wait_until(lambda: [run for run in api.runs(journey) if run["wake_at"]], 10, "her wait")
    paused = api.post(f"{path}/pause")
    assert paused["state"] == "paused" and "Nobody enters" in paused["words"]["en"] and "没有人进入" in paused["words"]["zh"]
    check_problem(api.send("POST", f"{path}/pause", json={}), 409, "wrong_state")
    check_problem(api.send("POST", f"{path}/enter", json={"members": [ben]}), 409, "wrong_state")
    wait_until(lambda: is_over(run), 10, "the end of the wait")
    hearth.wait_until_idle()
    assert tags(anna) == set() and api.runs(journey)[0]["step"] == "a moment"
    assert api.post(f"{path}/resume")["state"] == "live"
    wait_until(lambda: tags(anna) == {"through"}, 10, "she goes on at once")

    stopping = api.post(f"{path}/stop", {"running": "finish"})
    assert stopping["state"] == "finishing" and "go on to their end" in stopping["words"]["en"]
    check_problem(api.send("POST", f"{path}/enter", json={"members": [ben]}), 409, "wrong_state")
    tracker.track("anna", "Go on")
    wait_until(lambda: tags(anna) == {"through", "end"}, 10, "she comes to the end")
    wait_until(lambda: api.get(path)["state"] == "stopped", 30, "the end of the journey, when its last run has ended")

    api.post(f"{path}/publish")
    api.post(f"{path}/enter", {"members": [ben]})
    wait_until(lambda: tags(ben) == {"through"}, 10, "Ben waits")
    ended = api.post(f"{path}/stop", {"running": "end"})
    assert (ended["state"], ended["ended"]) == ("stopped", 1)
    tracker.track("ben", "Go on")
    hearth.wait_until_idle()
    assert tags(ben) == {"through"}
    assert "it was stopped" in api.explain(ben, journey)[-1]["en"]


WAIT = {"type": "wait", "for": "P1D", "next": None}


def chain(length):
    """So many waits, one after the other."""
    names = [f"s{number}" for number in range(length)]
    following = [*names[1:], None]
    return {"entry": {"event": "E"}, "start": "s0",
            "steps": {name: {**WAIT, "next": then} for name, then in zip(names, following, strict=True)}}


def one(step, **more):
    return {"entry": {"event": "E"}, "start": "a", "steps": {"a": step, "b": WAIT}, **more}


IMPOSSIBLE = {
    "500 steps": (chain(500), "too_many_steps", "document.steps"),
    "an unknown field of a wait": (one({**WAIT, "unless": 1}), "invalid_journey", "document.steps.a.unless"),
    "an unknown field of what is awaited": (
        one({"type": "wait", "event": {"event": "X", "wher": []}}), "invalid_journey", "document.steps.a.event.wher"),
    "two waits in one": (one({"type": "wait", "for": "P1D", "event": "X"}), "invalid_journey", "document.steps.a"),
    "a timeout that leads nowhere": (
        one({"type": "wait", "event": "X", "timeout": "P1D", "timeout_next": "z"}), "invalid_journey", "document.steps.a.timeout_next"),
    "a circle through a branch and a split": (one(
        {"type": "branch", "cases": [{"when": {"tag": "x"}, "next": "c"}], "else": None},
        steps={"a": {"type": "branch", "cases": [{"when": {"tag": "x"}, "next": "c"}], "else": None},
               "c": {"type": "split", "ways": [{"share": 0.5, "next": "a"}, {"share": 0.5, "next": None}]}}),
        "journey_cycle", "document.steps.a"),
    "shares that are more than all": (
        one({"type": "split", "ways": [{"share": 0.7}, {"share": 0.7}]}), "invalid_journey", "document.steps.a.ways"),
    "a trait that says who somebody is": (
        one({"type": "webhook", "traits": {"email": "x"}}), "invalid_journey", "document.steps.a.traits.email"),
    "a task that cannot expire": (
        one({"type": "task", "title": "T", "expired": "b"}), "invalid_journey", "document.steps.a.due"),
    "a priority that is none": (
        one({"type": "send", "channel": "email", "template": "tpl_0000000000001", "priority": "urgent"}),
        "invalid_journey", "document.steps.a.priority"),
    "two entries": (one(WAIT, entry={"event": "E", "manual": True}), "invalid_journey", "document.entry.event"),
    "a day that no month has": (
        one(WAIT, entry={"schedule": {"every": "month", "on": [32]}}), "invalid_journey", "document.entry.schedule.on[0]"),
    "a goal that is left": (one(WAIT, goal={"segment_left": "seg_0000000000001"}), "invalid_journey", "document.goal.segment_left"),
}


@pytest.mark.sqlite_only
def test_documents_that_cannot_be_are_refused_with_their_path(hearth, api):
    for name, (document, code, path) in IMPOSSIBLE.items():
        check_cannot_be_published(api, name, document, code, path)
    assert api.all("/api/v1/journeys") == []
    api.post("/api/v1/journeys", {"name": "J", "document": chain(200)}, expect=201)


def test_a_webhook_that_leads_inside_meanwhile_is_not_sent(new_hearth):
    hearth = new_hearth().start()
    api = hearth.api()
    with Receiver() as receiver:
        hook = api.webhook_channel(receiver.url, SECRET)
        journey = manual(api, "Hook", {"hook": {"type": "webhook", "channel": hook, "next": None}}, "hook")
        hearth.tracker().identify("anna", email="anna@example.com")
        anna = wait_until(lambda: api.member("user_id", "anna"), 10, "Anna")["id"]
        hearth.stop()
        hearth.start(allow_loopback=False)
        api.post(f"/api/v1/journeys/{journey}/enter", {"members": [anna]})

        def told():
            [channel] = [one for one in api.get("/api/v1/outbox")["channels"] if one["channel"] == hook]
            return channel["problem"]

        assert "inside" in wait_until(told, 20, "what is wrong with the channel")
        [waiting] = api.all("/api/v1/outbox/queue")
        assert waiting["why"]["code"] in ("breaker", "broken") and waiting["why"]["zh"]
        assert receiver.requests == [] and receiver.refused == []
