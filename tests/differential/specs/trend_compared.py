"""Trends with formulas, breakdowns, earlier ranges, and windows that slide."""

from datetime import timedelta

from world.words import dates

from .spec import begins, period, question
from .trend import asked, measured


@question("trend")
def formulas(w):
    """Of what cannot be divided there is no value."""
    scope, series = w.whole(), [("A", w.buy, "members", None), ("B", w.view, "members", None), ("C", w.buy, "sum", w.number)]
    told = [("F", "A / B * 100", "if(b = 0, NULL, a / b * 100)"), ("G", "(C - A) / (B + 1)", "(c - a) / (b + 1)"), ("H", "-C + 2.5", "-c + 2.5")]
    body = asked(series, "week", scope, formulas=[{"name": name, "expression": text} for name, text, _ in told])
    each = f"uniqExactIf(member, {w.buy.sql}) AS a, uniqExactIf(member, {w.view.sql}) AS b, sumIf(ifNull(num(p, '{w.number}'), 0), {w.buy.sql}) AS c"
    frame = begins(scope.start, scope.end, "week", scope.zone)
    weeks = (
        f"SELECT f.t AS t, ifNull(m.a, 0) AS a, ifNull(m.b, 0) AS b, ifNull(m.c, 0) AS c FROM (SELECT arrayJoin({frame}) AS t) AS f LEFT JOIN "
        f"(SELECT {period('week', scope.zone)} AS at, {each} FROM events WHERE {scope.sql} GROUP BY at) AS m ON m.at = f.t"
    )
    plain = measured(w, scope, series, "week")
    return body, {
        "points": " UNION ALL ".join([plain["points"], *(f"SELECT '{name}', t, {sql} FROM ({weeks})" for name, _, sql in told)]),
        "totals": " UNION ALL ".join(
            [plain["totals"], *(f"SELECT '{name}', {sql} FROM (SELECT {each} FROM events WHERE {scope.sql})" for name, _, sql in told)]
        ),
    }


def sliding(w, unit, days, scope):
    """Different members in the days that end with each period, also in those before the range."""
    frame = begins(scope.start, scope.end, unit, scope.zone, 1)
    since = f"(toInt64(toUnixTimestamp(addDays(toDateTime({{}}, '{scope.zone}'), -{days}))) * 1000)".format
    return " UNION ALL ".join(
        f"SELECT {begin} AS t, uniqExactIf(member, at >= {since(end // 1000)} AND at < {end}) AS value "
        f"FROM (SELECT member, events.t AS at FROM events WHERE {w.view.sql})"
        for begin, end in zip(frame, frame[1:])
    )


@question("trend")
def weekly_active_members_by_day(w):
    scope = w.weeks(1, 3, "Europe/Berlin")
    body = asked([("A", w.view, "members_7d", None)], "day", scope)
    return body, {"points": sliding(w, "day", 7, scope)}


@question("trend")
def monthly_active_members_by_week_where_clocks_change(w):
    scope = w.weeks(3, 8 if w.last - w.first > timedelta(weeks=7) else 4, "America/New_York")
    body = asked([("A", w.view, "members_30d", None)], "week", scope)
    return body, {"points": sliding(w, "week", 30, scope)}


@question("trend")
def stickiness(w):
    scope = w.weeks(2, 3)
    series = [("A", w.view, "members", None), ("B", w.view, "members_30d", None)]
    body = asked(series, "day", scope, formulas=[{"name": "S", "expression": "A / B"}])
    monthly = sliding(w, "day", 30, scope)
    daily = measured(w, scope, series[:1], "day")["points"]
    ratio = f"SELECT 'S', d.t, if(m.value = 0, NULL, d.value / m.value) FROM ({daily}) AS d JOIN ({monthly}) AS m ON m.t = d.t"
    return body, {"points": f"{daily} UNION ALL SELECT 'B', t, value FROM ({monthly}) UNION ALL {ratio}"}


