//! Journeys as they are kept: drafts, versions, states.

use base::{
    Code, Problem, Time,
    ids::{ChannelId, JourneyId, TemplateId, WorkspaceId},
    rule::Rule,
};
use people::rules::STRANGER;
use sea_orm::{DbErr, FromQueryResult};
use serde::Serialize;
use serde_json::Value;
use store::{Sql, Tx};
use utoipa::ToSchema;

use super::{Document, StepAction, tasks};
use crate::{
    Outreach,
    outbox::{self, Waiting},
};

/// The kind of channel that a webhook step calls.
const WEBHOOK: &str = "webhook";

/// Why a change of a journey failed.
#[derive(Debug, thiserror::Error)]
pub enum JourneyError {
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbErr),
    /// What was asked for is wrong.
    #[error(transparent)]
    Refused(#[from] Problem),
}

/// A journey, as the API shows it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct JourneyDto {
    /// `jrn_…`
    #[schema(value_type = String)]
    pub id: JourneyId,
    /// Its name.
    pub name: String,
    /// `draft`, `live`, `paused` or `stopped`.
    pub state: String,
    /// The draft.
    #[schema(value_type = Object)]
    pub document: Value,
    /// The version that members enter; counts from 1.
    pub published_version: Option<i64>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Time,
    /// When it was last changed.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Time,
}

/// A row of the table.
#[derive(FromQueryResult)]
pub struct JourneyRow {
    /// Number behind the id.
    pub id: i64,
    name: String,
    state: String,
    draft_json: String,
    published_version: Option<i64>,
    created_at: i64,
    updated_at: i64,
}

const COLUMNS: &str = "id, name, state, draft_json, published_version, created_at, updated_at";

impl From<JourneyRow> for JourneyDto {
    fn from(row: JourneyRow) -> Self {
        JourneyDto {
            id: JourneyId(row.id),
            name: row.name,
            state: row.state,
            document: serde_json::from_str(&row.draft_json).unwrap_or_default(),
            published_version: row.published_version,
            created_at: Time::from_millis(row.created_at),
            updated_at: Time::from_millis(row.updated_at),
        }
    }
}

/// Journeys of a workspace, newest first.
pub async fn list(db: &impl Sql, workspace: WorkspaceId, before: i64, limit: u64) -> Result<Vec<JourneyRow>, DbErr> {
    db.all(
        &format!(
            "SELECT {COLUMNS} FROM journeys WHERE workspace_id = $1 AND id < $2 AND deleted_at IS NULL
             ORDER BY id DESC LIMIT $3"
        ),
        vec![workspace.0.into(), before.into(), (limit as i64).into()],
    )
    .await
}

/// One journey.
pub async fn get(db: &impl Sql, workspace: WorkspaceId, id: JourneyId) -> Result<Option<JourneyDto>, DbErr> {
    let row: Option<JourneyRow> = db
        .one(
            &format!("SELECT {COLUMNS} FROM journeys WHERE workspace_id = $1 AND id = $2 AND deleted_at IS NULL"),
            vec![workspace.0.into(), id.0.into()],
        )
        .await?;
    Ok(row.map(JourneyDto::from))
}

#[derive(FromQueryResult)]
struct IdRow {
    id: i64,
}

#[derive(FromQueryResult)]
struct StageRow {
    item_key: String,
}

#[derive(FromQueryResult)]
struct ChannelRow {
    id: i64,
    kind: String,
}

#[derive(FromQueryResult)]
struct TemplateRow {
    id: i64,
    channel_kind: String,
}

/// What a document may refer to.
struct Known {
    segments: Vec<IdRow>,
    stages: Vec<StageRow>,
    groups: Vec<IdRow>,
    templates: Vec<TemplateRow>,
    channels: Vec<ChannelRow>,
}

impl Known {
    async fn load(tx: &Tx, workspace: WorkspaceId, document: &Document) -> Result<Known, DbErr> {
        let groups: Vec<(i64,)> = document.rules().flat_map(|(_, rule)| rule.groups()).map(|id| (id.0,)).collect();
        let of = |columns: &str, table: &str| {
            format!("SELECT {columns} FROM {table} WHERE workspace_id = $1 AND deleted_at IS NULL")
        };
        Ok(Known {
            segments: tx.all(&of("id", "segments"), vec![workspace.0.into()]).await?,
            stages: tx
                .all(
                    &format!("{} AND kind = 'stage' AND item_key IS NOT NULL", of("item_key", "segments")),
                    vec![workspace.0.into()],
                )
                .await?,
            groups: tx
                .all_rows(
                    "SELECT g.id FROM {rows} JOIN groups g ON g.id = CAST(r.value->>0 AS BIGINT) AND g.workspace_id = $2",
                    &groups,
                    vec![workspace.0.into()],
                )
                .await?,
            templates: tx.all(&of("id, channel_kind", "templates"), vec![workspace.0.into()]).await?,
            channels: tx.all(&of("id, kind", "channels"), vec![workspace.0.into()]).await?,
        })
    }

