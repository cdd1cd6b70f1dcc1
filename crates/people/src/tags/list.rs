//! The tags of a workspace: those that members carry and those that are defined.

use std::{collections::HashMap, sync::Arc};

use api::{ApiResult, Area, Caller, Json, Page, PageQuery, ProblemBody, Query, Verb};
use axum::extract::State;
use base::{
    Code,
    ids::{TagGroupId, WorkspaceId},
};
use sea_orm::{DbErr, FromQueryResult};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::Sql;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::TagKind;
use crate::PeopleState;

/// When more identities carry tags, identities are counted instead of members.
const MANY: i64 = 200_000;

/// The routes of this part.
pub(super) fn routes(state: Arc<PeopleState>) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(list_tags)).with_state(state)
}

/// A tag, how many members carry it, and what is settled about it.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct TagDto {
    /// The tag.
    tag: String,
    /// How many members carry it; `null` when numbers were not asked for.
    members: Option<i64>,
    /// Whether that is the exact number. Where very many carry tags, identities are counted, of which a member may have
    /// several.
    exact: bool,
    /// Who puts it on members: operators (`static`), a rule or a model.
    kind: TagKind,
    /// The group in which it stands.
    #[schema(value_type = Option<String>)]
    group_id: Option<TagGroupId>,
    /// What it means.
    description: String,
    /// How long after it was put on it comes off by itself.
    expires_after: Option<String>,
    /// Who carries it, when it is dynamic.
    #[schema(value_type = Option<Object>)]
    rule: Option<Value>,
    /// Who fills it, when it is predictive.
    model: Option<String>,
}

/// Which tags, and what of them.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct TagsQuery {
    /// Whether to count who carries them. True when left out; a list of names to choose from is quicker without.
    numbers: Option<bool>,
    /// Only tags that begin so, in upper or lower case as they are written.
    prefix: Option<String>,
    /// How many items at most (1 to 500, default 50).
    limit: Option<u64>,
    /// The `next` of the page before.
    cursor: Option<String>,
}

/// A tag in use or defined.
#[derive(Debug, FromQueryResult)]
pub(crate) struct TagRow {
    pub(crate) name: String,
    pub(crate) kind: Option<String>,
    group_id: Option<i64>,
    description: Option<String>,
    expires_after: Option<String>,
    rule_json: Option<String>,
    model: Option<String>,
    /// How many a rule gives it to.
    pub(crate) given_to: i64,
}

/// The tags that are in use or defined, in the order of their names, behind `after`. Those in use are found by leaping
/// through their index from one to the next.
pub(crate) async fn names_in_use(
    db: &impl Sql,
    workspace: WorkspaceId,
    prefix: &str,
    after: &str,
    limit: i64,
) -> Result<Vec<TagRow>, DbErr> {
    // Snapshots of segments are written as tags. They are no names; each may cost one leap.
    let snapshots: Option<i64> = db
        .scalar(
            "SELECT COUNT(*) FROM segments WHERE workspace_id = $1 AND kind = 'segment' AND item_key IS NOT NULL",
            vec![workspace.0.into()],
        )
        .await?;
    let pattern = format!("{}%", prefix.replace('!', "!!").replace('%', "!%").replace('_', "!_"));
    db.all(
        "WITH RECURSIVE leaps (tag, nth) AS (
           SELECT (SELECT MIN(t.tag) FROM member_tags t WHERE t.workspace_id = $1 AND t.tag > $2 AND t.tag >= $4), 1
           UNION ALL
           SELECT (SELECT MIN(t.tag) FROM member_tags t WHERE t.workspace_id = $1 AND t.tag > l.tag), l.nth + 1
           FROM leaps l WHERE l.tag IS NOT NULL AND l.nth < $6)
         SELECT n.name, t.kind, t.group_id, t.description, t.expires_after, t.model, s.rule_json,
                COALESCE(s.size, 0) AS given_to
         FROM (SELECT l.tag AS name FROM leaps l
               WHERE l.tag IS NOT NULL AND l.tag LIKE $5 ESCAPE '!' AND 'snapshot' <> (
                 SELECT x.source FROM member_tags x WHERE x.workspace_id = $1 AND x.tag = l.tag LIMIT 1)
               UNION SELECT name FROM tags WHERE workspace_id = $1 AND name > $2 AND name LIKE $5 ESCAPE '!'
               ORDER BY 1 LIMIT $3) AS n
         LEFT JOIN tags t ON t.workspace_id = $1 AND t.name = n.name
         LEFT JOIN segments s ON s.id = t.segment_id ORDER BY n.name",
        vec![
            workspace.0.into(),
            after.into(),
            limit.into(),
            prefix.into(),
            pattern.into(),
            (limit + snapshots.unwrap_or_default()).into(),
        ],
    )
    .await
}

