"""Hearth's answers equal ClickHouse's: every question on every data set."""

import pytest
from support.waiting import wait_until

from asking import both, whole
from specs import SPECS

SEEN_SECONDS = 60


@pytest.mark.parametrize("spec", SPECS, ids=str)
def test_our_answer_equals_clickhouses(world, spec):
    both(world, spec, lambda body: whole(world.api, spec, body), "Hearth")


def test_the_engine_has_taken_in_every_event(world):
    def has_all():
        standing = world.api.get("/api/v1/insight/standing")
        [(stored,)] = world.hearth.query("SELECT COUNT(*) FROM events")
        return standing["behind"] == 0 and standing["events"] == stored

    wait_until(has_all, SEEN_SECONDS, "the engine's taking in all events")


def test_there_are_enough_questions():
    assert len(SPECS) >= 60 and len({str(spec) for spec in SPECS}) == len(SPECS)
