//! `/api/v1/members/{id}/export`, `…/erase`, `/api/v1/erasures`, `/api/v1/retention`.

use std::{collections::BTreeMap, sync::Arc};

use api::{ApiResult, Area, Caller, Json, Page, PageQuery, Path, ProblemBody, Query, Verb};
use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use base::{
    Code, EventKind, Period, Problem, Time,
    ids::{ErasureId, JobId, MemberId, WorkspaceId},
};
use futures::stream;
use sea_orm::FromQueryResult;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::{DbErr, Sql};
use tokio::sync::mpsc;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    MEMBER_ERASED, MemberSection, certificate,
    erase::{Request, enqueue},
    export::Export,
    page,
    retention::{self, DEFAULT},
};
use crate::{PeopleState, commands::Command, members::require_member};

/// What the routes of this feature work with.
pub struct PrivacyState {
    /// What all routes of this room work with.
    pub people: Arc<PeopleState>,
    /// The list of all who keep something about members.
    pub sections: Arc<Vec<Arc<dyn MemberSection>>>,
    /// How long the log keeps records, as it is configured.
    pub log_kept: LogKept,
}

/// How long the log keeps records as they arrived.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct LogKept {
    /// Records older than this many days go.
    pub days: u64,
    /// The oldest go while there are more megabytes than this.
    pub megabytes: u64,
}

/// The routes of this feature.
pub fn routes(state: Arc<PrivacyState>) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(export_member))
        .routes(routes!(export_member_page))
        .routes(routes!(erase_member))
        .routes(routes!(list_erasures))
        .routes(routes!(get_erasure))
        .routes(routes!(get_certificate_page))
        .routes(routes!(get_retention, put_retention))
        .with_state(state)
}

/// Takes up erasures that are not complete: submits the commands again of those that did not reach the log, as when the
/// process died in between, and asks for the job of those that lost it, as when somebody cancelled it. To be called at
/// the start.
pub async fn resume(state: &PrivacyState) -> anyhow::Result<()> {
    let people = &state.people;
    let rows: Vec<ErasureRow> = people
        .db
        .read()
        .all(&format!("SELECT {COLUMNS} FROM erasures WHERE state <> 'done' OR late > 0 ORDER BY id"), Vec::new())
        .await?;
    let (requested, begun): (Vec<ErasureRow>, Vec<ErasureRow>) =
        rows.into_iter().partition(|row| row.state == "requested");
    if !begun.is_empty() {
        let tx = people.db.begin().await?;
        for row in begun {
            let (workspace, erasure) = (WorkspaceId(row.workspace_id), Some(ErasureId(row.id)));
            enqueue(&tx, &people.ids, workspace, erasure, people.clock.now()).await?;
        }
        tx.commit().await?;
    }
    for row in requested {
        let command = Erasing {
            erasure: ErasureId(row.id),
            workspace: WorkspaceId(row.workspace_id),
            member: MemberId(row.member_id),
            reason: row.reason,
            actor: row.requested_by,
        };
        command.submit(state).await.map_err(|problem| anyhow::anyhow!("{problem:?}"))?;
    }
    Ok(())
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct LanguageQuery {
    /// `zh` or `en`; the browser's when left out.
    lang: Option<String>,
}

/// Which of the two forms of an export.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ExportQuery {
    /// `json` (when left out) or `html`.
    format: Option<String>,
    /// For `html`: `zh` or `en`; the browser's when left out.
    lang: Option<String>,
}

/// Everything that is kept about a member, as one JSON document of any length.
#[utoipa::path(get, path = "/api/v1/members/{id}/export", tag = "privacy", params(("id" = String, Path,), ExportQuery),
    responses((status = 200, description = "One object with one list for each kind of data", body = Object),
              (status = "4XX", body = ProblemBody)))]
async fn export_member(
    State(state): State<Arc<PrivacyState>>,
    caller: Caller,
    Path(id): Path<MemberId>,
    Query(query): Query<ExportQuery>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let form = match query.format.as_deref() {
        None | Some("json") => Form::Document,
        Some("html") => Form::Page { chinese: reads_chinese(query.lang.as_deref(), &headers) },
        Some(_) => return Err(Problem::at(Code::InvalidQuery, "format", "is json or html").into()),
    };
    export(&state, &caller, id, form).await
}

