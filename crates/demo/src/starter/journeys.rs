//! The journeys of the shop.

use serde_json::{Value, json};

use super::StarterJourney;

/// All journeys.
pub(super) fn journeys() -> Vec<StarterJourney> {
    vec![
        StarterJourney { key: "welcome", name: "新友欢迎", document: welcome() },
        StarterJourney { key: "win-back", name: "沉睡老客唤醒", document: win_back() },
        StarterJourney { key: "cart-reminder", name: "购物车提醒", document: cart_reminder() },
        StarterJourney { key: "after-purchase", name: "购后关怀", document: after_purchase() },
    ]
}

/// Greets whoever joins his first group, in his language, and asks the quiet ones once more.
fn welcome() -> Value {
    json!({
        "entry": {"event": "Group Joined"},
        "reentry": {"policy": "never"},
        "goal": {"event": "Order Completed", "within": "P14D"},
        "start": "settle-in",
        "steps": {
            "settle-in": {"type": "wait", "for": "PT1H", "next": "language"},
            "language": {"type": "branch", "cases": [
                {"when": {"trait": "language", "op": "prefix", "value": "en"}, "next": "greet-in-english"}
            ], "else": "greet"},
            "greet-in-english": {"type": "send", "channel": "email", "template": "template:welcome-english",
                                 "topic": "welcome", "next": "look-around"},
            "greet": {"type": "send", "channel": "email", "template": "template:welcome",
                      "topic": "welcome", "next": "look-around"},
            "look-around": {"type": "wait", "for": "P3D", "next": "what-happened"},
            "what-happened": {"type": "branch", "cases": [
                {"when": {"event": "Order Completed", "within": "P4D"}, "next": "first-order"},
                {"when": {"event": "Message Posted", "within": "P3D"}, "next": "talkative"}
            ], "else": "quiet"},
            "first-order": {"type": "tag", "add": ["首单快"], "next": null},
            "talkative": {"type": "tag", "add": ["爱聊天"], "next": null},
            "quiet": {"type": "tag", "add": ["待破冰"], "next": null}
        }
    })
}

/// Writes to those who have not ordered for long; ends when they order.
fn win_back() -> Value {
    json!({
        "entry": {"segment": "segment:sleeping"},
        "reentry": {"policy": "after_exit", "cooldown": "P90D"},
        "exit": [{"event": "Order Completed"}],
        "goal": {"event": "Order Completed", "within": "P14D"},
        "start": "invite",
        "steps": {
            "invite": {"type": "send", "channel": "email", "template": "template:come-back",
                       "topic": "offers", "next": "wait-a-week"},
            "wait-a-week": {"type": "wait", "for": "P7D", "next": "looked"},
            "looked": {"type": "branch", "cases": [
                {"when": {"any": [
                    {"event": "Product Viewed", "within": "P7D"},
                    {"event": "Message Posted", "within": "P7D"}
                ]}, "next": "warm"}
            ], "else": "cold"},
            "warm": {"type": "tag", "add": ["唤醒中"], "next": null},
            "cold": {"type": "tag", "add": ["沉睡"], "next": "leave-in-peace"},
            "leave-in-peace": {"type": "exit"}
        }
    })
}

/// One run for each cart, however many bottles are put into it: reminds once, the next day, unless he
/// has ordered by then.
fn cart_reminder() -> Value {
    json!({
        "entry": {"event": "Product Added"},
        "key": "properties.cart_id",
        "reentry": {"policy": "never"},
        "exit": [{"event": "Order Completed"}],
        "goal": {"event": "Order Completed", "within": "P3D"},
        "start": "think-it-over",
        "steps": {
            "think-it-over": {"type": "wait", "for": "PT20H", "next": "still-there"},
            "still-there": {"type": "branch", "cases": [
                {"when": {"event": "Order Completed", "within": "P1D"}, "next": null}
            ], "else": "remind"},
            "remind": {"type": "send", "channel": "email", "template": "template:cart",
                       "topic": "offers", "next": null}
        }
    })
}

/// Asks how the wine was; regular guests become lovers of wine, and the till is told of the best.
fn after_purchase() -> Value {
    json!({
        "entry": {"event": "Order Completed"},
        "reentry": {"policy": "after_exit", "cooldown": "P14D"},
        "start": "on-its-way",
        "steps": {
            "on-its-way": {"type": "wait", "for": "P4D", "next": "ask"},
            "ask": {"type": "send", "channel": "email", "template": "template:care",
                    "topic": "service", "next": "let-it-breathe"},
            "let-it-breathe": {"type": "wait", "for": "P7D", "next": "how-faithful"},
            "how-faithful": {"type": "branch", "cases": [
                {"when": {"all": [
                    {"event": "Order Completed", "count": {"op": "gte", "value": 3}, "within": "P90D"},
                    {"event": "Order Completed", "sum": {"property": "revenue", "op": "gte", "value": 3000}, "within": "P90D"}
                ]}, "next": "tell-the-till"},
                {"when": {"event": "Order Completed", "count": {"op": "gte", "value": 3}, "within": "P90D"}, "next": "wine-lover"}
            ], "else": "done"},
            "tell-the-till": {"type": "webhook", "body": {"reason": "连续复购的高价值老友"}, "next": "wine-lover"},
            "wine-lover": {"type": "tag", "add": ["葡萄酒爱好者"], "remove": ["待破冰", "沉睡"], "next": null},
            "done": {"type": "exit"}
        }
    })
}
