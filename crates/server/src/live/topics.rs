//! What the server itself has to tell.

use api::{ApiResult, Area, Caller, LiveTopic, Verb};
use async_trait::async_trait;
use base::{
    Time,
    ids::{JobId, WorkspaceId},
};
use serde_json::{Value, json};
use store::{
    Db,
    jobs::{self, JobFilter, JobRow},
};

use crate::ingest::imports::{job::ImportJob, preview::PreviewJob};

/// So many of the latest jobs are told of.
const LATEST: u64 = 50;

/// The latest jobs: each sees his own, administrators see all.
pub(crate) struct JobsTopic {
    pub db: Db,
}

/// The jobs of the latest imports, which all see who may see imports.
pub(crate) struct ImportsTopic {
    pub db: Db,
}

/// The kinds of jobs that an import has.
const OF_IMPORTS: [&str; 2] = [ImportJob::KIND, PreviewJob::KIND];

fn told(row: JobRow) -> Value {
    json!({
        "id": JobId(row.id).to_string(), "kind": row.kind, "state": row.state, "done": row.done,
        "total": row.total, "created_by": row.created_by,
        "started_at": row.started_at.map(Time::from_millis), "ended_at": row.ended_at.map(Time::from_millis),
    })
}

#[async_trait]
impl LiveTopic for JobsTopic {
    fn name(&self) -> &'static str {
        "jobs"
    }

    /// Everybody may have jobs of his own; what others do is left out.
    fn area(&self) -> Area {
        Area::People
    }

    async fn state(&self, workspace: WorkspaceId, _: Option<&str>) -> ApiResult<Option<Value>> {
        let rows = jobs::find(self.db.read(), workspace, &JobFilter::default(), i64::MAX, LATEST).await?;
        Ok(Some(json!({ "items": rows.into_iter().map(told).collect::<Vec<_>>() })))
    }

    fn shown_to(&self, caller: &Caller, state: &Value) -> Value {
        if caller.require(Area::Settings, Verb::Read).is_ok() {
            return state.clone();
        }
        let items = state["items"].as_array().map(Vec::as_slice).unwrap_or_default();
        let his: Vec<&Value> = items.iter().filter(|item| item["created_by"] == caller.actor.as_str()).collect();
        json!({ "items": his })
    }
}

#[async_trait]
impl LiveTopic for ImportsTopic {
    fn name(&self) -> &'static str {
        "imports"
    }

    fn area(&self) -> Area {
        Area::Ingest
    }

    async fn state(&self, workspace: WorkspaceId, _: Option<&str>) -> ApiResult<Option<Value>> {
        let mut items = Vec::new();
        for kind in OF_IMPORTS {
            let filter = JobFilter { kind: Some(kind), ..JobFilter::default() };
            items.extend(jobs::find(self.db.read(), workspace, &filter, i64::MAX, LATEST).await?.into_iter().map(told));
        }
        Ok(Some(json!({ "items": items })))
    }
}
