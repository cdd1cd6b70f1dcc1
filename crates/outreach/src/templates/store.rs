//! Templates in the database.

use std::collections::HashMap;

use base::{
    Time,
    ids::{TemplateId, WorkspaceId},
};
use channels::Form;
use store::{DbErr, FromQueryResult, Sql, Tx};

use super::Body;

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
    pub version: i64,
    pub created_at: i64,
    pub updated_at: i64,
}

const COLUMNS: &str = "t.id, t.workspace_id, t.name, t.channel_kind, t.subject, t.body_text, t.body_html, t.version, \
                       t.created_at, t.updated_at";

impl TemplateRow {
    pub(crate) fn body(&self, form: Form) -> Body<'_> {
        Body { form, subject: &self.subject, text: &self.body_text, html: &self.body_html }
    }
}

pub(crate) async fn get(db: &impl Sql, workspace: WorkspaceId, id: TemplateId) -> Result<Option<TemplateRow>, DbErr> {
    db.one(
        &format!("SELECT {COLUMNS} FROM templates t WHERE t.workspace_id = $1 AND t.id = $2 AND t.deleted_at IS NULL"),
        vec![workspace.0.into(), id.0.into()],
    )
    .await
}

/// Newest first, those before `before`.
pub(crate) async fn list(
    db: &impl Sql,
    workspace: WorkspaceId,
    before: i64,
    limit: u64,
) -> Result<Vec<TemplateRow>, DbErr> {
    db.all(
        &format!(
            "SELECT {COLUMNS} FROM templates t
             WHERE t.workspace_id = $1 AND t.id < $2 AND t.deleted_at IS NULL ORDER BY t.id DESC LIMIT $3"
        ),
        vec![workspace.0.into(), before.into(), (limit as i64).into()],
    )
    .await
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

pub(crate) async fn insert(tx: &Tx, row: &TemplateRow) -> Result<(), DbErr> {
    tx.run(
        "INSERT INTO templates (id, workspace_id, name, channel_kind, subject, body_text, body_html, version,
           created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, 1, $8, $8)",
        vec![
            row.id.into(),
            row.workspace_id.into(),
            row.name.as_str().into(),
            row.channel_kind.as_str().into(),
            row.subject.as_str().into(),
            row.body_text.as_str().into(),
            row.body_html.as_str().into(),
            row.created_at.into(),
        ],
    )
    .await?;
    Ok(())
}

/// Saves the next version if the present one is still `row.version`; false when it is not.
pub(crate) async fn update(tx: &Tx, row: &TemplateRow, now: Time) -> Result<bool, DbErr> {
    let changed = tx
        .run(
            "UPDATE templates SET name = $3, channel_kind = $4, subject = $5, body_text = $6, body_html = $7,
               version = version + 1, updated_at = $8
             WHERE workspace_id = $1 AND id = $2 AND version = $9 AND deleted_at IS NULL",
            vec![
                row.workspace_id.into(),
                row.id.into(),
                row.name.as_str().into(),
                row.channel_kind.as_str().into(),
                row.subject.as_str().into(),
                row.body_text.as_str().into(),
                row.body_html.as_str().into(),
                now.millis().into(),
                row.version.into(),
            ],
        )
        .await?;
    Ok(changed > 0)
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
