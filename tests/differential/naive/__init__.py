"""The second opinion: every question answered in the plainest way, one member after the other, from its body alone.

What it answers has the form of the API. It shares nothing with the queries for ClickHouse, so where the two agree on all
data sets, the query says what its question means.
"""

from .attribution import attribution
from .distribution import distribution
from .funnel import funnel
from .interval import interval
from .lifecycle import lifecycle
from .members import members
from .path import path
from .retention import retention
from .rules import preview
from .trend import trend

ANSWERS = {
    "funnel": funnel, "retention": retention, "trend": trend, "path": path, "distribution": distribution,
    "interval": interval, "lifecycle": lifecycle, "attribution": attribution, "preview": preview,
    "members": members,
}
