//! `/api/v1/templates/partials`: pieces that templates put in by name.

use std::{collections::BTreeSet, sync::Arc};

use api::{ApiResult, Area, Caller, Json, Page, Path, ProblemBody, Verb};
use axum::{extract::State, http::StatusCode};
use base::{Code, Problem, Time, ids::TemplateId};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use crate::{
    Outreach,
    templates::{
        Partial, Partials, TemplateRow,
        guard::is_partial_name,
        lint::{Warning, known, lint_partial},
        partial_store::{self, PartialRow, includes_by_name, names_in},
        partials::closure,
        store,
    },
};

/// Partials of one workspace.
const MOST: usize = 200;

/// A partial.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TemplatePartial {
    /// By which templates put it in: `{% include "footer" %}`.
    name: String,
    /// For texts, and for everything else when it has no other form.
    text: String,
    /// For HTML.
    html: String,
    /// A piece of MJML, such as a section.
    mjml: String,
    /// Counts the saves that changed something, from 1.
    version: i64,
    /// The ids of the templates that put it in, and the names of the partials that do.
    used_by: Vec<String>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Time,
    /// When it was last saved.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Time,
    /// What may be wrong with it; only in the reply to a save.
    #[serde(skip_serializing_if = "Option::is_none")]
    warnings: Option<Vec<Warning>>,
}

/// A partial to save.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TemplatePartialBody {
    /// Its name: letters, digits, `-` and `_`. When replacing, it may be left out.
    #[serde(default)]
    name: String,
    /// For texts, and for everything else when it has no other form.
    #[serde(default)]
    text: String,
    /// For HTML.
    #[serde(default)]
    html: String,
    /// A piece of MJML, such as a section. It is put into the MJML of a template before that is made into HTML.
    #[serde(default)]
    mjml: String,
    /// When replacing: the version that was read; a conflict is reported when it has changed.
    version: Option<i64>,
}

/// The partials of a workspace and who uses them.
struct Book {
    rows: Vec<PartialRow>,
    users: Vec<TemplateRow>,
}

impl Book {
    async fn load(db: &impl ::store::Sql, caller: &Caller) -> Result<Book, ::store::DbErr> {
        let rows = partial_store::partial_rows(db, caller.workspace).await?;
        Ok(Book { rows, users: store::templates_with_includes(db, caller.workspace).await? })
    }

    fn used_by(&self, name: &str) -> Vec<String> {
        let templates = self.users.iter().filter(|row| names_in(&row.includes_json).contains(name));
        let partials = self.rows.iter().filter(|row| names_in(&row.includes_json).contains(name));
        templates
            .map(|row| TemplateId(row.id).to_string())
            .chain(partials.map(|row| format!("partial \"{}\"", row.name)))
            .collect()
    }

    fn shown(&self, row: &PartialRow) -> TemplatePartial {
        TemplatePartial {
            name: row.name.clone(),
            text: row.body_text.clone(),
            html: row.body_html.clone(),
            mjml: row.body_mjml.clone(),
            version: row.version,
            used_by: self.used_by(&row.name),
            created_at: Time::from_millis(row.created_at),
            updated_at: Time::from_millis(row.updated_at),
            warnings: None,
        }
    }
}

/// Lists all partials, of which there are at most 200, by their names.
#[utoipa::path(get, path = "/api/v1/templates/partials", tag = "templates",
    responses((status = 200, body = Page<TemplatePartial>)))]
pub(super) async fn list_partials(
    State(outreach): State<Arc<Outreach>>,
    caller: Caller,
) -> ApiResult<Json<Page<TemplatePartial>>> {
    caller.require(Area::Outreach, Verb::Read)?;
    let book = Book::load(outreach.db.read(), &caller).await?;
    Ok(Json(Page { items: book.rows.iter().map(|row| book.shown(row)).collect(), next: None }))
}

