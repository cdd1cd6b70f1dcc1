//! Listing, saving and deleting templates.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use api::{ApiError, ApiResult, Area, Caller, Json, Page, PageQuery, Path, ProblemBody, Query, Verb};
use axum::{extract::State, http::StatusCode};
use base::{Code, Problem, ids::TemplateId};
use channels::Form;
use serde::Deserialize;
use serde_json::json;
use utoipa::IntoParams;

use super::bodies::{ListedTemplate, Template, TemplateBody, TemplateChange};
use crate::{
    Outreach, search,
    templates::{
        Content, Partials,
        lint::{Warning, known, lint},
        partial_store::{self, includes_by_name},
        partials::{closure, includes_of},
        rule_use::checked_rules,
        store::{self, TemplateRow},
    },
};

/// A content that was checked.
pub(super) struct Checked {
    pub includes: BTreeSet<String>,
    pub warnings: Vec<Warning>,
}

/// Refuses a template that could not be rendered, and finds what may be wrong with it otherwise; `template` is the one
/// that is saved already, whose journeys tell which events there are.
pub(super) async fn check(
    outreach: &Arc<Outreach>,
    caller: &Caller,
    (template, name, kind): (Option<TemplateId>, &str, &str),
    content: &Content,
) -> Result<Checked, ApiError> {
    if name.trim().is_empty() || name.chars().count() > 200 {
        return Err(Problem::at(Code::InvalidBody, "name", "has 1 to 200 characters").into());
    }
    let form = form_of(outreach, kind)?;
    if content.is_blank() {
        return Err(Problem::at(Code::InvalidTemplate, "text", "a template has a text or a body").into());
    }
    content.check(form)?;
    let db = outreach.db.read();
    checked_rules(db, caller.workspace, content).await?;
    let includes = includes_of(content)?;
    let rows = partial_store::partial_rows(db, caller.workspace).await?;
    closure(&includes, &includes_by_name(&rows))?;
    let partials: Partials = rows.into_iter().map(|row| (row.name.clone(), row.partial())).collect();
    let sizes = compile(outreach, form, content, partials).await?;
    let known = known(db, caller.workspace, template).await?;
    let linted = content.clone();
    let warnings = tokio::task::spawn_blocking(move || lint(form, &linted, &known, &sizes)).await;
    Ok(Checked { includes, warnings: warnings.map_err(|_| Code::Internal)? })
}

/// Which form messages of a kind have.
pub(super) fn form_of(outreach: &Outreach, kind: &str) -> Result<Form, Problem> {
    let known = outreach.registry.kind(kind);
    let known =
        known.map_err(|problem| Problem::at(Code::InvalidBody, "channel_kind", problem.detail.unwrap_or_default()))?;
    Ok(known.form())
}

/// Compiles a template to see whether that works; it may take a good part of a second, so nobody else waits for it.
async fn compile(
    outreach: &Arc<Outreach>,
    form: Form,
    content: &Content,
    partials: Partials,
) -> Result<BTreeMap<String, usize>, ApiError> {
    let (compiling, content) = (outreach.clone(), content.clone());
    let compiled = tokio::task::spawn_blocking(move || compiling.renderer.check(form, &content, &partials)).await;
    Ok(compiled.map_err(|_| Code::Internal)??)
}

/// Which templates are asked for, and how much of each.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct TemplatesQuery {
    /// `summary`: without what they say.
    fields: Option<String>,
    /// Only those that have this in their names or subjects.
    search: Option<String>,
    /// Only those for this kind of channel, such as `email`.
    channel_kind: Option<String>,
    /// How many items at most (1 to 500, default 50).
    limit: Option<u64>,
    /// The `next` of the page before.
    cursor: Option<String>,
}

/// Lists templates, the newest first.
#[utoipa::path(get, path = "/api/v1/templates", tag = "templates", params(TemplatesQuery),
    responses((status = 200, body = Page<ListedTemplate>), (status = 400, body = ProblemBody)))]
