"""The pages behind the links of a message, as a browser without scripts meets them: preferences, one click, double opt-in."""

import html
import re

import pytest
import requests

from support.waiting import wait_for_equal, wait_until

CHINESE = {"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.5"}
ENGLISH = {"Accept-Language": "en-GB,en;q=0.9"}


class Browser:
    """Reads one page and sends its form as it stands there, with changes."""

    def __init__(self, url, headers=ENGLISH):
        self.url = url
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.headers.update(headers)

    def look(self, status=200):
        answer = self.session.get(self.url, timeout=10, allow_redirects=False)
        assert answer.status_code == status, answer.text
        assert "<script" not in answer.text and "http" not in answer.text.replace(self.url, ""), "nothing from elsewhere"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert (answer.headers["cache-control"], answer.headers["referrer-policy"]) == ("no-store", "no-referrer")
        return answer.text

    def send(self, fields, status=200):
        answer = self.session.post(self.url, data=fields, timeout=10, allow_redirects=False)
        assert answer.status_code == status, answer.text
        return answer.text

    def save(self, **changes):
        """Sends the large form: `topic={"news": False}`, `channel={…}`, `pause=True`, `language="en"`."""
        form = next(form for form in re.findall(r"<form.*?</form>", self.look(), re.DOTALL) if 'value="save"' in form)
        fields = [("action", "save")]
        for tag in re.findall(r"<input[^>]*>", form):
            name, value = (html.unescape(re.search(f'{part}="([^"]*)"', tag)[1]) for part in ("name", "value"))
            is_hidden, is_on = 'type="hidden"' in tag, " checked" in tag
            if name == "pause":
                is_on = changes.get("pause", is_on)
            elif not is_hidden:
                is_on = changes.get(name, {}).get(value, is_on)
            if is_hidden or is_on:
                fields.append((name, value))
        fields.append(("language", changes.get("language", "")))
        return self.send(fields)


class Letters:
    """A journey for each topic that writes to whoever does an event of that name."""

    def __init__(self, hearth, mailbox, *topics):
        self.api, self.tracker, self.mailbox = hearth.api(), hearth.tracker(), mailbox
        self.channel = self.api.email_channel(mailbox.port)
        self.template = self.api.template(
            "letter", "{{ event.nr }}", "{{ preferences_url }}", "<p>Hi</p><a href='{{ preferences_url }}'>prefer</a>")
        for topic in topics:
            send = {"type": "send", "channel": self.channel, "template": self.template, "topic": topic, "next": None}
            document = {"entry": {"event": topic}, "reentry": {"policy": "always"}, "start": "s", "steps": {"s": send}}
            self.api.journey(topic, document)
        self.count = 0

    def write(self, user, topic):
        """Has a letter written; returns the mail, or the reason why there was none."""
        self.count += 1
        number = str(self.count)
        member = self.api.member("user_id", user)["id"]
        before = {one["id"] for one in self.api.deliveries(member=member)}
        self.tracker.track(user, topic, nr=number)

        def ended():
            return [one for one in self.api.deliveries(member=member) if one["id"] not in before and one["ended_at"]] or [
                one for one in self.api.deliveries(member=member) if one["id"] not in before and one["state"] == "accepted"]

        [delivery] = wait_until(ended, 20, f"the end of letter {number}")
        return self.mailbox.mails(subject=number)[0] if delivery["state"] == "accepted" else delivery["reason"]


def describe(api, topic, **more):
    name = {"en": f"About {topic}", "zh": f"关于{topic}"}
    return api.put(f"/api/v1/topics/{topic}", {"name": name, **more})


def known(api, tracker, user, **traits):
    tracker.identify(user, email=f"{user}@example.com", **traits)
    return wait_until(lambda: api.member("user_id", user), 10, user)["id"]