/// One partial.
#[utoipa::path(get, path = "/api/v1/templates/partials/{name}", tag = "templates",
    params(("name" = String, Path, description = "The partial")),
    responses((status = 200, body = TemplatePartial), (status = 404, body = ProblemBody)))]
pub(super) async fn get_partial(
    State(outreach): State<Arc<Outreach>>,
    caller: Caller,
    Path(name): Path<String>,
) -> ApiResult<Json<TemplatePartial>> {
    caller.require(Area::Outreach, Verb::Read)?;
    let book = Book::load(outreach.db.read(), &caller).await?;
    let row = book.rows.iter().find(|row| row.name == name).ok_or(Code::NotFound)?;
    Ok(Json(book.shown(row)))
}

/// Makes a partial.
#[utoipa::path(post, path = "/api/v1/templates/partials", tag = "templates", request_body = TemplatePartialBody,
    responses((status = 201, body = TemplatePartial), (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub(super) async fn create_partial(
    State(outreach): State<Arc<Outreach>>,
    caller: Caller,
    Json(body): Json<TemplatePartialBody>,
) -> ApiResult<(StatusCode, Json<TemplatePartial>)> {
    caller.require(Area::Outreach, Verb::Write)?;
    let name = body.name.clone();
    Ok((StatusCode::CREATED, Json(put(&outreach, &caller, &name, body.into(), CREATED).await?)))
}

/// Saves a partial. Every message that is made from then on has it as it is now; so it is refused when a template that
/// puts it in could not be rendered any more.
#[utoipa::path(put, path = "/api/v1/templates/partials/{name}", tag = "templates",
    params(("name" = String, Path, description = "The partial")), request_body = TemplatePartialBody,
    responses((status = 200, body = TemplatePartial), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody),
        (status = 422, body = ProblemBody)))]
pub(super) async fn replace_partial(
    State(outreach): State<Arc<Outreach>>,
    caller: Caller,
    Path(name): Path<String>,
    Json(body): Json<TemplatePartialBody>,
) -> ApiResult<Json<TemplatePartial>> {
    caller.require(Area::Outreach, Verb::Write)?;
    if !body.name.is_empty() && body.name != name {
        return Err(
            Problem::at(Code::InvalidBody, "name", "a partial keeps its name, by which templates know it").into()
        );
    }
    Ok(Json(put(&outreach, &caller, &name, body.into(), UPDATED).await?))
}

const CREATED: &str = "template.partial_created";
const UPDATED: &str = "template.partial_updated";

/// What a partial becomes.
pub(super) struct Put {
    pub partial: Partial,
    /// The version that was read.
    pub version: Option<i64>,
}

impl From<TemplatePartialBody> for Put {
    fn from(body: TemplatePartialBody) -> Put {
        Put { partial: Partial { text: body.text, html: body.html, mjml: body.mjml }, version: body.version }
    }
}