    /// The kind of a channel that a step names by its id or by its kind.
    fn kind_of(&self, channel: &str) -> Option<&str> {
        let is_meant = |row: &&ChannelRow| row.kind == channel || ChannelId(row.id).to_string() == channel;
        self.channels.iter().find(is_meant).map(|row| row.kind.as_str())
    }

    fn check_rule(&self, rule: &Rule, path: &str) -> Result<(), Problem> {
        if let Some(id) = rule.segments().into_iter().find(|id| !self.segments.iter().any(|row| row.id == id.0)) {
            return Err(unknown(path, format!("there is no segment {id}")));
        }
        if let Some(id) = rule.groups().into_iter().find(|id| !self.groups.iter().any(|row| row.id == id.0)) {
            return Err(unknown(path, format!("there is no group {id}")));
        }
        let is_known = |stage: &&str| *stage == STRANGER || self.stages.iter().any(|row| row.item_key == *stage);
        match rule.stages().into_iter().find(|stage| !is_known(stage)) {
            Some(stage) => Err(unknown(path, format!("there is no stage \"{stage}\""))),
            None => Ok(()),
        }
    }

    fn check_send(&self, path: &str, channel: &str, template: TemplateId) -> Result<(), Problem> {
        let template_path = format!("{path}.template");
        let Some(row) = self.templates.iter().find(|row| row.id == template.0) else {
            return Err(unknown(&template_path, format!("there is no template {template}")));
        };
        let kind = self.check_channel(path, channel)?;
        if row.channel_kind != kind {
            return Err(unknown(
                &template_path,
                format!("template {template} is for {}, not for {kind}", row.channel_kind),
            ));
        }
        Ok(())
    }

    fn check_channel(&self, path: &str, channel: &str) -> Result<&str, Problem> {
        self.kind_of(channel)
            .ok_or_else(|| unknown(&format!("{path}.channel"), format!("there is no channel \"{channel}\"")))
    }
}

fn unknown(path: &str, message: String) -> Problem {
    Problem::at(Code::UnknownReference, path, message)
}

/// Refuses a document that names segments, stages, groups, templates or channels that do not exist or do not go together.
pub async fn check_references(tx: &Tx, workspace: WorkspaceId, document: &Document) -> Result<(), JourneyError> {
    let known = Known::load(tx, workspace, document).await?;
    for (path, segment) in document.segments() {
        known.check_rule(&Rule::Segment(segment), &path)?;
    }
    for (name, step) in &document.steps {
        let path = format!("document.steps.{name}");
        match &step.action {
            StepAction::Branch(cases) => {
                for (index, case) in cases.iter().enumerate() {
                    known.check_rule(&case.when, &format!("{path}.cases[{index}].when"))?;
                }
            }
            StepAction::Send { channel, template, .. } => known.check_send(&path, channel, *template)?,
            StepAction::Webhook { channel, .. } => {
                let kind = known.check_channel(&path, channel)?;
                if kind != WEBHOOK {
                    let message = format!("channel \"{channel}\" is of the kind {kind}, not {WEBHOOK}");
                    return Err(unknown(&format!("{path}.channel"), message).into());
                }
            }
            _ => {}
        }
    }
    document.check_feeding(&|channel| known.kind_of(channel).map(str::to_owned))?;
    Ok(())
}

/// Makes the draft the next version and lets members in on it; who waits in a journey that was paused
/// goes on.
pub async fn publish(
    tx: &Tx,
    workspace: WorkspaceId,
    journey: &JourneyDto,
    actor: &str,
    now: Time,
) -> Result<i64, JourneyError> {
    let document = Document::parse(&journey.document)?;
    check_references(tx, workspace, &document).await?;
    let last: Option<Option<i64>> =
        tx.scalar("SELECT MAX(version) FROM journey_versions WHERE journey_id = $1", vec![journey.id.0.into()]).await?;
    let version = last.flatten().unwrap_or(0) + 1;
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
    if added == 0 {
        return Err(Problem::new(Code::Conflict).into());
    }
    tx.run(
        "UPDATE journeys SET state = 'live', published_version = $2, updated_at = $3 WHERE id = $1",
        vec![journey.id.0.into(), version.into(), now.millis().into()],
    )
    .await?;
    if journey.state == "paused" {
        wake_all(tx, journey.id).await?;
    }
    Ok(version)
}

