//! Cancelling what a journey has queued, some thousands of messages at a time.

use base::{Time, ids::JourneyId};
use sea_orm::{DbErr, FromQueryResult};
use serde::{Deserialize, Serialize};
use store::{Sql, Tx};

use crate::{
    Outreach,
    outbox::{self, Waiting},
};

/// Messages that one transaction cancels.
pub(super) const MESSAGES_AT_ONCE: i64 = 2_000;

/// Which messages of a journey are to be cancelled: with the reason `step_removed` where steps are kept, else
/// `journey_stopped`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Cancelling {
    /// Messages of these steps stay; `None` cancels those of all.
    pub(super) kept_steps: Option<Vec<String>>,
    /// Messages that were queued later stay.
    pub(super) queued_until: Option<Time>,
}

#[derive(FromQueryResult)]
struct IdRow {
    id: i64,
}

impl Cancelling {
    /// Cancels the next messages. Fewer than [`MESSAGES_AT_ONCE`] when those were the last.
    pub(super) async fn slice(
        &self,
        tx: &Tx,
        outreach: &Outreach,
        journey: JourneyId,
        now: Time,
    ) -> Result<i64, DbErr> {
        let ids = self.waiting(tx, journey, MESSAGES_AT_ONCE).await?;
        if ids.is_empty() {
            return Ok(0);
        }
        let cancelled = ids.len() as i64;
        let reason = if self.kept_steps.is_some() { "step_removed" } else { "journey_stopped" };
        outbox::cancel(tx, outreach, Waiting::These(ids), reason, now).await?;
        Ok(cancelled)
    }

    /// At most `most` of the messages that are to be cancelled.
    pub(super) async fn waiting(&self, db: &impl Sql, journey: JourneyId, most: i64) -> Result<Vec<i64>, DbErr> {
        let until = self.queued_until.map_or(i64::MAX, Time::millis);
        let kept: Vec<(&str,)> = self.kept_steps.iter().flatten().map(|step| (step.as_str(),)).collect();
        let rows: Vec<IdRow> = match self.kept_steps {
            None => {
                db.all(
                    "SELECT id FROM deliveries WHERE journey_id = $1 AND state = 'queued' AND queued_at <= $2
                     ORDER BY id LIMIT $3",
                    vec![journey.0.into(), until.into(), most.into()],
                )
                .await?
            }
            Some(_) => {
                db.all_rows(
                    "SELECT id FROM deliveries WHERE journey_id = $2 AND state = 'queued' AND queued_at <= $3
                       AND step NOT IN (SELECT r.value->>0 FROM {rows})
                     ORDER BY id LIMIT $4",
                    &kept,
                    vec![journey.0.into(), until.into(), most.into()],
                )
                .await?
            }
        };
        Ok(rows.into_iter().map(|row| row.id).collect())
    }
}

/// How many messages of a journey wait to be sent.
pub(super) async fn count(db: &impl Sql, journey: JourneyId) -> Result<i64, DbErr> {
    let sql = "SELECT COUNT(*) FROM deliveries WHERE journey_id = $1 AND state = 'queued'";
    Ok(db.scalar(sql, vec![journey.0.into()]).await?.unwrap_or(0))
}
