//! What the shop's operators look at every day, and what they want to reach.

use serde_json::{Value, json};

use super::{StarterBoard, StarterGoal};

fn card(title: &str, kind: &str, view: &str, width: u8, question: Value) -> Value {
    json!({"title": title, "kind": kind, "view": view, "width": width, "question": question})
}

pub(super) fn boards() -> Vec<StarterBoard> {
    let ordered = json!({"event": "Order Completed"});
    vec![
        StarterBoard {
            name: "小店日常 Day by day",
            period: "P30D",
            cards: vec![
                card(
                    "销售额",
                    "trend",
                    "line",
                    2,
                    json!({"series": [{"name": "A", "event": "Order Completed", "measure": "sum", "property": "revenue"}],
                        "unit": "day", "previous": "period"}),
                ),
                card(
                    "从浏览到下单",
                    "funnel",
                    "funnel",
                    1,
                    json!({"steps": [{"event": "Product Viewed"}, {"event": "Product Added"}, ordered], "within": "P7D"}),
                ),
                card(
                    "买了多少",
                    "distribution",
                    "bar",
                    1,
                    json!({"event": "Order Completed", "measure": "sum", "property": "revenue"}),
                ),
            ],
        },
        StarterBoard {
            name: "社群冷暖 How the groups are",
            period: "P30D",
            cards: vec![
                card(
                    "发言",
                    "trend",
                    "line",
                    2,
                    json!({"series": [{"name": "A", "event": "Message Posted", "measure": "events"},
                        {"name": "B", "event": "Message Posted", "measure": "members"}], "unit": "day"}),
                ),
                card(
                    "进群之后留下来",
                    "retention",
                    "heat",
                    2,
                    json!({"start": {"event": "Group Joined"}, "return": {"event": "Message Posted"}, "unit": "week",
                        "periods": 6, "cohorts": "first"}),
                ),
            ],
        },
    ]
}

pub(super) fn goals() -> Vec<StarterGoal> {
    let metric = |event: &str, measure: &str, property: Option<&str>| json!({"name": "A", "event": event, "where": [], "measure": measure, "property": property});
    vec![
        StarterGoal {
            name: "年终前 3,000 单 Orders",
            metric: metric("Order Completed", "events", None),
            target: 3_000.0,
            days: (-24, 18),
        },
        StarterGoal {
            name: "每月 1,200 位成员开口 Who speak up",
            metric: metric("Message Posted", "members", None),
            target: 1_200.0,
            days: (-20, 9),
        },
    ]
}