def test_what_is_chosen_on_the_page_is_in_force_when_it_answers(hearth, mailbox):
    letters = Letters(hearth, mailbox, "news", "events", "transactional")
    api = letters.api
    describe(api, "news", description={"en": "Once a month", "zh": "每月一次"}, position=1)
    describe(api, "events", position=2)
    describe(api, "staff", shown=False)
    anna = known(api, letters.tracker, "anna", first_name="安娜")
    mail = letters.write("anna", "news")
    page = Browser(mail.unsubscribe_url())
    assert page.url in mail.part("text/plain") and "/t/" not in mail.part("text/html"), "the page is not tracked"
    shown = page.look()
    assert "Once a month" in shown and "About events" in shown and "About staff" not in shown
    assert "anna@example.com" not in shown and "a…@example.com" in shown
    chinese = Browser(page.url, CHINESE).look()
    assert 'lang="zh-CN"' in chinese and "每月一次" in chinese and "订阅偏好" in chinese
    assert api.get(f"/api/v1/members/{anna}")["consent"] == {}, "looking changes nothing"

    assert "Saved." in page.save(topic={"news": False})
    assert api.get(f"/api/v1/members/{anna}")["consent"] == {"email": {"news": False}}
    assert letters.write("anna", "news") == "consent_withdrawn"
    letters.write("anna", "events").unsubscribe_url()
    page.save(topic={"news": True})
    letters.write("anna", "news").unsubscribe_url()

    # The language stays chosen, whatever the browser asks for.
    assert "设置已保存" in page.save(language="zh-CN")
    wait_for_equal(lambda: api.get(f"/api/v1/members/{anna}")["traits"].get("language"), "zh-CN", 10, "the trait")
    assert "订阅偏好" in page.look()

    # Nothing on e-mail at all, but what she causes herself.
    page.save(channel={"email": False})
    assert letters.write("anna", "events") == "consent_withdrawn"
    assert letters.write("anna", "transactional").subject
    names = {entry["name"] for entry in api.events(anna)}
    assert {"Email Unsubscribed", "Email Subscribed"} <= names


def test_a_pause_holds_back_everything_but_what_the_member_causes(hearth, mailbox):
    letters = Letters(hearth, mailbox, "news", "transactional")
    anna = known(letters.api, letters.tracker, "anna")
    page = Browser(letters.write("anna", "news").unsubscribe_url())
    assert "Paused until" in page.save(pause=True)
    assert letters.write("anna", "news") == "paused_by_member"
    assert letters.write("anna", "transactional").subject
    assert letters.api.get(f"/api/v1/members/{anna}")["consent"] == {}, "a pause is no withdrawal"
    assert "Paused until" in page.save(), "saving again does not end it"
    assert "Paused until" not in page.save(pause=True)
    assert letters.write("anna", "news").subject
    wait_until(lambda: {"Messages Paused", "Messages Resumed"} <= {entry["name"] for entry in letters.api.events(anna)}, 10, "the facts")


def test_one_click_and_the_buttons_of_the_page(hearth, mailbox):
    letters = Letters(hearth, mailbox, "news", "events")
    anna = known(letters.api, letters.tracker, "anna")
    page = Browser(letters.write("anna", "news").unsubscribe_url())

    def consent():
        return letters.api.get(f"/api/v1/members/{anna}")["consent"]

    for _ in range(2):
        page.send({"List-Unsubscribe": "One-Click"})
        assert consent() == {"email": {"news": False}}, "twice is once"
    assert letters.write("anna", "news") == "consent_withdrawn" and letters.write("anna", "events").subject
    assert "Subscribed again" in page.send({"action": "return"})
    assert consent() == {"email": {"news": True}}
    assert "Unsubscribed from everything" in page.send({"action": "leave_all"})
    assert letters.write("anna", "events") == "consent_withdrawn"
    before = consent()
    page.send({"action": "explode"}, 400)
    page.send(b"", 400)
    for url in (page.url[:-1], page.url + "x", f"{hearth.url}/u/nonsense"):
        assert "not valid" in Browser(url).look(404)
        Browser(url).send({"List-Unsubscribe": "One-Click"}, 404)
    assert consent() == before


def subscribe(letters, user):
    """Says in a page that somebody agreed, and returns the mail that asks him."""
    letters.tracker.track(user, "Consent Given", channel="email", purpose="club", text="Yes, write to me")
    return wait_until(lambda: letters.mailbox.mails(f"{user}@example.com", subject="Please confirm"), 20, "the mail that asks")


