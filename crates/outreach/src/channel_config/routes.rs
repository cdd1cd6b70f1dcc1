//! `/api/v1/channels`.

use std::sync::Arc;

use ::store::secrets::SecretError;
use api::{ApiError, ApiResult, Area, Caller, Json, Page, PageQuery, Path, ProblemBody, Query, Verb};
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use base::{Code, Problem, Time, ids::ChannelId};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    live, secrets,
    store::{self, ChannelRow},
    trial,
};
use crate::{
    Outreach,
    outbox::{self, Waiting},
};

/// The channel routes.
pub fn routes(state: Arc<Outreach>) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list_channels, create_channel))
        .routes(routes!(get_channel, update_channel, delete_channel))
        .routes(routes!(test_channel))
        .routes(routes!(pause_channel))
        .routes(routes!(resume_channel))
        .merge(trial::routes())
        .with_state(state)
}

/// A channel.
#[derive(Debug, Serialize, ToSchema)]
struct Channel {
    /// Its id.
    #[schema(value_type = String)]
    id: ChannelId,
    /// `email`, `webhook` …
    kind: String,
    /// What operators call it.
    name: String,
    /// Its configuration; secrets read `•••`.
    #[schema(value_type = Object)]
    config: Map<String, Value>,
    /// `active` or `paused`.
    state: String,
    /// Why it does not send at the moment; `null` when nothing is known to be wrong.
    health: Option<ChannelHealth>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Time,
    /// When it was last changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Time,
}

/// Why a channel does not send at the moment.
#[derive(Debug, Serialize, ToSchema)]
struct ChannelHealth {
    /// What it said.
    problem: String,
    /// When it is tried again; `null` when it first has to be changed.
    #[schema(value_type = Option<String>, format = DateTime)]
    retry_at: Option<Time>,
}

/// A channel to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewChannel {
    /// `email`, `webhook` …
    kind: String,
    /// What operators call it.
    name: String,
    /// Its configuration, with secrets. `requires_consent`, `track_links`, `track_opens`,
    /// `physical_address`, `burst` (messages at once after a quiet time, 1 to 10,000) and `hook_secret` are understood for
    /// every kind.
    #[schema(value_type = Object)]
    config: Map<String, Value>,
}

/// What to change of a channel.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChannelChange {
    /// What operators call it.
    name: Option<String>,
    /// Its whole configuration; a secret that reads `•••` stays as it is.
    #[schema(value_type = Option<Object>)]
    config: Option<Map<String, Value>>,
}

/// What a test of a channel says.
#[derive(Debug, Serialize, ToSchema)]
struct Tested {
    /// Always true; a channel that does not work answers with a problem.
    ok: bool,
}

fn shown(outreach: &Outreach, row: ChannelRow) -> Channel {
    let health = outreach.live.health(ChannelId(row.id));
    Channel {
        id: ChannelId(row.id),
        config: row.config(),
        kind: row.kind,
        name: row.name,
        state: row.state,
        health: health.map(|health| ChannelHealth { problem: health.problem, retry_at: health.retry_at }),
        created_at: Time::from_millis(row.created_at),
        updated_at: Time::from_millis(row.updated_at),
    }
}

fn check_name(name: &str) -> Result<(), Problem> {
    if name.trim().is_empty() || name.len() > 200 || name.contains('\0') {
        return Err(Problem::at(Code::InvalidBody, "name", "has 1 to 200 characters"));
    }
    Ok(())
}

/// What a caller is told when a stored secret fails.
pub(crate) fn secret_failed(error: SecretError) -> ApiError {
    match error {
        SecretError::Database(error) => error.into(),
        error => {
            tracing::error!(%error, "a secret cannot be used");
            let told = "a stored secret cannot be read any more; give all secrets anew";
            Problem::at(Code::InvalidChannel, "config", told).into()
        }
    }
}

/// Lists channels, newest first.
#[utoipa::path(get, path = "/api/v1/channels", tag = "channels", params(PageQuery),
    responses((status = 200, body = Page<Channel>)))]
async fn list_channels(
    State(outreach): State<Arc<Outreach>>,
    caller: Caller,
    Query(page): Query<PageQuery>,
) -> ApiResult<Json<Page<Channel>>> {
    caller.require(Area::Settings, Verb::Read)?;
    let rows = store::list(outreach.db.read(), caller.workspace, page.position(i64::MAX)?, page.limit() + 1).await?;
    Ok(Json(Page::from_rows(rows, page.limit(), |row| row.id, |row| shown(&outreach, row))))
}

/// Makes a channel.
#[utoipa::path(post, path = "/api/v1/channels", tag = "channels", request_body = NewChannel,
    responses((status = 201, body = Channel), (status = 422, body = ProblemBody)))]
