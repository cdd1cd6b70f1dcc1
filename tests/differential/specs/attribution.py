"""What came before a conversion, and how much of it that is worth.

A touch counts for a conversion when it stands before it and is no older than the time given, also where it happened before
the range; other conversions in between change nothing.
"""

from .spec import DAY, HOUR, question

# Of n touches in order, `at` is the place of one of them, from 1, and `age` how long before the conversion it was.
WEIGHTS = {
    "first": "at = 1",
    "last": "at = n",
    "linear": "1 / n",
    "position": "multiIf(n = 1, 1, n = 2, 0.5, at IN (1, n), 0.4, 0.2 / (n - 2))",
}


def tables(w, scope, conversion, value, touches, key, model, within, where="1", half_life=None):
    amount = f"ifNull(num(p, '{value}'), 0)" if value else "0"
    conversions = f"SELECT member, t, id, {amount} AS amount FROM events WHERE {scope.sql} AND {conversion} AND {where}"
    touched = (
        f"SELECT c.member AS member, c.id AS conversion, any(c.t) AS moment, any(c.amount) AS amount, "
        f"arraySort(groupArray((e.at, e.event, e.key))) AS ts FROM ({conversions}) AS c "
        f"JOIN (SELECT member, t AS at, id AS event, {key} AS key FROM events WHERE {touches} AND {where}) AS e ON e.member = c.member "
        f"WHERE e.at >= c.t - {within} AND (e.at, e.event) < (c.t, c.id) GROUP BY member, conversion"
    )
    pieces = (
        f"SELECT amount, length(ts) AS n, i AS at, x.3 AS key, moment - x.1 AS age, ts, moment FROM ({touched}) "
        "ARRAY JOIN ts AS x, arrayEnumerate(ts) AS i"
    )
    weight = WEIGHTS.get(model) or (
        f"exp2(-age / {half_life}) / arraySum(y -> exp2(-(moment - y.1) / {half_life}), ts)"
    )
    total = f"SELECT count() AS conversions, sum(amount) AS value FROM ({conversions})"
    own = f"key, sum(weight) AS conversions, sum(weight * amount) AS value, sum(weight) / (SELECT conversions FROM ({total})) AS share"
    lost = f"FROM ({conversions}) WHERE id NOT IN (SELECT conversion FROM ({touched}))"
    return {
        "total": total,
        "touches": f"SELECT {own} FROM (SELECT *, {weight} AS weight FROM ({pieces})) WHERE weight > 0 GROUP BY key",
        "unattributed": f"SELECT count() AS conversions, sum(amount) AS value {lost}",
    }


def asked(scope, conversion, value, model, within, **more):
    return {"conversion": {**conversion.body, "value": value}, "model": model, "within": within, **more, **scope.body}


def by_property(w, model, within, window, scope, **more):
    """Any view, told apart by a property of it; `key: null` is one that has no value."""
    body = asked(scope, w.buy, w.number, model, within, touches=[w.view.body], touch_by=w.text, **more)
    half_life = {"P7D": 7 * DAY, "PT12H": 12 * HOUR}.get(more.get("half_life"))
    return body, tables(w, scope, w.buy.sql, w.number, w.view.sql, f"val(p, '{w.text}')", model, window, half_life=half_life)


@question("attribution")
def the_first_touch(w):
    return by_property(w, "first", "P30D", 30 * DAY, w.whole())


@question("attribution")
def the_last_touch_within_a_day(w):
    return by_property(w, "last", "P1D", DAY, w.whole())


@question("attribution")
def all_touches_alike_in_a_range_that_cuts(w):
    return by_property(w, "linear", "P10D", 10 * DAY, w.cut())


@question("attribution")
def by_position(w):
    return by_property(w, "position", "P30D", 30 * DAY, w.whole())


@question("attribution")
def time_decay(w):
    return by_property(w, "time_decay", "P30D", 30 * DAY, w.whole(), half_life="P7D")


@question("attribution")
def time_decay_with_a_short_half_life(w):
    return by_property(w, "time_decay", "P3D", 3 * DAY, w.weeks(1, 3), half_life="PT12H")


@question("attribution")
def by_the_name_of_the_touch(w):
    """A filter is told by the name of its event."""
    scope = w.whole()
    touches = [w.frequent, w.rare]
    body = asked(scope, w.buy, w.number, "linear", "P7D", touches=[{"event": name} for name in touches], touch_by=None)
    names = ", ".join(f"'{name}'" for name in touches)
    return body, tables(w, scope, w.buy.sql, w.number, f"name IN ({names})", "name", "linear", 7 * DAY)


@question("attribution")
def without_a_value_and_of_members_of_a_group(w):
    scope = w.whole()
    some = f"member IN (SELECT member FROM insiders WHERE of = '{w.group}')"
    body = asked(scope, w.buy, None, "last", "P30D", touches=[w.view.body], touch_by=w.text, group=w.group)
    found = tables(w, scope, w.buy.sql, None, w.view.sql, f"val(p, '{w.text}')", "last", 30 * DAY, some)
    return body, {
        "total": f"SELECT conversions FROM ({found['total']})",
        "touches": f"SELECT key, conversions, share FROM ({found['touches']})",
        "unattributed": f"SELECT conversions FROM ({found['unattributed']})",
    }


@question("attribution")
def whatever_has_the_property(w):
    """Without a filter every event is a touch that has a value of the property."""
    scope = w.weeks(0, 3)
    body = asked(scope, w.buy, w.number, "position", "P2D", touches=None, touch_by=w.text)
    value = f"val(p, '{w.text}')"
    return body, tables(w, scope, w.buy.sql, w.number, f"{value} IS NOT NULL", value, "position", 2 * DAY)


@question("attribution")
def no_conversion(w):
    scope = w.empty()
    body = asked(scope, w.buy, w.number, "linear", "P7D", touches=[w.view.body], touch_by=w.text)
    found = tables(w, scope, w.buy.sql, w.number, w.view.sql, f"val(p, '{w.text}')", "linear", 7 * DAY)
    return body, {name: found[name] for name in ("total", "unattributed")}
