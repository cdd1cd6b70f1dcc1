//! Reading steps.

use std::collections::BTreeMap;

use base::{Code, Problem, rule::Rule};
use people::identity::KINDS;
use serde_json::Value;

use super::{
    fields::{Object, Problems, as_object, optional_period, optional_text, remark, share, text, wrong},
    wait::{deadline, wait},
};
use crate::journeys::document::{Case, Deadline, Priority, Step, StepAction, TaskStep, Way};

/// Most ways out of one step.
const MAX_WAYS: usize = 50;
/// Most traits that one step sets.
const MAX_TRAITS: usize = 50;
/// Most bytes of the note of a task.
const MAX_NOTE_BYTES: usize = 4_000;
/// Most bytes of what a step is called.
const MAX_TITLE_BYTES: usize = 200;
/// Most bytes of what people write beside a step for each other.
const MAX_COMMENT_BYTES: usize = 1_000;

/// Reads a step; `None` when a part of it cannot be read.
pub(super) fn step(object: &Object, path: &str, problems: &mut Problems) -> Option<Step> {
    let kind = problems.take(text(object, "type", path))?;
    let step = match kind.as_str() {
        // A wait has its own fields for each kind of it.
        "wait" => {
            let action = wait(object, path, problems);
            let next = problems.take(optional_text(object, "next", path));
            action.zip(next).map(|(action, next)| Step { action, next })
        }
        kind => other(kind, object, path, problems),
    };
    // What people call the step and say of it to each other. A task is called what is to be done.
    if kind != "task" {
        problems.take(remark(object, "title", MAX_TITLE_BYTES, path));
    }
    problems.take(remark(object, "comment", MAX_COMMENT_BYTES, path));
    step
}

fn other(kind: &str, object: &Object, path: &str, problems: &mut Problems) -> Option<Step> {
    let (action, fields, way): (Option<StepAction>, &[&str], &str) = match kind {
        "branch" => (cases(object, path, problems).map(StepAction::Branch), &["cases", "else"], "else"),
        "split" => (ways(object, path, problems).map(StepAction::Split), &["ways"], "next"),
        "holdout" => (holdout(object, path, problems), &["share", "held", "next"], "next"),
        "send" => {
            (send(object, path, problems), &["channel", "template", "topic", "priority", "expires", "next"], "next")
        }
        "tag" => (tag(object, path, problems), &["add", "remove", "next"], "next"),
        "set" => (set(object, path, problems).map(StepAction::Set), &["traits", "next"], "next"),
        "webhook" => {
            let fields = &["channel", "body", "traits", "timeout", "timeout_next", "next"];
            (webhook(object, path, problems), fields, "next")
        }
        "task" => {
            let fields = &["note", "assignee", "due", "outcomes", "expired", "next"];
            (task(object, path, problems).map(StepAction::Task), fields, "next")
        }
        "exit" => (Some(StepAction::Exit), &[], "next"),
        _ => {
            let text = "is not wait, branch, split, holdout, send, tag, set, webhook, task or exit";
            problems.note(wrong(format!("{path}.type"), text));
            return None;
        }
    };
    problems.only(object, &[&["type", "title", "comment"], fields].concat(), path);
    let next = match fields.contains(&way) {
        true => problems.take(optional_text(object, way, path)),
        false => Some(None),
    };
    Some(Step { action: action?, next: next? })
}

fn cases(object: &Object, path: &str, problems: &mut Problems) -> Option<Vec<Case>> {
    let list = object.get("cases").and_then(Value::as_array).filter(|list| (1..=MAX_WAYS).contains(&list.len()));
    let list = list.ok_or_else(|| wrong(format!("{path}.cases"), format!("must be a list of 1 to {MAX_WAYS} cases")));
    let list = problems.take(list)?;
    let mut cases = Vec::with_capacity(list.len());
    for (index, case) in list.iter().enumerate() {
        let path = format!("{path}.cases[{index}]");
        let Some(object) = problems.take(as_object(case, &path)) else { continue };
        problems.only(object, &["when", "next"], &path);
        let when = object.get("when").ok_or_else(|| wrong(format!("{path}.when"), "is missing"));
        let when = problems.take(when.and_then(|when| Rule::parse_at(when, &format!("{path}.when"))));
        let next = problems.take(optional_text(object, "next", &path));
        cases.extend(when.zip(next).map(|(when, next)| Case { when, next }));
    }
    // Where one is left out, the others are not the cases of the step any more.
    (cases.len() == list.len()).then_some(cases)
}

