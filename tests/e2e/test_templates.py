"""Templates as they arrive: MJML, partials, blocks by rule, two languages, tests, and templates that would write 100 MB."""

import time

from support.api import check_problem
from support.waiting import wait_until

PARTIALS = "/api/v1/templates/partials"


def mjml(inner):
    return f"<mjml><mj-body>{inner}<mj-section><mj-column><mj-text>END</mj-text></mj-column></mj-section></mj-body></mjml>"


def section(inner):
    return f"<mj-section><mj-column>{inner}</mj-column></mj-section>"


def newsletter(api, template, **send):
    document = {"entry": {"event": "Go"}, "reentry": {"policy": "always"}, "start": "s", "steps": {
        "s": {"type": "send", "channel": "email", "template": template, "next": None, **send}}}
    return api.journey("newsletter", document)


def received(mailbox, user, number=1):
    mails = wait_until(lambda: len(found := mailbox.mails(f"{user}@example.com")) >= number and found, 20, f"mail {number} for {user}")
    return mails[number - 1]


def test_mjml_partials_rules_and_languages_in_a_mail_that_was_received(hearth, api, tracker, mailbox):
    api.email_channel(mailbox.port)
    api.post(PARTIALS, {"name": "street", "text": "外滩 {{ member.city }}"}, expect=201)
    api.post(PARTIALS, {"name": "footer", "text": "-- {% include 'street' %}",
                        "mjml": section("<mj-text><i>{% include 'street' %}</i></mj-text>")}, expect=201)
    body = mjml(
        section("<mj-text>Dear {{ member.first_name|fallback('friend') }}, {{ event.total|money('CNY') }}</mj-text>"
                "{% if rules.vip %}<mj-text>A glass is waiting</mj-text>{% endif %}"
                "<mj-button href='https://shop.example/?m={{ member.id }}'>Look</mj-button>")
        + "{% include 'footer' %}")
    template = api.template(
        "news", "News for {{ member.first_name|fallback('you') }}", text="{% if rules.vip %}VIP {% endif %}{% include 'footer' %}",
        mjml=body, preheader="Two bottles & a glass", rules={"vip": {"tag": "vip"}},
        translations={"zh": {"subject": "新品：{{ member.first_name }}"}})
    newsletter(api, template)
    tracker.identify("anna", email="anna@example.com", first_name="<Anna>", city="上海", language="en")
    tracker.identify("bo", email="bo@example.com", city="Köln", language="en")
    tracker.identify("li", email="li@example.com", first_name="李", city="杭州", language="zh-CN")
    anna = wait_until(lambda: api.member("user_id", "anna"), 10, "Anna")["id"]
    api.post(f"/api/v1/members/{anna}/tags", {"add": ["vip"]})
    for user in ("anna", "bo", "li"):
        tracker.track(user, "Go", total=1234.5)

    mail = received(mailbox, "anna")
    page, text = mail.part("text/html"), mail.part("text/plain")
    assert mail.subject == "News for <Anna>" and mail.message.get_content_type() == "multipart/alternative"
    assert "Dear &lt;Anna&gt;, " in page and "1,234.50" in page and "A glass is waiting" in page and "<i>外滩 上海</i>" in page
    assert "<mj-" not in page and "</mj-" not in page and "<table" in page and "Two bottles &amp; a glass" in page
    assert page.index("外滩") < page.index("END") and len(mail.visible_links()) == 1
    assert text.startswith("VIP -- 外滩 上海")
    mail = received(mailbox, "bo")
    assert mail.subject == "News for you" and "Dear friend" in mail.part("text/html")
    assert "glass is waiting" not in mail.part("text/html") and mail.part("text/plain").startswith("-- 外滩 Köln")
    assert received(mailbox, "li").subject == "新品：李"

    # A partial that is saved stands in every mail from then on; one in use is not deleted.
    assert check_problem(api.send("DELETE", f"{PARTIALS}/street"), 409, "in_use")["message"]
    bad = api.send("PUT", f"{PARTIALS}/street", json={"text": "{% include 'footer' %}"})
    check_problem(bad, 422, "invalid_template")
    api.put(f"{PARTIALS}/street", {"text": "New street"})
    tracker.track("anna", "Go", total=1)
    mail = received(mailbox, "anna", 2)
    assert "<i>New street</i>" in mail.part("text/html") and "New street" in mail.part("text/plain")


