"""Trends: measures by hour, day, week and month."""

from datetime import date, datetime, timedelta, timezone

from world.words import Range, dates, moments, named

from .spec import begins, period, question

MEASURES = {
    "events": "count()",
    "members": "uniqExact(member)",
    "per_member": "count() / uniqExact(member)",
    "sum": "ifNull(sum({}), 0)",
    "avg": "avg({})",
    "min": "min({})",
    "max": "max({})",
    "p50": "quantileExact(0.5)({})",
    "p75": "quantileExact(0.75)({})",
    "p90": "quantileExact(0.9)({})",
    "p95": "quantileExact(0.95)({})",
    "p99": "quantileExact(0.99)({})",
}
# Nothing happened: there are none, and of nothing there is no mean.
ZERO = {"events": "0", "members": "0", "sum": "0"}


def measured(w, scope, series, unit, extra="1", start=None, end=None):
    """Points and totals of series: name, filter, measure and property."""
    start, end = start or scope.start, end or scope.end
    frame = begins(start, end, unit, scope.zone)
    points, totals = [], []
    for name, events, measure, prop in series:
        value = MEASURES[measure].format(f"num(p, '{prop}')")
        where = f"t >= {start} AND t < {end} AND {events.sql} AND {extra}"
        zero = ZERO.get(measure, "NULL")
        points.append(
            f"SELECT '{name}' AS name, f.t AS t, ifNull(v, {zero}) AS value FROM (SELECT arrayJoin({frame}) AS t) AS f "
            f"LEFT JOIN (SELECT {period(unit, scope.zone)} AS at, {value} AS v FROM events WHERE {where} GROUP BY at) AS m ON m.at = f.t"
        )
        # Inside, `name` is the event's.
        totals.append(f"SELECT '{name}' AS name, total FROM (SELECT if(count() = 0, {zero}, {value}) AS total FROM events WHERE {where})")
    return {"points": " UNION ALL ".join(points), "totals": " UNION ALL ".join(totals)}


def asked(series, unit, scope, **more):
    told = [
        {"name": name, **events.body, "measure": measure, **({"property": prop} if prop else {})}
        for name, events, measure, prop in series
    ]
    return {"series": told, "unit": unit, **more, **scope.body}


@question("trend")
def events_and_members_by_day(w):
    scope, series = w.whole(), [("A", w.view, "events", None), ("B", w.view, "members", None), ("C", w.view, "per_member", None)]
    return asked(series, "day", scope), measured(w, scope, series, "day")


@question("trend")
def numbers_by_week(w):
    scope = w.whole()
    series = [(measure, w.buy, measure, w.number) for measure in ("sum", "avg", "min", "max")]
    return asked(series, "week", scope), measured(w, scope, series, "week")


@question("trend")
def percentiles_by_week(w):
    """The value at place floor(share × how many), counted from 0, among the sorted ones."""
    scope = w.whole()
    series = [(measure, w.buy, measure, w.number) for measure in ("p50", "p75", "p90", "p95", "p99")]
    return asked(series, "week", scope), measured(w, scope, series, "week")


@question("trend")
def by_hour_in_new_york_where_clocks_change(w):
    scope, series = w.weeks(2, 4, "America/New_York"), [("A", w.view, "events", None), ("B", w.add, "members", None)]
    return asked(series, "hour", scope), measured(w, scope, series, "hour")


def in_the_night(zone):
    """From before the hour that is there twice until after it, in 1997 on the same day in Europe and in America."""
    night = datetime(1997, 10, 25, 22, tzinfo=timezone.utc)
    return moments(night, night + timedelta(hours=13), zone)


@question("trend")
def by_hour_in_berlin_where_one_is_there_twice(w):
    scope, series = in_the_night("Europe/Berlin"), [("A", named("Email Link Clicked"), "events", None)]
    return asked(series, "hour", scope), measured(w, scope, series, "hour")


@question("trend")
def by_hour_in_new_york_where_one_is_there_twice(w):
    scope, series = in_the_night("America/New_York"), [("A", named("Email Link Clicked"), "members", None)]
    return asked(series, "hour", scope), measured(w, scope, series, "hour")


@question("trend")
def by_day_in_new_york_where_one_has_twenty_five_hours(w):
    scope, series = dates(date(1997, 10, 25), date(1997, 10, 28), "America/New_York"), [("A", named("Email Link Clicked"), "events", None)]
    return asked(series, "day", scope), measured(w, scope, series, "day")


@question("trend")
def by_day_in_berlin_where_clocks_change(w):
    scope, series = w.whole("Europe/Berlin"), [("A", w.view, "events", None), ("B", w.buy, "sum", w.number)]
    return asked(series, "day", scope), measured(w, scope, series, "day")


@question("trend")
def by_week_and_month_in_shanghai(w):
    scope, series = w.whole("Asia/Shanghai"), [("A", w.view, "members", None)]
    return asked(series, "month", scope), measured(w, scope, series, "month")


@question("trend")
def a_range_that_cuts_its_first_and_last_week(w):
    """Points begin where the week does; only what lies in the range counts."""
    scope, series = w.cut("Asia/Shanghai"), [("A", w.view, "events", None), ("B", w.buy, "avg", w.number)]
    return asked(series, "week", scope), measured(w, scope, series, "week")


