//! Putting right what a dead process left behind, or one that lost its database for a while.

use std::{collections::HashSet, sync::atomic::Ordering, time::Duration};

use base::{Time, ids::ChannelId};
use store::{DbErr, FromQueryResult, Sql};

use super::{
    Outbox,
    facts::{HistoryLine, write_history},
    states,
};

const AT_ONCE: usize = 500;
/// After so long nobody hands a message over any more: the longest attempt takes minutes, and few wait behind it.
const LOST_AFTER: Duration = Duration::from_secs(3_600);
/// How often it is looked for such messages, in milliseconds.
const PAUSE: i64 = 60_000;

#[derive(FromQueryResult)]
struct SendingRow {
    id: i64,
    channel_id: i64,
}

#[derive(FromQueryResult)]
struct IdRow {
    id: i64,
}

impl Outbox {
    /// Rows that were `sending` when their process ended may or may not have been taken: they become
    /// `unknown` and are not sent again, unless the other side drops repetitions. Whether such a row had left is not
    /// known row by row, since that would cost a transaction for each; a process that ends in good order gives back what
    /// had not left, and one that does not has claimed few ahead ([`super::gate`]).
    pub async fn recover(&self) -> Result<u64, DbErr> {
        let outreach = &self.outreach;
        self.refresh_channels().await?;
        self.cancel_on_deleted_channels().await?;
        states::forget_breakers(outreach).await?;
        // Those that are so now, however late the clock says that they were claimed: it may have been put back. What a
        // process beside this one claims from now on is its own.
        let rows: Vec<SendingRow> = outreach
            .db
            .read()
            .all("SELECT id, channel_id FROM deliveries WHERE state = 'sending' ORDER BY id", Vec::new())
            .await?;
        let recovered = self.give_up_all(&rows).await?;
        if recovered > 0 {
            tracing::warn!(messages = recovered, "messages were under way when the last process ended");
        }
        Ok(recovered)
    }

    /// Now and then: the same for rows that are `sending` for longer than any attempt lasts. A process beside this one has
    /// died, a database server has forgotten the last outcomes that it was told, or its answer to a claim was lost.
    /// Should an outcome come after all, it is recorded.
    pub(super) async fn give_up_lost(&self, now: Time) -> Result<u64, DbErr> {
        let looked_at = self.looked_at.load(Ordering::Relaxed);
        if (looked_at..looked_at.saturating_add(PAUSE)).contains(&now.millis()) {
            return Ok(0);
        }
        self.looked_at.store(now.millis(), Ordering::Relaxed);
        let rows: Vec<SendingRow> = self
            .outreach
            .db
            .read()
            .all(
                "SELECT id, channel_id FROM deliveries WHERE state = 'sending' AND claimed_at <= $1 ORDER BY id",
                vec![now.minus(LOST_AFTER).millis().into()],
            )
            .await?;
        let lost = self.give_up_all(&rows).await?;
        if lost > 0 {
            tracing::warn!(messages = lost, "messages were under way for an hour; nobody knows what became of them");
        }
        Ok(lost)
    }

    async fn give_up_all(&self, rows: &[SendingRow]) -> Result<u64, DbErr> {
        let mut given_up = 0;
        for some in rows.chunks(AT_ONCE) {
            given_up += self.give_up(some).await?;
        }
        Ok(given_up)
    }

    async fn give_up(&self, rows: &[SendingRow]) -> Result<u64, DbErr> {
        let now = self.outreach.clock.now();
        let mut updates = Vec::new();
        for row in rows {
            let live = self.outreach.live.get(ChannelId(row.channel_id));
            let repeatable = live.and_then(|live| live.channel.ok()).is_some_and(|channel| channel.idempotent());
            let (state, reason, ended_at) = match repeatable {
                true => ("queued", None, None),
                false => ("unknown", Some("process_ended"), Some(now.millis())),
            };
            updates.push((row.id, state, reason, ended_at, now.millis()));
        }
        let tx = self.outreach.db.begin().await?;
        let changed: Vec<IdRow> = tx
            .all_rows(
                "UPDATE deliveries SET state = x.state, reason = x.reason, ended_at = x.ended_at,
                   next_attempt_at = x.next_attempt_at
                 FROM (SELECT CAST(r.value->>0 AS BIGINT) AS id, r.value->>1 AS state, r.value->>2 AS reason,
                              CAST(r.value->>3 AS BIGINT) AS ended_at, CAST(r.value->>4 AS BIGINT) AS next_attempt_at
                       FROM {rows}) AS x
                 WHERE deliveries.id = x.id AND deliveries.state = 'sending'
                 RETURNING deliveries.id",
                &updates,
                Vec::new(),
            )
            .await?;
        let changed: HashSet<i64> = changed.into_iter().map(|row| row.id).collect();
        let lines: Vec<HistoryLine> = updates
            .iter()
            .filter(|update| changed.contains(&update.0))
            .map(|(delivery, state, ..)| HistoryLine {
                delivery: *delivery,
                state,
                detail: "the process ended while the message was under way".to_owned(),
            })
            .collect();
        write_history(&tx, &self.outreach, now, &lines).await?;
        tx.commit().await?;
        Ok(changed.len() as u64)
    }
}