/// Changes what is given of a draft. False when there is no such journey.
pub async fn change_draft(
    tx: &Tx,
    workspace: WorkspaceId,
    id: JourneyId,
    name: Option<&str>,
    document: Option<&Value>,
    now: Time,
) -> Result<bool, DbErr> {
    let changed = tx
        .run(
            "UPDATE journeys SET name = COALESCE($3, name), draft_json = COALESCE($4, draft_json), updated_at = $5
             WHERE workspace_id = $1 AND id = $2 AND deleted_at IS NULL",
            vec![
                workspace.0.into(),
                id.0.into(),
                name.map(str::to_owned).into(),
                document.map(Value::to_string).into(),
                now.millis().into(),
            ],
        )
        .await?;
    Ok(changed > 0)
}

/// Gives a journey that is in one of the states `from` another one. False when it is in none of them.
pub async fn change_state(
    tx: &Tx,
    workspace: WorkspaceId,
    id: JourneyId,
    from: &[&str],
    to: &str,
    now: Time,
) -> Result<bool, DbErr> {
    let states: Vec<String> = from.iter().map(|state| format!("'{state}'")).collect();
    let sql = format!(
        "UPDATE journeys SET state = $3, updated_at = $4, deleted_at = CASE WHEN $3 = 'deleted' THEN $4 END
         WHERE workspace_id = $1 AND id = $2 AND deleted_at IS NULL AND state IN ({})",
        states.join(", ")
    );
    Ok(tx.run(&sql, vec![workspace.0.into(), id.0.into(), to.into(), now.millis().into()]).await? > 0)
}

/// Sets the timers of everybody whose wait may be over, after a pause.
pub async fn wake_all(tx: &Tx, id: JourneyId) -> Result<(), DbErr> {
    tx.run(
        "INSERT INTO timers (kind, subject, workspace_id, due_at)
         SELECT 'journey', member_id, workspace_id, MIN(wake_at) FROM journey_runs
         WHERE journey_id = $1 AND state = 'active' AND wake_at IS NOT NULL GROUP BY member_id, workspace_id
         ON CONFLICT (kind, subject) DO UPDATE SET due_at =
           CASE WHEN excluded.due_at < timers.due_at THEN excluded.due_at ELSE timers.due_at END",
        vec![id.0.into()],
    )
    .await?;
    Ok(())
}

/// Ends every run of a journey, and cancels the messages of it that still wait.
pub async fn end_all(tx: &Tx, outreach: &Outreach, id: JourneyId, now: Time) -> Result<(), DbErr> {
    tx.run(
        "INSERT INTO journey_trace (run_id, seq, at, step, action, detail_json)
         SELECT id, trace_length, $2, COALESCE(step, ''), 'exited', '{\"reason\":\"journey_stopped\"}'
         FROM journey_runs WHERE journey_id = $1 AND state = 'active'",
        vec![id.0.into(), now.millis().into()],
    )
    .await?;
    tx.run(
        "INSERT INTO journey_counts (journey_id, version, step, action, happened)
         SELECT journey_id, version, COALESCE(step, ''), 'exited', COUNT(*)
         FROM journey_runs WHERE journey_id = $1 AND state = 'active'
         GROUP BY journey_id, version, COALESCE(step, '')
         ON CONFLICT (journey_id, version, step, action)
         DO UPDATE SET happened = journey_counts.happened + excluded.happened",
        vec![id.0.into()],
    )
    .await?;
    tx.run(
        "UPDATE journey_runs SET state = 'exited', end_reason = 'journey stopped', ended_at = $2, wake_at = NULL,
           trace_length = trace_length + 1
         WHERE journey_id = $1 AND state = 'active'",
        vec![id.0.into(), now.millis().into()],
    )
    .await?;
    tasks::cancel_all(tx, id, now).await?;
    outbox::cancel(tx, outreach, Waiting::OfJourney(id), "journey_stopped", now).await
}
