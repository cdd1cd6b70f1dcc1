//! Segments as they are kept, and previews of rules.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use base::{
    Clock, Code, Problem, Time,
    ids::{MemberId, SegmentId, WorkspaceId},
    rule::Rule,
};
use jiff::tz::TimeZone;
use sea_orm::{DbErr, FromQueryResult};
use serde::Serialize;
use serde_json::Value;
use store::{Db, Sql, Tx};
use utoipa::ToSchema;

use crate::{
    members::load_members,
    rules::{BookSource, RuleBook, evaluate},
};

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
    /// `building` while it is first evaluated over history, then `live`.
    pub state: String,
    /// How many members are in it now.
    pub size: i64,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Time,
    /// When its name or rule was last changed.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Time,
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
    created_at: i64,
    updated_at: i64,
}

const COLUMNS: &str = "id, name, rule_json, state, size, created_at, updated_at";

impl From<SegmentRow> for SegmentDto {
    fn from(row: SegmentRow) -> Self {
        SegmentDto {
            id: SegmentId(row.id),
            name: row.name,
            rule: serde_json::from_str(&row.rule_json).unwrap_or_default(),
            state: row.state,
            size: row.size,
            created_at: Time::from_millis(row.created_at),
            updated_at: Time::from_millis(row.updated_at),
        }
    }
}

/// Segments of a workspace, newest first.
pub async fn list(db: &impl Sql, workspace: WorkspaceId, before: i64, limit: u64) -> Result<Vec<SegmentRow>, DbErr> {
    db.all(
        &format!(
            "SELECT {COLUMNS} FROM segments WHERE workspace_id = $1 AND id < $2 AND deleted_at IS NULL
             ORDER BY id DESC LIMIT $3"
        ),
        vec![workspace.0.into(), before.into(), (limit as i64).into()],
    )
    .await
}

/// One segment.
pub async fn get(db: &impl Sql, workspace: WorkspaceId, id: SegmentId) -> Result<Option<SegmentDto>, DbErr> {
    let row: Option<SegmentRow> = db
        .one(
            &format!("SELECT {COLUMNS} FROM segments WHERE workspace_id = $1 AND id = $2 AND deleted_at IS NULL"),
            vec![workspace.0.into(), id.0.into()],
        )
        .await?;
    Ok(row.map(SegmentDto::from))
}

#[derive(FromQueryResult)]
struct SourceRow {
    id: i64,
    rule_json: String,
    state: String,
}

/// The rules of all segments of a workspace, for the rule book.
pub async fn load_sources(db: &impl Sql, workspace: WorkspaceId) -> Result<Vec<(SegmentId, Rule, bool)>, DbErr> {
    let rows: Vec<SourceRow> = db
        .all(
            "SELECT id, rule_json, state FROM segments WHERE workspace_id = $1 AND deleted_at IS NULL ORDER BY id",
            vec![workspace.0.into()],
        )
        .await?;
    Ok(rows
        .into_iter()
        .filter_map(|row| {
            let rule = serde_json::from_str(&row.rule_json).ok().and_then(|json: Value| Rule::parse(&json).ok());
            if rule.is_none() {
                tracing::error!(segment = %SegmentId(row.id), "the stored rule cannot be read");
            }
            Some((SegmentId(row.id), rule?, row.state == "live"))
        })
        .collect())
}

/// Refuses a rule that names a missing segment, or that leads back to its own segment.
pub async fn check_references(
    tx: &Tx,
    workspace: WorkspaceId,
    own: Option<SegmentId>,
    rule: &Rule,
) -> Result<(), Problem> {
    let sources = load_sources(tx, workspace).await.map_err(|error| api::ApiError::from(error).0)?;
    let rules: BTreeMap<SegmentId, &Rule> = sources.iter().map(|(id, rule, _)| (*id, rule)).collect();
    let mut to_visit = rule.segments();
    let mut visited: HashSet<SegmentId> = HashSet::new();
    while let Some(id) = to_visit.pop() {
        if Some(id) == own {
            return Err(Problem::at(Code::SegmentCycle, "rule", format!("{id} would depend on itself")));
        }
        let Some(rule) = rules.get(&id) else {
            return Err(Problem::at(Code::UnknownReference, "rule", format!("there is no segment {id}")));
        };
        if visited.insert(id) {
            to_visit.extend(rule.segments());
        }
    }
    Ok(())
}

/// Which segments refer to this one.
pub async fn dependents(tx: &Tx, workspace: WorkspaceId, id: SegmentId) -> Result<Vec<SegmentId>, DbErr> {
    let sources = load_sources(tx, workspace).await?;
    Ok(sources.iter().filter(|(_, rule, _)| rule.segments().contains(&id)).map(|(other, ..)| *other).collect())
}

/// How many members a rule holds for, and some of them.
pub struct Preview {
    /// How many.
    pub size: i64,
    /// The newest of them.
    pub sample: Vec<MemberId>,
}

#[derive(FromQueryResult)]
struct IdRow {
    id: i64,
}

/// The zone of a workspace's calendar.
pub(super) async fn zone_of(db: &impl Sql, workspace: WorkspaceId) -> Result<TimeZone, DbErr> {
    let zone: Option<String> =
        db.scalar("SELECT time_zone FROM workspaces WHERE id = $1", vec![workspace.0.into()]).await?;
    Ok(zone.and_then(|zone| TimeZone::get(&zone).ok()).unwrap_or(TimeZone::UTC))
}

/// Evaluates a rule over all members as of now, with the same evaluator that keeps segments live.
pub async fn preview(
    db: &Db,
    clock: &Arc<dyn Clock>,
    workspace: WorkspaceId,
    rule: &Rule,
    sample_size: usize,
) -> Result<Preview, Problem> {
    const AT_ONCE: i64 = 1_000;
    const PATIENCE: std::time::Duration = std::time::Duration::from_secs(30);
    let started = clock.monotonic();
    let internal = |error: DbErr| api::ApiError::from(error).0;
    let zone = zone_of(db.read(), workspace).await.map_err(internal)?;
    let others = BTreeMap::from([("preview".to_owned(), rule.clone())]);
    let source = BookSource { others, ..Default::default() };
    let book = Arc::new(RuleBook::compile(workspace, zone, 0, &source));
    let books = HashMap::from([(workspace, book.clone())]);
    let compiled = book.other("preview").ok_or(Problem::new(Code::Internal))?;
    let now = clock.now();
    let mut found = Preview { size: 0, sample: Vec::new() };
    let mut before = i64::MAX;
    loop {
        let rows: Vec<IdRow> = db
            .read()
            .all(
                "SELECT id FROM members WHERE workspace_id = $1 AND id < $2 AND merged_into IS NULL ORDER BY id DESC LIMIT $3",
                vec![workspace.0.into(), before.into(), AT_ONCE.into()],
            )
            .await
            .map_err(internal)?;
        let ids: Vec<MemberId> = rows.iter().map(|row| MemberId(row.id)).collect();
        let mut members = load_members(db.read(), &ids, &books, now).await.map_err(internal)?;
        members.reverse();
        for member in &members {
            if evaluate(compiled, &book, member, now).holds {
                found.size += 1;
                if found.sample.len() < sample_size {
                    found.sample.push(member.id);
                }
            }
        }
        match ids.last() {
            Some(last) if ids.len() as i64 == AT_ONCE => before = last.0,
            _ => return Ok(found),
        }
        if clock.monotonic().saturating_sub(started) > PATIENCE {
            return Err(Problem::with(Code::Timeout, "the preview took more than 30 seconds"));
        }
    }
}
