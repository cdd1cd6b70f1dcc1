//! What was expected, and what came.

use std::collections::BTreeSet;

use base::Time;
use serde::Serialize;
use serde_json::{Value, json};

use super::{Expected, file::ExpectedMessage};
use crate::journeys::simulation::outcome::TrailLine;

/// What a journey did with a made-up member.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Came {
    /// Whether he was let in.
    pub entered: bool,
    /// How his last run stands; none when there is none.
    pub ended: Option<String>,
    /// The steps that he came to, in order.
    pub steps: Vec<String>,
    /// The messages that were queued, in order.
    pub messages: Vec<CameMessage>,
    /// Tags that he carries.
    pub tags: BTreeSet<String>,
    /// Whether the goal was reached.
    pub goal: bool,
    /// All that his runs did.
    pub trail: Vec<TrailLine>,
}

/// A message that was queued.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CameMessage {
    /// The step that queued it.
    pub step: String,
    /// When.
    pub at: Time,
    /// Why it would not be sent.
    pub refused: Option<String>,
}

/// Something that came otherwise.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// Which of what was expected.
    pub what: &'static str,
    /// What was expected.
    pub expected: Value,
    /// What came.
    pub came: Value,
}

/// What came otherwise. `moment` reads the times of the file, which are known to be such.
pub(super) fn differences(expected: &Expected, came: &Came, moment: impl Fn(&str) -> Option<Time>) -> Vec<Difference> {
    let mut found = Vec::new();
    let mut compare = |what: &'static str, expected: Option<Value>, came: Value| {
        if let Some(expected) = expected.filter(|expected| *expected != came) {
            found.push(Difference { what, expected, came });
        }
    };
    compare("entered", expected.entered.map(Value::from), came.entered.into());
    compare("ended", expected.ended.clone().map(Value::from), json!(came.ended));
    compare("steps", expected.steps.as_ref().map(|steps| json!(steps)), json!(came.steps));
    compare("goal", expected.goal.map(Value::from), came.goal.into());
    if let Some(messages) = &expected.messages {
        let shown = |message: &ExpectedMessage, came: Option<&CameMessage>| {
            let at =
                message.at.as_deref().map(|text| moment(text).map_or_else(|| text.to_owned(), |at| at.to_string()));
            // What is not asked for is as it came.
            let at = at.or_else(|| came.map(|came| came.at.to_string()));
            let refused = message.refused.clone().or_else(|| came.and_then(|came| came.refused.clone()));
            json!({"step": message.step, "at": at, "refused": refused})
        };
        let wanted: Vec<Value> =
            messages.iter().enumerate().map(|(place, message)| shown(message, came.messages.get(place))).collect();
        let there = came.messages.iter().map(|one| json!({"step": one.step, "at": one.at, "refused": one.refused}));
        compare("messages", Some(wanted.into()), there.collect());
    }
    let has = |tag: &&String| came.tags.contains(*tag);
    let missing: Vec<&String> = expected.tags.iter().flatten().filter(|tag| !has(tag)).collect();
    if !missing.is_empty() {
        compare("tags", Some(json!(expected.tags)), json!(came.tags));
    }
    let unwanted: Vec<&String> = expected.no_tags.iter().flatten().filter(has).collect();
    if !unwanted.is_empty() {
        compare("no_tags", Some(json!(expected.no_tags)), json!(came.tags));
    }
    found
}
