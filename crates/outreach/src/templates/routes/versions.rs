//! Versions of a template: what was saved, by whom, and back to it.

use std::sync::Arc;

use api::{ApiResult, Area, Caller, Json, Page, PageQuery, Path, ProblemBody, Query, Verb};
use axum::extract::State;
use base::{Code, Time, ids::TemplateId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};

use super::{
    bodies::Template,
    templates::{Save, save},
};
use crate::{
    Outreach,
    templates::{
        Content,
        store::{self, VersionRow},
    },
};

/// A version of a template.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TemplateVersion {
    /// Which one it is, from 1.
    version: i64,
    /// What operators called it.
    name: String,
    /// Subject line.
    subject: String,
    /// When it was saved.
    #[schema(value_type = String, format = DateTime)]
    saved_at: Time,
    /// Who saved it; empty for what was saved before versions were kept.
    saved_by: String,
    /// Everything that it says; not in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    content: Option<Value>,
}

impl From<VersionRow> for TemplateVersion {
    fn from(row: VersionRow) -> Self {
        TemplateVersion {
            version: row.version,
            saved_at: Time::from_millis(row.saved_at),
            content: None,
            name: row.name,
            subject: row.subject,
            saved_by: row.saved_by,
        }
    }
}

/// What differs between two versions.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TemplateComparison {
    /// The one version.
    from: i64,
    /// The other.
    to: i64,
    /// What differs.
    changes: Vec<TemplateDifference>,
}

/// A part that differs.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TemplateDifference {
    /// Which part, such as `translations.zh.subject`.
    path: String,
    /// As the one version has it; `null` where it has nothing.
    before: Value,
    /// As the other has it.
    after: Value,
}

/// Which versions to compare.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct VersionsQuery {
    /// The one version.
    from: i64,
    /// The other.
    to: i64,
}

async fn read(outreach: &Outreach, caller: &Caller, id: TemplateId, version: i64) -> ApiResult<VersionRow> {
    let db = outreach.db.read();
    store::get(db, caller.workspace, id).await?.ok_or(Code::NotFound)?;
    Ok(store::version(db, id, version).await?.ok_or(Code::NotFound)?)
}

/// Lists the versions of a template, the newest first.
#[utoipa::path(get, path = "/api/v1/templates/{id}/versions", tag = "templates",
    params(("id" = String, Path, description = "The template"), PageQuery),
    responses((status = 200, body = Page<TemplateVersion>), (status = 404, body = ProblemBody)))]
pub(super) async fn list_versions(
    State(outreach): State<Arc<Outreach>>,
    caller: Caller,
    Path(id): Path<TemplateId>,
    Query(page): Query<PageQuery>,
) -> ApiResult<Json<Page<TemplateVersion>>> {
    caller.require(Area::Outreach, Verb::Read)?;
    let db = outreach.db.read();
    store::get(db, caller.workspace, id).await?.ok_or(Code::NotFound)?;
    let rows = store::versions(db, id, page.position(i64::MAX)?, page.limit() + 1).await?;
    Ok(Json(Page::from_rows(rows, page.limit(), |row| row.version, TemplateVersion::from)))
}

/// One version of a template with everything that it says.
#[utoipa::path(get, path = "/api/v1/templates/{id}/versions/{version}", tag = "templates",
    params(("id" = String, Path, description = "The template"), ("version" = i64, Path, description = "The version")),
    responses((status = 200, body = TemplateVersion), (status = 404, body = ProblemBody)))]
pub(super) async fn get_version(
    State(outreach): State<Arc<Outreach>>,
    caller: Caller,
    Path((id, version)): Path<(TemplateId, i64)>,
) -> ApiResult<Json<TemplateVersion>> {
    caller.require(Area::Outreach, Verb::Read)?;
    let row = read(&outreach, &caller, id, version).await?;
    let content = Some(described(&row.content(), &row.channel_kind));
    Ok(Json(TemplateVersion { content, ..row.into() }))
}

fn described(content: &Content, channel_kind: &str) -> Value {
    let Content { parts, extra } = content;
    json!({
        "channel_kind": channel_kind,
        "subject": parts.subject, "preheader": parts.preheader, "text": parts.text, "html": parts.html,
        "mjml": parts.mjml, "translations": extra.translations, "rules": extra.rules, "strict": extra.strict,
    })
}

/// Saves an earlier version as the next one.
#[utoipa::path(post, path = "/api/v1/templates/{id}/versions/{version}/restore", tag = "templates",
    params(("id" = String, Path, description = "The template"), ("version" = i64, Path, description = "The version")),
    responses((status = 200, body = Template), (status = 404, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub(super) async fn restore_version(
    State(outreach): State<Arc<Outreach>>,
    caller: Caller,
    Path((id, version)): Path<(TemplateId, i64)>,
) -> ApiResult<Json<Template>> {
    caller.require(Area::Outreach, Verb::Write)?;
    let row = read(&outreach, &caller, id, version).await?;
    let content = row.content();
    let (name, channel_kind) = (row.name, row.channel_kind);
    let next = Save { name, channel_kind, content, version: None, action: "template.restored" };
    Ok(Json(save(&outreach, &caller, id, next).await?))
}

/// Tells what differs between two versions of a template.
#[utoipa::path(get, path = "/api/v1/templates/{id}/compare", tag = "templates",
    params(("id" = String, Path, description = "The template"), VersionsQuery),
    responses((status = 200, body = TemplateComparison), (status = 404, body = ProblemBody)))]
pub(super) async fn compare_versions(
    State(outreach): State<Arc<Outreach>>,
    caller: Caller,
    Path(id): Path<TemplateId>,
    Query(query): Query<VersionsQuery>,
) -> ApiResult<Json<TemplateComparison>> {
    caller.require(Area::Outreach, Verb::Read)?;
    let one = read(&outreach, &caller, id, query.from).await?;
    let two = read(&outreach, &caller, id, query.to).await?;
    let (before, after) = (one.content(), two.content());
    let paths = before.differences(&after);
    let (before, after) = (described(&before, &one.channel_kind), described(&after, &two.channel_kind));
    let value = |document: &Value, path: &str| {
        let pointer = format!("/{}", path.replace('.', "/"));
        document.pointer(&pointer).cloned().unwrap_or_default()
    };
    let mut changes: Vec<TemplateDifference> = paths
        .into_iter()
        .map(|path| TemplateDifference { before: value(&before, &path), after: value(&after, &path), path })
        .collect();
    if one.name != two.name {
        changes
            .insert(0, TemplateDifference { path: "name".to_owned(), before: one.name.into(), after: two.name.into() });
    }
    Ok(Json(TemplateComparison { from: query.from, to: query.to, changes }))
}