#[derive(FromQueryResult)]
struct NumberRow {
    tag: String,
    carriers: i64,
}

/// How many carry each of these tags that were put on, and whether members were counted.
async fn carriers(
    db: &impl Sql,
    workspace: WorkspaceId,
    tags: &[TagRow],
) -> Result<(HashMap<String, i64>, bool), DbErr> {
    let all: Option<i64> = db
        .scalar(
            "SELECT COUNT(*) FROM (SELECT 1 FROM member_tags WHERE workspace_id = $1 LIMIT $2) AS x",
            vec![workspace.0.into(), (MANY + 1).into()],
        )
        .await?;
    let is_exact = all.unwrap_or_default() <= MANY;
    let names: Vec<(&str,)> = tags.iter().map(|row| (row.name.as_str(),)).collect();
    let sql = match is_exact {
        true => {
            "SELECT r.value->>0 AS tag, (
               SELECT COUNT(DISTINCT i.member_id) FROM member_tags t CROSS JOIN identities i
               WHERE t.workspace_id = $2 AND t.tag = r.value->>0 AND i.id = t.identity_id) AS carriers
             FROM {rows}"
        }
        false => {
            "SELECT r.value->>0 AS tag, (
               SELECT COUNT(*) FROM member_tags t WHERE t.workspace_id = $2 AND t.tag = r.value->>0) AS carriers
             FROM {rows}"
        }
    };
    let rows: Vec<NumberRow> = db.all_rows(sql, &names, vec![workspace.0.into()]).await?;
    Ok((rows.into_iter().map(|row| (row.tag, row.carriers)).collect(), is_exact))
}

/// All tags that are in use or defined, with their numbers of members.
#[utoipa::path(get, path = "/api/v1/tags", tag = "tags", params(TagsQuery),
    responses((status = 200, body = Page<TagDto>), (status = "4XX", body = ProblemBody)))]
async fn list_tags(
    State(state): State<Arc<PeopleState>>,
    caller: Caller,
    Query(query): Query<TagsQuery>,
) -> ApiResult<Json<Page<TagDto>>> {
    caller.require(Area::People, Verb::Read)?;
    let page = PageQuery { limit: query.limit, cursor: query.cursor };
    let prefix = query.prefix.unwrap_or_default();
    if prefix.contains('\0') {
        return Err(Code::NulCharacter.into());
    }
    let (db, limit) = (state.db.read(), page.limit());
    let rows = names_in_use(db, caller.workspace, &prefix, &page.name()?, limit as i64 + 1).await?;
    let counted = match query.numbers.unwrap_or(true) {
        true => Some(carriers(db, caller.workspace, &rows).await?),
        false => None,
    };
    let item = |row: TagRow| TagDto {
        members: counted.as_ref().map(|(numbers, _)| row.given_to + numbers.get(&row.name).copied().unwrap_or(0)),
        exact: counted.as_ref().is_some_and(|(_, is_exact)| *is_exact),
        tag: row.name,
        kind: row.kind.and_then(|kind| TagKind::parse(&kind)).unwrap_or_default(),
        group_id: row.group_id.map(TagGroupId),
        description: row.description.unwrap_or_default(),
        expires_after: row.expires_after,
        rule: row.rule_json.and_then(|text| serde_json::from_str(&text).ok()),
        model: row.model,
    };
    Ok(Json(Page::by_name(rows, limit, |row| &row.name, item)))
}
