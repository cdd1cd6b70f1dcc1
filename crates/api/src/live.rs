//! What pages may watch while they are open.

use async_trait::async_trait;
use base::ids::WorkspaceId;
use serde_json::Value;

use crate::{ApiResult, Area, Caller};

/// One thing that changes by itself, such as the queue of messages or the numbers of one journey. A room that has such
/// things hands one of these to the server for each kind.
#[async_trait]
pub trait LiveTopic: Send + Sync + 'static {
    /// The word by which it is asked for. Of a topic about one thing among many, the word before the colon:
    /// `journey` for `journey:jrn_…`.
    fn name(&self) -> &'static str;

    /// Whoever may read this may watch.
    fn area(&self) -> Area;

    /// How it stands now: small, since it is asked for whenever something has been committed, and only numbers and ids,
    /// since it is sent to everybody who may watch. `None` when there is no such thing in the workspace.
    async fn state(&self, workspace: WorkspaceId, id: Option<&str>) -> ApiResult<Option<Value>>;

    /// What of it this caller may see.
    fn shown_to(&self, caller: &Caller, state: &Value) -> Value {
        let _ = caller;
        state.clone()
    }
}
