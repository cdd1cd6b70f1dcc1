//! The journey document: what an automation does, as JSON.
//!
//! [`Document::parse`] names the path of whatever is wrong; a document that it accepts has no
//! step that leads nowhere and no circle that could go round in one moment.

mod check;
mod entry;
mod graph;
mod step;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use base::{
    Period, Problem,
    ids::SegmentId,
    rule::{Comparison, Rule},
};
use serde_json::Value;

pub use entry::{DateEntry, Entry, Schedule, ScheduleDays};
pub use step::{Awaited, Case, Deadline, Priority, Step, StepAction, TaskStep, Until, Wait, WaitStep, Way};

use super::parse::{self, Problems};

/// A journey.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// What lets members in.
    pub entry: Entry,
    /// Who may come again.
    pub reentry: Reentry,
    /// Path into the entry event (`properties.cart_id`). Runs with different values do not see each other: each
    /// value has its own re-entry and its own exits. With re-entry "always" the same value can
    /// come again while its run is under way, just as a member can in a journey without a key.
    pub key: Option<String>,
    /// What ends a run at once.
    pub exit: Vec<Happening>,
    /// What the journey wants to bring about.
    pub goal: Option<Goal>,
    /// Share of members who are left out, to measure lift.
    pub holdout: f64,
    /// The first step.
    pub start: String,
    /// Steps by name.
    pub steps: BTreeMap<String, Step>,
}

/// An event with filters on its properties.
#[derive(Clone, Debug, PartialEq)]
pub struct EventTrigger {
    /// Its name.
    pub event: String,
    /// All must hold.
    pub filters: Vec<Comparison>,
}

/// Something that can happen to a member and matters to a journey.
#[derive(Clone, Debug, PartialEq)]
pub enum Happening {
    /// An event.
    Event(EventTrigger),
    /// He entered a segment.
    Entered(SegmentId),
    /// He left a segment.
    Left(SegmentId),
}

/// What the journey wants to bring about.
#[derive(Clone, Debug, PartialEq)]
pub struct Goal {
    /// The event, or the segment that is entered.
    pub happening: Happening,
    /// How long after the entry it counts.
    pub within: Option<Period>,
}

/// Who may come again. A date that lets members in is asked by its occasions: on each of them a member enters once, whatever the
/// policy, so that "never" lets him in on every birthday.
#[derive(Clone, Debug, PartialEq)]
pub struct Reentry {
    /// The policy.
    pub policy: ReentryPolicy,
    /// Not sooner than this after the last entry.
    pub cooldown: Option<Period>,
}

/// When a member may enter again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReentryPolicy {
    /// Never, but for another occasion of a date.
    Never,
    /// When the last run has ended.
    AfterExit,
    /// Also while another run is under way.
    Always,
}

impl Document {
    /// Reads and checks a document. Needs no database: what it refers to is not looked up.
    pub fn parse(value: &Value) -> Result<Document, Problem> {
        let (document, problems) = Document::examine(value);
        match problems.into_inner().into_iter().next() {
            Some(problem) => Err(problem),
            None => Ok(document),
        }
    }

    /// What can be read of a document in the making; what cannot is left out.
    pub(crate) fn read_part(value: &Value) -> Document {
        Document::examine(value).0
    }

    /// Reads what can be read, and notes everything that is wrong with the rest, in order.
    pub(in crate::journeys) fn examine(value: &Value) -> (Document, Problems) {
        let mut problems = Problems::default();
        let document = parse::document(value, &mut problems);
        document.check(value, &mut problems);
        (document, problems)
    }

    /// The rules of all branches, by "step/case".
    pub fn rules(&self) -> impl Iterator<Item = (String, &Rule)> {
        self.steps.iter().flat_map(|(name, step)| {
            let cases = match &step.action {
                StepAction::Branch(cases) => cases.as_slice(),
                _ => &[],
            };
            cases.iter().enumerate().map(move |(index, case)| (format!("{name}/{index}"), &case.when))
        })
    }

    /// The segments that entry, exits, goal and waits ask for, each with its path. Those in the rules of branches are
    /// not among them.
    pub fn segments(&self) -> Vec<(String, SegmentId)> {
        let mut found = Vec::new();
        match &self.entry {
            Entry::Happening(happening) => found.extend(happening.segment_at("document.entry")),
            Entry::Schedule(Schedule { segment: Some(segment), .. }) => {
                found.push(("document.entry.schedule.segment".to_owned(), *segment));
            }
            Entry::Schedule(_) | Entry::Date(_) | Entry::Manual | Entry::Import => {}
        }
        for (index, exit) in self.exit.iter().enumerate() {
            found.extend(exit.segment_at(&format!("document.exit[{index}]")));
        }
        found.extend(self.goal.iter().filter_map(|goal| goal.happening.segment_at("document.goal")));
        for (name, step) in &self.steps {
            if let StepAction::Wait(WaitStep { wait: Wait::Segment(segment), .. }) = &step.action {
                found.push((format!("document.steps.{name}.segment"), *segment));
            }
        }
        found
    }
}

impl Happening {
    fn segment_at(&self, path: &str) -> Option<(String, SegmentId)> {
        match self {
            Happening::Event(_) => None,
            Happening::Entered(segment) => Some((format!("{path}.segment"), *segment)),
            Happening::Left(segment) => Some((format!("{path}.segment_left"), *segment)),
        }
    }
}

impl EventTrigger {
    /// Whether this event is meant.
    pub fn matches(&self, event: &base::Event) -> bool {
        event.name == self.event
            && (self.filters.is_empty() || {
                let properties = event.properties_value();
                self.filters.iter().all(|filter| filter.holds(&properties))
            })
    }
}
