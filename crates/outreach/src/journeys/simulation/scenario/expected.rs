//! What was expected, and what came.

use std::collections::BTreeSet;

use base::Time;
use serde::Serialize;
use serde_json::{Value, json};

use super::{Expected, SampleMessage, file::ExpectedMessage};
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
    pub messages: Vec<SampleMessage>,
    /// Tags that he carries.
    pub tags: BTreeSet<String>,
    /// Whether the goal was reached.
    pub goal: bool,
    /// All that his runs did.
    pub trail: Vec<TrailLine>,
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
        let wanted: Vec<Value> = messages
            .iter()
            .enumerate()
            .map(|(place, message)| wanted(message, came.messages.get(place), &moment))
            .collect();
        compare("messages", Some(wanted.into()), came.messages.iter().map(shown).collect());
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

fn shown(came: &SampleMessage) -> Value {
    json!({
        "step": came.step, "at": came.queued_at, "sent_at": came.sent_at, "put_off": came.put_off, "refused": came.refused,
    })
}

/// An expected message beside the one that came; what is not asked for is as it came.
fn wanted(message: &ExpectedMessage, came: Option<&SampleMessage>, moment: impl Fn(&str) -> Option<Time>) -> Value {
    let mut wanted = came.map_or_else(|| json!({"at": null, "sent_at": null, "put_off": null, "refused": null}), shown);
    wanted["step"] = message.step.as_str().into();
    for (field, text) in [("at", &message.at), ("sent_at", &message.sent_at)] {
        if let Some(text) = text {
            wanted[field] = moment(text).map_or_else(|| text.as_str().into(), |at| json!(at));
        }
    }
    for (field, word) in [("put_off", &message.put_off), ("refused", &message.refused)] {
        if let Some(word) = word {
            wanted[field] = word.as_str().into();
        }
    }
    wanted
}
