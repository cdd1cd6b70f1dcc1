"""Asking both sides the same, and telling how they differ."""

import json
import time

import pytest
from support.api import UnexpectedAnswer

from answers import KINDS, counted, differences, millis

ATTEMPTS = 3
# What has been acknowledged is in answers within a second; a laden machine may take longer when it has just been given all.
SETTLED_SECONDS = 20


def both(world, spec, answer_of, who):
    """Fails unless an answer has the numbers of ClickHouse."""
    attempts = 0
    while True:
        attempts += 1
        body, is_answered, found = asked(world, spec, answer_of)
        # Where something happened meanwhile to which the question may refer, both are asked again.
        is_stale = world.seen() != world.version and attempts < ATTEMPTS
        is_young = found and is_answered and time.monotonic() - world.filled_at < SETTLED_SECONDS
        if not is_stale and not is_young:
            break
    if found:
        shown = "\n".join([json.dumps(body, ensure_ascii=False), *found])
        pytest.fail(f'{who} and ClickHouse differ on the data set "{world.name}".\n{spec.path} {shown}', pytrace=False)


def asked(world, spec, answer_of):
    """The body, whether there is an answer, and how it differs."""
    world.refresh()
    world.words.now = round(time.time() * 1000)
    body, queries = spec.ask(world.words)
    try:
        answer = answer_of(body)
    except UnexpectedAnswer as failure:
        return body, False, [str(failure)]
    if "as_of" in answer:
        world.words.now = millis(answer["as_of"])
        _, queries = spec.ask(world.words)
    tables = KINDS[spec.kind](answer)
    assert queries.keys() - {"who"} <= tables.keys(), f"{spec} compares what no answer has"
    return body, True, [line for table in tables if table in queries for line in compared(world, table, tables[table], queries[table])]


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
