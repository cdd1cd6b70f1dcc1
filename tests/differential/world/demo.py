"""The demo workspace, as `hearth demo` fills it for today."""

from datetime import datetime, timedelta, timezone

from .words import Words, named


def compared(name, op, value, sql):
    test = {"property": name, "op": op}
    return ({**test, "value": value} if value is not None else test, sql)


def words():
    today = datetime.now(timezone.utc).date()
    monday = today - timedelta(days=today.weekday())
    return Words(
        first=monday - timedelta(weeks=4),
        last=monday,
        view=named("Product Viewed"),
        add=named("Product Added"),
        begin=named("Checkout Started"),
        buy=named("Order Completed"),
        number="revenue",
        text="category",
        text_of_buy="payment",
        nested=("products.0.category", "nullIf(JSONExtractString(p, 'products', 1, 'category'), '')"),
        half=({"property": "price", "op": "gte", "value": 150}, "ifNull(num(p, 'price') >= 150, 0)"),
        trait="city",
        rule=(
            {"all": [{"trait": "city", "op": "in", "value": ["上海", "杭州", "北京"]},
                     {"not": {"event": "Message Posted", "count": {"op": "gte", "value": 10}}}]},
            "SELECT member FROM traits WHERE name = 'city' AND value IN ('上海', '杭州', '北京') AND member NOT IN "
            "(SELECT member FROM events WHERE name = 'Message Posted' GROUP BY member HAVING count() >= 10)",
        ),
        frequent="Message Posted",
        rare="Referral Sent",
        tests=[
            compared("price", "eq", 398, "ifNull(num(p, 'price') = 398, 0)"),
            compared("price", "ne", 398, "ifNull(num(p, 'price') != 398, 0)"),
            compared("price", "gt", 198.5, "ifNull(num(p, 'price') > 198.5, 0)"),
            compared("price", "gte", 198, "ifNull(num(p, 'price') >= 198, 0)"),
            compared("seconds", "lt", 60, "ifNull(num(p, 'seconds') < 60, 0)"),
            compared("seconds", "lte", 60, "ifNull(num(p, 'seconds') <= 60, 0)"),
            compared("category", "eq", "礼盒", "ifNull(txt(p, 'category') = '礼盒', 0)"),
            compared("category", "ne", "礼盒", "ifNull(txt(p, 'category') != '礼盒', 0)"),
            compared("category", "in", ["礼盒", "酒具"], "ifNull(txt(p, 'category') IN ('礼盒', '酒具'), 0)"),
            compared("category", "nin", ["礼盒", "酒具"], "ifNull(txt(p, 'category') NOT IN ('礼盒', '酒具'), 0)"),
            compared("category", "contains", "葡萄酒", "ifNull(position(txt(p, 'category'), '葡萄酒') > 0, 0)"),
            compared("path", "prefix", "/t", "ifNull(startsWith(txt(p, 'path'), '/t'), 0)"),
            compared("path", "iprefix", "/T", "ifNull(startsWith(lowerUTF8(txt(p, 'path')), '/t'), 0)"),
            compared("region", "eq", "", "ifNull(txt(p, 'region') = '', 0)"),
            compared("region", "exists", True, "txt(p, 'region') IS NOT NULL"),
            compared("region", "exists", False, "txt(p, 'region') IS NULL"),
            compared("currency", "ieq", "cny", "ifNull(lowerUTF8(txt(p, 'currency')) = 'cny', 0)"),
            compared("currency", "ine", "cny", "0"),
            compared("products.quantity", "gte", 2,
                     "arrayExists(x -> JSONExtractInt(x, 'quantity') >= 2, JSONExtractArrayRaw(p, 'products'))"),
            compared("products.category", "ne", "红葡萄酒",
                     "notEmpty(JSONExtractArrayRaw(p, 'products')) AND "
                     "arrayAll(x -> JSONExtractString(x, 'category') != '红葡萄酒', JSONExtractArrayRaw(p, 'products'))"),
            compared("products.0.price", "lt", 100, "JSONHas(p, 'products', 1) AND JSONExtractFloat(p, 'products', 1, 'price') < 100"),
        ],
    )
