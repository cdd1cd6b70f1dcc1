//! Templates in the database.

use std::collections::{BTreeSet, HashMap};

use base::{
    Time,
    ids::{TemplateId, WorkspaceId},
};
use store::{DbErr, FromQueryResult, Sql, Tx, Value};

use super::{Content, Extra, Parts};
use crate::search;

/// A template as it is kept.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct TemplateRow {
    pub id: i64,
    pub workspace_id: i64,
    pub name: String,
    pub channel_kind: String,
    pub subject: String,
    pub body_text: String,
    pub body_html: String,
    pub extra_json: String,
    pub includes_json: String,
    pub version: i64,
    /// Counts up whenever what it renders to may be another.
    pub revision: i64,
    pub created_at: i64,
    pub updated_at: i64,
}

const COLUMNS: &str = "t.id, t.workspace_id, t.name, t.channel_kind, t.subject, t.body_text, t.body_html, t.extra_json, \
                       t.includes_json, t.version, t.revision, t.created_at, t.updated_at";

impl TemplateRow {
    pub(crate) fn content(&self) -> Content {
        content_of(&self.subject, &self.body_text, &self.body_html, &self.extra_json)
    }

    /// Whether it puts partials in itself.
    pub(crate) fn has_includes(&self) -> bool {
        self.includes_json != "[]"
    }

    /// Gives it another content.
    pub(super) fn put(&mut self, content: &Content, includes: &BTreeSet<String>) {
        self.subject = content.parts.subject.clone();
        self.body_text = content.parts.text.clone();
        self.body_html = content.parts.html.clone();
        self.extra_json = serde_json::to_string(&content.extra).unwrap_or_default();
        self.includes_json = serde_json::to_string(includes).unwrap_or_default();
    }
}

fn content_of(subject: &str, text: &str, html: &str, extra: &str) -> Content {
    let extra: Extra = serde_json::from_str(extra).unwrap_or_default();
    let parts = Parts {
        subject: subject.to_owned(),
        preheader: extra.preheader.clone(),
        text: text.to_owned(),
        html: html.to_owned(),
        mjml: extra.mjml.clone(),
    };
    Content { parts, extra }
}

pub(crate) async fn get(db: &impl Sql, workspace: WorkspaceId, id: TemplateId) -> Result<Option<TemplateRow>, DbErr> {
    db.one(
        &format!("SELECT {COLUMNS} FROM templates t WHERE t.workspace_id = $1 AND t.id = $2 AND t.deleted_at IS NULL"),
        vec![workspace.0.into(), id.0.into()],
    )
    .await
}

/// A template without its bodies.
#[derive(Clone, Debug, FromQueryResult)]
pub(super) struct SummaryRow {
    pub id: i64,
    pub name: String,
    pub channel_kind: String,
    pub subject: String,
    pub version: i64,
    pub created_at: i64,
    pub updated_at: i64,
}

const SUMMARY: &str = "t.id, t.name, t.channel_kind, t.subject, t.version, t.created_at, t.updated_at";

/// Which templates are asked for.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Wanted<'a> {
    /// Those for this kind of channel.
    pub channel_kind: Option<&'a str>,
    /// Those that have this in their names or subjects, in whatever case.
    pub search: Option<&'a str>,
}

/// Newest first, those before `before`.
pub(super) async fn list(
    db: &impl Sql,
    workspace: WorkspaceId,
    wanted: Wanted<'_>,
    before: i64,
    limit: u64,
) -> Result<Vec<TemplateRow>, DbErr> {
    let (sql, values) = listing(COLUMNS, workspace, wanted, before, limit);
    db.all(&sql, values).await
}

/// The same without bodies.
pub(super) async fn summaries(
    db: &impl Sql,
    workspace: WorkspaceId,
    wanted: Wanted<'_>,
    before: i64,
    limit: u64,
) -> Result<Vec<SummaryRow>, DbErr> {
    let (sql, values) = listing(SUMMARY, workspace, wanted, before, limit);
    db.all(&sql, values).await
}

fn listing(columns: &str, workspace: WorkspaceId, wanted: Wanted<'_>, before: i64, limit: u64) -> (String, Vec<Value>) {
    let mut values: Vec<Value> = vec![workspace.0.into(), before.into(), (limit as i64).into()];
    let mut only = String::new();
    if let Some(kind) = wanted.channel_kind {
        values.push(kind.into());
        only = format!(" AND t.channel_kind = ${}", values.len());
    }
    if let Some(search) = wanted.search {
        values.push(search::pattern(search).into());
        let like = format!("LIKE ${} ESCAPE '!'", values.len());
        only += &format!(" AND (LOWER(t.name) {like} OR LOWER(t.subject) {like})");
    }
    let sql = format!(
        "SELECT {columns} FROM templates t
         WHERE t.workspace_id = $1 AND t.id < $2 AND t.deleted_at IS NULL{only} ORDER BY t.id DESC LIMIT $3"
    );
    (sql, values)
}

/// Many templates at once, by number; also deleted ones, since a message that was claimed while the
/// template was there still goes out.
pub(crate) async fn load_many(db: &impl Sql, ids: &[i64]) -> Result<HashMap<i64, TemplateRow>, DbErr> {
    let keys: Vec<(i64,)> = ids.iter().map(|id| (*id,)).collect();
    let rows: Vec<TemplateRow> = db
        .all_rows(
            &format!("SELECT {COLUMNS} FROM {{rows}} JOIN templates t ON t.id = CAST(r.value->>0 AS BIGINT)"),
            &keys,
            Vec::new(),
        )
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

pub(super) async fn insert(tx: &Tx, row: &TemplateRow, by: &str) -> Result<(), DbErr> {
    tx.run(
        "INSERT INTO templates (id, workspace_id, name, channel_kind, subject, body_text, body_html, extra_json,
           includes_json, version, revision, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1, 1, $10, $10)",
        vec![
            row.id.into(),
            row.workspace_id.into(),
            row.name.as_str().into(),
            row.channel_kind.as_str().into(),
            row.subject.as_str().into(),
            row.body_text.as_str().into(),
            row.body_html.as_str().into(),
            row.extra_json.as_str().into(),
            row.includes_json.as_str().into(),
            row.created_at.into(),
        ],
    )
    .await?;
    keep_version(tx, row.id, by).await
}