fn ways(object: &Object, path: &str, problems: &mut Problems) -> Option<Vec<Way>> {
    let path = format!("{path}.ways");
    let list = object.get("ways").and_then(Value::as_array).filter(|list| (2..=MAX_WAYS).contains(&list.len()));
    let list = list.ok_or_else(|| wrong(&path, format!("must be a list of 2 to {MAX_WAYS} ways")));
    let list = problems.take(list)?;
    let mut ways = Vec::with_capacity(list.len());
    for (index, way) in list.iter().enumerate() {
        let path = format!("{path}[{index}]");
        let Some(object) = problems.take(as_object(way, &path)) else { continue };
        problems.only(object, &["share", "next"], &path);
        let share = problems.take(share(object.get("share"), &format!("{path}.share")));
        let next = problems.take(optional_text(object, "next", &path));
        ways.extend(share.zip(next).map(|(share, next)| Way { share, next }));
    }
    if ways.len() < list.len() {
        return None;
    }
    let sum: f64 = ways.iter().map(|way| way.share).sum();
    if (sum - 1.0).abs() > 1e-6 {
        problems.note(wrong(path, format!("must have shares that are 1 together, not {sum}")));
    }
    Some(ways)
}

fn holdout(object: &Object, path: &str, problems: &mut Problems) -> Option<StepAction> {
    let share = problems.take(share(object.get("share"), &format!("{path}.share")));
    let held = problems.take(optional_text(object, "held", path));
    Some(StepAction::Holdout { share: share?, held: held? })
}

fn send(object: &Object, path: &str, problems: &mut Problems) -> Option<StepAction> {
    let template = text(object, "template", path);
    let template = problems.take(template.and_then(|template| {
        template.parse().map_err(|_| wrong(format!("{path}.template"), "is not the id of a template"))
    }));
    let priority = problems.take(optional_text(object, "priority", path).and_then(|word| match word.as_deref() {
        Some("low") => Ok(Priority::Low),
        None | Some("normal") => Ok(Priority::Normal),
        Some("high") => Ok(Priority::High),
        Some("critical") => Ok(Priority::Critical),
        Some(_) => Err(wrong(format!("{path}.priority"), "is not low, normal, high or critical")),
    }));
    let channel = problems.take(text(object, "channel", path));
    let topic = problems.take(optional_text(object, "topic", path));
    let expires = problems.take(optional_period(object, "expires", path));
    Some(StepAction::Send {
        channel: channel?,
        template: template?,
        topic: topic?.unwrap_or_else(|| "marketing".to_owned()),
        priority: priority?,
        expires: expires?,
    })
}

fn tag(object: &Object, path: &str, problems: &mut Problems) -> Option<StepAction> {
    let add = problems.take(tags(object, "add", path));
    let remove = problems.take(tags(object, "remove", path));
    let (add, remove) = (add?, remove?);
    if add.is_empty() && remove.is_empty() {
        problems.note(wrong(path, "must add or remove a tag"));
    }
    Some(StepAction::Tag { add, remove })
}

fn tags(object: &Object, field: &str, path: &str) -> Result<Vec<String>, Problem> {
    let path = format!("{path}.{field}");
    let Some(value) = object.get(field) else { return Ok(Vec::new()) };
    let list = value.as_array().ok_or_else(|| wrong(&path, "must be a list of tags"))?;
    let tags: Option<Vec<String>> = list.iter().map(|tag| tag.as_str().map(str::to_owned)).collect();
    people::tags::check_tags(&path, tags.ok_or_else(|| wrong(&path, "must be a list of texts"))?)
}

fn set(object: &Object, path: &str, problems: &mut Problems) -> Option<Object> {
    let path = format!("{path}.traits");
    let traits = object.get("traits").ok_or_else(|| wrong(&path, "is missing"));
    let traits = problems.take(traits.and_then(|traits| as_object(traits, &path)))?;
    if traits.is_empty() || traits.len() > MAX_TRAITS {
        problems.note(wrong(path, format!("must have 1 to {MAX_TRAITS} traits")));
        return None;
    }
    for (name, value) in traits {
        problems.take(check_trait_name(name, &path));
        problems.take(check_storable(value, &format!("{path}.{name}")));
    }
    Some(traits.clone())
}

