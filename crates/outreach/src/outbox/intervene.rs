//! What people do to messages by hand: cancel what waits, and say what became of a message of which nobody knows.

use std::sync::Arc;

use api::{ApiResult, Area, Caller, Json, Path, ProblemBody, Verb};
use axum::extract::State;
use base::{
    Code, Problem, Time,
    ids::{ChannelId, DeliveryId, JourneyId, MemberId, TemplateId, WorkspaceId},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{DbErr, FromQueryResult, Sql, Tx, Value};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    answers,
    facts::{HistoryLine, write_history},
    ledger,
    routes::Delivery,
    rows::wake_those_behind,
    settle,
};
use crate::Outreach;

/// Why a message ended that a person cancelled.
const CANCELLED: &str = "cancelled_by_operator";
/// Rows that are cancelled in one transaction, and transactions of one request.
const CANCELS_AT_ONCE: i64 = 2_000;
const SLICES: usize = 25;
const LONGEST_NOTE: usize = 500;

/// The routes.
pub(super) fn routes(state: Arc<Outreach>) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(cancel_deliveries))
        .routes(routes!(cancel_delivery))
        .routes(routes!(settle_delivery))
        .with_state(state)
}

/// Cancels a message that waits.
#[utoipa::path(post, path = "/api/v1/deliveries/{id}/cancel", tag = "deliveries",
    params(("id" = String, Path, description = "The delivery")),
    responses((status = 200, body = Delivery), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody)))]
async fn cancel_delivery(
    State(outreach): State<Arc<Outreach>>,
    caller: Caller,
    Path(id): Path<DeliveryId>,
) -> ApiResult<Json<Delivery>> {
    caller.require(Area::Outreach, Verb::Write)?;
    let tx = outreach.db.begin().await?;
    let row = ledger::get(&tx, caller.workspace, id).await?.ok_or(Code::NotFound)?;
    if cancel_rows(&tx, &outreach, &[(id.0,)]).await? == 0 {
        return Err(Problem::with(Code::WrongState, format!("it is {} and does not wait", row.state)).into());
    }
    outreach.audit(&tx, &caller, "delivery.cancelled", id, json!({})).await?;
    let row = ledger::get(&tx, caller.workspace, id).await?.ok_or(Code::NotFound)?;
    tx.commit().await?;
    outreach.emitted.notify_one();
    outreach.wake.notify_one();
    Ok(Json(Delivery::of(row, outreach.clock.now())))
}

/// Which waiting messages are to be cancelled: those to which all that is given applies.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CancelRequest {
    /// Through this channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    channel: Option<ChannelId>,
    /// To this member.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    member: Option<MemberId>,
    /// Of this journey.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    journey: Option<JourneyId>,
    /// With this template.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    template: Option<TemplateId>,
    /// About this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    topic: Option<String>,
    /// Asked for before this moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    queued_before: Option<Time>,
    /// Only say how many they are.
    #[serde(default, skip_serializing)]
    dry_run: bool,
}

impl CancelRequest {
    /// The condition on `deliveries d`, with its values.
    fn condition(&self, workspace: WorkspaceId) -> Result<(String, Vec<Value>), Problem> {
        let mut values: Vec<Value> = vec![workspace.0.into()];
        // By the index of the queue; that of the workspace would lead through all that was ever sent.
        let mut text = "d.state = 'queued' AND d.workspace_id + 0 = $1
             AND d.channel_id IN (SELECT id FROM channels WHERE workspace_id = $1)"
            .to_owned();
        let mut condition = |part: &str, value: Value| {
            values.push(value);
            text += &part.replace('?', &format!("${}", values.len()));
        };
        let mut is_given = false;
        let wanted: [(&str, Option<Value>); 6] = [
            (" AND d.channel_id = ?", self.channel.map(|id| id.0.into())),
            (
                " AND d.member_id IN (SELECT CAST(? AS BIGINT) UNION ALL SELECT id FROM members WHERE merged_into = ?)",
                self.member.map(|id| id.0.into()),
            ),
            (" AND d.journey_id = ?", self.journey.map(|id| id.0.into())),
            (" AND d.template_id = ?", self.template.map(|id| id.0.into())),
            (" AND d.topic = ?", self.topic.as_deref().map(Into::into)),
            (" AND d.queued_at < ?", self.queued_before.map(|at| at.millis().into())),
        ];
        for (part, value) in wanted {
            let Some(value) = value else { continue };
            is_given = true;
            condition(part, value);
        }
        if !is_given {
            return Err(Problem::with(Code::InvalidBody, "says nothing about which messages are meant"));
        }
        if self.topic.as_deref().is_some_and(|topic| topic.len() > 100 || topic.contains('\0')) {
            return Err(Problem::at(Code::InvalidBody, "topic", "has at most 100 bytes"));
        }
        Ok((text, values))
    }
}