def test_a_test_is_marked_and_changes_nothing(hearth, api, tracker, mailbox):
    channel = api.email_channel(mailbox.port)
    template = api.template("news", "Hi {{ member.first_name }}", "Out: {{ unsubscribe_url }}",
                            "<p>{{ event.wine }}</p><a href='https://shop.example/'>shop</a><a href='{{ unsubscribe_url }}'>out</a>")
    tracker.identify("anna", email="anna@example.com", first_name="安娜", language="zh-CN")
    tracker.identify("bo", email="bo@example.com", first_name="Bo", language="en")
    bo = wait_until(lambda: api.member("user_id", "bo"), 10, "Bo")["id"]
    anna = api.member("user_id", "anna")["id"]
    path = f"/api/v1/templates/{template}/test"
    preview = api.post(f"/api/v1/templates/{template}/preview", {"member": bo, "variables": {"event": {"wine": "Beaune"}}})
    assert preview["subject"] == "Hi Bo" and "Beaune" in preview["html"] and mailbox.received == []

    body = {"to": ["desk@brand.example", "boss@brand.example"], "member": bo, "variables": {"event": {"wine": "Beaune"}}}
    queued = api.call("POST", path, 202, json=body)
    assert len(queued["deliveries"]) == 2
    mail = wait_until(lambda: mailbox.mails("desk@brand.example"), 20, "the test")[0]
    assert mail.subject == "[Test] Hi Bo" and "Beaune" in mail.part("text/html") and "/t/" not in mail.part("text/html")
    wait_until(lambda: mailbox.mails("boss@brand.example"), 20, "the other test")
    api.call("POST", path, 202, json={"to": ["desk@brand.example"], "member": anna, "channel": channel})
    wait_until(lambda: mailbox.mails("desk@brand.example", subject="【测试】Hi 安娜"), 20, "the test in Chinese")

    page = hearth.stranger().send("POST", mail.part("text/plain").split("Out: ")[1].strip().removeprefix(hearth.url),
                                  data={"List-Unsubscribe": "One-Click"})
    assert page.status_code == 200 and "test" in page.text
    assert api.get(f"/api/v1/members/{bo}")["consent"] == {} and api.all("/api/v1/suppressions") == []
    assert [entry for entry in api.timeline(bo) if entry["kind"] == "delivery"] == []
    assert mailbox.mails("bo@example.com") == [] and mailbox.mails("anna@example.com") == []
    for body in ({"to": []}, {"to": ["a@b.example"] * 6}, {"to": ["nobody"]}, {"to": ["a@b.example"], "member": "mem_0000000000001"}):
        check_problem(api.send("POST", path, json=body), 422, "invalid_body")


GIANT = "{% for a in range(10000) %}{% for b in range(10000) %}x{% endfor %}{% endfor %}"
DOUBLING = "{% set a = 'xxxxxxxxxx' %}" + "{% set a = a ~ a ~ a ~ a ~ a ~ a ~ a ~ a ~ a ~ a %}" * 7 + "{{ a }}"


def test_a_template_that_would_write_100_mb_is_stopped_and_nothing_is_sent(hearth, api, tracker, mailbox):
    api.email_channel(mailbox.port)
    # What was sent in may be as large as that and is refused for its size.
    answer = api.send("POST", "/api/v1/templates", data=b'{"name":"T","text":"' + b"x" * (100 << 20) + b'"}',
                      headers={"Content-Type": "application/json"})
    check_problem(answer, 413, "body_too_large")
    quiet = hearth.memory()
    tracker.identify("anna", email="anna@example.com", pad="y" * 10_000)
    anna = wait_until(lambda: api.member("user_id", "anna"), 10, "Anna")["id"]
    by_member = "{% for a in range(10000) %}{{ member.pad }}{% endfor %}"
    templates = {}
    for name, parts in {
        "a loop in the text": {"text": GIANT}, "a loop in the subject": {"subject": GIANT, "text": "x"},
        "doubling": {"text": DOUBLING}, "the member's own words": {"html": by_member}, "multiplied": {"text": "{{ (member.pad ~ member.pad) * 10000 }}"},
        "in MJML": {"mjml": mjml(section(f"<mj-text>{by_member}</mj-text>"))},
    }.items():
        answer = api.send("POST", "/api/v1/templates", json={"name": name, "subject": "S", **parts})
        if answer.status_code == 422:
            assert check_problem(answer, 422)["code"] in ("invalid_template", "template_too_costly"), name
            continue
        templates[name] = answer.json()["id"]
    assert templates, "some only show it when they are rendered"
    began = time.monotonic()
    for name, template in templates.items():
        refused = check_problem(api.send("POST", f"/api/v1/templates/{template}/preview", json={"member": anna}), 422)
        assert refused["code"] in ("template_too_costly", "template_failed"), f"{name}: {refused}"
    names = list(templates)
    steps = {name: {"type": "send", "channel": "email", "template": templates[name], "next": following}
             for name, following in zip(names, [*names[1:], None], strict=True)}
    journey = api.journey("giants", {"entry": {"event": "Go"}, "start": names[0], "steps": steps})
    tracker.track("anna", "Go")
    ended = wait_until(lambda: len(found := [d for d in api.deliveries(journey=journey) if d["ended_at"]]) == len(names) and found,
                       30, "the end of all of them")
    assert {one["state"] for one in ended} == {"failed"}, ended
    assert {one["reason"] for one in ended} <= {"template_too_costly", "template_failed"}, ended
    assert mailbox.received == [] and mailbox.attempts == {}
    assert time.monotonic() - began < 40 and hearth.memory() - quiet < 150 << 20
    trail = api.get("/api/v1/explain", delivery=ended[0]["id"])["trail"]
    assert any("template" in line["en"].lower() and "模板" in line["zh"] for line in trail), trail