/// Saves a partial, unless nothing has changed; `action` is for the audit log.
pub(super) async fn put(
    outreach: &Arc<Outreach>,
    caller: &Caller,
    name: &str,
    Put { partial, version }: Put,
    action: &'static str,
) -> ApiResult<TemplatePartial> {
    let is_new = action == CREATED;
    if !is_partial_name(name) {
        let message = "has 1 to 60 letters, digits, hyphens and underscores";
        return Err(Problem::at(Code::InvalidBody, "name", message).into());
    }
    if partial.forms().next().is_none() {
        return Err(Problem::at(Code::InvalidTemplate, "text", "a partial has a text, HTML or MJML").into());
    }
    let includes = partial.check()?;
    let known = known(outreach.db.read(), caller.workspace, None).await?;
    let warnings = Some(lint_partial(&partial, &known));
    let tx = outreach.db.begin().await?;
    let mut book = Book::load(&tx, caller).await?;
    let now = outreach.clock.now().millis();
    let before = book.rows.iter().position(|row| row.name == name);
    let mut row = match before {
        Some(_) if is_new => return Err(Code::AlreadyExists.into()),
        Some(at) => book.rows[at].clone(),
        None if !is_new => return Err(Code::NotFound.into()),
        None if book.rows.len() >= MOST => {
            return Err(Problem::with(Code::InvalidBody, format!("a workspace has at most {MOST} partials")).into());
        }
        None => PartialRow {
            id: outreach.ids.next_number(),
            workspace_id: caller.workspace.0,
            name: name.to_owned(),
            body_text: String::new(),
            body_html: String::new(),
            body_mjml: String::new(),
            includes_json: "[]".to_owned(),
            version: 0,
            created_at: now,
            updated_at: now,
        },
    };
    if version.is_some_and(|version| version != row.version) {
        return Err(Problem::with(Code::Conflict, format!("the partial is at version {} now", row.version)).into());
    }
    if !is_new && row.partial() == partial {
        return Ok(TemplatePartial { warnings, ..book.shown(&row) });
    }
    (row.body_text, row.body_html, row.body_mjml) = (partial.text, partial.html, partial.mjml);
    row.includes_json = serde_json::to_string(&includes).unwrap_or_default();
    row.version += 1;
    row.updated_at = now;
    match before {
        Some(at) => book.rows[at] = row.clone(),
        None => book.rows.push(row.clone()),
    }
    let affected = affected(outreach, &book, name).await?;
    partial_store::put_partial(&tx, &row, &caller.actor).await?;
    store::revise(&tx, &affected).await?;
    outreach.audit(&tx, caller, action, name, json!({"version": row.version, "templates": affected.len()})).await?;
    tx.commit().await?;
    Ok(TemplatePartial { warnings, ..book.shown(&row) })
}

/// The templates in which a partial stands, be it in another partial; each must compile with it.
async fn affected(outreach: &Arc<Outreach>, book: &Book, name: &str) -> ApiResult<Vec<i64>> {
    let includes = includes_by_name(&book.rows);
    closure(&BTreeSet::from([name.to_owned()]), &includes)?;
    let partials: Partials = book.rows.iter().map(|row| (row.name.clone(), row.partial())).collect();
    let mut users: Vec<TemplateRow> = Vec::new();
    for row in &book.users {
        if closure(&names_in(&row.includes_json), &includes)?.contains(name) {
            users.push(row.clone());
        }
    }
    let checking = outreach.clone();
    // Many templates may use it, and each takes a moment.
    let checked = tokio::task::spawn_blocking(move || {
        for row in &users {
            let form = checking.registry.kind(&row.channel_kind)?.form();
            let compiled = checking.renderer.check(form, &row.content(), &partials);
            compiled.map_err(|problem| {
                let (id, why) = (TemplateId(row.id), problem.detail.unwrap_or_default());
                Problem::with(problem.code, format!("the template {id} could not be rendered any more: {why}"))
            })?;
        }
        Ok::<Vec<i64>, Problem>(users.iter().map(|row| row.id).collect())
    });
    Ok(checked.await.map_err(|_| Code::Internal)??)
}

/// Deletes a partial that nothing puts in.
#[utoipa::path(delete, path = "/api/v1/templates/partials/{name}", tag = "templates",
    params(("name" = String, Path, description = "The partial")),
    responses((status = 204), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody)))]
pub(super) async fn delete_partial(
    State(outreach): State<Arc<Outreach>>,
    caller: Caller,
    Path(name): Path<String>,
) -> ApiResult<StatusCode> {
    caller.require(Area::Outreach, Verb::Write)?;
    let tx = outreach.db.begin().await?;
    let book = Book::load(&tx, &caller).await?;
    if !book.rows.iter().any(|row| row.name == name) {
        return Err(Code::NotFound.into());
    }
    let users = book.used_by(&name);
    if !users.is_empty() {
        return Err(Problem::with(Code::InUse, format!("it stands in {}", users.join(", "))).into());
    }
    partial_store::delete_partial(&tx, caller.workspace, &name).await?;
    outreach.audit(&tx, &caller, "template.partial_deleted", &name, json!({})).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