/// What became of a request to cancel.
#[derive(Debug, Serialize, ToSchema)]
struct Cancelled {
    /// How many waiting messages there were to which it applies.
    matching: i64,
    /// How many of them were cancelled; 0 of a dry run.
    cancelled: i64,
    /// Whether some are left: one request cancels 50,000 at most. Ask again then.
    more: bool,
}

#[derive(FromQueryResult)]
struct IdRow {
    id: i64,
}

/// Cancels messages that wait, many at once, or says how many they would be.
#[utoipa::path(post, path = "/api/v1/deliveries/cancel", tag = "deliveries", request_body = CancelRequest,
    responses((status = 200, body = Cancelled), (status = 422, body = ProblemBody)))]
async fn cancel_deliveries(
    State(outreach): State<Arc<Outreach>>,
    caller: Caller,
    Json(body): Json<CancelRequest>,
) -> ApiResult<Json<Cancelled>> {
    caller.require(Area::Outreach, Verb::Write)?;
    let (condition, values) = body.condition(caller.workspace)?;
    let counted: Option<i64> = outreach
        .db
        .read()
        .scalar(&format!("SELECT COUNT(*) FROM deliveries d WHERE {condition}"), values.clone())
        .await?;
    let matching = counted.unwrap_or_default();
    let (mut cancelled, mut more) = (0, false);
    for _ in 0..SLICES {
        if body.dry_run {
            break;
        }
        let tx = outreach.db.begin().await?;
        let sql = format!("SELECT d.id FROM deliveries d WHERE {condition} LIMIT {CANCELS_AT_ONCE}");
        let rows: Vec<IdRow> = tx.all(&sql, values.clone()).await?;
        more = rows.len() as i64 == CANCELS_AT_ONCE;
        let keys: Vec<(i64,)> = rows.iter().map(|row| (row.id,)).collect();
        let ended = cancel_rows(&tx, &outreach, &keys).await?;
        if ended > 0 {
            let detail = json!({"which": body, "messages": ended});
            outreach.audit(&tx, &caller, "deliveries.cancelled", caller.workspace, detail).await?;
        }
        tx.commit().await?;
        outreach.emitted.notify_one();
        cancelled += ended;
        if !more {
            break;
        }
    }
    outreach.wake.notify_one();
    Ok(Json(Cancelled { matching, cancelled, more }))
}

#[derive(FromQueryResult)]
struct EndedRow {
    id: i64,
    member_id: i64,
}

