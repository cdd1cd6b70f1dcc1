"""The main job: real events in, one profile, a live segment, a journey, a real message out, accountable."""

import time
from datetime import datetime, timedelta, timezone

import requests
from segment.analytics.client import Client as SegmentClient

from support.waiting import wait_until

BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}
# What follows a message sooner than this is taken for a security scanner; ten seconds unless configured.
SCANNER_WINDOW = timedelta(seconds=3)
SHOP = "https://shop.example/offer?wine=beaune&from=mail"


class Sdk:
    """The unmodified SDK; a refused upload fails the test."""

    def __init__(self, url, key):
        self.failures = []
        self.client = SegmentClient(key, host=url, gzip=True, on_error=self.note, max_retries=2)

    def note(self, error, items):
        self.failures.append((str(error), items))

    def flush(self):
        """Returns when everything is acknowledged by the server."""
        self.client.flush()
        assert self.failures == []


def at(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def build_journey(api, mailbox):
    """First mail → wait → did she click? → second mail → wait → third mail; who did not click is tagged."""
    api.email_channel(mailbox.port)
    html = (
        "<p>{{ member.first_name }}，你买了 {{ event.wine }}。</p>"
        f'<a href="{SHOP.replace("&", "&amp;")}">去看看</a><a href="{{{{ unsubscribe_url }}}}">退订</a>'
    )
    templates = {
        nth: api.template(f"mail {nth}", f"{nth}：谢谢你，{{{{ member.first_name }}}}", f"看 {SHOP}", html)
        for nth in ("first", "second", "third")
    }
    steps = {
        "first": {"type": "send", "channel": "email", "template": templates["first"], "next": "patience"},
        "patience": {"type": "wait", "for": "PT7S", "next": "clicked?"},
        "clicked?": {
            "type": "branch",
            "cases": [{"when": {"event": "Email Link Clicked", "within": "PT1M"}, "next": "second"}],
            "else": "quiet",
        },
        "second": {"type": "send", "channel": "email", "template": templates["second"], "next": "pause"},
        "pause": {"type": "wait", "for": "PT3S", "next": "third"},
        "third": {"type": "send", "channel": "email", "template": templates["third"], "next": None},
        "quiet": {"type": "tag", "add": ["quiet"], "next": None},
    }
    document = {"entry": {"event": "Order Completed"}, "reentry": {"policy": "never"}, "start": "first", "steps": steps}
    return api.journey("After the first order", document)


def test_from_the_sdk_to_an_accountable_message(new_hearth, mailbox, tmp_path):
    config = tmp_path / "hearth.toml"
    config.write_text(f"[outbound]\nscanner_seconds = {SCANNER_WINDOW.seconds}\n", encoding="utf-8")
    hearth = new_hearth("--config", config).start()
    api = hearth.api(hearth.key("api"))
    sdk = Sdk(hearth.url, hearth.key("write"))
    buyers = api.segment("buyers in 上海", {"all": [
        {"trait": "city", "op": "in", "value": ["上海", "杭州"]},
        {"event": "Order Completed", "count": {"op": "gte", "value": 1}, "within": "P30D"},
    ]})
    wait_until(lambda: api.is_live(buyers), 10, "the segment's first evaluation")
    journey = build_journey(api, mailbox)

    # One person, first as a visitor, then by name; the SDK's own batches, gzipped.
    sdk.client.track(anonymous_id="visitor-7", event="Product Viewed", properties={"wine": "Beaune"})
    sdk.client.identify("anna", {"email": "Anna@Example.com", "first_name": "安娜", "city": "上海"})
    sdk.client.alias("visitor-7", "anna")
    sdk.client.group("anna", "club-1", {"name": "Wine Club"})
    sdk.flush()
    anna = wait_until(lambda: api.member("email", "anna@example.com"), 5, "Anna's appearance")
    assert buyers not in anna["segments"]

    sdk.client.track("anna", "Order Completed", {"wine": "Beaune", "revenue": 120})
    sdk.flush()
    acknowledged = time.monotonic()
    wait_until(lambda: anna["id"] in api.members_of(buyers), 5, "Anna's entry into the segment")
    assert time.monotonic() - acknowledged < 1.0, "the segment gains her within a second"
    sdk.client.identify("bob", {"email": "bob@example.com", "first_name": "Bob", "city": "Berlin"})
    sdk.client.track("bob", "Order Completed", {"wine": "Riesling", "revenue": 15})
    sdk.client.identify("carol", {"email": "carol@example.com"})
    sdk.flush()

    # The profile: one member with all identities, traits and events, the visitor's included.
    anna = api.get(f"/api/v1/members/{anna['id']}")
    assert {(i["kind"], i["value"]) for i in anna["identities"]} == {
        ("user_id", "anna"), ("anonymous_id", "visitor-7"), ("email", "anna@example.com"),
    }
    assert (anna["traits"]["first_name"], anna["traits"]["city"]) == ("安娜", "上海")
    origin = anna["provenance"]["city"]
    assert (origin["identity_kind"], origin["identity_value"]) == ("user_id", "anna") and origin["source"].startswith("key_")
    found = [member["id"] for member in api.all("/api/v1/members", search="安娜")]
    assert found == [anna["id"]] and api.all("/api/v1/members", search=origin["source"]) == [], "only what was said is searched"
    assert anna["segments"] == [buyers] and anna["tags"] == []
    names = [entry["name"] for entry in api.events(anna["id"]) if entry["kind"] in ("track", "group")]
    assert set(names) >= {"Product Viewed", "Order Completed"} and len(names) == 3

    # The mail, as a real server received it.
    first = wait_until(lambda: mailbox.mails("anna@example.com"), 10, "Anna's mail")[0]
    assert first.message.get_content_type() == "multipart/alternative"
    assert first.subject == "first：谢谢你，安娜"
    assert first.message["From"] == "围炉酒庄 <hello@brand.example>"
    assert "安娜，你买了 Beaune。" in first.part("text/html") and "/t/" in first.part("text/plain")
    assert first.message["List-Unsubscribe-Post"] is None, "one click is promised for https alone"
    assert first.unsubscribe_url().startswith(f"{hearth.url}/u/")
    delivery = wait_until(lambda: accepted(api, first.delivery), 10, "the record of the acceptance")
    assert (delivery["member"], delivery["journey"], delivery["step"]) == (anna["id"], journey, "first")

    follow_link_as_scanner_and_as_reader(api, anna, first, delivery)
    unsubscribe_after_second_mail(api, mailbox, anna, journey)

    bob, carol = api.member("user_id", "bob"), api.member("user_id", "carol")
    wait_until(lambda: api.get(f"/api/v1/members/{bob['id']}")["tags"] == ["quiet"], 30, "Bob's tag")
    both_stories_are_told(api, journey, anna, bob, carol)
    assert [mail.subject for mail in mailbox.mails("anna@example.com")] == ["first：谢谢你，安娜", "second：谢谢你，安娜"]
    assert len(mailbox.mails("bob@example.com")) == 1 and mailbox.mails("carol@example.com") == []
    report = api.get(f"/api/v1/journeys/{journey}/report")
    assert report["entered"] == 2 and report["runs"] == {"completed": 2}
    assert report["deliveries"] == {"accepted": 3, "suppressed": 1}
    assert report["steps"]["clicked?"]["happened"] == {"branched": 2}
    assert api.dead_letters() == []


def accepted(api, delivery_id):
    delivery = api.delivery(delivery_id)
    return delivery if delivery["state"] == "accepted" else None


def follow_link_as_scanner_and_as_reader(api, anna, mail, delivery):
    """A visit within seconds is a scanner's and does not count; a later one is hers and becomes an event."""
    [link] = mail.visible_links()
    hasty = requests.get(link, headers=BROWSER, allow_redirects=False, timeout=10)
    assert (hasty.status_code, hasty.headers["location"]) == (302, SHOP)
    after = api.delivery(delivery["id"])
    assert (after["scanner_hits"], after["clicked_at"]) == (1, None)
    assert api.timeline(anna["id"], event="Email Link Clicked") == []

    readable = at(delivery["accepted_at"]) + SCANNER_WINDOW
    wait_until(lambda: datetime.now(timezone.utc) > readable, 12, "the end of the time in which scanners come")
    assert requests.get(link, headers=BROWSER, allow_redirects=False, timeout=10).headers["location"] == SHOP
    [click] = wait_until(lambda: api.timeline(anna["id"], event="Email Link Clicked"), 5, "the click's event")
    assert click["kind"] == "delivery" and click["properties"]["url"] == SHOP
    assert (click["properties"]["delivery"], click["properties"]["step"]) == (delivery["id"], "first")
    after = api.delivery(delivery["id"])
    assert after["clicked_at"] is not None and after["scanner_hits"] == 1
    assert [line["state"] for line in after["history"]][-3:] == ["accepted", "scanner", "clicked"]


def unsubscribe_after_second_mail(api, mailbox, anna, journey):
    """The branch follows the click; RFC 8058's one click stops the third mail."""
    mails = wait_until(lambda: mailbox.mails("anna@example.com")[1:], 30, "the mail of the branch")
    url = mails[0].unsubscribe_url()
    looked = requests.get(url, headers=BROWSER, timeout=10)
    assert looked.status_code == 200 and "<form" in looked.text
    assert api.get(f"/api/v1/members/{anna['id']}")["consent"] == {}, "looking changes nothing"
    form = {"List-Unsubscribe": "One-Click"}
    clicked = requests.post(url, data=form, allow_redirects=False, timeout=10)
    assert clicked.status_code == 200, clicked.text

    def third():
        return [d for d in api.deliveries(member=anna["id"], journey=journey) if d["step"] == "third"]

    [stopped] = wait_until(lambda: [d for d in third() if d["state"] != "queued"], 15, "the third message's end")
    assert (stopped["state"], stopped["reason"]) == ("suppressed", "consent_withdrawn")
    assert (stopped["attempts"], stopped["accepted_at"]) == (0, None)
    assert api.get(f"/api/v1/members/{anna['id']}")["consent"] == {"email": {"marketing": False}}
    wait_until(lambda: api.timeline(anna["id"], event="Email Unsubscribed"), 5, "the event of unsubscribing")


def both_stories_are_told(api, journey, anna, bob, carol):
    """Why she got it, why he did not, and why she never could."""
    trail = api.explain(anna["id"], journey)
    assert all(line["en"] and line["zh"] and line["at"] for line in trail)
    assert [line["at"] for line in trail] == sorted(line["at"] for line in trail)
    told = [(line["what"], line["step"]) for line in trail]
    for part in [("entered", ""), ("queued", "first"), ("accepted", ""), ("waiting", "patience"), ("scanner", ""),
                 ("clicked", ""), ("branched", "clicked?"), ("queued", "second"), ("queued", "third"),
                 ("suppressed", ""), ("completed", "")]:
        assert part in told, f"{part} is missing in {told}"
    branch = next(line for line in trail if line["what"] == "branched")
    assert branch["detail"] == {"case": 0, "next": "second"}
    refused = next(line for line in trail if line["what"] == "suppressed")
    assert refused["detail"]["detail"] == "consent_withdrawn"
    assert "withdrawn his consent" in refused["en"] and "撤回" in refused["zh"]

    trail = api.explain(bob["id"], journey)
    branch = next(line for line in trail if line["what"] == "branched")
    assert branch["detail"] == {"case": None, "next": "quiet"}
    assert not any(line["step"] in ("second", "third") for line in trail)
    assert [line["what"] for line in trail if line["step"] == "quiet"] == ["tagged"]

    [line] = api.explain(carol["id"], journey)
    assert line["what"] == "not_entered" and line["detail"]["reason"] == "no_entry_event"
