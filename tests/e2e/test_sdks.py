"""The unmodified SDKs of other products send to Hearth: one member each, with his traits and every event exactly once."""

import os
import subprocess
from datetime import datetime, timedelta, timezone
from pathlib import Path

import amplitude
import mixpanel
import posthog
import pytest
import sensorsanalytics

from support.waiting import wait_for_equal, wait_until

ROOT = Path(__file__).resolve().parents[2]
MOMENT = (datetime.now(timezone.utc) - timedelta(days=3)).replace(microsecond=250_000)
MILLIS = int(MOMENT.timestamp() * 1000)
TEXT = MOMENT.strftime("%Y-%m-%dT%H:%M:%S.250Z")


def identities(member):
    return {(identity["kind"], identity["value"]) for identity in member["identities"]}


def check_orders(api, member, name, count, skew=timedelta()):
    """Every order is there exactly once, with the properties and at the moment that the SDK was given. A moment may be
    later by the `skew` of an SDK that says when it sends: the way takes some milliseconds, which look like one."""

    def orders():
        entries = api.timeline(member["id"], event=name)
        return sorted((entry["properties"]["nth"], entry["properties"]["revenue"]) for entry in entries)

    wait_for_equal(orders, [(nth, 12.5) for nth in range(1, count + 1)], 20, f"{count} orders, each once")
    for entry in api.timeline(member["id"], event=name):
        late = datetime.fromisoformat(entry["timestamp"]) - MOMENT
        assert timedelta() <= late <= skew, entry


def deeds(api, member):
    return sorted(entry["name"] for entry in api.events(member["id"]) if entry["kind"] in ("track", "page", "screen"))


def check_visitor_joined(api, user, visitor, **traits):
    """The visitor became the member, who has these traits."""
    member = wait_until(
        lambda: (found := api.member("user_id", user)) and ("anonymous_id", visitor) in identities(found) and found,
        10, f"{user} and {visitor} as one member",
    )

    def seen():
        known = api.get(f"/api/v1/members/{member['id']}")["traits"]
        return {name: known.get(name) for name in traits}

    wait_for_equal(seen, traits, 10, f"the traits of {user}")
    return member


def check_traits(api, member, **traits):
    """These traits of the member have become these."""

    def seen():
        known = api.get(f"/api/v1/members/{member['id']}")["traits"]
        return {name: known.get(name) for name in traits}

    wait_for_equal(seen, traits, 10, "what operations made of traits")


def check_cleared(api, member, event):
    """No trait of the member is left, and his history is."""
    wait_for_equal(lambda: api.get(f"/api/v1/members/{member['id']}")["traits"], {}, 10, "no traits")
    assert api.timeline(member["id"], event=event), "nothing is erased"


def test_posthog(hearth, api, tracker):
    failures = []
    client = posthog.Posthog(
        tracker.key, host=hearth.url, gzip=True, flush_at=3, flush_interval=0.2,
        on_error=lambda error, batch: failures.append((str(error), batch)),
    )
    client.capture("Product Viewed", distinct_id="visitor", properties={"$process_person_profile": False, "wine": "Beaune"})
    client.set(distinct_id="anna", properties={"email": "Anna@Example.com", "first_name": "安娜"})
    client.alias("visitor", "anna")
    for nth in range(1, 8):
        client.capture("Order Completed", distinct_id="anna", timestamp=MOMENT, properties={"nth": nth, "revenue": 12.5})
    client.capture("$pageview", distinct_id="anna", properties={"$current_url": "https://shop.example/"})
    once = "0190d6a0-0000-7000-8000-000000000001"
    for _ in range(2):
        client.capture("Sent Again", distinct_id="anna", uuid=once)
    assert client.evaluate_flags("anna").get_flag("anything") is None, "flags are none, and asking does no harm"
    client.shutdown()
    assert failures == []

    anna = check_visitor_joined(api, "anna", "visitor", email="Anna@Example.com", first_name="安娜")
    assert ("email", "anna@example.com") in identities(anna)
    check_orders(api, anna, "Order Completed", 7, skew=timedelta(seconds=5))
    told = [name for name in deeds(api, anna) if not name.startswith("$feature_flag")]
    assert told == ["Order Completed"] * 7 + ["Page Viewed", "Product Viewed", "Sent Again"]
    [page] = api.timeline(anna["id"], event="Page Viewed")
    assert page["properties"]["url"] == "https://shop.example/"
    assert page["context"]["library"]["name"] == "posthog-python"
    assert api.dead_letters() == []


