//! The pipeline on both databases: exactly once, across restarts, with poison in the log, and with
//! segments that are true at every moment.

#![allow(clippy::unwrap_used, dead_code, reason = "a test stops at the first surprise; not all use all helpers")]

extern crate hearth_people as people;

#[path = "pipeline/evaluation.rs"]
mod evaluation;
#[path = "pipeline/forecast.rs"]
mod forecast;
#[path = "pipeline/groups.rs"]
mod groups;
#[path = "pipeline/identity.rs"]
mod identity;
#[path = "pipeline/live_segments.rs"]
mod live_segments;
#[path = "pipeline/once.rs"]
mod once;
#[path = "pipeline/parting.rs"]
mod parting;
#[path = "pipeline/privacy.rs"]
mod privacy;
mod support;
#[path = "pipeline/tags.rs"]
mod tags;
#[path = "pipeline/trouble.rs"]
mod trouble;
#[path = "pipeline/truth.rs"]
mod truth;