pub(super) async fn list_templates(
    State(outreach): State<Arc<Outreach>>,
    caller: Caller,
    Query(query): Query<TemplatesQuery>,
) -> ApiResult<Json<Page<ListedTemplate>>> {
    caller.require(Area::Outreach, Verb::Read)?;
    if query.channel_kind.as_deref().is_some_and(|kind| kind.contains('\0')) {
        return Err(Problem::at(Code::InvalidQuery, "channel_kind", "contains the NUL character").into());
    }
    let wanted =
        store::Wanted { channel_kind: query.channel_kind.as_deref(), search: search::wanted(query.search.as_deref())? };
    let page = PageQuery { limit: query.limit, cursor: query.cursor };
    let (db, before, limit) = (outreach.db.read(), page.position(i64::MAX)?, page.limit());
    Ok(Json(match query.fields.as_deref() {
        None => {
            let rows = store::list(db, caller.workspace, wanted, before, limit + 1).await?;
            Page::from_rows(rows, limit, |row| row.id, |row| ListedTemplate::Whole(row.into()))
        }
        Some("summary") => {
            let rows = store::summaries(db, caller.workspace, wanted, before, limit + 1).await?;
            Page::from_rows(rows, limit, |row| row.id, |row| ListedTemplate::Summary(row.into()))
        }
        Some(_) => return Err(Problem::at(Code::InvalidQuery, "fields", "is not summary").into()),
    }))
}

/// Makes a template. The reply has what may be wrong with it in `warnings`.
#[utoipa::path(post, path = "/api/v1/templates", tag = "templates", request_body = TemplateBody,
    responses((status = 201, body = Template), (status = 422, body = ProblemBody)))]
pub(super) async fn create_template(
    State(outreach): State<Arc<Outreach>>,
    caller: Caller,
    Json(body): Json<TemplateBody>,
) -> ApiResult<(StatusCode, Json<Template>)> {
    caller.require(Area::Outreach, Verb::Write)?;
    let content = body.content();
    let checked = check(&outreach, &caller, (None, &body.name, &body.channel_kind), &content).await?;
    let now = outreach.clock.now().millis();
    let mut row = TemplateRow {
        id: outreach.ids.next(TemplateId).0,
        workspace_id: caller.workspace.0,
        name: body.name,
        channel_kind: body.channel_kind,
        subject: String::new(),
        body_text: String::new(),
        body_html: String::new(),
        extra_json: String::new(),
        includes_json: String::new(),
        version: 1,
        revision: 1,
        created_at: now,
        updated_at: now,
    };
    row.put(&content, &checked.includes);
    let tx = outreach.db.begin().await?;
    still_there(&tx, &caller, &checked.includes).await?;
    store::insert(&tx, &row, &caller.actor).await?;
    let detail = json!({"name": row.name, "version": 1});
    outreach.audit(&tx, &caller, "template.created", TemplateId(row.id), detail).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(Template { warnings: Some(checked.warnings), ..row.into() })))
}

/// Partials that were there a moment ago may be gone now.
async fn still_there(tx: &::store::Tx, caller: &Caller, includes: &BTreeSet<String>) -> ApiResult<()> {
    if !includes.is_empty() {
        let rows = partial_store::partial_rows(tx, caller.workspace).await?;
        closure(includes, &includes_by_name(&rows))?;
    }
    Ok(())
}

/// One template.
#[utoipa::path(get, path = "/api/v1/templates/{id}", tag = "templates",
    params(("id" = String, Path, description = "The template")),
    responses((status = 200, body = Template), (status = 404, body = ProblemBody)))]
pub(super) async fn get_template(
    State(outreach): State<Arc<Outreach>>,
    caller: Caller,
    Path(id): Path<TemplateId>,
) -> ApiResult<Json<Template>> {
    caller.require(Area::Outreach, Verb::Read)?;
    let row = store::get(outreach.db.read(), caller.workspace, id).await?.ok_or(Code::NotFound)?;
    Ok(Json(row.into()))
}

