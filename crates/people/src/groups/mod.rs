//! Groups that members belong to, as events tell it: a `group` call, "Group Joined" and "Group Left".
//!
//! Belonging is a fact of the identity under which it was told, like a tag; a member belongs to a group when any of his
//! identities does. Of what was told of one identity and group, the latest by its own timestamp counts.

mod routes;
mod stage;

pub use routes::routes;
pub use stage::{GROUP_JOINED, GROUP_LEFT, GroupStage};
