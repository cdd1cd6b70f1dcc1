//! Which of the messages that a simulation queues the outbox would refuse to send.

use std::collections::BTreeMap;

use base::ids::{MemberId, WorkspaceId};
use channels::Registry;
use people::{
    consent::{self, Check},
    privacy::Marks,
    replay::Replay,
};
use serde_json::Value;
use store::{DbErr, FromQueryResult, Sql};

const AT_ONCE: i64 = 2_000;

/// Step, kind of channel, template.
pub(super) type Key = (String, String, i64);

/// Refused messages, by what they are and why. Each is looked at soon after it was queued, with the consents of that time.
#[derive(Debug, Default)]
pub(super) struct Refused {
    counts: BTreeMap<(Key, &'static str), i64>,
    looked_at: i64,
}

#[derive(FromQueryResult)]
struct QueuedRow {
    id: i64,
    member_id: i64,
    channel_kind: String,
    template_id: i64,
    step: String,
    topic: String,
    address: String,
    config_json: String,
}

impl Refused {
    /// How many messages of a kind are refused, by reason.
    pub(super) fn of(&self, key: &Key) -> BTreeMap<String, i64> {
        let counts = self.counts.iter().filter(|((of, _), _)| of == key);
        counts.map(|((_, reason), count)| ((*reason).to_owned(), *count)).collect()
    }

    /// Looks at what was queued since it was last asked; gives the numbers of what is refused, and why.
    pub(super) async fn look(
        &mut self,
        replay: &Replay,
        workspace: WorkspaceId,
        registry: Option<&Registry>,
        marks: &Marks,
    ) -> Result<Vec<(i64, &'static str)>, DbErr> {
        let mut refused = Vec::new();
        loop {
            let rows: Vec<QueuedRow> = replay
                .db()
                .read()
                .all(
                    "SELECT d.id, d.member_id, d.channel_kind, d.template_id, d.step, d.topic, d.address, c.config_json
                     FROM deliveries d JOIN channels c ON c.id = d.channel_id
                     WHERE d.id > $1 AND d.journey_id IS NOT NULL ORDER BY d.id LIMIT $2",
                    vec![self.looked_at.into(), AT_ONCE.into()],
                )
                .await?;
            let checks: Vec<Check> = rows.iter().map(|row| check(row, workspace)).collect();
            let consents = consent::refusals(replay.db().read(), marks, &checks).await?;
            for (row, consent) in rows.iter().zip(consents) {
                if let Some(reason) = address_missing(row, registry).or(consent) {
                    let key = (row.step.clone(), row.channel_kind.clone(), row.template_id);
                    *self.counts.entry((key, reason)).or_default() += 1;
                    refused.push((row.id, reason));
                }
            }
            match rows.last() {
                Some(last) => self.looked_at = last.id,
                None => return Ok(refused),
            }
        }
    }
}

fn check(row: &QueuedRow, workspace: WorkspaceId) -> Check {
    let config: Value = serde_json::from_str(&row.config_json).unwrap_or_default();
    Check {
        workspace,
        member: MemberId(row.member_id),
        channel_kind: row.channel_kind.clone(),
        topic: row.topic.clone(),
        address: row.address.clone(),
        requires_consent: config["requires_consent"].as_bool().unwrap_or(false),
    }
}

fn address_missing(row: &QueuedRow, registry: Option<&Registry>) -> Option<&'static str> {
    let kind = registry.and_then(|registry| registry.kind(&row.channel_kind).ok());
    let needs_one = kind.map_or(row.channel_kind != "webhook", |kind| kind.needs_address());
    if !needs_one {
        return None;
    }
    if row.address.trim().is_empty() {
        return Some("no_address");
    }
    people::identity::normalise(&row.channel_kind, &row.address).is_none().then_some("invalid_address")
}
