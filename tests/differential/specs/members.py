"""Who is behind a number: the very members, each of them once."""

from datetime import datetime, timedelta, timezone

from .funnel import levels
from .spec import DAY, begins, period, question


def told(at):
    """A moment as answers of the API write it."""
    return (datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(milliseconds=at)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def asked(kind, body, point, members):
    """Pages that are smaller than most lists, so that they are followed."""
    who = f"SELECT DISTINCT member FROM ({members})"
    return {"kind": kind, "question": body, "point": point, "limit": 100}, {
        "who": who, "total": f"SELECT count() AS total FROM ({who})",
    }


def the_funnel(w):
    scope = w.whole()
    body = {"steps": [w.view.body, w.add.body, w.begin.body], "within": "P7D", "mode": "ordered", **scope.body}
    return body, levels([w.view.sql, w.add.sql, w.begin.sql], 7 * DAY, scope.sql)


@question("members")
def who_reached_a_step(w):
    body, query = the_funnel(w)
    return asked("funnel", body, {"step": 2, "reached": True}, f"SELECT member FROM ({query}) WHERE level >= 2")


@question("members")
def who_came_to_the_step_before_and_no_further(w):
    body, query = the_funnel(w)
    return asked("funnel", body, {"step": 3, "reached": False}, f"SELECT member FROM ({query}) WHERE level = 2")


@question("members")
def who_reached_a_step_in_a_group(w):
    scope = w.whole()
    body = {"steps": [w.view.body, w.add.body], "within": "P7D", "mode": "ordered", "by": {"trait": w.trait}, "top": 100, **scope.body}
    group = sorted({value for traits in w.traits.values() for name, value in traits.items() if name == w.trait})[0]
    query = levels([w.view.sql, w.add.sql], 7 * DAY, scope.sql)
    own = f"SELECT member FROM traits WHERE name = '{w.trait}' AND value = '{group}'"
    return asked("funnel", body, {"step": 1, "reached": True, "group": group}, f"SELECT member FROM ({query}) WHERE level >= 1 AND member IN ({own})")


def the_cohort(w, returned):
    scope = w.whole()
    body = {"start": w.view.body, "return": w.view.body, "unit": "week", "periods": 4, "cohorts": "first", "back": "exact", **scope.body}
    weeks = begins(scope.start, scope.end, "week", "UTC")
    began = (
        f"SELECT member FROM events WHERE {scope.sql} AND {w.view.sql} GROUP BY member "
        f"HAVING {period('week', 'UTC', 'min(time)')} = {weeks[0]}"
    )
    back = f"SELECT member FROM events WHERE {w.view.sql} AND {period('week', 'UTC')} = {weeks[1]}"
    some = "IN" if returned else "NOT IN"
    return asked("retention", body, {"cohort": told(weeks[0]), "period": 1, "returned": returned},
                 f"SELECT member FROM ({began}) WHERE member {some} ({back})")


@question("members")
def who_of_a_cohort_came_back(w):
    return the_cohort(w, True)


@question("members")
def who_of_a_cohort_did_not_come_back(w):
    return the_cohort(w, False)


@question("members")
def who_was_there_in_a_week(w):
    scope = w.whole("Asia/Shanghai")
    body = {"series": [{"name": "A", **w.view.body, "measure": "members"}], "unit": "week", **scope.body}
    week = begins(scope.start, scope.end, "week", scope.zone)[2]
    return asked("trend", body, {"series": "A", "t": told(week)},
                 f"SELECT member FROM events WHERE {scope.sql} AND {w.view.sql} AND {period('week', scope.zone)} = {week}")


@question("members")
def who_fell_asleep(w):
    scope = w.whole()
    body = {**w.view.body, "unit": "week", **scope.body}
    weeks = begins(scope.start, scope.end, "week", "UTC")
    active = f"SELECT member FROM events WHERE {w.view.sql} AND t < {scope.end} AND {period('week', 'UTC')} = {{}}".format
    return asked("lifecycle", body, {"t": told(weeks[2]), "state": "dormant"}, f"{active(weeks[1])} AND member NOT IN ({active(weeks[2])})")


@question("members")
def who_did_it_so_often(w):
    scope = w.whole()
    body = {**w.view.body, "measure": "count", "property": None, "buckets": [1, 2, 3, 5, 10], **scope.body}
    return asked("distribution", body, {"bucket": 2},
                 f"SELECT member FROM events WHERE {scope.sql} AND {w.view.sql} GROUP BY member HAVING count() >= 3 AND count() < 5")


@question("members")
def who_went_this_way(w):
    scope = w.whole()
    body = {"anchor": None, "depth": 4, "collapse": True, "only": None, "without": [], "top": 100, **scope.body}
    way = "arrayCompact(arrayMap(x -> x.3, arraySort(groupArray((t, id, name)))))"
    members = f"SELECT member FROM events WHERE {scope.sql} GROUP BY member HAVING {way}[2] = '{w.view.event}'"
    return asked("path", body, {"step": 2, "event": w.view.event}, members)
