//! Conditions of branches in words.

use serde_json::Value;

use super::{Sayer, Words, moments, text_of};

/// Conditions that are told one by one; of longer ones the number.
const MOST_PARTS: usize = 4;

/// A rule in a few words: what an operator recognises it by, not all of its particulars.
pub(super) fn in_words(rule: &Value, sayer: &Sayer<'_>) -> Words {
    for (word, en, zh) in [("all", " and ", "且"), ("any", " or ", "或")] {
        if let Some(parts) = rule.get(word).and_then(Value::as_array) {
            return several(parts, en, zh, sayer);
        }
    }
    if let Some(inner) = rule.get("not") {
        let inner = in_words(inner, sayer);
        return Words::new(format!("not ({})", inner.en), format!("不满足（{}）", inner.zh));
    }
    let text = |field: &str| rule.get(field).and_then(text_of);
    let name = |field: &str| text(field).map(|id| sayer.names.of(&id));
    if let Some(event) = text("event") {
        return of_event(&event, rule);
    }
    if let Some(name) = text("trait") {
        let (operator, value) = (text("op").unwrap_or_default(), text("value").unwrap_or_default());
        let (en, zh) = operator_in_words(&operator);
        let words = Words::new(format!("trait “{name}” {en} {value}"), format!("属性“{name}”{zh} {value}"));
        return Words::new(words.en.trim(), words.zh.trim());
    }
    if let Some(tag) = text("tag") {
        return Words::new(format!("has the tag “{tag}”"), format!("有标签“{tag}”"));
    }
    if let Some(stage) = text("stage") {
        return Words::new(format!("is at the stage “{stage}”"), format!("处于阶段“{stage}”"));
    }
    if let Some(segment) = name("segment") {
        return Words::new(format!("is in the segment “{segment}”"), format!("属于分群“{segment}”"));
    }
    if let Some(group) = name("group") {
        return Words::new(format!("is in the group “{group}”"), format!("在群组“{group}”中"));
    }
    if let Some(been) = rule.get("been") {
        let (inner, length) = (in_words(been, sayer), moments::period(&text("for").unwrap_or_default()));
        return Words::new(
            format!("for {} already: {}", length.en, inner.en),
            format!("已持续 {}：{}", length.zh, inner.zh),
        );
    }
    if let Some(names) = rule.get("sequence").and_then(text_of) {
        return Words::new(format!("did in this order: {names}"), format!("依次发生：{names}"));
    }
    Words::new("its rule", "该规则")
}

fn several(parts: &[Value], en: &str, zh: &str, sayer: &Sayer<'_>) -> Words {
    if parts.len() > MOST_PARTS {
        return Words::new(
            format!("its rule of {} conditions", parts.len()),
            format!("由 {} 个条件组成的规则", parts.len()),
        );
    }
    let parts: Vec<Words> = parts.iter().map(|part| in_words(part, sayer)).collect();
    Words::list(&parts, en, zh)
}

fn of_event(event: &str, rule: &Value) -> Words {
    let mut words = Words::new(format!("“{event}” happened"), format!("发生过“{event}”"));
    if let Some(number) = rule.get("count").and_then(|count| text_of(count.get("value")?)) {
        let operator = rule["count"].get("op").and_then(text_of).unwrap_or_default();
        let (en, zh) = operator_in_words(&operator);
        words = Words::new(format!("{} ({en} {number} times)", words.en), format!("{}（{zh} {number} 次）", words.zh));
    }
    if rule.get("where").and_then(Value::as_array).is_some_and(|filters| !filters.is_empty()) {
        words = Words::new(format!("{} with matching properties", words.en), format!("{}且属性相符", words.zh));
    }
    if let Some(within) = rule.get("within").and_then(text_of) {
        let within = moments::period(&within);
        words =
            Words::new(format!("{} in the last {}", words.en, within.en), format!("最近 {}内{}", within.zh, words.zh));
    }
    words
}

fn operator_in_words(operator: &str) -> (&'static str, &'static str) {
    match operator {
        // Nothing said means the same.
        "" | "eq" => ("is", "等于"),
        "ne" => ("is not", "不等于"),
        "gt" => ("is over", "大于"),
        "gte" => ("is at least", "至少为"),
        "lt" => ("is under", "小于"),
        "lte" => ("is at most", "至多为"),
        "in" => ("is one of", "属于"),
        "nin" => ("is none of", "不属于"),
        "contains" => ("contains", "包含"),
        "prefix" => ("begins with", "开头为"),
        "exists" => ("is known", "有值"),
        _ => ("fits", "符合"),
    }
}
