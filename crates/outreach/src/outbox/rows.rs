//! The rows of the queue: reading them in their order, and giving them their next state, many at a time.
//!
//! Each statement asks anew whether a row is still queued. The empty text behind the state keeps PostgreSQL from reading the
//! whole queue, by the index that holds just that, instead of looking the rows up by their ids.

use std::collections::HashSet;

use store::{DbErr, FromQueryResult, Sql, Tx};

/// Parts of queues that are asked for in one query.
pub(super) const PARTS_AT_ONCE: usize = 100;

/// A row with its refusal, and when.
pub(super) type RefusedRow = (i64, &'static str, &'static str, i64);

/// A row that is put off: until when, what it waits for, the reason that it shows meanwhile.
pub(super) type DeferredRow = (i64, i64, &'static str, &'static str);

#[derive(FromQueryResult)]
struct IdRow {
    id: i64,
}

/// Whose queue is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum By {
    /// That of a channel.
    Channel,
    /// What a journey asked for.
    Journey,
}

impl By {
    fn column(self) -> &'static str {
        match self {
            By::Channel => "channel_id",
            By::Journey => "journey_id",
        }
    }
}

/// One priority of one queue.
#[derive(Clone, Copy, Debug)]
pub(super) struct Level {
    by: By,
    /// The channel, or the journey.
    pub queue: i64,
    pub priority: i64,
}

#[derive(FromQueryResult)]
struct LevelRow {
    queue: i64,
    priority: i64,
}

impl Level {
    /// Its rows, among `deliveries d`.
    pub(super) fn condition(&self) -> String {
        format!("d.state = 'queued' AND d.{} = {} AND d.priority = {}", self.by.column(), self.queue, self.priority)
    }

    /// The query for its first rows. A part of its own for each, so that each is read from the index and no further than
    /// needed.
    pub(super) fn part(&self, columns: &str, condition: &str, order: &str, limit: usize) -> String {
        format!(
            "SELECT * FROM (SELECT {columns} FROM deliveries d LEFT JOIN journeys j ON j.id = d.journey_id
               WHERE {}{condition} ORDER BY {order} LIMIT {limit}) AS part",
            self.condition(),
        )
    }
}

/// The priorities at which anything is queued for these channels or journeys, the highest first. Each is found by one step
/// in the index, however long the queue is.
pub(super) async fn levels(db: &impl Sql, by: By, queues: &[i64]) -> Result<Vec<Level>, DbErr> {
    let rows: Vec<(i64,)> = queues.iter().map(|queue| (*queue,)).collect();
    let column = by.column();
    let found: Vec<LevelRow> = db
        .all_rows(
            &format!(
                "WITH RECURSIVE level (queue, priority) AS (
                   SELECT CAST(r.value->>0 AS BIGINT),
                          (SELECT d.priority FROM deliveries d
                           WHERE d.state = 'queued' AND d.{column} = CAST(r.value->>0 AS BIGINT)
                           ORDER BY d.priority DESC LIMIT 1)
                   FROM {{rows}}
                   UNION ALL
                   SELECT l.queue,
                          (SELECT d.priority FROM deliveries d
                           WHERE d.state = 'queued' AND d.{column} = l.queue AND d.priority < l.priority
                           ORDER BY d.priority DESC LIMIT 1)
                   FROM level l WHERE l.priority IS NOT NULL)
                 SELECT queue, priority FROM level WHERE priority IS NOT NULL ORDER BY queue, priority DESC"
            ),
            &rows,
            Vec::new(),
        )
        .await?;
    Ok(found.into_iter().map(|row| Level { by, queue: row.queue, priority: row.priority }).collect())
}

/// The rows that were still queued and are `sending` now. They are looked up by their ids: the empty text keeps
/// PostgreSQL from reading the whole queue instead, by the index that holds just that.
pub(super) async fn move_to_sending(tx: &Tx, rows: &[(i64, i64)]) -> Result<HashSet<i64>, DbErr> {
    let moved: Vec<IdRow> = tx
        .all_rows(
            "UPDATE deliveries SET state = 'sending', attempts = attempts + 1, claimed_at = x.claimed_at,
               reason = NULL, waits_for = NULL
             FROM (SELECT CAST(r.value->>0 AS BIGINT) AS id, CAST(r.value->>1 AS BIGINT) AS claimed_at FROM {rows}) AS x
             WHERE deliveries.id = x.id AND deliveries.state || '' = 'queued' AND deliveries.next_attempt_at <= x.claimed_at
             RETURNING deliveries.id",
            rows,
            Vec::new(),
        )
        .await?;
    Ok(moved.into_iter().map(|row| row.id).collect())
}

