//! `/api/v1/members/{id}/runs`: in which journeys a member is or was, and where he stands.

use std::collections::BTreeMap;

use api::{ApiResult, Area, Caller, Json, Page, PageQuery, Path, ProblemBody, Query, Verb};
use axum::extract::State;
use base::{
    Code, Problem, Time,
    ids::{JourneyId, MemberId, RunId, WorkspaceId},
};
use jiff::tz::TimeZone;
use sea_orm::{DbErr, FromQueryResult};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::Sql;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    naming::{Mentioned, Names},
    routes::JourneysState,
    states,
    words::{Sayer, steps, title_of},
};

/// The routes of a member's runs.
pub(super) fn routes() -> OpenApiRouter<JourneysState> {
    OpenApiRouter::new().routes(routes!(list_member_runs))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct MemberRunsQuery {
    /// `active`: only those that are under way. `all` (the default): also those that have ended.
    state: Option<String>,
    /// How many items at most (1 to 500, default 50).
    limit: Option<u64>,
    /// The `next` of the page before.
    cursor: Option<String>,
}

/// A member's way through a journey, and where he stands.
#[derive(Debug, Serialize, ToSchema)]
struct MemberRun {
    /// `run_…`
    #[schema(value_type = String)]
    run: RunId,
    /// `jrn_…`
    #[schema(value_type = String)]
    journey: JourneyId,
    /// What the journey is called.
    journey_name: String,
    /// `live`, `paused`, `finishing`, `stopped`, or `deleted`.
    journey_state: String,
    /// The version that it is on.
    version: i64,
    /// Value of the correlation key, if the journey has one.
    key: String,
    /// `active`, `completed`, `exited`, `held_out`, `failed` or `stopped`.
    state: String,
    /// The step at which it is, or was last.
    step: Option<String>,
    /// What people call that step.
    step_title: Option<String>,
    /// What that step does.
    step_words: Option<states::Words>,
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    entered_at: Time,
    /// When its wait is over.
    #[schema(value_type = Option<String>, format = DateTime)]
    wake_at: Option<Time>,
    /// What it waits for: `for`, `until`, `window`, `event`, `segment`, `task`, `webhook`.
    waits_for: Option<String>,
    /// When the goal was reached.
    #[schema(value_type = Option<String>, format = DateTime)]
    goal_at: Option<Time>,
    /// When it ended.
    #[schema(value_type = Option<String>, format = DateTime)]
    ended_at: Option<Time>,
    /// Why it ended.
    end_reason: Option<String>,
}

#[derive(FromQueryResult)]
struct Row {
    id: i64,
    journey_id: i64,
    name: String,
    journey_state: String,
    version: i64,
    entry_key: String,
    state: String,
    step: Option<String>,
    entered_at: i64,
    wake_at: Option<i64>,
    wait_json: Option<String>,
    goal_at: Option<i64>,
    ended_at: Option<i64>,
    end_reason: Option<String>,
}

#[derive(FromQueryResult)]
struct DocumentRow {
    journey_id: i64,
    version: i64,
    document_json: String,
}

/// In which journeys a member is or was, newest first, and where he stands in each.
#[utoipa::path(get, path = "/api/v1/members/{id}/runs", tag = "journeys", params(("id" = String, Path,), MemberRunsQuery),
    responses((status = 200, body = Page<MemberRun>), (status = "4XX", body = ProblemBody)))]
