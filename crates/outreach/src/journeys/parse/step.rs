//! Reading steps.

use std::collections::BTreeMap;

use base::{Period, Problem, rule::Rule};
use people::identity::KINDS;
use serde_json::Value;

use super::{
    fields::{Object, as_object, only, optional_period, optional_text, share, text, wrong},
    wait::{deadline, wait},
};
use crate::journeys::document::{Case, Deadline, Priority, Step, StepAction, TaskStep, Way};

/// Most ways out of one step.
const MAX_WAYS: usize = 50;
/// Most traits that one step sets.
const MAX_TRAITS: usize = 50;
/// Most bytes of the note of a task.
const MAX_NOTE_BYTES: usize = 4_000;

pub(super) fn step(object: &Object, path: &str) -> Result<Step, Problem> {
    let kind = text(object, "type", path)?;
    let (action, fields, way): (StepAction, &[&str], &str) = match kind.as_str() {
        // A wait has its own fields for each kind of it.
        "wait" => return Ok(Step { action: wait(object, path)?, next: optional_text(object, "next", path)? }),
        "branch" => (StepAction::Branch(cases(object, path)?), &["cases", "else"], "else"),
        "split" => (StepAction::Split(ways(object, path)?), &["ways"], "next"),
        "holdout" => {
            let share = share(object.get("share"), &format!("{path}.share"))?;
            (
                StepAction::Holdout { share, held: optional_text(object, "held", path)? },
                &["share", "held", "next"],
                "next",
            )
        }
        "send" => (send(object, path)?, &["channel", "template", "topic", "priority", "expires", "next"], "next"),
        "tag" => {
            let (add, remove) = (tags(object, "add", path)?, tags(object, "remove", path)?);
            if add.is_empty() && remove.is_empty() {
                return Err(wrong(path, "must add or remove a tag"));
            }
            (StepAction::Tag { add, remove }, &["add", "remove", "next"], "next")
        }
        "set" => (StepAction::Set(set(object, path)?), &["traits", "next"], "next"),
        "webhook" => {
            (webhook(object, path)?, &["channel", "body", "traits", "timeout", "timeout_next", "next"], "next")
        }
        "task" => {
            let fields = &["title", "note", "assignee", "due", "outcomes", "expired", "next"];
            (StepAction::Task(task(object, path)?), fields, "next")
        }
        "exit" => (StepAction::Exit, &[], "next"),
        _ => {
            let text = "is not wait, branch, split, holdout, send, tag, set, webhook, task or exit";
            return Err(wrong(format!("{path}.type"), text));
        }
    };
    only(object, &[&["type"], fields].concat(), path)?;
    let next = if fields.contains(&way) { optional_text(object, way, path)? } else { None };
    Ok(Step { action, next })
}

fn cases(object: &Object, path: &str) -> Result<Vec<Case>, Problem> {
    let list = object.get("cases").and_then(Value::as_array).filter(|list| (1..=MAX_WAYS).contains(&list.len()));
    let list =
        list.ok_or_else(|| wrong(format!("{path}.cases"), format!("must be a list of 1 to {MAX_WAYS} cases")))?;
    list.iter()
        .enumerate()
        .map(|(index, case)| {
            let path = format!("{path}.cases[{index}]");
            let object = as_object(case, &path)?;
            only(object, &["when", "next"], &path)?;
            let when = object.get("when").ok_or_else(|| wrong(format!("{path}.when"), "is missing"))?;
            let when = Rule::parse_at(when, &format!("{path}.when"))?;
            Ok(Case { when, next: optional_text(object, "next", &path)? })
        })
        .collect()
}

fn ways(object: &Object, path: &str) -> Result<Vec<Way>, Problem> {
    let path = format!("{path}.ways");
    let list = object.get("ways").and_then(Value::as_array).filter(|list| (2..=MAX_WAYS).contains(&list.len()));
    let list = list.ok_or_else(|| wrong(&path, format!("must be a list of 2 to {MAX_WAYS} ways")))?;
    let mut ways = Vec::with_capacity(list.len());
    for (index, way) in list.iter().enumerate() {
        let path = format!("{path}[{index}]");
        let object = as_object(way, &path)?;
        only(object, &["share", "next"], &path)?;
        let share = share(object.get("share"), &format!("{path}.share"))?;
        ways.push(Way { share, next: optional_text(object, "next", &path)? });
    }
    let sum: f64 = ways.iter().map(|way| way.share).sum();
    if (sum - 1.0).abs() > 1e-6 {
        return Err(wrong(path, format!("must have shares that are 1 together, not {sum}")));
    }
    Ok(ways)
}

