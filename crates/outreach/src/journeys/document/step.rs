//! The steps of a journey.

use std::collections::BTreeMap;

use base::{
    Period, Time,
    ids::{SegmentId, TemplateId},
    rule::Rule,
};
use jiff::civil;
use serde_json::{Map, Value};

use super::EventTrigger;
use crate::journeys::calendar::{Shift, Window};

/// One step.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// What it does.
    pub action: StepAction,
    /// Where it leads; `None` ends the run. A branch's "else".
    pub next: Option<String>,
}

/// What a step does.
#[derive(Clone, Debug, PartialEq)]
pub enum StepAction {
    /// Waits.
    Wait(WaitStep),
    /// Goes the way of the first case that holds.
    Branch(Vec<Case>),
    /// Goes a way by chance, the same member always the same one.
    Split(Vec<Way>),
    /// Leaves out a share of those who come to it.
    Holdout {
        /// The share.
        share: f64,
        /// Where those go; `None` ends their run.
        held: Option<String>,
    },
    /// Queues a message.
    Send {
        /// A channel's id or a kind of channel.
        channel: String,
        /// The template.
        template: TemplateId,
        /// What the member may unsubscribe from.
        topic: String,
        /// Which messages go first.
        priority: Priority,
        /// After how long it is not sent any more.
        expires: Option<Period>,
    },
    /// Adds and removes tags.
    Tag {
        /// Tags to add.
        add: Vec<String>,
        /// Tags to remove.
        remove: Vec<String>,
    },
    /// Sets traits; `null` clears one.
    Set(Map<String, Value>),
    /// Calls a webhook channel.
    Webhook {
        /// A channel's id or the kind `webhook`.
        channel: String,
        /// Fields to send beside member and journey.
        body: Map<String, Value>,
        /// Traits that the answer gives, with the path to each in it.
        traits: BTreeMap<String, String>,
        /// With it, the run waits for the answer.
        deadline: Option<Deadline>,
    },
    /// Gives somebody of the team something to do, and waits until it is done.
    Task(TaskStep),
    /// Ends the run.
    Exit,
}

/// A wait.
#[derive(Clone, Debug, PartialEq)]
pub struct WaitStep {
    /// For what.
    pub wait: Wait,
    /// Until when at the most, for what may never come.
    pub deadline: Option<Deadline>,
}

/// What a wait waits for.
#[derive(Clone, Debug, PartialEq)]
pub enum Wait {
    /// That this long has passed since the run came to the step.
    For(Period),
    /// A moment.
    Until(Until),
    /// A time of the day or of the week.
    Window(Window),
    /// An event.
    Event(Awaited),
    /// That the member is in a segment.
    Segment(SegmentId),
}

/// The moment until which a run waits.
#[derive(Clone, Debug, PartialEq)]
pub enum Until {
    /// The same for everybody.
    Moment(Time),
    /// What a trait says.
    Trait {
        /// The trait.
        name: String,
        /// How long before or after it.
        offset: Option<Shift>,
        /// The time of the day in the member's zone.
        at: Option<civil::Time>,
    },
}

/// An event for which a run waits.
#[derive(Clone, Debug, PartialEq)]
pub struct Awaited {
    /// Which.
    pub trigger: EventTrigger,
    /// Properties of it, each of which must be what the path names in the entry.
    pub same: Vec<(String, String)>,
}

/// How long something is waited for.
#[derive(Clone, Debug, PartialEq)]
pub struct Deadline {
    /// Since the run came to the step.
    pub timeout: Period,
    /// Where the run goes then; `None` ends it.
    pub next: Option<String>,
}

/// One way out of a branch.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// When it is taken.
    pub when: Rule,
    /// Where it leads.
    pub next: Option<String>,
}

/// One way out of a split.
#[derive(Clone, Debug, PartialEq)]
pub struct Way {
    /// The share of those who come to the split.
    pub share: f64,
    /// Where it leads.
    pub next: Option<String>,
}

/// Something for the team to do.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskStep {
    /// What, in a line.
    pub title: String,
    /// More about it.
    pub note: String,
    /// Who: the id or the e-mail address of a user. Empty: whoever comes first.
    pub assignee: String,
    /// Until when, and where the run goes when it was not done; without it the run waits for ever.
    pub due: Option<Deadline>,
    /// Where each outcome leads; any other leads to the step's next.
    pub outcomes: BTreeMap<String, Option<String>>,
}

/// Which messages go first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Priority {
    /// After all others.
    Low,
    /// As usual.
    Normal,
    /// Before the usual.
    High,
    /// At once, whatever the hour and however many came before.
    Critical,
}

impl Priority {
    /// The number in the ledger: higher ones go first.
    pub fn number(self) -> i64 {
        match self {
            Priority::Low => 10,
            Priority::Normal => 50,
            Priority::High => 80,
            Priority::Critical => 100,
        }
    }
}

impl Step {
    /// All steps that this one can lead to.
    pub fn ways(&self) -> Vec<&str> {
        self.ways_with_paths().into_iter().map(|(_, next)| next).collect()
    }

    /// The same, each with the field that names it.
    pub(super) fn ways_with_paths(&self) -> Vec<(String, &str)> {
        let own = if matches!(self.action, StepAction::Branch(_)) { "else" } else { "next" };
        let mut ways: Vec<(String, Option<&String>)> = vec![(own.to_owned(), self.next.as_ref())];
        match &self.action {
            StepAction::Branch(cases) => {
                let cases = cases.iter().enumerate();
                ways.extend(cases.map(|(index, case)| (format!("cases[{index}].next"), case.next.as_ref())));
            }
            StepAction::Split(split) => {
                let split = split.iter().enumerate();
                ways.extend(split.map(|(index, way)| (format!("ways[{index}].next"), way.next.as_ref())));
            }
            StepAction::Holdout { held, .. } => ways.push(("held".to_owned(), held.as_ref())),
            StepAction::Wait(WaitStep { deadline, .. }) | StepAction::Webhook { deadline, .. } => {
                let deadline = deadline.iter();
                ways.extend(deadline.map(|deadline| ("timeout_next".to_owned(), deadline.next.as_ref())));
            }
            StepAction::Task(task) => {
                ways.extend(task.outcomes.iter().map(|(word, next)| (format!("outcomes.{word}"), next.as_ref())));
                ways.extend(task.due.iter().map(|due| ("expired".to_owned(), due.next.as_ref())));
            }
            StepAction::Send { .. } | StepAction::Tag { .. } | StepAction::Set(_) | StepAction::Exit => {}
        }
        ways.into_iter().filter_map(|(path, next)| Some((path, next?.as_str()))).collect()
    }
}

impl StepAction {
    /// Whether the step looks at what is known of the member, so that what was set before it must be known. A wait by the
    /// clock goes by a new time zone when it is known; a message is made of what is known then.
    pub(in crate::journeys) fn looks_at_member(&self) -> bool {
        match self {
            StepAction::Branch(_) | StepAction::Send { .. } | StepAction::Webhook { .. } => true,
            StepAction::Wait(step) => matches!(step.wait, Wait::Segment(_) | Wait::Until(Until::Trait { .. })),
            _ => false,
        }
    }

    /// Whether time always passes at the step, so that a circle through it does not go round in one moment. A window
    /// may be open, a moment past, and a member may be in a segment already.
    pub(in crate::journeys) fn takes_time(&self) -> bool {
        match self {
            StepAction::Wait(step) => matches!(step.wait, Wait::For(_) | Wait::Event(_)),
            StepAction::Task(_) => true,
            _ => false,
        }
    }
}
