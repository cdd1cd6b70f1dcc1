"""Funnels. The steps of a data set exclude one another, unless a question says otherwise."""

from .spec import DAY, HOUR, SECOND, question


def levels(conditions, window, where, mode="", extra="", grouped=""):
    """How far each member comes, by ClickHouse's own aggregate function."""
    chosen = f", '{mode}'" if mode else ""
    return (
        f"SELECT member, windowFunnel({window}{chosen})(toUInt64(t), {', '.join(conditions)}) AS level {extra} "
        f"FROM events WHERE {where} GROUP BY member {grouped}"
    )


def members_of(query, how_many):
    """How many members came to each step."""
    counts = ", ".join(f"({step}, countIf(level >= {step}))" for step in range(1, how_many + 1))
    return f"SELECT x.1 AS step, x.2 AS members FROM (SELECT arrayJoin([{counts}]) AS x FROM ({query}))"


def steps_of(query, how_many):
    """The same, with the shares of the first step and of the one before."""
    before = "lagInFrame(members, 1, members) OVER (ORDER BY step ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)"
    first = "first_value(members) OVER (ORDER BY step ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)"
    return f"SELECT step, members, members / {first} AS of_first, members / {before} AS of_previous FROM ({members_of(query, how_many)})"


def four(w):
    return [w.view, w.add, w.begin, w.buy]


def plain(w, steps, within, window, scope):
    body = {"steps": [step.body for step in steps], "within": within, "mode": "ordered", **scope.body}
    return body, levels([step.sql for step in steps], window, scope.sql)


@question("funnel")
def four_steps_within_a_week(w):
    body, query = plain(w, four(w), "P7D", 7 * DAY, w.whole())
    return body, {"steps": members_of(query, 4)}


@question("funnel")
def two_steps_with_shares(w):
    body, query = plain(w, [w.view, w.buy], "P30D", 30 * DAY, w.whole())
    return body, {"steps": steps_of(query, 2)}


@question("funnel")
def three_steps_within_thirty_seconds(w):
    body, query = plain(w, [w.view, w.add, w.begin], "PT30S", 30 * SECOND, w.whole())
    return body, {"steps": members_of(query, 3)}


@question("funnel")
def three_steps_within_an_hour_in_a_range_that_cuts(w):
    body, query = plain(w, [w.view, w.add, w.buy], "PT1H", HOUR, w.cut())
    return body, {"steps": members_of(query, 3)}


@question("funnel")
def one_step(w):
    body, query = plain(w, [w.buy], "P1D", DAY, w.cut())
    return body, {"steps": steps_of(query, 1)}


@question("funnel")
def nothing_in_the_range(w):
    body, query = plain(w, [w.view, w.buy], "P7D", 7 * DAY, w.empty())
    zero = "SELECT arrayJoin([1, 2]) AS step, toUInt64(0) AS members"
    return body, {"steps": zero, "time_to_convert": f"SELECT count() AS members FROM ({query})"}


@question("funnel")
def the_same_event_three_times(w):
    """One event never is two steps, which is what `strict_once` says."""
    scope = w.whole()
    body = {"steps": [w.buy.body] * 3, "within": "P14D", "mode": "ordered", **scope.body}
    return body, {"steps": members_of(levels([w.buy.sql] * 3, 14 * DAY, scope.sql, "strict_once"), 3)}


@question("funnel")
def any_event_then_a_purchase(w):
    scope = w.weeks(0, 3)
    body = {"steps": [{"event": None}, w.buy.body], "within": "PT12H", "mode": "ordered", **scope.body}
    return body, {"steps": members_of(levels(["1", w.buy.sql], 12 * HOUR, scope.sql, "strict_once"), 2)}


@question("funnel")
def steps_with_filters(w):
    test, sql = w.tests[1]
    scope = w.whole()
    steps = [{"event": w.add.event, "where": [*w.add.where, test]}, w.begin.body]
    body = {"steps": steps, "within": "P30D", "mode": "ordered", **scope.body}
    conditions = [f"{w.add.sql} AND ({sql})", w.begin.sql]
    return body, {"steps": members_of(levels(conditions, 30 * DAY, scope.sql), 2)}


@question("funnel")
def every_event_passes_a_filter(w):
    test, sql = w.half
    scope = w.whole()
    body = {"steps": [w.view.body, w.add.body], "within": "P7D", "mode": "ordered", "where": [test], **scope.body}
    return body, {"steps": members_of(levels([w.view.sql, w.add.sql], 7 * DAY, f"{scope.sql} AND ({sql})"), 2)}


