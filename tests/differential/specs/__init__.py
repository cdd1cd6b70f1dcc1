"""The questions, one file for each kind of them."""

from . import (  # noqa: F401
    attribution, distribution, funnel, funnel_scope, interval, lifecycle, members, path, retention, rules, trend, trend_compared,
)
from .spec import SPECS, Spec

__all__ = ["SPECS", "Spec"]
