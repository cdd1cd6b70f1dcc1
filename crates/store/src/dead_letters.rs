//! Records that were refused at the door or that the pipeline could not process: kept with the
//! reason, so that nothing is lost without a trace and everything can be put right and replayed.

use base::{
    Code, IdSource, Time,
    ids::{DeadLetterId, WorkspaceId},
};
use sea_orm::{DbErr, FromQueryResult};

use crate::{Sql, Tx};

/// How much of a payload is kept, in bytes.
pub const PAYLOAD_BYTES: usize = 64 * 1024;
const MESSAGE_BYTES: usize = 2_000;

/// A record to keep.
#[derive(Clone, Debug)]
pub struct DeadLetter {
    /// Whose data it is.
    pub workspace: WorkspaceId,
    /// Who sent it, as an event's `source` says it.
    pub source: String,
    /// Why it was refused.
    pub code: Code,
    /// Why, in one sentence.
    pub message: String,
    /// The record. Characters that cannot be stored are escaped, and what is longer than
    /// [`PAYLOAD_BYTES`] is cut.
    pub payload: String,
}

/// A kept record.
#[derive(Clone, Debug, FromQueryResult)]
pub struct DeadLetterRow {
    /// Number behind the `ded_…` id.
    pub id: i64,
    /// Whose data it is.
    pub workspace_id: i64,
    /// Who sent it.
    pub source: String,
    /// The stable code of the reason.
    pub code: String,
    /// The reason, in one sentence.
    pub message: String,
    /// The record.
    pub payload: String,
    /// When it arrived, in milliseconds.
    pub received_at: i64,
    /// When it was replayed, in milliseconds.
    pub replayed_at: Option<i64>,
}

const COLUMNS: &str = "id, workspace_id, source, code, message, payload, received_at, replayed_at";

/// Keeps records in the caller's transaction, in one statement.
pub async fn bury(tx: &Tx, ids: &IdSource, now: Time, letters: Vec<DeadLetter>) -> Result<(), DbErr> {
    let rows: Vec<(i64, i64, String, &str, String, String, i64)> = letters
        .into_iter()
        .map(|letter| {
            (
                ids.next_number(),
                letter.workspace.0,
                storable(letter.source, MESSAGE_BYTES),
                letter.code.as_str(),
                storable(letter.message, MESSAGE_BYTES),
                storable(letter.payload, PAYLOAD_BYTES),
                now.millis(),
            )
        })
        .collect();
    tx.run_rows(
        "INSERT INTO dead_letters (id, workspace_id, source, code, message, payload, received_at)
         SELECT CAST(r.value->>0 AS BIGINT), CAST(r.value->>1 AS BIGINT), r.value->>2, r.value->>3, r.value->>4,
                r.value->>5, CAST(r.value->>6 AS BIGINT)
         FROM {rows}",
        &rows,
    )
    .await?;
    Ok(())
}

/// Kept records of a workspace, newest first, those before `before`; only those with `code` if given.
pub async fn list(
    db: &impl Sql,
    workspace: WorkspaceId,
    code: Option<&str>,
    before: i64,
    limit: u64,
) -> Result<Vec<DeadLetterRow>, DbErr> {
    db.all(
        &format!(
            "SELECT {COLUMNS} FROM dead_letters
             WHERE workspace_id = $1 AND id < $2 AND (CAST($3 AS TEXT) IS NULL OR code = CAST($3 AS TEXT))
             ORDER BY id DESC LIMIT $4"
        ),
        vec![workspace.0.into(), before.into(), code.map(str::to_owned).into(), (limit as i64).into()],
    )
    .await
}

/// One kept record.
pub async fn get(db: &impl Sql, workspace: WorkspaceId, id: DeadLetterId) -> Result<Option<DeadLetterRow>, DbErr> {
    db.one(
        &format!("SELECT {COLUMNS} FROM dead_letters WHERE workspace_id = $1 AND id = $2"),
        vec![workspace.0.into(), id.0.into()],
    )
    .await
}