@question("funnel")
def strict_two_steps(w):
    """ClickHouse's `strict_order` ends at the first thing that comes in between, so it is asked from each first step on."""
    scope = w.whole()
    body = {"steps": [w.view.body, w.add.body], "within": "P7D", "mode": "strict", **scope.body}
    following = (
        f"SELECT *, leadInFrame({w.add.sql}, 1, 0) OVER same AS is_added, leadInFrame(t, 1, 0) OVER same AS at, {w.view.sql} AS is_viewed "
        f"FROM events WHERE {scope.sql} WINDOW same AS (PARTITION BY member ORDER BY t, id ROWS BETWEEN UNBOUNDED PRECEDING "
        "AND UNBOUNDED FOLLOWING)"
    )
    query = f"SELECT member, 1 + max(is_added AND at - t <= {7 * DAY}) AS level FROM ({following}) WHERE is_viewed GROUP BY member"
    return body, {"steps": members_of(query, 2)}


@question("funnel")
def strict_three_steps_at_any_distance(w):
    """`sequenceMatch` without a gap between its events; what is none of the steps is an event of its own."""
    scope = w.whole()
    steps = [w.view, w.add, w.begin]
    body = {"steps": [step.body for step in steps], "within": "P1000D", "mode": "strict", **scope.body}
    conditions = ", ".join([*(step.sql for step in steps), f"NOT ({' OR '.join(step.sql for step in steps)})"])
    patterns = ["(?1)", "(?1)(?2)", "(?1)(?2)(?3)"]
    matches = " + ".join(f"sequenceMatch('{pattern}')(place, {conditions})" for pattern in patterns)
    numbered = (
        "SELECT member, name, p, toUInt64(row_number() OVER (PARTITION BY member ORDER BY t, id)) AS place "
        f"FROM events WHERE {scope.sql}"
    )
    return body, {"steps": members_of(f"SELECT member, {matches} AS level FROM ({numbered}) GROUP BY member", 3)}


@question("funnel")
def strict_three_steps_within_a_day(w):
    scope = w.whole()
    steps = [w.view, w.add, w.begin]
    body = {"steps": [step.body for step in steps], "within": "P1D", "mode": "strict", **scope.body}
    code = " + ".join(f"{place} * ({step.sql})" for place, step in enumerate(steps, 1))
    history = f"SELECT member, arraySort(groupArray((t, id, {code}))) AS h FROM events WHERE {scope.sql} GROUP BY member"
    level = "multiIf({}, 3, {}, 2, arrayExists(x -> x.3 = 1, h), 1, 0)".format(
        "arrayExists((x, i) -> x.3 = 1 AND h[i + 1].3 = 2 AND h[i + 2].3 = 3 "
        f"AND h[i + 2].1 - x.1 <= {DAY}, h, arrayEnumerate(h))",
        f"arrayExists((x, i) -> x.3 = 1 AND h[i + 1].3 = 2 AND h[i + 1].1 - x.1 <= {DAY}, h, arrayEnumerate(h))",
    )
    return body, {"steps": members_of(f"SELECT member, {level} AS level FROM ({history})", 3)}


@question("funnel")
def any_order_within_a_day(w):
    """So far has come who did the first steps, in whatever order, with no more than a day between the first and the last."""
    scope = w.whole()
    steps = [w.view, w.add, w.begin]
    body = {"steps": [step.body for step in steps], "within": "P1D", "mode": "any", **scope.body}
    times = ", ".join(f"groupArrayIf(t, {step.sql}) AS s{place}" for place, step in enumerate(steps, 1))
    near = "arrayExists(y -> y >= x AND y <= x + {}, s{})".format
    together = lambda k: (
        f"arrayExists(x -> {' AND '.join(near(DAY, place) for place in range(1, k + 1))}, "
        f"arrayDistinct(arrayConcat({', '.join(f's{place}' for place in range(1, k + 1))})))"
    )
    level = f"multiIf({together(3)}, 3, {together(2)}, 2, notEmpty(s1), 1, 0)"
    history = f"SELECT member, {times} FROM events WHERE {scope.sql} GROUP BY member"
    return body, {"steps": members_of(f"SELECT member, {level} AS level FROM ({history})", 3)}
