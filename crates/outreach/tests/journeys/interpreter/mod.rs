//! An obvious interpreter of journeys: one member at a time, one moment after the other, nothing kept ready.
//!
//! It is written from what journeys promise and shares no code with the stage that runs them. Where chance decides (a
//! split, a holdout) it is told what was decided; everything else it works out.

pub mod clocks;
pub mod entering;
pub mod family;
pub mod life;
pub mod lots;
pub mod meeting;
pub mod orders;
pub mod rules;
pub mod told;
pub mod triggers;
pub mod walking;

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use serde_json::Value;

pub use family::{families, live};
pub use lots::{Chance, Lot, Lots};
pub use orders::{Order, Ordered, Running};
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
    /// What operators do later, in the order of time, no two at one moment.
    pub orders: Vec<Order>,
    /// When the other side of webhooks answers, and with which traits.
    pub answers: fn(&Person) -> Option<(i64, Value)>,
    /// When an operator does a task, and with which outcome.
    pub deeds: Deeds,
}

/// A journey, and when its first version was published.
pub struct Journey {
    pub document: Value,
    pub published: i64,
}

/// A member, as he comes in.
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
    Event {
        name: String,
        properties: Value,
    },
    Traits(Value),
    Tags {
        added: bool,
        tags: Vec<String>,
    },
    /// A row of an import says these traits.
    Imported(Value),
    /// And puts on these tags.
    ImportedTags(Vec<String>),
    /// Somebody lets him into a journey by hand.
    Asked {
        journey: usize,
        key: Option<String>,
        properties: Value,
    },
    /// He turns out to be the same as somebody else, of whom nothing but his past remains.
    Merged {
        with: String,
    },
}

/// A field of a document as text.
pub fn text<'a>(value: &'a Value, field: &str) -> Option<&'a str> {
    value.get(field).and_then(Value::as_str)
}
