"""Ways that members take."""

from collections import Counter

from .scope import Scope


def path(world, body):
    scope = Scope(world, body)
    depth, anchor = body["depth"], body["anchor"]
    backwards = bool(anchor) and anchor["side"] == "before"
    ways = Counter()
    for history in scope.within().values():
        names = [event.name for event in history if counts(body, event.name)]
        if anchor:
            if anchor["event"] not in names:
                continue
            first = names.index(anchor["event"])
            names = names[first::-1] if backwards else names[first:]
        if body["collapse"]:
            names = [name for place, name in enumerate(names) if place == 0 or name != names[place - 1]]
        if names:
            ways[tuple(names[:depth])] += 1
    nodes, links = steps(ways, depth, body["top"])
    most = sorted(((way[::-1] if backwards else way, way, members) for way, members in ways.items()), key=lambda row: (-row[2], row[0]))
    told = [{"events": list(events), "ended": len(way) < depth, "members": members} for events, way, members in most[:50]]
    return {"members": sum(ways.values()), "nodes": nodes, "links": links, "ways": told}


def counts(body, name):
    return (body["only"] is None or name in body["only"]) and name not in (body["without"] or [])


def steps(ways, depth, top):
    kept = []
    for step in range(depth):
        names = Counter()
        for way, members in ways.items():
            if len(way) > step:
                names[way[step]] += members
        kept.append(set(sorted(names, key=lambda name: (-names[name], name))[:top]))
    nodes, links = Counter(), Counter()
    for way, members in ways.items():
        shown = [name if name in kept[step] else None for step, name in enumerate(way)]
        for step, name in enumerate(shown):
            nodes[step + 1, name] += members
            if step + 1 < len(shown):
                links[step + 1, name, shown[step + 1], False] += members
            elif step + 1 < depth:
                links[step + 1, name, None, True] += members
    return (
        [{"step": step, "event": name, "rest": name is None, "members": members} for (step, name), members in nodes.items()],
        [{"step": step, "from": start, "to": end, "exit": leaves, "members": members} for (step, start, end, leaves), members in links.items()],
    )
