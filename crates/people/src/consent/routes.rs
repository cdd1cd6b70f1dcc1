//! Reading and recording the decisions of one member.

use api::{ApiResult, Area, Caller, Json, Page, PageQuery, Path, Query, Verb};
use axum::extract::State;
use base::{
    Clock, Code, IdSource, Problem, Time,
    ids::{MemberId, WorkspaceId},
};
use sea_orm::{DbErr, FromQueryResult};
use serde::{Deserialize, Serialize};
use store::{Db, Sql};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Decided, Decision, MAX_PROOF_BYTES, Who, decide, is_channel_kind, is_topic};
use crate::members::require_member;

/// What the routes need.
#[derive(Clone, Debug)]
pub struct ConsentState {
    /// The database.
    pub db: Db,
    /// The time.
    pub clock: std::sync::Arc<dyn Clock>,
    /// For the audit log.
    pub ids: IdSource,
}

/// One decision of a member.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ConsentItem {
    /// Kind of channel.
    pub channel_kind: String,
    /// About what; `*` for everything.
    pub topic: String,
    /// Given or withdrawn.
    pub granted: bool,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub decided_at: Time,
    /// Where it was made.
    pub source: String,
    /// What proves it.
    pub proof: serde_json::Value,
    /// Whether it was only claimed, by an event with a write key that is not trusted. Such a consent counts as long as
    /// nobody has decided otherwise about that topic or about everything, whenever that was.
    pub claimed: bool,
    /// Kind of the identity that decided.
    pub identity_kind: String,
    /// Value of the identity that decided.
    pub identity_value: String,
}

/// A decision to record.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConsentChange {
    /// Kind of channel, such as `email`.
    pub channel_kind: String,
    /// About what; `*` for everything.
    pub topic: String,
    /// Given or withdrawn.
    pub granted: bool,
    /// What proves it, such as the text of a form.
    #[serde(default)]
    pub proof: serde_json::Value,
}

/// The consent routes.
pub fn routes(state: ConsentState) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(get_consent, put_consent))
        .routes(routes!(get_consent_history))
        .with_state(state)
}

#[derive(FromQueryResult)]
struct ItemRow {
    id: i64,
    channel_kind: String,
    topic: String,
    granted: i64,
    decided_at: i64,
    source: String,
    proof_json: String,
    claimed: i64,
    kind: String,
    value: String,
}

impl From<ItemRow> for ConsentItem {
    fn from(row: ItemRow) -> ConsentItem {
        ConsentItem {
            channel_kind: row.channel_kind,
            topic: row.topic,
            granted: row.granted != 0,
            decided_at: Time::from_millis(row.decided_at),
            source: row.source,
            proof: serde_json::from_str(&row.proof_json).unwrap_or_default(),
            claimed: row.claimed != 0,
            identity_kind: row.kind,
            identity_value: row.value,
        }
    }
}

async fn items(db: &impl Sql, workspace: WorkspaceId, member: MemberId) -> Result<Vec<ConsentItem>, DbErr> {
    let rows: Vec<ItemRow> = db
        .all(
            "SELECT i.id, c.channel_kind, c.topic, c.granted, c.decided_at, c.source, c.proof_json, c.claimed, i.kind,
                    i.value
             FROM identities i JOIN consents c ON c.identity_id = i.id
             WHERE i.workspace_id = $1 AND i.member_id = $2 ORDER BY c.channel_kind, c.topic, c.decided_at DESC",
            vec![workspace.0.into(), member.0.into()],
        )
        .await?;
    Ok(rows.into_iter().map(ConsentItem::from).collect())
}

/// What a member has agreed to and refused, by each of his identities.
#[utoipa::path(
    get, path = "/api/v1/members/{id}/consent", tag = "members",
    params(("id" = String, Path, description = "The member")),
    responses((status = 200, body = Page<ConsentItem>), (status = 404, body = api::ProblemBody))
)]
async fn get_consent(
    State(state): State<ConsentState>,
    caller: Caller,
    Path(id): Path<MemberId>,
) -> ApiResult<Json<Page<ConsentItem>>> {
    caller.require(Area::People, Verb::Read)?;
    let id = require_member(state.db.read(), caller.workspace, id).await?;
    Ok(Json(Page { items: items(state.db.read(), caller.workspace, id).await?, next: None }))
}

