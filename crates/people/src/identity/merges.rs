//! `/api/v1/merges`.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use api::{ApiResult, Area, Caller, Json, Page, PageQuery, Path, ProblemBody, Query, Verb};
use axum::extract::State;
use base::{
    Code, Problem, Time,
    ids::{IdentityId, MemberId, MergeId},
};
use sea_orm::{DbErr, FromQueryResult};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::Sql;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{MERGE_UNDONE, parting::sides_of, routes::carry_out};
use crate::{
    PeopleState,
    members::{current, read_traits},
};

/// The routes of this part.
pub(super) fn routes(state: Arc<PeopleState>) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list_merges))
        .routes(routes!(undo_merge))
        .routes(routes!(preview_undo))
        .with_state(state)
}

/// A merge, as the API shows it.
#[derive(Serialize, ToSchema)]
struct MergeDto {
    /// `mrg_…`
    #[schema(value_type = String)]
    id: MergeId,
    /// The member who stayed.
    #[schema(value_type = String)]
    kept: MemberId,
    /// The member who was absorbed.
    #[schema(value_type = String)]
    absorbed: MemberId,
    /// Why.
    reason: String,
    /// The message that led to it.
    source: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    merged_at: Time,
    /// When it was undone.
    #[schema(value_type = Option<String>, format = DateTime)]
    undone_at: Option<Time>,
    /// By whom.
    undone_by: Option<String>,
    /// What went over to the member who stayed, as far as it is still there; undoing it parts these from his again, unless
    /// another merge holds them together.
    identities: Vec<MergedIdentity>,
}

/// An identity that a merge moved.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct MergedIdentity {
    /// `idn_…`
    #[schema(value_type = String)]
    id: IdentityId,
    /// `user_id`, `anonymous_id`, `email`, `phone` ….
    kind: String,
    /// The value.
    value: String,
    /// Whose it is now.
    #[schema(value_type = String)]
    member: MemberId,
}

#[derive(FromQueryResult)]
struct MergedIdentityRow {
    id: i64,
    kind: String,
    value: String,
    member_id: i64,
}

#[derive(FromQueryResult)]
struct MergeRow {
    id: i64,
    kept_member_id: i64,
    absorbed_member_id: i64,
    kept_origin_id: i64,
    absorbed_origin_id: i64,
    reason: String,
    source: String,
    merged_at: i64,
    undone_at: Option<i64>,
    undone_by: Option<String>,
    identities_json: String,
}

impl MergeRow {
    /// The numbers of the identities that it moved.
    fn moved(&self) -> Vec<i64> {
        serde_json::from_str(&self.identities_json).unwrap_or_default()
    }

    fn into_dto(self, identities: &HashMap<i64, MergedIdentity>) -> MergeDto {
        let moved = self.moved().iter().filter_map(|id| identities.get(id)).cloned().collect();
        let row = self;
        MergeDto {
            id: MergeId(row.id),
            kept: MemberId(row.kept_member_id),
            absorbed: MemberId(row.absorbed_member_id),
            reason: row.reason,
            source: row.source,
            merged_at: Time::from_millis(row.merged_at),
            undone_at: row.undone_at.map(Time::from_millis),
            identities: moved,
            undone_by: row.undone_by,
        }
    }
}

const MERGE: &str =
    "SELECT id, kept_member_id, absorbed_member_id, kept_origin_id, absorbed_origin_id, reason, source, merged_at,
            undone_at, undone_by, identities_json FROM merges";

/// The identities that merges moved, by their numbers.
async fn identities_of(db: &impl Sql, rows: &[MergeRow]) -> Result<HashMap<i64, MergedIdentity>, DbErr> {
    let keys: BTreeSet<i64> = rows.iter().flat_map(MergeRow::moved).collect();
    let keys: Vec<(i64,)> = keys.into_iter().map(|id| (id,)).collect();
    let found: Vec<MergedIdentityRow> = db
        .all_rows(
            "SELECT i.id, i.kind, i.value, i.member_id
             FROM {rows} CROSS JOIN identities i WHERE i.id = CAST(r.value->>0 AS BIGINT)",
            &keys,
            Vec::new(),
        )
        .await?;
    let identity = |row: MergedIdentityRow| MergedIdentity {
        id: IdentityId(row.id),
        kind: row.kind,
        value: row.value,
        member: MemberId(row.member_id),
    };
    Ok(found.into_iter().map(|row| (row.id, identity(row))).collect())
}

