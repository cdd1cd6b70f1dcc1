//! What pages may watch of the running program.

use std::sync::Arc;

use api::{ApiResult, Area, LiveTopic};
use async_trait::async_trait;
use base::ids::WorkspaceId;
use serde_json::{Value, json};

use crate::health::HouseHealth;

/// How fast events come in, how many have yet to take effect and how many have.
pub struct PipelineTopic(pub Arc<HouseHealth>);

#[async_trait]
impl LiveTopic for PipelineTopic {
    fn name(&self) -> &'static str {
        "pipeline"
    }

    fn area(&self) -> Area {
        Area::People
    }

    async fn state(&self, _: WorkspaceId, _: Option<&str>) -> ApiResult<Option<Value>> {
        let health = &self.0;
        Ok(Some(json!({
            "events_per_second": health.events_per_second(), "waiting": health.waiting(), "done": health.done(),
        })))
    }
}
