"""Made-up histories with everything that is awkward: a few members with very much, many events in one millisecond, moments
on the edges of days, weeks, windows and ranges, late arrivals, and properties of every type or none."""

import random
from datetime import date, datetime, timedelta, timezone

from .words import Words, named

SEED = 20260216
MEMBERS = 320
# A Monday, and eight weeks later. New York turns its clocks on 8 March, Berlin on 29 March.
FIRST, LAST = date(2026, 2, 16), date(2026, 4, 13)
NAMES = ["Product Viewed", "Product Added", "Checkout Started", "Order Completed", "阅读文章", "Search Made", "Coupon 领取", "Rare Thing"]
WEIGHTS = [40, 16, 9, 8, 14, 8, 4, 0.4]
CATEGORIES = [
    "红葡萄酒", "白葡萄酒", "起泡酒", "Zubehör", "gift", "Gift", "礼盒", "cork's", 'say "cheers"', "a\\b", "清酒",
    "beer", "tea", "cider", "mead",
]
CITIES = ["上海", "Berlin", "New York", "杭州"]
MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000


def fill(tracker):
    """Sends everything in."""
    items = generated()
    for begin in range(0, len(items), 400):
        tracker.batch(items[begin : begin + 400])


def generated():
    """The calls of the tracking API, in an order that is not that of time."""
    chance = random.Random(SEED)
    items = []
    for member in range(MEMBERS):
        items += history(chance, member)
    chance.shuffle(items)
    # Who somebody is may become known before or after what he did; traits are told once.
    told = [item for item in items if item["type"] == "identify"]
    return [item for item in items if item["type"] != "identify"] + told


def history(chance, member):
    """All that one member did."""
    how_many = 900 if member < 4 else int(chance.paretovariate(1.1) * 14) % 180
    times = [moment(chance) for _ in range(how_many)]
    if member % 5 == 0:
        times += bursts(chance)
    # About half of them are first met without a name; most are known by it later.
    device, user = f"device-{member}", f"user-{member}"
    items = []
    for at in times:
        who = {"anonymousId": device} if member % 2 and chance.random() < 0.4 else {"userId": user}
        [name] = chance.choices(NAMES, WEIGHTS)
        items.append({**who, "type": "track", "event": name, "timestamp": text(at), "properties": properties(chance, name)})
    if member % 3 == 0:
        items += chain(chance, user)
    if member % 4 == 0:
        moved = {"userId": user, "type": "track", "event": "Group Joined", "properties": {"group_id": "club"}}
        items.append({**moved, "timestamp": text(moment(chance))})
    if member % 8:
        traits = {"city": chance.choice(CITIES), "vip": member % 3 == 0, "level": member % 5}
        who = {"userId": user, **({"anonymousId": device} if member % 7 else {})}
        items.append({**who, "type": "identify", "traits": traits, "timestamp": text(moment(chance))})
    return items


def midnight_of_first():
    return int(datetime(FIRST.year, FIRST.month, FIRST.day, tzinfo=timezone.utc).timestamp()) * 1000


def moment(chance):
    """A moment within the time; every fourth on the full hour, so that many coincide, and some an instant before it."""
    length = (LAST - FIRST).days * DAY
    at = midnight_of_first() + chance.randrange(length)
    kind = chance.random()
    if kind < 0.2:
        return at - at % HOUR
    if kind < 0.25:
        return at - at % HOUR - 1 + (HOUR if at - at % HOUR == midnight_of_first() else 0)
    if kind < 0.3:
        # Midnight in Shanghai, Berlin or New York.
        return at - at % DAY + chance.choice([16, 22, 23, 4, 5]) * HOUR
    return at


def bursts(chance):
    """Many events of one millisecond."""
    return [at for at in [moment(chance), moment(chance)] for _ in range(chance.randrange(2, 30))]


