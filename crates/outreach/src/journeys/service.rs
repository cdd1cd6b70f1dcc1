//! Journeys as they are kept: drafts, however unfinished.

use base::{
    Code, Problem, Time,
    ids::{JourneyId, WorkspaceId},
};
use sea_orm::{DbErr, FromQueryResult};
use serde::Serialize;
use serde_json::Value;
use store::{Sql, Tx};
use utoipa::ToSchema;

use super::{
    checking::JourneyProblem,
    parse::{tidy_layout, wrong},
};

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
    /// What keeps the draft from being published, and what may be wrong with it; when one journey is asked for, made or
    /// changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problems: Option<Vec<JourneyProblem>>,
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
            problems: None,
        }
    }
}

/// Which journeys are asked for.
#[derive(Debug, Default)]
pub struct Wanted<'a> {
    /// Those in one of these states; in any when empty.
    pub states: Vec<&'a str>,
    /// Those whose names have this in them, in whatever case.
    pub search: Option<&'a str>,
}

/// Journeys of a workspace, newest first.
pub async fn list(
    db: &impl Sql,
    workspace: WorkspaceId,
    wanted: &Wanted<'_>,
    before: i64,
    limit: u64,
) -> Result<Vec<JourneyRow>, DbErr> {
    let mut values: Vec<store::Value> = vec![workspace.0.into(), before.into(), (limit as i64).into()];
    let mut only = String::new();
    if !wanted.states.is_empty() {
        let places: Vec<String> = wanted
            .states
            .iter()
            .map(|state| {
                values.push((*state).into());
                format!("${}", values.len())
            })
            .collect();
        only = format!(" AND state IN ({})", places.join(", "));
    }
    if let Some(search) = wanted.search {
        values.push(crate::search::pattern(search).into());
        only += &format!(" AND LOWER(name) LIKE ${} ESCAPE '!'", values.len());
    }
    let sql = format!(
        "SELECT {COLUMNS} FROM journeys WHERE workspace_id = $1 AND id < $2 AND deleted_at IS NULL{only}
         ORDER BY id DESC LIMIT $3"
    );
    db.all(&sql, values).await
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

/// Most bytes of a draft.
const MAX_DRAFT_BYTES: usize = 256 * 1024;

/// A draft as it is kept, however unfinished. Refuses what is no document at all, or too large to be kept and shown.
pub fn draft(document: &Value) -> Result<Value, Problem> {
    if !document.is_object() {
        return Err(wrong("document", "must be an object"));
    }
    for field in ["entry", "steps", "layout"] {
        if document.get(field).is_some_and(|value| !value.is_object() && !value.is_null()) {
            return Err(wrong(format!("document.{field}"), "must be an object"));
        }
    }
    check_size(document)?;
    let mut draft = document.clone();
    tidy_layout(&mut draft);
    Ok(draft)
}

/// Refuses a document that is larger than a draft may be.
pub fn check_size(document: &Value) -> Result<(), Problem> {
    match document.to_string().len() > MAX_DRAFT_BYTES {
        true => Err(wrong("document", format!("must have at most {MAX_DRAFT_BYTES} bytes"))),
        false => Ok(()),
    }
}

/// Keeps a new draft.
pub async fn insert(
    tx: &Tx,
    (workspace, id): (WorkspaceId, JourneyId),
    name: &str,
    draft: &Value,
    by: &str,
    now: Time,
) -> Result<(), DbErr> {
    tx.run(
        "INSERT INTO journeys (id, workspace_id, name, state, draft_json, created_by, created_at, updated_at)
         VALUES ($1, $2, $3, 'draft', $4, $5, $6, $6)",
        vec![id.0.into(), workspace.0.into(), name.into(), draft.to_string().into(), by.into(), now.millis().into()],
    )
    .await?;
    Ok(())
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