/// The same as a page to be read and printed.
#[utoipa::path(get, path = "/api/v1/members/{id}/export.html", tag = "privacy",
    params(("id" = String, Path,), LanguageQuery),
    responses((status = 200, description = "A page without scripts", body = String, content_type = "text/html"),
              (status = "4XX", body = ProblemBody)))]
async fn export_member_page(
    State(state): State<Arc<PrivacyState>>,
    caller: Caller,
    Path(id): Path<MemberId>,
    Query(query): Query<LanguageQuery>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let chinese = reads_chinese(query.lang.as_deref(), &headers);
    export(&state, &caller, id, Form::Page { chinese }).await
}

enum Form {
    Document,
    Page { chinese: bool },
}

/// It is personal data in bulk, so looking is not enough of a right, and it is written down who had it.
async fn export(state: &PrivacyState, caller: &Caller, id: MemberId, form: Form) -> ApiResult<Response> {
    caller.require(Area::People, Verb::Write)?;
    let people = &state.people;
    let member = require_member(people.db.read(), caller.workspace, id).await?;
    let word = if matches!(form, Form::Document) { "json" } else { "html" };
    people.audit(caller, "member.exported", &member.to_string(), json!({"format": word})).await?;
    let export = Export {
        db: people.db.clone(),
        sections: state.sections.clone(),
        workspace: caller.workspace,
        member,
        at: people.clock.now(),
    };
    let (pieces, received) = mpsc::channel(4);
    let (kind, extension) = match form {
        Form::Document => {
            tokio::spawn(export.send_json(pieces));
            ("application/json", "json")
        }
        Form::Page { chinese } => {
            tokio::spawn(export.send_page(chinese, pieces));
            ("text/html; charset=utf-8", "html")
        }
    };
    let body = stream::unfold(received, async |mut received| Some((received.recv().await?, received)));
    let disposition = match extension {
        "json" => format!("attachment; filename=\"{member}.json\""),
        _ => "inline".to_owned(),
    };
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CONTENT_DISPOSITION, disposition),
        (header::CACHE_CONTROL, "no-store".to_owned()),
        (header::CONTENT_SECURITY_POLICY, POLICY.to_owned()),
    ];
    Ok((headers, Body::from_stream(Box::pin(body))).into_response())
}

/// The pages need their own style and nothing else.
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

fn reads_chinese(asked: Option<&str>, headers: &HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    page::reads_chinese(asked, accepted)
}

/// An erasure that is asked for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ErasureRequest {
    /// The id of the member once more, since there is no way back.
    #[schema(value_type = String)]
    confirm: MemberId,
    /// Why, for the certificate. Do not put personal data here: it is kept.
    #[serde(default)]
    reason: String,
}

/// An erasure.
#[derive(Serialize, ToSchema)]
pub struct ErasureDto {
    /// `ers_…`
    #[schema(value_type = String)]
    id: ErasureId,
    /// Whom it was about; the id means nobody any more.
    #[schema(value_type = String)]
    member: MemberId,
    /// `requested`, `erased` (from the state), `swept` (from texts) or `done` (also from the log).
    state: String,
    /// Why.
    reason: String,
    /// Who asked for it.
    requested_by: String,
    /// When it was asked for.
    #[schema(value_type = String, format = DateTime)]
    requested_at: Time,
    /// What arrived until then was erased.
    #[schema(value_type = Option<String>, format = DateTime)]
    erased_at: Option<Time>,
    /// When it was complete.
    #[schema(value_type = Option<String>, format = DateTime)]
    completed_at: Option<Time>,
    /// What was erased and what remains, when it is complete.
    #[schema(value_type = Option<Object>)]
    certificate: Option<Value>,
    /// SHA-256 of the certificate as compact JSON with its fields sorted by name.
    sha256: Option<String>,
}

#[derive(FromQueryResult)]
struct ErasureRow {
    id: i64,
    workspace_id: i64,
    member_id: i64,
    state: String,
    reason: String,
    requested_by: String,
    requested_at: i64,
    erased_at: Option<i64>,
    completed_at: Option<i64>,
    certificate_json: Option<String>,
    certificate_hash: Option<String>,
}

const COLUMNS: &str = "id, workspace_id, member_id, state, reason, requested_by, requested_at, erased_at, completed_at, \
                       certificate_json, certificate_hash";

