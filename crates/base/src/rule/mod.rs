//! The rule grammar of segments, journey branches and triggers: one grammar, one evaluator.
//!
//! A rule is read from JSON with [`Rule::parse`], which names the path of whatever is wrong, and
//! written back by [`Rule::to_json`] in one canonical form (so that equal conditions have
//! equal text and are evaluated once).
//!
//! Meaning: a rule is a function of a member's facts and of a moment. `within` looks back from that moment: an event
//! that happened at `t` counts while `now − within < t ≤ now`, by its own corrected timestamp, however late it arrives. A
//! `sequence` has happened once its events are there in the order of time, all within the window that starts at the
//! first; ties are allowed, and one event serves one step. `been` holds when the inner rule has held without a break
//! for the given time. A missing trait or property makes every comparison false, also `ne` and `nin`; ask `exists`
//! instead. Text compares exactly, unless the operator says otherwise (`ieq`, `icontains` …).

mod compare;
mod constant;
mod contradiction;
mod parse;
mod write;

pub use compare::{Comparison, Operator, Test, compare_numbers, each_value, lookup};

use crate::{
    Period,
    ids::{GroupId, SegmentId},
};

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
    /// Events that followed one another.
    Sequence(SequenceCondition),
    /// Another rule has held for some time without a break.
    Been(Box<Rule>, Period),
    /// The member is in a group.
    Group(GroupId),
    /// The member is in another segment.
    Segment(SegmentId),
}

/// Which events are meant.
#[derive(Clone, Debug, PartialEq)]
pub struct EventFilter {
    /// Name of the event.
    pub event: String,
    /// Tests on its properties; all must hold.
    pub filters: Vec<Comparison>,
}

/// "At least two orders of 100 or more within 30 days."
#[derive(Clone, Debug, PartialEq)]
pub struct EventCondition {
    /// Which events.
    pub filter: EventFilter,
    /// What is computed over the matching events.
    pub measure: Measure,
    /// What is asked of the result. Numbers are compared with numbers; only measures that give any value (see
    /// [`Measure::gives_any_value`]) take every test.
    pub test: Test,
    /// How far back from now; `None` for all time.
    pub within: Option<Period>,
}

/// "Viewed a product and ordered within a day."
#[derive(Clone, Debug, PartialEq)]
pub struct SequenceCondition {
    /// What must have happened, in this order.
    pub steps: Vec<EventFilter>,
    /// How long after the first event the last may be; `None` for however long.
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
    /// How many different values a property has had.
    Distinct(String),
    /// The value of a property in the earliest event that has one. Of several at one moment, the one whose JSON text
    /// is the smallest.
    First(String),
    /// The value of a property in the latest event that has one. Of several at one moment, the one whose JSON text is
    /// the largest.
    Last(String),
    /// The value that a property has had most often. Of several, the one whose JSON text is the smallest.
    MostFrequent(String),
}

impl Measure {
    /// The property that is aggregated.
    pub fn property(&self) -> Option<&str> {
        match self {
            Measure::Count => None,
            Measure::Sum(property)
            | Measure::Avg(property)
            | Measure::Min(property)
            | Measure::Max(property)
            | Measure::Distinct(property)
            | Measure::First(property)
            | Measure::Last(property)
            | Measure::MostFrequent(property) => Some(property),
        }
    }

    /// Whether it asks for the values themselves, not only for numbers.
    pub fn needs_values(&self) -> bool {
        matches!(self, Measure::Distinct(_)) || self.gives_any_value()
    }

    /// Whether it gives a value of any kind, not always a number.
    pub fn gives_any_value(&self) -> bool {
        matches!(self, Measure::First(_) | Measure::Last(_) | Measure::MostFrequent(_))
    }

    /// Its word in the grammar.
    pub fn word(&self) -> &'static str {
        match self {
            Measure::Count => "count",
            Measure::Sum(_) => "sum",
            Measure::Avg(_) => "avg",
            Measure::Min(_) => "min",
            Measure::Max(_) => "max",
            Measure::Distinct(_) => "distinct",
            Measure::First(_) => "first",
            Measure::Last(_) => "last",
            Measure::MostFrequent(_) => "most_frequent",
        }
    }

    /// The measure of a word, over a property; `None` for an unknown word. The property of `count` is left aside.
    pub fn named(word: &str, property: String) -> Option<Measure> {
        Some(match word {
            "count" => Measure::Count,
            "sum" => Measure::Sum(property),
            "avg" => Measure::Avg(property),
            "min" => Measure::Min(property),
            "max" => Measure::Max(property),
            "distinct" => Measure::Distinct(property),
            "first" => Measure::First(property),
            "last" => Measure::Last(property),
            "most_frequent" => Measure::MostFrequent(property),
            _ => return None,
        })
    }
}

impl Rule {
    /// Calls `visit` for this rule and every rule inside it.
    pub fn walk<'a>(&'a self, visit: &mut impl FnMut(&'a Rule)) {
        visit(self);
        match self {
            Rule::All(rules) | Rule::Any(rules) => rules.iter().for_each(|rule| rule.walk(visit)),
            Rule::Not(rule) | Rule::Been(rule, _) => rule.walk(visit),
            _ => {}
        }
    }

    /// The tags that this rule asks for.
    pub fn tags(&self) -> Vec<&str> {
        let mut found = Vec::new();
        self.walk(&mut |rule| {
            if let Rule::Tag(tag) = rule {
                found.push(tag.as_str());
            }
        });
        found
    }

    /// The life-cycle stages that this rule asks for.
    pub fn stages(&self) -> Vec<&str> {
        let mut found = Vec::new();
        self.walk(&mut |rule| {
            if let Rule::Stage(stage) = rule {
                found.push(stage.as_str());
            }
        });
        found
    }

    /// The traits that this rule asks for, as it names them.
    pub fn traits(&self) -> Vec<&str> {
        let mut found = Vec::new();
        self.walk(&mut |rule| {
            if let Rule::Trait(comparison) = rule {
                found.push(comparison.name.as_str());
            }
        });
        found
    }

    /// The periods for which this rule looks back.
    pub fn periods(&self) -> Vec<&Period> {
        let mut found = Vec::new();
        self.walk(&mut |rule| match rule {
            Rule::Event(event) => found.extend(&event.within),
            Rule::Sequence(sequence) => found.extend(&sequence.within),
            Rule::Been(_, period) => found.push(period),
            _ => {}
        });
        found
    }

    /// The groups that this rule asks for.
    pub fn groups(&self) -> Vec<GroupId> {
        let mut found = Vec::new();
        self.walk(&mut |rule| {
            if let Rule::Group(id) = rule {
                found.push(*id);
            }
        });
        found
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
