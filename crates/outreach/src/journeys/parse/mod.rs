//! Reading a journey document, field by field.

mod entry;
mod fields;
mod step;
mod wait;

use std::collections::BTreeMap;

use base::{Code, Problem};
use serde_json::Value;

pub(super) use fields::wrong;
use fields::{Object, as_object, only, optional_period, optional_text, segment, share, text, trigger};
pub(super) use step::names_identity;

use super::document::{Document, Goal, Happening, Reentry, ReentryPolicy, Step};

/// Most steps of one journey.
const MAX_STEPS: usize = 200;
/// Most bytes of a document.
const MAX_BYTES: usize = 512 << 10;

/// Reads a document; whether its parts fit together is not looked at.
pub(super) fn document(value: &Value) -> Result<Document, Problem> {
    let object = as_object(value, "document")?;
    only(object, &["entry", "reentry", "key", "exit", "goal", "holdout", "start", "steps"], "document")?;
    if value.to_string().len() > MAX_BYTES {
        return Err(wrong("document", format!("is longer than {} KB", MAX_BYTES >> 10)));
    }
    Ok(Document {
        entry: entry::entry(object.get("entry"))?,
        reentry: reentry(object.get("reentry"))?,
        key: optional_text(object, "key", "document")?,
        exit: exits(object.get("exit"))?,
        goal: object.get("goal").filter(|goal| !goal.is_null()).map(goal).transpose()?,
        holdout: match object.get("holdout") {
            None | Some(Value::Null) => 0.0,
            given => share(given, "document.holdout")?,
        },
        start: text(object, "start", "document")?,
        steps: steps(object.get("steps"))?,
    })
}

/// An event, or a segment that is entered or left. `more` are further fields of the same object.
fn happening(object: &Object, more: &[&str], path: &str) -> Result<Happening, Problem> {
    let read = |fields: &[&str]| only(object, &[fields, more].concat(), path);
    if object.contains_key("segment") {
        read(&["segment"])?;
        return segment(object, "segment", path).map(Happening::Entered);
    }
    if object.contains_key("segment_left") {
        read(&["segment_left"])?;
        return segment(object, "segment_left", path).map(Happening::Left);
    }
    read(&["event", "where"])?;
    trigger(object, path).map(Happening::Event)
}

fn reentry(value: Option<&Value>) -> Result<Reentry, Problem> {
    let path = "document.reentry";
    let Some(value) = value.filter(|value| !value.is_null()) else {
        return Ok(Reentry { policy: ReentryPolicy::Never, cooldown: None });
    };
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

fn exits(value: Option<&Value>) -> Result<Vec<Happening>, Problem> {
    let path = "document.exit";
    let Some(value) = value.filter(|value| !value.is_null()) else { return Ok(Vec::new()) };
    let list =
        value.as_array().filter(|list| list.len() <= 50).ok_or_else(|| wrong(path, "must be a list of at most 50"))?;
    list.iter()
        .enumerate()
        .map(|(index, item)| {
            let path = format!("{path}[{index}]");
            happening(as_object(item, &path)?, &[], &path)
        })
        .collect()
}

fn goal(value: &Value) -> Result<Goal, Problem> {
    let path = "document.goal";
    let object = as_object(value, path)?;
    let happening = happening(object, &["within"], path)?;
    if matches!(happening, Happening::Left(_)) {
        return Err(wrong(format!("{path}.segment_left"), "cannot be a goal; an event or a segment can"));
    }
    Ok(Goal { happening, within: optional_period(object, "within", path)? })
}

fn steps(value: Option<&Value>) -> Result<BTreeMap<String, Step>, Problem> {
    let path = "document.steps";
    let object = as_object(value.ok_or_else(|| wrong(path, "is missing"))?, path)?;
    if object.is_empty() {
        return Err(wrong(path, "has no step"));
    }
    if object.len() > MAX_STEPS {
        let text = format!("has {} steps; a journey can have {MAX_STEPS}", object.len());
        return Err(Problem::at(Code::TooManySteps, path, text));
    }
    object
        .iter()
        .map(|(name, step)| {
            if name.is_empty() || name.len() > 100 || name.contains(char::is_control) {
                return Err(wrong(path, "has a step whose name is not 1 to 100 bytes"));
            }
            let path = format!("{path}.{name}");
            Ok((name.clone(), step::step(as_object(step, &path)?, &path)?))
        })
        .collect()
}
