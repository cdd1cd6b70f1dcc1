//! Reading a journey document, field by field.

use std::collections::BTreeMap;

use base::{
    Period, Problem,
    rule::{Comparison, Rule},
};
use serde_json::{Map, Value};

use super::document::{Case, Document, Entry, EventTrigger, Goal, Reentry, ReentryPolicy, Step, StepAction};

type Object = Map<String, Value>;

/// Most steps of one journey.
const MAX_STEPS: usize = 200;

/// Reads a document; whether its parts fit together is not looked at.
pub(super) fn document(value: &Value) -> Result<Document, Problem> {
    let object = as_object(value, "document")?;
    only(object, &["entry", "reentry", "key", "exit", "goal", "holdout", "start", "steps"], "document")?;
    Ok(Document {
        entry: parse_entry(object.get("entry"))?,
        reentry: parse_reentry(object.get("reentry"))?,
        key: optional_text(object, "key", "document")?,
        exit: parse_exit(object.get("exit"))?,
        goal: object.get("goal").map(parse_goal).transpose()?,
        holdout: parse_holdout(object.get("holdout"))?,
        start: text(object, "start", "document")?,
        steps: parse_steps(object.get("steps"))?,
    })
}

fn parse_entry(value: Option<&Value>) -> Result<Entry, Problem> {
    let path = "document.entry";
    let object = as_object(value.ok_or_else(|| wrong(path, "is missing"))?, path)?;
    if object.contains_key("segment") {
        only(object, &["segment"], path)?;
        let id = text(object, "segment", path)?;
        return id
            .parse()
            .map(Entry::Segment)
            .map_err(|_| wrong(format!("{path}.segment"), "is not the id of a segment"));
    }
    parse_trigger(object, &["event", "where"], path).map(Entry::Event)
}

fn parse_trigger(object: &Object, allowed: &[&str], path: &str) -> Result<EventTrigger, Problem> {
    only(object, allowed, path)?;
    let filters = Comparison::parse_list(object.get("where"), &format!("{path}.where"))?;
    Ok(EventTrigger { event: text(object, "event", path)?, filters })
}

fn parse_reentry(value: Option<&Value>) -> Result<Reentry, Problem> {
    let path = "document.reentry";
    let Some(value) = value else { return Ok(Reentry { policy: ReentryPolicy::Never, cooldown: None }) };
    let object = as_object(value, path)?;
    only(object, &["policy", "cooldown"], path)?;
    let policy = match text(object, "policy", path)?.as_str() {
        "never" => ReentryPolicy::Never,
        "after_exit" => ReentryPolicy::AfterExit,
        "always" => ReentryPolicy::Always,
        _ => return Err(wrong(format!("{path}.policy"), "is not never, after_exit or always")),
    };
    Ok(Reentry { policy, cooldown: optional_period(object, "cooldown", path)? })
}

fn parse_exit(value: Option<&Value>) -> Result<Vec<EventTrigger>, Problem> {
    let path = "document.exit";
    let Some(value) = value else { return Ok(Vec::new()) };
    let list =
        value.as_array().filter(|list| list.len() <= 50).ok_or_else(|| wrong(path, "must be a list of at most 50"))?;
    list.iter()
        .enumerate()
        .map(|(index, item)| {
            let path = format!("{path}[{index}]");
            parse_trigger(as_object(item, &path)?, &["event", "where"], &path)
        })
        .collect()
}

fn parse_goal(value: &Value) -> Result<Goal, Problem> {
    let path = "document.goal";
    let object = as_object(value, path)?;
    let trigger = parse_trigger(object, &["event", "where", "within"], path)?;
    Ok(Goal { trigger, within: optional_period(object, "within", path)? })
}

fn parse_holdout(value: Option<&Value>) -> Result<f64, Problem> {
    let Some(value) = value else { return Ok(0.0) };
    let share = value.as_f64().filter(|share| (0.0..=1.0).contains(share));
    share.ok_or_else(|| wrong("document.holdout", "must be a number from 0 to 1"))
}

fn parse_steps(value: Option<&Value>) -> Result<BTreeMap<String, Step>, Problem> {
    let path = "document.steps";
    let object = as_object(value.ok_or_else(|| wrong(path, "is missing"))?, path)?;
    if object.is_empty() || object.len() > MAX_STEPS {
        return Err(wrong(path, format!("must have 1 to {MAX_STEPS} steps")));
    }
    object
        .iter()
        .map(|(name, step)| {
            if name.is_empty() || name.len() > 100 || name.contains(char::is_control) {
                return Err(wrong(path, "has a step whose name is not 1 to 100 bytes"));
            }
            let path = format!("{path}.{name}");
            Ok((name.clone(), parse_step(as_object(step, &path)?, &path)?))
        })
        .collect()
}

