//! The pipeline on both databases: exactly once, across restarts, with poison in the log, and with
//! segments that are true at every moment.

#![allow(clippy::unwrap_used, dead_code, reason = "a test stops at the first surprise; not all use all helpers")]

extern crate hearth_people as people;

#[path = "pipeline/accounts.rs"]
mod accounts;
#[path = "pipeline/chance.rs"]
mod chance;
#[path = "pipeline/consent.rs"]
mod consent;
#[path = "pipeline/evaluation.rs"]
mod evaluation;
#[path = "pipeline/finding.rs"]
mod finding;
#[path = "pipeline/forecast.rs"]
mod forecast;
#[path = "pipeline/groups.rs"]
mod groups;
#[path = "pipeline/identity.rs"]
mod identity;
#[path = "pipeline/limits.rs"]
mod limits;
#[path = "pipeline/live_segments.rs"]
mod live_segments;
#[path = "pipeline/loading.rs"]
mod loading;
#[path = "pipeline/members.rs"]
mod members;
#[path = "pipeline/once.rs"]
mod once;
#[path = "pipeline/operations.rs"]
mod operations;
#[path = "pipeline/parting.rs"]
mod parting;
#[path = "pipeline/phones.rs"]
mod phones;
#[path = "pipeline/preview.rs"]
mod preview;
#[path = "pipeline/privacy.rs"]
mod privacy;
#[path = "pipeline/sizes.rs"]
mod sizes;
#[path = "pipeline/snapshots.rs"]
mod snapshots;
#[path = "pipeline/suggestions.rs"]
mod suggestions;
mod support;
#[path = "pipeline/tags.rs"]
mod tags;
#[path = "pipeline/timeline.rs"]
mod timeline;
#[path = "pipeline/traits.rs"]
mod traits;
#[path = "pipeline/trouble.rs"]
mod trouble;
#[path = "pipeline/truth.rs"]
mod truth;
#[path = "pipeline/village.rs"]
mod village;
#[path = "pipeline/vouching.rs"]
mod vouching;
#[path = "pipeline/words.rs"]
mod words;
