//! Scenarios: members who are made up, what happens to them, and what a journey is expected to do.
//!
//! A [`ScenarioFile`] has a journey and scenarios; [`run_all`] plays each in a workspace of its own that has nothing but the
//! segments of the file and one member. Segments, templates and channels may have any names there. Nobody is held out.

mod expected;
mod file;
mod happening;
mod names;
mod play;

pub use super::outcome::SampleMessage;
pub use expected::{Came, Difference};
pub use file::{
    Answered, Expected, ExpectedMessage, Happening, MadeUpMember, Received, Scenario, ScenarioFile, TaskDone,
};
pub use play::{ScenarioOutcome, run_all};
