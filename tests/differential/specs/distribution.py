"""How often, on how many days and how much members do something."""

from .spec import question, top_and_rest

BOUNDS = [1, 2, 3, 5, 10]


def in_buckets(values, bounds, columns="", group=""):
    """Members by the bucket of their value: the lower bound belongs to it, the upper does not, and the last has none."""
    pairs = ", ".join(f"({start}, {end})" for start, end in zip(bounds, [*bounds[1:], "NULL"]))
    return (
        f"SELECT {columns} toFloat64(b.1) AS `from`, CAST(b.2, 'Nullable(Float64)') AS `to`, "
        "countIf(v >= b.1 AND (b.2 IS NULL OR v < b.2)) AS members "
        f"FROM ({values}) ARRAY JOIN [{pairs}] AS b GROUP BY {group} `from`, `to`"
    )


SUMMARY = (
    "count() AS members, if(count() = 0, NULL, avg(v)) AS mean, if(count() = 0, NULL, quantileExact(0.5)(v)) AS median, "
    "if(count() = 0, NULL, quantileExact(0.9)(v)) AS p90"
)


def tables(values, bounds=BOUNDS):
    found = {"summary": f"SELECT {SUMMARY} FROM ({values})"}
    return {**found, "buckets": in_buckets(values, bounds)} if bounds else found


def asked(w, events, measure, scope, prop=None, buckets=BOUNDS, **more):
    return {**events.body, "measure": measure, "property": prop, "buckets": buckets, **more, **scope.body}


@question("distribution")
def how_often(w):
    scope = w.whole()
    values = f"SELECT member, count() AS v FROM events WHERE {scope.sql} AND {w.view.sql} GROUP BY member"
    return asked(w, w.view, "count", scope), tables(values)


@question("distribution")
def on_how_many_days_in_new_york(w):
    scope = w.whole("America/New_York")
    values = f"SELECT member, uniqExact(toDate(time, '{scope.zone}')) AS v FROM events WHERE {scope.sql} AND {w.view.sql} GROUP BY member"
    return asked(w, w.view, "days", scope, buckets=[1, 2, 4]), tables(values, [1, 2, 4])


@question("distribution")
def on_how_many_days_in_shanghai_in_a_range_that_cuts(w):
    scope = w.cut("Asia/Shanghai")
    values = f"SELECT member, uniqExact(toDate(time, '{scope.zone}')) AS v FROM events WHERE {scope.sql} AND {w.view.sql} GROUP BY member"
    return asked(w, w.view, "days", scope), tables(values)


@question("distribution")
def how_much_altogether(w):
    """Of members who have at least one number."""
    scope = w.whole()
    number = f"num(p, '{w.number}')"
    values = f"SELECT member, sum({number}) AS v FROM events WHERE {scope.sql} AND {w.buy.sql} GROUP BY member HAVING count({number}) > 0"
    bounds = [-1000, 0, 50, 100.5, 1000]
    return asked(w, w.buy, "sum", scope, w.number, bounds), tables(values, bounds)


@question("distribution")
def how_much_on_average(w):
    scope = w.whole()
    values = f"SELECT member, avg(num(p, '{w.number}')) AS v FROM events WHERE {scope.sql} AND {w.buy.sql} GROUP BY member HAVING v IS NOT NULL"
    bounds = [-1000, 20, 40, 80, 160]
    return asked(w, w.buy, "avg", scope, w.number, bounds), tables(values, bounds)


@question("distribution")
def any_event_in_buckets_of_the_programs_own(w):
    test, sql = w.half
    scope = w.whole()
    values = f"SELECT member, count() AS v FROM events WHERE {scope.sql} AND ({sql}) GROUP BY member"
    body = {"event": None, "measure": "count", "property": None, "buckets": None, "where": [test], **scope.body}
    return body, tables(values, None)


@question("distribution")
def nobody(w):
    scope = w.empty()
    values = f"SELECT member, count() AS v FROM events WHERE {scope.sql} AND {w.view.sql} GROUP BY member"
    return asked(w, w.view, "count", scope, buckets=None), tables(values, None)


@question("distribution")
def of_members_for_whom_a_rule_holds(w):
    rule, sql = w.rule
    scope = w.whole()
    values = f"SELECT member, count() AS v FROM events WHERE {scope.sql} AND {w.view.sql} AND member IN ({sql}) GROUP BY member"
    return asked(w, w.view, "count", scope, members=rule), tables(values)


@question("distribution")
def broken_down_by_a_property(w):
    """Each group is the question about the events with that value alone; a member may be in several."""
    scope = w.whole()
    group = f"val(p, '{w.text_of_buy}')"
    rows = f"SELECT member, {group} AS g FROM events WHERE {scope.sql} AND {w.buy.sql}"
    ranked = f"SELECT g, uniqExact(member) AS weight FROM ({rows}) GROUP BY g"
    return asked(w, w.buy, "count", scope, by=w.text_of_buy, top=3), grouped(rows, ranked, 3)


@question("distribution")
def broken_down_by_a_trait(w):
    scope = w.whole()
    rows = (
        f"SELECT e.member AS member, value AS g FROM (SELECT member FROM events WHERE {scope.sql} AND {w.view.sql}) AS e "
        f"LEFT JOIN (SELECT member, value FROM traits WHERE name = '{w.trait}') AS v ON v.member = e.member"
    )
    ranked = f"SELECT g, uniqExact(member) AS weight FROM ({rows}) GROUP BY g"
    return asked(w, w.view, "count", scope, by={"trait": w.trait}, top=2), grouped(rows, ranked, 2)


def grouped(rows, ranked, top):
    places = top_and_rest(ranked, "groupArray(tuple(g)) AS gs", top)
    values = (
        "SELECT n.`group` AS `group`, n.rest AS rest, r.member AS member, count() AS v "
        f"FROM (SELECT member, tuple(g) AS one FROM ({rows})) AS r "
        f"JOIN (SELECT `group`, rest, arrayJoin(gs) AS one FROM ({places})) AS n ON r.one.1 IS NOT DISTINCT FROM n.one.1 "
        "GROUP BY `group`, rest, member"
    )
    return {
        "summary": f"SELECT {SUMMARY} FROM (SELECT member, count() AS v FROM ({rows}) GROUP BY member)",
        "groups": f"SELECT `group`, rest, {SUMMARY} FROM ({values}) GROUP BY `group`, rest",
        "group_buckets": in_buckets(values, BOUNDS, "`group`, rest,", "`group`, rest,"),
    }
