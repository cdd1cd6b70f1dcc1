"""Comparisons of properties and traits."""


def values_at(holder, name):
    """The values at a name, or at a path with dots, which may lead through lists to several."""
    if isinstance(holder, dict):
        if name in holder:
            return [] if holder[name] is None else [holder[name]]
        head, dot, rest = name.partition(".")
        return values_at(holder[head], rest) if dot and head in holder else []
    if isinstance(holder, list):
        head, dot, rest = name.partition(".")
        if head.isdigit() and int(head) < len(holder):
            element = holder[int(head)]
            if dot:
                return values_at(element, rest)
            return [] if element is None else [element]
        return [value for element in holder if isinstance(element, dict) for value in values_at(element, name)]
    return []


def passes(holder, test, subject="property"):
    """Whether what stands at a name passes a test; what is not there passes nothing but that it does not exist."""
    op, wanted = test.get("op", "eq"), test.get("value")
    values = values_at(holder, test[subject])
    if op == "exists":
        return bool(values) == (wanted is not False)
    each = [holds(op, value, wanted) for value in values]
    if op in ("ne", "nin", "ine", "inin"):
        return bool(each) and all(each)
    return any(each)


def holds(op, value, wanted):
    if op in ("ieq", "ine", "iin", "inin", "icontains", "iprefix"):
        return holds(op[1:], lower(value), lower(wanted))
    if op == "eq":
        return equal(value, wanted)
    if op == "ne":
        return not equal(value, wanted)
    if op == "in":
        return any(equal(value, one) for one in wanted)
    if op == "nin":
        return not any(equal(value, one) for one in wanted)
    if op == "contains":
        if isinstance(value, list):
            return any(equal(one, wanted) for one in value)
        return isinstance(value, str) and isinstance(wanted, str) and wanted in value
    if op == "prefix":
        return isinstance(value, str) and value.startswith(wanted)
    if not (is_number(value) and is_number(wanted)) and not (isinstance(value, str) and isinstance(wanted, str)):
        return False
    return {"gt": value > wanted, "gte": value >= wanted, "lt": value < wanted, "lte": value <= wanted}[op]


def equal(one, other):
    return isinstance(one, bool) == isinstance(other, bool) and one == other


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def lower(value):
    if isinstance(value, str):
        return value.lower()
    return [lower(one) for one in value] if isinstance(value, list) else value


def number(holder, name):
    """The number at a name, or None."""
    values = values_at(holder, name)
    return values[0] if values and is_number(values[0]) else None


def text(holder, name):
    """The value at a name as the text by which is broken down, or None."""
    value = (values_at(holder, name) or [None])[0]
    if isinstance(value, bool):
        return "true" if value else "false"
    if is_number(value):
        return str(int(value)) if value == int(value) else repr(float(value))
    return value if isinstance(value, str) else None


def picks(filter, event):
    """Whether an event is one of those that a filter means."""
    if filter.get("event") not in (None, event.name):
        return False
    return all(passes(event.properties, test) for test in filter.get("where") or [])
