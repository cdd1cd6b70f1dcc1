//! Journeys through the whole pipeline on both databases.

#![allow(clippy::unwrap_used, dead_code, reason = "a test stops at the first surprise; not all use all helpers")]

extern crate hearth_outreach as outreach;

#[path = "journeys/entry.rs"]
mod entry;
#[path = "journeys/explain.rs"]
mod explain;
#[path = "journeys/lift.rs"]
mod lift;
#[path = "journeys/moving.rs"]
mod moving;
#[path = "journeys/parting.rs"]
mod parting;
#[path = "journeys/publishing.rs"]
mod publishing;
#[path = "journeys/steps.rs"]
mod steps;
mod support;
#[path = "journeys/survival.rs"]
mod survival;
#[path = "journeys/timeline.rs"]
mod timeline;
#[path = "journeys/versions.rs"]
mod versions;
