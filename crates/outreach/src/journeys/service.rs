//! Journeys as they are kept: drafts, versions, states, reports.

use std::collections::BTreeMap;

use base::{
    Code, Problem, Time,
    ids::{JourneyId, MemberId, RunId, WorkspaceId},
    rule::Rule,
};
use sea_orm::{DbErr, FromQueryResult};
use serde::Serialize;
use serde_json::Value;
use store::{Sql, Tx};
use utoipa::ToSchema;

use super::{Document, Entry, StepAction};

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
struct ChannelRow {
    id: i64,
    kind: String,
}

/// Refuses a document that names segments, templates or channels that do not exist.
pub async fn check_references(tx: &Tx, workspace: WorkspaceId, document: &Document) -> Result<(), Problem> {
    let internal = |error: DbErr| api::ApiError::from(error).0;
    let all = |table: &str| format!("SELECT id FROM {table} WHERE workspace_id = $1 AND deleted_at IS NULL");
    let segments: Vec<IdRow> = tx.all(&all("segments"), vec![workspace.0.into()]).await.map_err(internal)?;
    let templates: Vec<IdRow> = tx.all(&all("templates"), vec![workspace.0.into()]).await.map_err(internal)?;
    let channels: Vec<ChannelRow> = tx
        .all("SELECT id, kind FROM channels WHERE workspace_id = $1 AND deleted_at IS NULL", vec![workspace.0.into()])
        .await
        .map_err(internal)?;
    let unknown = |path: String, what: String| Problem::at(Code::UnknownReference, path, format!("there is no {what}"));
    let check_segments = |rule: &Rule, path: &str| {
        let missing = rule.segments().into_iter().find(|id| !segments.iter().any(|row| row.id == id.0));
        missing.map_or(Ok(()), |id| Err(unknown(path.to_owned(), format!("segment {id}"))))
    };
    if let Entry::Segment(id) = &document.entry {
        check_segments(&Rule::Segment(*id), "document.entry.segment")?;
    }
    for (name, step) in &document.steps {
        let path = format!("document.steps.{name}");
        match &step.action {
            StepAction::Branch(cases) => {
                for (index, case) in cases.iter().enumerate() {
                    check_segments(&case.when, &format!("{path}.cases[{index}].when"))?;
                }
            }
            StepAction::Send { channel, template, .. } => {
                if !templates.iter().any(|row| row.id == template.0) {
                    return Err(unknown(format!("{path}.template"), format!("template {template}")));
                }
                check_channel(&channels, channel)
                    .ok_or_else(|| unknown(format!("{path}.channel"), format!("channel \"{channel}\"")))?;
            }
            StepAction::Webhook { channel, .. } => {
                check_channel(&channels, channel)
                    .ok_or_else(|| unknown(format!("{path}.channel"), format!("channel \"{channel}\"")))?;
            }
            StepAction::Wait(_) | StepAction::Tag { .. } | StepAction::Exit => {}
        }
    }
    Ok(())
}

fn check_channel(channels: &[ChannelRow], named: &str) -> Option<()> {
    let found = channels.iter().any(|row| row.kind == named || base::ids::ChannelId(row.id).to_string() == named);
    found.then_some(())
}