def test_a_subscription_counts_when_the_mail_that_asked_for_it_was_answered(hearth, mailbox):
    letters = Letters(hearth, mailbox, "club")
    api = letters.api
    asks = api.template("confirm", "Please confirm", "Yes: {{ confirm_url }}", "<a href='{{ confirm_url }}'>Yes</a>")
    wrong = api.send("PUT", "/api/v1/topics/club", json={"name": {"en": "C", "zh": "会"}, "double_opt_in": True})
    assert wrong.status_code == 422 and wrong.json()["errors"][0]["path"] == "confirm_template"
    assert describe(api, "club", double_opt_in=True, confirm_template=asks)["double_opt_in"] is True
    anna, ben = known(api, letters.tracker, "anna"), known(api, letters.tracker, "ben")
    [mail] = subscribe(letters, "anna")
    [confirm] = re.findall(r"Yes: (\S+)", mail.part("text/plain"))
    assert confirm.startswith(f"{hearth.url}/u/confirm/")
    assert letters.write("anna", "club") == "not_confirmed"

    # Whoever fetches links confirms nothing; the button does.
    page = Browser(confirm)
    assert "Confirm your subscription" in page.look()
    page.send({"action": "save"}, 400)
    assert letters.write("anna", "club") == "not_confirmed"
    for _ in range(2):
        assert "Subscription confirmed" in page.send({"action": "confirm"})
    assert "订阅已确认" in Browser(confirm, CHINESE).send({"action": "confirm"})
    letter = letters.write("anna", "club")
    said = api.get(f"/api/v1/members/{anna}/consent")["items"]
    [item] = [one for one in said if one["source"] == "double_opt_in"]
    assert (item["topic"], item["granted"], item["claimed"]) == ("club", True, False)
    confirmed = wait_until(lambda: api.timeline(anna, event="Email Subscription Confirmed"), 10, "the fact")
    assert len(confirmed) == 1

    # The same again asks nobody, and an old link does not undo a later no.
    letters.tracker.track("anna", "Consent Given", channel="email", purpose="club")
    hearth.wait_until_idle()
    Browser(letter.unsubscribe_url()).send({"List-Unsubscribe": "One-Click"})
    assert "unsubscribed since" in page.send({"action": "confirm"}, 410)
    assert letters.write("anna", "club") == "consent_withdrawn"
    assert len(mailbox.mails("anna@example.com", subject="Please confirm")) == 1

    # A stranger who subscribes somebody often fills nobody's mailbox.
    for _ in range(3):
        assert len(subscribe(letters, "ben")) == 1
    hearth.wait_until_idle()
    assert letters.write("ben", "club") == "not_confirmed" and len(mailbox.mails("ben@example.com")) == 1
    trail = api.get("/api/v1/explain", delivery=api.deliveries(member=ben, state="suppressed")[0]["id"])["trail"]
    assert any("confirm" in line["en"] and "确认" in line["zh"] for line in trail), trail


@pytest.mark.sqlite_only
def test_topics_are_described_and_forgotten(hearth, api):
    describe(api, "news", position=2)
    describe(api, "events", position=1)
    assert [one["topic"] for one in api.all("/api/v1/topics")] == ["events", "news"]
    for topic, body, path in [
        ("transactional", {"name": {"en": "T", "zh": "事务"}}, "topic"),
        ("news", {"name": {"en": "", "zh": "新"}}, "name.en"),
        ("news", {"name": {"en": "N", "zh": "新"}, "description": {"en": "x" * 501, "zh": ""}}, "description.en"),
        ("news", {"name": {"en": "N", "zh": "新"}, "double_opt_in": True, "confirm_template": "tpl_0000000000001"}, "confirm_template"),
    ]:
        answer = api.send("PUT", f"/api/v1/topics/{topic}", json=body)
        assert answer.status_code == 422 and answer.json()["errors"][0]["path"] == path, answer.text
    api.delete("/api/v1/topics/news")
    assert api.send("DELETE", "/api/v1/topics/news").status_code == 404
