"""Funnels with exclusions, breakdowns and times, and of some members only."""

from .funnel import levels, members_of
from .spec import DAY, HOUR, question, top_and_rest


def in_groups(query, steps, top):
    """Members at each step, by group: the groups in which most came to the first step, and the rest."""
    counts = ", ".join(f"countIf(level >= {step}) AS s{step}" for step in range(1, steps + 1))
    sums = ", ".join(f"sum(s{step}) AS m{step}" for step in range(1, steps + 1))
    grouped = f"SELECT g.1 AS g, s1 AS weight, {counts} FROM ({query}) WHERE level >= 1 GROUP BY g"
    all_steps = ", ".join(f"({step}, m{step})" for step in range(1, steps + 1))
    return (
        f"SELECT `group`, rest, x.1 AS step, toUInt64(x.2) AS members FROM ({top_and_rest(grouped, sums, top)}) "
        f"ARRAY JOIN [{all_steps}] AS x"
    )


@question("funnel")
def nobody_who_does_something_in_between(w):
    """A way counts on which nothing of it happens after the step and before the other one, both left out."""
    scope = w.whole()
    exclude = [{**w.begin.body, "after": 1, "before": 2}]
    body = {"steps": [w.view.body, w.buy.body], "within": "P3D", "mode": "ordered", "exclude": exclude, **scope.body}
    history = (
        f"SELECT groupArrayIf(t, {w.view.sql}) AS a, groupArrayIf(t, {w.buy.sql}) AS b, groupArrayIf(t, {w.begin.sql}) AS x "
        f"FROM events WHERE {scope.sql} GROUP BY member"
    )
    # With the last view before a purchase there is the least in between.
    last = "arrayMax(arrayFilter(s -> s <= e, a))"
    converts = (
        f"arrayExists(e -> arrayExists(s -> s <= e, a) AND e - {last} <= {3 * DAY} "
        f"AND NOT arrayExists(y -> y > {last} AND y < e, x), b)"
    )
    return body, {"steps": members_of(f"SELECT multiIf({converts}, 2, notEmpty(a), 1, 0) AS level FROM ({history})", 2)}


@question("funnel")
def nobody_who_does_something_before_the_last_step(w):
    test, sql = w.half
    scope = w.whole()
    excluded = {"event": w.frequent, "where": [test], "after": 2, "before": 3}
    steps = [w.view, w.add, w.begin]
    body = {"steps": [step.body for step in steps], "within": "P5D", "mode": "ordered", "exclude": [excluded], **scope.body}
    is_excluded = f"name = '{w.frequent}' AND ({sql})"
    arrays = ", ".join(f"groupArrayIf(t, {step.sql}) AS s{place}" for place, step in enumerate(steps, 1))
    history = f"SELECT {arrays}, groupArrayIf(t, {is_excluded}) AS x FROM events WHERE {scope.sql} GROUP BY member"
    # For each second step the last first one before it; for each third, each such pair.
    pairs = (
        "arrayFilter(q -> q.1 > 0 AND q.2 - q.1 <= {0}, arrayMap(e -> (arrayMax(arrayFilter(s -> s <= e, arrayPushFront(s1, -1))), e), s2))"
    ).format(5 * DAY)
    complete = (
        f"arrayExists(e -> arrayExists(q -> q.2 <= e AND e - q.1 <= {5 * DAY} "
        "AND NOT arrayExists(y -> y > q.2 AND y < e, x), pairs), s3)"
    )
    level = f"multiIf({complete}, 3, notEmpty(pairs), 2, notEmpty(s1), 1, 0)"
    return body, {"steps": members_of(f"SELECT {level} AS level FROM (SELECT *, {pairs} AS pairs FROM ({history}))", 3)}


