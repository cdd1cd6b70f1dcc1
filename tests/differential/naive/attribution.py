"""What came before a conversion."""

from .comparison import number, picks, text
from .scope import Scope, length


def attribution(world, body):
    scope = Scope(world, body)
    conversion, within = body["conversion"], length(body["within"])
    total, lost, keys = [0, 0], [0, 0], {}
    for history in scope.histories.values():
        for place, event in enumerate(history):
            if not (scope.start <= event.t < scope.end and picks(conversion, event)):
                continue
            value = (number(event.properties, conversion["value"]) or 0) if conversion["value"] else 0
            add(total, 1, value)
            touches = [touch for touch in history[:place] if touch.t >= event.t - within and is_touch(body, touch)]
            if not touches:
                add(lost, 1, value)
                continue
            for touch, weight in zip(touches, weights(body, touches, event)):
                key = text(touch.properties, body["touch_by"]) if body.get("touch_by") else touch.name
                add(keys.setdefault(key, [0, 0]), weight, weight * value)
    told = [{"key": key, "conversions": sums[0], "value": sums[1], "share": sums[0] / total[0]} for key, sums in keys.items() if sums[0]]
    return {"conversions": total[0], "value": total[1], "touches": told, "unattributed": {"conversions": lost[0], "value": lost[1]}}


def add(sums, conversions, value):
    sums[0] += conversions
    sums[1] += value


def is_touch(body, event):
    if body["touches"] is None:
        return text(event.properties, body["touch_by"]) is not None
    return any(picks(filter, event) for filter in body["touches"])


def weights(body, touches, conversion):
    n = len(touches)
    if body["model"] == "first":
        return [1] + [0] * (n - 1)
    if body["model"] == "last":
        return [0] * (n - 1) + [1]
    if body["model"] == "linear":
        return [1 / n] * n
    if body["model"] == "position":
        return [1] if n == 1 else [0.5, 0.5] if n == 2 else [0.4] + [0.2 / (n - 2)] * (n - 2) + [0.4]
    raw = [2 ** (-(conversion.t - touch.t) / length(body["half_life"])) for touch in touches]
    return [one / sum(raw) for one in raw]
