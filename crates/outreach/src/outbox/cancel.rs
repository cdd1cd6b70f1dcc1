//! Cancelling what still waits.

use base::{Time, ids::ChannelId};
use store::{DbErr, FromQueryResult, Sql, Tx};

use super::{
    answers,
    facts::{HistoryLine, write_history},
};
use crate::Outreach;

/// Which messages are to be cancelled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Waiting {
    /// These.
    These(Vec<i64>),
    /// Those for channels that were deleted.
    OnDeletedChannels,
}

#[derive(FromQueryResult)]
struct IdRow {
    id: i64,
}

/// Messages that are cancelled in one statement.
const AT_ONCE: i64 = 1_000;

/// Ends all messages that are queued, with the reason in their history, in the caller's transaction. Where there may be very
/// many, [`cancel_some`] in transactions of its own keeps nobody else waiting.
pub(crate) async fn cancel(
    tx: &Tx,
    outreach: &Outreach,
    which: Waiting,
    reason: &'static str,
    now: Time,
) -> Result<(), DbErr> {
    while cancel_some(tx, outreach, &which, reason, now).await? {}
    Ok(())
}

/// Ends some of the messages that are queued; true when there may be more.
pub(crate) async fn cancel_some(
    tx: &Tx,
    outreach: &Outreach,
    which: &Waiting,
    reason: &'static str,
    now: Time,
) -> Result<bool, DbErr> {
    let condition = match which {
        Waiting::These(ids) => {
            let ids: Vec<String> = ids.iter().map(i64::to_string).collect();
            format!("id IN ({})", ids.join(", "))
        }
        Waiting::OnDeletedChannels => "channel_id IN (SELECT id FROM channels WHERE deleted_at IS NOT NULL)".to_owned(),
    };
    let cancelled: Vec<IdRow> = tx
        .all(
            &format!(
                "UPDATE deliveries SET state = 'cancelled', reason = $1, ended_at = $2
                 WHERE id IN (SELECT id FROM deliveries WHERE state = 'queued' AND {condition} LIMIT $3)
                   AND state = 'queued'
                 RETURNING id"
            ),
            vec![reason.into(), now.millis().into(), AT_ONCE.into()],
        )
        .await?;
    let lines: Vec<HistoryLine> = cancelled
        .iter()
        .map(|row| HistoryLine { delivery: row.id, state: "cancelled", detail: reason.to_owned() })
        .collect();
    write_history(tx, outreach, now, &lines).await?;
    if *which == Waiting::OnDeletedChannels {
        // Of other messages, whoever asked for them is done with them.
        let unsent: Vec<i64> = cancelled.iter().map(|row| row.id).collect();
        answers::tell_unsent(tx, outreach, &unsent, now).await?;
    }
    metrics::counter!("hearth_deliveries_total", "state" => "cancelled", "reason" => reason)
        .increment(lines.len() as u64);
    Ok(lines.len() as i64 == AT_ONCE)
}

/// How many messages of a channel wait, and how many are under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromQueryResult)]
pub(crate) struct WaitingCount {
    /// They are cancelled with the channel.
    pub queued: i64,
    /// They are being sent.
    pub sending: i64,
}

/// Counts what still goes through a channel.
pub(crate) async fn count_waiting(db: &impl Sql, channel: ChannelId) -> Result<WaitingCount, DbErr> {
    let counted = db
        .one(
            "SELECT (SELECT COUNT(*) FROM deliveries WHERE channel_id = $1 AND state = 'queued') AS queued,
                    (SELECT COUNT(*) FROM deliveries WHERE channel_id = $1 AND state = 'sending') AS sending",
            vec![channel.0.into()],
        )
        .await?;
    Ok(counted.unwrap_or(WaitingCount { queued: 0, sending: 0 }))
}
