//! The rule grammar of segments, journey branches and triggers: one grammar, one evaluator.
//!
//! A rule is read from JSON with [`Rule::parse`], which names the path of whatever is wrong, and
//! written back by [`Rule::to_json`] in one canonical form (so that equal conditions have
//! equal text and are evaluated once).
//!
//! Meaning: `within` looks back from *now*: an event that happened at `t` counts while
//! `now − within < t ≤ now`, by its own corrected timestamp, however late it arrives. A missing
//! trait or property makes every comparison false, also `ne` and `nin`; ask `exists` instead.

mod compare;
mod parse;
mod write;

pub use compare::{Comparison, Operator, Test, lookup};

use crate::{Period, ids::SegmentId};

/// Most levels of nesting.
pub const MAX_DEPTH: usize = 20;
/// Most conditions in one rule.
pub const MAX_CONDITIONS: usize = 500;

/// A rule over one member.
#[derive(Clone, Debug, PartialEq)]
pub enum Rule {
    /// Every one holds; true when empty.
    All(Vec<Rule>),
    /// At least one holds; false when empty.
    Any(Vec<Rule>),
    /// The other does not hold.
    Not(Box<Rule>),
    /// A trait compares.
    Trait(Comparison),
    /// The member carries a tag.
    Tag(String),
    /// The member is in a life-cycle stage.
    Stage(String),
    /// Events of one name, counted or aggregated.
    Event(EventCondition),
    /// The member is in another segment.
    Segment(SegmentId),
}

/// "At least two orders of 100 or more within 30 days."
#[derive(Clone, Debug, PartialEq)]
pub struct EventCondition {
    /// Name of the event.
    pub event: String,
    /// Tests on its properties; all must hold.
    pub filters: Vec<Comparison>,
    /// What is computed over the matching events.
    pub measure: Measure,
    /// How the result is compared.
    pub operator: Operator,
    /// With which number.
    pub value: f64,
    /// How far back from now; `None` for all time.
    pub within: Option<Period>,
}

/// What is computed over matching events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Measure {
    /// How many there are.
    Count,
    /// Sum of a numeric property; 0 over none.
    Sum(String),
    /// Mean of a numeric property; comparisons are false over none.
    Avg(String),
    /// Smallest value of a numeric property; comparisons are false over none.
    Min(String),
    /// Largest value of a numeric property; comparisons are false over none.
    Max(String),
}

impl Measure {
    /// The property that is aggregated.
    pub fn property(&self) -> Option<&str> {
        match self {
            Measure::Count => None,
            Measure::Sum(property) | Measure::Avg(property) | Measure::Min(property) | Measure::Max(property) => {
                Some(property)
            }
        }
    }
}

impl Rule {
    /// Calls `visit` for this rule and every rule inside it.
    pub fn walk<'a>(&'a self, visit: &mut impl FnMut(&'a Rule)) {
        visit(self);
        match self {
            Rule::All(rules) | Rule::Any(rules) => rules.iter().for_each(|rule| rule.walk(visit)),
            Rule::Not(rule) => rule.walk(visit),
            _ => {}
        }
    }

    /// The segments that this rule refers to directly.
    pub fn segments(&self) -> Vec<SegmentId> {
        let mut found = Vec::new();
        self.walk(&mut |rule| {
            if let Rule::Segment(id) = rule {
                found.push(*id);
            }
        });
        found
    }
}