@question("funnel")
def what_is_excluded_does_no_harm_later_on(w):
    scope = w.whole()
    steps = [w.view, w.add, w.begin]
    exclude = [{**w.buy.body, "after": 1, "before": 2}]
    body = {"steps": [step.body for step in steps], "within": "P12D", "mode": "ordered", "exclude": exclude, **scope.body}
    arrays = ", ".join(f"arraySort(groupArrayIf(t, {step.sql})) AS s{place}" for place, step in enumerate([*steps, w.buy], 1))
    history = f"SELECT {arrays} FROM events WHERE {scope.sql} GROUP BY member"
    # How a second step is reached: from which first one, and when.
    reached = (
        f"arrayFilter(q -> q.1 >= 0 AND q.2 - q.1 <= {12 * DAY} AND NOT arrayExists(z -> z > q.1 AND z < q.2, s4), "
        "arrayMap(e -> (arrayLast(s -> s <= e, arrayPushFront(s1, -1)), e), s2))"
    )
    third = f"arrayExists(q -> arrayExists(e -> e >= q.2 AND e - q.1 <= {12 * DAY}, s3), reached)"
    level = f"multiIf({third}, 3, notEmpty(reached), 2, notEmpty(s1), 1, 0)"
    return body, {"steps": members_of(f"SELECT {level} AS level FROM (SELECT *, {reached} AS reached FROM ({history}))", 3)}


@question("funnel")
def nobody_who_does_something_anywhere_on_the_way(w):
    """What is excluded between the first and the third step ends a way before the second one as well."""
    scope = w.whole()
    exclude = [{"event": w.frequent, "where": [w.half[0]], "after": 1, "before": 3}, {**w.buy.body, "after": 2, "before": 3}]
    steps = [w.view, w.add, w.begin]
    body = {"steps": [step.body for step in steps], "within": "P4D", "mode": "ordered", "exclude": exclude, **scope.body}
    arrays = ", ".join(f"groupArrayIf(t, {step.sql}) AS s{place}" for place, step in enumerate(steps, 1))
    excluded = f"groupArrayIf(t, name = '{w.frequent}' AND ({w.half[1]})) AS x, groupArrayIf(t, {w.buy.sql}) AS y"
    history = f"SELECT {arrays}, {excluded} FROM events WHERE {scope.sql} GROUP BY member"
    free = "NOT arrayExists(z -> z > {1} AND z < {2}, {0})".format
    # For each second step the last first one before it: between the two lies the least.
    last = "arrayMax(arrayFilter(s -> s <= e, arrayPushFront(s1, -1)))"
    pairs = f"arrayFilter(q -> q.1 >= 0 AND q.2 - q.1 <= {4 * DAY} AND {free('x', 'q.1', 'q.2')}, arrayMap(e -> ({last}, e), s2))"
    complete = (
        f"arrayExists(e -> arrayExists(q -> q.2 <= e AND e - q.1 <= {4 * DAY} AND {free('x', 'q.1', 'e')} AND {free('y', 'q.2', 'e')}, pairs), s3)"
    )
    level = f"multiIf({complete}, 3, notEmpty(pairs), 2, notEmpty(s1), 1, 0)"
    return body, {"steps": members_of(f"SELECT {level} AS level FROM (SELECT *, {pairs} AS pairs FROM ({history}))", 3)}


@question("funnel")
def broken_down_by_a_property_of_the_first_event(w):
    """The value is that of a member's earliest event of the first step, so that everybody is in one group."""
    scope = w.whole()
    body = {"steps": [w.view.body, w.add.body], "within": "P7D", "mode": "ordered", "by": w.text, "top": 4, **scope.body}
    first = f", argMinIf(tuple(val(p, '{w.text}')), (t, id), {w.view.sql}) AS g"
    query = levels([w.view.sql, w.add.sql], 7 * DAY, scope.sql, extra=first)
    return body, {"steps": members_of(query, 2), "groups": in_groups(query, 2, 4)}


@question("funnel")
def broken_down_by_a_nested_property(w):
    name, sql = w.nested
    scope = w.weeks(1, 4)
    body = {"steps": [w.buy.body, w.view.body], "within": "PT36H", "mode": "ordered", "by": {"property": name}, "top": 100, **scope.body}
    first = f", argMinIf(tuple({sql}), (t, id), {w.buy.sql}) AS g"
    query = levels([w.buy.sql, w.view.sql], 36 * HOUR, scope.sql, extra=first)
    return body, {"groups": in_groups(query, 2, 100)}


