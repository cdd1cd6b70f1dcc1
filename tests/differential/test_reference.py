"""The queries for ClickHouse say what they mean: the plainest computation of each question agrees with them."""

import pytest

from asking import both
from naive import ANSWERS
from specs import SPECS


@pytest.mark.parametrize("spec", SPECS, ids=str)
def test_clickhouse_agrees_with_the_plainest_computation(world, spec):
    both(world, spec, lambda body: ANSWERS[spec.kind](world, body), "the plain computation")