async fn create_channel(
    State(outreach): State<Arc<Outreach>>,
    caller: Caller,
    Json(body): Json<NewChannel>,
) -> ApiResult<(StatusCode, Json<Channel>)> {
    caller.require(Area::Settings, Verb::Write)?;
    check_name(&body.name)?;
    store::check_size(&body.config)?;
    let kind = outreach.registry.kind(&body.kind)?;
    live::connect(kind.as_ref(), body.config.clone())?;
    let mut config = body.config;
    let taken = store::take_secrets(kind.as_ref(), &mut config)?;
    let now = outreach.clock.now();
    let row = ChannelRow {
        id: outreach.ids.next(ChannelId).0,
        workspace_id: caller.workspace.0,
        kind: body.kind,
        name: body.name,
        config_json: Value::Object(config).to_string(),
        state: "active".to_owned(),
        created_at: now.millis(),
        updated_at: now.millis(),
    };
    let tx = outreach.begin_rules_change(caller.workspace).await?;
    store::insert(&tx, &row).await?;
    store::put_secrets(&tx, &outreach.secrets, kind.as_ref(), &row, &taken).await.map_err(secret_failed)?;
    let detail = json!({"kind": row.kind, "name": row.name});
    outreach.audit(&tx, &caller, "channel.created", ChannelId(row.id), detail).await?;
    tx.commit().await?;
    outreach.rules_changed.notify_one();
    outreach.wake.notify_one();
    Ok((StatusCode::CREATED, Json(shown(&outreach, row))))
}

/// One channel.
#[utoipa::path(get, path = "/api/v1/channels/{id}", tag = "channels",
    params(("id" = String, Path, description = "The channel")),
    responses((status = 200, body = Channel), (status = 404, body = ProblemBody)))]
async fn get_channel(
    State(outreach): State<Arc<Outreach>>,
    caller: Caller,
    Path(id): Path<ChannelId>,
) -> ApiResult<Json<Channel>> {
    caller.require(Area::Settings, Verb::Read)?;
    let row = store::get(outreach.db.read(), caller.workspace, id).await?.ok_or(Code::NotFound)?;
    Ok(Json(shown(&outreach, row)))
}

/// Changes a channel.
#[utoipa::path(patch, path = "/api/v1/channels/{id}", tag = "channels",
    params(("id" = String, Path, description = "The channel")), request_body = ChannelChange,
    responses((status = 200, body = Channel), (status = 404, body = ProblemBody), (status = 422, body = ProblemBody)))]
async fn update_channel(
    State(outreach): State<Arc<Outreach>>,
    caller: Caller,
    Path(id): Path<ChannelId>,
    Json(body): Json<ChannelChange>,
) -> ApiResult<Json<Channel>> {
    caller.require(Area::Settings, Verb::Write)?;
    let tx = outreach.db.begin().await?;
    let mut row = store::get(&tx, caller.workspace, id).await?.ok_or(Code::NotFound)?;
    let kind = outreach.registry.kind(&row.kind)?;
    if let Some(name) = body.name {
        check_name(&name)?;
        row.name = name;
    }
    let mut fields: Vec<String> = Vec::new();
    if let Some(mut config) = body.config {
        secrets::check_destinations(kind.as_ref(), &row.config(), &config)?;
        let filled = store::fill_secrets(&tx, &outreach.secrets, kind.as_ref(), row.id, config.clone()).await;
        let mut whole = filled.map_err(secret_failed)?;
        whole.retain(|_, value| !value.is_null());
        config.retain(|field, _| whole.contains_key(field));
        live::connect(kind.as_ref(), whole)?;
        fields = config.keys().cloned().collect();
        let taken = store::take_secrets(kind.as_ref(), &mut config)?;
        row.config_json = store::check_size(&config)?;
        store::put_secrets(&tx, &outreach.secrets, kind.as_ref(), &row, &taken).await.map_err(secret_failed)?;
    }
    store::update(&tx, &row, outreach.clock.now()).await?;
    let detail = json!({"name": row.name, "config_fields": fields});
    outreach.audit(&tx, &caller, "channel.updated", id, detail).await?;
    let row = store::get(&tx, caller.workspace, id).await?.ok_or(Code::NotFound)?;
    tx.commit().await?;
    outreach.wake.notify_one();
    Ok(Json(shown(&outreach, row)))
}

/// How a channel is to be deleted.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct DeleteQuery {
    /// Whether to say only what would be cancelled, and change nothing.
    #[serde(default)]
    dry_run: bool,
}

/// What goes when a channel is deleted.
#[derive(Debug, Serialize, ToSchema)]
struct Deletion {
    /// Messages that wait and would be cancelled.
    queued: i64,
    /// Messages that are being sent; those of them that are to be tried again would be cancelled as well.
    sending: i64,
}

/// Deletes a channel; messages that wait for it are cancelled. With `dry_run=true` it says how many these are and
/// deletes nothing.
#[utoipa::path(delete, path = "/api/v1/channels/{id}", tag = "channels",
    params(("id" = String, Path, description = "The channel"), DeleteQuery),
    responses((status = 200, body = Deletion), (status = 204), (status = 404, body = ProblemBody)))]
