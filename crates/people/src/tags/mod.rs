//! Static tags: labels that operators, journeys and imports put on members.

mod routes;
mod stage;

pub use routes::{check_tags, routes};
pub use stage::{TAG_ADDED, TAG_REMOVED, TagStage};
