//! What a step is, in a few words.

use serde_json::Value;

use super::{Sayer, Words, moments, text_of};

/// `wait 3 days`, `send “Welcome” by email` …; of a step of a document.
pub(in super::super) fn in_words(step: &Value, sayer: &Sayer<'_>) -> Words {
    let text = |field: &str| step.get(field).and_then(text_of);
    match step.get("type").and_then(Value::as_str).unwrap_or_default() {
        "wait" => wait(step, sayer),
        "branch" => Words::new("branch", "条件分支"),
        "split" => Words::new("random split", "随机分流"),
        "holdout" => {
            let share = moments::percent(step.get("share").and_then(Value::as_f64).unwrap_or_default());
            Words::new(format!("holdout of {share}"), format!("留出 {share} 作对照组"))
        }
        "send" => {
            let template = sayer.names.of(&text("template").unwrap_or_default());
            let channel = sayer.names.of(&text("channel").unwrap_or_default());
            Words::new(format!("send “{template}” by {channel}"), format!("通过 {channel} 发送“{template}”"))
        }
        "tag" => tag(step),
        "set" => {
            let names = step.get("traits").and_then(Value::as_object);
            let names = names.map(|traits| traits.keys().cloned().collect::<Vec<_>>().join(", ")).unwrap_or_default();
            Words::new(format!("set {names}"), format!("设置属性 {names}"))
        }
        "webhook" => {
            let channel = sayer.names.of(&text("channel").unwrap_or_else(|| "webhook".to_owned()));
            Words::new(format!("call “{channel}”"), format!("调用“{channel}”"))
        }
        "task" => {
            let title = text("title").unwrap_or_default();
            Words::new(format!("task “{title}”"), format!("人工任务“{title}”"))
        }
        "exit" => Words::new("the end", "结束"),
        other => Words::same(other),
    }
}

fn tag(step: &Value) -> Words {
    let part = |field: &str, en: &str, zh: &str| {
        let tags = step.get(field).and_then(text_of).filter(|tags| !tags.is_empty())?;
        Some(Words::new(format!("{en} “{tags}”"), format!("{zh}“{tags}”")))
    };
    let parts: Vec<Words> = [part("add", "add the tag", "加标签"), part("remove", "take the tag away", "去标签")]
        .into_iter()
        .flatten()
        .collect();
    Words::list(&parts, ", ", "，")
}

fn wait(step: &Value, sayer: &Sayer<'_>) -> Words {
    let at_most = step.get("timeout").and_then(text_of).map(|timeout| moments::period(&timeout));
    let with_limit = |words: Words| match &at_most {
        Some(limit) => {
            Words::new(format!("{}, at most {}", words.en, limit.en), format!("{}，最多 {}", words.zh, limit.zh))
        }
        None => words,
    };
    if let Some(length) = step.get("for").and_then(text_of) {
        let length = moments::period(&length);
        return Words::new(format!("wait {}", length.en), format!("等待 {}", length.zh));
    }
    if let Some(window) = step.get("window") {
        let window = self::window(window);
        return Words::new(format!("wait for {}", window.en), format!("等到{}", window.zh));
    }
    if let Some(event) = step.get("event") {
        let event = event.get("event").and_then(text_of).or_else(|| text_of(event)).unwrap_or_default();
        return with_limit(Words::new(format!("wait for “{event}”"), format!("等待“{event}”发生")));
    }
    if let Some(segment) = step.get("segment").and_then(text_of) {
        let segment = sayer.names.of(&segment);
        return with_limit(Words::new(
            format!("wait until in the segment “{segment}”"),
            format!("等待进入分群“{segment}”"),
        ));
    }
    match step.get("until") {
        Some(Value::String(until)) => {
            let until = moments::moment_of(until, sayer.zone);
            Words::new(format!("wait until {}", until.en), format!("等到 {}", until.zh))
        }
        Some(until) => {
            let date = date(until);
            Words::new(format!("wait until {}", date.en), format!("等到{}", date.zh))
        }
        None => Words::new("wait", "等待"),
    }
}

/// A date that a trait gives: `3 days before the date in “birthday”, at 09:00`.
pub(in super::super) fn date(value: &Value) -> Words {
    let text = |field: &str| value.get(field).and_then(text_of);
    let name = text("trait").unwrap_or_default();
    let mut words = Words::new(format!("the date in “{name}”"), format!("“{name}”的日期"));
    if let Some(offset) = text("offset") {
        let offset = moments::offset(&offset);
        words = Words::new(format!("{} {}", offset.en, words.en), format!("{}{}", words.zh, offset.zh));
    }
    if let Some(at) = text("at") {
        words = Words::new(format!("{}, at {at}", words.en), format!("{} {at}", words.zh));
    }
    words
}

fn window(value: &Value) -> Words {
    let text = |field: &str| value.get(field).and_then(text_of).unwrap_or_default();
    let (from, to) = (text("from"), text("to"));
    let days: Vec<Words> = value
        .get("days")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|day| Some(moments::weekday(day.as_str()?)))
        .collect();
    let days = Words::list(&days, ", ", "、");
    match days.en.is_empty() {
        true => Words::new(format!("the hours {from} to {to}"), format!("{from} 至 {to}")),
        false => Words::new(format!("{}, {from} to {to}", days.en), format!("{} {from} 至 {to}", days.zh)),
    }
}

/// A schedule: `every week on Mon, Thu at 09:00`.
pub(in super::super) fn schedule(value: &Value) -> Words {
    let text = |field: &str| value.get(field).and_then(text_of);
    let (en, zh) = match text("every").as_deref() {
        Some("week") => ("every week", "每周"),
        Some("month") => ("every month", "每月"),
        _ => ("every day", "每天"),
    };
    let days: Vec<Words> = value
        .get("on")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .map(|day| match day.as_i64() {
            Some(-1) => Words::new("the last day", "最后一天"),
            Some(number) if number < 0 => {
                let nth = number.abs();
                Words::new(format!("the {} day from the end", ordinal(nth)), format!("倒数第{nth}天"))
            }
            Some(number) => Words::new(format!("the {}", ordinal(number)), format!("{number}日")),
            None => moments::weekday(day.as_str().unwrap_or_default()),
        })
        .collect();
    let days = Words::list(&days, ", ", "、");
    let mut words = match days.en.is_empty() {
        true => Words::new(en, zh),
        false => Words::new(format!("{en} on {}", days.en), format!("{zh}{}", days.zh)),
    };
    if let Some(at) = text("at") {
        words = Words::new(format!("{} at {at}", words.en), format!("{} {at}", words.zh));
    }
    match text("zone").as_deref() {
        Some("workspace") => {
            Words::new(format!("{} by the workspace's clock", words.en), format!("{}（按工作区时区）", words.zh))
        }
        _ => words,
    }
}

fn ordinal(number: i64) -> String {
    let ending = match (number % 10, number % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{number}{ending}")
}
