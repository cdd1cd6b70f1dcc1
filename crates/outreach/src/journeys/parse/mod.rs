//! Reading a journey document, field by field.
//!
//! Everything that is wrong is noted, and what can be read is read: a document in the making is shown with all of its
//! problems at once, each at its place. Whoever needs a whole document takes the first problem for a refusal.

mod entry;
mod fields;
mod layout;
mod step;
mod wait;

use std::collections::BTreeMap;

use base::{Code, Problem};
use serde_json::Value;

use fields::{Object, as_object, optional_period, optional_text, segment, share, text, trigger};
pub(super) use fields::{Problems, wrong};
pub(super) use layout::tidy as tidy_layout;
pub(super) use step::names_identity;

use super::document::{Document, Entry, Goal, Happening, Reentry, ReentryPolicy, Step};

/// Most steps of one journey.
const MAX_STEPS: usize = 200;
/// Most bytes of a document.
const MAX_BYTES: usize = 512 << 10;
const FIELDS: &[&str] = &["entry", "reentry", "key", "exit", "goal", "holdout", "start", "steps", "layout"];

/// Reads a document; whether its parts fit together is not looked at. What cannot be read is noted and left out: an
/// entry becomes a manual one, a step is missing.
pub(super) fn document(value: &Value, problems: &mut Problems) -> Document {
    let mut document = Document {
        entry: Entry::Manual,
        reentry: Reentry { policy: ReentryPolicy::Never, cooldown: None },
        key: None,
        exit: Vec::new(),
        goal: None,
        holdout: 0.0,
        start: String::new(),
        steps: BTreeMap::new(),
    };
    let Some(object) = problems.take(as_object(value, "document")) else { return document };
    problems.only(object, FIELDS, "document");
    if value.to_string().len() > MAX_BYTES {
        problems.note(wrong("document", format!("is longer than {} KB", MAX_BYTES >> 10)));
        return document;
    }
    if let Some(entry) = entry::entry(object.get("entry"), problems) {
        document.entry = entry;
    }
    if let Some(reentry) = reentry(object.get("reentry"), problems) {
        document.reentry = reentry;
    }
    document.key = problems.take(optional_text(object, "key", "document")).flatten();
    document.exit = exits(object.get("exit"), problems);
    document.goal = object.get("goal").filter(|goal| !goal.is_null()).and_then(|value| goal(value, problems));
    if let Some(given) = object.get("holdout").filter(|given| !given.is_null()) {
        document.holdout = problems.take(share(Some(given), "document.holdout")).unwrap_or_default();
    }
    document.start = problems.take(text(object, "start", "document")).unwrap_or_default();
    document.steps = steps(object.get("steps"), problems);
    layout::check(object.get("layout"), problems);
    document
}

/// An event, or a segment that is entered or left. `more` are further fields of the same object.
fn happening(object: &Object, more: &[&str], path: &str, problems: &mut Problems) -> Option<Happening> {
    let mut read = |fields: &[&str]| problems.only(object, &[fields, more].concat(), path);
    if object.contains_key("segment") {
        read(&["segment"]);
        return problems.take(segment(object, "segment", path)).map(Happening::Entered);
    }
    if object.contains_key("segment_left") {
        read(&["segment_left"]);
        return problems.take(segment(object, "segment_left", path)).map(Happening::Left);
    }
    read(&["event", "where"]);
    trigger(object, path, problems).map(Happening::Event)
}

fn reentry(value: Option<&Value>, problems: &mut Problems) -> Option<Reentry> {
    let path = "document.reentry";
    let object = problems.take(as_object(value.filter(|value| !value.is_null())?, path))?;
    problems.only(object, &["policy", "cooldown"], path);
    let policy = problems.take(text(object, "policy", path).and_then(|policy| match policy.as_str() {
        "never" => Ok(ReentryPolicy::Never),
        "after_exit" => Ok(ReentryPolicy::AfterExit),
        "always" => Ok(ReentryPolicy::Always),
        _ => Err(wrong(format!("{path}.policy"), "is not never, after_exit or always")),
    }));
    let cooldown = problems.take(optional_period(object, "cooldown", path));
    Some(Reentry { policy: policy?, cooldown: cooldown? })
}

fn exits(value: Option<&Value>, problems: &mut Problems) -> Vec<Happening> {
    let path = "document.exit";
    let Some(value) = value.filter(|value| !value.is_null()) else { return Vec::new() };
    let list = value.as_array().filter(|list| list.len() <= 50);
    let list = problems.take(list.ok_or_else(|| wrong(path, "must be a list of at most 50")));
    let exit = |(index, item): (usize, &Value)| {
        let path = format!("{path}[{index}]");
        let object = problems.take(as_object(item, &path))?;
        happening(object, &[], &path, problems)
    };
    list.into_iter().flatten().enumerate().filter_map(exit).collect()
}

fn goal(value: &Value, problems: &mut Problems) -> Option<Goal> {
    let path = "document.goal";
    let object = problems.take(as_object(value, path))?;
    let happening = happening(object, &["within"], path, problems);
    if matches!(happening, Some(Happening::Left(_))) {
        problems.note(wrong(format!("{path}.segment_left"), "cannot be a goal; an event or a segment can"));
    }
    let within = problems.take(optional_period(object, "within", path));
    Some(Goal { happening: happening?, within: within? })
}

fn steps(value: Option<&Value>, problems: &mut Problems) -> BTreeMap<String, Step> {
    let path = "document.steps";
    let mut read = BTreeMap::new();
    let object = value.ok_or_else(|| wrong(path, "is missing")).and_then(|value| as_object(value, path));
    let Some(object) = problems.take(object) else { return read };
    if object.is_empty() {
        problems.note(wrong(path, "has no step"));
    }
    if object.len() > MAX_STEPS {
        let text = format!("has {} steps; a journey can have {MAX_STEPS}", object.len());
        problems.note(Problem::at(Code::TooManySteps, path, text));
        return read;
    }
    for (name, step) in object {
        if name.is_empty() || name.len() > 100 || name.contains(char::is_control) {
            problems.note(wrong(path, "has a step whose name is not 1 to 100 bytes"));
            continue;
        }
        let path = format!("{path}.{name}");
        let object = problems.take(as_object(step, &path));
        if let Some(step) = object.and_then(|object| step::step(object, &path, problems)) {
            read.insert(name.clone(), step);
        }
    }
    read
}
