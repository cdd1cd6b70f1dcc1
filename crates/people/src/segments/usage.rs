//! Who uses a segment, for a look before it is deleted or changed.

use std::{collections::HashMap, sync::Arc};

use api::{ApiResult, Area, Caller, Json, Path, ProblemBody, Verb};
use axum::extract::State;
use base::{
    Code, Problem,
    ids::{JourneyId, SegmentId, TemplateId},
};
use sea_orm::FromQueryResult;
use serde::Serialize;
use store::Sql;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    references::{Reference, User, users_of},
    service,
    snapshot::awaited,
};
use crate::PeopleState;

/// The routes of this part.
pub(super) fn routes(state: Arc<PeopleState>) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(get_segment_usage)).with_state(state)
}

/// Who uses a segment.
#[derive(Serialize, ToSchema)]
struct SegmentUsage {
    /// How many members are in it.
    size: i64,
    /// Segments, tags, stages, journeys and templates whose rules ask for it.
    used_by: Vec<SegmentUser>,
    /// Whether it can be deleted now: nobody uses it.
    deletable: bool,
}

/// Something that asks for a segment.
#[derive(Serialize, ToSchema)]
struct SegmentUser {
    /// `segment`, `tag`, `stage`, `journey`, `template`, `snapshot` (one that is still to be made of it) or `other`.
    kind: String,
    /// Its id; of a tag and a stage the name by which rules ask for it.
    id: String,
    /// What people call it, where that is known here: names of journeys and templates are not.
    name: Option<String>,
}

#[derive(FromQueryResult)]
struct NameRow {
    id: i64,
    name: String,
}

/// Who uses a segment.
#[utoipa::path(get, path = "/api/v1/segments/{id}/usage", tag = "segments", params(("id" = String, Path,)),
    responses((status = 200, body = SegmentUsage), (status = "4XX", body = ProblemBody)))]
async fn get_segment_usage(
    State(state): State<Arc<PeopleState>>,
    caller: Caller,
    Path(id): Path<SegmentId>,
) -> ApiResult<Json<SegmentUsage>> {
    caller.require(Area::Segments, Verb::Read)?;
    let tx = state.db.begin().await?;
    let segment = service::get(&tx, caller.workspace, id).await?.ok_or(Problem::new(Code::NotFound))?;
    let users = users_of(&state, &tx, caller.workspace, Reference::Segment(id)).await?;
    let snapshot = awaited(&tx, caller.workspace, id).await?;
    let segments: Vec<(i64,)> = users.iter().filter_map(User::segment).chain(snapshot).map(|id| (id.0,)).collect();
    let names: Vec<NameRow> = tx
        .all_rows(
            "SELECT s.id, s.name FROM {rows} CROSS JOIN segments s WHERE s.id = CAST(r.value->>0 AS BIGINT)",
            &segments,
            Vec::new(),
        )
        .await?;
    drop(tx);
    let names: HashMap<i64, String> = names.into_iter().map(|row| (row.id, row.name)).collect();
    let named = |kind: &str, id: SegmentId| SegmentUser {
        kind: kind.to_owned(),
        id: id.to_string(),
        name: names.get(&id.0).cloned(),
    };
    let plain = |kind: &str, id: String| SegmentUser { kind: kind.to_owned(), id, name: None };
    let user = |user: User| match user {
        User::Segment(id) => named("segment", id),
        User::Tag(tag) => SegmentUser { name: Some(tag.clone()), ..plain("tag", tag) },
        User::Stage(stage) => plain("stage", stage),
        User::Other(id) if id.parse::<JourneyId>().is_ok() => plain("journey", id),
        User::Other(id) if id.parse::<TemplateId>().is_ok() => plain("template", id),
        User::Other(id) => plain("other", id),
    };
    let mut used_by: Vec<SegmentUser> = users.into_iter().map(user).collect();
    used_by.extend(snapshot.map(|id| named("snapshot", id)));
    Ok(Json(SegmentUsage { size: segment.size, deletable: used_by.is_empty(), used_by }))
}
