//! What is settled about tags beforehand.

use std::sync::Arc;

use api::{ApiResult, Area, Caller, Json, Path, ProblemBody, Query, Verb};
use axum::{extract::State, http::StatusCode};
use base::{
    Code, Period, Problem, Time,
    ids::{SegmentId, TagGroupId},
    rule::Rule,
};
use sea_orm::FromQueryResult;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::{Sql, Tx};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    TagKind,
    bulk::{BegunJob, BulkChange, begin_job},
    groups::{check_group, tags_of_group},
    routes::check_tag,
};
use crate::{
    PeopleState,
    members::{MemberFilter, count_members},
    segments::{self, Asker, Reference, begin_change, check_references, finish_change, rebuild_dependents, users_of},
};

/// The routes of this part.
pub(super) fn routes(state: Arc<PeopleState>) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(put_tag, delete_tag)).routes(routes!(get_tag_usage)).with_state(state)
}

/// What is to be settled about a tag.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TagDefinition {
    /// Who puts it on members; it cannot be changed later.
    #[serde(default)]
    kind: TagKind,
    /// The group in which it stands.
    #[schema(value_type = Option<String>)]
    group_id: Option<TagGroupId>,
    /// What it means, at most 1,000 characters.
    #[serde(default)]
    description: String,
    /// How long after it is put on it comes off by itself, as an ISO 8601 duration; not for dynamic ones. Whoever
    /// carries it already keeps it as it was put on, unless `apply_to_present` is true.
    expires_after: Option<String>,
    /// Whether `expires_after` is to hold for those who carry the tag already, too, counted from when it was put on them
    /// and whatever end was said then; where that is over, it comes off at once. A job does it.
    #[serde(default)]
    apply_to_present: bool,
    /// Who carries it; of dynamic ones.
    #[schema(value_type = Option<Object>)]
    rule: Option<Value>,
    /// Which model fills it; of predictive ones.
    model: Option<String>,
}

/// Settles what a tag is.
#[utoipa::path(put, path = "/api/v1/tags/{name}", tag = "tags", params(("name" = String, Path,)),
    request_body = TagDefinition,
    responses((status = 200, body = BegunJob), (status = 204), (status = "4XX", body = ProblemBody)))]
async fn put_tag(
    State(state): State<Arc<PeopleState>>,
    caller: Caller,
    Path(name): Path<String>,
    Json(definition): Json<TagDefinition>,
) -> ApiResult<axum::response::Response> {
    use axum::response::IntoResponse;
    caller.require(Area::People, Verb::Write)?;
    let name = check_tag("name", &name)?;
    let rule = check_definition(&definition)?;
    let tx = begin_change(&state, &caller).await?;
    let before: Option<SettledRow> = tx
        .one(
            "SELECT kind, segment_id, group_id FROM tags WHERE workspace_id = $1 AND name = $2",
            vec![caller.workspace.0.into(), name.as_str().into()],
        )
        .await?;
    match &before {
        Some(before) if before.kind != definition.kind.as_str() => {
            let detail = format!("the tag is {}; delete it to make another of that name", before.kind);
            return Err(Problem::with(Code::Conflict, detail).into());
        }
        None if definition.kind != TagKind::Static && carriers(&tx, &caller, &name).await? > 0 => {
            return Err(Problem::with(Code::InUse, "members carry a tag of that name that was put on by hand").into());
        }
        _ => {}
    }
    if let Some(group) = definition.group_id {
        check_group(&tx, &caller, group, definition.kind).await?;
    }
    let now = state.clock.now();
    let mut segment = before.as_ref().and_then(|before| before.segment_id).map(SegmentId);
    if let Some(rule) = &rule {
        check_references(&tx, caller.workspace, Asker::Tag(&name), rule, "rule").await?;
        match segment {
            Some(segment) => segments::change_rule(&tx, &state.ids, segment, rule, (&caller.actor, now)).await?,
            None => {
                let id = state.ids.next(SegmentId);
                segment = Some(id);
                make_segment(&tx, &caller, (id, &name), rule, now).await?;
            }
        }
    }
    tx.run(
        "INSERT INTO tags (workspace_id, name, kind, group_id, description, expires_after, segment_id, model, created_by,
                           created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)
         ON CONFLICT (workspace_id, name) DO UPDATE SET group_id = excluded.group_id, description = excluded.description,
           expires_after = excluded.expires_after, segment_id = excluded.segment_id, model = excluded.model,
           updated_at = excluded.updated_at",
        vec![
            caller.workspace.0.into(),
            name.as_str().into(),
            definition.kind.as_str().into(),
            definition.group_id.map(|group| group.0).into(),
            definition.description.trim().into(),
            definition.expires_after.clone().into(),
            segment.map(|id| id.0).into(),
            definition.model.clone().into(),
            caller.actor.as_str().into(),
            now.millis().into(),
        ],
    )
    .await?;
    let group_before = before.and_then(|before| before.group_id).map(TagGroupId);
    let mut changed = Vec::new();
    if group_before != definition.group_id {
        for group in [group_before, definition.group_id].into_iter().flatten() {
            changed.extend(tags_of_group(&tx, &caller, group).await?);
        }
    }
    if rule.is_some() || group_before != definition.group_id {
        changed.push(name.clone());
    }
    tags_changed(&state, &tx, &caller, &changed).await?;
    let detail = json!({"kind": definition.kind, "rule": rule.as_ref().map(Rule::to_json)});
    finish_change(&state, tx, &caller, "tag.defined", &name, detail).await?;
    if !definition.apply_to_present {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let change = BulkChange { settle: vec![name.clone()], ..BulkChange::of_carriers(name, &caller.actor) };
    Ok(Json(begin_job(&state, &caller, change).await?).into_response())
}

