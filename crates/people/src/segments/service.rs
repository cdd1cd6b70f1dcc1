//! Segments as they are kept.

use base::{
    IdSource, Time,
    ids::{MemberId, SegmentId, WorkspaceId},
    rule::Rule,
};
use jiff::tz::TimeZone;
use sea_orm::{DbErr, FromQueryResult};
use serde::Serialize;
use serde_json::Value;
use store::{Sql, Tx};
use utoipa::ToSchema;

use crate::rules::{SegmentRole, SegmentSource};

/// A segment, as the API shows it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SegmentDto {
    /// `seg_…`
    #[schema(value_type = String)]
    pub id: SegmentId,
    /// Its name.
    pub name: String,
    /// Its rule, in canonical form.
    #[schema(value_type = Object)]
    pub rule: Value,
    /// `building` while its rule, or a changed one, is evaluated over history; `live` otherwise.
    pub state: String,
    /// How far that is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub building: Option<BuildingDto>,
    /// How many members are in it now.
    pub size: i64,
    /// The segment of which it is a snapshot, if it is one: its rule does not change then.
    #[schema(value_type = Option<String>)]
    pub snapshot_of: Option<SegmentId>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Time,
    /// When its name or rule was last changed.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Time,
}

impl SegmentDto {
    /// Whether its first rule is evaluated, so that it has only some of its members.
    pub(crate) fn is_first_built(&self) -> bool {
        self.building.as_ref().is_some_and(|building| building.rule.is_none())
    }
}

/// How far the evaluation of a rule over history has come.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BuildingDto {
    /// The rule that will take the place of the present one, which counts until then; none while the first is evaluated.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub rule: Option<Value>,
    /// Members evaluated.
    pub done: i64,
    /// Members in all, when it began.
    pub total: i64,
}

/// A row of the table.
#[derive(FromQueryResult)]
pub struct SegmentRow {
    /// Number behind the id.
    pub id: i64,
    name: String,
    rule_json: String,
    state: String,
    size: i64,
    item_key: Option<String>,
    built: i64,
    to_build: i64,
    next_rule_json: Option<String>,
    next_built: Option<i64>,
    next_to_build: Option<i64>,
    created_at: i64,
    updated_at: i64,
}

const SELECT: &str =
    "SELECT s.id, s.name, s.rule_json, s.state, s.size, s.item_key, s.built, s.to_build, s.created_at, s.updated_at,
    x.rule_json AS next_rule_json, x.built AS next_built, x.to_build AS next_to_build
  FROM segments s LEFT JOIN segments x ON x.replaces = s.id AND x.deleted_at IS NULL
  WHERE s.workspace_id = $1 AND s.kind = 'segment' AND s.deleted_at IS NULL";

impl From<SegmentRow> for SegmentDto {
    fn from(row: SegmentRow) -> Self {
        let building = match row.next_rule_json {
            Some(rule) => Some(BuildingDto {
                rule: serde_json::from_str(&rule).ok(),
                done: row.next_built.unwrap_or_default(),
                total: row.next_to_build.unwrap_or_default(),
            }),
            None if row.state == "live" => None,
            None => Some(BuildingDto { rule: None, done: row.built, total: row.to_build }),
        };
        SegmentDto {
            id: SegmentId(row.id),
            name: row.name,
            rule: serde_json::from_str(&row.rule_json).unwrap_or_default(),
            state: if building.is_some() { "building" } else { "live" }.to_owned(),
            building,
            size: row.size,
            snapshot_of: row.item_key.and_then(|text| text.parse().ok()),
            created_at: Time::from_millis(row.created_at),
            updated_at: Time::from_millis(row.updated_at),
        }
    }
}

/// Segments of a workspace, newest first.
pub async fn list(db: &impl Sql, workspace: WorkspaceId, before: i64, limit: u64) -> Result<Vec<SegmentRow>, DbErr> {
    db.all(
        &format!("{SELECT} AND s.id < $2 ORDER BY s.id DESC LIMIT $3"),
        vec![workspace.0.into(), before.into(), (limit as i64).into()],
    )
    .await
}

