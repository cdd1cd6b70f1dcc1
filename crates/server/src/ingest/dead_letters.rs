//! Listing, replaying and removing dead letters.

use std::{collections::HashSet, sync::Arc};

use api::{ApiError, ApiResult, Area, Caller, Json, Page, PageQuery, Path, ProblemBody, Query, Verb};
use axum::{
    body::Bytes,
    extract::{State, rejection::BytesRejection},
    http::StatusCode,
};
use base::{
    Code, Event, Problem, Time,
    event::partition_of,
    ids::{DeadLetterId, EventId, KeyId},
};
use log::NewRecord;
use serde_json::{Value, json, value::RawValue};
use store::{
    audit,
    dead_letters::{self, DeadLetterRow},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    IngestState,
    accept::Sender,
    normalise::MessageId,
    refusal::Refusal,
    schema::{DeadLetterItem, DeadLetterQuery, ReplayFailure, ReplayMany, ReplayOne, Replayed},
};

/// How many letters one request replays.
const MAX_REPLAYED: usize = 200;

pub(super) fn routes() -> OpenApiRouter<Arc<IngestState>> {
    OpenApiRouter::new()
        .routes(routes!(list_dead_letters))
        .routes(routes!(get_dead_letter, delete_dead_letter))
        .routes(routes!(replay_dead_letter))
        .routes(routes!(replay_dead_letters))
}

