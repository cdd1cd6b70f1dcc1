"""Ways that members take. Events of one moment stand in the order of their ids."""

from world.words import quoted

from .spec import question


class Ways:
    """The pieces of SQL of one question."""

    def __init__(self, scope, depth, collapse=True, anchor=None, side="after", only="1", where="1"):
        self.depth = depth
        self.backwards = side == "before"
        names = "arrayMap(x -> x.3, arraySort(groupArray((t, id, name))))"
        history = f"SELECT member, {names} AS names FROM events WHERE {scope.sql} AND {only} AND {where} GROUP BY member"
        if anchor:
            first = f"indexOf(names, {quoted(anchor)})"
            part = f"arrayReverse(arraySlice(names, 1, {first}))" if self.backwards else f"arraySlice(names, {first})"
            history = f"SELECT member, {part} AS names FROM ({history}) WHERE has(names, {quoted(anchor)})"
        followed = "arrayCompact(names)" if collapse else "names"
        # From the anchor on, or backwards from it.
        self.ways = f"SELECT member, arraySlice({followed}, 1, {depth}) AS way FROM ({history})"

    def labelled(self, top):
        """Ways with the names that each step keeps; the others are empty texts."""
        kept = (
            f"SELECT groupArray((step, name)) FROM (SELECT step, name FROM ({self.ways}) ARRAY JOIN way AS name, arrayEnumerate(way) AS step "
            f"GROUP BY step, name ORDER BY step, count() DESC, name LIMIT {top} BY step)"
        )
        label = f"arrayMap((name, step) -> if(has(({kept}), (step, name)), name, ''), way, arrayEnumerate(way))"
        return f"SELECT member, {label} AS way FROM ({self.ways})"

    def tables(self, top=10):
        label = self.labelled(top)
        in_time = "arrayReverse(way)" if self.backwards else "way"
        steps = f"range(1, least(toUInt32(length(way)), {self.depth - 1}) + 1)"
        following = f"arrayMap(i -> (i, way[i], if(i = length(way), '\\0', way[i + 1])), {steps})"
        return {
            "members": f"SELECT count() AS members FROM ({self.ways})",
            "nodes": "SELECT step, nullIf(name, '') AS event, name = '' AS rest, uniqExact(member) AS members FROM "
            f"({label}) ARRAY JOIN way AS name, arrayEnumerate(way) AS step GROUP BY step, name",
            "links": "SELECT x.1 AS step, nullIf(x.2, '') AS `from`, x.2 = '' AS from_rest, if(x.3 IN ('', '\\0'), NULL, x.3) AS `to`, "
            f"x.3 = '' AS to_rest, x.3 = '\\0' AS exit, count() AS members FROM (SELECT arrayJoin({following}) AS x FROM ({label})) GROUP BY x",
            "ways": f"SELECT {in_time} AS events, length(way) < {self.depth} AS ended, count() AS members FROM ({self.ways}) "
            "GROUP BY events, ended, way ORDER BY members DESC, events LIMIT 50",
        }


def asked(scope, depth, **more):
    return {"anchor": None, "depth": depth, "collapse": True, "only": None, "without": [], "top": 100, **more, **scope.body}


@question("path")
def from_the_first_event(w):
    scope = w.whole()
    return asked(scope, 5), Ways(scope, 5).tables(100)


@question("path")
def without_collapsing_in_a_range_that_cuts(w):
    scope = w.cut()
    return asked(scope, 3, collapse=False), Ways(scope, 3, collapse=False).tables(100)


@question("path")
def after_an_event(w):
    scope = w.whole()
    anchor = {"event": w.add.event, "side": "after"}
    return asked(scope, 4, anchor=anchor), Ways(scope, 4, anchor=w.add.event).tables(100)


@question("path")
def before_an_event(w):
    scope = w.whole()
    anchor = {"event": w.buy.event, "side": "before"}
    return asked(scope, 4, anchor=anchor, collapse=False), Ways(scope, 4, False, w.buy.event, "before").tables(100)


@question("path")
def of_some_names_only(w):
    scope = w.weeks(0, 3)
    names = sorted({w.view.event, w.buy.event, w.frequent})
    only = f"name IN ({', '.join(map(quoted, names))})"
    return asked(scope, 6, only=names), Ways(scope, 6, only=only).tables(100)


@question("path")
def without_some_names(w):
    scope = w.whole()
    names = [w.frequent, w.rare]
    without = f"name NOT IN ({', '.join(map(quoted, names))})"
    return asked(scope, 12, without=names), Ways(scope, 12, only=without).tables(100)


@question("path")
def the_most_frequent_of_each_step_and_the_rest(w):
    scope = w.whole()
    return asked(scope, 3, top=3), Ways(scope, 3).tables(3)


@question("path")
def of_a_segment_with_a_filter(w):
    scope = w.whole()
    test, sql = w.half
    where = f"member IN (SELECT member FROM insiders WHERE of = '{w.segment}') AND ({sql})"
    return asked(scope, 2, segment=w.segment, where=[test], collapse=False), Ways(scope, 2, collapse=False, where=where).tables(100)


@question("path")
def when_nothing_happened(w):
    scope = w.empty()
    return asked(scope, 5), Ways(scope, 5).tables(100)