async fn list_member_runs(
    State(state): State<JourneysState>,
    caller: Caller,
    Path(id): Path<MemberId>,
    Query(query): Query<MemberRunsQuery>,
) -> ApiResult<Json<Page<MemberRun>>> {
    caller.require(Area::People, Verb::Read)?;
    caller.require(Area::Outreach, Verb::Read)?;
    let is_active = match query.state.as_deref() {
        None | Some("all") => false,
        Some("active") => true,
        Some(_) => return Err(Problem::at(Code::InvalidQuery, "state", "is not active or all").into()),
    };
    let db = state.outreach.db.read();
    let member: Option<i64> = db
        .scalar(
            "SELECT COALESCE(merged_into, id) FROM members WHERE workspace_id = $1 AND id = $2",
            vec![caller.workspace.0.into(), id.0.into()],
        )
        .await?;
    let member = member.ok_or(Problem::new(Code::NotFound))?;
    let page = PageQuery { limit: query.limit, cursor: query.cursor };
    let (before, limit) = (page.position(i64::MAX)?, page.limit());
    let only = if is_active { " AND r.state = 'active'" } else { "" };
    let rows: Vec<Row> = db
        .all(
            &format!(
                "SELECT r.id, r.journey_id, j.name, CASE WHEN j.deleted_at IS NULL THEN j.state ELSE 'deleted' END
                   AS journey_state, r.version, r.entry_key, r.state, r.step, r.entered_at, r.wake_at, r.wait_json,
                   r.goal_at, r.ended_at, r.end_reason
                 FROM journey_runs r JOIN journeys j ON j.id = r.journey_id
                 WHERE r.member_id = $1 AND r.workspace_id + 0 = $2 AND r.id < $3{only} ORDER BY r.id DESC LIMIT $4"
            ),
            vec![member.into(), caller.workspace.0.into(), before.into(), (limit as i64 + 1).into()],
        )
        .await?;
    let places = Places::load(db, caller.workspace, &rows).await?;
    let sayer = Sayer { names: &places.names, zone: &TimeZone::UTC };
    Ok(Json(Page::from_rows(rows, limit, |row| row.id, |row| places.told(row, &sayer))))
}

/// The steps at which runs stand.
struct Places {
    steps: BTreeMap<(i64, i64, String), Value>,
    names: Names,
}

impl Places {
    async fn load(db: &impl Sql, workspace: WorkspaceId, rows: &[Row]) -> Result<Places, DbErr> {
        let mut wanted: Vec<(i64, i64)> = rows.iter().map(|row| (row.journey_id, row.version)).collect();
        wanted.sort_unstable();
        wanted.dedup();
        let documents: Vec<DocumentRow> = db
            .all_rows(
                "SELECT v.journey_id, v.version, v.document_json FROM {rows} CROSS JOIN journey_versions v
                 WHERE v.journey_id = CAST(r.value->>0 AS BIGINT) AND v.version = CAST(r.value->>1 AS BIGINT)",
                &wanted,
                Vec::new(),
            )
            .await?;
        let mut steps = BTreeMap::new();
        let mut mentioned = Mentioned::default();
        for row in documents {
            let document: Value = serde_json::from_str(&row.document_json).unwrap_or_default();
            let here = rows.iter().filter(|run| (run.journey_id, run.version) == (row.journey_id, row.version));
            for name in here.filter_map(|run| run.step.as_ref()) {
                let step = document["steps"].get(name).cloned().unwrap_or_default();
                mentioned.note(&step.to_string());
                steps.insert((row.journey_id, row.version, name.clone()), step);
            }
        }
        Ok(Places { steps, names: Names::load(db, workspace, &mentioned).await? })
    }

    fn told(&self, row: Row, sayer: &Sayer<'_>) -> MemberRun {
        let place = row.step.clone().map(|step| (row.journey_id, row.version, step));
        let step = place.and_then(|place| self.steps.get(&place)).filter(|step| step.is_object());
        let wait: Option<Value> = row.wait_json.and_then(|json| serde_json::from_str(&json).ok());
        // What a run has told of its member itself comes back in a moment and is nothing to wait for.
        let waits_for = wait.and_then(|wait| wait["kind"].as_str().map(str::to_owned)).filter(|kind| kind != "echo");
        MemberRun {
            run: RunId(row.id),
            journey: JourneyId(row.journey_id),
            journey_name: row.name,
            journey_state: row.journey_state,
            version: row.version,
            key: row.entry_key,
            step_title: step.and_then(title_of).map(str::to_owned),
            step_words: step.map(|step| steps::in_words(step, sayer).into()),
            waits_for: waits_for.filter(|_| row.state == "active"),
            state: row.state,
            step: row.step,
            entered_at: Time::from_millis(row.entered_at),
            wake_at: row.wake_at.map(Time::from_millis),
            goal_at: row.goal_at.map(Time::from_millis),
            ended_at: row.ended_at.map(Time::from_millis),
            end_reason: row.end_reason,
        }
    }
}