/// What a template becomes.
pub(super) struct Save {
    pub name: String,
    pub channel_kind: String,
    pub content: Content,
    /// The version that was read.
    pub version: Option<i64>,
    /// For the audit log.
    pub action: &'static str,
}

/// Saves the next version, unless nothing has changed.
pub(super) async fn save(outreach: &Arc<Outreach>, caller: &Caller, id: TemplateId, save: Save) -> ApiResult<Template> {
    let checked = check(outreach, caller, (Some(id), &save.name, &save.channel_kind), &save.content).await?;
    let now = outreach.clock.now();
    let tx = outreach.db.begin().await?;
    let mut row = store::get(&tx, caller.workspace, id).await?.ok_or(Code::NotFound)?;
    if save.version.is_some_and(|version| version != row.version) {
        return Err(Problem::with(Code::Conflict, format!("the template is at version {} now", row.version)).into());
    }
    let is_same = row.name == save.name && row.channel_kind == save.channel_kind && row.content() == save.content;
    if is_same {
        return Ok(Template { warnings: Some(checked.warnings), ..row.into() });
    }
    still_there(&tx, caller, &checked.includes).await?;
    (row.name, row.channel_kind) = (save.name, save.channel_kind);
    row.put(&save.content, &checked.includes);
    if !store::update(&tx, &row, now, &caller.actor).await? {
        return Err(Code::Conflict.into());
    }
    row.version += 1;
    row.updated_at = now.millis();
    let detail = json!({"name": row.name, "version": row.version});
    outreach.audit(&tx, caller, save.action, id, detail).await?;
    tx.commit().await?;
    Ok(Template { warnings: Some(checked.warnings), ..row.into() })
}

/// Saves the next version of a template. What changes nothing makes no version. The reply has what may be wrong with it
/// in `warnings`.
#[utoipa::path(put, path = "/api/v1/templates/{id}", tag = "templates",
    params(("id" = String, Path, description = "The template")), request_body = TemplateBody,
    responses((status = 200, body = Template), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody),
        (status = 422, body = ProblemBody)))]
pub(super) async fn replace_template(
    State(outreach): State<Arc<Outreach>>,
    caller: Caller,
    Path(id): Path<TemplateId>,
    Json(body): Json<TemplateBody>,
) -> ApiResult<Json<Template>> {
    caller.require(Area::Outreach, Verb::Write)?;
    let content = body.content();
    let (name, channel_kind, version) = (body.name, body.channel_kind, body.version);
    let next = Save { name, channel_kind, content, version, action: "template.updated" };
    Ok(Json(save(&outreach, &caller, id, next).await?))
}

/// Changes parts of a template, as its next version.
#[utoipa::path(patch, path = "/api/v1/templates/{id}", tag = "templates",
    params(("id" = String, Path, description = "The template")), request_body = TemplateChange,
    responses((status = 200, body = Template), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody),
        (status = 422, body = ProblemBody)))]
pub(super) async fn change_template(
    State(outreach): State<Arc<Outreach>>,
    caller: Caller,
    Path(id): Path<TemplateId>,
    Json(mut change): Json<TemplateChange>,
) -> ApiResult<Json<Template>> {
    caller.require(Area::Outreach, Verb::Write)?;
    let row = store::get(outreach.db.read(), caller.workspace, id).await?.ok_or(Code::NotFound)?;
    // What is left out stays as it is now, so nobody else may have saved in between.
    let version = change.version.or(Some(row.version));
    let name = change.name.take().unwrap_or_else(|| row.name.clone());
    let content = change.onto(row.content());
    let next = Save { name, channel_kind: row.channel_kind, content, version, action: "template.updated" };
    Ok(Json(save(&outreach, &caller, id, next).await?))
}

/// Deletes a template. Messages that still wait for it become `suppressed` with the reason
/// `template_missing`.
#[utoipa::path(delete, path = "/api/v1/templates/{id}", tag = "templates",
    params(("id" = String, Path, description = "The template")),
    responses((status = 204), (status = 404, body = ProblemBody)))]
pub(super) async fn delete_template(
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