/// Every decision of a member as it was made, newest first: what was withdrawn or replaced stays here with its proof.
#[utoipa::path(
    get, path = "/api/v1/members/{id}/consent/history", tag = "members",
    params(("id" = String, Path, description = "The member"), PageQuery),
    responses((status = 200, body = Page<ConsentItem>), (status = 404, body = api::ProblemBody))
)]
async fn get_consent_history(
    State(state): State<ConsentState>,
    caller: Caller,
    Path(id): Path<MemberId>,
    Query(page): Query<PageQuery>,
) -> ApiResult<Json<Page<ConsentItem>>> {
    caller.require(Area::People, Verb::Read)?;
    let id = require_member(state.db.read(), caller.workspace, id).await?;
    let limit = page.limit();
    let rows: Vec<ItemRow> = state
        .db
        .read()
        .all(
            "SELECT c.id, c.channel_kind, c.topic, c.granted, c.decided_at, c.source, c.proof_json, c.claimed, i.kind,
                    i.value
             FROM identities i JOIN consent_changes c ON c.identity_id = i.id
             WHERE i.workspace_id = $1 AND i.member_id = $2 AND c.id < $3 ORDER BY c.id DESC LIMIT $4",
            vec![caller.workspace.0.into(), id.0.into(), page.position(i64::MAX)?.into(), (limit as i64 + 1).into()],
        )
        .await?;
    Ok(Json(Page::from_rows(rows, limit, |row| row.id, ConsentItem::from)))
}

/// Records that a member agreed or refused, as an operator was told. A site says the same with the track events "Consent
/// Given" and "Consent Withdrawn" (`channel`, `purpose`, and what was shown as the proof).
#[utoipa::path(
    put, path = "/api/v1/members/{id}/consent", tag = "members",
    params(("id" = String, Path, description = "The member")),
    request_body = ConsentChange,
    responses((status = 200, body = Page<ConsentItem>), (status = 404, body = api::ProblemBody), (status = 422, body = api::ProblemBody))
)]
async fn put_consent(
    State(state): State<ConsentState>,
    caller: Caller,
    Path(id): Path<MemberId>,
    Json(change): Json<ConsentChange>,
) -> ApiResult<Json<Page<ConsentItem>>> {
    caller.require(Area::People, Verb::Write)?;
    check_names(&change.channel_kind, &change.topic)?;
    let proof = change.proof.to_string();
    if proof.len() > MAX_PROOF_BYTES || proof.contains("\\u0000") {
        return Err(Problem::at(Code::InvalidBody, "proof", "has at most 10,000 bytes and no NUL character").into());
    }
    let id = require_member(state.db.read(), caller.workspace, id).await?;
    let now = state.clock.now();
    let tx = state.db.begin().await?;
    let decision = Decision {
        workspace: caller.workspace,
        who: Who::Member { member: id, address: None },
        channel_kind: change.channel_kind,
        topic: change.topic,
        granted: change.granted,
        at: now,
        source: caller.actor.clone(),
        proof: change.proof,
    };
    if decide(&tx, &state.ids, &decision).await? == Decided::Nobody {
        return Err(Problem::with(Code::WrongState, "the member has no identity").into());
    }
    let detail = serde_json::json!({
        "channel_kind": decision.channel_kind, "topic": decision.topic, "granted": decision.granted,
    });
    let target = id.to_string();
    store::audit::record(&tx, &state.ids, now, caller.workspace, &caller.actor, "consent.decided", &target, detail)
        .await?;
    tx.commit().await?;
    Ok(Json(Page { items: items(state.db.read(), caller.workspace, id).await?, next: None }))
}

/// A withdrawal under a name that no message ever has would be written down and refuse nothing.
fn check_names(channel_kind: &str, topic: &str) -> Result<(), Problem> {
    if !is_channel_kind(channel_kind) {
        let message = "has 1 to 100 small letters, digits and \"_\", such as email";
        return Err(Problem::at(Code::InvalidBody, "channel_kind", message));
    }
    if !is_topic(topic) {
        let message = "has 1 to 100 bytes, none of them a control character, and no blanks around them";
        return Err(Problem::at(Code::InvalidBody, "topic", message));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decision_under_a_name_that_no_message_has_is_refused() {
        for (kind, topic) in [("email", "news"), ("wecom_app", "*"), ("sms", "生日 祝福")] {
            assert!(check_names(kind, topic).is_ok(), "{kind} {topic}");
        }
        let others = [("Email", "news"), ("e-mail", "news"), ("", "news"), ("email ", "*"), ("email", " news")];
        for (kind, topic) in others {
            assert!(check_names(kind, topic).is_err(), "{kind} {topic}");
        }
    }
}
