"""Under load the program is killed at random moments, as by a power cut, and started again. At the end
every acknowledged event is there exactly once, every member's state equals a replay of the log,
and nobody got a message twice.

HEARTH_KILL_ROUNDS says how often (5 unless set), HEARTH_KILL_SEED repeats a run.
"""

import os
import random
import shutil
import threading
import time
from collections import Counter

import pytest
import requests

from support.backup import Backup
from support.waiting import wait_until

ROUNDS = int(os.environ.get("HEARTH_KILL_ROUNDS", "5"))
SEED = int(os.environ.get("HEARTH_KILL_SEED") or random.SystemRandom().randrange(1 << 32))
SENDERS = 2
# Enough people that somebody is on the way through the journey in every round.
PEOPLE = 100 + 20 * ROUNDS
CITIES = ["上海", "杭州", "Lyon", "Berlin", ""]
# From just after the server is ready to well into the work.
SHORTEST_ROUND, LONGEST_ROUND = 0.2, 2.5
GIVE_UP_SECONDS = 120
# Longer runs leave more to do.
REST_SECONDS = 60 + 20 * ROUNDS


class Sender(threading.Thread):
    """Sends batches like an SDK: the same batch again until it is acknowledged, then the next.

    Each sender speaks about its own people, so that one person's events arrive in one order.
    """

    def __init__(self, url, key, seed):
        super().__init__(daemon=True)
        self.url, self.key = url, key
        self.random = random.Random(seed)
        self.name = f"sender-{seed}"
        self.people = [f"{self.name}-{number}" for number in range(PEOPLE // SENDERS)]
        self.asked_to_stop = threading.Event()
        self.acknowledged = []
        self.repeated = 0
        self.refused = []

    def run(self):
        session = requests.Session()
        session.trust_env = False
        session.auth = (self.key, "")
        number = 0
        while not self.asked_to_stop.is_set():
            batch = [self.item(number + place) for place in range(self.random.randint(1, 12))]
            number += len(batch)
            if self.deliver(session, batch):
                self.acknowledged += [item["messageId"] for item in batch]

    def deliver(self, session, batch):
        """Returns whether the batch was acknowledged; goes on trying until then."""
        deadline = time.monotonic() + GIVE_UP_SECONDS
        while time.monotonic() < deadline:
            try:
                answer = session.post(f"{self.url}/v1/batch", json={"batch": batch}, timeout=10)
            except requests.RequestException:
                # Killed before, during or after: the sender cannot know, so it sends the same again.
                self.repeated += 1
                self.asked_to_stop.wait(0.02)
                continue
            if answer.status_code == 200 and answer.json() == {"success": True}:
                return True
            self.refused.append((answer.status_code, answer.text))
            return False
        self.refused.append((0, "no answer"))
        return False

    def item(self, number):
        person = self.random.choice(self.people)
        item = {"messageId": f"{self.name}/{number}", "userId": person}
        kind = self.random.random()
        if kind < 0.25:
            traits = {"email": f"{person}@example.com", "city": self.random.choice(CITIES), "n": number}
            return {**item, "type": "identify", "traits": traits}
        if kind < 0.35:
            visitor = f"visitor-{self.name}-{number}"
            return {**item, "type": "track", "event": "Product Viewed", "userId": None, "anonymousId": visitor}
        if kind < 0.42 and number > 10:
            # A visitor says who he is; not every one of these was seen before.
            visitor = f"visitor-{self.name}-{self.random.randrange(number)}"
            return {**item, "type": "identify", "anonymousId": visitor, "traits": {"visits": number}}
        if kind < 0.7:
            # Half of the people order wine, always; so what the journey decides does not hang on a race.
            goods = "wine" if self.people.index(person) % 2 else "beer"
            properties = {"revenue": self.random.randrange(1, 200), "goods": goods}
            return {**item, "type": "track", "event": "Order Completed", "properties": properties}
        return {**item, "type": "track", "event": "Message Posted", "properties": {"n": number}}


def configure(api, mailbox):
    """Segments and a journey through which everybody flows who orders."""
    api.email_channel(mailbox.port, concurrency=8)
    template = api.template("thanks", "{{ journey.step }}", "Thank you, {{ member.email }}: https://shop.example/")
    big = api.segment("big spenders", {"event": "Order Completed", "sum": {"property": "revenue", "op": "gte", "value": 500}})
    api.segment("in 上海 and active", {"all": [
        {"trait": "city", "value": "上海"}, {"event": "Message Posted", "count": {"op": "gte", "value": 2}, "within": "P7D"},
    ]})
    api.segment("big or tagged", {"any": [{"segment": big}, {"tag": "thanked"}]})
    api.segment("no order", {"not": {"event": "Order Completed"}})
    segments = api.all("/api/v1/segments")
    wait_until(lambda: all(api.is_live(segment["id"]) for segment in segments), 30, "live segments")
    wine = {"event": "Order Completed", "where": [{"property": "goods", "op": "eq", "value": "wine"}]}
    return api.journey("thanks", {
        "entry": {"event": "Order Completed"}, "reentry": {"policy": "never"}, "start": "first",
        "steps": {
            "first": {"type": "send", "channel": "email", "template": template, "next": "pause"},
            "pause": {"type": "wait", "for": "PT1S", "next": "second"},
            "second": {"type": "send", "channel": "email", "template": template, "next": "choice"},
            "choice": {"type": "branch", "cases": [{"when": wine, "next": "wine"}], "else": "thank"},
            "wine": {"type": "tag", "add": ["wine"], "next": "thank"},
            "thank": {"type": "tag", "add": ["thanked"], "next": None},
        },
    })


@pytest.mark.timeout(300 + 60 * ROUNDS)
def test_nothing_is_lost_or_done_twice_however_often_it_is_killed(new_hearth, mailbox, tmp_path):
    print(f"HEARTH_KILL_SEED={SEED} HEARTH_KILL_ROUNDS={ROUNDS}")
    chance = random.Random(SEED)
    hearth = new_hearth().start()
    api = hearth.api()
    journey = configure(api, mailbox)
    senders = [Sender(hearth.url, hearth.key("write"), chance.randrange(1 << 32)) for _ in range(SENDERS)]
    for sender in senders:
        sender.start()

    for _ in range(ROUNDS):
        moment = time.monotonic() + chance.uniform(SHORTEST_ROUND, LONGEST_ROUND)
        wait_until(lambda: time.monotonic() >= moment, LONGEST_ROUND + 1, "the moment of the kill")
        hearth.kill()
        hearth.start()
    for sender in senders:
        sender.asked_to_stop.set()
    for sender in senders:
        sender.join(GIVE_UP_SECONDS)
        assert not sender.is_alive() and sender.refused == []

    everything_comes_to_rest(hearth, api, journey)
    nobody_got_a_message_twice(api, journey, mailbox)
    assert api.dead_letters() == []
    assert hearth.stop() == 0
    hearth.run("backup", tmp_path / "end")
    end = Backup(tmp_path / "end")
    acknowledged_events_are_there_exactly_once(end, senders)
    state_equals_a_replay_of_the_log(new_hearth, end, tmp_path)


def everything_comes_to_rest(hearth, api, journey):
    """Waits until every run has ended, every message has a final state, and the pipeline has nothing to do."""

    def rests():
        hearth.wait_until_idle(REST_SECONDS)
        report = api.get(f"/api/v1/journeys/{journey}/report")
        under_way = report["runs"].get("active", 0), report["deliveries"].get("queued", 0), report["deliveries"].get("sending", 0)
        return under_way == (0, 0, 0) and report

    report = wait_until(rests, REST_SECONDS, "the end of all journeys")
    hearth.wait_until_idle(REST_SECONDS)
    assert report["runs"] == {"completed": report["entered"]} and report["entered"] > PEOPLE / 2


def acknowledged_events_are_there_exactly_once(end, senders):
    sent = [message for sender in senders for message in sender.acknowledged]
    assert len(sent) == len(set(sent)) and len(sent) > 20 * ROUNDS
    stored = Counter(event["message_id"] for event in end.sent_events())
    assert [message for message, times in stored.items() if times != 1] == []
    assert set(sent) == set(stored), f"lost {set(sent) - set(stored)}; never acknowledged {set(stored) - set(sent)}"
    print(f"{len(sent)} events, {sum(sender.repeated for sender in senders)} batches sent again")


def nobody_got_a_message_twice(api, journey, mailbox):
    """Counts at the receiving end; and the ledger says the truth about what arrived."""
    mails = mailbox.mails()
    by_delivery = Counter(mail.delivery for mail in mails)
    by_recipient = Counter((mail.recipients[0], mail.subject) for mail in mails)
    assert [delivery for delivery, times in by_delivery.items() if times > 1] == []
    assert [recipient for recipient, times in by_recipient.items() if times > 1] == []

    ledger = {delivery["id"]: delivery for delivery in api.deliveries(journey=journey)}
    states = Counter((delivery["state"], delivery["reason"]) for delivery in ledger.values())
    print(f"{len(mails)} mails; the ledger says {dict(states)}")
    assert set(states) <= {("accepted", None), ("unknown", "process_ended"), ("suppressed", "no_address")}
    assert states["accepted", None] > 0
    accepted = {delivery for delivery, row in ledger.items() if row["state"] == "accepted"}
    unknown = {delivery for delivery, row in ledger.items() if row["state"] == "unknown"}
    assert accepted <= set(by_delivery), "what is accepted has arrived"
    assert set(by_delivery) <= accepted | unknown, "what has arrived is accepted, or unknown"


def state_equals_a_replay_of_the_log(new_hearth, end, tmp_path):
    """A fresh pipeline over the same log, from nothing but what operators configured."""
    copy = tmp_path / "configuration-and-log"
    shutil.copytree(end.directory, copy)
    Backup(copy).forget_what_follows_from_the_log()
    # In smaller steps than the first time: the outcome may not depend on where a batch ends.
    config = tmp_path / "replay.toml"
    config.write_text("[pipeline]\nbatch_events = 200\n", encoding="utf-8")
    replayed = new_hearth("--config", config)
    replayed.run("restore", copy)
    replayed.start()
    api = replayed.api()
    wait_until(lambda: api.all("/api/v1/members"), 60, "the replay's beginning")
    [journey] = api.all("/api/v1/journeys")
    replayed.wait_until_idle(REST_SECONDS)
    wait_until(lambda: all_runs_ended(api, journey), REST_SECONDS, "the replay's end")
    replayed.wait_until_idle(REST_SECONDS)
    assert replayed.stop() == 0
    replayed.run("backup", tmp_path / "replayed")
    again = Backup(tmp_path / "replayed")

    before, after = end.people(), again.people()
    assert set(before) == set(after), "the same people, by their identities"
    differences = [
        f"{who}: {field} was {before[who][field]}, is {after[who][field]} after the replay"
        for who in before for field in before[who] if before[who][field] != after[who][field]
    ]
    assert differences == [], f"{len(differences)} differences, such as {differences[0][:2000]}"
    assert end.segment_sizes() == again.segment_sizes()
    assert any(person["segments"] for person in after.values()) and any(person["tags"] for person in after.values())


def all_runs_ended(api, journey):
    runs = api.get(f"/api/v1/journeys/{journey['id']}/report")["runs"]
    return set(runs) == {"completed"}