/// One segment.
pub async fn get(db: &impl Sql, workspace: WorkspaceId, id: SegmentId) -> Result<Option<SegmentDto>, DbErr> {
    let row: Option<SegmentRow> =
        db.one(&format!("{SELECT} AND s.id = $2"), vec![workspace.0.into(), id.0.into()]).await?;
    Ok(row.map(SegmentDto::from))
}

/// Gives a segment another rule, which takes the place of the present one once it is built. One that was never live
/// begins anew.
pub(crate) async fn change_rule(
    tx: &Tx,
    ids: &IdSource,
    id: SegmentId,
    rule: &Rule,
    (actor, now): (&str, Time),
) -> Result<(), DbErr> {
    let rule = rule.to_json().to_string();
    let was_live = tx
        .run(
            "UPDATE segments SET updated_at = $2 WHERE id = $1 AND state = 'live'",
            vec![id.0.into(), now.millis().into()],
        )
        .await?;
    if was_live == 0 {
        tx.run("UPDATE segments SET rule_json = $2 WHERE id = $1", vec![id.0.into(), rule.into()]).await?;
        return build_anew(tx, id, now).await;
    }
    // The rule that will count when all is built.
    let coming: Option<String> = tx
        .scalar(
            "SELECT rule_json FROM segments WHERE (id = $1 OR replaces = $1) AND deleted_at IS NULL
             ORDER BY CASE WHEN replaces IS NULL THEN 1 ELSE 0 END LIMIT 1",
            vec![id.0.into()],
        )
        .await?;
    if coming.as_deref() == Some(rule.as_str()) {
        return Ok(());
    }
    discard_successor(tx, id).await?;
    add_successor(tx, ids, id, Some(rule), (actor, now)).await
}

/// Begins to build what will take the place of a segment; its own rule anew, without another.
pub(super) async fn add_successor(
    tx: &Tx,
    ids: &IdSource,
    id: SegmentId,
    rule: Option<String>,
    (actor, now): (&str, Time),
) -> Result<(), DbErr> {
    tx.run(
        "INSERT INTO segments (id, workspace_id, name, rule_json, state, kind, replaces, keeps, created_by, created_at,
                               updated_at)
         SELECT $2, workspace_id, name, COALESCE($3, rule_json), 'building', 'successor', id, keeps, $4, $5, $5
         FROM segments WHERE id = $1",
        vec![id.0.into(), ids.next(SegmentId).0.into(), rule.into(), actor.into(), now.millis().into()],
    )
    .await?;
    Ok(())
}

/// Lets a segment that is not live yet begin anew.
pub(crate) async fn build_anew(tx: &Tx, id: SegmentId, now: Time) -> Result<(), DbErr> {
    empty(tx, id).await?;
    tx.run(
        "UPDATE segments SET state = 'building', built_to = 0, built = 0, size = 0, updated_at = $2 WHERE id = $1",
        vec![id.0.into(), now.millis().into()],
    )
    .await?;
    Ok(())
}

/// Deletes a segment, with what waits to take its place, and the tag that the members of a snapshot carry.
pub(crate) async fn delete(tx: &Tx, id: SegmentId, now: Time) -> Result<(), DbErr> {
    discard_successor(tx, id).await?;
    tx.run("UPDATE segments SET deleted_at = $2 WHERE id = $1", vec![id.0.into(), now.millis().into()]).await?;
    tx.run("DELETE FROM segment_members WHERE segment_id = $1", vec![id.0.into()]).await?;
    tx.run("DELETE FROM snapshot_members WHERE segment_id = $1", vec![id.0.into()]).await?;
    tx.run(
        "DELETE FROM member_tags WHERE tag = $2
         AND workspace_id = (SELECT s.workspace_id FROM segments s WHERE s.id = $1)",
        vec![id.0.into(), id.to_string().into()],
    )
    .await?;
    Ok(())
}

pub(crate) async fn discard_successor(tx: &Tx, id: SegmentId) -> Result<(), DbErr> {
    tx.run(
        "DELETE FROM segment_members WHERE segment_id IN (SELECT x.id FROM segments x WHERE x.replaces = $1)",
        vec![id.0.into()],
    )
    .await?;
    tx.run("DELETE FROM segments WHERE replaces = $1", vec![id.0.into()]).await?;
    Ok(())
}

/// Segment, member, since when he is in it, and of the row of the history: its number and its moment.
pub(crate) type Entry = (i64, i64, i64, i64, i64);

