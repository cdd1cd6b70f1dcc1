"""Groups: entering and leaving them by calls and events, their members, and rules that ask for them."""

import pytest

from support.api import check_problem, moment
from support.waiting import wait_for_equal, wait_until

NO_GROUP = "grp_0000000000001"


def groups(api):
    return {group["key"]: group for group in api.all("/api/v1/groups")}


def members(api, key):
    return api.users_in(f"/api/v1/groups/{groups(api)[key]['id']}/members")


def call(user, group, at=None, **traits):
    item = {"type": "group", "userId": user, "groupId": group, "traits": traits}
    return {**item, "timestamp": at} if at else item


def moved(user, name, group, at=None):
    item = {"type": "track", "userId": user, "event": name, "properties": {"group_id": group}}
    return {**item, "timestamp": at} if at else item


def test_calls_and_events_say_who_belongs_to_which_group(hearth, api, tracker):
    tracker.batch([
        call("li", "club", name="Wine Club", size="small"), call("bai", "club"), call("li", 42),
        moved("du", "Group Joined", "club"), moved("wei", "Group Joined", "tea"),
        # What names no group is an event and no more.
        moved("wei", "Group Joined", " "), moved("wei", "Group Joined", ["x"]), moved("wei", "Group Left", "unheard of"),
    ])
    sizes = {"club": 3, "42": 1, "tea": 1, "unheard of": 0}
    wait_for_equal(lambda: {key: group["members"] for key, group in groups(api).items()}, sizes, 20, "the groups")
    wait_until(lambda: len(api.events(api.by_user()["wei"]["id"])) == 4, 20, "the events")
    tracker.batch([call("bai", "club", size="large", city="上海")])
    wait_until(lambda: "city" in groups(api)["club"]["traits"], 10, "what else is known of the club")
    club = groups(api)["club"]
    assert club["id"].startswith("grp_") and club["traits"] == {"name": "Wine Club", "size": "large", "city": "上海"}
    assert api.get(f"/api/v1/groups/{club['id']}") == club
    assert members(api, "club") == {"li", "bai", "du"} == api.users_in("/api/v1/members", group=club["id"])
    assert members(api, "42") == {"li"} and members(api, "tea") == {"wei"}

    tracker.batch([moved("li", "Group Left", "club"), moved("wei", "Group Left", "club")])
    wait_for_equal(lambda: members(api, "club"), {"bai", "du"}, 10, "he leaves")
    assert members(api, "42") == {"li"}, "the other group is another matter"
    tracker.batch([moved("li", "Group Joined", "club")])
    wait_for_equal(lambda: members(api, "club"), {"li", "bai", "du"}, 10, "he is back")

    # Of what was told of one person, the latest by its own time counts.
    tracker.batch([
        moved("du", "Group Left", "club", moment(hours=-2)), moved("zhu", "Group Joined", "club", moment(hours=-3)),
    ])
    wait_until(lambda: "zhu" in members(api, "club"), 10, "a late fact")
    wait_until(lambda: len(api.events(api.by_user()["du"]["id"])) == 2, 10, "another late fact")
    assert members(api, "club") == {"li", "bai", "du", "zhu"}
    first, second = (api.get("/api/v1/groups", limit=2), api.get("/api/v1/groups", limit=1))
    assert first["items"][0] == second["items"][0] and first["next"] and len(first["items"]) == 2
    rest = api.get("/api/v1/groups", limit=500, cursor=first["next"])
    assert not {group["id"] for group in rest["items"]} & {group["id"] for group in first["items"]}
    page = api.get(f"/api/v1/groups/{club['id']}/members", limit=3)
    assert len(page["items"]) == 3 and page["next"]
    assert api.dead_letters() == []
    check_problem(api.send("GET", f"/api/v1/groups/{NO_GROUP}"), 404, "not_found")
    check_problem(api.send("GET", "/api/v1/groups/club"), 404, "invalid_path")


@pytest.mark.sqlite_only
def test_the_members_of_no_group_are_not_found(hearth, api):
    check_problem(api.send("GET", f"/api/v1/groups/{NO_GROUP}/members"), 404, "not_found")


def test_who_has_left_has_left_though_his_entry_is_told_later(hearth, api, tracker):
    tracker.batch([moved("li", "Group Left", "club", moment(hours=-1)), moved("bai", "Group Joined", "club")])
    wait_until(lambda: "club" in groups(api) and members(api, "club") == {"bai"}, 20, "the group")
    tracker.batch([moved("li", "Group Joined", "club", moment(hours=-3))])
    wait_until(lambda: len(api.events(api.by_user()["li"]["id"])) == 2, 10, "what was told late")
    assert members(api, "club") == {"bai"}