/// Refuses what cannot be stored, at its place.
fn check_storable(value: &Value, path: &str) -> Result<(), Problem> {
    people::members::check_storable(value).map_err(|problem| match problem.code {
        Code::NulCharacter => Problem::at(problem.code, path, "contains the NUL character"),
        code => Problem::at(code, path, "is larger than 32 KB"),
    })
}

/// A journey may say anything of a member but who he is.
fn check_trait_name(name: &str, path: &str) -> Result<(), Problem> {
    if name.is_empty() || name.len() > 200 || name.contains(char::is_control) {
        return Err(wrong(path, "has a trait whose name is not 1 to 200 bytes"));
    }
    if names_identity(name) {
        return Err(wrong(format!("{path}.{name}"), "says who the member is; a journey cannot change that"));
    }
    Ok(())
}

/// Whether a trait of this name would be an identity.
pub(in crate::journeys) fn names_identity(name: &str) -> bool {
    let word = name.trim().to_ascii_lowercase();
    KINDS.iter().any(|kind| kind.name == word)
        || word.starts_with("external:")
        || word == "email_verified"
        || word == "phone_verified"
}

fn webhook(object: &Object, path: &str, problems: &mut Problems) -> Option<StepAction> {
    let body_path = format!("{path}.body");
    let body = match object.get("body") {
        None | Some(Value::Null) => Some(Object::new()),
        Some(body) => {
            problems.take(check_storable(body, &body_path));
            problems.take(as_object(body, &body_path)).cloned()
        }
    };
    let mut traits = BTreeMap::new();
    if let Some(given) = object.get("traits").filter(|given| !given.is_null()) {
        let path = format!("{path}.traits");
        let given = problems.take(as_object(given, &path))?;
        if given.len() > MAX_TRAITS {
            problems.note(wrong(path, format!("must have at most {MAX_TRAITS} traits")));
            return None;
        }
        for name in given.keys() {
            problems.take(check_trait_name(name, &path));
            traits.extend(problems.take(text(given, name, &path)).map(|from| (name.clone(), from)));
        }
    }
    let channel = problems.take(optional_text(object, "channel", path));
    let deadline = deadline(object, path, problems);
    Some(StepAction::Webhook {
        channel: channel?.unwrap_or_else(|| "webhook".to_owned()),
        body: body?,
        traits,
        deadline: deadline?,
    })
}

fn task(object: &Object, path: &str, problems: &mut Problems) -> Option<TaskStep> {
    let note = problems.take(remark(object, "note", MAX_NOTE_BYTES, path));
    let outcomes = outcomes(object, path, problems);
    let due = problems.take(optional_period(object, "due", path));
    let expired = problems.take(optional_text(object, "expired", path));
    if due == Some(None) && matches!(expired, Some(Some(_))) {
        problems.note(wrong(format!("{path}.due"), "is missing; without it the task does not expire"));
    }
    let title = problems.take(text(object, "title", path));
    let assignee = problems.take(optional_text(object, "assignee", path));
    let (due, expired) = (due?, expired?);
    Some(TaskStep {
        title: title?,
        note: note?,
        assignee: assignee?.unwrap_or_default(),
        due: due.map(|timeout| Deadline { timeout, next: expired }),
        outcomes: outcomes?,
    })
}

fn outcomes(object: &Object, path: &str, problems: &mut Problems) -> Option<BTreeMap<String, Option<String>>> {
    let path = format!("{path}.outcomes");
    let mut outcomes = BTreeMap::new();
    let Some(given) = object.get("outcomes").filter(|given| !given.is_null()) else { return Some(outcomes) };
    let given = problems.take(as_object(given, &path))?;
    if given.len() > MAX_WAYS {
        problems.note(wrong(path, format!("must have at most {MAX_WAYS} outcomes")));
        return None;
    }
    for word in given.keys() {
        if word.is_empty() || word.len() > 100 || word.contains(char::is_control) {
            problems.note(wrong(&path, "has an outcome that is not 1 to 100 bytes"));
            continue;
        }
        outcomes.extend(problems.take(optional_text(given, word, &path)).map(|next| (word.clone(), next)));
    }
    Some(outcomes)
}