@question("funnel")
def broken_down_by_a_trait(w):
    scope = w.whole()
    body = {"steps": [w.view.body, w.add.body, w.begin.body], "within": "P7D", "mode": "ordered", "by": {"trait": w.trait}, "top": 2, **scope.body}
    conditions = [w.view.sql, w.add.sql, w.begin.sql]
    query = (
        f"SELECT level, tuple(value) AS g FROM ({levels(conditions, 7 * DAY, scope.sql)}) AS l "
        f"LEFT JOIN (SELECT member, value FROM traits WHERE name = '{w.trait}') AS r ON l.member = r.member"
    )
    return body, {"groups": in_groups(query, 3, 2)}


@question("funnel")
def members_of_a_segment_of_a_group_and_of_a_rule(w):
    scope = w.whole()
    rule, sql = w.rule
    some = {"segment": w.segment, "group": w.group, "members": rule}
    body = {"steps": [w.view.body, w.buy.body], "within": "P7D", "mode": "ordered", **some, **scope.body}
    who = " AND ".join(
        f"member IN ({query})"
        for query in (
            f"SELECT member FROM insiders WHERE of = '{w.segment}'", f"SELECT member FROM insiders WHERE of = '{w.group}'", sql,
        )
    )
    query = levels([w.view.sql, w.buy.sql], 7 * DAY, f"{scope.sql} AND {who}")
    return body, {"steps": members_of(query, 2)}


@question("funnel")
def how_long_two_steps_take(w):
    """A member's time is that at which the step is first reached, since the latest first step from which it was."""
    scope = w.whole()
    body = {"steps": [w.view.body, w.add.body], "within": "P7D", "mode": "ordered", **scope.body}
    history = (
        f"SELECT groupArrayIf(t, {w.view.sql}) AS a, groupArrayIf(t, {w.add.sql}) AS b FROM events WHERE {scope.sql} GROUP BY member"
    )
    reached = f"arrayMin(arrayFilter(e -> arrayExists(s -> s <= e AND e - s <= {7 * DAY}, a), b))"
    gaps = (
        f"SELECT ({reached} AS r) - arrayMax(arrayFilter(s -> s <= r, a)) AS gap FROM ({history}) "
        f"WHERE arrayExists(e -> arrayExists(s -> s <= e AND e - s <= {7 * DAY}, a), b)"
    )
    return body, {
        "time_to_convert": f"SELECT count() AS members, quantileExact(0.5)(gap) / 1000 AS median, avg(gap) / 1000 AS average, "
        f"quantileExact(0.9)(gap) / 1000 AS p90 FROM ({gaps})",
        "times": f"SELECT gap / 1000 AS value FROM ({gaps})",
    }


@question("funnel")
def how_long_each_of_three_steps_takes(w):
    """One event after the other: for each step, from which first step it is reached, and how long that took the first time."""
    scope = w.whole()
    steps = [w.view, w.add, w.begin]
    body = {"steps": [step.body for step in steps], "within": "P10D", "mode": "ordered", **scope.body}
    code = " + ".join(f"{place} * ({step.sql})" for place, step in enumerate(steps, 1))
    history = f"SELECT arraySort(groupArray((t, {code}))) AS h FROM events WHERE {scope.sql} AND ({code}) > 0 GROUP BY member"
    # begun: by step, when the chain began that reaches it; took: by step, how long that was at first, or -1.
    follow = (
        f"if(x.2 = 1, x.1, if(acc.1[x.2 - 1] >= 0 AND x.1 - acc.1[x.2 - 1] <= {10 * DAY}, acc.1[x.2 - 1], -1))"
    )
    fold = (
        f"arrayFold((acc, x) -> if({follow} < 0, acc, "
        f"(arrayMap((v, i) -> if(i = x.2, {follow}, v), acc.1, [1, 2, 3]), "
        f"arrayMap((v, i) -> if(i = x.2 AND v < 0, x.1 - {follow}, v), acc.2, [1, 2, 3]))), "
        "h, ([toInt64(-1), -1, -1], [toInt64(-1), -1, -1]))"
    )
    took = f"SELECT i AS step, took FROM (SELECT {fold}.2 AS all FROM ({history})) ARRAY JOIN all AS took, [1, 2, 3] AS i"
    return body, {
        "steps": "SELECT step, countIf(took >= 0) AS members, if(step = 1, NULL, quantileExactIf(0.5)(took, took >= 0) / 1000) AS median, "
        f"if(step = 1, NULL, avgIf(took, took >= 0) / 1000) AS average FROM ({took}) GROUP BY step",
    }
