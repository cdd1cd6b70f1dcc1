"""The outbox as an operator meets it: caps and hours, why a message waits, what people decide about messages, and
destinations that are dead beside those that live."""

from datetime import datetime, timezone

import pytest

from support.api import check_problem
from support.mail import DroppingMailServer, Mailbox
from support.ports import free_port
from support.waiting import wait_for_equal, wait_until
from support.webhooks import SECRET, Receiver


def zone_in_which_it_is(hour):
    """A time zone whose clocks show about this hour now, so that no midnight passes meanwhile."""
    ahead = (hour - datetime.now(timezone.utc).hour + 11) % 24 - 11
    return f"Etc/GMT{-ahead:+d}"


class Desk:
    """An operator with an e-mail channel, and messages that are sent at a word."""

    def __init__(self, hearth, port):
        self.api = hearth.api()
        self.tracker = hearth.tracker()
        self.channel = self.api.email_channel(port, timeout_seconds=2)
        self.template = self.api.template("news", "News", "Hello {{ member.email }}")
        self.journeys = {}

    def person(self, user, hour=12):
        self.tracker.identify(user, email=f"{user}@example.com", timezone=zone_in_which_it_is(hour))
        return wait_until(lambda: self.api.member("user_id", user), 10, user)["id"]

    def send(self, member, name="news", **step):
        """Sends a message by a journey of this name; returns it as it is then."""
        if name not in self.journeys:
            send = {"type": "send", "channel": self.channel, "template": self.template, "next": None, **step}
            document = {"entry": {"manual": True}, "reentry": {"policy": "always"}, "start": name, "steps": {name: send}}
            self.journeys[name] = self.api.journey(name, document)
        before = {one["id"] for one in self.api.deliveries(member=member)}
        self.api.post(f"/api/v1/journeys/{self.journeys[name]}/enter", {"members": [member]})
        [new] = wait_until(lambda: [one for one in self.api.deliveries(member=member) if one["id"] not in before], 10, "the message")
        return new["id"]

    def state(self, delivery):
        one = self.api.delivery(delivery)
        return one["state"], one["reason"]

    def waits(self, delivery, state, reason=None):
        wait_for_equal(lambda: self.state(delivery), (state, reason), 20, f"{state} of {delivery}")

    def why(self, delivery):
        """Why a message waits, or None while it does not wait for that yet."""
        found = [one for one in self.api.all("/api/v1/outbox/queue") if one["id"] == delivery]
        return found[0] if found else None

    def waits_for(self, delivery, code):
        return wait_until(lambda: (one := self.why(delivery)) and one["why"]["code"] == code and one, 20, f"{delivery} waits for {code}")

    def decide(self, **policy):
        revision = self.api.get("/api/v1/outbox/policy")["revision"]
        return self.api.put("/api/v1/outbox/policy", {"revision": revision, "policy": policy})


