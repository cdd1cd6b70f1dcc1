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
mod document;
mod entering;
mod explain;
mod parse;
mod report;
mod routes;
mod runs;
mod service;
mod simulation;
mod stage;
mod steps;
mod timeline;

pub use book::JourneysUseRules;
pub use document::{Document, Entry, EventTrigger, Step, StepAction};
pub use routes::routes;
pub(crate) use simulation::section as simulations_section;
pub use simulation::{SimulateJob, Stages, scenario};
pub use stage::JourneyStage;
pub use timeline::TIMELINE;
