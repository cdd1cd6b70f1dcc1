"""Retention: who comes back. A cohort's own period is the first of those in which it is followed.

Who begins does so within the range; who comes back does so whenever that is, up to now.
"""

from .spec import begins, period, question, top_and_rest


class Asked:
    """The pieces of SQL of one question."""

    def __init__(self, w, scope, start, back, unit, periods, each=False, extra="1", rolling=False):
        self.cohorts = len(begins(scope.start, scope.end, unit, scope.zone))
        until = max(scope.end, w.now) if rolling else scope.end
        self.bounds = begins(scope.start, until, unit, scope.zone, periods + 1)
        self.periods, self.now, self.rolling = periods, w.now, rolling
        place = f"indexOf({self.bounds}, {period(unit, scope.zone)})"
        first = f"SELECT member, {place} AS c, min(t) AS began FROM events WHERE {scope.sql} AND {start.sql} AND {extra} GROUP BY member, c"
        self.began = first if each else f"SELECT member, min(c) AS c, min(began) AS began FROM ({first}) GROUP BY member"
        came = (
            f"SELECT member, {place} AS i, max(t) AS last FROM events WHERE t >= {scope.start} AND {back.sql} AND {extra} GROUP BY member, i"
        )
        # One row for each period after which somebody is back.
        self.back = (
            f"SELECT b.member AS member, b.c AS c, a.i - b.c AS k FROM ({self.began}) AS b JOIN ({came}) AS a ON a.member = b.member "
            "WHERE a.i > b.c OR (a.i = b.c AND a.last >= b.began)"
        )
        if rolling:
            self.back = (
                f"SELECT member, c, arrayJoin(range(least(toUInt64(max(k)) + 1, {periods}))) AS k FROM ({self.back}) GROUP BY member, c"
            )

    def cells(self):
        """Every cohort and period that has begun by now, with the size and how many came back."""
        return (
            f"SELECT f.c AS c, f.k AS k, {self.bounds}[c] AS start, ifNull(n, 0) AS size, ifNull(m, 0) AS returned, "
            f"{self.bounds}[c + k + 1] <= {self.now} AS over "
            f"FROM (SELECT arrayJoin(range(1, {self.cohorts + 1})) AS c, arrayJoin(range({self.periods})) AS k) AS f "
            f"LEFT JOIN (SELECT c, count() AS n FROM ({self.began}) GROUP BY c) AS s ON s.c = f.c "
            f"LEFT JOIN (SELECT c, k, uniqExact(member) AS m FROM ({self.back}) GROUP BY c, k) AS r ON r.c = f.c AND r.k = f.k "
            f"WHERE {self.bounds}[c + k] <= {self.now}"
        )

    def tables(self):
        cells = self.cells()
        return {
            "cohorts": f"SELECT start, any(size) AS size FROM ({cells}) GROUP BY start",
            "complete": f"SELECT start, countIf(over) AS complete FROM ({cells}) GROUP BY start",
            "returned": f"SELECT start, k, returned FROM ({cells})",
            "average": f"SELECT k, if(sumIf(size, over) = 0, NULL, sumIf(returned, over) / sumIf(size, over)) AS share FROM ({cells}) GROUP BY k",
        }


def asked(w, scope, start, back, unit, periods, cohorts="first", way="exact", **more):
    body = {"start": start.body, "return": back.body, "unit": unit, "periods": periods, "cohorts": cohorts, "back": way, **more, **scope.body}
    return body, Asked(w, scope, start, back, unit, periods, cohorts == "each", rolling=way == "rolling")


@question("retention")
def by_day_first_exact(w):
    body, sql = asked(w, w.weeks(0, 2), w.view, w.view, "day", 7)
    return body, sql.tables()


@question("retention")
def by_week_first_exact(w):
    body, sql = asked(w, w.whole(), w.view, w.buy, "week", 6)
    return body, sql.tables()


@question("retention")
def by_month_first_exact_in_shanghai(w):
    body, sql = asked(w, w.whole("Asia/Shanghai"), w.view, w.add, "month", 3)
    return body, sql.tables()


@question("retention")
def by_day_each_exact_in_new_york_where_clocks_change(w):
    body, sql = asked(w, w.weeks(2, 4, "America/New_York"), w.view, w.view, "day", 5, cohorts="each")
    return body, sql.tables()


@question("retention")
def by_week_each_rolling_in_berlin_where_clocks_change(w):
    body, sql = asked(w, w.whole("Europe/Berlin"), w.view, w.add, "week", 9, cohorts="each", way="rolling")
    return body, sql.tables()


@question("retention")
def by_week_first_rolling(w):
    body, sql = asked(w, w.whole(), w.add, w.add, "week", 12, way="rolling")
    return body, sql.tables()


@question("retention")
def by_month_each_rolling(w):
    body, sql = asked(w, w.whole(), w.view, w.view, "month", 4, cohorts="each", way="rolling")
    return body, sql.tables()


@question("retention")
def nobody_begins(w):
    scope = w.empty()
    body, sql = asked(w, scope, w.view, w.view, "week", 2)
    return body, sql.tables()


@question("retention")
def only_events_that_pass_a_filter(w):
    test, sql = w.half
    scope = w.whole()
    body, _ = asked(w, scope, w.view, w.view, "week", 5, where=[test])
    return body, Asked(w, scope, w.view, w.view, "week", 5, extra=f"({sql})").tables()


