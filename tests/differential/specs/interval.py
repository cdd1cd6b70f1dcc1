"""How long it takes from one event to the next of another kind."""

from .spec import DAY, HOUR, question


def tables(first, then, where, within=None):
    """From each first event to the next `then` that stands after it, before another first one."""
    history = f"SELECT member, arraySort(groupArray((t, id, {first}, {then}))) AS h FROM events WHERE {where} AND ({first} OR {then}) GROUP BY member"
    # Only what is the one or the other is left, so the next row is it or another first one.
    pairs = (
        f"SELECT member, h[i + 1].1 - h[i].1 AS gap FROM ({history}) ARRAY JOIN arrayEnumerate(h) AS i "
        f"WHERE h[i].3 AND i < length(h) AND h[i + 1].4" + (f" AND gap <= {within}" if within else "")
    )
    number = "if(count() = 0, NULL, {} / 1000)".format
    return {
        "summary": f"SELECT count() AS pairs, uniqExact(member) AS members, {number('avg(gap)')} AS mean, "
        f"{number('quantileExact(0.5)(gap)')} AS median, {number('quantileExact(0.9)(gap)')} AS p90 FROM ({pairs})",
        "times": f"SELECT gap / 1000 AS value FROM ({pairs})",
    }


def asked(scope, first, then, within, **more):
    return {"first": first.body, "then": then.body, "within": within, **more, **scope.body}


@question("interval")
def from_one_kind_to_another(w):
    scope = w.whole()
    return asked(scope, w.view, w.buy, "P30D"), tables(w.view.sql, w.buy.sql, scope.sql, 30 * DAY)


@question("interval")
def within_an_hour_in_a_range_that_cuts(w):
    scope = w.cut()
    return asked(scope, w.view, w.add, "PT1H"), tables(w.view.sql, w.add.sql, scope.sql, HOUR)


@question("interval")
def from_one_purchase_to_the_next(w):
    """An event can end one interval and begin the next, but never both ends of the same."""
    scope = w.whole()
    return asked(scope, w.buy, w.buy, None), tables(w.buy.sql, w.buy.sql, scope.sql)


@question("interval")
def to_any_event_of_a_group(w):
    scope = w.whole()
    some = f"{scope.sql} AND member IN (SELECT member FROM insiders WHERE of = '{w.group}')"
    body = {"first": w.add.body, "then": {"event": None}, "within": "P7D", "group": w.group, **scope.body}
    return body, tables(w.add.sql, "1", some, 7 * DAY)


@question("interval")
def of_events_that_pass_a_filter(w):
    test, sql = w.half
    scope = w.weeks(0, 4, "Asia/Shanghai")
    return asked(scope, w.view, w.add, "P14D", where=[test]), tables(w.view.sql, w.add.sql, f"{scope.sql} AND ({sql})", 14 * DAY)


@question("interval")
def never(w):
    scope = w.empty()
    return asked(scope, w.view, w.add, "P14D"), tables(w.view.sql, w.add.sql, scope.sql, 14 * DAY)
