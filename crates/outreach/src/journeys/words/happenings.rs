//! What was done to a journey, in words.

use serde_json::Value;

use super::{Sayer, Words, text_of};

/// What operators do to journeys, as the audit log has it: `{who}` did this.
const DEEDS: &[(&str, &str, &str)] = &[
    ("journey.published", "{who} published version {version}", "{who} 发布了版本 {version}"),
    ("journey.paused", "{who} paused the journey; everybody stays where he is", "{who} 暂停了旅程，所有成员停在原处"),
    ("journey.live", "{who} resumed the journey", "{who} 恢复了旅程"),
    ("journey.resumed", "{who} resumed the journey", "{who} 恢复了旅程"),
    ("journey.stopped", "{who} stopped the journey", "{who} 停止了旅程"),
    (
        "journey.finishing",
        "{who} stopped the journey; nobody enters, and who is in it goes on to his end",
        "{who} 停止了旅程的进入；已在其中的成员继续走完",
    ),
    ("journey.moved", "{who} moved members to version {version}", "{who} 将成员移到版本 {version}"),
    ("journey.entered", "{who} put members in by hand", "{who} 手动加入了成员"),
    ("journey.deleted", "{who} deleted the journey", "{who} 删除了旅程"),
];

/// Whether a trail tells of it: a changed draft touches nobody.
pub(in super::super) fn is_told(action: &str) -> bool {
    DEEDS.iter().any(|(word, _, _)| *word == action)
}

/// One line of the audit log.
pub(in super::super) fn in_words(action: &str, actor: &str, detail: &Value, sayer: &Sayer<'_>) -> Words {
    let who = sayer.names.actor(actor);
    let finishes = action == "journey.stopped" && detail.get("running").and_then(Value::as_str) == Some("finish");
    let action = if finishes { "journey.finishing" } else { action };
    let field = |names: &[&str]| names.iter().find_map(|name| detail.get(*name).and_then(text_of));
    let version = field(&["version", "to_version", "to"]).unwrap_or_default();
    match DEEDS.iter().find(|(word, _, _)| *word == action) {
        Some((_, en, zh)) => {
            let fill = |text: &str, who: &str| text.replace("{who}", who).replace("{version}", &version);
            Words::new(fill(en, &who.en) + ".", fill(zh, &who.zh) + "。").sentence()
        }
        None => Words::new(format!("{}: {action}.", who.en), format!("{}：{action}。", who.zh)),
    }
}
