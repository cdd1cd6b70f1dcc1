//! How long the queues are. The database keeps count (`outbox_counts`, migration 22), so no queue is read for it, however
//! long: what is counted here is what became due within the last ten seconds.

use std::{collections::HashMap, sync::atomic::Ordering};

use base::Time;
use sea_orm::{ConnectionTrait, DbBackend};
use store::{DbErr, FromQueryResult, Sql};

use super::{
    Outbox,
    rows::{By, PARTS_AT_ONCE, levels},
};

/// Milliseconds of one part of the time in which messages are due; so the triggers of the ledger divide it.
pub(crate) const PART: i64 = 10_000;
/// How often the counts are added up at most, in milliseconds.
const PAUSE: i64 = 10_000;

/// How much waits for a channel.
#[derive(Clone, Debug, Default)]
pub(crate) struct Length {
    /// All that is queued.
    pub queued: i64,
    /// Of these: what could go at that moment.
    pub due: i64,
    /// Of these: how much waits for what; what merely waits its turn or for another attempt is not among it.
    pub waits_for: Vec<(String, i64)>,
    /// Under way.
    pub sending: i64,
    /// When the oldest of the queued was asked for.
    pub oldest: Option<Time>,
}

#[derive(FromQueryResult)]
struct CountRow {
    channel_id: i64,
    waits_for: String,
    number: i64,
    due: i64,
}

#[derive(FromQueryResult)]
struct NumberRow {
    channel_id: i64,
    number: i64,
}

#[derive(FromQueryResult)]
struct OldestRow {
    channel_id: i64,
    queued_at: Option<i64>,
}

/// How much waits for each of these channels at a moment. All of it is asked of `db` at several times, so let that be a
/// snapshot.
pub(crate) async fn lengths(db: &impl Sql, channels: &[i64], now: Time) -> Result<HashMap<i64, Length>, DbErr> {
    let keys: Vec<(i64,)> = channels.iter().map(|id| (*id,)).collect();
    let mut lengths: HashMap<i64, Length> = HashMap::new();
    let counted: Vec<CountRow> = db
        .all_rows(
            "SELECT c.channel_id, c.waits_for, CAST(SUM(c.number) AS BIGINT) AS number,
               CAST(SUM(CASE WHEN c.due_part <= $2 THEN c.number ELSE 0 END) AS BIGINT) AS due
             FROM (SELECT o.channel_id, o.waits_for, o.due_part, o.number
                   FROM {rows} JOIN outbox_counts o ON o.channel_id = CAST(r.value->>0 AS BIGINT)
                   UNION ALL
                   SELECT o.channel_id, o.waits_for, o.due_part, o.number
                   FROM {rows} JOIN outbox_changes o ON o.channel_id = CAST(r.value->>0 AS BIGINT)) AS c
             GROUP BY c.channel_id, c.waits_for",
            &keys,
            vec![(now.millis() / PART).into()],
        )
        .await?;
    for row in counted.into_iter().filter(|row| row.number != 0) {
        let length = lengths.entry(row.channel_id).or_default();
        length.queued += row.number;
        length.due += row.due;
        if !row.waits_for.is_empty() {
            length.waits_for.push((row.waits_for, row.number));
        }
    }
    for row in just_due(db, channels, now).await? {
        lengths.entry(row.channel_id).or_default().due += row.number;
    }
    let oldest: Vec<OldestRow> = db
        .all_rows(
            "SELECT CAST(r.value->>0 AS BIGINT) AS channel_id,
               (SELECT d.queued_at FROM deliveries d
                WHERE d.state = 'queued' AND d.channel_id = CAST(r.value->>0 AS BIGINT)
                ORDER BY d.queued_at LIMIT 1) AS queued_at
             FROM {rows}",
            &keys,
            Vec::new(),
        )
        .await?;
    for row in oldest {
        lengths.entry(row.channel_id).or_default().oldest = row.queued_at.map(Time::from_millis);
    }
    let sending: Vec<NumberRow> = db
        .all(
            "SELECT channel_id, COUNT(*) AS number FROM deliveries WHERE state = 'sending' GROUP BY channel_id",
            vec![],
        )
        .await?;
    for row in sending {
        if let Some(length) = lengths.get_mut(&row.channel_id) {
            length.sending = row.number;
        }
    }
    Ok(lengths)
}

/// What became due within the part of time that is not over yet.
async fn just_due(db: &impl Sql, channels: &[i64], now: Time) -> Result<Vec<NumberRow>, DbErr> {
    let since = now.millis() / PART * PART;
    let mut found: Vec<NumberRow> = Vec::new();
    for some in levels(db, By::Channel, channels).await?.chunks(PARTS_AT_ONCE) {
        let parts: Vec<String> = some
            .iter()
            .map(|level| {
                format!(
                    "SELECT CAST({} AS BIGINT) AS channel_id, COUNT(*) AS number FROM deliveries d
                     WHERE {} AND d.next_attempt_at > {since} AND d.next_attempt_at <= {}",
                    level.queue,
                    level.condition(),
                    now.millis()
                )
            })
            .collect();
        let rows: Vec<NumberRow> = db.all(&parts.join(" UNION ALL "), Vec::new()).await?;
        found.extend(rows);
    }
    Ok(found)
}

impl Outbox {
    /// Now and then: adds up what transactions beside each other have counted, and takes out what has come to nothing. That
    /// changes no sum.
    pub(super) async fn tidy_counts(&self, now: Time) -> Result<(), DbErr> {
        let tidied_at = self.tidied_at.load(Ordering::Relaxed);
        if (tidied_at..tidied_at.saturating_add(PAUSE)).contains(&now.millis()) {
            return Ok(());
        }
        self.tidied_at.store(now.millis(), Ordering::Relaxed);
        let db = &self.outreach.db;
        let anything: Option<i64> = db
            .read()
            .scalar(
                "SELECT o.channel_id FROM (SELECT channel_id FROM outbox_changes UNION ALL
                   SELECT channel_id FROM outbox_counts WHERE number = 0) AS o LIMIT 1",
                Vec::new(),
            )
            .await?;
        if anything.is_none() {
            return Ok(());
        }
        let tx = db.begin_replayable().await?;
        if db.backend() == DbBackend::Postgres {
            // Two outboxes take turns; whoever reads does not wait.
            tx.execute_unprepared("LOCK TABLE outbox_counts IN EXCLUSIVE MODE").await?;
            tx.run(
                "WITH taken AS (DELETE FROM outbox_changes RETURNING channel_id, waits_for, due_part, number)
                 INSERT INTO outbox_counts (channel_id, waits_for, due_part, number)
                 SELECT channel_id, waits_for, due_part, CAST(SUM(number) AS BIGINT) FROM taken
                 GROUP BY channel_id, waits_for, due_part HAVING SUM(number) <> 0
                 ON CONFLICT (channel_id, waits_for, due_part)
                   DO UPDATE SET number = outbox_counts.number + EXCLUDED.number",
                Vec::new(),
            )
            .await?;
        }
        tx.run("DELETE FROM outbox_counts WHERE number = 0", Vec::new()).await?;
        tx.commit().await
    }
}
