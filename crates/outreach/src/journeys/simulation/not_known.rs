//! What a simulation cannot know of the past, and what it takes in its place.

use serde_json::{Value, json};

/// Codes with their words, in English and Chinese.
const NOT_KNOWN: [(&str, &str, &str); 7] = [
    (
        "policy_of_then",
        "The outbox's policy (caps, quiet hours, send windows) is taken as it is today, for all of that time.",
        "发件箱策略（频次上限、免打扰时段、发送时段）一律按现在的算，不追溯当时的设置。",
    ),
    (
        "others_unchanged",
        "What other journeys and broadcasts sent then counts against the caps as the ledger has it; it is not decided anew, \
         so no message of theirs makes room for one of this journey.",
        "其他旅程和群发当时发出的消息按台账计入频次上限，不会重新判断，也不会为这个旅程让位。",
    ),
    (
        "channels_take_everything",
        "Channels are taken as being there and quick: that one was paused, limited, warmed up or out of order, and that \
         addresses bounce, is not simulated.",
        "渠道按随时可用、立即送出计算；渠道暂停、限速、预热、故障以及退信都不模拟。",
    ),
    (
        "members_do_not_react",
        "Nobody opens, clicks or answers a simulated message, and no order comes of one: members do what they did then.",
        "没有人会打开、点击或回复模拟的消息，也不会因此下单：成员只做当时做过的事。",
    ),
    (
        "ended_pauses",
        "A member's pause is known while its events are kept or it is in force; one that was ended, and whose events were \
         deleted, is not.",
        "成员的暂停，只要事件还在或仍在生效就算数；已经结束、事件也已删除的，无从得知。",
    ),
    (
        "lifted_suppressions",
        "An address that was suppressed then and has been freed since is taken as free.",
        "当时被停发、后来又恢复的地址，按可以发送计算。",
    ),
    (
        "members_of_today",
        "Members who were merged since are one from the beginning, and who was erased is not among them.",
        "后来合并的成员自始按同一人计算；已删除的成员不在其中。",
    ),
];

/// The codes, in the order in which they are shown.
pub(super) fn codes() -> Vec<String> {
    NOT_KNOWN.iter().map(|(code, _, _)| (*code).to_owned()).collect()
}

/// Puts words in the place of the codes of a result, which are made when it is read.
pub(super) fn in_words(result: &mut Value) {
    let Some(codes) = result.get_mut("not_known").and_then(Value::as_array_mut) else { return };
    for code in codes {
        let known = NOT_KNOWN.iter().find(|(known, _, _)| code.as_str() == Some(known));
        if let Some((known, en, zh)) = known {
            *code = json!({"code": known, "en": en, "zh": zh});
        }
    }
}