#[derive(FromQueryResult)]
struct SettledRow {
    kind: String,
    segment_id: Option<i64>,
    group_id: Option<i64>,
}

/// Who carries these tags is decided by another rule, or they exclude others.
pub(super) async fn tags_changed(
    state: &PeopleState,
    tx: &Tx,
    caller: &Caller,
    tags: &[String],
) -> Result<(), store::DbErr> {
    let changed: Vec<Reference<'_>> = tags.iter().map(|tag| Reference::Tag(tag)).collect();
    let by = (caller.actor.as_str(), state.clock.now());
    rebuild_dependents(tx, &state.ids, caller.workspace, &changed, by).await
}

fn check_definition(definition: &TagDefinition) -> Result<Option<Rule>, Problem> {
    let invalid = |field: &str, message: &str| Err(Problem::at(Code::InvalidBody, field, message));
    if definition.description.chars().count() > 1_000 || definition.description.contains('\0') {
        return invalid("description", "may have at most 1,000 characters");
    }
    if definition.model.as_deref().is_some_and(|model| model.len() > 200 || model.contains(char::is_control)) {
        return invalid("model", "may have at most 200 bytes");
    }
    if definition.apply_to_present && definition.kind == TagKind::Dynamic {
        return invalid("apply_to_present", "a rule says when a dynamic tag comes off");
    }
    if let Some(text) = &definition.expires_after {
        if definition.kind == TagKind::Dynamic {
            return invalid("expires_after", "a rule says when a dynamic tag comes off");
        }
        if text.parse::<Period>().is_err() {
            return invalid("expires_after", "must be an ISO 8601 duration such as P30D");
        }
    }
    match (&definition.rule, definition.kind) {
        (Some(rule), TagKind::Dynamic) => Rule::parse_new(rule).map(Some),
        (None, TagKind::Dynamic) => invalid("rule", "is missing; a dynamic tag needs one"),
        (Some(_), _) => invalid("rule", "is for dynamic tags"),
        (None, _) => Ok(None),
    }
}

async fn make_segment(
    tx: &Tx,
    caller: &Caller,
    (id, name): (SegmentId, &str),
    rule: &Rule,
    now: Time,
) -> Result<(), store::DbErr> {
    tx.run(
        "INSERT INTO segments (id, workspace_id, name, rule_json, state, kind, item_key, created_by, created_at, updated_at)
         VALUES ($1, $2, $3, $4, 'building', 'tag', $3, $5, $6, $6)",
        vec![
            id.0.into(),
            caller.workspace.0.into(),
            name.into(),
            rule.to_json().to_string().into(),
            caller.actor.as_str().into(),
            now.millis().into(),
        ],
    )
    .await?;
    Ok(())
}

/// How many members carry a tag that was put on them.
async fn carriers(tx: &Tx, caller: &Caller, name: &str) -> Result<i64, store::DbErr> {
    let members: Option<i64> = tx
        .scalar(
            "SELECT COUNT(DISTINCT i.member_id) FROM member_tags t JOIN identities i ON i.id = t.identity_id
             WHERE t.workspace_id = $1 AND t.tag = $2",
            vec![caller.workspace.0.into(), name.into()],
        )
        .await?;
    Ok(members.unwrap_or_default())
}

