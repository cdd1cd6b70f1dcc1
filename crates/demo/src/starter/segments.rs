//! The segments of the shop.

use serde_json::{Value, json};

use super::StarterSegment;

fn segment(key: &'static str, name: &'static str, rule: Value) -> StarterSegment {
    StarterSegment { key, name, rule }
}

/// All segments.
pub(super) fn segments() -> Vec<StarterSegment> {
    vec![
        segment(
            "repeat-30-days",
            "近30天购买≥2次",
            json!({"event": "Order Completed", "count": {"op": "gte", "value": 2}, "within": "P30D"}),
        ),
        segment(
            "sleeping",
            "沉睡老客（45天未下单）",
            json!({"all": [
                {"event": "Order Completed"},
                {"not": {"event": "Order Completed", "within": "P45D"}}
            ]}),
        ),
        segment(
            "wine-lovers",
            "葡萄酒爱好者",
            json!({"any": [
                {"tag": "葡萄酒爱好者"},
                {"all": [
                    {"event": "Article Read", "where": [{"property": "seconds", "op": "gte", "value": 60}],
                     "count": {"op": "gte", "value": 3}, "within": "P30D"},
                    {"event": "Product Viewed", "count": {"op": "gte", "value": 10}, "within": "P30D"}
                ]}
            ]}),
        ),
        segment(
            "valuable-in-shanghai-and-hangzhou",
            "上海杭州高价值",
            json!({"all": [
                {"trait": "city", "op": "in", "value": ["上海", "杭州"]},
                {"event": "Order Completed", "sum": {"property": "revenue", "op": "gte", "value": 1500}, "within": "P90D"}
            ]}),
        ),
        segment(
            "left-in-cart",
            "加购未下单（3天内）",
            json!({"all": [
                {"event": "Product Added", "within": "P3D"},
                {"not": {"event": "Order Completed", "within": "P3D"}}
            ]}),
        ),
        segment(
            "new-members",
            "新成员（7天内）",
            json!({"event": "Identified", "where": [{"property": "acquisition_channel", "op": "exists"}], "within": "P7D"}),
        ),
        segment(
            "talks-but-does-not-buy",
            "群里活跃但从未下单",
            json!({"all": [
                {"event": "Message Posted", "count": {"op": "gte", "value": 5}, "within": "P14D"},
                {"not": {"event": "Order Completed"}}
            ]}),
        ),
        segment(
            "large-orders",
            "客单价500元以上",
            json!({"all": [
                {"event": "Order Completed", "avg": {"property": "revenue", "op": "gte", "value": 500}},
                {"event": "Order Completed", "min": {"property": "revenue", "op": "gte", "value": 150}}
            ]}),
        ),
        segment(
            "advocates",
            "爱分享的老友",
            json!({"any": [
                {"event": "Referral Sent", "within": "P60D"},
                {"event": "Review Posted", "where": [{"property": "rating", "op": "eq", "value": 5}],
                 "count": {"op": "gte", "value": 2}, "within": "P90D"}
            ]}),
        ),
        segment(
            "present-givers",
            "节日送礼人群",
            json!({"all": [
                {"event": "Product Viewed", "where": [{"property": "category", "op": "eq", "value": "礼盒"}],
                 "count": {"op": "gte", "value": 2}, "within": "P60D"},
                {"event": "Order Completed", "max": {"property": "revenue", "op": "gte", "value": 398}, "within": "P60D"}
            ]}),
        ),
    ]
}