def at(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def test_a_cap_lets_the_rest_wait_and_the_critical_pass(hearth, mailbox):
    desk = Desk(hearth, mailbox.port)
    desk.decide(caps=[{"channel_kind": "email", "most": 1, "per": "day"}, {"topic": "offers", "most": 1, "per": "month", "then": "drop"}])
    anna, ben = desk.person("anna"), desk.person("ben")
    desk.waits(desk.send(anna), "accepted")
    held = desk.send(anna)
    waiting = desk.waits_for(held, "frequency_cap")
    assert "frequency cap" in waiting["why"]["en"] and "频次上限" in waiting["why"]["zh"]
    # Her own midnight: at most twelve hours and a little away where it is about noon.
    assert 9 * 3600 < (at(waiting["not_before"]) - datetime.now(timezone.utc)).total_seconds() <= 13 * 3600
    desk.waits(desk.send(anna, "alarm", priority="critical"), "accepted")
    desk.waits(desk.send(anna, "receipt", topic="transactional"), "accepted")
    desk.waits(desk.send(ben), "accepted")
    offer = desk.send(ben, "offer", topic="offers", priority="critical")
    desk.waits(offer, "accepted")
    desk.waits(desk.send(ben, "another offer", topic="offers"), "suppressed", "frequency_cap")
    assert desk.state(held) == ("queued", "frequency_cap") and len(mailbox.mails("anna@example.com")) == 3
    trail = desk.api.get("/api/v1/explain", delivery=held)["trail"]
    assert any("频次" in line["zh"] and "cap" in line["en"].lower() for line in trail), trail

    # More places, and what waits goes at once.
    desk.decide(caps=[{"channel_kind": "email", "most": 9, "per": "day"}])
    desk.waits(held, "accepted")


def test_quiet_hours_are_the_members_own(hearth, mailbox):
    desk = Desk(hearth, mailbox.port)
    desk.decide(quiet_hours={"from": "21:00", "to": "09:00", "zone": "member", "then": "wait"})
    at_noon, at_night = desk.person("noon", 14), desk.person("night", 23)
    held = desk.send(at_night)
    waiting = desk.waits_for(held, "quiet_hours")
    assert "quiet" in waiting["why"]["en"] and "免打扰" in waiting["why"]["zh"]
    assert 8 * 3600 < (at(waiting["not_before"]) - datetime.now(timezone.utc)).total_seconds() <= 11 * 3600
    desk.waits(desk.send(at_noon), "accepted")
    [queue] = [one for one in desk.api.get("/api/v1/outbox")["channels"] if one["channel"] == desk.channel]
    assert (queue["queued"], queue["due"], queue["waits_for"]) == (1, 0, {"quiet_hours": 1})
    # A stricter policy drops what comes from now on, never what waits already.
    desk.decide(quiet_hours={"from": "21:00", "to": "09:00", "zone": "member", "then": "drop"})
    desk.waits(desk.send(at_night), "suppressed", "quiet_hours")
    desk.waits(desk.send(at_night, "alarm", priority="critical"), "accepted")
    assert desk.state(held) == ("queued", "quiet_hours")
    desk.decide(quiet_hours=None)
    desk.waits(held, "accepted")


@pytest.mark.sqlite_only
def test_of_two_who_change_the_policy_one_is_told_and_nonsense_is_refused(hearth, api):
    path = "/api/v1/outbox/policy"
    assert api.get(path)["revision"] == 0
    decided = api.put(path, {"revision": 0, "policy": {"caps": [{"most": 3, "per": "week"}]}})
    assert decided["revision"] == 1 and decided["policy"]["caps"][0]["most"] == 3
    check_problem(api.send("PUT", path, json={"revision": 0, "policy": {}}), 409, "conflict")
    for policy, where in [
        ({"caps": [{"most": 0, "per": "day"}]}, "policy.caps[0].most"),
        ({"caps": [{"most": 1, "per": "day", "channel_kind": "pigeon"}]}, "policy.caps[0].channel_kind"),
        ({"caps": [{"most": 1, "per": "day", "topic": "transactional"}]}, "policy.caps[0].topic"),
        ({"caps": [{"most": 1, "per": "day"}, {"most": 2, "per": "day"}]}, "policy.caps[1]"),
        ({"quiet_hours": {"from": "08:00", "to": "08:00"}}, "policy.quiet_hours.to"),
        ({"quiet_hours": {"from": "00:00", "to": "24:00"}}, "policy.quiet_hours"),
        ({"windows": {"email": {"open": []}}}, "policy.windows.email.open"),
        ({"windows": {"email": {"open": [{"from": "09:00", "to": "10:00", "days": []}]}}}, "policy.windows.email.open[0].days"),
    ]:
        problem = check_problem(api.send("PUT", path, json={"revision": 1, "policy": policy}), 422, "invalid_body")
        assert problem["errors"][0]["path"] == where, problem
    for policy in ({"quiet_hours": {"from": "8", "to": "10:00"}}, {"cap": []}, {"expire_after": "soon"}):
        check_problem(api.send("PUT", path, json={"revision": 1, "policy": policy}), 422, "invalid_body")
    assert api.get(path)["revision"] == 1


def test_a_paused_channel_keeps_its_messages_and_people_cancel_some(hearth, mailbox):
    desk = Desk(hearth, mailbox.port)
    members = [desk.person(user) for user in ("anna", "ben", "cleo", "dora")]
    desk.api.post(f"/api/v1/channels/{desk.channel}/pause")
    first, second, third, fourth = (desk.send(member) for member in members)
    waiting = desk.waits_for(first, "channel_paused")
    assert "paused" in waiting["why"]["en"] and "暂停" in waiting["why"]["zh"] and waiting["not_before"] is None
    cancelled = desk.api.post(f"/api/v1/deliveries/{first}/cancel")
    assert (cancelled["state"], cancelled["reason"]) == ("cancelled", "cancelled_by_operator")
    check_problem(desk.api.send("POST", f"/api/v1/deliveries/{first}/cancel"), 409, "wrong_state")
    check_problem(desk.api.send("POST", "/api/v1/deliveries/cancel", json={"dry_run": True}), 422, "invalid_body")
    wanted = {"member": members[1], "channel": desk.channel}
    assert desk.api.post("/api/v1/deliveries/cancel", {**wanted, "dry_run": True}) == {"matching": 1, "cancelled": 0, "more": False}
    assert desk.state(second) == ("queued", None)
    assert desk.api.post("/api/v1/deliveries/cancel", wanted) == {"matching": 1, "cancelled": 1, "more": False}
    desk.api.post(f"/api/v1/channels/{desk.channel}/resume")
    for delivery in (third, fourth):
        desk.waits(delivery, "accepted")
    assert {mail.recipients[0] for mail in mailbox.mails()} == {"cleo@example.com", "dora@example.com"}
    summary = desk.api.get("/api/v1/deliveries/summary", channel=desk.channel)
    assert (summary["audience"], summary["sent"], summary["cancelled"]) == (4, 2, 2)


def test_a_person_settles_what_nobody_knows_and_only_his_word_sends_it_again(hearth):
    with DroppingMailServer() as dropping, Mailbox() as works:
        desk = Desk(hearth, dropping.port)
        anna, ben = desk.person("anna"), desk.person("ben")
        arrived, lost = desk.send(anna), desk.send(ben)
        for delivery in (arrived, lost):
            desk.waits(delivery, "unknown", "outcome_unknown")
        config = desk.api.get(f"/api/v1/channels/{desk.channel}")["config"]
        desk.api.patch(f"/api/v1/channels/{desk.channel}", {"config": {**config, "port": works.port}})
        hearth.stop()
        hearth.start()
        desk.waits(desk.send(desk.person("cleo")), "accepted")
        assert dropping.taken == 2 and len(works.mails()) == 1, "neither the restart nor another message sends them again"

        settle = "/api/v1/deliveries/{}/settle".format
        body = {"outcome": "accepted", "send_again": True}
        check_problem(desk.api.send("POST", settle(arrived), json=body), 422, "invalid_body")
        settled = desk.api.post(settle(arrived), {"outcome": "accepted", "note": "She told us"})
        assert settled["state"] == "accepted"
        check_problem(desk.api.send("POST", settle(arrived), json={"outcome": "not_sent"}), 409, "wrong_state")
        desk.api.post(settle(lost), {"outcome": "not_sent", "note": "Not in the log of the other side", "send_again": True})
        desk.waits(lost, "accepted")
        assert [mail.recipients for mail in works.mails()] == [["cleo@example.com"], ["ben@example.com"]]
        assert desk.api.delivery(lost)["attempts"] == 2 and dropping.taken == 2
        [line] = [line for line in desk.api.all("/api/v1/audit", action="delivery.settled") if line["target"] == lost]
        assert line["detail"]["note"] == "Not in the log of the other side"


def test_a_dead_mail_server_slows_no_webhook_and_every_message_is_counted_once(hearth):
    people = 40
    with Receiver() as receiver:
        api, tracker = hearth.api(), hearth.tracker()
        dead = api.email_channel(free_port(), timeout_seconds=1)
        hook = api.webhook_channel(receiver.url, SECRET)
        template = api.template("news", "News", "Hello")
        journey = api.journey("both", {"entry": {"event": "Go"}, "start": "mail", "steps": {
            "mail": {"type": "send", "channel": dead, "template": template, "next": "hook"},
            "hook": {"type": "webhook", "channel": hook, "body": {"n": 1}, "next": None}}})
        for number in range(people):
            tracker.identify(f"u{number}", email=f"u{number}@example.com")
        tracker.batch([{"type": "track", "userId": f"u{number}", "event": "Go"} for number in range(people)])
        wait_until(lambda: len(receiver.payloads()) == people, 20, "all webhooks")
        assert len({payload["data"]["delivery"] for payload in receiver.payloads()}) == people and receiver.refused == []

        def queue(channel):
            return next(one for one in api.get("/api/v1/outbox")["channels"] if one["channel"] == channel)

        broken = wait_until(lambda: (one := queue(dead))["problem"] and one, 30, "what is wrong with the mail server")
        assert broken["retry_at"] and broken["drained_in_seconds"] is None and broken["queued"] + broken["sending"] == people
        assert queue(hook)["problem"] is None
        wait_for_equal(lambda: api.get("/api/v1/deliveries/summary", channel=hook)["sent"], people, 10, "their record")
        summary = api.get("/api/v1/deliveries/summary", journey=journey)
        places = ("waiting", "sending", "sent", "bounced", "refused", "failed", "unknown", "expired", "cancelled")
        assert summary["audience"] == sum(summary[place] for place in places) == 2 * people
        assert summary["unknown"] == summary["failed"] == 0, "nobody was connected to"
        one = api.all("/api/v1/outbox/queue", channel=dead)[0]
        assert one["why"]["code"] in ("breaker", "retry") and one["why"]["en"] and one["why"]["zh"]


def test_what_expires_in_the_queue_is_not_sent(hearth, mailbox):
    desk = Desk(hearth, mailbox.port)
    anna = desk.person("anna")
    desk.api.post(f"/api/v1/channels/{desk.channel}/pause")
    short = desk.send(anna, "short", expires="PT1S")
    long = desk.send(anna, "long", expires="P1D")
    wait_until(lambda: at(desk.api.delivery(short)["expires_at"]) < datetime.now(timezone.utc), 10, "its time")
    desk.api.post(f"/api/v1/channels/{desk.channel}/resume")
    desk.waits(long, "accepted")
    desk.waits(short, "expired", "expired")
    assert len(mailbox.mails()) == 1
    check_problem(desk.api.send("POST", f"/api/v1/deliveries/{short}/cancel"), 409, "wrong_state")
