//! Versions of a journey: what was published, when and by whom.
//!
//! A version never changes. Publishing makes the draft the next one; who is under way stays on his version or is moved
//! ([`super::moving`]). The draft's revision decides between two who publish or change it at once.

use std::collections::BTreeMap;

use base::{
    Code, Problem, Time,
    ids::{JourneyId, WorkspaceId},
};
use sea_orm::{DbErr, FromQueryResult};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{Sql, Tx};
use utoipa::ToSchema;

use super::{
    Document,
    changes::{self, Course, Work, Worked},
    moving::Plan,
    queued::Cancelling,
    references::check_references,
    service::{self, JourneyDto, JourneyError},
};
use crate::Outreach;

/// What becomes of those who are under way when a version is published.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Running {
    /// They go on as they began.
    #[default]
    Stay,
    /// They go on at these steps of the new version, by the step at which they stand; `null` ends the run. Every step at
    /// which somebody stands must be named.
    Move(BTreeMap<String, Option<String>>),
}

/// How to publish.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Publication {
    /// The revision of the draft that is meant. When left out, the one that was there when the request arrived.
    pub revision: Option<i64>,
    /// What becomes of those who are under way: `"stay"` or `{"move": {"old step": "new step" | null, …}}`.
    #[serde(default)]
    pub running: Running,
    /// Whether messages that still wait are cancelled when the new version has no such step any more.
    #[serde(default)]
    pub cancel_queued: bool,
}

/// One version.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct VersionDto {
    /// Counts from 1.
    pub version: i64,
    /// When it was published.
    #[schema(value_type = String, format = DateTime)]
    pub published_at: Time,
    /// By whom.
    pub published_by: String,
    /// Whether it is the one that members enter, as long as the journey lets anybody in.
    pub is_current: bool,
    /// Runs that are under way on it.
    pub under_way: i64,
    /// The document; not in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub document: Option<Value>,
}

#[derive(FromQueryResult)]
struct VersionRow {
    version: i64,
    published_at: i64,
    published_by: String,
    under_way: i64,
    document_json: Option<String>,
}

impl VersionRow {
    fn of(self, journey: &JourneyDto) -> VersionDto {
        VersionDto {
            version: self.version,
            published_at: Time::from_millis(self.published_at),
            published_by: self.published_by,
            is_current: journey.published_version == Some(self.version),
            under_way: self.under_way,
            document: self.document_json.and_then(|text| serde_json::from_str(&text).ok()),
        }
    }
}

const UNDER_WAY: &str = "(SELECT COUNT(*) FROM journey_runs r
    WHERE r.journey_id = v.journey_id AND r.version = v.version AND r.state = 'active') AS under_way";

/// Versions of a journey, newest first, without their documents.
pub async fn list(db: &impl Sql, journey: &JourneyDto, before: i64, limit: u64) -> Result<Vec<VersionDto>, DbErr> {
    let rows: Vec<VersionRow> = db
        .all(
            &format!(
                "SELECT v.version, v.published_at, v.published_by, {UNDER_WAY}, CAST(NULL AS TEXT) AS document_json
                 FROM journey_versions v WHERE v.journey_id = $1 AND v.version < $2 ORDER BY v.version DESC LIMIT $3"
            ),
            vec![journey.id.0.into(), before.into(), (limit as i64).into()],
        )
        .await?;
    Ok(rows.into_iter().map(|row| row.of(journey)).collect())
}

/// One version with its document.
pub async fn get(db: &impl Sql, journey: &JourneyDto, version: i64) -> Result<Option<VersionDto>, DbErr> {
    let row: Option<VersionRow> = db
        .one(
            &format!(
                "SELECT v.version, v.published_at, v.published_by, {UNDER_WAY}, v.document_json
                 FROM journey_versions v WHERE v.journey_id = $1 AND v.version = $2"
            ),
            vec![journey.id.0.into(), version.into()],
        )
        .await?;
    Ok(row.map(|row| row.of(journey)))
}

#[derive(FromQueryResult)]
struct DocumentRow {
    version: i64,
    document_json: String,
}