def test_of_what_is_said_of_a_group_the_latest_by_its_own_time_counts(hearth, api, tracker):
    tracker.batch([call("li", "club", size="large")])
    wait_until(lambda: "club" in groups(api), 20, "the group")
    tracker.batch([call("bai", "club", moment(days=-1), size="small", city="上海")])
    wait_until(lambda: "city" in groups(api)["club"]["traits"], 10, "what was said yesterday")
    assert groups(api)["club"]["traits"] == {"size": "large", "city": "上海"}


def test_a_rule_asks_who_is_in_a_group_and_who_has_been_for_some_time(hearth, api, tracker):
    tracker.batch([call("li", "club"), call("bai", "tea")])
    wait_until(lambda: set(groups(api)) == {"club", "tea"}, 20, "the groups")
    club = groups(api)["club"]["id"]
    members_of = api.live_segment("in", {"group": club})
    outside = api.live_segment("out", {"not": {"group": club}})
    regulars = api.live_segment("regulars", {"been": {"group": club}, "for": "P2D"})
    soon = api.live_segment("soon", {"been": {"group": club}, "for": "PT1S"})
    assert (api.users_of(members_of), api.users_of(outside)) == ({"li"}, {"bai"})
    tracker.batch([
        moved("bai", "Group Joined", "club"), moved("du", "Group Joined", "club", moment(days=-3)),
        moved("wei", "Group Joined", "club", moment(days=-3)), moved("wei", "Group Left", "club", moment(days=-1)),
    ])
    wait_for_equal(lambda: api.users_of(members_of), {"li", "bai", "du"}, 10, "members enter")
    wait_for_equal(lambda: api.users_of(outside), {"wei"}, 10, "who is out")
    assert api.users_of(regulars) == {"du"}
    wait_for_equal(lambda: api.users_of(soon), {"li", "bai", "du"}, 20, "after a second")
    tracker.batch([moved("li", "Group Left", "club")])
    wait_for_equal(lambda: api.users_of(members_of), {"bai", "du"}, 10, "he leaves")
    li = api.by_user()["li"]["id"]
    for segment in (members_of, soon):
        changes = api.all(f"/api/v1/segments/{segment}/changes", member=li)
        assert [change["entered"] for change in changes] == [False, True]
    # One who was in it for long, and tells us only now that he left long ago.
    tracker.batch([moved("du", "Group Left", "club", moment(days=-2))])
    wait_for_equal(lambda: api.users_of(regulars), set(), 10, "he had left")
    check_problem(api.send("POST", "/api/v1/segments", json={"name": "x", "rule": {"group": NO_GROUP}}), 422, "unknown_reference")
    check_problem(api.send("POST", "/api/v1/segments", json={"name": "x", "rule": {"group": "club"}}), 422, "invalid_rule")


def test_who_becomes_one_belongs_to_the_groups_of_both_until_they_are_parted(hearth, api, tracker):
    tracker.batch([call("li", "club"), call("bai", "tea"), call("bai", "club", moment(days=-1))])
    wait_until(lambda: set(groups(api)) == {"club", "tea"} and members(api, "club") == {"li", "bai"}, 20, "the groups")
    both = api.live_segment("both", {"all": [{"group": groups(api)[key]["id"]} for key in ("club", "tea")]})
    assert api.users_of(both) == {"bai"}
    li, bai = (api.by_user()[user]["id"] for user in ("li", "bai"))
    merge = api.post(f"/api/v1/members/{li}/merge", {"with": bai})["merge_id"]
    assert {key: group["members"] for key, group in groups(api).items()} == {"club": 1, "tea": 1}
    assert api.members_of(both) == {li}
    # Who leaves does so under all his names.
    tracker.batch([moved("li", "Group Left", "club")])
    wait_for_equal(lambda: groups(api)["club"]["members"], 0, 10, "the one member leaves")
    assert api.members_of(both) == set() and members(api, "tea") == {"li", "bai"}
    api.post(f"/api/v1/merges/{merge}/undo")
    assert members(api, "tea") == {"bai"} and api.get(f"/api/v1/members/{li}")["segments"] == []
    # Each has what was told of him: bai never left.
    assert members(api, "club") == {"bai"}
