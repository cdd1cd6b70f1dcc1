//! Cancelling what still waits.

use base::Time;
use store::{DbErr, FromQueryResult, Sql, Tx};

use super::facts::{HistoryLine, write_history};
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

/// Ends messages that are queued, with the reason in their history.
pub(crate) async fn cancel(
    tx: &Tx,
    outreach: &Outreach,
    which: Waiting,
    reason: &'static str,
    now: Time,
) -> Result<(), DbErr> {
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
                 WHERE state = 'queued' AND {condition} RETURNING id"
            ),
            vec![reason.into(), now.millis().into()],
        )
        .await?;
    let lines: Vec<HistoryLine> = cancelled
        .iter()
        .map(|row| HistoryLine { delivery: row.id, state: "cancelled", detail: reason.to_owned() })
        .collect();
    write_history(tx, outreach, now, &lines).await?;
    metrics::counter!("hearth_deliveries_total", "state" => "cancelled", "reason" => reason)
        .increment(lines.len() as u64);
    Ok(())
}
