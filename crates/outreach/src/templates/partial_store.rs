//! Partials in the database.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use base::ids::WorkspaceId;
use store::{DbErr, FromQueryResult, Sql, Tx};

use super::{Partial, Partials};

/// A partial as it is kept.
#[derive(Clone, Debug, FromQueryResult)]
pub(super) struct PartialRow {
    pub id: i64,
    pub workspace_id: i64,
    pub name: String,
    pub body_text: String,
    pub body_html: String,
    pub body_mjml: String,
    pub includes_json: String,
    pub version: i64,
    pub created_at: i64,
    pub updated_at: i64,
}

const PARTIAL_COLUMNS: &str = "id, workspace_id, name, body_text, body_html, body_mjml, includes_json, version, \
                               created_at, updated_at";

impl PartialRow {
    pub(super) fn partial(&self) -> Partial {
        let (text, html, mjml) = (self.body_text.clone(), self.body_html.clone(), self.body_mjml.clone());
        Partial { text, html, mjml }
    }
}

/// All partials of a workspace, of which there are at most 200, by name.
pub(super) async fn partial_rows(db: &impl Sql, workspace: WorkspaceId) -> Result<Vec<PartialRow>, DbErr> {
    let sql = format!("SELECT {PARTIAL_COLUMNS} FROM template_partials WHERE workspace_id = $1 ORDER BY name");
    db.all(&sql, vec![workspace.0.into()]).await
}

/// The partials of workspaces.
pub(crate) async fn load_partials(db: &impl Sql, workspaces: &BTreeSet<i64>) -> Result<HashMap<i64, Partials>, DbErr> {
    let keys: Vec<(i64,)> = workspaces.iter().map(|id| (*id,)).collect();
    let rows: Vec<PartialRow> = db
        .all_rows(
            "SELECT p.id, p.workspace_id, p.name, p.body_text, p.body_html, p.body_mjml, p.includes_json, p.version,
               p.created_at, p.updated_at
             FROM {rows} JOIN template_partials p ON p.workspace_id = CAST(r.value->>0 AS BIGINT)",
            &keys,
            Vec::new(),
        )
        .await?;
    let mut found: HashMap<i64, Partials> = HashMap::new();
    for row in rows {
        found.entry(row.workspace_id).or_default().insert(row.name.clone(), row.partial());
    }
    Ok(found)
}

/// Puts a partial in the place of the one of its name, or beside the others.
pub(super) async fn put_partial(tx: &Tx, row: &PartialRow, by: &str) -> Result<(), DbErr> {
    tx.run(
        "INSERT INTO template_partials (id, workspace_id, name, body_text, body_html, body_mjml, includes_json, version,
           created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         ON CONFLICT (workspace_id, name) DO UPDATE SET body_text = excluded.body_text, body_html = excluded.body_html,
           body_mjml = excluded.body_mjml, includes_json = excluded.includes_json, version = excluded.version,
           updated_at = excluded.updated_at",
        vec![
            row.id.into(),
            row.workspace_id.into(),
            row.name.as_str().into(),
            row.body_text.as_str().into(),
            row.body_html.as_str().into(),
            row.body_mjml.as_str().into(),
            row.includes_json.as_str().into(),
            row.version.into(),
            row.created_at.into(),
            row.updated_at.into(),
        ],
    )
    .await?;
    tx.run(
        "INSERT INTO template_partial_versions (partial_id, version, body_text, body_html, body_mjml, saved_at, saved_by)
         SELECT id, version, body_text, body_html, body_mjml, updated_at, $3 FROM template_partials
         WHERE workspace_id = $1 AND name = $2",
        vec![row.workspace_id.into(), row.name.as_str().into(), by.into()],
    )
    .await?;
    Ok(())
}

/// A version of a partial as it was saved.
#[derive(Clone, Debug, FromQueryResult)]
pub(super) struct PartialVersionRow {
    pub version: i64,
    pub body_text: String,
    pub body_html: String,
    pub body_mjml: String,
    pub saved_at: i64,
    pub saved_by: String,
}

/// The versions of a partial before `before`, the newest first.
pub(super) async fn partial_versions(
    db: &impl Sql,
    (workspace, name): (WorkspaceId, &str),
    before: i64,
    limit: u64,
) -> Result<Vec<PartialVersionRow>, DbErr> {
    db.all(
        "SELECT v.version, v.body_text, v.body_html, v.body_mjml, v.saved_at, v.saved_by
         FROM template_partials p JOIN template_partial_versions v ON v.partial_id = p.id
         WHERE p.workspace_id = $1 AND p.name = $2 AND v.version < $3 ORDER BY v.version DESC LIMIT $4",
        vec![workspace.0.into(), name.into(), before.into(), (limit as i64).into()],
    )
    .await
}

/// One version of a partial.
pub(super) async fn partial_version(
    db: &impl Sql,
    named: (WorkspaceId, &str),
    version: i64,
) -> Result<Option<PartialVersionRow>, DbErr> {
    let rows = partial_versions(db, named, version.saturating_add(1), 1).await?;
    Ok(rows.into_iter().find(|row| row.version == version))
}

/// Deletes a partial and what was kept of it.
pub(super) async fn delete_partial(tx: &Tx, workspace: WorkspaceId, name: &str) -> Result<(), DbErr> {
    let sql = "DELETE FROM template_partial_versions
               WHERE partial_id IN (SELECT id FROM template_partials WHERE workspace_id = $1 AND name = $2)";
    tx.run(sql, vec![workspace.0.into(), name.into()]).await?;
    let sql = "DELETE FROM template_partials WHERE workspace_id = $1 AND name = $2";
    tx.run(sql, vec![workspace.0.into(), name.into()]).await?;
    Ok(())
}

/// Which partials each partial of a workspace puts in itself.
pub(super) fn includes_by_name(rows: &[PartialRow]) -> BTreeMap<String, BTreeSet<String>> {
    rows.iter().map(|row| (row.name.clone(), names_in(&row.includes_json))).collect()
}

pub(super) fn names_in(includes_json: &str) -> BTreeSet<String> {
    serde_json::from_str(includes_json).unwrap_or_default()
}
