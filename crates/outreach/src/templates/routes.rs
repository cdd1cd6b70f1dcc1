//! `/api/v1/templates`.

use std::sync::Arc;

use api::{ApiResult, Area, Caller, Json, Page, PageQuery, Path, ProblemBody, Query, Verb};
use axum::{extract::State, http::StatusCode};
use base::{
    Code, Problem, Time,
    ids::{MemberId, TemplateId},
};
use channels::Form;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::store::{self, TemplateRow};
use crate::{Outreach, outbox};

/// The template routes.
pub fn routes(state: Arc<Outreach>) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list_templates, create_template))
        .routes(routes!(get_template, replace_template, delete_template))
        .routes(routes!(preview_template))
        .with_state(state)
}

/// A template.
#[derive(Debug, Serialize, ToSchema)]
struct Template {
    /// Its id.
    #[schema(value_type = String)]
    id: TemplateId,
    /// What operators call it.
    name: String,
    /// Which kind of channel it is for.
    channel_kind: String,
    /// Subject line.
    subject: String,
    /// Plain text; JSON for a webhook.
    text: String,
    /// HTML; may be empty.
    html: String,
    /// Counts the saves, from 1.
    version: i64,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Time,
    /// When it was last saved.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Time,
}

impl From<TemplateRow> for Template {
    fn from(row: TemplateRow) -> Self {
        Template {
            id: TemplateId(row.id),
            name: row.name,
            channel_kind: row.channel_kind,
            subject: row.subject,
            text: row.body_text,
            html: row.body_html,
            version: row.version,
            created_at: Time::from_millis(row.created_at),
            updated_at: Time::from_millis(row.updated_at),
        }
    }
}

/// A template to save.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TemplateBody {
    /// What operators call it.
    name: String,
    /// `email` (the default) or `webhook`.
    #[serde(default = "email")]
    channel_kind: String,
    /// Subject line.
    #[serde(default)]
    subject: String,
    /// Plain text; JSON for a webhook.
    #[serde(default)]
    text: String,
    /// HTML; may be empty.
    #[serde(default)]
    html: String,
    /// When replacing: the version that was read; a conflict is reported when it has changed.
    version: Option<i64>,
}

fn email() -> String {
    "email".to_owned()
}

/// What to preview with.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TemplatePreviewRequest {
    /// Whose data to use.
    #[schema(value_type = Option<String>)]
    member: Option<MemberId>,
    /// Further variables, such as `{"event": {…}}`.
    #[serde(default)]
    #[schema(value_type = Object)]
    variables: serde_json::Map<String, serde_json::Value>,
}

/// How the message would read.
#[derive(Debug, Serialize, ToSchema)]
struct TemplatePreview {
    /// Subject line.
    subject: String,
    /// Plain text; JSON for a webhook.
    text: String,
    /// HTML.
    html: String,
}

fn check(outreach: &Outreach, body: &TemplateBody) -> Result<(), Problem> {
    if body.name.trim().is_empty() || body.name.len() > 200 || body.name.contains('\0') {
        return Err(Problem::at(Code::InvalidBody, "name", "has 1 to 200 characters"));
    }
    let form = outreach
        .registry
        .kind(&body.channel_kind)
        .map_err(|problem| Problem::at(Code::InvalidBody, "channel_kind", problem.detail.unwrap_or_default()))?
        .form();
    if form == Form::Letter && body.text.trim().is_empty() && body.html.trim().is_empty() {
        return Err(Problem::at(Code::InvalidBody, "text", "a message needs a text or an HTML form"));
    }
    outreach.renderer.check(super::Body { form, subject: &body.subject, text: &body.text, html: &body.html })
}

/// Lists templates, newest first.
#[utoipa::path(get, path = "/api/v1/templates", tag = "templates", params(PageQuery),
    responses((status = 200, body = Page<Template>)))]
async fn list_templates(
    State(outreach): State<Arc<Outreach>>,
    caller: Caller,
    Query(page): Query<PageQuery>,
) -> ApiResult<Json<Page<Template>>> {
    caller.require(Area::Outreach, Verb::Read)?;
    let rows = store::list(outreach.db.read(), caller.workspace, page.position(i64::MAX)?, page.limit() + 1).await?;
    Ok(Json(Page::from_rows(rows, page.limit(), |row| row.id, Template::from)))
}

/// Makes a template.
#[utoipa::path(post, path = "/api/v1/templates", tag = "templates", request_body = TemplateBody,
    responses((status = 201, body = Template), (status = 422, body = ProblemBody)))]