/// Lists records that were refused or could not be processed, newest first.
#[utoipa::path(
    get, path = "/api/v1/dead-letters", tag = "ingest", params(DeadLetterQuery),
    responses(
        (status = 200, description = "A page of dead letters", body = Page<DeadLetterItem>),
        (status = 400, description = "The query cannot be read", body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, description = "Not authenticated", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Needs ingest:read", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
async fn list_dead_letters(
    State(state): State<Arc<IngestState>>,
    caller: Caller,
    Query(query): Query<DeadLetterQuery>,
) -> ApiResult<Json<Page<DeadLetterItem>>> {
    caller.require(Area::Ingest, Verb::Read)?;
    if query.code.as_ref().is_some_and(|code| code.contains('\0')) {
        return Err(Problem::at(Code::InvalidQuery, "code", "contains the character U+0000").into());
    }
    let page = PageQuery { limit: query.limit, cursor: query.cursor };
    let (limit, before) = (page.limit(), page.position(i64::MAX)?);
    let rows = dead_letters::list(state.db.read(), caller.workspace, query.code.as_deref(), before, limit + 1).await?;
    Ok(Json(Page::from_rows(rows, limit, |row| row.id, |row| item(row, false))))
}

/// Shows one dead letter with the record itself.
#[utoipa::path(
    get, path = "/api/v1/dead-letters/{id}", tag = "ingest", params(("id" = String, Path, description = "Its id")),
    responses(
        (status = 200, description = "The dead letter", body = DeadLetterItem),
        (status = 401, description = "Not authenticated", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Needs ingest:read", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "There is none with this id", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
async fn get_dead_letter(
    State(state): State<Arc<IngestState>>,
    caller: Caller,
    Path(id): Path<DeadLetterId>,
) -> ApiResult<Json<DeadLetterItem>> {
    caller.require(Area::Ingest, Verb::Read)?;
    let row = dead_letters::get(state.db.read(), caller.workspace, id).await?.ok_or(Code::NotFound)?;
    Ok(Json(item(row, true)))
}

/// Removes one dead letter.
#[utoipa::path(
    delete, path = "/api/v1/dead-letters/{id}", tag = "ingest", params(("id" = String, Path, description = "Its id")),
    responses(
        (status = 204, description = "It is gone"),
        (status = 401, description = "Not authenticated", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Needs ingest:write", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "There is none with this id", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
async fn delete_dead_letter(
    State(state): State<Arc<IngestState>>,
    caller: Caller,
    Path(id): Path<DeadLetterId>,
) -> ApiResult<StatusCode> {
    caller.require(Area::Ingest, Verb::Write)?;
    let tx = state.db.begin().await?;
    if !dead_letters::delete(&tx, caller.workspace, id).await? {
        return Err(Code::NotFound.into());
    }
    let (now, target) = (state.clock.now(), id.to_string());
    audit::record(&tx, &state.ids, now, caller.workspace, &caller.actor, "dead_letter.deleted", &target, json!({}))
        .await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Replays one dead letter: the record, or a corrected one, is taken in as if it came now; the time of its arrival
/// counts where it names no other. Replaying it twice counts once. Whether `email_verified` and `phone_verified` are
/// believed depends on the key that sent the record, as it is now, also when it is corrected.
#[utoipa::path(
    post, path = "/api/v1/dead-letters/{id}/replay", tag = "ingest",
    params(("id" = String, Path, description = "Its id")), request_body = Option<ReplayOne>,
    responses(
        (status = 200, description = "It is in the log", body = Replayed),
        (status = 400, description = "It is refused again", body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, description = "Not authenticated", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Needs ingest:write", body = ProblemBody, content_type = "application/problem+json"),
        (status = 404, description = "There is none with this id", body = ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "It has been replayed, so it cannot be corrected any more", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "The body does not have the expected form", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "The disk is full or the pipeline too far behind", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
async fn replay_dead_letter(
    State(state): State<Arc<IngestState>>,
    caller: Caller,
    Path(id): Path<DeadLetterId>,
    body: Result<Bytes, BytesRejection>,
) -> ApiResult<Json<Replayed>> {
    caller.require(Area::Ingest, Verb::Write)?;
    let corrected = read_optional(&body.map_err(api::unread_body)?)?.payload;
    let letter = dead_letters::get(state.db.read(), caller.workspace, id).await?.ok_or(Code::NotFound)?;
    if corrected.is_some() && letter.replayed_at.is_some() {
        return Err(Problem::with(Code::WrongState, "it has been replayed already").into());
    }
    let corrected = corrected.map(|payload| payload.to_string());
    let replayed = replay(&state, &caller, vec![letter], corrected.as_deref()).await?;
    match replayed.refused.into_iter().next() {
        Some((_, refusal)) => Err(Problem::with(refusal.code, refusal.message).into()),
        None => Ok(Json(Replayed {
            replayed: replayed.done as u64,
            skipped: replayed.skipped as u64,
            failed: Vec::new(),
            next: None,
        })),
    }
}

/// Replays many dead letters, by their ids or by the code with which they were refused; each as
/// `/api/v1/dead-letters/{id}/replay` does.
#[utoipa::path(
    post, path = "/api/v1/dead-letters/replay", tag = "ingest", request_body = ReplayMany,
    responses(
        (status = 200, description = "What became of each", body = Replayed),
        (status = 400, description = "The body cannot be read", body = ProblemBody, content_type = "application/problem+json"),
        (status = 401, description = "Not authenticated", body = ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "Needs ingest:write", body = ProblemBody, content_type = "application/problem+json"),
        (status = 415, description = "Not JSON", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "The body does not have the expected form", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "The disk is full or the pipeline too far behind", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
async fn replay_dead_letters(
    State(state): State<Arc<IngestState>>,
    caller: Caller,
    Json(wanted): Json<ReplayMany>,
) -> ApiResult<Json<Replayed>> {
    caller.require(Area::Ingest, Verb::Write)?;
    let workspace = caller.workspace;
    let (letters, next) = match (wanted.ids, wanted.code) {
        (Some(ids), None) => {
            let ids = ids.iter().enumerate().map(|(index, id)| read_id(&format!("ids[{index}]"), id));
            let ids: Vec<DeadLetterId> = ids.collect::<Result<_, Problem>>()?;
            if ids.len() > MAX_REPLAYED {
                return Err(Problem::at(Code::InvalidBody, "ids", "has more than 200 entries").into());
            }
            (dead_letters::get_many(state.db.read(), workspace, &ids).await?, None)
        }
        (None, Some(code)) if !code.contains('\0') => {
            let after = wanted.after.as_deref().map(|after| read_id("after", after)).transpose()?;
            let after = after.map_or(0, |after| after.0);
            let limit = MAX_REPLAYED as u64;
            let letters = dead_letters::waiting(state.db.read(), workspace, &code, after, limit).await?;
            let is_full = letters.len() == MAX_REPLAYED;
            let next = letters.last().filter(|_| is_full).map(|letter| DeadLetterId(letter.id).to_string());
            (letters, next)
        }
        _ => return Err(Problem::with(Code::InvalidBody, "exactly one of ids and code is needed").into()),
    };
    let replayed = replay(&state, &caller, letters, None).await?;
    let failed = replayed.refused.into_iter().map(|(id, refusal)| ReplayFailure {
        id: id.to_string(),
        code: refusal.code.as_str().to_owned(),
        message: refusal.message.into_owned(),
    });
    Ok(Json(Replayed {
        replayed: replayed.done as u64,
        skipped: replayed.skipped as u64,
        failed: failed.collect(),
        next,
    }))
}

struct ReplayResult {
    done: usize,
    skipped: usize,
    refused: Vec<(DeadLetterId, Refusal)>,
}

/// Appends first and marks afterwards: when the process dies in between, the next replay appends again under the same
/// message id, and the pipeline drops the second one.
async fn replay(
    state: &IngestState,
    caller: &Caller,
    letters: Vec<DeadLetterRow>,
    corrected: Option<&str>,
) -> ApiResult<ReplayResult> {
    state.check_pressure()?;
    let mut result = ReplayResult { done: 0, skipped: 0, refused: Vec::new() };
    let (mut records, mut done) = (Vec::new(), Vec::new());
    let trusted = trusted_keys(state, &letters).await?;
    for letter in &letters {
        if letter.replayed_at.is_some() {
            result.skipped += 1;
            continue;
        }
        let id = DeadLetterId(letter.id);
        match records_of(state, caller, letter, corrected, is_trusted(letter, &trusted)) {
            Ok(mut revived) => {
                records.append(&mut revived);
                done.push(id);
            }
            Err(refusal) => result.refused.push((id, refusal)),
        }
    }
    if done.is_empty() {
        return Ok(result);
    }
    state.append(records).await?;
    let tx = state.db.begin().await?;
    let now = state.clock.now();
    dead_letters::mark_replayed(&tx, caller.workspace, &done, now).await?;
    let target = done.first().map(DeadLetterId::to_string).unwrap_or_default();
    let detail = json!({ "ids": done, "corrected": corrected.is_some() });
    audit::record(&tx, &state.ids, now, caller.workspace, &caller.actor, "dead_letter.replayed", &target, detail)
        .await?;
    tx.commit().await?;
    result.done = done.len();
    Ok(result)
}

/// The keys that sent these letters and may vouch for verified addresses now.
async fn trusted_keys(state: &IngestState, letters: &[DeadLetterRow]) -> ApiResult<HashSet<KeyId>> {
    let keys: HashSet<KeyId> = letters.iter().filter_map(|letter| letter.source.parse().ok()).collect();
    let keys: Vec<KeyId> = keys.into_iter().collect();
    Ok(state.write_keys.trusted(&keys).await?)
}

/// Whether the sender of a letter may vouch for verified addresses. Who replays it does not vouch for what he found in
/// it, nor who corrects another part of it.
fn is_trusted(letter: &DeadLetterRow, trusted_keys: &HashSet<KeyId>) -> bool {
    if is_from_pipeline(letter) {
        return Event::from_record(letter.payload.as_bytes()).is_ok_and(|event| event.trusted);
    }
    match letter.source.parse::<KeyId>() {
        Ok(key) => trusted_keys.contains(&key),
        Err(_) => letter.source.starts_with("operator:"),
    }
}

fn records_of(
    state: &IngestState,
    caller: &Caller,
    letter: &DeadLetterRow,
    corrected: Option<&str>,
    trusted: bool,
) -> Result<Vec<NewRecord>, Refusal> {
    let id = DeadLetterId(letter.id);
    if corrected.is_none() && is_from_pipeline(letter) {
        return poison_record(state, caller, letter).map(|record| vec![record]);
    }
    let json = corrected.unwrap_or(&letter.payload).trim_ascii();
    if serde_json::from_str::<&RawValue>(json).is_err() {
        return Err(Refusal::new(
            Code::MalformedJson,
            "the kept text is not valid JSON; replay it with a corrected payload",
        ));
    }
    let sender = Sender { workspace: caller.workspace, source: letter.source.clone(), number: 0, trusted };
    let id = id.to_string();
    let named = match is_from_pipeline(letter) {
        // The pipeline has seen the event's own id and would drop it as a duplicate.
        true => MessageId::Always(&id),
        // So that replaying it twice counts once.
        false => MessageId::OwnOr(&id),
    };
    state.normalise_again(&sender, json, Time::from_millis(letter.received_at), named)
}

/// Whether the payload is to be trusted as a record of the log. What senders can choose does not count: code and source
/// are written by Hearth, and those of the ways in are others.
fn is_from_pipeline(letter: &DeadLetterRow) -> bool {
    letter.code == Code::Poison.as_str() || matches!(letter.source.as_str(), "pipeline" | "command")
}

/// An event that the pipeline gave up on, under a message id of its own: the original one counts as seen.
fn poison_record(state: &IngestState, caller: &Caller, letter: &DeadLetterRow) -> Result<NewRecord, Refusal> {
    let mut event = Event::from_record(letter.payload.as_bytes())
        .ok()
        .filter(|event| event.workspace == caller.workspace)
        .ok_or(Refusal::new(Code::MalformedJson, "the kept text is not a record of the log"))?;
    let key = event.partition_key();
    event.id = state.ids.next(EventId);
    event.message_id = DeadLetterId(letter.id).to_string();
    event.received_at = state.clock.now();
    let partition = partition_of(event.workspace, &key, state.log.partitions());
    Ok(NewRecord { partition, payload: event.to_record().into() })
}

fn read_optional(body: &[u8]) -> Result<ReplayOne, ApiError> {
    if body.trim_ascii().is_empty() {
        return Ok(ReplayOne::default());
    }
    let wanted: Value =
        serde_json::from_slice(body).map_err(|error| Problem::with(Code::MalformedJson, error.to_string()))?;
    if !matches!(wanted, Value::Object(_) | Value::Null) {
        return Err(Problem::with(Code::InvalidBody, "the body is not an object").into());
    }
    let wanted: Option<ReplayOne> =
        serde_json::from_value(wanted).map_err(|error| Problem::with(Code::InvalidBody, error.to_string()))?;
    Ok(wanted.unwrap_or_default())
}

fn read_id(path: &str, text: &str) -> Result<DeadLetterId, Problem> {
    text.parse().map_err(|error: base::ids::IdError| Problem::at(Code::InvalidBody, path, error.to_string()))
}

fn item(row: DeadLetterRow, with_payload: bool) -> DeadLetterItem {
    DeadLetterItem {
        id: DeadLetterId(row.id).to_string(),
        source: row.source,
        code: row.code,
        message: row.message,
        received_at: Time::from_millis(row.received_at),
        replayed_at: row.replayed_at.map(Time::from_millis),
        payload: with_payload.then_some(row.payload),
    }
}