def test_posthog_hears_of_what_is_refused(hearth, api, tracker):
    client = posthog.Posthog(tracker.key, host=hearth.url, sync_mode=True)
    client.debug = True
    with pytest.raises(Exception, match="event has more than 200 characters"):
        client.capture("x" * 201, distinct_id="anna")
    # Its newer protocol says of each event what became of it.
    failures = []
    newer = posthog.Posthog(tracker.key, host=hearth.url, capture_mode="v1", on_error=lambda e, b: failures.append(e))
    newer.capture("x" * 201, distinct_id="anna")
    newer.capture("Good", distinct_id="anna", properties={"nth": 1})
    newer.shutdown()
    [failure] = failures
    [(_, details)] = failure.drops
    assert details == "invalid_field: event has more than 200 characters"
    wait_until(lambda: (anna := api.member("user_id", "anna")) and api.timeline(anna["id"], event="Good"), 10, "the other")
    assert [letter["code"] for letter in api.dead_letters()] == ["invalid_field"] * 2
    stranger = posthog.Posthog("wk_nobody", host=hearth.url, sync_mode=True)
    stranger.debug = True
    with pytest.raises(Exception, match="401"):
        stranger.capture("E", distinct_id="anna")


def test_mixpanel(hearth, api, tracker):
    consumer = mixpanel.BufferedConsumer(
        max_size=3, events_url=f"{hearth.url}/track", people_url=f"{hearth.url}/engage",
        groups_url=f"{hearth.url}/groups", import_url=f"{hearth.url}/import",
    )
    client = mixpanel.Mixpanel(tracker.key, consumer)
    client.track("$device:visitor", "Product Viewed", {"wine": "Beaune"})
    client.people_set("anna", {"$email": "Anna@Example.com", "first_name": "安娜", "old": 1})
    client.people_set_once("anna", {"source": "ad"})
    consumer.flush()
    client.people_unset("anna", ["old"])
    client.merge(None, "anna", "$device:visitor", api_secret=tracker.key)
    for nth in range(1, 8):
        client.import_data(None, "anna", "Order Completed", MILLIS / 1000, {"nth": nth, "revenue": 12.5},
                           api_secret=tracker.key)
    for _ in range(2):
        client.track("anna", "Sent Again", {"$insert_id": "the-same"})
    consumer.flush()

    anna = check_visitor_joined(api, "anna", "visitor", email="Anna@Example.com", first_name="安娜", source="ad")
    wait_until(lambda: "old" not in api.get(f"/api/v1/members/{anna['id']}")["traits"], 10, "the end of a trait")
    check_orders(api, anna, "Order Completed", 7)
    wait_for_equal(lambda: deeds(api, anna), ["Order Completed"] * 7 + ["Product Viewed", "Sent Again"], 10, "her deeds")
    assert api.dead_letters() == []

    client.people_increment("anna", {"visits": 2, "balance": 0.1})
    client.people_increment("anna", {"visits": -5, "balance": 0.2})
    client.people_append("anna", {"books": "Emma"})
    client.people_append("anna", {"books": "Faust"})
    client.people_union("anna", {"books": ["Nora", "Emma"], "wines": ["Beaune"]})
    client.people_remove("anna", {"books": "Faust"})
    consumer.flush()
    check_traits(api, anna, visits=-3, balance=0.3, books=["Emma", "Nora"], wines=["Beaune"], first_name="安娜")
    assert api.dead_letters() == []
    client.people_increment("anna", {"visits": 4, "first_name": 1})
    consumer.flush()
    check_traits(api, anna, visits=1, first_name="安娜")
    [letter] = wait_until(api.dead_letters, 10, "the operation that does not fit")
    assert letter["code"] == "wrong_trait_type" and "first_name" in letter["message"]
    client.people_delete("anna")
    consumer.flush()
    check_cleared(api, anna, "Order Completed")
    client.people_increment("anna", {"visits": 1})
    consumer.flush()
    check_traits(api, anna, visits=1, first_name=None)

    # What Hearth cannot express is said and kept.
    direct = mixpanel.Mixpanel(tracker.key, mixpanel.Consumer(
        people_url=f"{hearth.url}/engage", groups_url=f"{hearth.url}/groups", events_url=f"{hearth.url}/track"))
    with pytest.raises(mixpanel.MixpanelException, match=r"\$add has a value that is not a number"):
        direct.people_increment("anna", {"orders": "1"})
    with pytest.raises(mixpanel.MixpanelException, match="groups have no profiles"):
        direct.group_set("club", "c1", {"name": "Wine"})
    codes = sorted(letter["code"] for letter in api.dead_letters())
    assert codes == ["invalid_field", "unsupported_operation", "wrong_trait_type"]
    with pytest.raises(mixpanel.MixpanelException, match="write key"):
        mixpanel.Mixpanel("wk_nobody", mixpanel.Consumer(events_url=f"{hearth.url}/track")).track("anna", "E")
    account = mixpanel.ServiceAccountCredentials("service", tracker.key, "7")
    imports = mixpanel.Mixpanel("a-token", mixpanel.Consumer(import_url=f"{hearth.url}/import", credentials=account))
    imports.import_data(None, "anna", "Imported", MILLIS // 1000)
    wait_until(lambda: api.timeline(anna["id"], event="Imported"), 10, "what a service account imports")


@pytest.mark.parametrize("address", ["/2/httpapi", "/batch"])
def test_amplitude(hearth, api, tracker, address):
    told = []
    client = amplitude.Amplitude(tracker.key)
    client.configuration.server_url = hearth.url + address
    client.configuration.flush_interval_millis = 100
    client.configuration.callback = lambda event, code, message=None: told.append((event.event_type, code))

    def send():
        """Returns when the SDK has heard of all that it was given."""
        pending = client.flush()
        for future in pending if isinstance(pending, list) else [pending]:
            if future is not None:
                future.result(timeout=20)

    client.track(amplitude.BaseEvent("Product Viewed", device_id="visitor", event_properties={"wine": "Beaune"}))
    send()
    who = amplitude.EventOptions(user_id="anna", device_id="visitor")
    client.identify(amplitude.Identify().set("email", "Anna@Example.com").set("first_name", "安娜").set_once("source", "ad"), who)
    for nth in range(1, 8):
        client.track(amplitude.BaseEvent(
            "Order Completed", user_id="anna", time=MILLIS, event_properties={"nth": nth, "revenue": 12.5}))
    send()
    # The SDK drops the bad one alone and sends the others again.
    client.track(amplitude.BaseEvent("Bad", user_id="anna", time=5))
    client.track(amplitude.BaseEvent("Good", user_id="anna"))
    send()
    for _ in range(2):
        client.track(amplitude.BaseEvent("Sent Again", user_id="anna", insert_id="the-same"))
    send()

    anna = check_visitor_joined(api, "anna", "visitor", email="Anna@Example.com", first_name="安娜", source="ad")
    check_orders(api, anna, "Order Completed", 7)
    wait_for_equal(lambda: deeds(api, anna), sorted(["Good", "Product Viewed", "Sent Again"] + ["Order Completed"] * 7),
                   20, "her deeds")
    wait_until(lambda: ("Good", 200) in told, 10, "the acknowledgement of what was sent again")
    assert [code for name, code in told if name == "Bad"] == [400]
    assert {code for name, code in told if name != "Bad"} == {200}
    [letter] = api.dead_letters()
    assert letter["code"] == "invalid_field" and "timestamp" in letter["message"]

    # Each after the other has arrived, since the SDK sends from several threads.
    step = amplitude.Identify().add("visits", 2).append("books", "Emma").prepend("wines", "Beaune")
    client.identify(step, amplitude.EventOptions(user_id="anna"))
    check_traits(api, anna, visits=2, books=["Emma"], wines=["Beaune"])
    step = amplitude.Identify().add("visits", -0.5).append("books", ["Faust", "Emma"]).pre_insert("wines", ["Ahr", "Beaune"])
    client.identify(step, amplitude.EventOptions(user_id="anna"))
    check_traits(api, anna, visits=1.5, books=["Emma", "Faust", "Emma"], wines=["Ahr", "Beaune"])
    step = amplitude.Identify().remove("books", "Emma").post_insert("wines", ["Ahr", "Riesling"]).prepend("first_name", "Dr.")
    client.identify(step, amplitude.EventOptions(user_id="anna"))
    check_traits(api, anna, books=["Faust"], wines=["Ahr", "Beaune", "Riesling"], first_name=["Dr.", "安娜"])
    client.identify(amplitude.Identify().clear_all(), amplitude.EventOptions(user_id="anna"))
    check_cleared(api, anna, "Order Completed")
    assert len(api.dead_letters()) == 1
    client.shutdown()


def test_sensors_analytics(hearth, api, tracker):
    url = f"{hearth.url}/sa?project=default&token={tracker.key}"
    single = sensorsanalytics.SensorsAnalytics(sensorsanalytics.DefaultConsumer(url))
    single.track("visitor", "ProductViewed", {"wine": "Beaune"})
    single.track_signup("anna", "visitor")
    client = sensorsanalytics.SensorsAnalytics(sensorsanalytics.BatchConsumer(url, max_size=3))
    client.profile_set("anna", {"email": "Anna@Example.com", "$name": "安娜", "old": "x"}, is_login_id=True)
    client.profile_set_once("anna", {"source": "ad"}, is_login_id=True)
    client.flush()
    client.profile_unset("anna", ["old"], is_login_id=True)
    for nth in range(1, 8):
        client.track("anna", "OrderCompleted", {"nth": nth, "revenue": 12.5, "$time": MILLIS}, is_login_id=True)
    client.track("anna", "SeenByAnUnflaggedServer")
    client.close()

    anna = check_visitor_joined(api, "anna", "visitor", email="Anna@Example.com", name="安娜", source="ad")
    wait_until(lambda: "old" not in api.get(f"/api/v1/members/{anna['id']}")["traits"], 10, "the end of a trait")
    check_orders(api, anna, "OrderCompleted", 7)
    wait_for_equal(lambda: deeds(api, anna), ["OrderCompleted"] * 7 + ["ProductViewed", "SeenByAnUnflaggedServer"],
                   10, "her deeds")
    assert api.dead_letters() == []

    client.profile_increment("anna", {"orders": 3}, is_login_id=True)
    client.profile_increment("anna", {"orders": -1}, is_login_id=True)
    client.profile_append("anna", {"books": ["Emma"]}, is_login_id=True)
    client.profile_append("anna", {"books": ["Faust", "Emma"]}, is_login_id=True)
    client.flush()
    check_traits(api, anna, orders=2, books=["Emma", "Faust", "Emma"])
    client.profile_delete("anna", is_login_id=True)
    client.flush()
    check_cleared(api, anna, "OrderCompleted")
    assert api.dead_letters() == []

    # What Hearth cannot express is said and kept.
    client.item_set("wine", "1", {"name": "Beaune"})
    client.close()
    [letter] = api.dead_letters()
    assert letter["code"] == "unsupported_operation"
    debug = sensorsanalytics.SensorsAnalytics(sensorsanalytics.DebugConsumer(url, write_data=False))
    debug.track("anna", "OnlyChecked", is_login_id=True)
    with pytest.raises(sensorsanalytics.SensorsAnalyticsDebugException):
        debug.item_set("wine", "1", {"name": "Beaune"})
    assert len(api.dead_letters()) == 1 and api.timeline(anna["id"], event="OnlyChecked") == []
    stranger = sensorsanalytics.DefaultConsumer(f"{hearth.url}/sa?token=wk_nobody")
    with pytest.raises(sensorsanalytics.SensorsAnalyticsNetworkException):
        sensorsanalytics.SensorsAnalytics(stranger).track("anna", "E")


def test_segment_and_posthog_for_node(hearth, api, tracker):
    packages = os.environ.get("HEARTH_NODE_PACKAGES")
    if not packages:
        found = subprocess.run([ROOT / "scripts" / "node.sh"], stdout=subprocess.PIPE, text=True, check=True)
        packages = found.stdout.strip()
    environment = {
        **os.environ, "NODE_PATH": str(Path(packages) / "node_modules"),
        "HEARTH_URL": hearth.url, "HEARTH_KEY": tracker.key, "HEARTH_MOMENT": TEXT,
    }
    sent = subprocess.run(
        ["node", ROOT / "tests" / "node" / "send.cjs"], env=environment, capture_output=True, text=True, timeout=90
    )
    assert sent.returncode == 0, sent.stdout + sent.stderr

    anna = check_visitor_joined(api, "anna-segment", "visitor-segment", first_name="安娜", city="上海")
    check_orders(api, anna, "Order Completed", 4, skew=timedelta(seconds=5))
    assert deeds(api, anna) == ["Order Completed"] * 4 + ["Page Viewed", "Product Viewed"]
    [group] = api.timeline(anna["id"], event="Group Identified")
    assert group["properties"] == {"name": "Wine Club", "group_id": "club-1"}

    anna = check_visitor_joined(api, "anna-posthog", "visitor-posthog", first_name="安娜", city="上海")
    check_orders(api, anna, "Order Completed", 4, skew=timedelta(seconds=5))
    assert api.dead_letters() == []