impl From<ErasureRow> for ErasureDto {
    fn from(row: ErasureRow) -> ErasureDto {
        ErasureDto {
            id: ErasureId(row.id),
            member: MemberId(row.member_id),
            state: row.state,
            reason: row.reason,
            requested_by: row.requested_by,
            requested_at: Time::from_millis(row.requested_at),
            erased_at: row.erased_at.map(Time::from_millis),
            completed_at: row.completed_at.map(Time::from_millis),
            certificate: row.certificate_json.and_then(|text| serde_json::from_str(&text).ok()),
            sha256: row.certificate_hash,
        }
    }
}

/// Erases a member: from the state at once, from the log and everywhere else by a job. There is no way back. Of his
/// addresses that were suppressed, or at which he wanted no more of a topic, a keyed hash is kept: they get no more
/// than before when a list brings them back.
#[utoipa::path(post, path = "/api/v1/members/{id}/erase", tag = "privacy", params(("id" = String, Path,)),
    request_body = ErasureRequest,
    responses((status = 202, description = "It is under way", body = ErasureDto), (status = "4XX", body = ProblemBody)))]
async fn erase_member(
    State(state): State<Arc<PrivacyState>>,
    caller: Caller,
    Path(id): Path<MemberId>,
    Json(request): Json<ErasureRequest>,
) -> ApiResult<Response> {
    caller.require(Area::People, Verb::Write)?;
    caller.require(Area::Settings, Verb::Write)?;
    if request.confirm != id {
        return Err(Problem::at(Code::InvalidBody, "confirm", "must be the id of the member").into());
    }
    if request.reason.len() > 1_000 || request.reason.contains('\0') {
        return Err(Problem::at(Code::InvalidBody, "reason", "has at most 1,000 bytes and no NUL character").into());
    }
    let people = &state.people;
    let member = require_member(people.db.read(), caller.workspace, id).await?;
    let (now, erasure) = (people.clock.now(), people.ids.next(ErasureId));
    let noted = Request {
        erasure,
        workspace: caller.workspace,
        member,
        reason: request.reason.clone(),
        requested_by: caller.actor.clone(),
        at: now,
    };
    let tx = people.db.begin().await?;
    noted.insert(&tx).await?;
    let (target, detail) = (member.to_string(), json!({"erasure": erasure}));
    let workspace = caller.workspace;
    store::audit::record(&tx, &people.ids, now, workspace, &caller.actor, "member.erased", &target, detail).await?;
    tx.commit().await?;
    let command = Erasing { erasure, workspace, member, reason: request.reason, actor: caller.actor.clone() };
    if let Err(problem) = command.submit(&state).await {
        let tx = people.db.begin().await?;
        let gone = "DELETE FROM erasures WHERE id = $1 AND state = 'requested'";
        tx.run(gone, vec![erasure.0.into()]).await?;
        tx.commit().await?;
        return Err(problem.into());
    }
    let erasure = find(&state, workspace, erasure).await?;
    Ok((StatusCode::ACCEPTED, Json(ErasureDto::from(erasure))).into_response())
}

/// The command of an erasure.
struct Erasing {
    erasure: ErasureId,
    workspace: WorkspaceId,
    member: MemberId,
    reason: String,
    actor: String,
}

impl Erasing {
    /// That the pipeline takes its time is no failure: the command is in the log.
    async fn submit(&self, state: &PrivacyState) -> Result<(), Problem> {
        let command = Command {
            workspace: self.workspace,
            member: self.member,
            kind: EventKind::Command,
            name: MEMBER_ERASED,
            properties: json!({"erasure": self.erasure, "reason": self.reason}),
            actor: &self.actor,
        };
        match state.people.commands.carry_out(command).await {
            Err(problem) if problem.code == Code::Timeout => Ok(()),
            other => other,
        }
    }
}

async fn find(state: &PrivacyState, workspace: WorkspaceId, id: ErasureId) -> ApiResult<ErasureRow> {
    let row: Option<ErasureRow> = state
        .people
        .db
        .read()
        .one(
            &format!("SELECT {COLUMNS} FROM erasures WHERE workspace_id = $1 AND id = $2"),
            vec![workspace.0.into(), id.0.into()],
        )
        .await?;
    row.ok_or(Code::NotFound.into())
}