/// Whose merges.
#[derive(Deserialize, IntoParams)]
struct MergeQuery {
    /// Only those that this member was part of.
    #[param(value_type = Option<String>)]
    member: Option<MemberId>,
    /// How many items at most (1 to 500, default 50).
    limit: Option<u64>,
    /// The `next` of the page before.
    cursor: Option<String>,
}

/// Merges, newest first.
#[utoipa::path(get, path = "/api/v1/merges", tag = "merges", params(MergeQuery),
    responses((status = 200, body = Page<MergeDto>), (status = "4XX", body = ProblemBody)))]
async fn list_merges(
    State(state): State<Arc<PeopleState>>,
    caller: Caller,
    Query(query): Query<MergeQuery>,
) -> ApiResult<Json<Page<MergeDto>>> {
    caller.require(Area::People, Verb::Read)?;
    let page = PageQuery { limit: query.limit, cursor: query.cursor };
    let limit = page.limit();
    let mut values = vec![caller.workspace.0.into(), page.position(i64::MAX)?.into(), (limit as i64 + 1).into()];
    let mut filter = "";
    if let Some(member) = query.member {
        values.push(member.0.into());
        filter =
            "AND (kept_member_id = $4 OR absorbed_member_id = $4 OR kept_origin_id = $4 OR absorbed_origin_id = $4)";
    }
    let rows: Vec<MergeRow> = state
        .db
        .read()
        .all(&format!("{MERGE} WHERE workspace_id = $1 AND id < $2 {filter} ORDER BY id DESC LIMIT $3"), values)
        .await?;
    let identities = identities_of(state.db.read(), &rows).await?;
    Ok(Json(Page::from_rows(rows, limit, |row| row.id, |row| row.into_dto(&identities))))
}

/// Who came of an undone merge.
#[derive(Serialize, ToSchema)]
struct Undone {
    /// Who stands for the member who had stayed.
    #[schema(value_type = String)]
    kept: MemberId,
    /// Who stands for the member who had been absorbed.
    #[schema(value_type = String)]
    absorbed: MemberId,
}

/// Undoes a merge, in whatever order. Each member has his own facts again, those included that came in since.
#[utoipa::path(post, path = "/api/v1/merges/{id}/undo", tag = "merges", params(("id" = String, Path,)),
    responses((status = 200, body = Undone), (status = "4XX", body = ProblemBody)))]
async fn undo_merge(
    State(state): State<Arc<PeopleState>>,
    caller: Caller,
    Path(id): Path<MergeId>,
) -> ApiResult<Json<Undone>> {
    caller.require(Area::People, Verb::Write)?;
    let db = state.db.read();
    let row = find_merge(db, &caller, id).await?;
    let origins = (MemberId(row.kept_origin_id), MemberId(row.absorbed_origin_id));
    let merge = row.into_dto(&HashMap::new());
    state
        .audit(&caller, "merge.undone", &id.to_string(), json!({"kept": merge.kept, "absorbed": merge.absorbed}))
        .await?;
    carry_out(&state, &caller, merge.kept, MERGE_UNDONE, json!({"merge": id})).await?;
    let (kept, absorbed) = (current(db, origins.0).await?, current(db, origins.1).await?);
    if kept == absorbed {
        let detail = "one of the two has no identity left, so there was nobody to part";
        return Err(Problem::with(Code::WrongState, detail).into());
    }
    Ok(Json(Undone { kept, absorbed }))
}

/// The merge, unless it is undone already.
async fn find_merge(db: &impl Sql, caller: &Caller, id: MergeId) -> ApiResult<MergeRow> {
    let row: Option<MergeRow> = db
        .one(&format!("{MERGE} WHERE workspace_id = $1 AND id = $2"), vec![caller.workspace.0.into(), id.0.into()])
        .await?;
    let row = row.ok_or(Problem::new(Code::NotFound))?;
    match row.undone_at {
        Some(_) => Err(Problem::with(Code::WrongState, "it is undone already").into()),
        None => Ok(row),
    }
}

