//! Letting members into a journey by hand: `/api/v1/journeys/{id}/enter`.

use std::{collections::HashMap, sync::Arc, time::Duration};

use api::{ApiResult, Area, Caller, Json, Path, ProblemBody, Verb};
use axum::{extract::State, http::StatusCode};
use base::{
    Code, EventKind, Problem,
    ids::{JobId, JourneyId, MemberId, SegmentId},
};
use people::commands::{Command, Commands};
use sea_orm::FromQueryResult;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use store::{Sql, jobs};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Document,
    document::Entry,
    enter_job::{EnterJob, EnterSegment},
    entering::JOURNEY_ENTRY_ASKED,
    tasks,
};
use crate::Outreach;

/// How long a caller waits for his members to be let in.
const PATIENCE: Duration = Duration::from_secs(10);
/// Most members in one request.
const MAX_MEMBERS: usize = 500;
/// Most bytes of the properties, which are written into the log once for each member.
const MAX_PROPERTIES_BYTES: usize = 32 << 10;

/// What the routes that change members work with.
#[derive(Clone)]
pub(super) struct CommandState {
    pub(super) outreach: Arc<Outreach>,
    pub(super) commands: Commands,
}

/// The routes that act through the pipeline: entering by hand, and tasks.
pub fn command_routes(outreach: Arc<Outreach>, commands: Commands) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(enter_journey))
        .merge(tasks::routes())
        .with_state(CommandState { outreach, commands })
}

/// Whom to let in: `members` or `segment`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Entering {
    /// At most 500 members.
    #[schema(value_type = Option<Vec<String>>)]
    members: Option<Vec<MemberId>>,
    /// Everybody who is in this segment; a job does it.
    #[schema(value_type = Option<String>)]
    segment: Option<SegmentId>,
    /// The correlation key of the runs; by the journey's own path into the properties when left out.
    key: Option<String>,
    /// What templates and waits find as the properties of the entry.
    #[schema(value_type = Option<Object>)]
    properties: Option<Map<String, Value>>,
}

/// What came of it.
#[derive(Serialize, ToSchema)]
struct Entered {
    /// Members who were asked in; whether they may come in is for the journey's re-entry to say.
    asked: usize,
    /// Ids of nobody.
    #[schema(value_type = Vec<String>)]
    unknown: Vec<MemberId>,
    /// The job that lets the members of a segment in.
    #[schema(value_type = Option<String>)]
    job: Option<JobId>,
}

#[derive(FromQueryResult)]
struct StateRow {
    state: String,
    document_json: Option<String>,
}

#[derive(FromQueryResult)]
struct MemberRow {
    id: i64,
    merged_into: Option<i64>,
}

/// Lets members into a journey whose entry is manual. Its re-entry says who may come again.
#[utoipa::path(post, path = "/api/v1/journeys/{id}/enter", tag = "journeys", params(("id" = String, Path,)),
    request_body = Entering,
    responses((status = 200, body = Entered), (status = 202, body = Entered), (status = "4XX", body = ProblemBody)))]
async fn enter_journey(
    State(state): State<CommandState>,
    caller: Caller,
    Path(id): Path<JourneyId>,
    Json(entering): Json<Entering>,
) -> ApiResult<(StatusCode, Json<Entered>)> {
    caller.require(Area::Outreach, Verb::Write)?;
    if entering.key.as_ref().is_some_and(|key| key.chars().count() > 200 || key.contains('\0')) {
        return Err(Problem::at(Code::InvalidField, "key", "must be a text of at most 200 characters").into());
    }
    let properties = entering.properties.unwrap_or_default();
    let properties = Value::Object(properties);
    people::members::check_storable(&properties)?;
    if properties.to_string().len() > MAX_PROPERTIES_BYTES {
        let text = format!("must have at most {} KB", MAX_PROPERTIES_BYTES >> 10);
        return Err(Problem::at(Code::InvalidField, "properties", text).into());
    }
    state.require_manual(&caller, id).await?;
    let told = json!({"journey": id, "key": entering.key, "properties": properties});
    match (entering.members, entering.segment) {
        (Some(members), None) => state.enter_members(&caller, id, members, told).await,
        (None, Some(segment)) => state.enter_segment(&caller, id, segment, told).await,
        _ => Err(Problem::at(Code::InvalidBody, "members", "give members or a segment, one of the two").into()),
    }
}

