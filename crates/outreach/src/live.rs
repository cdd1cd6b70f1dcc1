//! What pages may watch of outreach.

use std::sync::Arc;

use api::{ApiResult, Area, LiveTopic};
use async_trait::async_trait;
use base::ids::{JourneyId, WorkspaceId};
use sea_orm::FromQueryResult;
use serde_json::{Value, json};
use store::Sql;

use crate::{Outreach, outbox};

/// Journeys told of at once.
const MOST_JOURNEYS: i64 = 1_000;

/// What can be watched in this room.
pub fn topics(outreach: &Arc<Outreach>) -> Vec<Arc<dyn LiveTopic>> {
    vec![
        Arc::new(JourneysTopic(outreach.clone())),
        Arc::new(JourneyTopic(outreach.clone())),
        Arc::new(DeliveriesTopic(outreach.clone())),
        Arc::new(TasksTopic(outreach.clone())),
    ]
}

#[derive(FromQueryResult)]
struct JourneyRow {
    id: i64,
    state: String,
    revision: i64,
    under_way: i64,
    entered: i64,
    goals: i64,
    happened: i64,
}

impl JourneyRow {
    fn told(&self) -> Value {
        json!({
            "id": JourneyId(self.id).to_string(), "state": self.state, "revision": self.revision,
            "under_way": self.under_way, "entered": self.entered, "goals": self.goals, "happened": self.happened,
        })
    }
}

/// How many are under way in each journey.
struct JourneysTopic(Arc<Outreach>);

#[async_trait]
impl LiveTopic for JourneysTopic {
    fn name(&self) -> &'static str {
        "journeys"
    }

    fn area(&self) -> Area {
        Area::Outreach
    }

    async fn state(&self, workspace: WorkspaceId, _: Option<&str>) -> ApiResult<Option<Value>> {
        let sql = "SELECT j.id, j.state, j.revision,
                     CAST(COALESCE(SUM(CASE WHEN t.state = 'active' THEN t.runs ELSE 0 END), 0) AS BIGINT) AS under_way,
                     CAST(COALESCE(SUM(t.runs), 0) AS BIGINT) AS entered,
                     CAST(COALESCE(SUM(t.has_goal * t.runs), 0) AS BIGINT) AS goals, CAST(0 AS BIGINT) AS happened
                   FROM (SELECT id, state, revision FROM journeys
                         WHERE workspace_id = $1 AND deleted_at IS NULL ORDER BY id DESC LIMIT $2) AS j
                   LEFT JOIN journey_tallies t ON t.journey_id = j.id
                   GROUP BY j.id, j.state, j.revision ORDER BY j.id DESC";
        let values = vec![workspace.0.into(), MOST_JOURNEYS.into()];
        let rows: Vec<JourneyRow> = self.0.db.read().all(sql, values).await?;
        Ok(Some(json!({ "items": rows.iter().map(JourneyRow::told).collect::<Vec<_>>() })))
    }
}

/// One journey; `happened` differs whenever anybody has gone on in it.
struct JourneyTopic(Arc<Outreach>);

#[async_trait]
impl LiveTopic for JourneyTopic {
    fn name(&self) -> &'static str {
        "journey"
    }

    fn area(&self) -> Area {
        Area::Outreach
    }

    async fn state(&self, workspace: WorkspaceId, id: Option<&str>) -> ApiResult<Option<Value>> {
        let Some(id) = id.and_then(|id| id.parse::<JourneyId>().ok()) else { return Ok(None) };
        let sum = |what: &str, table: &str| {
            format!("(SELECT CAST(COALESCE(SUM({what}), 0) AS BIGINT) FROM {table} WHERE journey_id = $2)")
        };
        let sql = format!(
            "SELECT id, state, revision, {} AS under_way, {} AS entered, {} AS goals, {} AS happened
             FROM journeys WHERE id = $2 AND workspace_id = $1 AND deleted_at IS NULL",
            sum("CASE WHEN state = 'active' THEN runs ELSE 0 END", "journey_tallies"),
            sum("runs", "journey_tallies"),
            sum("has_goal * runs", "journey_tallies"),
            sum("happened", "journey_counts"),
        );
        let row: Option<JourneyRow> = self.0.db.read().one(&sql, vec![workspace.0.into(), id.0.into()]).await?;
        Ok(row.map(|row| row.told()))
    }
}

/// What waits in each channel.
struct DeliveriesTopic(Arc<Outreach>);

#[async_trait]
impl LiveTopic for DeliveriesTopic {
    fn name(&self) -> &'static str {
        "deliveries"
    }

    fn area(&self) -> Area {
        Area::Outreach
    }

    async fn state(&self, workspace: WorkspaceId, _: Option<&str>) -> ApiResult<Option<Value>> {
        let channels = outbox::overview(&self.0, workspace).await?;
        let newest: Option<i64> = self
            .0
            .db
            .read()
            .scalar(
                "SELECT id FROM deliveries WHERE workspace_id = $1 ORDER BY id DESC LIMIT 1",
                vec![workspace.0.into()],
            )
            .await?;
        Ok(Some(json!({ "channels": channels, "newest": newest.map(|id| base::ids::DeliveryId(id).to_string()) })))
    }
}

/// How much operators have to do.
struct TasksTopic(Arc<Outreach>);

#[derive(FromQueryResult)]
struct TaskRow {
    open: i64,
    overdue: i64,
    newest: Option<i64>,
}

#[async_trait]
impl LiveTopic for TasksTopic {
    fn name(&self) -> &'static str {
        "tasks"
    }

    fn area(&self) -> Area {
        Area::Outreach
    }

    async fn state(&self, workspace: WorkspaceId, _: Option<&str>) -> ApiResult<Option<Value>> {
        let sql = "SELECT COUNT(*) AS open, CAST(COALESCE(SUM(CASE WHEN due_at < $2 THEN 1 ELSE 0 END), 0) AS BIGINT)
                     AS overdue, MAX(id) AS newest
                   FROM journey_tasks WHERE workspace_id = $1 AND state = 'open'";
        let values = vec![workspace.0.into(), self.0.clock.now().millis().into()];
        let row: Option<TaskRow> = self.0.db.read().one(sql, values).await?;
        Ok(row.map(|row| {
            let newest = row.newest.map(|id| base::ids::TaskId(id).to_string());
            json!({ "open": row.open, "overdue": row.overdue, "newest": newest })
        }))
    }
}