async fn delete_channel(
    State(outreach): State<Arc<Outreach>>,
    caller: Caller,
    Path(id): Path<ChannelId>,
    Query(query): Query<DeleteQuery>,
) -> ApiResult<Response> {
    caller.require(Area::Settings, Verb::Write)?;
    if query.dry_run {
        store::get(outreach.db.read(), caller.workspace, id).await?.ok_or(Code::NotFound)?;
        let waiting = outbox::count_waiting(outreach.db.read(), id).await?;
        return Ok(Json(Deletion { queued: waiting.queued, sending: waiting.sending }).into_response());
    }
    // The pipeline queues nothing more for the channel when this is committed.
    let tx = outreach.begin_rules_change(caller.workspace).await?;
    let mut row = store::get(&tx, caller.workspace, id).await?.ok_or(Code::NotFound)?;
    let now = outreach.clock.now();
    let waiting = outbox::count_waiting(&tx, id).await?;
    store::delete(&tx, &row, now).await?;
    let mut more =
        outbox::cancel_some(&tx, &outreach, &Waiting::OnDeletedChannels, outbox::CHANNEL_DELETED, now).await?;
    if let Ok(kind) = outreach.registry.kind(&row.kind) {
        row.config_json = "{}".to_owned();
        store::put_secrets(&tx, &outreach.secrets, kind.as_ref(), &row, &[]).await.map_err(secret_failed)?;
    }
    outreach.audit(&tx, &caller, "channel.deleted", id, json!({"queued": waiting.queued})).await?;
    tx.commit().await?;
    outreach.rules_changed.notify_one();
    outreach.wake.notify_one();
    // The rest in transactions of their own; where that ends early, the outbox goes on.
    while more {
        let tx = outreach.db.begin().await?;
        more = outbox::cancel_some(&tx, &outreach, &Waiting::OnDeletedChannels, outbox::CHANNEL_DELETED, now).await?;
        tx.commit().await?;
    }
    outreach.emitted.notify_one();
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Tries the connection without sending anything.
#[utoipa::path(post, path = "/api/v1/channels/{id}/test", tag = "channels",
    params(("id" = String, Path, description = "The channel")),
    responses((status = 200, body = Tested), (status = 404, body = ProblemBody), (status = 422, body = ProblemBody)))]
async fn test_channel(
    State(outreach): State<Arc<Outreach>>,
    caller: Caller,
    Path(id): Path<ChannelId>,
) -> ApiResult<Json<Tested>> {
    caller.require(Area::Settings, Verb::Write)?;
    let row = store::get(outreach.db.read(), caller.workspace, id).await?.ok_or(Code::NotFound)?;
    let kind = outreach.registry.kind(&row.kind)?;
    let config =
        store::with_secrets(outreach.db.read(), &outreach.secrets, kind.as_ref(), &row).await.map_err(secret_failed)?;
    live::connect(kind.as_ref(), config)?.test().await?;
    Ok(Json(Tested { ok: true }))
}

/// Stops sending; messages stay queued.
#[utoipa::path(post, path = "/api/v1/channels/{id}/pause", tag = "channels",
    params(("id" = String, Path, description = "The channel")),
    responses((status = 200, body = Channel), (status = 404, body = ProblemBody)))]
async fn pause_channel(
    State(outreach): State<Arc<Outreach>>,
    caller: Caller,
    Path(id): Path<ChannelId>,
) -> ApiResult<Json<Channel>> {
    set_state(&outreach, &caller, id, "paused", "channel.paused").await
}

/// Sends again.
#[utoipa::path(post, path = "/api/v1/channels/{id}/resume", tag = "channels",
    params(("id" = String, Path, description = "The channel")),
    responses((status = 200, body = Channel), (status = 404, body = ProblemBody)))]
async fn resume_channel(
    State(outreach): State<Arc<Outreach>>,
    caller: Caller,
    Path(id): Path<ChannelId>,
) -> ApiResult<Json<Channel>> {
    set_state(&outreach, &caller, id, "active", "channel.resumed").await
}

async fn set_state(
    outreach: &Outreach,
    caller: &Caller,
    id: ChannelId,
    state: &str,
    action: &str,
) -> ApiResult<Json<Channel>> {
    caller.require(Area::Settings, Verb::Write)?;
    let tx = outreach.db.begin().await?;
    let mut row = store::get(&tx, caller.workspace, id).await?.ok_or(Code::NotFound)?;
    row.state = state.to_owned();
    store::update(&tx, &row, outreach.clock.now()).await?;
    outreach.audit(&tx, caller, action, id, json!({})).await?;
    let row = store::get(&tx, caller.workspace, id).await?.ok_or(Code::NotFound)?;
    tx.commit().await?;
    outreach.wake.notify_one();
    Ok(Json(shown(outreach, row)))
}
