//! What is being evaluated over history just now: segments, dynamic tags, the ladder of stages, computed traits.

use base::ids::{SegmentId, WorkspaceId};
use sea_orm::{DbErr, FromQueryResult};
use store::Sql;

use crate::{stages, traits};

/// Something that is being built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Building {
    /// `segment`, `tag`, `stages` or `traits`.
    pub kind: &'static str,
    /// The segment's id, or the tag.
    pub id: Option<String>,
    /// As people call it.
    pub name: Option<String>,
    /// Members evaluated.
    pub done: i64,
    /// Members in all, when it began.
    pub total: i64,
}

#[derive(FromQueryResult)]
struct SegmentRow {
    id: i64,
    name: String,
    item_key: Option<String>,
    built: i64,
    to_build: i64,
}

/// All that a workspace builds.
pub async fn building(db: &impl Sql, workspace: WorkspaceId) -> Result<Vec<Building>, DbErr> {
    // What takes the place of another is shown as that.
    let rows: Vec<SegmentRow> = db
        .all(
            "SELECT s.id, s.name, s.item_key, b.built, b.to_build
             FROM segments b JOIN segments s ON s.id = COALESCE(b.replaces, b.id)
             WHERE b.workspace_id = $1 AND b.state = 'building' AND b.deleted_at IS NULL AND s.kind IN ('segment', 'tag')
             ORDER BY s.id LIMIT 100",
            vec![workspace.0.into()],
        )
        .await?;
    let mut all: Vec<Building> = rows
        .into_iter()
        .map(|row| match row.item_key {
            Some(tag) => {
                Building { kind: "tag", id: Some(tag.clone()), name: Some(tag), done: row.built, total: row.to_build }
            }
            None => Building {
                kind: "segment",
                id: Some(SegmentId(row.id).to_string()),
                name: Some(row.name),
                done: row.built,
                total: row.to_build,
            },
        })
        .collect();
    let whole = |kind, (done, total)| Building { kind, id: None, name: None, done, total };
    all.extend(stages::building(db, workspace).await?.map(|progress| whole("stages", progress)));
    all.extend(traits::building(db, workspace).await?.map(|progress| whole("traits", progress)));
    Ok(all)
}
