"""Mail servers that hang, refuse, greylist or drop: each message ends in a state that is true, with its
reason, and what may have arrived is never sent again."""

import socket
from datetime import datetime, timedelta, timezone

import pytest

from support.mail import DroppingMailServer, HangingAfterData, HangingMailServer, Mailbox
from support.server import Hearth
from support.waiting import wait_until

# How long a server that says "later" is left alone at first, and one that does not answer.
LATER = (timedelta(seconds=60), timedelta(seconds=90))
NO_ANSWER = (timedelta(seconds=15), timedelta(seconds=30))


@pytest.fixture(scope="module", autouse=True)
def greylisted(tmp_path_factory):
    """A message that was greylisted when the tests of this file began: while they run, its minute passes."""
    hearth = Hearth(tmp_path_factory.mktemp("greylisted") / "data")
    with Mailbox(lambda _, attempt: "451 4.7.1 Greylisted, come back" if attempt == 1 else None) as grey:
        try:
            post = Post(hearth.start(), {"greylists": grey.port})
            post.send()
            yield post, grey, post.settled("greylists")
        finally:
            hearth.end()
    assert hearth.panics() == []


class Post:
    """One message to Anna through each of several mail servers, by a journey with a step for each."""

    def __init__(self, hearth, ports, **config):
        self.api = hearth.api()
        self.channels = {
            name: self.api.email_channel(port, timeout_seconds=1, **config) for name, port in ports.items()
        }
        template = self.api.template("news", "News for {{ member.first_name }}", "Hello: https://shop.example/")
        names = list(ports)
        steps = {
            name: {"type": "send", "channel": self.channels[name], "template": template, "next": following}
            for name, following in zip(names, [*names[1:], None], strict=True)
        }
        document = {"entry": {"event": "Go"}, "reentry": {"policy": "always"}, "start": names[0], "steps": steps}
        self.journey = self.api.journey("through every server", document)
        self.tracker = hearth.tracker()

    def send(self, user="anna"):
        self.tracker.identify(user, email=f"{user}@example.com", first_name=user)
        self.tracker.track(user, "Go")

    def delivery(self, step, user="anna"):
        """The newest message of a step to somebody, with its history; None before there is one."""
        found = [d for d in self.api.deliveries(journey=self.journey) if d["step"] == step and d["address"] == f"{user}@example.com"]
        return self.api.delivery(found[0]["id"]) if found else None

    def settled(self, step, user="anna"):
        """The message of a step once its first attempt is over."""

        def is_over():
            delivery = self.delivery(step, user)
            tried = delivery is not None and (delivery["attempts"] > 0 or delivery["error"] or delivery["reason"])
            return delivery if tried and delivery["state"] != "sending" else None

        return wait_until(is_over, 20, f"the end of the attempt at {step}")


def closed_port():
    """A port on which nobody listens, and which nobody else takes meanwhile: it is bound."""
    holder = socket.socket()
    holder.bind(("127.0.0.1", 0))
    return holder


