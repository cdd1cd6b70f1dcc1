//! What lets members into a journey, in a few words.

use serde_json::Value;

use super::{Sayer, Words, steps, text_of};

/// `when “Group Joined” happens`, `a week before the date in “birthday”, every year` …; of the entry of a document.
pub(in super::super) fn in_words(entry: &Value, sayer: &Sayer<'_>) -> Words {
    let text = |field: &str| entry.get(field).and_then(text_of);
    if let Some(date) = entry.get("date") {
        let words = steps::date(date);
        return match date.get("every") {
            Some(Value::String(_)) => Words::new(format!("each year, {}", words.en), format!("每年，{}", words.zh)),
            _ => words,
        };
    }
    if let Some(schedule) = entry.get("schedule") {
        let words = steps::schedule(schedule);
        return match schedule.get("segment").and_then(text_of).map(|id| sayer.names.of(&id)) {
            Some(segment) => {
                Words::new(format!("{}, all in “{segment}”", words.en), format!("{}，“{segment}”中的成员", words.zh))
            }
            None => words,
        };
    }
    if entry.get("manual").is_some() {
        return Words::new("who is put in by hand", "手动加入");
    }
    if entry.get("import").is_some() {
        return Words::new("who stands in an import", "导入名单中的成员");
    }
    if let Some(segment) = text("segment").map(|id| sayer.names.of(&id)) {
        return Words::new(format!("who enters “{segment}”"), format!("进入分群“{segment}”"));
    }
    if let Some(segment) = text("segment_left").map(|id| sayer.names.of(&id)) {
        return Words::new(format!("who leaves “{segment}”"), format!("离开分群“{segment}”"));
    }
    match text("event") {
        Some(event) => Words::new(format!("when “{event}” happens"), format!("发生“{event}”时")),
        None => Words::new("nothing yet", "尚未设置"),
    }
}

/// The same in a word for programs.
pub(in super::super) fn kind(entry: &Value) -> &'static str {
    let kinds = ["date", "schedule", "manual", "import", "segment", "segment_left", "event"];
    kinds.into_iter().find(|kind| entry.get(*kind).is_some()).unwrap_or("none")
}
