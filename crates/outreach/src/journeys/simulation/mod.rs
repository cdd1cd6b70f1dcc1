//! Simulation: what a journey would have done with members whose past is known, and with members who are made up.
//!
//! There is no second engine: a [`people::replay::Replay`] runs the real stages, [`super::JourneyStage`] last, over a
//! database in memory with a clock that is moved. The simulated journey is the only one there; what others did (tags, above
//! all) stands in the past of the members. Nothing is written but the result, nothing is sent and nobody is called.
//!
//! [`routes`] ask for one over the past of a workspace, [`SimulateJob`] does it, [`scenario`] is for files of made-up
//! members, which need no workspace at all.

mod answering;
mod asked;
mod compared;
mod job;
mod kept;
mod not_known;
mod outbox;
mod outcome;
mod play;
mod privacy;
mod reading;
mod routes;
mod sample;
pub mod scenario;
mod stage_set;
mod telling;
mod watch;

pub use job::SimulateJob;
pub(crate) use privacy::section;
pub(super) use routes::routes;
pub use stage_set::Stages;
