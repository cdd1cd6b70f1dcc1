//! Journeys: automations with an entry, steps, exits and a goal.
//!
//! The [`JourneyStage`] of the pipeline moves members through published documents; a draft
//! becomes a numbered version when it is published, and runs stay on the version that they began.
//!
//! Invariants: a step's effects (a queued message, a tag, a wait) and the run's new place are
//! committed together; the key of a queued message is made of run and step, so that no crash
//! queues it twice.

mod absence;
mod book;
mod changes;
mod comparison;
mod document;
mod ending;
mod entering;
mod explain;
mod figures;
mod holdout;
mod holdout_routes;
mod lift;
mod moving;
mod parse;
mod preview;
mod queued;
mod report;
mod routes;
mod runs;
mod service;
mod stage;
mod state_routes;
mod states;
mod steps;
mod timeline;
mod version_routes;
mod versions;
mod ways;

pub use book::JourneysUseRules;
pub use changes::ChangeJob;
pub use document::{Document, Entry, EventTrigger, Step, StepAction};
pub(crate) use ending::stop_emptied;
pub use routes::routes;
pub use stage::JourneyStage;
pub use timeline::TIMELINE;
