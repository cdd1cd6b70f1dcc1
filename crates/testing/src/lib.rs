//! What the tests of several rooms share: databases of their own, and the pipeline over a real log with a clock
//! that stands still until the test moves it. Only tests depend on it.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod database;
mod pipeline;
mod plans;

pub use database::{TestDatabase, on_every_database};
pub use pipeline::{Bench, DAY, HOUR, MINUTE, START, WORKSPACE, Who, add_segment, add_workspace, both, user, visitor};