impl CommandState {
    async fn require_manual(&self, caller: &Caller, id: JourneyId) -> ApiResult<()> {
        let row: Option<StateRow> = self
            .outreach
            .db
            .read()
            .one(
                "SELECT j.state, v.document_json FROM journeys j
                 LEFT JOIN journey_versions v ON v.journey_id = j.id AND v.version = j.published_version
                 WHERE j.workspace_id = $1 AND j.id = $2 AND j.deleted_at IS NULL",
                vec![caller.workspace.0.into(), id.0.into()],
            )
            .await?;
        let row = row.ok_or(Problem::new(Code::NotFound))?;
        if row.state != "live" {
            return Err(Problem::with(Code::WrongState, format!("the journey is {}", row.state)).into());
        }
        let document = row.document_json.and_then(|json| serde_json::from_str(&json).ok());
        let document = document.and_then(|json| Document::parse(&json).ok());
        match document.is_some_and(|document| document.entry == Entry::Manual) {
            true => Ok(()),
            false => Err(Problem::with(Code::WrongState, "the entry of the journey is not manual").into()),
        }
    }

    async fn enter_members(
        &self,
        caller: &Caller,
        journey: JourneyId,
        members: Vec<MemberId>,
        told: Value,
    ) -> ApiResult<(StatusCode, Json<Entered>)> {
        if members.is_empty() || members.len() > MAX_MEMBERS {
            return Err(Problem::at(Code::InvalidField, "members", "must be a list of 1 to 500 members").into());
        }
        let keys: Vec<(i64,)> = members.iter().map(|id| (id.0,)).collect();
        // By the workspace, SQLite would go through all of its members; the sum hides that index.
        let rows: Vec<MemberRow> = self
            .outreach
            .db
            .read()
            .all_rows(
                "SELECT m.id, m.merged_into FROM {rows} JOIN members m ON m.id = CAST(r.value->>0 AS BIGINT)
                 WHERE m.workspace_id + 0 = $2",
                &keys,
                vec![caller.workspace.0.into()],
            )
            .await?;
        let current: HashMap<i64, i64> =
            rows.into_iter().map(|row| (row.id, row.merged_into.unwrap_or(row.id))).collect();
        let unknown: Vec<MemberId> = members.iter().copied().filter(|id| !current.contains_key(&id.0)).collect();
        let mut known: Vec<MemberId> =
            members.iter().filter_map(|id| current.get(&id.0).copied().map(MemberId)).collect();
        known.sort_unstable();
        known.dedup();
        let tx = self.outreach.db.begin().await?;
        self.outreach.audit(&tx, caller, "journey.entered", journey, json!({"members": known.len()})).await?;
        tx.commit().await?;
        let commands = known.iter().map(|member| command(caller.workspace, *member, &told, &caller.actor));
        let refused = tokio::select! {
            refused = self.commands.carry_out_all(commands.collect()) => refused?,
            () = self.outreach.clock.sleep(PATIENCE) => {
                let text = "the entries are saved and will take effect when the pipeline has caught up";
                return Err(Problem::with(Code::Timeout, text).into());
            }
        };
        let asked = refused.iter().filter(|problem| problem.is_none()).count();
        Ok((StatusCode::OK, Json(Entered { asked, unknown, job: None })))
    }

    async fn enter_segment(
        &self,
        caller: &Caller,
        journey: JourneyId,
        segment: SegmentId,
        told: Value,
    ) -> ApiResult<(StatusCode, Json<Entered>)> {
        let tx = self.outreach.db.begin().await?;
        let size: Option<i64> = tx
            .scalar(
                "SELECT size FROM segments WHERE workspace_id = $1 AND id = $2 AND deleted_at IS NULL",
                vec![caller.workspace.0.into(), segment.0.into()],
            )
            .await?;
        let size = size
            .ok_or_else(|| Problem::at(Code::UnknownReference, "segment", format!("there is no segment {segment}")))?;
        let work = EnterSegment { segment, total: size, told, actor: caller.actor.clone() };
        let job = jobs::NewJob {
            workspace: caller.workspace,
            kind: EnterJob::KIND,
            payload: json!(work),
            unique_key: None,
            created_by: &caller.actor,
        };
        let job = jobs::enqueue(&tx, &self.outreach.ids, self.outreach.clock.now(), job).await?;
        self.outreach.audit(&tx, caller, "journey.entered", journey, json!({"segment": segment})).await?;
        tx.commit().await?;
        Ok((StatusCode::ACCEPTED, Json(Entered { asked: 0, unknown: Vec::new(), job })))
    }
}

/// The command that lets one member in.
pub(super) fn command<'a>(
    workspace: base::ids::WorkspaceId,
    member: MemberId,
    told: &Value,
    actor: &'a str,
) -> Command<'a> {
    let (kind, name) = (EventKind::Command, JOURNEY_ENTRY_ASKED);
    Command { workspace, member, kind, name, properties: told.clone(), actor }
}
