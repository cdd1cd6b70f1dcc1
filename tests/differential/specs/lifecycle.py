"""New, returning, resurrected and dormant members. What they did before the range counts as having been here before."""

from .spec import begins, period, question


def tables(w, scope, events, unit, where="1"):
    frame = begins(scope.start, scope.end, unit, scope.zone)
    # The period before the first one, so that there is something to have been active in.
    bounds = [begins(frame[0] - 1, frame[0], unit, scope.zone)[0], *frame]
    place = f"indexOf({bounds}, {period(unit, scope.zone)})"
    active = (
        f"SELECT member, groupUniqArray({place}) AS active, min(t) < {bounds[0]} AS is_old FROM events "
        f"WHERE t < {scope.end} AND {events} AND {where} GROUP BY member"
    )
    # In i, before it, and at any time before it.
    now, before = "has(active, i)", "has(active, i - 1)"
    ever = "(is_old OR arrayExists(a -> a > 0 AND a < i, active))"
    counts = (
        f"countIf({now} AND NOT {ever}) AS new, countIf({now} AND {before}) AS returning, "
        f"countIf({now} AND NOT {before} AND {ever}) AS resurrected, countIf({before} AND NOT {now}) AS dormant"
    )
    return {
        "points": f"SELECT {bounds}[i] AS t, {counts}, if(dormant = 0, NULL, (new + resurrected) / dormant) AS quick_ratio FROM "
        f"(SELECT 1 AS one, arrayJoin(range(2, {len(bounds) + 1})) AS i) AS f "
        f"LEFT JOIN (SELECT 1 AS one, * FROM ({active})) AS a ON a.one = f.one GROUP BY i"
    }


def asked(scope, events, unit, **more):
    return {**events.body, "unit": unit, **more, **scope.body}


@question("lifecycle")
def by_week(w):
    scope = w.whole()
    return asked(scope, w.view, "week"), tables(w, scope, w.view.sql, "week")


@question("lifecycle")
def by_day_in_new_york_after_some_weeks(w):
    scope = w.weeks(2, 4, "America/New_York")
    return asked(scope, w.view, "day"), tables(w, scope, w.view.sql, "day")


@question("lifecycle")
def by_month_of_any_event_in_shanghai(w):
    scope = w.whole("Asia/Shanghai")
    return {"event": None, "unit": "month", **scope.body}, tables(w, scope, "1", "month")


@question("lifecycle")
def by_week_of_a_segment_with_a_filter(w):
    test, sql = w.half
    scope = w.weeks(1, 4, "Europe/Berlin")
    where = f"({sql}) AND member IN (SELECT member FROM insiders WHERE of = '{w.segment}')"
    return asked(scope, w.view, "week", where=[*w.view.where, test], segment=w.segment), tables(w, scope, w.view.sql, "week", where)


@question("lifecycle")
def by_day_of_purchases(w):
    scope = w.weeks(0, 2)
    return asked(scope, w.buy, "day"), tables(w, scope, w.buy.sql, "day")


@question("lifecycle")
def when_nobody_was_here(w):
    scope = w.empty()
    return asked(scope, w.view, "month"), tables(w, scope, w.view.sql, "month")
