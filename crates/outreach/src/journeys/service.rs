//! Journeys as they are kept: drafts, and what a document may refer to.

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

use super::{Document, StepAction};

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
    /// `draft`, `live`, `paused`, `finishing` (nobody enters, runs go on to their end) or `stopped`.
    pub state: String,
    /// Grows with every change of the draft and with every publication; who passes it back is told when somebody else
    /// was faster.
    pub revision: i64,
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
    revision: i64,
    draft_json: String,
    published_version: Option<i64>,
    created_at: i64,
    updated_at: i64,
}

const COLUMNS: &str = "id, name, state, revision, draft_json, published_version, created_at, updated_at";

impl From<JourneyRow> for JourneyDto {
    fn from(row: JourneyRow) -> Self {
        JourneyDto {
            id: JourneyId(row.id),
            name: row.name,
            state: row.state,
            revision: row.revision,
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
                    "SELECT g.id FROM {rows} JOIN groups g ON g.id = CAST(r.value->>0 AS BIGINT)
                     WHERE g.workspace_id + 0 = $2",
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

/// Most bytes of a draft.
const MAX_DRAFT_BYTES: usize = 256 * 1024;

/// Reads a draft, and refuses one that is too large to be kept and shown.
pub fn check_draft(document: &Value) -> Result<(), Problem> {
    if document.to_string().len() > MAX_DRAFT_BYTES {
        return Err(super::parse::wrong("document", format!("must have at most {MAX_DRAFT_BYTES} bytes")));
    }
    Document::parse(document).map(|_| ())
}

/// Refuses a change that was made from another revision than the present one.
pub fn check_revision(journey: &JourneyDto, expected: Option<i64>) -> Result<(), Problem> {
    match expected {
        Some(expected) if expected != journey.revision => Err(overtaken(journey)),
        _ => Ok(()),
    }
}

/// Somebody else was faster.
pub(super) fn overtaken(journey: &JourneyDto) -> Problem {
    Problem::with(Code::Conflict, format!("the journey is at revision {} by now", journey.revision))
}

/// Changes what is given of a draft. Fails with a conflict when `expected` is given and not the revision any more.
pub async fn change_draft(
    tx: &Tx,
    journey: &JourneyDto,
    expected: Option<i64>,
    name: Option<&str>,
    document: Option<&Value>,
    now: Time,
) -> Result<(), JourneyError> {
    check_revision(journey, expected)?;
    let changed = tx
        .run(
            "UPDATE journeys SET name = COALESCE($2, name), draft_json = COALESCE($3, draft_json), updated_at = $4,
               revision = revision + 1
             WHERE id = $1 AND deleted_at IS NULL AND (CAST($5 AS BIGINT) IS NULL OR revision = $5)",
            vec![
                journey.id.0.into(),
                name.map(str::to_owned).into(),
                document.map(Value::to_string).into(),
                now.millis().into(),
                expected.into(),
            ],
        )
        .await?;
    if changed == 0 {
        return Err(Problem::new(Code::Conflict).into());
    }
    Ok(())
}

/// Deletes a journey; the runs that it had stay for the record.
pub async fn delete(tx: &Tx, id: JourneyId, now: Time) -> Result<(), DbErr> {
    tx.run(
        "UPDATE journeys SET state = 'deleted', updated_at = $2, deleted_at = $2 WHERE id = $1",
        vec![id.0.into(), now.millis().into()],
    )
    .await?;
    Ok(())
}
