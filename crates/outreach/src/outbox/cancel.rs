//! Cancelling what still waits.

use base::{Time, ids::JourneyId};
use store::{DbErr, FromQueryResult, Sql, Tx};

use super::facts::{HistoryLine, write_history};
use crate::Outreach;

/// Which messages are to be cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Waiting {
    /// Those that a journey asked for.
    OfJourney(JourneyId),
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
    let mut values = vec![reason.into(), now.millis().into()];
    let condition = match which {
        Waiting::OfJourney(journey) => {
            values.push(journey.0.into());
            "journey_id = $3"
        }
        Waiting::OnDeletedChannels => "channel_id IN (SELECT id FROM channels WHERE deleted_at IS NOT NULL)",
    };
    let cancelled: Vec<IdRow> = tx
        .all(
            &format!(
                "UPDATE deliveries SET state = 'cancelled', reason = $1, ended_at = $2
                 WHERE state = 'queued' AND {condition} RETURNING id"
            ),
            values,
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