def chain(chance, user):
    """The steps of a purchase at distances on the edges of windows, to the millisecond."""
    at = midnight_of_first() + chance.randrange(40) * DAY + chance.randrange(24) * HOUR
    for place, name in enumerate(NAMES[:4]):
        distance = chance.choice([0, 0, 1, 30_000, HOUR, HOUR + 1, DAY, 7 * DAY - 1, 7 * DAY, 7 * DAY + 1])
        at += distance if place else 0
        if at < midnight_of_first() + (LAST - FIRST).days * DAY:
            yield {"userId": user, "type": "track", "event": name, "timestamp": text(at), "properties": properties(chance, name)}


def properties(chance, name):
    """Any type, or none, under the same names."""
    found = {}
    if chance.random() < 0.9:
        found["category"] = CATEGORIES[min(int(chance.expovariate(0.35)), len(CATEGORIES) - 1)]
    if chance.random() < 0.05:
        found["category"] = None
    if name in ("Order Completed", "Checkout Started", "Product Added"):
        if chance.random() < 0.93:
            found["price"] = chance.choice([round(chance.uniform(-5, 300), 2), chance.randrange(0, 400), 0, 99, 99.5])
        elif chance.random() < 0.5:
            found["price"] = chance.choice(["99", "free", True, None, [99], {"amount": 99}])
        found["payment"] = chance.choice(["支付宝", "PayPal", "card", "CARD", ""])
        found["products"] = [
            {"sku": f"w-{chance.randrange(9)}", "quantity": chance.randrange(1, 4)} for _ in range(chance.randrange(0, 4))
        ]
    if chance.random() < 0.5:
        found["score"] = chance.choice([1, 2, 3.5, "2", "high", "High", True, False, [1, 2], {"of": 2}, None])
    if chance.random() < 0.6:
        found["shipping"] = {"city": chance.choice(CITIES), "days": chance.randrange(1, 9)}
    if chance.random() < 0.3:
        found["utm.source"] = chance.choice(["poster", "wechat", "Poster"])
    if chance.random() < 0.2:
        found["gift"] = chance.random() < 0.5
    if chance.random() < 0.2:
        found["labels"] = chance.sample(["new", "old", "New", "滞销", 7], chance.randrange(0, 4))
    return found


def text(at):
    seconds, millis = divmod(at, 1000)
    moment = datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(seconds=seconds, milliseconds=millis)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def compared(name, op, value, sql):
    test = {"property": name, "op": op}
    return ({**test, "value": value} if value is not None else test, sql)


