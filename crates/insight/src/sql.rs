//! `/api/v1/insight/sql`: queries in SQL over events and everything beside them. They only read, see one workspace, and are
//! limited in time, memory and rows; who stops waiting stops the query.

mod past;
mod tables;

use std::{sync::Arc, time::Duration};

use api::{ApiResult, Area, Caller, Json, Page, PageQuery, ProblemBody, Query, Verb};
use axum::extract::State;
use base::{Code, Problem};
use behaviour::sql::{Answer, ColumnKind, EVENT_COLUMNS, Limits, SqlError};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::oneshot;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{Insight, answering::Words};
use past::{Outcome, PastQuery};

const LIMITS: Limits = Limits { time: Duration::from_secs(30), memory: 256 << 20, rows: 10_000 };
const USUAL_ROWS: usize = 1_000;
const MOST_BYTES: usize = 100_000;

pub(crate) fn routes() -> OpenApiRouter<Arc<Insight>> {
    OpenApiRouter::new().routes(routes!(run_query)).routes(routes!(show_tables)).routes(routes!(list_queries))
}

/// A query.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct QueryBody {
    /// One statement that reads.
    query: String,
    /// How many rows are told at the most, 1 to 10,000; 1,000 when left out. More than that is taken as 10,000.
    limit: Option<usize>,
}

/// The answer to a query.
#[derive(Serialize, ToSchema)]
struct QueryAnswer {
    /// The columns.
    columns: Vec<QueryColumn>,
    /// The rows: numbers as numbers (whole ones from 2^53 on as texts), moments as RFC 3339 in UTC.
    #[schema(value_type = Vec<Vec<Object>>)]
    rows: Vec<Vec<Value>>,
    /// Whether there are more rows.
    more: bool,
    /// How long it took, in milliseconds.
    took_ms: u64,
}

/// A column of an answer or of a table.
#[derive(Serialize, ToSchema)]
struct QueryColumn {
    /// Its name.
    name: String,
    /// What its values are: `text`, `integer`, `double`, `decimal`, `boolean`, `timestamp`, `date`, `time`, `interval`, `nested`.
    #[serde(rename = "type")]
    kind: &'static str,
}

/// What can be asked.
#[derive(Serialize, ToSchema)]
struct QueryTables {
    /// The tables.
    tables: Vec<QueryTable>,
}

/// A table that can be asked.
#[derive(Serialize, ToSchema)]
struct QueryTable {
    /// Its name.
    name: &'static str,
    /// What it holds.
    about: Words,
    /// Its columns.
    columns: Vec<QueryColumn>,
}

impl Insight {
    /// Who may ask queries: they see members, their segments and what was sent to them.
    fn check_sql(&self, caller: &Caller) -> ApiResult<()> {
        self.check(caller)?;
        caller.require(Area::Segments, Verb::Read)?;
        Ok(caller.require(Area::Outreach, Verb::Read)?)
    }

    async fn query(&self, caller: &Caller, query: String, rows: usize) -> ApiResult<Answer> {
        let kept = self.ready(caller).await?;
        let _turn = self.queries.acquire().await;
        let tables = tables::of(self, caller.workspace).await?;
        let found = self.sql.run(&kept.engine, tables, query, Limits { rows, ..LIMITS }).await;
        found.map_err(|error| match error {
            SqlError::Refused(message) => Problem::at(Code::InvalidQuestion, "query", message).into(),
            SqlError::TooLarge(message) => Problem::with(Code::QuestionTooLarge, message).into(),
            SqlError::Late => Problem::with(Code::Timeout, "the query took more than 30 seconds").into(),
            SqlError::Failed(error) => {
                tracing::error!(%error, "a query failed");
                Problem::new(Code::Internal).into()
            }
        })
    }
}