/// Ends those of the rows that are queued; returns how many they were. The caller tells `emitted` after the commit.
async fn cancel_rows(tx: &Tx, outreach: &Outreach, ids: &[(i64,)]) -> Result<i64, DbErr> {
    let now = outreach.clock.now();
    let rows: Vec<(i64, &str, i64)> = ids.iter().map(|(id,)| (*id, CANCELLED, now.millis())).collect();
    let ended: Vec<EndedRow> = tx
        .all_rows(
            "UPDATE deliveries SET state = 'cancelled', reason = x.reason, ended_at = x.ended_at, waits_for = NULL
             FROM (SELECT CAST(r.value->>0 AS BIGINT) AS id, r.value->>1 AS reason,
                          CAST(r.value->>2 AS BIGINT) AS ended_at FROM {rows}) AS x
             WHERE deliveries.id = x.id AND deliveries.state || '' = 'queued'
             RETURNING deliveries.id, deliveries.member_id",
            &rows,
            Vec::new(),
        )
        .await?;
    let lines: Vec<HistoryLine> = ended
        .iter()
        .map(|row| HistoryLine { delivery: row.id, state: "cancelled", detail: CANCELLED.to_owned() })
        .collect();
    write_history(tx, outreach, now, &lines).await?;
    let members: Vec<(i64, i64)> = ended.iter().map(|row| (row.member_id, now.millis())).collect();
    wake_those_behind(tx, &members).await?;
    let unsent: Vec<i64> = ended.iter().map(|row| row.id).collect();
    answers::tell_unsent(tx, outreach, &unsent, now).await?;
    metrics::counter!("hearth_deliveries_total", "state" => "cancelled", "reason" => CANCELLED)
        .increment(ended.len() as u64);
    Ok(ended.len() as i64)
}

/// What a person found out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Found {
    /// The other side took it.
    Accepted,
    /// It never arrived.
    NotSent,
}

/// What became of a message of which nobody knew.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Settlement {
    /// What a person found out: `accepted` or `not_sent`.
    outcome: Found,
    /// How; at most 500 characters.
    #[serde(default)]
    note: String,
    /// Whether a message that was not sent is to be sent now.
    #[serde(default)]
    send_again: bool,
}

/// Settles a message whose outcome is unknown. It is sent again only when that is asked for.
#[utoipa::path(post, path = "/api/v1/deliveries/{id}/settle", tag = "deliveries",
    params(("id" = String, Path, description = "The delivery")), request_body = Settlement,
    responses((status = 200, body = Delivery), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody),
        (status = 422, body = ProblemBody)))]
async fn settle_delivery(
    State(outreach): State<Arc<Outreach>>,
    caller: Caller,
    Path(id): Path<DeliveryId>,
    Json(body): Json<Settlement>,
) -> ApiResult<Json<Delivery>> {
    caller.require(Area::Outreach, Verb::Write)?;
    if body.note.chars().count() > LONGEST_NOTE || body.note.contains('\0') {
        return Err(Problem::at(Code::InvalidBody, "note", format!("has at most {LONGEST_NOTE} characters")).into());
    }
    if body.send_again && body.outcome == Found::Accepted {
        return Err(Problem::at(Code::InvalidBody, "send_again", "goes with \"not_sent\" only").into());
    }
    let now = outreach.clock.now();
    let tx = outreach.db.begin().await?;
    let row = ledger::get(&tx, caller.workspace, id).await?.ok_or(Code::NotFound)?;
    let is_late = row.expires_at.is_some_and(|at| at <= now.millis());
    if body.send_again && is_late {
        return Err(Problem::with(Code::WrongState, "it has expired and is not sent any more").into());
    }
    let settlement = match body.outcome {
        Found::Accepted => settle::Settlement::Accepted,
        Found::NotSent => settle::Settlement::NotSent { send_again: body.send_again },
    };
    settle::settle(&tx, &outreach, id, settlement, &caller.actor, &body.note).await?;
    let said = json!({"outcome": body.outcome, "send_again": body.send_again, "note": body.note});
    outreach.audit(&tx, &caller, "delivery.settled", id, said).await?;
    let row = ledger::get(&tx, caller.workspace, id).await?.ok_or(Code::NotFound)?;
    tx.commit().await?;
    metrics::counter!("hearth_deliveries_total", "state" => row.state.clone(), "reason" => "settled").increment(1);
    outreach.emitted.notify_one();
    outreach.wake.notify_one();
    Ok(Json(Delivery::of(row, now)))
}