/// The rows that were still queued and have ended now.
pub(super) async fn refuse(tx: &Tx, rows: &[RefusedRow]) -> Result<HashSet<i64>, DbErr> {
    let refused: Vec<IdRow> = tx
        .all_rows(
            "UPDATE deliveries SET state = x.state, reason = x.reason, ended_at = x.ended_at, waits_for = NULL
             FROM (SELECT CAST(r.value->>0 AS BIGINT) AS id, r.value->>1 AS state, r.value->>2 AS reason,
                          CAST(r.value->>3 AS BIGINT) AS ended_at FROM {rows}) AS x
             WHERE deliveries.id = x.id AND deliveries.state || '' = 'queued'
             RETURNING deliveries.id",
            rows,
            Vec::new(),
        )
        .await?;
    Ok(refused.into_iter().map(|row| row.id).collect())
}

/// The rows that are still queued and due.
pub(super) async fn still_queued(tx: &Tx, rows: &[(i64, i64)]) -> Result<HashSet<i64>, DbErr> {
    let queued: Vec<IdRow> = tx
        .all_rows(
            "SELECT d.id FROM {rows} JOIN deliveries d ON d.id = CAST(r.value->>0 AS BIGINT)
             WHERE d.state || '' = 'queued' AND d.next_attempt_at <= CAST(r.value->>1 AS BIGINT)",
            rows,
            Vec::new(),
        )
        .await?;
    Ok(queued.into_iter().map(|row| row.id).collect())
}

/// The rows that were still queued and wait for another time now.
pub(super) async fn defer(tx: &Tx, rows: &[DeferredRow]) -> Result<HashSet<i64>, DbErr> {
    let deferred: Vec<IdRow> = tx
        .all_rows(
            "UPDATE deliveries SET next_attempt_at = x.next_attempt_at, waits_for = x.waits_for, reason = x.reason
             FROM (SELECT CAST(r.value->>0 AS BIGINT) AS id, CAST(r.value->>1 AS BIGINT) AS next_attempt_at,
                          r.value->>2 AS waits_for, r.value->>3 AS reason FROM {rows}) AS x
             WHERE deliveries.id = x.id AND deliveries.state || '' = 'queued'
             RETURNING deliveries.id",
            rows,
            Vec::new(),
        )
        .await?;
    Ok(deferred.into_iter().map(|row| row.id).collect())
}

/// Lets those be looked at again that keep places free for messages of these members (and when), since one of these has
/// ended.
pub(super) async fn wake_those_behind(tx: &Tx, members: &[(i64, i64)]) -> Result<(), DbErr> {
    tx.run_rows(
        "UPDATE deliveries SET next_attempt_at = x.now
         FROM (SELECT w.member_id, MAX(w.now) AS now FROM
                 (SELECT m.id AS member_id, CAST(r.value->>1 AS BIGINT) AS now
                  FROM {rows} JOIN members m ON m.id = CAST(r.value->>0 AS BIGINT)
                  UNION ALL
                  SELECT o.id, CAST(r.value->>1 AS BIGINT)
                  FROM {rows} JOIN members m ON m.id = CAST(r.value->>0 AS BIGINT)
                  JOIN members o ON o.merged_into = COALESCE(m.merged_into, m.id)
                  UNION ALL
                  SELECT m.merged_into, CAST(r.value->>1 AS BIGINT)
                  FROM {rows} JOIN members m ON m.id = CAST(r.value->>0 AS BIGINT)
                  WHERE m.merged_into IS NOT NULL) AS w
               GROUP BY w.member_id) AS x
         WHERE deliveries.member_id = x.member_id AND deliveries.state = 'queued'
           AND deliveries.waits_for = 'higher_priority' AND deliveries.next_attempt_at > x.now",
        members,
    )
    .await?;
    Ok(())
}