/// Puts members into segments, and notes it in the history.
pub(crate) async fn enter(tx: &Tx, entries: &[Entry]) -> Result<(), DbErr> {
    tx.run_rows(
        "INSERT INTO segment_members (segment_id, member_id, entered_at)
         SELECT CAST(r.value->>0 AS BIGINT), CAST(r.value->>1 AS BIGINT), CAST(r.value->>2 AS BIGINT) FROM {rows}",
        entries,
    )
    .await?;
    tx.run_rows(
        "INSERT INTO segment_changes (id, segment_id, member_id, entered, changed_at)
         SELECT CAST(r.value->>3 AS BIGINT), CAST(r.value->>0 AS BIGINT), CAST(r.value->>1 AS BIGINT), 1,
                CAST(r.value->>4 AS BIGINT) FROM {rows}",
        entries,
    )
    .await?;
    Ok(())
}

async fn empty(tx: &Tx, id: SegmentId) -> Result<(), DbErr> {
    tx.run("DELETE FROM segment_members WHERE segment_id = $1", vec![id.0.into()]).await?;
    tx.run("DELETE FROM segment_changes WHERE segment_id = $1", vec![id.0.into()]).await?;
    Ok(())
}

#[derive(FromQueryResult)]
struct SourceRow {
    id: i64,
    rule_json: String,
    state: String,
    kind: String,
    item_key: Option<String>,
    position: Option<i64>,
    replaces: Option<i64>,
    keeps: i64,
}

/// The rules of all segments of a workspace, for the rule book: those that nobody leaves first.
pub async fn load_sources(db: &impl Sql, workspace: WorkspaceId) -> Result<Vec<SegmentSource>, DbErr> {
    let rows: Vec<SourceRow> = db
        .all(
            "SELECT id, rule_json, state, kind, item_key, position, replaces, keeps FROM segments
             WHERE workspace_id = $1 AND deleted_at IS NULL ORDER BY keeps DESC, id",
            vec![workspace.0.into()],
        )
        .await?;
    Ok(rows.into_iter().filter_map(source).collect())
}

fn source(row: SourceRow) -> Option<SegmentSource> {
    let id = SegmentId(row.id);
    let rule = serde_json::from_str(&row.rule_json).ok().and_then(|json: Value| Rule::parse(&json).ok());
    if rule.is_none() {
        tracing::error!(segment = %id, "the stored rule cannot be read");
    }
    let role = match (row.kind.as_str(), row.item_key, row.replaces) {
        (_, _, Some(replaced)) => SegmentRole::Successor(SegmentId(replaced)),
        ("tag", Some(tag), _) => SegmentRole::Tag(tag),
        ("stage", Some(stage), _) => SegmentRole::Stage(stage, row.position.unwrap_or_default()),
        _ => SegmentRole::Segment,
    };
    Some(SegmentSource { id, rule: rule?, live: row.state == "live", role, keeps: row.keeps != 0 })
}

/// The zone of a workspace's calendar.
/// The present members of a segment; `None` when there is no such segment.
pub async fn member_ids(
    db: &impl Sql,
    workspace: WorkspaceId,
    segment: SegmentId,
) -> Result<Option<Vec<MemberId>>, DbErr> {
    let known: Option<i64> = db
        .scalar(
            "SELECT id FROM segments WHERE id = $1 AND workspace_id = $2 AND deleted_at IS NULL",
            vec![segment.0.into(), workspace.0.into()],
        )
        .await?;
    if known.is_none() {
        return Ok(None);
    }
    let rows: Vec<MemberRow> =
        db.all("SELECT member_id FROM segment_members WHERE segment_id = $1", vec![segment.0.into()]).await?;
    Ok(Some(rows.into_iter().map(|row| MemberId(row.member_id)).collect()))
}

#[derive(FromQueryResult)]
struct MemberRow {
    member_id: i64,
}

/// The time zone of a workspace.
pub async fn zone_of(db: &impl Sql, workspace: WorkspaceId) -> Result<TimeZone, DbErr> {
    let zone: Option<String> =
        db.scalar("SELECT time_zone FROM workspaces WHERE id = $1", vec![workspace.0.into()]).await?;
    Ok(zone.and_then(|zone| TimeZone::get(&zone).ok()).unwrap_or(TimeZone::UTC))
}
