"""Hearth's answers equal ClickHouse's: every question on every data set."""

import pytest

from asking import both, whole
from specs import SPECS


@pytest.mark.parametrize("spec", SPECS, ids=str)
def test_our_answer_equals_clickhouses(request, world, spec):
    # What segments ask has been answered by the state database ever since; everything else by the engine.
    asked = world if spec.kind == "preview" else request.getfixturevalue("answering")
    both(asked, spec, lambda body: whole(world.api, spec, body), "Hearth")


def test_there_are_enough_questions():
    assert len(SPECS) >= 60 and len({str(spec) for spec in SPECS}) == len(SPECS)