fn parse_step(object: &Object, path: &str) -> Result<Step, Problem> {
    let (action, fields, way): (StepAction, &[&str], &str) = match text(object, "type", path)?.as_str() {
        "wait" => (StepAction::Wait(period(object, "for", path)?), &["type", "for", "next"], "next"),
        "branch" => (StepAction::Branch(parse_cases(object, path)?), &["type", "cases", "else"], "else"),
        "send" => {
            let template = text(object, "template", path)?;
            let template =
                template.parse().map_err(|_| wrong(format!("{path}.template"), "is not the id of a template"))?;
            let topic = optional_text(object, "topic", path)?.unwrap_or_else(|| "marketing".to_owned());
            let channel = text(object, "channel", path)?;
            (StepAction::Send { channel, template, topic }, &["type", "channel", "template", "topic", "next"], "next")
        }
        "tag" => {
            let (add, remove) = (parse_tags(object, "add", path)?, parse_tags(object, "remove", path)?);
            if add.is_empty() && remove.is_empty() {
                return Err(wrong(path, "must add or remove a tag"));
            }
            (StepAction::Tag { add, remove }, &["type", "add", "remove", "next"], "next")
        }
        "webhook" => {
            let body = match object.get("body") {
                None => Object::new(),
                Some(body) => as_object(body, &format!("{path}.body"))?.clone(),
            };
            people::members::check_storable(&Value::Object(body.clone()))?;
            let channel = optional_text(object, "channel", path)?.unwrap_or_else(|| "webhook".to_owned());
            (StepAction::Webhook { channel, body }, &["type", "channel", "body", "next"], "next")
        }
        "exit" => (StepAction::Exit, &["type"], "next"),
        _ => return Err(wrong(format!("{path}.type"), "is not wait, branch, send, tag, webhook or exit")),
    };
    only(object, fields, path)?;
    Ok(Step { action, next: optional_text(object, way, path)? })
}

fn parse_cases(object: &Object, path: &str) -> Result<Vec<Case>, Problem> {
    let list = object.get("cases").and_then(Value::as_array).filter(|list| (1..=20).contains(&list.len()));
    let list = list.ok_or_else(|| wrong(format!("{path}.cases"), "must be a list of 1 to 20 cases"))?;
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

fn parse_tags(object: &Object, field: &str, path: &str) -> Result<Vec<String>, Problem> {
    let path = format!("{path}.{field}");
    let Some(value) = object.get(field) else { return Ok(Vec::new()) };
    let list = value.as_array().ok_or_else(|| wrong(&path, "must be a list of tags"))?;
    let tags: Option<Vec<String>> = list.iter().map(|tag| tag.as_str().map(str::to_owned)).collect();
    people::tags::check_tags(&path, tags.ok_or_else(|| wrong(&path, "must be a list of texts"))?)
}

fn as_object<'a>(value: &'a Value, path: &str) -> Result<&'a Object, Problem> {
    value.as_object().ok_or_else(|| wrong(path, "must be an object"))
}

fn only(object: &Object, allowed: &[&str], path: &str) -> Result<(), Problem> {
    match object.keys().find(|key| !allowed.contains(&key.as_str())) {
        None => Ok(()),
        Some(unknown) => {
            let unknown: String = unknown.chars().take(64).collect();
            Err(wrong(format!("{path}.{unknown}"), format!("is not known here; expected {}", allowed.join(", "))))
        }
    }
}

fn text(object: &Object, field: &str, path: &str) -> Result<String, Problem> {
    optional_text(object, field, path)?.ok_or_else(|| wrong(format!("{path}.{field}"), "is missing"))
}

fn optional_text(object: &Object, field: &str, path: &str) -> Result<Option<String>, Problem> {
    match object.get(field) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if !text.is_empty() && text.len() <= 200 && !text.contains('\0') => {
            Ok(Some(text.clone()))
        }
        Some(_) => Err(wrong(format!("{path}.{field}"), "must be a text of 1 to 200 bytes")),
    }
}

fn period(object: &Object, field: &str, path: &str) -> Result<Period, Problem> {
    optional_period(object, field, path)?.ok_or_else(|| wrong(format!("{path}.{field}"), "is missing"))
}

fn optional_period(object: &Object, field: &str, path: &str) -> Result<Option<Period>, Problem> {
    let text = optional_text(object, field, path)?;
    text.map(|text| {
        text.parse().map_err(|e: base::period::PeriodError| wrong(format!("{path}.{field}"), e.to_string()))
    })
    .transpose()
}

/// A part of the document that is wrong.
pub(super) fn wrong(path: impl Into<String>, message: impl Into<String>) -> Problem {
    Problem::at(base::Code::InvalidJourney, path, message)
}
