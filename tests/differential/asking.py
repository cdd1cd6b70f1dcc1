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
        found = [line for table, query in queries.items() for line in compared(world, spec, table, query, answer)]
        if world.seen() == world.version:
            break
    if found:
        shown = "\n".join(found)
        pytest.fail(f"{who} and ClickHouse differ on the data set \"{world.name}\".\n{json.dumps(body, ensure_ascii=False)}\n{shown}", pytrace=False)


def compared(world, spec, table, query, answer):
    ours, theirs = KINDS[spec.kind](answer)[table], world.rows(query)
    if table == "times":
        theirs = counted([row["value"] for row in theirs], ours)
    lines = differences(ours, theirs)
    return [f"{table}:", *lines, f"  theirs: {query}"] if lines else []