/// The documents of these versions, as far as there are such versions.
pub(super) async fn documents(
    db: &impl Sql,
    journey: JourneyId,
    versions: &[i64],
) -> Result<BTreeMap<i64, Value>, DbErr> {
    let keys: Vec<(i64,)> = versions.iter().map(|version| (*version,)).collect();
    let rows: Vec<DocumentRow> = db
        .all_rows(
            "SELECT v.version, v.document_json FROM {rows}
             CROSS JOIN journey_versions v WHERE v.journey_id = $2 AND v.version = CAST(r.value->>0 AS BIGINT)",
            &keys,
            vec![journey.0.into()],
        )
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.version, serde_json::from_str(&row.document_json).unwrap_or_default()))
        .collect())
}

/// The number of the version that would be published next.
pub(super) async fn next_version(db: &impl Sql, journey: JourneyId) -> Result<i64, DbErr> {
    let last: Option<Option<i64>> =
        db.scalar("SELECT MAX(version) FROM journey_versions WHERE journey_id = $1", vec![journey.0.into()]).await?;
    Ok(last.flatten().unwrap_or(0) + 1)
}

/// Makes the draft the next version and lets members in on it. Those under way stay or are moved; a journey that was
/// paused or finishing goes on.
pub async fn publish(
    tx: &Tx,
    outreach: &Outreach,
    workspace: WorkspaceId,
    journey: &JourneyDto,
    publication: &Publication,
    actor: &str,
    now: Time,
) -> Result<(i64, Worked), JourneyError> {
    service::check_revision(journey, publication.revision)?;
    let document = Document::parse(&journey.document)?;
    check_references(tx, workspace, &document).await?;
    if journey.state == "stopped" && changes::is_under_way(tx, journey.id).await? {
        let detail =
            "the journey is stopped and its runs are still being ended; publish it when that is done, in a moment";
        return Err(Problem::with(Code::WrongState, detail).into());
    }
    let version = next_version(tx, journey.id).await?;
    let course = match &publication.running {
        Running::Stay => None,
        Running::Move(mapping) => {
            if changes::is_moving(tx, workspace, journey.id).await? {
                let detail = "runs are still being moved to the version before; move them again when that is done";
                return Err(Problem::with(Code::WrongState, detail).into());
            }
            Plan::load(tx, journey, &document, mapping).await?.check()?;
            Some(Course::Move { to: version, mapping: mapping.clone() })
        }
    };
    let added = tx
        .run(
            "INSERT INTO journey_versions (journey_id, version, document_json, published_at, published_by)
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
            vec![
                journey.id.0.into(),
                version.into(),
                journey.document.to_string().into(),
                now.millis().into(),
                actor.into(),
            ],
        )
        .await?;
    let changed = tx
        .run(
            "UPDATE journeys SET state = 'live', published_version = $2, updated_at = $3, revision = revision + 1,
               queued_stay = 0
             WHERE id = $1 AND revision = $4",
            vec![journey.id.0.into(), version.into(), now.millis().into(), journey.revision.into()],
        )
        .await?;
    if added == 0 || changed == 0 {
        return Err(service::overtaken(journey).into());
    }
    let cancelling = publication.cancel_queued.then(|| Cancelling {
        kept_steps: Some(document.steps.keys().cloned().collect()),
        // Who stays may come to a step that is gone in the new version, and is to get what it sends.
        queued_until: (publication.running == Running::Stay).then_some(now),
    });
    let wakes = journey.state == "paused";
    let work = Work { journey: journey.id, course, wakes, drops_plans: false, cancelling };
    let worked = work.begin(tx, outreach, workspace, actor, now).await?;
    Ok((version, worked))
}

/// Makes the document of a version the draft again. `None` when there is no such version.
pub async fn restore(
    tx: &Tx,
    journey: &JourneyDto,
    version: i64,
    expected: Option<i64>,
    now: Time,
) -> Result<Option<()>, JourneyError> {
    let Some(document) = documents(tx, journey.id, &[version]).await?.remove(&version) else { return Ok(None) };
    service::change_draft(tx, journey, expected, None, Some(&document), now).await?;
    Ok(Some(()))
}
