//! Putting right what a dead process left behind.

use base::ids::ChannelId;
use store::{DbErr, FromQueryResult, Sql};

use super::{
    Outbox,
    facts::{HistoryLine, write_history},
    states,
};

const AT_ONCE: i64 = 500;

#[derive(FromQueryResult)]
struct SendingRow {
    id: i64,
    channel_id: i64,
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
        let until = outreach.clock.now();
        let mut recovered = 0;
        loop {
            let rows: Vec<SendingRow> = outreach
                .db
                .read()
                .all(
                    "SELECT id, channel_id FROM deliveries WHERE state = 'sending' AND claimed_at <= $1 ORDER BY id LIMIT $2",
                    vec![until.millis().into(), AT_ONCE.into()],
                )
                .await?;
            if rows.is_empty() {
                break;
            }
            recovered += self.give_up(&rows).await?;
        }
        if recovered > 0 {
            tracing::warn!(messages = recovered, "messages were under way when the last process ended");
        }
        Ok(recovered)
    }

    async fn give_up(&self, rows: &[SendingRow]) -> Result<u64, DbErr> {
        let now = self.outreach.clock.now();
        let mut updates = Vec::new();
        let mut lines: Vec<HistoryLine> = Vec::new();
        for row in rows {
            let live = self.outreach.live.get(ChannelId(row.channel_id));
            let repeatable = live.and_then(|live| live.channel.ok()).is_some_and(|channel| channel.idempotent());
            let (state, reason, ended_at) = match repeatable {
                true => ("queued", None, None),
                false => ("unknown", Some("process_ended"), Some(now.millis())),
            };
            updates.push((row.id, state, reason, ended_at, now.millis()));
            let detail = "the process ended while the message was under way".to_owned();
            lines.push(HistoryLine { delivery: row.id, state, detail });
        }
        let tx = self.outreach.db.begin().await?;
        let changed = tx
            .run_rows(
                "UPDATE deliveries SET state = x.state, reason = x.reason, ended_at = x.ended_at,
                   next_attempt_at = x.next_attempt_at
                 FROM (SELECT CAST(r.value->>0 AS BIGINT) AS id, r.value->>1 AS state, r.value->>2 AS reason,
                              CAST(r.value->>3 AS BIGINT) AS ended_at, CAST(r.value->>4 AS BIGINT) AS next_attempt_at
                       FROM {rows}) AS x
                 WHERE deliveries.id = x.id AND deliveries.state = 'sending'",
                &updates,
            )
            .await?;
        write_history(&tx, &self.outreach, now, &lines).await?;
        tx.commit().await?;
        Ok(changed)
    }
}