@question("trend")
def compared_with_the_weeks_before(w):
    """As many days before; each point stands beside the one in its place."""
    weeks = 3 if w.last - w.first > timedelta(weeks=7) else 2
    scope, before = w.weeks(weeks, 2 * weeks, "Europe/Berlin"), w.weeks(0, weeks, "Europe/Berlin")
    series = [("A", w.view, "events", None), ("B", w.buy, "avg", w.number)]
    body = asked(series, "day", scope, previous="period")
    then = measured(w, before, series, "day")
    return body, {**measured(w, scope, series, "day"), "previous": then["points"], "previous_totals": then["totals"]}


@question("trend")
def compared_with_the_year_before(w):
    # In the second year of a data set that has one.
    weeks = 54 if w.last - w.first > timedelta(weeks=60) else 2
    scope = w.weeks(weeks, weeks + 2)
    then = dates(*((w.first + timedelta(weeks=week)).replace(year=w.first.year + weeks // 52 - 1) for week in (weeks, weeks + 2)))
    series = [("A", w.view, "events", None), ("B", w.view, "members", None)]
    body = asked(series, "day", scope, previous="year")
    before = measured(w, then, series, "day")
    return body, {**measured(w, scope, series, "day"), "previous": before["points"], "previous_totals": before["totals"]}


def tables(w, scope, events, group, top, measure, unit="week", join=""):
    """Points and totals by group; the groups with most events are told, those of all others are one."""
    frame = begins(scope.start, scope.end, unit, scope.zone)
    source = f"(SELECT member, p, {period(unit, scope.zone)} AS at FROM events WHERE {scope.sql} AND {events.sql}) AS e"
    rows = f"SELECT e.member AS member, e.p AS p, e.at AS at, {group} AS g FROM {source} {join}"
    ranked = f"SELECT g, row_number() OVER (ORDER BY count() DESC, isNull(g) DESC, g) > {top} AS rest FROM ({rows}) GROUP BY g"
    labelled = (
        f"SELECT r.member AS member, r.p AS p, r.at AS at, n.rest AS rest, if(n.rest, NULL, r.g) AS `group` "
        f"FROM ({rows}) AS r JOIN ({ranked}) AS n ON r.g IS NOT DISTINCT FROM n.g"
    )
    points = (
        f"SELECT f.`group` AS `group`, f.rest AS rest, f.t AS t, ifNull(v, 0) AS value FROM "
        f"(SELECT DISTINCT `group`, rest, arrayJoin({frame}) AS t FROM ({labelled})) AS f LEFT JOIN "
        f"(SELECT `group`, rest, at, {measure} AS v FROM ({labelled}) GROUP BY `group`, rest, at) AS m "
        "ON f.`group` IS NOT DISTINCT FROM m.`group` AND f.rest = m.rest AND f.t = m.at"
    )
    return {"points": points, "totals": f"SELECT `group`, rest, {measure} AS total FROM ({labelled}) GROUP BY `group`, rest"}


@question("trend")
def broken_down_with_a_rest(w):
    scope = w.whole()
    body = asked([("A", w.view, "events", None)], "week", scope, by=w.text, top=5)
    return body, tables(w, scope, w.view, f"val(p, '{w.text}')", 5, "count()")


@question("trend")
def members_broken_down_without_a_rest(w):
    scope = w.whole()
    body = asked([("A", w.buy, "members", None)], "month", scope, by={"property": w.text_of_buy}, top=100)
    return body, tables(w, scope, w.buy, f"val(p, '{w.text_of_buy}')", 100, "uniqExact(member)", "month")


@question("trend")
def a_sum_broken_down_by_a_nested_property(w):
    scope = w.weeks(1, 4)
    name, sql = w.nested
    body = asked([("A", w.buy, "sum", w.number)], "week", scope, by=name, top=2)
    return body, tables(w, scope, w.buy, sql, 2, f"ifNull(sum(num(p, '{w.number}')), 0)")


@question("trend")
def broken_down_by_a_trait(w):
    scope = w.whole()
    body = asked([("A", w.view, "events", None)], "week", scope, by={"trait": w.trait}, top=3)
    join = f"LEFT JOIN (SELECT member, value FROM traits WHERE name = '{w.trait}') AS v ON v.member = e.member"
    return body, tables(w, scope, w.view, "v.value", 3, "count()", join=join)