async fn create_template(
    State(outreach): State<Arc<Outreach>>,
    caller: Caller,
    Json(body): Json<TemplateBody>,
) -> ApiResult<(StatusCode, Json<Template>)> {
    caller.require(Area::Outreach, Verb::Write)?;
    check(&outreach, &body)?;
    let now = outreach.clock.now().millis();
    let row = TemplateRow {
        id: outreach.ids.next(TemplateId).0,
        workspace_id: caller.workspace.0,
        name: body.name,
        channel_kind: body.channel_kind,
        subject: body.subject,
        body_text: body.text,
        body_html: body.html,
        version: 1,
        created_at: now,
        updated_at: now,
    };
    let tx = outreach.db.begin().await?;
    store::insert(&tx, &row).await?;
    let detail = json!({"name": row.name, "version": 1});
    outreach.audit(&tx, &caller, "template.created", TemplateId(row.id), detail).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(row.into())))
}

/// One template.
#[utoipa::path(get, path = "/api/v1/templates/{id}", tag = "templates",
    params(("id" = String, Path, description = "The template")),
    responses((status = 200, body = Template), (status = 404, body = ProblemBody)))]
async fn get_template(
    State(outreach): State<Arc<Outreach>>,
    caller: Caller,
    Path(id): Path<TemplateId>,
) -> ApiResult<Json<Template>> {
    caller.require(Area::Outreach, Verb::Read)?;
    let row = store::get(outreach.db.read(), caller.workspace, id).await?.ok_or(Code::NotFound)?;
    Ok(Json(row.into()))
}

/// Saves the next version of a template.
#[utoipa::path(put, path = "/api/v1/templates/{id}", tag = "templates",
    params(("id" = String, Path, description = "The template")), request_body = TemplateBody,
    responses((status = 200, body = Template), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody),
        (status = 422, body = ProblemBody)))]
async fn replace_template(
    State(outreach): State<Arc<Outreach>>,
    caller: Caller,
    Path(id): Path<TemplateId>,
    Json(body): Json<TemplateBody>,
) -> ApiResult<Json<Template>> {
    caller.require(Area::Outreach, Verb::Write)?;
    check(&outreach, &body)?;
    let now = outreach.clock.now();
    let tx = outreach.db.begin().await?;
    let mut row = store::get(&tx, caller.workspace, id).await?.ok_or(Code::NotFound)?;
    if body.version.is_some_and(|version| version != row.version) {
        return Err(Problem::with(Code::Conflict, format!("the template is at version {} now", row.version)).into());
    }
    row.name = body.name;
    row.channel_kind = body.channel_kind;
    row.subject = body.subject;
    row.body_text = body.text;
    row.body_html = body.html;
    if !store::update(&tx, &row, now).await? {
        return Err(Code::Conflict.into());
    }
    row.version += 1;
    row.updated_at = now.millis();
    let detail = json!({"name": row.name, "version": row.version});
    outreach.audit(&tx, &caller, "template.updated", id, detail).await?;
    tx.commit().await?;
    Ok(Json(row.into()))
}

/// Deletes a template. Messages that still wait for it become `suppressed` with the reason
/// `template_missing`.
#[utoipa::path(delete, path = "/api/v1/templates/{id}", tag = "templates",
    params(("id" = String, Path, description = "The template")),
    responses((status = 204), (status = 404, body = ProblemBody)))]
async fn delete_template(
    State(outreach): State<Arc<Outreach>>,
    caller: Caller,
    Path(id): Path<TemplateId>,
) -> ApiResult<StatusCode> {
    caller.require(Area::Outreach, Verb::Write)?;
    let tx = outreach.db.begin().await?;
    if !store::delete(&tx, caller.workspace, id, outreach.clock.now()).await? {
        return Err(Code::NotFound.into());
    }
    outreach.audit(&tx, &caller, "template.deleted", id, json!({})).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Shows how a message would read, for a member or with given variables. Nothing is sent.
#[utoipa::path(post, path = "/api/v1/templates/{id}/preview", tag = "templates",
    params(("id" = String, Path, description = "The template")), request_body = TemplatePreviewRequest,
    responses((status = 200, body = TemplatePreview), (status = 404, body = ProblemBody), (status = 422, body = ProblemBody)))]
async fn preview_template(
    State(outreach): State<Arc<Outreach>>,
    caller: Caller,
    Path(id): Path<TemplateId>,
    Json(body): Json<TemplatePreviewRequest>,
) -> ApiResult<Json<TemplatePreview>> {
    caller.require(Area::Outreach, Verb::Read)?;
    if body.member.is_some() {
        caller.require(Area::People, Verb::Read)?;
    }
    let row = store::get(outreach.db.read(), caller.workspace, id).await?.ok_or(Code::NotFound)?;
    let form = outreach.registry.kind(&row.channel_kind)?.form();
    let context = outbox::preview_context(&outreach, caller.workspace, body.member, body.variables).await?;
    let context =
        context.ok_or_else(|| Problem::at(Code::InvalidBody, "member", "is not a member of this workspace"))?;
    // A template may use up a good part of a second; nobody else waits for it.
    let rendered = tokio::task::spawn_blocking(move || outreach.renderer.preview(row.body(form), &context))
        .await
        .map_err(|_| Code::Internal)??;
    Ok(Json(TemplatePreview { subject: rendered.subject, text: rendered.text, html: rendered.html }))
}
