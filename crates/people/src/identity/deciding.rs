//! `/api/v1/merge-suggestions`: two members who may be one person, for an operator to decide.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use api::{ApiResult, Area, Caller, Json, Page, PageQuery, Path, ProblemBody, Query, Verb};
use axum::{extract::State, http::StatusCode};
use base::{
    Code, Problem, Time,
    ids::{MemberId, SuggestionId},
};
use sea_orm::FromQueryResult;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::Sql;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::routes::{Merged, merge};
use crate::{
    PeopleState,
    directory::member_names,
    members::{IdentityDto, require_member, show_member, show_members},
};

/// The routes of this part.
pub(super) fn routes(state: Arc<PeopleState>) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list_suggestions))
        .routes(routes!(accept_suggestion))
        .routes(routes!(dismiss_suggestion))
        .with_state(state)
}

/// Two members who may be one person.
#[derive(Serialize, ToSchema)]
struct SuggestionDto {
    /// `sug_…`
    #[schema(value_type = String)]
    id: SuggestionId,
    /// The older of the two.
    #[schema(value_type = String)]
    one: MemberId,
    /// The other.
    #[schema(value_type = String)]
    other: MemberId,
    /// Why they may be one: `same address`, `same verified address`, `same account`, `same verified account`; `alias`,
    /// or `alias from a key that is not trusted`, which anybody can send; `verified address that the other only
    /// claims`, of whom one has perhaps taken what is not his: split the address off him instead. Or the reason of the
    /// merge that an operator undid.
    reason: String,
    /// What says so: the message, and the identity of each with its kind, its value and whether it is verified.
    #[schema(value_type = Object)]
    evidence: Value,
    /// `open`, `accepted`, `dismissed`, or `obsolete` when the two were made one for another reason.
    state: String,
    /// When it was noticed.
    #[schema(value_type = String, format = DateTime)]
    suggested_at: Time,
    /// Both as they are now, first the older one; in lists.
    members: Vec<SuggestedMember>,
}

/// A member who may be the same person as another.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct SuggestedMember {
    /// `mem_…`
    #[schema(value_type = String)]
    id: MemberId,
    /// What he is called, or else what tells him from others best.
    name: String,
    /// By what he is known.
    identities: Vec<IdentityDto>,
    /// When he was first seen.
    #[schema(value_type = String, format = DateTime)]
    created_at: Time,
    /// When he last did something.
    #[schema(value_type = String, format = DateTime)]
    last_seen_at: Time,
}

#[derive(FromQueryResult)]
struct SuggestionRow {
    id: i64,
    one_id: i64,
    other_id: i64,
    /// Who stands for the two now.
    one_now: i64,
    other_now: i64,
    reason: String,
    evidence_json: String,
    state: String,
    suggested_at: i64,
}

const SUGGESTION: &str = "SELECT s.id, s.one_id, s.other_id, COALESCE(one.merged_into, s.one_id) AS one_now,
            COALESCE(other.merged_into, s.other_id) AS other_now, s.reason, s.evidence_json, s.state, s.suggested_at
     FROM merge_suggestions s
     LEFT JOIN members one ON one.id = s.one_id LEFT JOIN members other ON other.id = s.other_id";

impl From<SuggestionRow> for SuggestionDto {
    fn from(row: SuggestionRow) -> SuggestionDto {
        let mut evidence: Value = serde_json::from_str(&row.evidence_json).unwrap_or_default();
        let identities = evidence.get_mut("identities").and_then(Value::as_array_mut).into_iter().flatten();
        for member in identities.filter_map(|identity| identity.get_mut("member")) {
            let now = [(row.one_id, row.one_now), (row.other_id, row.other_now)];
            if let Some((_, now)) = now.into_iter().find(|(then, _)| *member == json!(MemberId(*then))) {
                *member = json!(MemberId(now));
            }
        }
        SuggestionDto {
            id: SuggestionId(row.id),
            one: MemberId(row.one_now.min(row.other_now)),
            other: MemberId(row.one_now.max(row.other_now)),
            reason: row.reason,
            evidence,
            state: row.state,
            suggested_at: Time::from_millis(row.suggested_at),
            members: Vec::new(),
        }
    }
}

/// Whose suggestions.
#[derive(Deserialize, IntoParams)]
struct SuggestionQuery {
    /// Only those about this member.
    #[param(value_type = Option<String>)]
    member: Option<MemberId>,
    /// How many items at most (1 to 500, default 50).
    limit: Option<u64>,
    /// The `next` of the page before.
    cursor: Option<String>,
}

/// Suggestions that nobody has decided, newest first.
#[utoipa::path(get, path = "/api/v1/merge-suggestions", tag = "merges", params(SuggestionQuery),
    responses((status = 200, body = Page<SuggestionDto>), (status = "4XX", body = ProblemBody)))]
