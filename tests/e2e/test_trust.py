"""Trust: what a key that stands in a page may say of addresses and of consent, and what a server's key may."""

import pytest

from support.api import check_problem
from support.waiting import wait_until

LI = {"email": "li@example.com", "email_verified": True}


@pytest.fixture
def server(hearth):
    """The tracking API with a key that stays on a server."""
    return hearth.tracker(hearth.key("write", "--trusted"))


def email_of(api, user):
    """The e-mail identity of a member, or None."""
    return next((one for one in api.member("user_id", user)["identities"] if one["kind"] == "email"), None)


def test_only_a_trusted_key_makes_two_members_one_by_a_verified_address(hearth, api, tracker, server):
    server.identify("li", **LI)
    wait_until(lambda: api.member("user_id", "li"), 10, "the member appears")
    tracker.identify("thief", **LI)
    wait_until(lambda: api.member("user_id", "thief"), 10, "the other one appears")
    thief, li = api.member("user_id", "thief"), api.member("user_id", "li")
    assert thief["id"] != li["id"] and "email_verified" not in thief["traits"] and thief["traits"]["email"] == LI["email"]
    assert li["traits"]["email_verified"] is True
    [suggestion] = api.all("/api/v1/merge-suggestions")
    assert [one["verified"] for one in suggestion["evidence"]["identities"]] == [False, True]
    [event] = [one for one in api.all(f"/api/v1/members/{thief['id']}/timeline") if one["kind"] == "identify"]
    assert event["properties"] == {"email": LI["email"]}
    assert event["context"]["traits_not_believed"] == ["email_verified"]

    tracker.identify("alone", email="alone@example.com", email_verified=True)
    wait_until(lambda: api.member("user_id", "alone"), 10, "somebody with an address of his own")
    assert email_of(api, "alone")["verified"] is False

    server.identify("shop", **LI)
    wait_until(lambda: api.member("user_id", "shop") and api.member("user_id", "shop")["id"] == li["id"], 10, "the merge")
    assert api.member("user_id", "thief")["id"] == thief["id"]


def test_trust_is_given_when_a_key_is_made_and_shown_ever_after(hearth):
    admin = hearth.signed_in("admin")
    made = admin.post("/api/v1/keys", {"kind": "write", "name": "shop", "trusted": True}, expect=201)
    page = admin.post("/api/v1/keys", {"kind": "write", "name": "page"}, expect=201)
    assert (made["trusted"], page["trusted"]) == (True, False)
    listed = {key["id"]: key["trusted"] for key in admin.all("/api/v1/keys")}
    assert (listed[made["id"]], listed[page["id"]]) == (True, False)
    check_problem(admin.send("POST", "/api/v1/keys", json={"kind": "api", "name": "x", "trusted": True}), 422, "invalid_body")
    created = {line["target"]: line["detail"] for line in admin.all("/api/v1/audit", action="key.created")}
    assert created[made["id"]]["trusted"] is True and created[page["id"]]["trusted"] is False

    hearth.key("write", "--trusted")
    refused = hearth.run("key", "create", "--kind", "api", "--trusted", check=False)
    assert refused.returncode != 0 and refused.stdout == "" and "trusted" in refused.stderr
    trusted = [line for line in hearth.run("key", "list").stdout.splitlines() if "  trusted  " in line]
    assert len(trusted) == 2


def test_a_site_tells_of_consent_and_a_page_cannot_take_a_withdrawal_back(hearth, api, tracker, server):
    def consent():
        member = api.member("user_id", "li")
        return member and member["consent"].get("email")

    tracker.track("li", "Consent Given", channel="email", purpose="news", text="Yes, write to me", version="3")
    wait_until(lambda: consent() == {"news": True}, 10, "the consent")
    member = api.member("user_id", "li")["id"]
    [item] = api.get(f"/api/v1/members/{member}/consent")["items"]
    assert item["claimed"] is True and item["source"].startswith("key_")
    assert item["proof"]["said"] == {"text": "Yes, write to me", "version": "3"}

    tracker.track("li", "Consent Withdrawn", channel="email", purpose="news")
    wait_until(lambda: consent() == {"news": False}, 10, "the withdrawal")
    tracker.track("li", "Consent Given", channel="email", purpose="news")
    wait_until(lambda: len(api.all(f"/api/v1/members/{member}/consent/history")) == 3, 10, "the third word")
    assert consent() == {"news": False}
    server.track("li", "Consent Given", channel="email", purpose="news")
    wait_until(lambda: consent() == {"news": True}, 10, "the word of the server")
