//! Segments: rules whose membership follows the facts, live and exact.

mod build;
mod history;
mod routes;
mod service;
mod stage;

use async_trait::async_trait;
use base::ids::{SegmentId, WorkspaceId};
use store::{DbErr, Tx};

pub use build::Builder;
pub use routes::routes;
pub use service::{SegmentDto, load_sources};
pub use stage::SegmentStage;
pub(crate) use stage::settle;

/// Another feature that refers to segments.
#[async_trait]
pub trait SegmentUser: Send + Sync {
    /// The ids of what refers to the segment now, and would stand without it if it were deleted.
    async fn users_of(&self, tx: &Tx, workspace: WorkspaceId, segment: SegmentId) -> Result<Vec<String>, DbErr>;
}
