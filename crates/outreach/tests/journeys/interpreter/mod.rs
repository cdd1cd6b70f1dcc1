//! An obvious interpreter of journeys: one member at a time, one moment after the other, nothing kept ready.
//!
//! It is written from what journeys promise and shares no code with the stage that runs them. Where chance decides (a
//! split, a holdout) it is told what was decided; everything else it works out.

pub mod clocks;
pub mod life;
pub mod rules;
pub mod told;
pub mod triggers;
pub mod walking;

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use serde_json::Value;

pub use life::live;
pub use told::{Line, Run};

/// When a person does a task after it was given, in milliseconds, and with which outcome; `None` when he never does.
pub type Deeds = fn(&Person) -> Option<(i64, Option<String>)>;

/// What is the same for everybody.
pub struct World {
    /// The zone of the workspace: that of windows in rules.
    pub zone: TimeZone,
    /// Segments by their id, each of which is made of those who have one tag.
    pub segments: BTreeMap<String, String>,
    pub journeys: Vec<Journey>,
    /// When the other side of webhooks answers, and with which traits.
    pub answers: fn(&Person) -> Option<(i64, Value)>,
    /// When an operator does a task, and with which outcome.
    pub deeds: Deeds,
}

/// A journey that is published once.
pub struct Journey {
    pub document: Value,
    pub published: i64,
}

/// A member.
#[derive(Clone, Debug)]
pub struct Person {
    pub number: usize,
    pub name: String,
    /// In the order of their arrival, no two at one moment.
    pub happenings: Vec<Happening>,
}

/// Something that arrives.
#[derive(Clone, Debug)]
pub struct Happening {
    pub received: i64,
    /// Perhaps long before.
    pub happened: i64,
    pub what: What,
}

/// What it is.
#[derive(Clone, Debug)]
pub enum What {
    Event { name: String, properties: Value },
    Traits(Value),
    Tags { added: bool, tags: Vec<String> },
}

/// What chance decided.
#[derive(Clone, Debug, PartialEq)]
pub enum Chance {
    Way(usize),
    /// Held out, by the journey, the workspace or a step.
    Held(String),
}

/// By member, journey and step (none: at the entry). Who is not among them was not held out.
pub type Chances = BTreeMap<(String, usize, String), Chance>;

/// A field of a document as text.
pub fn text<'a>(value: &'a Value, field: &str) -> Option<&'a str> {
    value.get(field).and_then(Value::as_str)
}