@question("retention")
def in_a_range_that_cuts_its_first_and_last_period(w):
    """Who begins, does so within the range; the periods are whole."""
    body, sql = asked(w, w.cut(), w.view, w.view, "week", 3)
    tables = sql.tables()
    return body, {name: tables[name] for name in ("cohorts", "returned", "average")}


@question("retention")
def four_dates_as_clickhouse_counts_them(w):
    """`retention` of ClickHouse: the first condition and each of the others."""
    scope = w.weeks(1, 2)
    body, _ = asked(w, scope, w.view, w.buy, "day", 4, cohorts="each")
    day = begins(scope.start, scope.end, "day", "UTC", 4)
    at = "toStartOfDay(time, 'UTC') = fromUnixTimestamp({})".format
    rows = []
    for cohort in range(7):
        later = ", ".join(f"{at(day[cohort + k] // 1000)} AND {w.buy.sql}" for k in range(1, 4))
        rows.append(
            f"SELECT {day[cohort]} AS start, sum(r[1]) AS size, sum(r[2]) AS d1, sum(r[3]) AS d2, sum(r[4]) AS d3 FROM "
            f"(SELECT retention({at(day[cohort] // 1000)} AND {w.view.sql}, {later}) AS r FROM events GROUP BY member)"
        )
    everything = " UNION ALL ".join(rows)
    cohorts = f"SELECT start, size FROM ({everything})"
    listed = f"{day}[indexOf({day}, start) + k] <= {w.now}"
    returned = f"SELECT start, x.1 AS k, x.2 AS returned FROM ({everything}) ARRAY JOIN [(1, d1), (2, d2), (3, d3)] AS x WHERE {listed}"
    return body, {"cohorts": cohorts, "later": returned}


@question("retention")
def broken_down_by_a_property_of_the_event_with_which_they_begin(w):
    scope = w.whole()
    body, sql = asked(w, scope, w.buy, w.buy, "week", 4, by=w.text_of_buy, top=3)
    group = (
        f"SELECT member, argMin(tuple(val(p, '{w.text_of_buy}')), (t, id)) AS g FROM events WHERE {scope.sql} AND {w.buy.sql} GROUP BY member"
    )
    return body, groups(sql, group, 3)


@question("retention")
def broken_down_by_a_trait(w):
    scope = w.whole()
    body, sql = asked(w, scope, w.view, w.view, "week", 4, by={"trait": w.trait}, top=2)
    group = (
        f"SELECT m.member AS member, tuple(value) AS g FROM members AS m "
        f"LEFT JOIN (SELECT member, value FROM traits WHERE name = '{w.trait}') AS r ON r.member = m.member"
    )
    return body, groups(sql, group, 2)


def groups(sql, group, top):
    """Cohorts of the first period only: a member is in one group and in one cohort."""
    sizes = f"SELECT g.1 AS g, count() AS weight FROM ({sql.began}) AS b JOIN ({group}) AS v ON v.member = b.member GROUP BY g"
    ks = range(sql.periods)
    listed = "{}[c + {}] <= {}".format
    over = "{}[c + {} + 1] <= {}".format
    columns = ", ".join(
        f"uniqExactIf(member, k = {k} AND {listed(sql.bounds, k, sql.now)}) AS r{k}, "
        f"uniqExactIf(member, k = {k} AND {over(sql.bounds, k, sql.now)}) AS o{k}"
        for k in ks
    )
    back = f"SELECT g.1 AS g, {columns} FROM ({sql.back}) AS b JOIN ({group}) AS v ON v.member = b.member GROUP BY g"
    whole = ", ".join(f"countIf({over(sql.bounds, k, sql.now)}) AS w{k}" for k in ks)
    wholes = f"SELECT g.1 AS g, {whole} FROM ({sql.began}) AS b JOIN ({group}) AS v ON v.member = b.member GROUP BY g"
    # Keys may be NULL, so they are compared as lists of one.
    joined = (
        f"SELECT s.g AS g, s.weight AS weight, {', '.join(f'ifNull(r{k}, 0) AS r{k}, ifNull(o{k}, 0) AS o{k}, w{k}' for k in ks)} "
        f"FROM ({sizes}) AS s LEFT JOIN ({back}) AS b ON s.g IS NOT DISTINCT FROM b.g JOIN ({wholes}) AS w ON s.g IS NOT DISTINCT FROM w.g"
    )
    sums = ", ".join(f"sum(r{k}) AS r{k}_, sum(o{k}) AS o{k}_, sum(w{k}) AS w{k}_" for k in ks)
    rows = top_and_rest(joined, f"sum(weight) AS size, {sums}", top)
    cells = ", ".join(f"({k}, r{k}_, if(w{k}_ = 0, NULL, o{k}_ / w{k}_))" for k in ks)
    return {
        "groups": f"SELECT `group`, rest, size FROM ({rows})",
        "group_returned": f"SELECT `group`, rest, x.1 AS k, x.2 AS returned FROM ({rows}) ARRAY JOIN [{cells}] AS x",
        "group_average": f"SELECT `group`, rest, x.1 AS k, x.3 AS share FROM ({rows}) ARRAY JOIN [{cells}] AS x",
    }