/// Makes the draft the next version and lets members in on it.
pub async fn publish(
    tx: &Tx,
    workspace: WorkspaceId,
    journey: &JourneyDto,
    actor: &str,
    now: Time,
) -> Result<i64, Problem> {
    let internal = |error: DbErr| api::ApiError::from(error).0;
    let document = Document::parse(&journey.document)?;
    check_references(tx, workspace, &document).await?;
    let last: Option<Option<i64>> = tx
        .scalar("SELECT MAX(version) FROM journey_versions WHERE journey_id = $1", vec![journey.id.0.into()])
        .await
        .map_err(internal)?;
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
        .await
        .map_err(internal)?;
    if added == 0 {
        return Err(Problem::new(Code::Conflict));
    }
    tx.run(
        "UPDATE journeys SET state = 'live', published_version = $2, updated_at = $3 WHERE id = $1",
        vec![journey.id.0.into(), version.into(), now.millis().into()],
    )
    .await
    .map_err(internal)?;
    Ok(version)
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

/// Ends every run of a journey.
pub async fn end_all(tx: &Tx, id: JourneyId, now: Time) -> Result<u64, DbErr> {
    tx.run(
        "UPDATE journey_runs SET state = 'exited', end_reason = 'journey stopped', ended_at = $2, wake_at = NULL
         WHERE journey_id = $1 AND state = 'active'",
        vec![id.0.into(), now.millis().into()],
    )
    .await
}

/// What a journey has done so far.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct JourneyReport {
    /// `jrn_…`
    #[schema(value_type = String)]
    pub id: JourneyId,
    /// `draft`, `live`, `paused` or `stopped`.
    pub state: String,
    /// The version that members enter.
    pub published_version: Option<i64>,
    /// Runs begun.
    pub entered: i64,
    /// Runs by state: active, completed, exited, held_out, failed. Their sum is `entered`.
    pub runs: BTreeMap<String, i64>,
    /// Runs whose goal was reached.
    pub goals: i64,
    /// By step: members waiting there now, and how often each thing happened there.
    pub steps: BTreeMap<String, StepReport>,
    /// Messages by state.
    pub deliveries: BTreeMap<String, i64>,
}

/// What happened at one step.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct StepReport {
    /// Members who wait there now.
    pub waiting: i64,
    /// By action (waiting, waited, branched, queued, tagged …): how often.
    pub happened: BTreeMap<String, i64>,
}

#[derive(FromQueryResult)]
struct CountRow {
    word: String,
    number: i64,
}

#[derive(FromQueryResult)]
struct StepCountRow {
    step: String,
    action: String,
    number: i64,
}

/// Counts what a journey has done, over all its versions.
pub async fn report(db: &impl Sql, journey: &JourneyDto) -> Result<JourneyReport, DbErr> {
    let id = journey.id.0;
    let runs: Vec<CountRow> = db
        .all(
            "SELECT state AS word, COUNT(*) AS number FROM journey_runs WHERE journey_id = $1 GROUP BY state",
            vec![id.into()],
        )
        .await?;
    let goals: Option<i64> = db
        .scalar("SELECT COUNT(*) FROM journey_runs WHERE journey_id = $1 AND goal_at IS NOT NULL", vec![id.into()])
        .await?;
    let counted: Vec<StepCountRow> = db
        .all(
            "SELECT step, action, CAST(SUM(happened) AS BIGINT) AS number FROM journey_counts
             WHERE journey_id = $1 AND step <> '' GROUP BY step, action",
            vec![id.into()],
        )
        .await?;
    let waiting: Vec<CountRow> = db
        .all(
            "SELECT step AS word, COUNT(*) AS number FROM journey_runs
             WHERE journey_id = $1 AND state = 'active' AND step IS NOT NULL GROUP BY step",
            vec![id.into()],
        )
        .await?;
    let deliveries: Vec<CountRow> = db
        .all(
            "SELECT state AS word, COUNT(*) AS number FROM deliveries WHERE journey_id = $1 GROUP BY state",
            vec![id.into()],
        )
        .await?;
    let mut steps: BTreeMap<String, StepReport> = BTreeMap::new();
    for row in counted {
        steps.entry(row.step).or_default().happened.insert(row.action, row.number);
    }
    for row in waiting {
        steps.entry(row.word).or_default().waiting = row.number;
    }
    Ok(JourneyReport {
        id: journey.id,
        state: journey.state.clone(),
        published_version: journey.published_version,
        entered: runs.iter().map(|row| row.number).sum(),
        runs: runs.into_iter().map(|row| (row.word, row.number)).collect(),
        goals: goals.unwrap_or(0),
        steps,
        deliveries: deliveries.into_iter().map(|row| (row.word, row.number)).collect(),
    })
}

