//! What can be chosen from among segments, stages, tags, groups and topics.

use api::part_pattern;
use base::ids::{GroupId, SegmentId, WorkspaceId};
use sea_orm::{DbErr, FromQueryResult};
use serde::Serialize;
use store::Sql;
use utoipa::ToSchema;

use crate::{
    consent::topics::topics,
    groups::group_name,
    rules::STRANGER,
    stages::{STRANGERS_NAME, rung_names},
    tags::TagKind,
};

/// A segment to choose.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SegmentChoice {
    /// `seg_…`
    #[schema(value_type = String)]
    pub id: SegmentId,
    /// Its name.
    pub name: String,
    /// How many members are in it.
    pub size: i64,
    /// `building` until its first rule is evaluated, then `live`.
    pub state: String,
}

/// A stage to choose.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StageChoice {
    /// By which rules ask for it.
    pub key: String,
    /// As people read it.
    pub name: String,
}

/// A tag to choose.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TagChoice {
    /// The tag.
    pub tag: String,
    /// Who puts it on members.
    pub kind: TagKind,
}

/// A group to choose.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct GroupChoice {
    /// `grp_…`
    #[schema(value_type = String)]
    pub id: GroupId,
    /// The id that its senders give it.
    pub key: String,
    /// Its name, where one was told; the key otherwise.
    pub name: String,
}

/// A topic to choose.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TopicChoice {
    /// By which messages and consents name it.
    pub topic: String,
    /// As members read it.
    pub name: TopicName,
}

/// The name of a topic.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TopicName {
    /// In English.
    pub en: String,
    /// In Chinese.
    pub zh: String,
}

#[derive(FromQueryResult)]
struct SegmentRow {
    id: i64,
    name: String,
    size: i64,
    state: String,
}

#[derive(FromQueryResult)]
struct TagRow {
    name: String,
    kind: Option<String>,
}

#[derive(FromQueryResult)]
struct GroupRow {
    id: i64,
    group_key: String,
    about_json: String,
}

/// Segments whose names hold this text, by name.
pub async fn segment_choices(
    db: &impl Sql,
    workspace: WorkspaceId,
    search: &str,
    most: u64,
) -> Result<Vec<SegmentChoice>, DbErr> {
    let rows: Vec<SegmentRow> = db
        .all(
            "SELECT id, name, size, state FROM segments
             WHERE workspace_id = $1 AND kind = 'segment' AND deleted_at IS NULL AND LOWER(name) LIKE $2 ESCAPE '!'
             ORDER BY name, id LIMIT $3",
            vec![workspace.0.into(), part_pattern(search).into(), (most as i64).into()],
        )
        .await?;
    let choice =
        |row: SegmentRow| SegmentChoice { id: SegmentId(row.id), name: row.name, size: row.size, state: row.state };
    Ok(rows.into_iter().map(choice).collect())
}

/// The stages from the lowest, that of strangers first.
pub async fn stage_choices(db: &impl Sql, workspace: WorkspaceId, search: &str) -> Result<Vec<StageChoice>, DbErr> {
    let search = search.trim().to_lowercase();
    let mut stages = vec![StageChoice { key: STRANGER.to_owned(), name: STRANGERS_NAME.to_owned() }];
    stages.extend(rung_names(db, workspace).await?.into_iter().map(|(key, name)| StageChoice { key, name }));
    stages.retain(|stage| stage.name.to_lowercase().contains(&search) || stage.key.contains(&search));
    Ok(stages)
}

/// Tags that are defined or that members carry, by name. The marks of snapshots are none that anybody would choose.
pub async fn tag_choices(
    db: &impl Sql,
    workspace: WorkspaceId,
    search: &str,
    most: u64,
) -> Result<Vec<TagChoice>, DbErr> {
    // Leaps from one tag to the next over the index, however many members carry each.
    let rows: Vec<TagRow> = db
        .all(
            "WITH RECURSIVE carried (name) AS (
               SELECT MIN(tag) FROM member_tags WHERE workspace_id = $1
               UNION ALL
               SELECT (SELECT MIN(m.tag) FROM member_tags m WHERE m.workspace_id = $1 AND m.tag > carried.name)
               FROM carried WHERE carried.name IS NOT NULL)
             SELECT n.name, t.kind FROM (
               SELECT name FROM carried WHERE name IS NOT NULL UNION SELECT name FROM tags WHERE workspace_id = $1) AS n
             LEFT JOIN tags t ON t.workspace_id = $1 AND t.name = n.name
             WHERE LOWER(n.name) LIKE $2 ESCAPE '!' AND n.name NOT LIKE 'seg!_0____________' ESCAPE '!'
             ORDER BY n.name LIMIT $3",
            vec![workspace.0.into(), part_pattern(search).into(), (most as i64).into()],
        )
        .await?;
    let choice = |row: TagRow| TagChoice {
        tag: row.name,
        kind: row.kind.and_then(|kind| TagKind::parse(&kind)).unwrap_or_default(),
    };
    Ok(rows.into_iter().map(choice).collect())
}

/// Groups whose keys or names hold this text, by key.
pub async fn group_choices(
    db: &impl Sql,
    workspace: WorkspaceId,
    search: &str,
    most: u64,
) -> Result<Vec<GroupChoice>, DbErr> {
    let rows: Vec<GroupRow> = db
        .all(
            "SELECT id, group_key, about_json FROM groups
             WHERE workspace_id = $1 AND (LOWER(group_key) LIKE $2 ESCAPE '!' OR LOWER(about_json) LIKE $2 ESCAPE '!')
             ORDER BY group_key LIMIT $3",
            vec![workspace.0.into(), part_pattern(search).into(), (most as i64).into()],
        )
        .await?;
    let choice = |row: GroupRow| GroupChoice {
        id: GroupId(row.id),
        name: group_name(&row.about_json).unwrap_or_else(|| row.group_key.clone()),
        key: row.group_key,
    };
    Ok(rows.into_iter().map(choice).collect())
}

/// The topics that are described, in the order in which members see them.
pub async fn topic_choices(db: &impl Sql, workspace: WorkspaceId, search: &str) -> Result<Vec<TopicChoice>, DbErr> {
    let search = search.trim().to_lowercase();
    let found = topics(db, workspace)
        .await?
        .into_iter()
        .map(|topic| TopicChoice { name: TopicName { en: topic.name.0, zh: topic.name.1 }, topic: topic.topic });
    let holds = |text: &str| text.to_lowercase().contains(&search);
    Ok(found.filter(|topic| holds(&topic.topic) || holds(&topic.name.en) || holds(&topic.name.zh)).collect())
}
