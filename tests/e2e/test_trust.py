"""Trust: what a key that stands in a page may say of addresses and of consent, and what a server's key may."""

import base64
import json

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


# What says in the words of each product that `user` is whom it knew as `before`: path and body.
ALIASES = {
    "segment": ("/v1/alias", lambda key, user, before: {"json": {"userId": user, "previousId": before}}),
    "posthog, alias": ("/batch", lambda key, user, before: {"json": {"api_key": key, "batch": [
        {"event": "$create_alias", "distinct_id": before, "properties": {"distinct_id": before, "alias": user}}]}}),
    "posthog, merge": ("/batch", lambda key, user, before: {"json": {"api_key": key, "batch": [
        {"event": "$merge_dangerously", "distinct_id": user, "properties": {"distinct_id": user, "alias": before}}]}}),
    "mixpanel, alias": ("/track", lambda key, user, before: {"json": [
        {"event": "$create_alias", "properties": {"token": key, "distinct_id": before, "alias": user}}]}),
    "mixpanel, merge": ("/track", lambda key, user, before: {"json": [
        {"event": "$merge", "properties": {"token": key, "$distinct_ids": [user, before]}}]}),
    "sensors": ("/sa", lambda key, user, before: {"params": {"token": key}, "data": {"data": packed(
        {"type": "track_signup", "event": "$SignUp", "distinct_id": user, "original_id": before, "properties": {}})}}),
}


def packed(record):
    """As the SDKs of Sensors send a record."""
    return base64.b64encode(json.dumps(record).encode()).decode()


@pytest.mark.parametrize("dialect", ALIASES)
def test_an_alias_from_a_page_makes_visitors_known_and_only_suggests_two_who_are(hearth, api, tracker, server, dialect):
    path, write = ALIASES[dialect]

    def say(client, user, before):
        answer = client.send("POST", path, **write(client.key, user, before))
        assert answer.ok, answer.text

    def one(*users):
        found = [api.member("user_id", user) for user in users]
        return all(found) and len({member["id"] for member in found}) == 1

    tracker.batch([
        {"type": "track", "anonymousId": "visitor", "event": "Page Read"},
        *({"type": "track", "userId": user, "event": "Page Read"} for user in ("anna", "bob", "carol")),
    ])
    wait_until(lambda: api.member("user_id", "carol"), 10, "all of them")
    say(tracker, "anna", "visitor")
    wait_until(lambda: (found := api.member("anonymous_id", "visitor")) and found["id"] == api.member("user_id", "anna")["id"],
               10, "the visitor has a name")
    say(tracker, "anna", "bob")
    [suggestion] = wait_until(lambda: api.all("/api/v1/merge-suggestions"), 10, "a suggestion")
    assert suggestion["reason"] == "alias from a key that is not trusted" and not one("anna", "bob")
    say(server, "anna", "carol")
    wait_until(lambda: one("anna", "carol"), 10, "a server is believed")
    assert not one("anna", "bob") and api.dead_letters() == []


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
