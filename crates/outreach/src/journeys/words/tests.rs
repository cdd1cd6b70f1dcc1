//! Nothing that is written down lacks words.

use std::{collections::BTreeSet, fs, path::Path};

use jiff::tz::TimeZone;
use serde_json::json;

use super::{Line, Sayer, actions, deliveries, happenings, moments, reasons, rules, steps};
use crate::journeys::naming::Names;

/// What the contract of the trace names.
const TRACE: [&str; 21] = [
    "entered",
    "held_out",
    "waiting",
    "waited",
    "met",
    "timed_out",
    "branched",
    "split",
    "queued",
    "skipped",
    "tagged",
    "set",
    "task_opened",
    "task_done",
    "task_expired",
    "answered",
    "goal",
    "exited",
    "completed",
    "failed",
    "moved",
];

fn berlin() -> TimeZone {
    TimeZone::get("Europe/Berlin").unwrap()
}

/// All source of this room, without tests.
fn source(folders: &[&str]) -> String {
    let mut text = String::new();
    for folder in folders {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        let mut files: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        for file in files.into_iter().filter(|file| file.extension().is_some_and(|end| end == "rs")) {
            let whole = fs::read_to_string(file).unwrap();
            text += whole.split("#[cfg(test)]").next().unwrap_or_default();
        }
    }
    text
}

/// The words between quotation marks that follow `before` directly, white space aside.
fn literals_after(text: &str, before: &str) -> BTreeSet<String> {
    let follows = |rest: &str| Some(rest.trim_start().strip_prefix('"')?.split('"').next()?.to_owned());
    text.split(before).skip(1).filter_map(follows).collect()
}

#[test]
fn every_action_of_a_trace_is_told_in_both_languages() {
    let known: BTreeSet<&str> = actions::ACTIONS.iter().map(|(word, _)| *word).collect();
    assert_eq!(known, TRACE.into_iter().collect());
    // `changed.note(run, now, step, "action", …)`, over however many lines it goes.
    let text = source(&["src/journeys"]);
    let mut written = BTreeSet::new();
    for call in text.split("changed.note(").skip(1) {
        let arguments = call.split(';').next().unwrap_or_default();
        let literal = arguments.split('"').skip(1).step_by(2).find(|word| !word.is_empty());
        written.extend(literal.filter(|word| word.chars().all(|c| c.is_ascii_lowercase() || c == '_')));
    }
    assert!(written.contains("branched") && written.contains("goal"), "{written:?}");
    for action in written {
        assert!(known.contains(action), "the trace may say \"{action}\", for which there are no words");
    }
    let (names, zone) = (Names::default(), berlin());
    let sayer = Sayer { names: &names, zone: &zone };
    for detail in
        [json!({}), json!({"event": "Order Completed", "until": "2026-03-26T10:00:00.000Z", "case": 0, "way": 1})]
    {
        for (action, _) in actions::ACTIONS {
            let line = Line { sayer: &sayer, step: "s1", detail: &detail, document: None };
            let words = actions::in_words(action, &line);
            assert!(words.en.ends_with('.') && words.en.chars().next().is_some_and(|c| !c.is_lowercase()), "{words:?}");
            assert!(words.zh.ends_with('。') && words.zh != words.en, "{words:?}");
        }
    }
}

#[test]
fn every_reason_of_the_ledger_is_told_in_both_languages_with_what_can_be_done() {
    let text = source(&["src/outbox", "src/tracking", "../people/src", "../people/src/privacy"]);
    let mut written = BTreeSet::new();
    for state in ["suppressed", "cancelled", "expired", "unknown", "failed", "queued", "bounced"] {
        for before in ["(\"{}\",", "ended(\"{}\",", "(\"{}\", Some("] {
            written.extend(literals_after(&text, &before.replace("{}", state)));
        }
    }
    written.extend(literals_after(&text, "const CHANNEL_DELETED: &str ="));
    written.extend(literals_after(&text, "reason = "));
    written.retain(|word| word.chars().all(|c| c.is_ascii_lowercase() || c == '_') && !word.is_empty());
    for seen in ["no_address", "retries_exhausted", "process_ended"] {
        assert!(written.contains(seen), "the source is read wrongly: {written:?}");
    }
    let consents = source(&["../people/src"]);
    written.extend(literals_after(&consents, "Some(false) => Some("));
    written.extend(literals_after(&consents, "requires_consent => Some("));
    for word in [
        "frequency_cap",
        "quiet_hours",
        "outside_window",
        "expired",
        "stale",
        "cancelled_by_operator",
        "settled_not_sent",
        "blocked",
        "bounced",
        "channel_paused",
        "breaker",
        "warm_up",
        "account_limit",
        "domain_rate",
        "paused_by_member",
        "not_confirmed",
    ] {
        written.insert(word.to_owned());
    }
    // States that stand where a reason might.
    for state in deliveries::STATES {
        written.remove(*state);
    }
    for word in written {
        assert!(reasons::find(&word).is_some(), "a message may be refused by \"{word}\", for which there are no words");
    }
    let mut seen = BTreeSet::new();
    for reason in reasons::REASONS {
        assert!(seen.insert(reason.word), "{} stands twice", reason.word);
        let (why, advice) = (reason.why(), reason.advice());
        assert!(why.en.ends_with('.') && why.zh.ends_with('。') && advice.en.is_empty() == advice.zh.is_empty());
    }
}