async fn list_suggestions(
    State(state): State<Arc<PeopleState>>,
    caller: Caller,
    Query(query): Query<SuggestionQuery>,
) -> ApiResult<Json<Page<SuggestionDto>>> {
    caller.require(Area::People, Verb::Read)?;
    let page = PageQuery { limit: query.limit, cursor: query.cursor };
    let limit = page.limit();
    let db = state.db.read();
    let mut values = vec![caller.workspace.0.into(), page.position(i64::MAX)?.into(), (limit as i64 + 1).into()];
    let mut of_member = "";
    if let Some(member) = query.member {
        values.push(require_member(db, caller.workspace, member).await?.0.into());
        // Suggestions name members as they first were.
        of_member = "AND (COALESCE(one.merged_into, s.one_id) = $4 OR COALESCE(other.merged_into, s.other_id) = $4)";
    }
    let rows: Vec<SuggestionRow> = db
        .all(
            &format!(
                "{SUGGESTION} WHERE s.workspace_id = $1 AND s.state = 'open' AND s.id < $2 {of_member}
                 ORDER BY s.id DESC LIMIT $3"
            ),
            values,
        )
        .await?;
    let mut found = Page::from_rows(rows, limit, |row| row.id, SuggestionDto::from);
    let ids: BTreeSet<MemberId> = found.items.iter().flat_map(|item| [item.one, item.other]).collect();
    let ids: Vec<MemberId> = ids.into_iter().collect();
    let mut names: HashMap<MemberId, String> =
        member_names(db, caller.workspace, &ids).await?.into_iter().map(|(member, name)| (member, name.name)).collect();
    let members = show_members(db, caller.workspace, &ids, state.clock.now()).await?;
    let members: HashMap<MemberId, SuggestedMember> = members
        .into_iter()
        .map(|member| {
            let suggested = SuggestedMember {
                id: member.id,
                name: names.remove(&member.id).unwrap_or_default(),
                identities: member.identities,
                created_at: member.created_at,
                last_seen_at: member.last_seen_at,
            };
            (member.id, suggested)
        })
        .collect();
    for item in &mut found.items {
        item.members = [item.one, item.other].iter().filter_map(|id| members.get(id)).cloned().collect();
    }
    Ok(Json(found))
}

/// Makes the two members one; the older one stays.
#[utoipa::path(post, path = "/api/v1/merge-suggestions/{id}/accept", tag = "merges", params(("id" = String, Path,)),
    responses((status = 200, body = Merged), (status = "4XX", body = ProblemBody)))]
async fn accept_suggestion(
    State(state): State<Arc<PeopleState>>,
    caller: Caller,
    Path(id): Path<SuggestionId>,
) -> ApiResult<Json<Merged>> {
    caller.require(Area::People, Verb::Write)?;
    let suggestion = find_suggestion(state.db.read(), &caller, id).await?;
    let find = |member| show_member(state.db.read(), caller.workspace, member, state.clock.now());
    let (kept, absorbed) = match (find(suggestion.one).await?, find(suggestion.other).await?) {
        (Some(kept), Some(absorbed)) if kept.id != absorbed.id => (kept, absorbed),
        _ => {
            decide(&state, &caller, id, "obsolete").await?;
            return Err(Problem::with(Code::WrongState, "they are not two members any more").into());
        }
    };
    decide(&state, &caller, id, "accepted").await?;
    match merge(&state, &caller, &kept, &absorbed).await {
        Ok(merge_id) => Ok(Json(Merged { merge_id })),
        // The merge is in the log and will be made.
        Err(error) if error.0.code == Code::Timeout => Err(error),
        Err(error) => {
            open_again(&state, id).await?;
            Err(error)
        }
    }
}

/// Says that the two are not one person; they are not suggested again.
#[utoipa::path(post, path = "/api/v1/merge-suggestions/{id}/dismiss", tag = "merges", params(("id" = String, Path,)),
    responses((status = 204), (status = "4XX", body = ProblemBody)))]
async fn dismiss_suggestion(
    State(state): State<Arc<PeopleState>>,
    caller: Caller,
    Path(id): Path<SuggestionId>,
) -> ApiResult<StatusCode> {
    caller.require(Area::People, Verb::Write)?;
    decide(&state, &caller, id, "dismissed").await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn find_suggestion(db: &impl Sql, caller: &Caller, id: SuggestionId) -> Result<SuggestionDto, api::ApiError> {
    let sql = format!("{SUGGESTION} WHERE s.workspace_id = $1 AND s.id = $2");
    let row: Option<SuggestionRow> = db.one(&sql, vec![caller.workspace.0.into(), id.0.into()]).await?;
    Ok(row.ok_or(Problem::new(Code::NotFound))?.into())
}

/// Notes what was decided; of two who decide at once, one is refused.
async fn decide(state: &PeopleState, caller: &Caller, id: SuggestionId, decision: &str) -> Result<(), api::ApiError> {
    let tx = state.db.begin().await?;
    let (workspace, now) = (caller.workspace, state.clock.now());
    let suggestion = find_suggestion(&tx, caller, id).await?;
    let decided = tx
        .run(
            "UPDATE merge_suggestions SET state = $2, decided_at = $3, decided_by = $4 WHERE id = $1 AND state = 'open'",
            vec![id.0.into(), decision.into(), now.millis().into(), caller.actor.clone().into()],
        )
        .await?;
    if decided == 0 {
        return Err(Problem::with(Code::WrongState, format!("it is {} already", suggestion.state)).into());
    }
    let action = format!("suggestion.{decision}");
    let detail = json!({"one": suggestion.one, "other": suggestion.other});
    store::audit::record(&tx, &state.ids, now, workspace, &caller.actor, &action, &id.to_string(), detail).await?;
    tx.commit().await?;
    Ok(())
}

/// Takes back that a suggestion was accepted, since nothing came of it.
async fn open_again(state: &PeopleState, id: SuggestionId) -> Result<(), store::DbErr> {
    let tx = state.db.begin().await?;
    tx.run(
        "UPDATE merge_suggestions SET state = 'open', decided_at = NULL, decided_by = NULL
         WHERE id = $1 AND state = 'accepted'",
        vec![id.0.into()],
    )
    .await?;
    tx.commit().await
}