/// Who uses a tag.
#[derive(Serialize, ToSchema)]
struct TagUsage {
    /// How many members carry it.
    members: i64,
    /// How many profiles show it: of two tags that exclude each other, that is the one that was put on later.
    shown: i64,
    /// Segments, tags, stages and journeys that ask for it, put it on or take it off.
    used_by: Vec<String>,
}

/// Who uses a tag, for a look before it is deleted.
#[utoipa::path(get, path = "/api/v1/tags/{name}/usage", tag = "tags", params(("name" = String, Path,)),
    responses((status = 200, body = TagUsage), (status = "4XX", body = ProblemBody)))]
async fn get_tag_usage(
    State(state): State<Arc<PeopleState>>,
    caller: Caller,
    Path(name): Path<String>,
) -> ApiResult<Json<TagUsage>> {
    caller.require(Area::People, Verb::Read)?;
    let name = check_tag("name", &name)?;
    let tx = state.db.begin().await?;
    let used_by = users_of(&state, &tx, caller.workspace, Reference::Tag(&name)).await?;
    let given: Option<i64> = tx
        .scalar(
            "SELECT s.size FROM tags t JOIN segments s ON s.id = t.segment_id WHERE t.workspace_id = $1 AND t.name = $2",
            vec![caller.workspace.0.into(), name.as_str().into()],
        )
        .await?;
    let members = carriers(&tx, &caller, &name).await? + given.unwrap_or_default();
    let filter = MemberFilter { tag: vec![name.clone()], ..MemberFilter::default() };
    let shown = count_members(&tx, caller.workspace, &filter).await?;
    let used_by = used_by.iter().map(ToString::to_string).collect();
    Ok(Json(TagUsage { members, shown, used_by }))
}

/// Whether members may carry it.
#[derive(Deserialize, IntoParams)]
struct DeleteQuery {
    /// Takes it off all members who carry it; without that, a tag that members carry is not deleted.
    #[serde(default)]
    remove: bool,
}

/// Deletes a tag. Refused while rules or journeys use it, and while members carry it unless it is to be taken off them,
/// which a job does.
#[utoipa::path(delete, path = "/api/v1/tags/{name}", tag = "tags", params(("name" = String, Path,), DeleteQuery),
    responses((status = 200, body = BegunJob), (status = 204), (status = "4XX", body = ProblemBody)))]
async fn delete_tag(
    State(state): State<Arc<PeopleState>>,
    caller: Caller,
    Path(name): Path<String>,
    Query(query): Query<DeleteQuery>,
) -> ApiResult<axum::response::Response> {
    use axum::response::IntoResponse;
    caller.require(Area::People, Verb::Write)?;
    let name = check_tag("name", &name)?;
    let tx = begin_change(&state, &caller).await?;
    if let Some(user) = users_of(&state, &tx, caller.workspace, Reference::Tag(&name)).await?.first() {
        return Err(Problem::with(Code::InUse, format!("{user} refers to it")).into());
    }
    let members = carriers(&tx, &caller, &name).await?;
    if members > 0 && !query.remove {
        let detail = format!("{members} members carry it; pass remove=true to take it off them");
        return Err(Problem::with(Code::InUse, detail).into());
    }
    let segment: Option<Option<i64>> = tx
        .scalar(
            "SELECT segment_id FROM tags WHERE workspace_id = $1 AND name = $2",
            vec![caller.workspace.0.into(), name.as_str().into()],
        )
        .await?;
    if segment.is_none() && members == 0 {
        return Err(Code::NotFound.into());
    }
    if let Some(segment) = segment.flatten() {
        segments::delete(&tx, SegmentId(segment), state.clock.now()).await?;
    }
    tx.run(
        "DELETE FROM tags WHERE workspace_id = $1 AND name = $2",
        vec![caller.workspace.0.into(), name.as_str().into()],
    )
    .await?;
    finish_change(&state, tx, &caller, "tag.deleted", &name, json!({ "members": members })).await?;
    if members == 0 {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let change = BulkChange { remove: vec![name.clone()], ..BulkChange::of_carriers(name, &caller.actor) };
    Ok(Json(begin_job(&state, &caller, change).await?).into_response())
}