fn send(object: &Object, path: &str) -> Result<StepAction, Problem> {
    let template = text(object, "template", path)?;
    let template = template.parse().map_err(|_| wrong(format!("{path}.template"), "is not the id of a template"))?;
    let priority = match optional_text(object, "priority", path)?.as_deref() {
        Some("low") => Priority::Low,
        None | Some("normal") => Priority::Normal,
        Some("high") => Priority::High,
        Some("critical") => Priority::Critical,
        Some(_) => return Err(wrong(format!("{path}.priority"), "is not low, normal, high or critical")),
    };
    Ok(StepAction::Send {
        channel: text(object, "channel", path)?,
        template,
        topic: optional_text(object, "topic", path)?.unwrap_or_else(|| "marketing".to_owned()),
        priority,
        expires: optional_period(object, "expires", path)?,
    })
}

fn tags(object: &Object, field: &str, path: &str) -> Result<Vec<String>, Problem> {
    let path = format!("{path}.{field}");
    let Some(value) = object.get(field) else { return Ok(Vec::new()) };
    let list = value.as_array().ok_or_else(|| wrong(&path, "must be a list of tags"))?;
    let tags: Option<Vec<String>> = list.iter().map(|tag| tag.as_str().map(str::to_owned)).collect();
    people::tags::check_tags(&path, tags.ok_or_else(|| wrong(&path, "must be a list of texts"))?)
}

fn set(object: &Object, path: &str) -> Result<Object, Problem> {
    let path = format!("{path}.traits");
    let traits = as_object(object.get("traits").ok_or_else(|| wrong(&path, "is missing"))?, &path)?;
    if traits.is_empty() || traits.len() > MAX_TRAITS {
        return Err(wrong(path, format!("must have 1 to {MAX_TRAITS} traits")));
    }
    for (name, value) in traits {
        check_trait_name(name, &path)?;
        people::members::check_storable(value)?;
    }
    Ok(traits.clone())
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

fn webhook(object: &Object, path: &str) -> Result<StepAction, Problem> {
    let body = match object.get("body") {
        None | Some(Value::Null) => Object::new(),
        Some(body) => as_object(body, &format!("{path}.body"))?.clone(),
    };
    people::members::check_storable(&Value::Object(body.clone()))?;
    let mut traits = BTreeMap::new();
    if let Some(given) = object.get("traits").filter(|given| !given.is_null()) {
        let path = format!("{path}.traits");
        let given = as_object(given, &path)?;
        if given.len() > MAX_TRAITS {
            return Err(wrong(path, format!("must have at most {MAX_TRAITS} traits")));
        }
        for name in given.keys() {
            check_trait_name(name, &path)?;
            traits.insert(name.clone(), text(given, name, &path)?);
        }
    }
    Ok(StepAction::Webhook {
        channel: optional_text(object, "channel", path)?.unwrap_or_else(|| "webhook".to_owned()),
        body,
        traits,
        deadline: deadline(object, path)?,
    })
}

fn task(object: &Object, path: &str) -> Result<TaskStep, Problem> {
    let note = match object.get("note") {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(note)) if note.len() <= MAX_NOTE_BYTES => note.clone(),
        Some(_) => {
            return Err(wrong(format!("{path}.note"), format!("must be a text of at most {MAX_NOTE_BYTES} bytes")));
        }
    };
    let mut outcomes = BTreeMap::new();
    if let Some(given) = object.get("outcomes").filter(|given| !given.is_null()) {
        let path = format!("{path}.outcomes");
        let given = as_object(given, &path)?;
        if given.len() > MAX_WAYS {
            return Err(wrong(path, format!("must have at most {MAX_WAYS} outcomes")));
        }
        for word in given.keys() {
            if word.is_empty() || word.len() > 100 || word.contains(char::is_control) {
                return Err(wrong(path, "has an outcome that is not 1 to 100 bytes"));
            }
            outcomes.insert(word.clone(), optional_text(given, word, &path)?);
        }
    }
    let due: Option<Period> = optional_period(object, "due", path)?;
    let expired = optional_text(object, "expired", path)?;
    if due.is_none() && expired.is_some() {
        return Err(wrong(format!("{path}.due"), "is missing; without it the task does not expire"));
    }
    Ok(TaskStep {
        title: text(object, "title", path)?,
        note,
        assignee: optional_text(object, "assignee", path)?.unwrap_or_default(),
        due: due.map(|timeout| Deadline { timeout, next: expired }),
        outcomes,
    })
}
