"""Asking both sides the same, and telling how they differ."""

import json
import time

import pytest

from answers import KINDS, counted, differences, millis

ATTEMPTS = 3


def both(world, spec, answer_of, who):
    """Fails unless an answer has the numbers of ClickHouse.

    Where something happened meanwhile to which the question may refer, both are asked again.
    """
    for _ in range(ATTEMPTS):
        world.refresh()
        world.words.now = round(time.time() * 1000)
        body, queries = spec.ask(world.words)
        answer = answer_of(body)
        if "as_of" in answer:
            world.words.now = millis(answer["as_of"])
            _, queries = spec.ask(world.words)
        tables = KINDS[spec.kind](answer)
        assert queries.keys() - {"who"} <= tables.keys(), f"{spec} compares what no answer has"
        found = [line for table in tables if table in queries for line in compared(world, table, tables[table], queries[table])]
        if world.seen() == world.version:
            break
    if found:
        shown = "\n".join(found)
        pytest.fail(f"{who} and ClickHouse differ on the data set \"{world.name}\".\n{json.dumps(body, ensure_ascii=False)}\n{shown}", pytrace=False)


def compared(world, table, ours, query):
    theirs = world.rows(query)
    if table == "times":
        theirs = counted([row["value"] for row in theirs], ours)
    lines = differences(ours, theirs)
    return [f"{table}:", *lines, f"  theirs: {query}"] if lines else []


def whole(api, spec, body):
    """The answer of the API; where it comes in pages, all of them."""
    answer = api.post(spec.path, body)
    page = answer
    while page.get("next"):
        page = api.post(spec.path, {**body, "cursor": page["next"]})
        answer["items"] += page["items"]
    return answer
