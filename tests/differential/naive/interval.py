"""From one event to the next of another kind."""

from .comparison import picks
from .funnel import spread
from .scope import Scope, length, mean, percentile, seconds


def interval(world, body):
    scope = Scope(world, body)
    gaps, members = [], set()
    for member, history in scope.within().items():
        for place, event in enumerate(history):
            if not picks(body["first"], event):
                continue
            for later in history[place + 1 :]:
                if picks(body["then"], later):
                    gap = later.t - event.t
                    if not body["within"] or gap <= length(body["within"]):
                        gaps.append(gap)
                        members.add(member)
                    break
                if picks(body["first"], later):
                    break
    return {
        "pairs": len(gaps), "members": len(members), "mean_seconds": seconds(mean(gaps)), "median_seconds": seconds(percentile(gaps, 50)),
        "p90_seconds": seconds(percentile(gaps, 90)), "buckets": spread(gaps, "pairs"),
    }
