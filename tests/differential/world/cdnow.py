"""Eighteen months of a real shop (testdata/cdnow), with traits and a group for some of its customers."""

import gzip
from datetime import date
from pathlib import Path

from .words import Filter, Words

ROOT = Path(__file__).resolve().parents[3]
MAP = (
    "event==Order Completed; user_id=customer_id; timestamp=date; timestamp_format=%Y%m%d; delimiter=whitespace; "
    "properties.quantity=number_of_cds:number; properties.revenue=dollar_value:number"
)
AFTERWARDS = "1998-07-20T12:00:00.000Z"


def fill(hearth, tracker, directory):
    """Imports the purchases, and tells of some customers where they live and which of them are in the club."""
    file = directory / "CDNOW_master.txt"
    with gzip.open(ROOT / "testdata" / "cdnow" / "CDNOW_master.txt.gz") as packed:
        file.write_bytes(packed.read())
    hearth.run("import", "events", file, "--map", MAP)
    told = {"timestamp": AFTERWARDS}
    items = []
    for customer in range(1, 6000, 2):
        who = {"userId": f"{customer:05}", **told}
        items.append({**who, "type": "identify", "traits": {"city": ["Boston", "Lima", "上海", "Lima"][customer % 4]}})
        if customer % 3 == 0:
            items.append({**who, "type": "track", "event": "Group Joined", "properties": {"group_id": "club"}})
    for begin in range(0, len(items), 400):
        tracker.batch(items[begin : begin + 400])


def orders(how, sql):
    """The orders for which a test of the number of discs holds."""
    op, value = how
    return Filter("Order Completed", f"(name = 'Order Completed' AND {sql})", ({"property": "quantity", "op": op, "value": value},))


def compared(name, op, value, sql):
    test = {"property": name, "op": op}
    return ({**test, "value": value} if value is not None else test, sql)


QUANTITY, REVENUE = "num(p, 'quantity')", "num(p, 'revenue')"


def words():
    return Words(
        # Mondays; the first and last days of the data lie outside.
        first=date(1997, 1, 6),
        last=date(1998, 6, 29),
        view=orders(("eq", 1), f"ifNull({QUANTITY} = 1, 0)"),
        add=orders(("eq", 2), f"ifNull({QUANTITY} = 2, 0)"),
        begin=orders(("eq", 3), f"ifNull({QUANTITY} = 3, 0)"),
        buy=orders(("gte", 4), f"ifNull({QUANTITY} >= 4, 0)"),
        number="revenue",
        text="revenue",
        text_of_buy="quantity",
        nested=("quantity.of", "CAST(NULL, 'Nullable(String)')"),
        half=({"property": "revenue", "op": "gt", "value": 25}, f"ifNull({REVENUE} > 25, 0)"),
        trait="city",
        rule=(
            {"all": [{"event": "Order Completed", "count": {"op": "gte", "value": 3}},
                     {"event": "Order Completed", "max": {"property": "revenue", "op": "lt", "value": 60}}]},
            "SELECT member FROM events WHERE name = 'Order Completed' GROUP BY member "
            f"HAVING count() >= 3 AND max({REVENUE}) < 60",
        ),
        frequent="Order Completed",
        rare="Group Joined",
        tests=[
            compared("revenue", "eq", 11.77, f"ifNull({REVENUE} = 11.77, 0)"),
            compared("revenue", "ne", 11.77, f"ifNull({REVENUE} != 11.77, 0)"),
            compared("revenue", "gt", 14.96, f"ifNull({REVENUE} > 14.96, 0)"),
            compared("revenue", "gte", 14.96, f"ifNull({REVENUE} >= 14.96, 0)"),
            compared("quantity", "lt", 2, f"ifNull({QUANTITY} < 2, 0)"),
            compared("quantity", "lte", 2, f"ifNull({QUANTITY} <= 2, 0)"),
            compared("quantity", "in", [3, 5, 7.5], f"ifNull({QUANTITY} IN (3, 5), 0)"),
            compared("quantity", "nin", [1, 2, "3"], f"ifNull({QUANTITY} NOT IN (1, 2), 0)"),
            compared("quantity", "eq", "1", "0"),
            compared("quantity", "ne", "1", f"{QUANTITY} IS NOT NULL"),
            compared("quantity", "prefix", "1", "0"),
            compared("revenue", "exists", True, f"{REVENUE} IS NOT NULL"),
            compared("revenue", "exists", False, f"{REVENUE} IS NULL"),
            compared("coupon", "ne", "none", "0"),
            compared("quantity.of", "eq", 1, "0"),
        ],
    )
