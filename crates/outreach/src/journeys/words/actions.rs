//! The lines of a run's trace in words.

use serde_json::Value;

use super::{Line, Words, moments, reasons, rules, steps, text_of};

type Say = fn(&Line<'_>) -> Words;

/// Every action that a trace may hold, with how it is told.
pub(in super::super) const ACTIONS: &[(&str, Say)] = &[
    ("entered", entered),
    ("held_out", held_out),
    ("waiting", waiting),
    ("waited", waited),
    ("met", met),
    ("timed_out", timed_out),
    ("branched", branched),
    ("split", split),
    ("queued", queued),
    ("skipped", skipped),
    ("tagged", tagged),
    ("set", set),
    ("task_opened", task_opened),
    ("task_done", task_done),
    ("task_expired", task_expired),
    ("answered", answered),
    ("goal", goal),
    ("exited", exited),
    ("completed", completed),
    ("failed", failed),
    ("moved", moved),
];

/// One line in words. An action that the table lacks is shown as it is.
pub(in super::super) fn in_words(action: &str, line: &Line<'_>) -> Words {
    match ACTIONS.iter().find(|(word, _)| *word == action) {
        Some((_, say)) => say(line).sentence(),
        None => {
            let place = line.place();
            Words::new(format!("{action} at {}.", place.en), format!("{}：{action}。", place.zh))
        }
    }
}

/// What brought something about: an event, a segment that was entered or left.
fn cause(line: &Line<'_>) -> Option<Words> {
    if let Some(event) = line.detail.get("event").and_then(cause_event) {
        return Some(Words::new(format!("“{event}” happened"), format!("发生了“{event}”")));
    }
    if let Some(segment) = line.text("segment") {
        let segment = line.sayer.names.of(&segment);
        return Some(Words::new(format!("he entered the segment “{segment}”"), format!("进入了分群“{segment}”")));
    }
    if let Some(segment) = line.text("segment_left") {
        let segment = line.sayer.names.of(&segment);
        return Some(Words::new(format!("he left the segment “{segment}”"), format!("离开了分群“{segment}”")));
    }
    None
}

fn cause_event(value: &Value) -> Option<String> {
    value.get("event").and_then(text_of).or_else(|| text_of(value))
}

fn entered(line: &Line<'_>) -> Words {
    if let Some(cause) = cause(line) {
        return Words::new(
            format!("entered the journey, because {}.", cause.en),
            format!("因{}而进入旅程。", cause.zh),
        );
    }
    if let Some(date) = line.detail.get("date").filter(|date| !date.is_null()) {
        let date = match date {
            Value::Object(_) => steps::date(date),
            other => moments::moment_of(&text_of(other).unwrap_or_default(), line.sayer.zone),
        };
        return Words::new(
            format!("entered the journey for its date, {}.", date.en),
            format!("因日期 {} 而进入旅程。", date.zh),
        );
    }
    if line.detail.get("schedule").is_some_and(|schedule| !schedule.is_null()) {
        return Words::new("entered the journey, because its scheduled time had come.", "因到了计划的时间而进入旅程。");
    }
    if let Some(by) = line.text("manual") {
        let who = line.text("by").unwrap_or(by);
        let who = line.sayer.names.actor(&who);
        return match who.en.as_str() {
            "true" => Words::new("was put into the journey by hand.", "被手动加入旅程。"),
            _ => {
                Words::new(format!("was put into the journey by {}.", who.en), format!("被 {} 手动加入旅程。", who.zh))
            }
        };
    }
    if line.text("import").is_some() {
        return Words::new("entered the journey with a row of an import.", "因导入的一行数据而进入旅程。");
    }
    Words::new("entered the journey.", "进入旅程。")
}

fn held_out(line: &Line<'_>) -> Words {
    let share = line.detail.get("share").and_then(Value::as_f64).map(moments::percent);
    let share = share.unwrap_or_else(|| "a share".to_owned());
    match line.text("by").as_deref() {
        Some("workspace") => Words::new(
            "left out on purpose: the member belongs to the holdout of the whole workspace, whom no journey addresses.",
            "有意不发送：该成员属于整个工作区的对照组，任何旅程都不会触达。",
        ),
        Some("step") => {
            let place = line.place();
            Words::new(
                format!(
                    "left out on purpose at {}: chance put the member among the {share} who go no further.",
                    place.en
                ),
                format!("在 {} 有意留出：该成员被随机划入 {share} 的对照组，不再继续。", place.zh),
            )
        }
        _ => Words::new(
            format!(
                "left out on purpose: chance put the member among the {share} of the holdout, by which the journey's effect is measured."
            ),
            format!("有意不发送：该成员被随机划入占 {share} 的对照组，用于衡量旅程效果。"),
        ),
    }
}

fn waiting(line: &Line<'_>) -> Words {
    let place = line.place();
    let until = line.text("until").map(|until| moments::moment_of(&until, line.sayer.zone));
    let for_what = match line.text("kind").as_deref() {
        Some("event") => line
            .detail
            .get("event")
            .and_then(cause_event)
            .map(|event| Words::new(format!("for “{event}”"), format!("“{event}”发生"))),
        Some("segment") => line.text("segment").map(|segment| {
            let segment = line.sayer.names.of(&segment);
            Words::new(format!("to enter the segment “{segment}”"), format!("进入分群“{segment}”"))
        }),
        Some("task") => Some(Words::new("for an operator to do the task", "人工完成任务")),
        Some("webhook") => Some(Words::new("for the answer of the other side", "对方答复")),
        _ => None,
    };
    match (for_what, until) {
        (Some(what), Some(until)) => Words::new(
            format!("waits at {} {}, until {} at the latest.", place.en, what.en, until.en),
            format!("在 {} 等待{}，最迟到 {}。", place.zh, what.zh, until.zh),
        ),
        (Some(what), None) => Words::new(
            format!("waits at {} {}, however long it takes.", place.en, what.en),
            format!("在 {} 等待{}，不限时间。", place.zh, what.zh),
        ),
        (None, Some(until)) => Words::new(
            format!("waits at {} until {}.", place.en, until.en),
            format!("在 {} 等待至 {}。", place.zh, until.zh),
        ),
        (None, None) => Words::new(format!("waits at {}.", place.en), format!("在 {} 等待。", place.zh)),
    }
}

fn waited(line: &Line<'_>) -> Words {
    let place = line.place();
    Words::new(format!("the wait at {} was over.", place.en), format!("{} 的等待结束。", place.zh))
}

fn met(line: &Line<'_>) -> Words {
    let place = line.place();
    let cause = cause(line).unwrap_or_else(|| Words::new("what it waited for came", "等待的条件满足了"));
    Words::new(
        format!("the wait at {} was over, because {}.", place.en, cause.en),
        format!("因{}，{} 的等待结束。", cause.zh, place.zh),
    )
}

fn timed_out(line: &Line<'_>) -> Words {
    let (place, next) = (line.place(), line.next());
    let mut words =
        Words::new(format!("what {} waited for did not come in time", place.en), format!("{} 等待超时", place.zh));
    if line.detail.get("next").is_some() {
        words = Words::new(format!("{}; went on to {}", words.en, next.en), format!("{}，转到 {}", words.zh, next.zh));
    }
    Words::new(words.en + ".", words.zh + "。")
}

fn branched(line: &Line<'_>) -> Words {
    let (place, next) = (line.place(), line.next());
    let Some(case) = line.detail.get("case").and_then(Value::as_u64) else {
        return Words::new(
            format!("at {}, no case held; went on to {}.", place.en, next.en),
            format!("在 {}，条件均不成立，转到 {}。", place.zh, next.zh),
        );
    };
    let rule = line
        .document
        .and_then(|document| document.get("steps")?.get(line.step)?.get("cases")?.get(case as usize)?.get("when"))
        .map(|rule| rules::in_words(rule, line.sayer))
        .unwrap_or_else(|| Words::new("its rule", "该规则"));
    let number = case + 1;
    Words::new(
        format!("at {}, case {number} held ({}); went on to {}.", place.en, rule.en, next.en),
        format!("在 {}，第 {number} 个条件成立（{}），转到 {}。", place.zh, rule.zh, next.zh),
    )
}

fn split(line: &Line<'_>) -> Words {
    let (place, next) = (line.place(), line.next());
    let way = line.detail.get("way").and_then(Value::as_u64).unwrap_or_default();
    let share = line
        .document
        .and_then(|document| {
            document.get("steps")?.get(line.step)?.get("ways")?.get(way as usize)?.get("share")?.as_f64()
        })
        .map(|share| format!(" ({})", moments::percent(share)))
        .unwrap_or_default();
    let number = way + 1;
    Words::new(
        format!("at {}, chance chose way {number}{share}; went on to {}.", place.en, next.en),
        format!("在 {}，随机分到第 {number} 路{share}，转到 {}。", place.zh, next.zh),
    )
}

fn queued(line: &Line<'_>) -> Words {
    let place = line.place();
    Words::new(format!("{} queued a message.", place.en), format!("{} 将一条消息放入发送队列。", place.zh))
}

fn skipped(line: &Line<'_>) -> Words {
    let place = line.place();
    let why = reasons::in_words(&line.text("reason").unwrap_or_default());
    Words::new(format!("{} was skipped: {}", place.en, why.en), format!("跳过 {}：{}", place.zh, why.zh))
}

fn tagged(line: &Line<'_>) -> Words {
    let tags = |field: &str| line.text(field).filter(|tags| !tags.is_empty());
    let mut parts = Vec::new();
    parts.extend(tags("add").map(|tags| Words::new(format!("added the tag “{tags}”"), format!("添加标签“{tags}”"))));
    parts.extend(
        tags("remove").map(|tags| Words::new(format!("took the tag “{tags}” away"), format!("移除标签“{tags}”"))),
    );
    let what = Words::list(&parts, " and ", "，");
    Words::new(format!("step “{}” {}.", line.step, what.en), format!("步骤“{}”{}。", line.step, what.zh))
}

fn set(line: &Line<'_>) -> Words {
    let traits = line.text("traits").unwrap_or_default();
    Words::new(format!("step “{}” set {traits}.", line.step), format!("步骤“{}”设置了属性 {traits}。", line.step))
}

fn task_opened(line: &Line<'_>) -> Words {
    let place = line.place();
    Words::new(format!("{} gave an operator a task.", place.en), format!("{} 创建了人工任务。", place.zh))
}

fn task_done(line: &Line<'_>) -> Words {
    let place = line.place();
    let by = line.text("by").map(|by| line.sayer.names.actor(&by));
    let who = by.unwrap_or_else(|| Words::new("an operator", "操作员"));
    match line.text("outcome") {
        Some(outcome) => Words::new(
            format!("{} did {} with the outcome “{outcome}”.", who.en, place.en),
            format!("{} 完成了 {}，结果为“{outcome}”。", who.zh, place.zh),
        ),
        None => Words::new(format!("{} did {}.", who.en, place.en), format!("{} 完成了 {}。", who.zh, place.zh)),
    }
}

fn task_expired(line: &Line<'_>) -> Words {
    let place = line.place();
    Words::new(format!("nobody did {} in time.", place.en), format!("{} 逾期未完成。", place.zh))
}

fn answered(line: &Line<'_>) -> Words {
    let place = line.place();
    let Some(status) = line.text("status") else {
        return Words::new(format!("{} got no answer.", place.en), format!("{} 未收到答复。", place.zh));
    };
    let mut words = Words::new(
        format!("{} was answered with status {status}", place.en),
        format!("{} 收到答复，状态 {status}", place.zh),
    );
    if let Some(traits) = line.text("traits").filter(|traits| !traits.is_empty()) {
        words =
            Words::new(format!("{}, which set {traits}", words.en), format!("{}，据此设置了属性 {traits}", words.zh));
    }
    Words::new(words.en + ".", words.zh + "。")
}

fn goal(line: &Line<'_>) -> Words {
    match cause(line) {
        Some(cause) => Words::new(format!("the goal was reached: {}.", cause.en), format!("达成目标：{}。", cause.zh)),
        None => Words::new("the goal was reached.", "达成目标。"),
    }
}

fn exited(line: &Line<'_>) -> Words {
    match line.text("reason").as_deref() {
        Some("journey_stopped" | "stopped") => {
            Words::new("left the journey, because it was stopped.", "旅程已停止，成员离开旅程。")
        }
        Some("moved_out") => {
            let version = line.text("to_version").unwrap_or_default();
            Words::new(
                format!("left the journey: when members were moved to version {version}, this step was left out."),
                format!("离开旅程：成员移到版本 {version} 时，这一步被设为结束。"),
            )
        }
        Some("merged") => Words::new(
            "two members were found to be one, who goes on in his other run.",
            "两位成员确认为同一人，由另一条进程继续。",
        ),
        Some(other) => {
            let why = line.sayer.names.spelt_out(other, line.sayer.zone);
            Words::new(format!("left the journey: {}.", why.en), format!("离开旅程：{}。", why.zh))
        }
        None => match cause(line) {
            Some(cause) => Words::new(
                format!("left the journey at once, because {}.", cause.en),
                format!("因{}，立即离开旅程。", cause.zh),
            ),
            None => Words::new("left the journey.", "离开旅程。"),
        },
    }
}

fn completed(_: &Line<'_>) -> Words {
    Words::new("reached the end of the journey.", "走完旅程。")
}

fn failed(line: &Line<'_>) -> Words {
    let reason = line.text("reason");
    if reason.as_deref() == Some("too many steps") {
        return Words::new(
            "the run was ended: it had taken ten thousand steps, which no journey should need. Look for a circle with a very short wait.",
            "进程被终止：已走过上万步，超出任何旅程所需。请检查是否有等待过短的循环。",
        );
    }
    let place = line.place();
    match reason.filter(|reason| reason != "missing step") {
        Some(reason) => Words::new(
            format!("the run was ended at {}: {reason}.", place.en),
            format!("进程在 {} 被终止：{reason}。", place.zh),
        ),
        None => Words::new(
            format!("the run was ended at {}, which the version does not have.", place.en),
            format!("进程在 {} 被终止：该版本没有这一步。", place.zh),
        ),
    }
}

fn moved(line: &Line<'_>) -> Words {
    let text = |field: &str| line.text(field).unwrap_or_default();
    let (from, to) = (text("from_version"), text("to_version"));
    let (from_step, to_step) = (text("from_step"), text("to_step"));
    let place = if to_step.is_empty() { Words::new("the end", "结束") } else { line.place_of(&to_step) };
    Words::new(
        format!("was moved from step “{from_step}” of version {from} to {} of version {to}.", place.en),
        format!("从版本 {from} 的步骤“{from_step}”移到版本 {to} 的 {}。", place.zh),
    )
}