/// Erasures, newest first.
#[utoipa::path(get, path = "/api/v1/erasures", tag = "privacy", params(PageQuery),
    responses((status = 200, body = Page<ErasureDto>), (status = "4XX", body = ProblemBody)))]
async fn list_erasures(
    State(state): State<Arc<PrivacyState>>,
    caller: Caller,
    Query(page): Query<PageQuery>,
) -> ApiResult<Json<Page<ErasureDto>>> {
    caller.require(Area::Settings, Verb::Read)?;
    let limit = page.limit();
    let rows: Vec<ErasureRow> = state
        .people
        .db
        .read()
        .all(
            &format!("SELECT {COLUMNS} FROM erasures WHERE workspace_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3"),
            vec![caller.workspace.0.into(), page.position(i64::MAX)?.into(), (limit as i64 + 1).into()],
        )
        .await?;
    Ok(Json(Page::from_rows(rows, limit, |row| row.id, ErasureDto::from)))
}

/// One erasure, with its certificate when it is complete.
#[utoipa::path(get, path = "/api/v1/erasures/{id}", tag = "privacy", params(("id" = String, Path,)),
    responses((status = 200, body = ErasureDto), (status = "4XX", body = ProblemBody)))]
async fn get_erasure(
    State(state): State<Arc<PrivacyState>>,
    caller: Caller,
    Path(id): Path<ErasureId>,
) -> ApiResult<Json<ErasureDto>> {
    caller.require(Area::Settings, Verb::Read)?;
    Ok(Json(find(&state, caller.workspace, id).await?.into()))
}

/// The certificate as a page to be printed.
#[utoipa::path(get, path = "/api/v1/erasures/{id}/certificate.html", tag = "privacy",
    params(("id" = String, Path,), LanguageQuery),
    responses((status = 200, description = "A page without scripts", body = String, content_type = "text/html"),
              (status = "4XX", body = ProblemBody)))]
async fn get_certificate_page(
    State(state): State<Arc<PrivacyState>>,
    caller: Caller,
    Path(id): Path<ErasureId>,
    Query(query): Query<LanguageQuery>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    caller.require(Area::Settings, Verb::Read)?;
    let erasure = ErasureDto::from(find(&state, caller.workspace, id).await?);
    let (Some(certificate), Some(hash)) = (erasure.certificate, erasure.sha256) else {
        return Err(Problem::with(Code::WrongState, "the erasure is not complete yet").into());
    };
    let html = certificate::page(&certificate, &hash, reads_chinese(query.lang.as_deref(), &headers));
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
    ];
    Ok((headers, html).into_response())
}

/// How long events are kept.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RetentionChange {
    /// For all events that are not named: a period such as `P730D`, at least a day; `null` for ever.
    default: Option<String>,
    /// By name of event: a period, or `null` for ever.
    #[serde(default)]
    #[schema(value_type = Object)]
    events: BTreeMap<String, Option<String>>,
}

/// How long events are kept, and how far it is carried out.
#[derive(Serialize, ToSchema)]
struct Retention {
    /// For all events that are not named; `null` for ever.
    default: Option<String>,
    /// By name of event; `null` for ever.
    #[schema(value_type = Object)]
    events: BTreeMap<String, Option<String>>,
    /// How long records stay in the log as they arrived, whatever is said here.
    log: LogKept,
    /// The last time that it was carried out.
    last_run: Option<RetentionRun>,
}

/// One time that events were looked through.
#[derive(Serialize, ToSchema)]
struct RetentionRun {
    /// `job_…`
    #[schema(value_type = String)]
    job: JobId,
    /// `queued`, `running`, `done`, `failed` or `cancelled`.
    state: String,
    /// Events looked at.
    done: i64,
    /// Events in all.
    total: i64,
    /// Events deleted so far.
    deleted: i64,
    /// When it ended.
    #[schema(value_type = Option<String>, format = DateTime)]
    ended_at: Option<Time>,
}

#[derive(FromQueryResult)]
struct RunRow {
    id: i64,
    state: String,
    done: i64,
    total: i64,
    checkpoint_json: Option<String>,
    result_json: Option<String>,
    ended_at: Option<i64>,
}

