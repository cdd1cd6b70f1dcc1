//! Versions of a partial: what was saved, by whom, and back to it.

use std::sync::Arc;

use api::{ApiResult, Area, Caller, Json, Page, PageQuery, Path, ProblemBody, Query, Verb};
use axum::extract::State;
use base::{Code, Time};
use serde::Serialize;
use utoipa::ToSchema;

use super::partials::{Put, TemplatePartial, put};
use crate::{
    Outreach,
    templates::{
        Partial,
        partial_store::{PartialVersionRow, partial_version, partial_versions},
    },
};

/// A version of a partial.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TemplatePartialVersion {
    /// Which one it is, from 1.
    version: i64,
    /// For texts, and for everything else when it has no other form.
    text: String,
    /// For HTML.
    html: String,
    /// A piece of MJML.
    mjml: String,
    /// When it was saved.
    #[schema(value_type = String, format = DateTime)]
    saved_at: Time,
    /// Who saved it; empty for what was saved before versions were kept.
    saved_by: String,
}

impl From<PartialVersionRow> for TemplatePartialVersion {
    fn from(row: PartialVersionRow) -> Self {
        TemplatePartialVersion {
            version: row.version,
            text: row.body_text,
            html: row.body_html,
            mjml: row.body_mjml,
            saved_at: Time::from_millis(row.saved_at),
            saved_by: row.saved_by,
        }
    }
}

/// Lists the versions of a partial, the newest first. Those of a partial that was deleted are gone with it.
#[utoipa::path(get, path = "/api/v1/templates/partials/{name}/versions", tag = "templates",
    params(("name" = String, Path, description = "The partial"), PageQuery),
    responses((status = 200, body = Page<TemplatePartialVersion>), (status = 404, body = ProblemBody)))]
pub(super) async fn list_partial_versions(
    State(outreach): State<Arc<Outreach>>,
    caller: Caller,
    Path(name): Path<String>,
    Query(page): Query<PageQuery>,
) -> ApiResult<Json<Page<TemplatePartialVersion>>> {
    caller.require(Area::Outreach, Verb::Read)?;
    let (db, named) = (outreach.db.read(), (caller.workspace, name.as_str()));
    let position = page.position(i64::MAX)?;
    let rows = partial_versions(db, named, position, page.limit() + 1).await?;
    // Each partial has a first version.
    if rows.is_empty() && position == i64::MAX {
        return Err(Code::NotFound.into());
    }
    Ok(Json(Page::from_rows(rows, page.limit(), |row| row.version, TemplatePartialVersion::from)))
}

/// One version of a partial.
#[utoipa::path(get, path = "/api/v1/templates/partials/{name}/versions/{version}", tag = "templates",
    params(("name" = String, Path, description = "The partial"), ("version" = i64, Path, description = "The version")),
    responses((status = 200, body = TemplatePartialVersion), (status = 404, body = ProblemBody)))]
pub(super) async fn get_partial_version(
    State(outreach): State<Arc<Outreach>>,
    caller: Caller,
    Path((name, version)): Path<(String, i64)>,
) -> ApiResult<Json<TemplatePartialVersion>> {
    caller.require(Area::Outreach, Verb::Read)?;
    let row = partial_version(outreach.db.read(), (caller.workspace, name.as_str()), version).await?;
    Ok(Json(row.ok_or(Code::NotFound)?.into()))
}

/// Saves an earlier version of a partial as the next one, under the same conditions as every save.
#[utoipa::path(post, path = "/api/v1/templates/partials/{name}/versions/{version}/restore", tag = "templates",
    params(("name" = String, Path, description = "The partial"), ("version" = i64, Path, description = "The version")),
    responses((status = 200, body = TemplatePartial), (status = 404, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub(super) async fn restore_partial_version(
    State(outreach): State<Arc<Outreach>>,
    caller: Caller,
    Path((name, version)): Path<(String, i64)>,
) -> ApiResult<Json<TemplatePartial>> {
    caller.require(Area::Outreach, Verb::Write)?;
    let row =
        partial_version(outreach.db.read(), (caller.workspace, name.as_str()), version).await?.ok_or(Code::NotFound)?;
    let partial = Partial { text: row.body_text, html: row.body_html, mjml: row.body_mjml };
    let next = Put { partial, version: None };
    Ok(Json(put(&outreach, &caller, &name, next, "template.partial_restored").await?))
}
