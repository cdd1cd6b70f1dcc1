"""How many are behind a number: the number itself, from the plain answer to its question."""

from .distribution import distribution
from .funnel import funnel
from .lifecycle import lifecycle
from .path import path
from .retention import retention
from .trend import trend


def members(world, body):
    question, point = body["question"], body["point"]
    return {"total": NUMBERS[body["kind"]](world, question, point)}


def in_funnel(world, question, point):
    answer = funnel(world, question)
    if "group" in point:
        answer = next(group for group in answer["groups"] if group["key"] == point["group"] and not group["rest"])
    reached = [step["members"] for step in answer["steps"]]
    here = reached[point["step"] - 1]
    return here if point["reached"] else reached[point["step"] - 2] - here


def in_retention(world, question, point):
    cohort = next(cohort for cohort in retention(world, question)["cohorts"] if cohort["start"] == point["cohort"])
    returned = cohort["returned"][point["period"]]
    return returned if point["returned"] else cohort["size"] - returned


def in_trend(world, question, point):
    series = next(series for series in trend(world, question)["series"] if series["name"] == point["series"])
    return next(each["value"] for each in series["points"] if each["t"] == point["t"])


def in_lifecycle(world, question, point):
    return next(each[point["state"]] for each in lifecycle(world, question)["points"] if each["t"] == point["t"])


def in_distribution(world, question, point):
    return distribution(world, question)["buckets"][point["bucket"]]["members"]


def in_path(world, question, point):
    nodes = path(world, question)["nodes"]
    return sum(node["members"] for node in nodes if (node["step"], node["event"]) == (point["step"], point["event"]))


NUMBERS = {
    "funnel": in_funnel, "retention": in_retention, "trend": in_trend, "lifecycle": in_lifecycle, "distribution": in_distribution, "path": in_path,
}
