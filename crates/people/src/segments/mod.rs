//! Segments: rules whose membership follows the facts, live and exact.

mod build;
mod history;
mod making;
mod preview;
mod routes;
mod service;
mod sizes;
mod stage;
mod usage;

mod references;
mod snapshot;

use async_trait::async_trait;
use base::{ids::WorkspaceId, rule::Rule};
use store::{DbErr, Tx};

pub use build::Builder;
pub(crate) use build::succeed;
pub use making::insert;
pub use preview::{Preview, holders, preview};
pub(crate) use references::{Asker, Reference, check_references, rebuild_dependents, users_of};
pub use references::{check_rule, rebuild_calendars};
pub(crate) use routes::{begin_change, finish_change};
pub use routes::{check_name, routes};
pub(crate) use service::{Entry, build_anew, change_rule, delete, discard_successor, enter, get};
pub use service::{SegmentDto, load_sources, member_ids, zone_of};
pub use snapshot::keep_members;
pub use stage::SegmentStage;
pub(crate) use stage::settle;

/// Another feature that asks rules.
#[async_trait]
pub trait RuleUser: Send + Sync {
    /// What is in use now, and would stand without something if that were deleted.
    async fn uses(&self, tx: &Tx, workspace: WorkspaceId) -> Result<Vec<RuleUse>, DbErr>;
}

/// What one thing of another feature uses.
#[derive(Clone, Debug)]
pub struct RuleUse {
    /// The id of the thing.
    pub who: String,
    /// The rules that it asks.
    pub rules: Vec<Rule>,
    /// The tags that it puts on members and takes off.
    pub tags: Vec<String>,
}
