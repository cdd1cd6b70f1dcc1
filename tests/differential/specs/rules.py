"""The grammar of segments over history: how many members a rule holds for at this moment."""

from datetime import datetime, timedelta, timezone

from world.words import quoted

from .spec import DAY, HOUR, question


def ago(w, days):
    """The moment so many days before now by the clock of the workspace, in milliseconds; what lies in the window is later."""
    return f"toUnixTimestamp64Milli(subtractDays(fromUnixTimestamp64Milli(toInt64({w.now}), '{w.zone}'), {days}))"


def days_since(w, weeks):
    """How many days ago a moment in the data is."""
    then = datetime(w.first.year, w.first.month, w.first.day, tzinfo=timezone.utc) + timedelta(weeks=weeks)
    return (datetime.fromtimestamp(w.now / 1000, timezone.utc) - then).days


def holds(rule, members):
    return {"rule": rule}, {"size": f"SELECT count() AS size FROM members WHERE member IN ({members})"}


def of_events(events, having, extra="1"):
    return f"SELECT member FROM events WHERE {events.sql} AND {extra} GROUP BY member HAVING {having}"


@question("preview")
def at_least_three_times(w):
    rule = {**w.view.body, "count": {"op": "gte", "value": 3}}
    return holds(rule, of_events(w.view, "count() >= 3"))


@question("preview")
def twice_in_a_window(w):
    days = days_since(w, 2)
    rule = {**w.view.body, "count": {"op": "gte", "value": 2}, "within": f"P{days}D"}
    return holds(rule, of_events(w.view, "count() >= 2", f"t > {ago(w, days)} AND t <= {w.now}"))


@question("preview")
def a_sum_and_a_largest_value(w):
    number = f"num(p, '{w.number}')"
    rule = {"all": [
        {**w.buy.body, "sum": {"property": w.number, "op": "gt", "value": 100.00537}},
        {**w.buy.body, "max": {"property": w.number, "op": "gte", "value": 60}},
    ]}
    return holds(rule, of_events(w.buy, f"sum({number}) > 100.00537 AND max({number}) >= 60"))


@question("preview")
def a_mean_or_a_smallest_value_in_a_window(w):
    days, number = days_since(w, 1), f"num(p, '{w.number}')"
    window = {"within": f"P{days}D"}
    rule = {"any": [
        {**w.buy.body, "avg": {"property": w.number, "op": "lt", "value": 40.00731}, **window},
        {**w.buy.body, "min": {"property": w.number, "op": "gte", "value": 90}, **window},
    ]}
    having = f"ifNull(avg({number}) < 40.00731, 0) OR ifNull(min({number}) >= 90, 0)"
    return holds(rule, of_events(w.buy, having, f"t > {ago(w, days)} AND t <= {w.now}"))


@question("preview")
def one_thing_and_not_the_other(w):
    rule = {"all": [{**w.view.body}, {"not": {**w.buy.body, "count": {"op": "gte", "value": 1}}}]}
    return holds(rule, f"{of_events(w.view, 'count() > 0')} AND member NOT IN (SELECT member FROM events WHERE {w.buy.sql})")


@question("preview")
def nothing_at_all(w):
    rule = {"not": {**w.view.body, "count": {"op": "gte", "value": 1}}}
    return holds(rule, f"SELECT member FROM members WHERE member NOT IN (SELECT member FROM events WHERE {w.view.sql})")


@question("preview")
def a_sequence_within_a_week(w):
    """The last comes less than a week after the first."""
    steps = [w.view, w.add, w.begin]
    rule = {"sequence": [step.body for step in steps], "within": "P7D"}
    conditions = ", ".join(step.sql for step in steps)
    if w.zone != "UTC":
        # Days are those of the workspace's calendar; there is no change of clocks in Shanghai.
        assert w.zone == "Asia/Shanghai"
    query = f"SELECT member FROM events GROUP BY member HAVING windowFunnel({7 * DAY - 1})(toUInt64(t), {conditions}) = 3"
    return holds(rule, query)


@question("preview")
def a_sequence_of_one_kind_of_event(w):
    rule = {"sequence": [w.buy.body] * 3, "within": "PT100H"}
    return holds(rule, f"SELECT member FROM events WHERE {w.buy.sql} GROUP BY member "
                       f"HAVING windowFunnel({100 * HOUR - 1}, 'strict_once')(toUInt64(t), 1, 1, 1) = 3")


@question("preview")
def a_sequence_at_any_distance(w):
    rule = {"sequence": [w.add.body, w.buy.body]}
    return holds(rule, f"SELECT member FROM events GROUP BY member HAVING minIf(t, {w.add.sql}) <= maxIf(t, {w.buy.sql}) "
                       f"AND countIf({w.add.sql}) > 0 AND countIf({w.buy.sql}) > 0")


@question("preview")
def different_values(w):
    rule = {**w.buy.body, "distinct": {"property": w.text_of_buy, "op": "gte", "value": 2}}
    return holds(rule, of_events(w.buy, f"uniqExact(val(p, '{w.text_of_buy}')) >= 2"))


@question("preview")
def been_so_for_some_weeks(w):
    days = days_since(w, 2)
    rule = {"been": {**w.view.body, "count": {"op": "gte", "value": 1}}, "for": f"P{days}D"}
    return holds(rule, of_events(w.view, f"min(t) <= {ago(w, days)}"))


@question("preview")
def events_that_pass_a_filter(w):
    test, sql = w.half
    rule = {"event": w.view.event, "where": [*w.view.where, test], "count": {"op": "lte", "value": 2}}
    return holds(rule, f"SELECT member FROM members WHERE member NOT IN ({of_events(w.view, 'count() > 2', f'({sql})')})")


@question("preview")
def a_segment_and_a_group(w):
    rule = {"all": [{"segment": w.segment}, {"not": {"group": w.group}}]}
    insiders = "SELECT member FROM insiders WHERE of = '{}'".format
    return holds(rule, f"{insiders(w.segment)} AND member NOT IN ({insiders(w.group)})")


@question("preview")
def the_rule_of_the_data_set(w):
    rule, members = w.rule
    return holds(rule, members)


@question("preview")
def what_is_rare(w):
    rule = {"event": w.rare, "count": {"op": "gte", "value": 1}}
    return holds(rule, f"SELECT member FROM events WHERE name = {quoted(w.rare)}")
