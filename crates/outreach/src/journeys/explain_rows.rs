//! The rows that a decision trail is made of, each kind in one query of bounded size.

use base::{
    Time,
    ids::{JourneyId, MemberId, WorkspaceId},
};
use jiff::tz::TimeZone;
use people::{members::load_members, rules::profile_books};
use sea_orm::{DbErr, FromQueryResult};
use serde_json::{Map, Value};
use store::Sql;

/// Bits of an id below its milliseconds.
const ID_BITS: u32 = 21;
/// Changes of a journey that are looked at, from the last one back.
const MOST_DEEDS: i64 = 200;

/// Of whom a trail tells.
pub(super) struct Person {
    pub(super) id: MemberId,
    /// His own, else the workspace's.
    pub(super) zone: TimeZone,
    /// The workspace's.
    pub(super) workspace_zone: TimeZone,
    pub(super) traits: Map<String, Value>,
}

/// A run, the last one first.
#[derive(FromQueryResult)]
pub(super) struct RunRow {
    pub(super) id: i64,
    pub(super) version: i64,
    pub(super) entry_key: String,
    pub(super) entered_at: i64,
    pub(super) ended_at: Option<i64>,
}

/// A line of a run's trace.
#[derive(FromQueryResult)]
pub(super) struct TraceRow {
    pub(super) run_id: i64,
    pub(super) at: i64,
    pub(super) step: String,
    pub(super) action: String,
    pub(super) detail_json: String,
}

/// What somebody did to a journey.
#[derive(FromQueryResult)]
pub(super) struct Deed {
    pub(super) at: i64,
    pub(super) actor: String,
    pub(super) action: String,
    pub(super) detail_json: String,
}

impl TraceRow {
    pub(super) fn detail(&self) -> Value {
        serde_json::from_str(&self.detail_json).unwrap_or_default()
    }

    /// The version from which, or to which, this line tells that the run was moved.
    pub(super) fn moved(&self, field: &str) -> Option<i64> {
        if self.action == "moved" { self.detail().get(field)?.as_i64() } else { None }
    }
}

/// The member with this id, or the one who absorbed him; `None` when the workspace has none.
pub(super) async fn person(
    db: &impl Sql,
    workspace: WorkspaceId,
    id: MemberId,
    now: Time,
) -> Result<Option<Person>, DbErr> {
    let current: Option<i64> = db
        .scalar(
            "SELECT COALESCE(merged_into, id) FROM members WHERE workspace_id = $1 AND id = $2",
            vec![workspace.0.into(), id.0.into()],
        )
        .await?;
    let Some(current) = current else { return Ok(None) };
    let books = profile_books(db, &[workspace]).await?;
    let Some(book) = books.get(&workspace) else { return Ok(None) };
    let state = load_members(db, &[MemberId(current)], &books, now).await?.pop();
    Ok(state.map(|state| Person {
        id: state.id,
        zone: state.time_zone(book),
        workspace_zone: book.zone.clone(),
        traits: state.profile(book, now),
    }))
}

/// A member's runs in a journey, the last one first.
pub(super) async fn runs(
    db: &impl Sql,
    journey: JourneyId,
    member: MemberId,
    most: usize,
) -> Result<Vec<RunRow>, DbErr> {
    db.all(
        "SELECT id, version, entry_key, entered_at, ended_at FROM journey_runs
         WHERE member_id = $1 AND journey_id = $2 ORDER BY id DESC LIMIT $3",
        vec![member.0.into(), journey.0.into(), (most as i64).into()],
    )
    .await
}

/// Lines of these runs' traces, the last one first.
pub(super) async fn trace(db: &impl Sql, runs: &[RunRow], most: usize) -> Result<Vec<TraceRow>, DbErr> {
    let keys: Vec<(i64,)> = runs.iter().map(|run| (run.id,)).collect();
    db.all_rows(
        "SELECT t.run_id, t.at, t.step, t.action, t.detail_json
         FROM {rows} JOIN journey_trace t ON t.run_id = CAST(r.value->>0 AS BIGINT)
         ORDER BY t.run_id DESC, t.seq DESC LIMIT $2",
        &keys,
        vec![(most as i64).into()],
    )
    .await
}

/// The document that the run of a message was on.
pub(super) async fn document_of_run(db: &impl Sql, run: Option<i64>) -> Result<Option<Value>, DbErr> {
    let Some(run) = run else { return Ok(None) };
    let document: Option<String> = db
        .scalar(
            "SELECT v.document_json FROM journey_runs r
             JOIN journey_versions v ON v.journey_id = r.journey_id AND v.version = r.version WHERE r.id = $1",
            vec![run.into()],
        )
        .await?;
    Ok(document.and_then(|document| serde_json::from_str(&document).ok()))
}

/// What was done to a journey since the first of these runs began. Ids grow with time, so that the audit log is read
/// from there on and not from its beginning.
pub(super) async fn deeds(
    db: &impl Sql,
    workspace: WorkspaceId,
    journey: JourneyId,
    runs: &[RunRow],
) -> Result<Vec<Deed>, DbErr> {
    let Some(since) = runs.iter().map(|run| run.entered_at).min() else { return Ok(Vec::new()) };
    let mut deeds: Vec<Deed> = db
        .all(
            "SELECT at, actor, action, detail_json FROM audit_log
             WHERE workspace_id = $1 AND id >= $2 AND target = $3 AND at >= $4 ORDER BY id DESC LIMIT $5",
            vec![
                workspace.0.into(),
                first_id_of(since).into(),
                journey.to_string().into(),
                since.into(),
                MOST_DEEDS.into(),
            ],
        )
        .await?;
    deeds.reverse();
    Ok(deeds)
}

/// No id that was given since this moment is smaller.
fn first_id_of(millis: i64) -> i64 {
    millis.max(0).checked_mul(1 << ID_BITS).unwrap_or(0)
}