/// How long events are kept.
#[utoipa::path(get, path = "/api/v1/retention", tag = "privacy",
    responses((status = 200, body = Retention), (status = "4XX", body = ProblemBody)))]
async fn get_retention(State(state): State<Arc<PrivacyState>>, caller: Caller) -> ApiResult<Json<Retention>> {
    caller.require(Area::Settings, Verb::Read)?;
    Ok(Json(show_retention(&state, caller.workspace).await?))
}

/// Says how long events are kept. What is older by then is deleted at once, and from then on once a day.
#[utoipa::path(put, path = "/api/v1/retention", tag = "privacy", request_body = RetentionChange,
    responses((status = 200, body = Retention), (status = "4XX", body = ProblemBody)))]
async fn put_retention(
    State(state): State<Arc<PrivacyState>>,
    caller: Caller,
    Json(change): Json<RetentionChange>,
) -> ApiResult<Json<Retention>> {
    caller.require(Area::Settings, Verb::Write)?;
    let rows = checked(&change)?;
    let people = &state.people;
    let (now, workspace) = (people.clock.now(), caller.workspace);
    let tx = people.db.begin().await?;
    tx.run("DELETE FROM retention WHERE workspace_id = $1", vec![workspace.0.into()]).await?;
    let rows: Vec<(i64, &str, Option<&str>)> =
        rows.into_iter().map(|(event, keep)| (workspace.0, event, keep)).collect();
    tx.run_rows(
        "INSERT INTO retention (workspace_id, event, keep)
         SELECT CAST(r.value->>0 AS BIGINT), r.value->>1, r.value->>2 FROM {rows}",
        &rows,
    )
    .await?;
    let detail = json!({"default": change.default, "events": change.events});
    let target = workspace.to_string();
    store::audit::record(&tx, &people.ids, now, workspace, &caller.actor, "retention.changed", &target, detail).await?;
    // One that runs already may have read what was said before.
    retention::enqueue(&tx, &people.ids, workspace, now, &caller.actor, None).await?;
    tx.commit().await?;
    Ok(Json(show_retention(&state, workspace).await?))
}

fn checked(change: &RetentionChange) -> Result<Vec<(&str, Option<&str>)>, Problem> {
    if change.events.len() > 1_000 {
        return Err(Problem::at(Code::InvalidBody, "events", "has more than 1,000 entries"));
    }
    let mut rows = vec![(DEFAULT, change.default.as_deref())];
    for (name, keep) in &change.events {
        if name.is_empty() || name.len() > 200 || name.contains('\0') {
            return Err(Problem::at(Code::InvalidBody, "events", "a name has 1 to 200 bytes and no NUL character"));
        }
        rows.push((name, keep.as_deref()));
    }
    for (name, keep) in &rows {
        let Some(keep) = keep else { continue };
        let path = if *name == DEFAULT { "default".to_owned() } else { format!("events.{name}") };
        let period: Period =
            keep.parse().map_err(|_| Problem::at(Code::InvalidBody, &path, "is no period such as P730D"))?;
        let day = std::time::Duration::from_secs(86_400);
        if period.exact().is_some_and(|exact| exact < day) {
            return Err(Problem::at(Code::InvalidBody, &path, "is less than a day"));
        }
    }
    Ok(rows)
}

async fn show_retention(state: &PrivacyState, workspace: WorkspaceId) -> Result<Retention, DbErr> {
    let db = state.people.db.read();
    let mut events = retention::settings(db, workspace).await?;
    let default = events.remove(DEFAULT).flatten();
    let run: Option<RunRow> = db
        .one(
            "SELECT id, state, done, total, checkpoint_json, result_json, ended_at FROM jobs
             WHERE workspace_id = $1 AND kind = $2 ORDER BY id DESC LIMIT 1",
            vec![workspace.0.into(), retention::KIND.into()],
        )
        .await?;
    let last_run = run.map(|row| {
        let said = row.result_json.or(row.checkpoint_json).and_then(|text| serde_json::from_str::<Value>(&text).ok());
        RetentionRun {
            job: JobId(row.id),
            state: row.state,
            done: row.done,
            total: row.total,
            deleted: said.and_then(|said| said["deleted"].as_i64()).unwrap_or_default(),
            ended_at: row.ended_at.map(Time::from_millis),
        }
    });
    Ok(Retention { default, events, log: state.log_kept, last_run })
}
