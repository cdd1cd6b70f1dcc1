//! What journeys listen to.

use serde_json::{Value, json};

use super::{rules, text};

/// What journeys listen to.
pub enum Trigger<'a> {
    Event { name: &'a str, properties: &'a Value, happened: i64 },
    Entered(&'a str),
    Left(&'a str),
}

impl Trigger<'_> {
    pub fn at(&self, now: i64) -> i64 {
        if let Trigger::Event { happened, .. } = self { *happened } else { now }
    }

    pub fn properties(&self) -> Value {
        if let Trigger::Event { properties, .. } = self { (*properties).clone() } else { json!({}) }
    }

    pub fn word(&self) -> &'static str {
        match self {
            Trigger::Event { .. } => "event",
            Trigger::Entered(_) => "segment",
            Trigger::Left(_) => "segment_left",
        }
    }

    /// Whether an entry, an exit or a goal asks for it.
    pub fn fits(&self, wish: &Value) -> bool {
        match self {
            Trigger::Event { name, properties, .. } => {
                text(wish, "event") == Some(name) && rules::passes(wish, properties)
            }
            Trigger::Entered(segment) => text(wish, "segment") == Some(segment),
            Trigger::Left(segment) => text(wish, "segment_left") == Some(segment),
        }
    }
}
