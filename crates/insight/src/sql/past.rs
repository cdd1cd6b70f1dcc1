//! Queries that were asked.

use std::sync::Arc;

use api::{ApiResult, Caller, Page, PageQuery};
use base::{Time, ids::QueryId};
use serde::Serialize;
use store::{DbErr, FromQueryResult, Sql};
use tokio::sync::oneshot;
use utoipa::ToSchema;

use crate::Insight;

/// So many of a workspace are kept.
const MOST: i64 = 1_000;
/// What stands for an error when nobody waited for the answer any more.
const CANCELLED: &str = "cancelled";

/// How a query ended.
pub(super) struct Outcome {
    pub(super) rows: Option<i64>,
    pub(super) error: Option<&'static str>,
}

/// A query that was asked.
#[derive(Serialize, ToSchema)]
pub(super) struct PastQuery {
    /// `qry_…`
    #[schema(value_type = String)]
    id: QueryId,
    /// The query.
    query: String,
    /// When it was asked.
    #[schema(value_type = String, format = DateTime)]
    ran_at: Time,
    /// Who asked it.
    by: String,
    /// How long it took, in milliseconds.
    took_ms: i64,
    /// How many rows it told.
    rows: Option<i64>,
    /// Why it has no answer, as a code; `cancelled` when nobody waited for it any more.
    error: Option<String>,
}

#[derive(FromQueryResult)]
struct Row {
    id: i64,
    asked_by: String,
    query: String,
    ran_at: i64,
    took_ms: i64,
    row_count: Option<i64>,
    error: Option<String>,
}

/// Notes a query down as soon as it is known how it ended: by its answer, or because nobody waits for it any more.
pub(super) async fn note(
    insight: Arc<Insight>,
    caller: Caller,
    query: String,
    begun: Time,
    told: oneshot::Receiver<Outcome>,
) {
    let outcome = told.await.unwrap_or(Outcome { rows: None, error: Some(CANCELLED) });
    let took = (insight.clock.now().millis() - begun.millis()).max(0);
    if let Err(error) = keep(&insight, &caller, &query, (begun, took), outcome).await {
        tracing::error!(%error, "a query could not be noted down");
    }
}

async fn keep(
    insight: &Insight,
    caller: &Caller,
    query: &str,
    (begun, took): (Time, i64),
    outcome: Outcome,
) -> Result<(), DbErr> {
    let tx = insight.db.begin().await?;
    tx.run(
        "INSERT INTO queries (id, workspace_id, asked_by, query, ran_at, took_ms, row_count, error)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        vec![
            insight.ids.next_number().into(),
            caller.workspace.0.into(),
            caller.actor.as_str().into(),
            query.into(),
            begun.millis().into(),
            took.into(),
            outcome.rows.into(),
            outcome.error.into(),
        ],
    )
    .await?;
    tx.run(
        "DELETE FROM queries WHERE workspace_id = $1 AND id <= (
           SELECT q.id FROM queries q WHERE q.workspace_id = $1 ORDER BY q.id DESC LIMIT 1 OFFSET $2)",
        vec![caller.workspace.0.into(), MOST.into()],
    )
    .await?;
    tx.commit().await
}

/// The queries of a workspace, newest first.
pub(super) async fn list(insight: &Insight, caller: &Caller, page: &PageQuery) -> ApiResult<Page<PastQuery>> {
    let limit = page.limit();
    let rows: Vec<Row> = insight
        .db
        .read()
        .all(
            "SELECT id, asked_by, query, ran_at, took_ms, row_count, error FROM queries
             WHERE workspace_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
            vec![caller.workspace.0.into(), page.position(i64::MAX)?.into(), (limit as i64 + 1).into()],
        )
        .await?;
    let item = |row: Row| PastQuery {
        id: QueryId(row.id),
        query: row.query,
        ran_at: Time::from_millis(row.ran_at),
        by: row.asked_by,
        took_ms: row.took_ms,
        rows: row.row_count,
        error: row.error,
    };
    Ok(Page::from_rows(rows, limit, |row| row.id, item))
}