#[test]
fn every_state_of_a_history_is_told_in_both_languages() {
    let (names, zone) = (Names::default(), berlin());
    let sayer = Sayer { names: &names, zone: &zone };
    let text = source(&["src/outbox", "src/tracking"]);
    let mut written = literals_after(&text, "HistoryLine { delivery: subject.id, state:");
    written.extend(literals_after(&text, "Next::new("));
    for state in written {
        assert!(deliveries::STATES.contains(&state.as_str()), "a history may say \"{state}\"");
    }
    for state in deliveries::STATES {
        for detail in
            ["", "retries_exhausted; 450 busy; next attempt at 2026-03-26T10:00:00.000Z", "550 5.1.1 no such user"]
        {
            let words = deliveries::in_words(state, detail, &sayer);
            assert!(!words.en.is_empty() && !words.zh.is_empty() && !words.en.contains("2026-03-26T"), "{words:?}");
        }
    }
}

#[test]
fn a_history_is_told_with_its_reason_its_time_and_what_the_other_side_said() {
    let (names, zone) = (Names::default(), berlin());
    let sayer = Sayer { names: &names, zone: &zone };
    let told = |state: &str, detail: &str| deliveries::in_words(state, detail, &sayer);
    let again = told("queued", "451 greylisted; next attempt at 2026-03-26T10:00:00.000Z");
    assert!(
        again.en.contains("Next attempt: Thu 26 Mar 2026, 11:00.") && again.en.contains("451 greylisted"),
        "{again:?}"
    );
    assert!(again.zh.contains("2026年3月26日（周四）11:00"), "{again:?}");
    let unknown = told("unknown", "outcome_unknown; the connection broke");
    assert!(unknown.en.contains("never sent again by guess") && unknown.zh.contains("不会凭猜测重发"), "{unknown:?}");
    let capped = told("suppressed", "frequency_cap: 3 of 3 in the day");
    assert!(capped.en.contains("frequency cap") && capped.en.contains("3 of 3 in the day"), "{capped:?}");
    assert!(told("bounced", "550 5.1.1 no such user").en.contains("for good"));
    assert!(told("bounced", "452 4.2.2 full").en.contains("for now"));
}

#[test]
fn steps_rules_and_times_read_like_speech() {
    let (names, zone) = (Names::default(), berlin());
    let sayer = Sayer { names: &names, zone: &zone };
    for (step, en, zh) in [
        (json!({"type": "wait", "for": "P3D"}), "wait 3 days", "等待 3 天"),
        (json!({"type": "wait", "for": "P1DT2H"}), "wait 1 day 2 hours", "等待 1 天 2 小时"),
        (
            json!({"type": "wait", "event": {"event": "Order Completed"}, "timeout": "P7D"}),
            "wait for “Order Completed”, at most 7 days",
            "等待“Order Completed”发生，最多 7 天",
        ),
        (
            json!({"type": "wait", "window": {"days": ["mon", "fri"], "from": "09:00", "to": "18:00"}}),
            "wait for Mon, Fri, 09:00 to 18:00",
            "等到周一、周五 09:00 至 18:00",
        ),
        (json!({"type": "tag", "add": ["a", "b"]}), "add the tag “a, b”", "加标签“a, b”"),
        (json!({"type": "holdout", "share": 0.1}), "holdout of 10 %", "留出 10 % 作对照组"),
    ] {
        let words = steps::in_words(&step, &sayer);
        assert_eq!((words.en.as_str(), words.zh.as_str()), (en, zh));
    }
    let rule = json!({"all": [{"tag": "vip"}, {"not": {"event": "Order Completed", "within": "P7D"}}]});
    let words = rules::in_words(&rule, &sayer);
    assert_eq!(words.en, "has the tag “vip” and not (“Order Completed” happened in the last 7 days)");
    assert_eq!(words.zh, "有标签“vip”且不满足（最近 7 天内发生过“Order Completed”）");
    assert_eq!(moments::offset("-P7D").en, "7 days before");
    assert_eq!(moments::percent(0.125), "12.5 %");
    assert!(
        happenings::in_words("journey.published", "user:x", &json!({"version": 2}), &sayer).en.contains("version 2")
    );
}
