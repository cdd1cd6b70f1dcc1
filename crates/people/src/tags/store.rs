//! Definitions of tags as they are kept.

use std::collections::{BTreeMap, HashSet};

use base::ids::WorkspaceId;
use sea_orm::{DbErr, FromQueryResult};
use store::Sql;

use super::{TagKind, TagRule};

#[derive(FromQueryResult)]
struct TagRow {
    name: String,
    kind: String,
    expires_after: Option<String>,
    set_id: Option<i64>,
}

/// The tags that a rule or a model gives, so that nobody else puts them on.
pub async fn ruled_tags(db: &impl Sql, workspace: WorkspaceId) -> Result<HashSet<String>, DbErr> {
    let book = load_book(db, workspace).await?;
    Ok(book.into_iter().filter(|(_, rule)| rule.kind != TagKind::Static).map(|(name, _)| name).collect())
}

/// What is settled about the tags of a workspace.
pub(crate) async fn load_book(db: &impl Sql, workspace: WorkspaceId) -> Result<BTreeMap<String, TagRule>, DbErr> {
    let rows: Vec<TagRow> = db
        .all(
            "SELECT t.name, t.kind, t.expires_after, g.id AS set_id FROM tags t
             LEFT JOIN tag_groups g ON g.id = t.group_id AND g.exclusive = 1 WHERE t.workspace_id = $1",
            vec![workspace.0.into()],
        )
        .await?;
    let mut sets: BTreeMap<i64, Vec<&str>> = BTreeMap::new();
    for row in &rows {
        if let Some(set) = row.set_id {
            sets.entry(set).or_default().push(&row.name);
        }
    }
    let others = |row: &TagRow| -> Vec<String> {
        let set = row.set_id.and_then(|set| sets.get(&set)).map_or(&[][..], Vec::as_slice);
        set.iter().filter(|name| **name != row.name).map(|name| (*name).to_owned()).collect()
    };
    let rule = |row: &TagRow| TagRule {
        kind: TagKind::parse(&row.kind).unwrap_or_default(),
        expires_after: row.expires_after.as_deref().and_then(|text| text.parse().ok()),
        excludes: others(row),
    };
    Ok(rows.iter().map(|row| (row.name.clone(), rule(row))).collect())
}