/// What undoing a merge would do, in numbers.
#[derive(Serialize, ToSchema)]
struct UndoPreview {
    /// Whether there would be two members: not while other merges hold them together, nor when one has no identity left.
    possible: bool,
    /// The member who would keep what is his, and the one who would part from him; one alone when it is not possible.
    members: Vec<PartedMember>,
}

/// A member as he would be after it.
#[derive(Serialize, ToSchema)]
struct PartedMember {
    /// `mem_…`
    #[schema(value_type = String)]
    id: MemberId,
    /// By what he would be known.
    identities: Vec<MergedIdentity>,
    /// How many events would be his.
    events: i64,
    /// The tags that he would carry, of those that were put on.
    tags: Vec<String>,
    /// How many traits were said under these identities.
    traits: usize,
}

#[derive(FromQueryResult)]
struct OwnRow {
    id: i64,
    kind: String,
    value: String,
    traits_json: String,
    events: i64,
}

#[derive(FromQueryResult)]
struct TagRow {
    identity_id: i64,
    tag: String,
}

/// Says what undoing a merge would do, without doing it.
#[utoipa::path(post, path = "/api/v1/merges/{id}/undo/preview", tag = "merges", params(("id" = String, Path,)),
    responses((status = 200, body = UndoPreview), (status = "4XX", body = ProblemBody)))]
async fn preview_undo(
    State(state): State<Arc<PeopleState>>,
    caller: Caller,
    Path(id): Path<MergeId>,
) -> ApiResult<Json<UndoPreview>> {
    caller.require(Area::People, Verb::Read)?;
    // Nothing may move between one look and the next.
    let db = state.db.snapshot().await?;
    let row = find_merge(&db, &caller, id).await?;
    let sides = sides_of(&db, id, (row.kept_origin_id, row.absorbed_origin_id)).await?;
    let own: Vec<OwnRow> = db
        .all(
            "SELECT i.id, i.kind, i.value, i.traits_json,
                    (SELECT COUNT(*) FROM events e WHERE e.identity_id = i.id) AS events
             FROM identities i WHERE i.member_id = $1 ORDER BY i.id",
            vec![sides.kept.0.into()],
        )
        .await?;
    let tags: Vec<TagRow> = db
        .all(
            "SELECT t.identity_id, t.tag FROM identities i JOIN member_tags t ON t.identity_id = i.id
             WHERE i.member_id = $1 AND t.source <> 'snapshot'",
            vec![sides.kept.0.into()],
        )
        .await?;
    let parted = sides.parted(&(row.kept_member_id, row.absorbed_member_id)).filter(|_| sides.is_possible());
    let member = |id: MemberId, is_his: &dyn Fn(i64) -> bool| {
        let his: Vec<&OwnRow> = own.iter().filter(|row| is_his(row.id)).collect();
        let tags: BTreeSet<&String> = tags.iter().filter(|row| is_his(row.identity_id)).map(|row| &row.tag).collect();
        let traits: BTreeSet<String> = his.iter().flat_map(|row| read_traits(&row.traits_json).into_keys()).collect();
        let identity = |row: &&OwnRow| MergedIdentity {
            id: IdentityId(row.id),
            kind: row.kind.clone(),
            value: row.value.clone(),
            member: sides.kept,
        };
        PartedMember {
            id,
            identities: his.iter().map(identity).collect(),
            events: his.iter().map(|row| row.events).sum(),
            tags: tags.into_iter().cloned().collect(),
            traits: traits.len(),
        }
    };
    let members = match parted {
        Some(parted) => vec![
            member(sides.kept, &|id| !sides.moving.contains(&id)),
            member(MemberId(parted), &|id| sides.moving.contains(&id)),
        ],
        None => vec![member(sides.kept, &|_| true)],
    };
    Ok(Json(UndoPreview { possible: parted.is_some(), members }))
}
