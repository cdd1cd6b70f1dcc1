//! What uploaded files and saved mappings are called.

use api::Name;
use base::ids::{ImportId, ImportMappingId, WorkspaceId};
use sea_orm::{DbErr, FromQueryResult};
use store::Sql;

#[derive(FromQueryResult)]
struct FileRow {
    id: i64,
    name: String,
    is_gone: i64,
}

#[derive(FromQueryResult)]
struct MappingRow {
    id: i64,
    name: String,
}

/// The names of files and mappings of this workspace, by their ids. A file that has been removed keeps its name.
pub async fn names(
    db: &impl Sql,
    workspace: WorkspaceId,
    files: &[ImportId],
    mappings: &[ImportMappingId],
) -> Result<Vec<(String, Name)>, DbErr> {
    let keys: Vec<(i64,)> = files.iter().map(|id| (id.0,)).collect();
    let files: Vec<FileRow> = db
        .all_rows(
            "SELECT f.id, f.name, CAST(CASE WHEN f.file_deleted_at IS NULL THEN 0 ELSE 1 END AS BIGINT) AS is_gone
             FROM {rows} CROSS JOIN import_files f
             WHERE f.id = CAST(r.value->>0 AS BIGINT) AND f.workspace_id = $2",
            &keys,
            vec![workspace.0.into()],
        )
        .await?;
    let keys: Vec<(i64,)> = mappings.iter().map(|id| (id.0,)).collect();
    let mappings: Vec<MappingRow> = db
        .all_rows(
            "SELECT m.id, m.name FROM {rows} CROSS JOIN import_mappings m
             WHERE m.id = CAST(r.value->>0 AS BIGINT) AND m.workspace_id = $2",
            &keys,
            vec![workspace.0.into()],
        )
        .await?;
    let files = files
        .into_iter()
        .map(|row| (ImportId(row.id).to_string(), Name { gone: row.is_gone != 0, ..Name::of("import", row.name) }));
    let mappings =
        mappings.into_iter().map(|row| (ImportMappingId(row.id).to_string(), Name::of("import_mapping", row.name)));
    Ok(files.chain(mappings).collect())
}
