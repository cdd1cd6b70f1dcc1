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

/// Greets whoever joins his first group, in his language, has somebody thank those who order at once, and marks the quiet ones.
fn welcome() -> Value {
    json!({
        "entry": {"event": "Group Joined"},
        "reentry": {"policy": "never"},
        "goal": {"event": "Order Completed", "within": "P14D"},
        "start": "settle-in",
        "steps": {
            "settle-in": {"type": "wait", "title": "先让他安顿一会儿", "for": "PT1H", "next": "language"},
            "language": {"type": "branch", "title": "用哪种语言问好", "cases": [
                {"when": {"trait": "language", "op": "prefix", "value": "en"}, "next": "greet-in-english"}
            ], "else": "greet"},
            "greet-in-english": {"type": "send", "title": "用英文问好", "channel": "email",
                                 "template": "template:welcome-english", "topic": "welcome", "next": "look-around"},
            "greet": {"type": "send", "title": "问好", "channel": "email", "template": "template:welcome",
                      "topic": "welcome", "next": "look-around"},
            "look-around": {"type": "wait", "title": "随便逛逛", "for": "P3D", "next": "what-happened"},
            "what-happened": {"type": "branch", "title": "这三天他做了什么", "cases": [
                {"when": {"event": "Order Completed", "within": "P4D"}, "next": "first-order"},
                {"when": {"event": "Message Posted", "within": "P3D"}, "next": "talkative"}
            ], "else": "quiet"},
            "first-order": {"type": "tag", "title": "记下：首单快", "add": ["首单快"], "next": "thank"},
            "thank": {"type": "task", "title": "谢谢他的第一单", "note": "入群没几天就下了单，问问酒是自己喝还是送人", "due": "P5D",
                      "outcomes": {"聊上了": null, "没回复": null}, "expired": null, "next": null},
            "talkative": {"type": "tag", "title": "记下：爱聊天", "add": ["爱聊天"], "next": null},
            "quiet": {"type": "tag", "title": "记下：待破冰", "add": ["待破冰"], "next": null}
        }
    })
}

/// Writes to those who have not ordered for long, and has somebody talk to those who came back to look; ends when they
/// order.
fn win_back() -> Value {
    json!({
        "entry": {"segment": "segment:sleeping"},
        "reentry": {"policy": "after_exit", "cooldown": "P90D"},
        "exit": [{"event": "Order Completed"}],
        "goal": {"event": "Order Completed", "within": "P14D"},
        "start": "invite",
        "steps": {
            "invite": {"type": "send", "title": "请他回来坐坐", "channel": "email", "template": "template:come-back",
                       "topic": "offers", "next": "wait-a-week"},
            "wait-a-week": {"type": "wait", "title": "等一周", "for": "P7D", "next": "looked"},
            "looked": {"type": "branch", "title": "回来看过吗", "cases": [
                {"when": {"any": [
                    {"event": "Product Viewed", "within": "P7D"},
                    {"event": "Message Posted", "within": "P7D"}
                ]}, "next": "warm"}
            ], "else": "cold"},
            "warm": {"type": "tag", "title": "记下：唤醒中", "add": ["唤醒中"], "next": "chat"},
            "chat": {"type": "task", "title": "找他聊两句", "note": "沉睡后又回来看酒的老客，问问他最近想喝什么", "due": "P5D",
                     "outcomes": {"有意向": null, "暂不需要": null}, "expired": null, "next": null},
            "cold": {"type": "tag", "title": "记下：沉睡", "add": ["沉睡"], "next": "leave-in-peace"},
            "leave-in-peace": {"type": "exit", "title": "不再打扰"}
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
            "think-it-over": {"type": "wait", "title": "让他想一晚", "for": "PT20H", "next": "still-there"},
            "still-there": {"type": "branch", "title": "还没下单吗", "cases": [
                {"when": {"event": "Order Completed", "within": "P1D"}, "next": null}
            ], "else": "remind"},
            "remind": {"type": "send", "title": "提醒购物车里的酒", "channel": "email", "template": "template:cart",
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
            "on-its-way": {"type": "wait", "title": "等酒送到", "for": "P4D", "next": "ask"},
            "ask": {"type": "send", "title": "问问喝得怎样", "channel": "email", "template": "template:care",
                    "topic": "service", "next": "let-it-breathe"},
            "let-it-breathe": {"type": "wait", "title": "让他慢慢喝", "for": "P7D", "next": "how-faithful"},
            "how-faithful": {"type": "branch", "title": "是不是老友", "cases": [
                {"when": {"all": [
                    {"event": "Order Completed", "count": {"op": "gte", "value": 3}, "within": "P90D"},
                    {"event": "Order Completed", "sum": {"property": "revenue", "op": "gte", "value": 3000}, "within": "P90D"}
                ]}, "next": "tell-the-till"},
                {"when": {"event": "Order Completed", "count": {"op": "gte", "value": 3}, "within": "P90D"}, "next": "wine-lover"}
            ], "else": "done"},
            "tell-the-till": {"type": "webhook", "title": "告诉收银台",
                              "body": {"reason": "连续复购的高价值老友"}, "next": "wine-lover"},
            "wine-lover": {"type": "tag", "title": "记下：葡萄酒爱好者", "add": ["葡萄酒爱好者"],
                           "remove": ["待破冰", "沉睡"], "next": null},
            "done": {"type": "exit", "title": "到此为止"}
        }
    })
}
