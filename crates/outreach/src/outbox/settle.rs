//! Settling messages of which nobody knows whether they were taken. They are never sent again by guess: either the platform
//! reports on them, or a person has looked and says so.

use base::{Code, Problem, Time, ids::DeliveryId};
use store::{DbErr, FromQueryResult, Sql, Tx};

use super::facts::{HistoryLine, Subject, fact, kind_word, write_history};
use crate::Outreach;

const MAX_NOTE: usize = 500;

/// What a person has found out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settlement {
    /// The other side took it.
    Accepted,
    /// It was not taken. Whether it is to be sent once more.
    NotSent {
        /// It waits again, as if it had not been tried; what forbids it meanwhile still forbids it.
        send_again: bool,
    },
}

/// Why a message was not settled.
#[derive(Debug, thiserror::Error)]
pub enum SettleError {
    /// There is no such message, or its member was erased.
    #[error("there is no such message")]
    NotFound,
    /// Its outcome is known, or it has not been tried yet.
    #[error("the outcome is not unknown: the message is {state}")]
    NotUnknown {
        /// The state that it is in.
        state: String,
    },
    /// It is to be sent again and its channel is gone.
    #[error("the channel of the message was deleted")]
    ChannelDeleted,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbErr),
}

impl From<SettleError> for api::ApiError {
    fn from(error: SettleError) -> api::ApiError {
        match error {
            SettleError::NotFound => Code::NotFound.into(),
            SettleError::NotUnknown { .. } | SettleError::ChannelDeleted => {
                Problem::with(Code::WrongState, error.to_string()).into()
            }
            SettleError::Database(error) => error.into(),
        }
    }
}

#[derive(FromQueryResult)]
struct StateRow {
    state: String,
    channel_is_there: i64,
}

/// Settles a message of whatever workspace in the caller's transaction, which is the caller's to check and to audit. `by` is
/// who says so, `note` (at most 500 characters) what he wants remembered; both go into the history. The caller
/// tells `emitted` and `wake` after the commit.
pub async fn settle(
    tx: &Tx,
    outreach: &Outreach,
    delivery: DeliveryId,
    settlement: Settlement,
    by: &str,
    note: &str,
) -> Result<(), SettleError> {
    let now = outreach.clock.now();
    let subject = Subject::load(tx, delivery).await?.ok_or(SettleError::NotFound)?;
    let row: StateRow = tx
        .one(
            "SELECT d.state, CAST(CASE WHEN c.id IS NULL THEN 0 ELSE 1 END AS BIGINT) AS channel_is_there
             FROM deliveries d LEFT JOIN channels c ON c.id = d.channel_id AND c.deleted_at IS NULL WHERE d.id = $1",
            vec![delivery.0.into()],
        )
        .await?
        .ok_or(SettleError::NotFound)?;
    if row.state != "unknown" {
        return Err(SettleError::NotUnknown { state: row.state });
    }
    if settlement == (Settlement::NotSent { send_again: true }) && row.channel_is_there == 0 {
        return Err(SettleError::ChannelDeleted);
    }
    let settled = format!("settled by {by}");
    let note: String = note.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MAX_NOTE).collect();
    let detail = if note.trim().is_empty() { settled } else { format!("{settled}: {}", note.trim()) };
    let changed = match settlement {
        Settlement::Accepted => accept(tx, outreach, &subject, now, detail).await?,
        Settlement::NotSent { send_again: true } => {
            let changed = tx
                .run(
                    // Who wants it sent now does not mean the time at which it was asked for, nor the attempts until now.
                    "UPDATE deliveries SET state = 'queued', reason = NULL, ended_at = NULL, next_attempt_at = $2,
                       expires_at = COALESCE(expires_at, $3), attempts_before = attempts
                     WHERE id = $1 AND state = 'unknown'",
                    vec![
                        delivery.0.into(),
                        now.millis().into(),
                        now.plus(outreach.settings.stale_after).millis().into(),
                    ],
                )
                .await?;
            write_line(tx, outreach, &subject, now, "queued", detail).await?;
            changed > 0
        }
        Settlement::NotSent { send_again: false } => {
            let changed = tx
                .run(
                    "UPDATE deliveries SET state = 'failed', reason = 'settled_not_sent', ended_at = $2
                     WHERE id = $1 AND state = 'unknown'",
                    vec![delivery.0.into(), now.millis().into()],
                )
                .await?;
            write_line(tx, outreach, &subject, now, "failed", detail).await?;
            changed > 0
        }
    };
    match changed {
        true => Ok(()),
        false => Err(SettleError::NotUnknown { state: "settled by somebody else".to_owned() }),
    }
}

/// A platform has reported on a message, whatever it reported: so it did take it. If that was unknown, it is accepted from
/// now on, and told as a fact; the report itself is then taken over as for any other. True when that changed something.
pub async fn settle_by_receipt(tx: &Tx, outreach: &Outreach, delivery: DeliveryId) -> Result<bool, DbErr> {
    let unknown: Option<i64> =
        tx.scalar("SELECT id FROM deliveries WHERE id = $1 AND state = 'unknown'", vec![delivery.0.into()]).await?;
    if unknown.is_none() {
        return Ok(false);
    }
    let Some(subject) = Subject::load(tx, delivery).await? else { return Ok(false) };
    accept(tx, outreach, &subject, outreach.clock.now(), "settled by a report of the platform".to_owned()).await
}

async fn accept(tx: &Tx, outreach: &Outreach, subject: &Subject, now: Time, detail: String) -> Result<bool, DbErr> {
    let changed = tx
        .run(
            "UPDATE deliveries SET state = 'accepted', reason = NULL, ended_at = NULL,
               accepted_at = COALESCE(accepted_at, claimed_at, $2)
             WHERE id = $1 AND state = 'unknown'",
            vec![subject.id.into(), now.millis().into()],
        )
        .await?;
    if changed == 0 {
        return Ok(false);
    }
    write_line(tx, outreach, subject, now, "accepted", detail).await?;
    let name = format!("{} Sent", kind_word(&subject.channel_kind));
    // It left when it was claimed.
    let sent_at = subject.accepted_at.map_or(now, Time::from_millis);
    store::emitted::put(tx, &[fact(outreach, subject, name, "sent", sent_at, &[])]).await?;
    Ok(true)
}

async fn write_line(
    tx: &Tx,
    outreach: &Outreach,
    subject: &Subject,
    now: Time,
    state: &'static str,
    detail: String,
) -> Result<(), DbErr> {
    write_history(tx, outreach, now, &[HistoryLine { delivery: subject.id, state, detail }]).await
}
