//! Journeys: automations with an entry, steps, exits and a goal.
//!
//! The [`JourneyStage`] of the pipeline moves members through published documents; a draft
//! becomes a numbered version when it is published, and runs stay on the version that they began.
//!
//! Invariants: a step's effects (a queued message, a tag, a wait) and the run's new place are
//! committed together; the key of a queued message is made of run and step, so that no crash
//! queues it twice.

mod absence;
mod actions;
mod anniversaries;
mod answers;
mod arrivals;
mod book;
mod calendar;
mod chance;
mod changes;
mod check_routes;
mod checking;
mod comparison;
mod document;
mod echo;
mod ending;
mod enter_job;
mod enter_route;
mod entering;
mod explain;
mod explain_messages;
mod explain_routes;
mod explain_rows;
mod figures;
mod flush;
mod holdout;
mod holdout_routes;
mod inside;
mod leaving;
mod lift;
mod lift_words;
mod load;
mod member_runs;
mod memory;
mod moving;
mod naming;
mod occasions;
mod overview;
mod parse;
mod planner;
mod plans;
mod preview;
mod queued;
mod references;
mod report;
mod routes;
mod runs;
mod service;
mod simulation;
mod stage;
mod starters;
mod state_routes;
mod states;
mod steps;
mod tallies;
mod tasks;
mod timeline;
mod touched;
mod turn;
mod version_routes;
mod versions;
mod waits;
mod ways;
mod words;

pub use answers::WEBHOOK_ANSWERED;
pub use book::JourneysUseRules;
pub use calendar::{Shift, Window};
pub use changes::ChangeJob;
pub use document::{
    Awaited, Case, DateEntry, Deadline, Document, Entry, EventTrigger, Goal, Happening, Priority, Reentry,
    ReentryPolicy, Schedule, ScheduleDays, Step, StepAction, TaskStep, Until, Wait, WaitStep, Way,
};
pub(crate) use ending::stop_emptied;
pub use enter_job::EnterJob;
pub use enter_route::command_routes;
pub use entering::JOURNEY_ENTRY_ASKED;
pub use routes::routes;
pub(crate) use simulation::section as simulations_section;
pub use simulation::{SimulateJob, Stages, scenario};
pub use stage::JourneyStage;
pub(crate) use tallies::{Counting, QUARTER, count as count_runs};
pub use tasks::TASK_COMPLETED;
pub use timeline::TIMELINE;

/// Why a message was not sent and what can be done about it, in English and in Chinese; `None` for an unknown reason.
pub(crate) fn reason_in_words(reason: &str) -> Option<(String, String)> {
    let reason = words::reasons::find(reason)?;
    let words = reason.why().sentence().then(&reason.advice());
    Some((words.en, words.zh))
}