/// Asks a query. When the connection is closed before there is an answer, the query ends.
#[utoipa::path(post, path = "/api/v1/insight/sql", tag = "insight", request_body = QueryBody,
    responses((status = 200, body = QueryAnswer), (status = "4XX", body = ProblemBody)))]
async fn run_query(
    State(insight): State<Arc<Insight>>,
    caller: Caller,
    Json(body): Json<QueryBody>,
) -> ApiResult<Json<QueryAnswer>> {
    insight.check_sql(&caller)?;
    if body.query.trim().is_empty() || body.query.len() > MOST_BYTES || body.query.contains('\0') {
        return Err(Problem::at(Code::InvalidQuestion, "query", "must have 1 to 100,000 bytes").into());
    }
    let rows = body.limit.unwrap_or(USUAL_ROWS).min(LIMITS.rows);
    if rows == 0 {
        return Err(Problem::at(Code::InvalidQuestion, "limit", "must be 1 to 10,000").into());
    }
    let begun = insight.clock.now();
    let (tell, told) = oneshot::channel();
    let noting = tokio::spawn(past::note(insight.clone(), caller.clone(), body.query.clone(), begun, told));
    let answer = insight.query(&caller, body.query, rows).await;
    let took_ms = (insight.clock.now().millis() - begun.millis()).max(0) as u64;
    let outcome = match &answer {
        Ok(answer) => Outcome { rows: Some(answer.rows.len() as i64), error: None },
        Err(error) => Outcome { rows: None, error: Some(error.0.code.as_str()) },
    };
    if tell.send(outcome).is_ok() {
        let _ = noting.await;
    }
    let Answer { columns, rows, more } = answer?;
    let columns = columns.into_iter().map(|(name, kind)| QueryColumn { name, kind }).collect();
    Ok(Json(QueryAnswer { columns, rows, more, took_ms }))
}

/// The tables that queries can ask.
#[utoipa::path(get, path = "/api/v1/insight/sql/schema", tag = "insight",
    responses((status = 200, body = QueryTables), (status = "4XX", body = ProblemBody)))]
async fn show_tables(State(insight): State<Arc<Insight>>, caller: Caller) -> ApiResult<Json<QueryTables>> {
    insight.check_sql(&caller)?;
    let column = |(name, kind): (String, ColumnKind)| QueryColumn { name, kind: kind.word() };
    let properties = insight.of(caller.workspace).map(|kept| behaviour::sql::property_columns(&kept.engine));
    let fixed = EVENT_COLUMNS.iter().map(|(name, kind)| ((*name).to_owned(), *kind));
    let events = QueryTable {
        name: "events",
        about: Words {
            en: "Everything that happened, by whom it is today. Frequent properties have columns of their own; \
                 json_value(properties, 'name') gives any other."
                .to_owned(),
            zh:
                "发生过的全部事件，归属于当前成员。常见属性有各自的列；其他属性用 json_value(properties, '名称') 读取。"
                    .to_owned(),
        },
        columns: fixed.chain(properties.into_iter().flatten()).map(column).collect(),
    };
    let others = insight.views.iter().map(|view| QueryTable {
        name: view.name,
        about: Words { en: view.about.0.to_owned(), zh: view.about.1.to_owned() },
        columns: tables::columns(view).into_iter().map(|one| column((one.name, one.kind))).collect(),
    });
    Ok(Json(QueryTables { tables: std::iter::once(events).chain(others).collect() }))
}

/// Queries that were asked in this workspace, newest first.
#[utoipa::path(get, path = "/api/v1/insight/sql/history", tag = "insight", params(PageQuery),
    responses((status = 200, body = Page<PastQuery>), (status = "4XX", body = ProblemBody)))]
async fn list_queries(
    State(insight): State<Arc<Insight>>,
    caller: Caller,
    Query(page): Query<PageQuery>,
) -> ApiResult<Json<Page<PastQuery>>> {
    insight.check_sql(&caller)?;
    Ok(Json(past::list(&insight, &caller, &page).await?))
}