/// Those of `ids` that exist, oldest first.
pub async fn get_many(
    db: &impl Sql,
    workspace: WorkspaceId,
    ids: &[DeadLetterId],
) -> Result<Vec<DeadLetterRow>, DbErr> {
    let numbers: Vec<(i64,)> = ids.iter().map(|id| (id.0,)).collect();
    db.all_rows(
        &format!(
            "SELECT {COLUMNS} FROM dead_letters
             WHERE workspace_id = $2 AND id IN (SELECT CAST(r.value->>0 AS BIGINT) FROM {{rows}}) ORDER BY id"
        ),
        &numbers,
        vec![workspace.0.into()],
    )
    .await
}

/// Records with this code that have not been replayed, oldest first, those after `after`.
pub async fn waiting(
    db: &impl Sql,
    workspace: WorkspaceId,
    code: &str,
    after: i64,
    limit: u64,
) -> Result<Vec<DeadLetterRow>, DbErr> {
    db.all(
        &format!(
            "SELECT {COLUMNS} FROM dead_letters
             WHERE workspace_id = $1 AND code = $2 AND id > $3 AND replayed_at IS NULL ORDER BY id LIMIT $4"
        ),
        vec![workspace.0.into(), code.into(), after.into(), (limit as i64).into()],
    )
    .await
}

/// How many records wait to be put right, counted up to a number.
pub async fn count_waiting(db: &impl Sql, workspace: WorkspaceId, most: i64) -> Result<i64, DbErr> {
    let count: Option<i64> = db
        .scalar(
            "SELECT COUNT(*) FROM (
               SELECT id FROM dead_letters WHERE workspace_id = $1 AND replayed_at IS NULL LIMIT $2) AS w",
            vec![workspace.0.into(), most.into()],
        )
        .await?;
    Ok(count.unwrap_or_default())
}

/// How many records wait, by the code of the reason.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct WaitingOfCode {
    /// The stable code.
    pub code: String,
    /// How many.
    pub number: i64,
}

/// How many records wait to be put right, by the code of the reason. Reads their index alone.
pub async fn waiting_by_code(db: &impl Sql, workspace: WorkspaceId) -> Result<Vec<WaitingOfCode>, DbErr> {
    db.all(
        "SELECT code, COUNT(*) AS number FROM dead_letters
         WHERE workspace_id = $1 AND replayed_at IS NULL GROUP BY code ORDER BY code",
        vec![workspace.0.into()],
    )
    .await
}

/// Notes that records were replayed.
pub async fn mark_replayed(tx: &Tx, workspace: WorkspaceId, ids: &[DeadLetterId], now: Time) -> Result<(), DbErr> {
    let rows: Vec<(i64, i64, i64)> = ids.iter().map(|id| (id.0, workspace.0, now.millis())).collect();
    tx.run_rows(
        "UPDATE dead_letters SET replayed_at = CAST(r.value->>2 AS BIGINT)
         FROM {rows}
         WHERE dead_letters.id = CAST(r.value->>0 AS BIGINT) AND workspace_id = CAST(r.value->>1 AS BIGINT)
           AND replayed_at IS NULL",
        &rows,
    )
    .await?;
    Ok(())
}

/// Removes one record; false when there is none.
pub async fn delete(tx: &Tx, workspace: WorkspaceId, id: DeadLetterId) -> Result<bool, DbErr> {
    let removed = tx
        .run("DELETE FROM dead_letters WHERE workspace_id = $1 AND id = $2", vec![workspace.0.into(), id.0.into()])
        .await?;
    Ok(removed > 0)
}

/// Removes the records of all workspaces that arrived before `moment`; returns how many.
pub async fn expire(tx: &Tx, moment: Time) -> Result<u64, DbErr> {
    tx.run("DELETE FROM dead_letters WHERE received_at < $1", vec![moment.millis().into()]).await
}

/// A text may hold no NUL in PostgreSQL; it is written as JSON would escape it.
fn storable(text: String, limit: usize) -> String {
    let mut text = if text.contains('\0') { text.replace('\0', "\\u0000") } else { text };
    let mut end = limit.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.truncate(end);
    text
}
