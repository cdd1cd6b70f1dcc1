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
mod book;
mod calendar;
mod chance;
mod document;
mod enter_job;
mod enter_route;
mod entering;
mod explain;
mod explain_messages;
mod explain_routes;
mod explain_rows;
mod flush;
mod leaving;
mod load;
mod memory;
mod naming;
mod occasions;
mod parse;
mod planner;
mod plans;
mod report;
mod routes;
mod runs;
mod service;
mod stage;
mod steps;
mod tasks;
mod timeline;
mod turn;
mod waits;
mod words;

pub use answers::WEBHOOK_ANSWERED;
pub use book::JourneysUseRules;
pub use calendar::{Shift, Window};
pub use document::{
    Awaited, Case, DateEntry, Deadline, Document, Entry, EventTrigger, Goal, Happening, Priority, Reentry,
    ReentryPolicy, Schedule, ScheduleDays, Step, StepAction, TaskStep, Until, Wait, WaitStep, Way,
};
pub use enter_job::EnterJob;
pub use enter_route::command_routes;
pub use entering::JOURNEY_ENTRY_ASKED;
pub use routes::routes;
pub use stage::JourneyStage;
pub use tasks::TASK_COMPLETED;
pub use timeline::TIMELINE;