def at(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def states(delivery):
    return [line["state"] for line in delivery["history"]]


def test_what_certainly_was_not_taken_is_tried_again_and_says_why(hearth):
    with HangingMailServer() as hanging, closed_port() as closed, Mailbox(lambda *_: "451 4.7.1 Greylisted") as grey:
        post = Post(hearth, {"hangs": hanging.port, "closed": closed.getsockname()[1], "greylists": grey.port})
        began = datetime.now(timezone.utc)
        post.send()
        for step, word, (least, most) in [
            ("hangs", "within 1 s", NO_ANSWER),
            ("closed", "refused", NO_ANSWER),
            ("greylists", "451", LATER),
        ]:
            delivery = post.settled(step)
            assert (delivery["state"], delivery["attempts"], delivery["reason"]) == ("queued", 1, None), delivery
            assert word in delivery["error"], delivery["error"]
            pause = at(delivery["next_attempt_at"]) - began
            assert least <= pause <= most + timedelta(seconds=10), f"{step}: {pause}"
            assert states(delivery)[-2:] == ["sending", "queued"]
            assert "anna@example.com" not in delivery["error"], "no address in what may be logged"
        assert grey.attempts == {"anna@example.com": 1} and grey.mails() == []
        trail = post.api.explain(post.delivery("closed")["member"], post.journey)
        assert any(line["what"] == "queued" and "refused" in line["en"] for line in trail)


def test_a_refused_recipient_is_a_failure_an_event_and_a_suppression(hearth):
    with Mailbox(lambda address, _: "550 5.1.1 No such user" if address.startswith("anna") else None) as picky:
        post = Post(hearth, {"picky": picky.port})
        post.send("anna")
        post.send("bob")
        failed = post.settled("picky")
        assert (failed["state"], failed["reason"], failed["attempts"]) == ("failed", "refused", 1)
        assert "5.1.1 No such user" in failed["error"] and failed["accepted_at"] is None
        assert wait_until(lambda: picky.mails("bob@example.com"), 10, "Bob's mail"), "others are not held up"
        anna = post.api.member("user_id", "anna")
        [event] = wait_until(lambda: post.api.timeline(anna["id"], event="Email Bounced"), 5, "the event")
        assert event["properties"]["bounce_type"] == "permanent"
        [suppressed] = post.api.all("/api/v1/suppressions")
        assert (suppressed["address"], suppressed["reason"]) == ("anna@example.com", "bounced")

        post.tracker.track("anna", "Go")
        wait_until(lambda: len(post.api.deliveries(member=anna["id"])) == 2, 10, "the second message")
        second = wait_until(lambda: ended(post.delivery("picky")), 10, "its end")
        assert (second["state"], second["reason"], second["attempts"]) == ("suppressed", "suppressed_address", 0)
        assert picky.attempts["anna@example.com"] == 1, "the server is not asked again"


def ended(delivery):
    return delivery if delivery["ended_at"] else None


def test_what_may_have_arrived_is_unknown_and_never_sent_again(hearth):
    with DroppingMailServer() as dropping, HangingAfterData() as silent, Mailbox() as works:
        post = Post(hearth, {"drops": dropping.port, "silent": silent.port, "works": works.port})
        post.send()
        for step, server in [("drops", dropping), ("silent", silent)]:
            delivery = post.settled(step)
            assert (delivery["state"], delivery["reason"]) == ("unknown", "outcome_unknown"), delivery
            assert (delivery["attempts"], server.taken) == (1, 1) and delivery["error"], delivery
            assert delivery["next_attempt_at"] is None and states(delivery)[-2:] == ["sending", "unknown"]
        hearth.stop()
        hearth.start()
        # The outbox has begun its work anew when another message is through.
        post.send("bob")
        wait_until(lambda: works.mails("bob@example.com"), 20, "Bob's mail after the restart")
        post.settled("silent", "bob")
        assert (dropping.taken, silent.taken) == (2, 2), "one for each of the two, and no second one for Anna"
        for step in ("drops", "silent"):
            assert (post.delivery(step)["state"], post.delivery(step)["attempts"]) == ("unknown", 1)
        found = hearth.run("doctor", check=False)
        assert "no messages have an unknown outcome since more than a day" in found.stdout, "it may yet be reported on"


def test_a_message_under_way_when_the_process_dies_is_unknown_and_never_sent_again(new_hearth):
    hearth = new_hearth().start()
    with HangingAfterData() as silent, Mailbox() as works:
        api = hearth.api()
        post = Post(hearth, {"works": works.port})
        slow = api.email_channel(silent.port, timeout_seconds=30)
        template = api.template("slow", "Slow", "Slow")
        journey = api.journey("slow", {
            "entry": {"event": "Slow"}, "start": "slow",
            "steps": {"slow": {"type": "send", "channel": slow, "template": template, "next": None}},
        })
        post.tracker.identify("anna", email="anna@example.com")
        post.tracker.track("anna", "Slow")
        wait_until(lambda: silent.taken == 1, 20, "the whole message's arrival at the server")
        hearth.kill()
        hearth.start()
        [delivery] = wait_until(lambda: [d for d in api.deliveries(journey=journey) if d["ended_at"]], 20, "the verdict")
        assert (delivery["state"], delivery["reason"], delivery["attempts"]) == ("unknown", "process_ended", 1)
        post.send("bob")
        wait_until(lambda: works.mails("bob@example.com"), 20, "another mail after the restart")
        assert silent.taken == 1


def test_an_account_that_is_not_allowed_to_send_holds_its_messages_and_shows_why(hearth):
    class Closed(Mailbox):
        async def handle_MAIL(self, _server, _session, envelope, address, _options):
            if self.is_closed:
                return "550 5.7.1 This account may not send"
            envelope.mail_from = address
            return "250 OK"

    with Closed() as server:
        server.is_closed = True
        post = Post(hearth, {"closed": server.port})
        post.send()
        delivery = post.settled("closed")
        assert (delivery["state"], delivery["attempts"]) == ("queued", 0), "the attempt does not count"
        assert "5.7.1" in delivery["error"]
        channel = post.api.get(f"/api/v1/channels/{post.channels['closed']}")
        assert "5.7.1" in channel["health"]["problem"] and at(channel["health"]["retry_at"]) > at(delivery["queued_at"])
        assert post.api.all("/api/v1/suppressions") == [], "the recipient has no part in it"
        # Put right, it goes out by itself after the pause, which is 10 s the first time.
        server.is_closed = False
        wait_until(lambda: server.mails("anna@example.com"), 20, "the mail after the pause")
        delivery = wait_until(lambda: accepted(post.delivery("closed")), 5, "its state")
        assert delivery["attempts"] == 1
        assert post.api.get(f"/api/v1/channels/{post.channels['closed']}")["health"] is None


def accepted(delivery):
    return delivery if delivery["state"] == "accepted" else None


def test_a_greylisted_message_arrives_at_the_second_attempt(greylisted):
    post, grey, waiting = greylisted
    assert waiting["state"] == "queued" and waiting["attempts"] == 1
    wait_until(lambda: grey.mails("anna@example.com"), LATER[1].seconds + 15, "the second attempt")
    delivery = wait_until(lambda: accepted(post.delivery("greylists")), 5, "its state")
    assert (delivery["attempts"], delivery["error"], delivery["id"]) == (2, None, waiting["id"])
    assert at(delivery["accepted_at"]) >= at(waiting["next_attempt_at"]), "not before the time that was promised"
    assert states(delivery) == ["sending", "queued", "sending", "accepted"] and len(grey.mails()) == 1
