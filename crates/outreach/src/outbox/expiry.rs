//! What waited too long ends as expired, also when its channel is paused or broken and nothing is claimed for it.

use std::{
    collections::{HashMap, HashSet},
    sync::atomic::Ordering,
    time::Duration,
};

use base::Time;
use store::{DbErr, FromQueryResult, Sql};

use super::{
    Outbox, answers,
    facts::{HistoryLine, write_history},
    policy::Rules,
    rows::{PARTS_AT_ONCE, wake_those_behind},
};

/// Rows that end in one transaction.
const AT_ONCE: i64 = 500;
/// Transactions of one sweep; what is left then ends in the next round.
const SLICES: usize = 10;
/// How often it is looked for them, at most.
const PAUSE: i64 = 1_000;
/// A calendar day may be longer or shorter than the one before it by this much.
const CLOCK_CHANGES: Duration = Duration::from_secs(25 * 3_600);

#[derive(FromQueryResult)]
struct WaitingRow {
    id: i64,
    workspace_id: i64,
    member_id: i64,
    queued_at: i64,
    expires_at: Option<i64>,
}

#[derive(FromQueryResult)]
struct IdRow {
    id: i64,
}

impl Outbox {
    /// Ends what has expired, in slices; returns how many.
    pub(super) async fn expire_waiting(&self, rules: &HashMap<i64, Rules>, now: Time) -> Result<usize, DbErr> {
        let swept_at = self.swept_at.load(Ordering::Relaxed);
        if (swept_at..swept_at.saturating_add(PAUSE)).contains(&now.millis()) {
            return Ok(0);
        }
        let mut expired = 0;
        for _ in 0..SLICES {
            let mut rows = self.past_their_own_time(now).await?;
            rows.extend(self.past_the_usual_time(rules, now).await?);
            let ending: Vec<(WaitingRow, &'static str)> =
                rows.into_iter().filter_map(|row| self.ends(rules, row, now)).collect();
            if ending.is_empty() {
                self.swept_at.store(now.millis(), Ordering::Relaxed);
                break;
            }
            for some in ending.chunks(AT_ONCE as usize) {
                expired += self.expire(some, now).await?;
            }
        }
        Ok(expired)
    }

    fn ends(&self, rules: &HashMap<i64, Rules>, row: WaitingRow, now: Time) -> Option<(WaitingRow, &'static str)> {
        let (queued_at, expires_at) = (Time::from_millis(row.queued_at), row.expires_at.map(Time::from_millis));
        let rules = rules.get(&row.workspace_id)?;
        let (deadline, reason) = rules.deadline(queued_at, expires_at, self.outreach.settings.stale_after);
        (now >= deadline).then_some((row, reason))
    }

    async fn past_their_own_time(&self, now: Time) -> Result<Vec<WaitingRow>, DbErr> {
        self.outreach
            .db
            .read()
            .all(
                "SELECT id, workspace_id, member_id, queued_at, expires_at FROM deliveries
                 WHERE state = 'queued' AND expires_at IS NOT NULL AND expires_at <= $1 ORDER BY expires_at LIMIT $2",
                vec![now.millis().into(), AT_ONCE.into()],
            )
            .await
    }

    /// Rows without a time of their own, by how long a message may wait in their workspace. A few more than have
    /// expired: the calendar decides about them. A part of its own for each workspace, so that each is read from the index
    /// and no further than needed, and none keeps another from ending.
    async fn past_the_usual_time(&self, rules: &HashMap<i64, Rules>, now: Time) -> Result<Vec<WaitingRow>, DbErr> {
        let stale_after = self.outreach.settings.stale_after;
        let parts: Vec<String> = rules
            .iter()
            .map(|(workspace, rules)| {
                let since = match &rules.policy.expire_after {
                    Some(period) if period.exact().is_none() => period.before(now, &rules.zone).plus(CLOCK_CHANGES),
                    Some(period) => period.before(now, &rules.zone),
                    None => now.minus(stale_after),
                };
                format!(
                    "SELECT * FROM (SELECT id, workspace_id, member_id, queued_at, expires_at FROM deliveries
                       WHERE state = 'queued' AND expires_at IS NULL AND workspace_id = {workspace}
                         AND queued_at <= {} ORDER BY queued_at LIMIT {AT_ONCE}) AS part",
                    since.millis()
                )
            })
            .collect();
        let mut found: Vec<WaitingRow> = Vec::new();
        for some in parts.chunks(PARTS_AT_ONCE) {
            let rows: Vec<WaitingRow> = self.outreach.db.read().all(&some.join(" UNION ALL "), Vec::new()).await?;
            found.extend(rows);
        }
        Ok(found)
    }

    async fn expire(&self, ending: &[(WaitingRow, &'static str)], now: Time) -> Result<usize, DbErr> {
        let rows: Vec<(i64, &str, i64)> = ending.iter().map(|(row, reason)| (row.id, *reason, now.millis())).collect();
        let tx = self.outreach.db.begin().await?;
        let ended: Vec<IdRow> = tx
            .all_rows(
                "UPDATE deliveries SET state = 'expired', reason = x.reason, ended_at = x.ended_at, waits_for = NULL
                 FROM (SELECT CAST(r.value->>0 AS BIGINT) AS id, r.value->>1 AS reason,
                              CAST(r.value->>2 AS BIGINT) AS ended_at FROM {rows}) AS x
                 WHERE deliveries.id = x.id AND deliveries.state || '' = 'queued'
                 RETURNING deliveries.id",
                &rows,
                Vec::new(),
            )
            .await?;
        let ended: HashSet<i64> = ended.into_iter().map(|row| row.id).collect();
        let gone: Vec<&(WaitingRow, &'static str)> = ending.iter().filter(|(row, _)| ended.contains(&row.id)).collect();
        let lines: Vec<HistoryLine> = gone
            .iter()
            .map(|(row, reason)| HistoryLine { delivery: row.id, state: "expired", detail: (*reason).to_owned() })
            .collect();
        write_history(&tx, &self.outreach, now, &lines).await?;
        let members: Vec<(i64, i64)> = gone.iter().map(|(row, _)| (row.member_id, now.millis())).collect();
        wake_those_behind(&tx, &members).await?;
        let unsent: Vec<i64> = ended.iter().copied().collect();
        let is_told = answers::tell_unsent(&tx, &self.outreach, &unsent, now).await?;
        tx.commit().await?;
        if is_told {
            self.outreach.emitted.notify_one();
        }
        for (_, reason) in &gone {
            metrics::counter!("hearth_deliveries_total", "state" => "expired", "reason" => *reason).increment(1);
        }
        Ok(ended.len())
    }
}