@question("trend")
def any_event_by_month(w):
    scope = w.whole("America/New_York")
    body = {"series": [{"name": "A", "event": None, "measure": "members"}], "unit": "month", **scope.body}
    frame = begins(scope.start, scope.end, "month", scope.zone)
    counted = f"SELECT {period('month', scope.zone)} AS at, uniqExact(member) AS n FROM events WHERE {scope.sql} GROUP BY at"
    return body, {
        "points": f"SELECT f.t AS t, ifNull(n, 0) AS value FROM (SELECT arrayJoin({frame}) AS t) AS f LEFT JOIN ({counted}) AS c ON c.at = f.t",
        "totals": f"SELECT uniqExact(member) AS total FROM events WHERE {scope.sql}",
    }


@question("trend")
def an_empty_range(w):
    scope = w.empty()
    series = [("A", w.view, "events", None), ("B", w.view, "per_member", None), ("C", w.buy, "sum", w.number), ("D", w.buy, "p90", w.number)]
    return asked(series, "week", scope), measured(w, scope, series, "week")


def tested(w, start, end):
    """How many events pass each of these comparisons, all of them asked in one question."""
    scope, tests = w.whole(), w.tests[start:end] or w.tests[-4:]
    names = "ABCDEFGHIJ"
    series = [{"name": name, "event": None, "where": [test], "measure": "events"} for name, (test, _) in zip(names, tests)]
    counts = ", ".join(f"('{name}', countIf({sql}))" for name, (_, sql) in zip(names, tests))
    totals = f"SELECT arrayJoin([{counts}]) AS x, x.1 AS name, x.2 AS total FROM events WHERE {scope.sql}"
    return {"series": series, "unit": "month", **scope.body}, {"totals": f"SELECT name, total FROM ({totals})"}


@question("trend")
def comparisons_of_numbers_and_texts(w):
    return tested(w, 0, 10)


@question("trend")
def comparisons_of_texts_and_mixed_types(w):
    return tested(w, 10, 20)


@question("trend")
def comparisons_of_nested_properties(w):
    return tested(w, 20, 28)


@question("trend")
def comparisons_in_which_case_does_not_matter(w):
    return tested(w, 28, 38)


@question("trend")
def a_comparison_on_every_event_and_on_a_series(w):
    (test, sql), (narrow, narrow_sql) = w.half, w.tests[2]
    scope = w.whole()
    body = {"series": [{"name": "A", "event": None, "where": [narrow], "measure": "members"}], "unit": "week", "where": [test], **scope.body}
    return body, {"totals": f"SELECT uniqExact(member) AS total FROM events WHERE {scope.sql} AND ({sql}) AND ({narrow_sql})"}


@question("trend")
def of_a_segment(w):
    scope, series = w.whole(), [("A", w.view, "events", None), ("B", w.view, "members", None)]
    some = f"member IN (SELECT member FROM insiders WHERE of = '{w.segment}')"
    return asked(series, "week", scope, segment=w.segment), measured(w, scope, series, "week", some)


@question("trend")
def of_a_group(w):
    scope, series = w.whole(), [("A", w.view, "events", None), ("B", w.view, "members", None)]
    some = f"member IN (SELECT member FROM insiders WHERE of = '{w.group}')"
    return asked(series, "week", scope, group=w.group), measured(w, scope, series, "week", some)


@question("trend")
def of_members_for_whom_a_rule_holds(w):
    rule, sql = w.rule
    scope, series = w.whole(), [("A", w.view, "events", None), ("B", w.buy, "max", w.number)]
    return asked(series, "week", scope, members=rule), measured(w, scope, series, "week", f"member IN ({sql})")


@question("trend")
def of_a_channel(w):
    """Events that say which channel they came from or went by."""
    scope = w.whole()
    body = {"series": [{"name": "A", "event": None, "measure": "events"}], "unit": "day", "channel": w.channel, **scope.body}
    counted = f"SELECT count() AS total FROM events WHERE {scope.sql} AND ifNull(txt(p, 'channel') = '{w.channel}', 0)"
    return body, {"totals": counted}


@question("trend")
def by_the_clock_of_the_workspace(w):
    """Without a zone, it is that of the workspace by which dates are meant and days begin."""
    scope, series = w.weeks(1, 3, w.zone), [("A", w.view, "events", None), ("B", w.view, "members", None)]
    body = asked(series, "day", scope)
    return {name: value for name, value in body.items() if name != "zone"}, measured(w, scope, series, "day")


@question("trend")
def between_moments_of_another_offset(w):
    """The offset of a moment says when it is, and nothing about the calendar."""
    scope, series = w.weeks(2, 3, "Asia/Shanghai"), [("A", w.view, "events", None)]
    ends = {name: f"{day}T00:00:00+08:00" for name, day in ((name, scope.body[name]) for name in ("from", "to"))}
    here = Range(scope.start, scope.end, "America/New_York", {**ends, "zone": "America/New_York"})
    return asked(series, "day", here), measured(w, here, series, "day")