/// Saves the next version if the present one is still `row.version`; false when it is not.
pub(super) async fn update(tx: &Tx, row: &TemplateRow, now: Time, by: &str) -> Result<bool, DbErr> {
    let changed = tx
        .run(
            "UPDATE templates SET name = $3, channel_kind = $4, subject = $5, body_text = $6, body_html = $7,
               extra_json = $8, includes_json = $9, version = version + 1, revision = revision + 1, updated_at = $10
             WHERE workspace_id = $1 AND id = $2 AND version = $11 AND deleted_at IS NULL",
            vec![
                row.workspace_id.into(),
                row.id.into(),
                row.name.as_str().into(),
                row.channel_kind.as_str().into(),
                row.subject.as_str().into(),
                row.body_text.as_str().into(),
                row.body_html.as_str().into(),
                row.extra_json.as_str().into(),
                row.includes_json.as_str().into(),
                now.millis().into(),
                row.version.into(),
            ],
        )
        .await?;
    if changed > 0 {
        keep_version(tx, row.id, by).await?;
    }
    Ok(changed > 0)
}

/// Writes the present version into the list of versions.
async fn keep_version(tx: &Tx, template: i64, by: &str) -> Result<(), DbErr> {
    tx.run(
        "INSERT INTO template_versions (template_id, version, name, channel_kind, subject, body_text, body_html,
           extra_json, saved_at, saved_by)
         SELECT id, version, name, channel_kind, subject, body_text, body_html, extra_json, updated_at, $2
         FROM templates WHERE id = $1",
        vec![template.into(), by.into()],
    )
    .await?;
    Ok(())
}

/// A version as it was saved.
#[derive(Clone, Debug, FromQueryResult)]
pub(super) struct VersionRow {
    pub version: i64,
    pub name: String,
    pub channel_kind: String,
    pub subject: String,
    pub body_text: String,
    pub body_html: String,
    pub extra_json: String,
    pub saved_at: i64,
    pub saved_by: String,
}

impl VersionRow {
    pub(super) fn content(&self) -> Content {
        content_of(&self.subject, &self.body_text, &self.body_html, &self.extra_json)
    }
}

/// The versions of a template before `before`, the newest first.
pub(super) async fn versions(
    db: &impl Sql,
    template: TemplateId,
    before: i64,
    limit: u64,
) -> Result<Vec<VersionRow>, DbErr> {
    db.all(
        "SELECT version, name, channel_kind, subject, body_text, body_html, extra_json, saved_at, saved_by
         FROM template_versions WHERE template_id = $1 AND version < $2 ORDER BY version DESC LIMIT $3",
        vec![template.0.into(), before.into(), (limit as i64).into()],
    )
    .await
}

/// One version of a template.
pub(super) async fn version(db: &impl Sql, template: TemplateId, version: i64) -> Result<Option<VersionRow>, DbErr> {
    let rows = versions(db, template, version.saturating_add(1), 1).await?;
    Ok(rows.into_iter().find(|row| row.version == version))
}

/// Marks a template as deleted; false when there is none.
pub(crate) async fn delete(tx: &Tx, workspace: WorkspaceId, id: TemplateId, now: Time) -> Result<bool, DbErr> {
    let changed = tx
        .run(
            "UPDATE templates SET deleted_at = $3 WHERE workspace_id = $1 AND id = $2 AND deleted_at IS NULL",
            vec![workspace.0.into(), id.0.into(), now.millis().into()],
        )
        .await?;
    Ok(changed > 0)
}

/// The templates of a workspace that put partials in themselves.
pub(super) async fn templates_with_includes(db: &impl Sql, workspace: WorkspaceId) -> Result<Vec<TemplateRow>, DbErr> {
    let sql = format!(
        "SELECT {COLUMNS} FROM templates t
         WHERE t.workspace_id = $1 AND t.includes_json <> '[]' AND t.deleted_at IS NULL ORDER BY t.id"
    );
    db.all(&sql, vec![workspace.0.into()]).await
}

/// Tells whoever keeps these templates compiled to compile them anew.
pub(super) async fn revise(tx: &Tx, templates: &[i64]) -> Result<(), DbErr> {
    let rows: Vec<(i64,)> = templates.iter().map(|id| (*id,)).collect();
    tx.run_rows(
        "UPDATE templates SET revision = revision + 1
         WHERE id IN (SELECT CAST(r.value->>0 AS BIGINT) FROM {rows})",
        &rows,
    )
    .await?;
    Ok(())
}

/// The templates of a workspace that ask rules: id and what they have beside their parts.
pub(super) async fn templates_with_rules(db: &impl Sql, workspace: WorkspaceId) -> Result<Vec<TemplateRow>, DbErr> {
    let sql = format!(
        "SELECT {COLUMNS} FROM templates t
         WHERE t.workspace_id = $1 AND t.extra_json LIKE '%\"rules\"%' AND t.deleted_at IS NULL ORDER BY t.id"
    );
    db.all(&sql, vec![workspace.0.into()]).await
}