WORDS = Words(
    first=FIRST,
    last=LAST,
    view=named("Product Viewed"),
    add=named("Product Added"),
    begin=named("Checkout Started"),
    buy=named("Order Completed"),
    number="price",
    text="category",
    text_of_buy="payment",
    nested=("shipping.city", "val(JSONExtractRaw(p, 'shipping'), 'city')"),
    half=({"property": "shipping.days", "op": "lte", "value": 5}, "ifNull(num(JSONExtractRaw(p, 'shipping'), 'days') <= 5, 0)"),
    trait="city",
    rule=(
        {"any": [{"trait": "city", "op": "eq", "value": "上海"}, {"event": "Coupon 领取", "count": {"op": "gte", "value": 4}}]},
        "SELECT member FROM traits WHERE name = 'city' AND value = '上海' UNION DISTINCT "
        "SELECT member FROM events WHERE name = 'Coupon 领取' GROUP BY member HAVING count() >= 4",
    ),
    frequent="阅读文章",
    rare="Rare Thing",
    tests=[
        compared("price", "eq", 99, "ifNull(num(p, 'price') = 99, 0)"),
        compared("price", "ne", 99, "JSONType(p, 'price') != 'Null' AND ifNull(num(p, 'price') != 99, 1)"),
        compared("price", "gt", 99.5, "ifNull(num(p, 'price') > 99.5, 0)"),
        compared("price", "gte", 99.5, "ifNull(num(p, 'price') >= 99.5, 0)"),
        compared("price", "lt", 0, "ifNull(num(p, 'price') < 0, 0)"),
        compared("price", "lte", 0, "ifNull(num(p, 'price') <= 0, 0)"),
        compared("category", "eq", "红葡萄酒", "ifNull(txt(p, 'category') = '红葡萄酒', 0)"),
        compared("category", "ieq", "GIFT", "ifNull(lowerUTF8(txt(p, 'category')) = 'gift', 0)"),
        compared("category", "in", ["gift", "cork's", 'say "cheers"', "a\\b"],
                 "ifNull(txt(p, 'category') IN ('gift', 'cork\\'s', 'say \"cheers\"', 'a\\\\b'), 0)"),
        compared("category", "nin", ["gift", "红葡萄酒"], "ifNull(txt(p, 'category') NOT IN ('gift', '红葡萄酒'), 0)"),
        compared("category", "contains", "葡萄", "ifNull(position(txt(p, 'category'), '葡萄') > 0, 0)"),
        compared("category", "icontains", "BEHÖR", "ifNull(position(lowerUTF8(txt(p, 'category')), 'behör') > 0, 0)"),
        compared("category", "prefix", "白", "ifNull(startsWith(txt(p, 'category'), '白'), 0)"),
        compared("category", "gt", "gift", "ifNull(txt(p, 'category') > 'gift', 0)"),
        compared("category", "exists", True, "JSONHas(p, 'category') AND JSONType(p, 'category') != 'Null'"),
        compared("category", "exists", False, "NOT (JSONHas(p, 'category') AND JSONType(p, 'category') != 'Null')"),
        compared("score", "eq", 2, "ifNull(num(p, 'score') = 2, 0)"),
        compared("score", "eq", "2", "ifNull(txt(p, 'score') = '2', 0)"),
        compared("score", "eq", True, "JSONType(p, 'score') = 'Bool' AND JSONExtractBool(p, 'score')"),
        compared("score", "ne", 2, "JSONType(p, 'score') != 'Null' AND ifNull(num(p, 'score') != 2, 1)"),
        compared("score", "in", [1, "high", False],
                 "ifNull(num(p, 'score') = 1, 0) OR ifNull(txt(p, 'score') = 'high', 0) "
                 "OR (JSONType(p, 'score') = 'Bool' AND NOT JSONExtractBool(p, 'score'))"),
        compared("shipping.city", "eq", "上海", "ifNull(JSONExtractString(p, 'shipping', 'city') = '上海', 0)"),
        compared("utm.source", "ieq", "poster", "ifNull(lowerUTF8(txt(p, 'utm.source')) = 'poster', 0)"),
        compared("products.sku", "eq", "w-3", "arrayExists(x -> JSONExtractString(x, 'sku') = 'w-3', JSONExtractArrayRaw(p, 'products'))"),
        compared("products.quantity", "ne", 2,
                 "notEmpty(JSONExtractArrayRaw(p, 'products')) "
                 "AND arrayAll(x -> JSONExtractInt(x, 'quantity') != 2, JSONExtractArrayRaw(p, 'products'))"),
        compared("products.0.quantity", "gte", 3, "JSONExtractInt(p, 'products', 1, 'quantity') >= 3"),
        compared("labels", "contains", "new", "arrayExists(x -> x = '\"new\"', JSONExtractArrayRaw(p, 'labels'))"),
        compared("labels", "contains", 7, "arrayExists(x -> x = '7', JSONExtractArrayRaw(p, 'labels'))"),
        compared("gift", "eq", False, "JSONType(p, 'gift') = 'Bool' AND NOT JSONExtractBool(p, 'gift')"),
        compared("category", "iprefix", "SAY", "ifNull(startsWith(lowerUTF8(txt(p, 'category')), 'say'), 0)"),
        compared("category", "ine", "GIFT", "ifNull(lowerUTF8(txt(p, 'category')) != 'gift', 0)"),
        compared("payment", "iin", ["CARD", "paypal"], "ifNull(lowerUTF8(txt(p, 'payment')) IN ('card', 'paypal'), 0)"),
        compared("payment", "inin", ["card"], "ifNull(lowerUTF8(txt(p, 'payment')) != 'card', 0)"),
        compared("payment", "eq", "", "ifNull(txt(p, 'payment') = '', 0)"),
    ],
)


def words():
    return WORDS