/// One member's way through a journey, with every decision.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RunDto {
    /// `run_…`
    #[schema(value_type = String)]
    pub id: RunId,
    /// `mem_…`
    #[schema(value_type = String)]
    pub member: MemberId,
    /// The version that it began on.
    pub version: i64,
    /// Value of the correlation key, if the journey has one.
    pub key: String,
    /// `active`, `completed`, `exited`, `held_out` or `failed`.
    pub state: String,
    /// Where it is now.
    pub step: Option<String>,
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    pub entered_at: Time,
    /// When its wait is over.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub wake_at: Option<Time>,
    /// When it ended.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended_at: Option<Time>,
    /// Why it ended.
    pub end_reason: Option<String>,
    /// When the goal was reached.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub goal_at: Option<Time>,
    /// What happened, in order.
    pub trace: Vec<TraceDto>,
}

/// One line of a run's trace.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TraceDto {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Time,
    /// At which step; empty for the run as a whole.
    pub step: String,
    /// What happened.
    pub action: String,
    /// Particulars.
    #[schema(value_type = Object)]
    pub detail: Value,
}

/// A row of the table of runs.
#[derive(FromQueryResult)]
pub struct RunRow {
    /// Number behind the id.
    pub id: i64,
    member_id: i64,
    version: i64,
    entry_key: String,
    state: String,
    step: Option<String>,
    entered_at: i64,
    wake_at: Option<i64>,
    ended_at: Option<i64>,
    end_reason: Option<String>,
    goal_at: Option<i64>,
}

#[derive(FromQueryResult)]
struct TraceRow {
    run_id: i64,
    at: i64,
    step: String,
    action: String,
    detail_json: String,
}

/// Runs of a journey, newest first, perhaps of one member.
pub async fn runs(
    db: &impl Sql,
    journey: JourneyId,
    member: Option<MemberId>,
    before: i64,
    limit: u64,
) -> Result<Vec<RunDto>, DbErr> {
    let mut values = vec![journey.0.into(), before.into(), (limit as i64).into()];
    let mut only = "";
    if let Some(member) = member {
        values.push(member.0.into());
        only = "AND member_id = $4";
    }
    let rows: Vec<RunRow> = db
        .all(
            &format!(
                "SELECT id, member_id, version, entry_key, state, step, entered_at, wake_at, ended_at, end_reason, goal_at
                 FROM journey_runs WHERE journey_id = $1 AND id < $2 {only} ORDER BY id DESC LIMIT $3"
            ),
            values,
        )
        .await?;
    let keys: Vec<(i64,)> = rows.iter().map(|row| (row.id,)).collect();
    let lines: Vec<TraceRow> = db
        .all_rows(
            "SELECT t.run_id, t.at, t.step, t.action, t.detail_json
             FROM {rows} JOIN journey_trace t ON t.run_id = CAST(r.value->>0 AS BIGINT) ORDER BY t.run_id, t.seq",
            &keys,
            Vec::new(),
        )
        .await?;
    let mut traces: BTreeMap<i64, Vec<TraceDto>> = BTreeMap::new();
    for line in lines {
        traces.entry(line.run_id).or_default().push(TraceDto {
            at: Time::from_millis(line.at),
            step: line.step,
            action: line.action,
            detail: serde_json::from_str(&line.detail_json).unwrap_or_default(),
        });
    }
    Ok(rows
        .into_iter()
        .map(|row| RunDto {
            id: RunId(row.id),
            member: MemberId(row.member_id),
            version: row.version,
            key: row.entry_key,
            state: row.state,
            step: row.step,
            entered_at: Time::from_millis(row.entered_at),
            wake_at: row.wake_at.map(Time::from_millis),
            ended_at: row.ended_at.map(Time::from_millis),
            end_reason: row.end_reason,
            goal_at: row.goal_at.map(Time::from_millis),
            trace: traces.remove(&row.id).unwrap_or_default(),
        })
        .collect())
}
