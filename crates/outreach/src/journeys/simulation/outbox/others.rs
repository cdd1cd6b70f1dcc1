//! What others really queued and sent in the past that is simulated, read from the ledger.

use std::{collections::HashMap, sync::Arc};

use base::{
    Time,
    ids::{JourneyId, MemberId, WorkspaceId},
};
use people::consent::{TRANSACTIONAL, pauses};
use store::{DbErr, FromQueryResult, Sql};

use super::{
    SimulatedOutbox,
    mailbox::{Other, REMEMBERED},
};

/// Rows that are read at a time.
const AT_ONCE: i64 = 5_000;
/// Messages of others that are kept in memory at most.
const MOST: usize = 500_000;
/// States in which a message has left for its member, or may have.
const SENT: [&str; 4] = ["sending", "accepted", "delivered", "unknown"];

/// The past that is simulated.
#[derive(Clone, Copy, Debug)]
pub(in crate::journeys::simulation) struct Then {
    pub(in crate::journeys::simulation) workspace: WorkspaceId,
    /// What this one sent then is not what others sent.
    pub(in crate::journeys::simulation) journey: JourneyId,
    pub(in crate::journeys::simulation) from: Time,
    pub(in crate::journeys::simulation) to: Time,
}

#[derive(FromQueryResult)]
struct LedgerRow {
    id: i64,
    present: i64,
    channel_kind: String,
    topic: String,
    priority: i64,
    state: String,
    queued_at: i64,
    next_attempt_at: i64,
    expires_at: Option<i64>,
    claimed_at: Option<i64>,
    ended_at: Option<i64>,
}

impl LedgerRow {
    fn other(self, to: Time, word: &mut impl FnMut(&str) -> Arc<str>) -> Other {
        let is_sent = SENT.contains(&self.state.as_str());
        let left_at = match self.state.as_str() {
            // Nobody knows yet; it goes when it is due, and not before that time is over.
            "queued" => self.next_attempt_at.max(to.millis()),
            _ if is_sent => self.claimed_at.unwrap_or(self.queued_at),
            _ => self.ended_at.or(self.claimed_at).unwrap_or(self.queued_at),
        };
        Other {
            channel_kind: word(&self.channel_kind),
            topic: word(&self.topic),
            priority: self.priority,
            queued_at: Time::from_millis(self.queued_at),
            due: Time::from_millis(self.next_attempt_at),
            expires_at: self.expires_at.map(Time::from_millis),
            left_at: Time::from_millis(left_at),
            is_sent: is_sent || self.state == "queued",
        }
    }
}

impl SimulatedOutbox<'_> {
    /// Learns what at most [`people::replay::MEMBERS_AT_ONCE`] members said of pauses, and, where it matters, what others sent them. False when that is more than
    /// fits.
    pub(in crate::journeys::simulation) async fn learn(
        &mut self,
        from: &impl Sql,
        then: Then,
        members: &[MemberId],
    ) -> Result<bool, DbErr> {
        self.learn_pauses(from, then.workspace, members, then.to).await?;
        if self.rules.policy.caps.is_empty() {
            return Ok(true);
        }
        let keys: Vec<(i64,)> = members.iter().map(|member| (member.0,)).collect();
        let since = then.from.minus(REMEMBERED).millis();
        let mut last = 0;
        loop {
            let rows: Vec<LedgerRow> = from
                .all_rows(
                    "WITH whose (member_id, present) AS (
                       SELECT CAST(r.value->>0 AS BIGINT), CAST(r.value->>0 AS BIGINT) FROM {rows}
                       UNION ALL
                       SELECT m.id, m.merged_into FROM {rows} JOIN members m ON m.merged_into = CAST(r.value->>0 AS BIGINT))
                     SELECT d.id, w.present, d.channel_kind, d.topic, d.priority, d.state, d.queued_at, d.next_attempt_at,
                            d.expires_at, d.claimed_at, d.ended_at
                     FROM whose w CROSS JOIN deliveries d
                     WHERE d.member_id = w.member_id AND d.id > $2 AND COALESCE(d.journey_id, 0) <> $3 AND d.queued_at < $4 AND d.topic <> $5
                       AND (d.state = 'queued' OR d.claimed_at >= $6 OR d.ended_at >= $6)
                     ORDER BY d.id LIMIT $7",
                    &keys,
                    vec![
                        last.into(),
                        then.journey.0.into(),
                        then.to.millis().into(),
                        TRANSACTIONAL.into(),
                        since.into(),
                        AT_ONCE.into(),
                    ],
                )
                .await?;
            let is_last = (rows.len() as i64) < AT_ONCE;
            last = rows.last().map_or(last, |row| row.id);
            for row in rows {
                if !self.is_to_people(&row.channel_kind) {
                    continue;
                }
                if self.others == MOST {
                    return Ok(false);
                }
                self.others += 1;
                let member = row.present;
                let other = row.other(then.to, &mut |word| self.words.of(word));
                self.members.entry(member).or_default().others.push(other);
            }
            if is_last {
                return Ok(true);
            }
        }
    }

    /// Learns what some members said of pauses before a moment, in the place of what was known.
    pub(in crate::journeys::simulation) async fn learn_pauses(
        &mut self,
        from: &impl Sql,
        workspace: WorkspaceId,
        members: &[MemberId],
        before: Time,
    ) -> Result<(), DbErr> {
        let mut said: HashMap<i64, Vec<(Time, Option<Time>)>> = HashMap::new();
        for one in pauses::said(from, workspace, members, before).await? {
            said.entry(one.member.0).or_default().push((one.at, one.until));
        }
        for (member, pauses) in said {
            self.members.entry(member).or_default().pauses = pauses;
        }
        Ok(())
    }
}
