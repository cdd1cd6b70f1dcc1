//! Journeys through the whole pipeline on both databases.

#![allow(clippy::unwrap_used, dead_code, reason = "a test stops at the first surprise; not all use all helpers")]

extern crate hearth_outreach as outreach;

#[path = "journeys/answers.rs"]
mod answers;
#[path = "journeys/checking.rs"]
mod checking;
#[path = "journeys/dates.rs"]
mod dates;
#[path = "journeys/differing.rs"]
mod differing;
#[path = "journeys/disagreements.rs"]
mod disagreements;
#[path = "journeys/doors.rs"]
mod doors;
#[path = "journeys/drawing.rs"]
mod drawing;
#[path = "journeys/echoes.rs"]
mod echoes;
#[path = "journeys/entry.rs"]
mod entry;
#[path = "journeys/explain.rs"]
mod explain;
#[path = "journeys/inside.rs"]
mod inside;
#[path = "journeys/interpreter/mod.rs"]
mod interpreter;
#[path = "journeys/lift.rs"]
mod lift;
#[path = "journeys/moving.rs"]
mod moving;
#[path = "journeys/ninety_days.rs"]
mod ninety_days;
#[path = "journeys/outcome.rs"]
mod outcome;
#[path = "journeys/overview.rs"]
mod overview;
#[path = "journeys/parting.rs"]
mod parting;
#[path = "journeys/publishing.rs"]
mod publishing;
#[path = "journeys/random.rs"]
mod random;
#[path = "journeys/replay.rs"]
mod replay;
#[path = "journeys/starters.rs"]
mod starters;
#[path = "journeys/steps.rs"]
mod steps;
mod support;
#[path = "journeys/survival.rs"]
mod survival;
#[path = "journeys/tallies.rs"]
mod tallies;
#[path = "journeys/tasks.rs"]
mod tasks;
#[path = "journeys/timeline.rs"]
mod timeline;
#[path = "journeys/versions.rs"]
mod versions;
#[path = "journeys/waits.rs"]
mod waits;
#[path = "journeys/ways.rs"]
mod ways;
