//! What members did, as it was told, read again slice by slice.

use std::collections::{HashMap, HashSet};

use base::{
    Event, EventKind, Time,
    event::empty_object,
    ids::{EventId, KeyId, MemberId, WorkspaceId},
};
use sea_orm::{DbErr, FromQueryResult};
use serde_json::value::RawValue;
use store::Sql;

use super::Replay;
use crate::{identity::parts_members, privacy::erases};

/// Events and decisions in the order of time.
pub struct Happened {
    workspace: WorkspaceId,
    /// When each arrived, and its number.
    events: Vec<(Time, i64)>,
    pub(super) decisions: Vec<Decided>,
    told: usize,
    decided: usize,
    is_sorted: bool,
    /// Sources that were not believed; `None` until they are read.
    strangers: Option<HashSet<String>>,
}

/// A decision about consent.
pub(super) struct Decided {
    pub(super) identity: i64,
    pub(super) channel_kind: String,
    pub(super) topic: String,
    pub(super) granted: i64,
    pub(super) claimed: i64,
    pub(super) at: i64,
}

#[derive(FromQueryResult)]
struct EventRow {
    id: i64,
    name: String,
    kind: String,
    identity_kind: String,
    identity_value: String,
    member_id: i64,
    happened_at: i64,
    received_at: i64,
    message_id: String,
    source: String,
    properties_json: String,
    context_json: String,
}

#[derive(FromQueryResult)]
struct KeyRow {
    id: i64,
}

impl Happened {
    pub(super) fn new(workspace: WorkspaceId) -> Happened {
        Happened {
            workspace,
            events: Vec::new(),
            decisions: Vec::new(),
            told: 0,
            decided: 0,
            is_sorted: false,
            strangers: None,
        }
    }

    pub(super) fn add(&mut self, received_at: Time, id: i64) {
        self.events.push((received_at, id));
        self.is_sorted = false;
    }

    /// How many events there are.
    pub fn len(&self) -> usize {
        self.events.len()
    }

    /// Whether nothing happened.
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// How many have been told.
    pub fn told(&self) -> usize {
        self.told
    }

    /// Tells a replay what happened next, at most so many events; false when nothing was left to tell.
    pub async fn tell(&mut self, from: &impl Sql, replay: &mut Replay, at_most: usize) -> anyhow::Result<bool> {
        if !self.is_sorted {
            self.events.sort_unstable();
            self.decisions.sort_unstable_by_key(|decided| decided.at);
            self.is_sorted = true;
        }
        let slice: Vec<(i64,)> = self.events.iter().skip(self.told).take(at_most).map(|(_, id)| (*id,)).collect();
        self.told += slice.len();
        if slice.is_empty() {
            self.decide(replay, None).await?;
            return Ok(false);
        }
        let events = self.read(from, &slice).await?;
        replay.tell(&events).await?;
        let upto = self.events.get(self.told - 1).map(|(at, _)| at.millis());
        self.decide(replay, upto).await?;
        Ok(true)
    }

    async fn read(&mut self, from: &impl Sql, slice: &[(i64,)]) -> anyhow::Result<Vec<Event>> {
        if self.strangers.is_none() {
            let keys: Vec<KeyRow> = from
                .all(
                    "SELECT id FROM api_keys WHERE workspace_id = $1 AND kind = 'write' AND trusted = 0",
                    vec![self.workspace.0.into()],
                )
                .await?;
            self.strangers = Some(keys.into_iter().map(|row| KeyId(row.id).to_string()).collect());
        }
        let rows: Vec<EventRow> = from
            .all_rows(
                "SELECT e.id, n.name, e.kind, i.kind AS identity_kind, i.value AS identity_value, i.member_id,
                        e.happened_at, e.received_at, e.message_id, e.source, e.properties_json, e.context_json
                 FROM {rows} JOIN events e ON e.id = CAST(r.value->>0 AS BIGINT)
                 JOIN identities i ON i.id = e.identity_id JOIN event_names n ON n.id = e.name_id",
                slice,
                Vec::new(),
            )
            .await?;
        let mut found: HashMap<i64, EventRow> = rows.into_iter().map(|row| (row.id, row)).collect();
        // One that is gone meanwhile was deleted with its member, or because its time was over.
        let in_order = slice.iter().filter_map(|(id,)| found.remove(id));
        let events = in_order.map(|row| self.event(row)).collect::<Result<Vec<_>, _>>()?;
        // Who is one member now is one all along.
        Ok(events.into_iter().filter(|event| !parts_members(event) && !erases(event)).collect())
    }

    /// As it was told, as far as the table says. Of two ids in one event it knows that to which the event belongs.
    fn event(&self, row: EventRow) -> anyhow::Result<Event> {
        let named = |kind: &str| (row.identity_kind == kind).then(|| row.identity_value.clone());
        let (user_id, anonymous_id) = (named("user_id"), named("anonymous_id"));
        let member = (user_id.is_none() && anonymous_id.is_none()).then_some(MemberId(row.member_id));
        Ok(Event {
            id: EventId(row.id),
            workspace: self.workspace,
            kind: serde_json::from_value::<EventKind>(row.kind.into())?,
            name: row.name,
            user_id,
            anonymous_id,
            previous_id: None,
            member,
            timestamp: Time::from_millis(row.happened_at),
            received_at: Time::from_millis(row.received_at),
            message_id: row.message_id,
            trusted: !self.strangers.as_ref().is_some_and(|strangers| strangers.contains(&row.source)),
            source: row.source,
            properties: RawValue::from_string(row.properties_json).unwrap_or_else(|_| empty_object()),
            context: RawValue::from_string(row.context_json).unwrap_or_else(|_| empty_object()),
        })
    }

    /// Brings decisions into force that were made by then, whoever told of them. An event that tells of one does so again.
    async fn decide(&mut self, replay: &Replay, upto: Option<i64>) -> Result<(), DbErr> {
        let due =
            self.decisions[self.decided..].iter().take_while(|one| upto.is_none_or(|upto| one.at <= upto)).count();
        let rows: Vec<_> = self.decisions[self.decided..self.decided + due]
            .iter()
            .map(|one| {
                (one.identity, &one.channel_kind, &one.topic, self.workspace.0, one.granted, one.at, one.claimed)
            })
            .collect();
        self.decided += due;
        if rows.is_empty() {
            return Ok(());
        }
        let tx = replay.db().begin().await?;
        tx.run_rows(
            "INSERT INTO consents (identity_id, channel_kind, topic, workspace_id, granted, decided_at, claimed, source,
                                   proof_json)
             SELECT CAST(r.value->>0 AS BIGINT), r.value->>1, r.value->>2, CAST(r.value->>3 AS BIGINT),
                    CAST(r.value->>4 AS BIGINT), CAST(r.value->>5 AS BIGINT), CAST(r.value->>6 AS BIGINT), '', '{}'
             FROM {rows} WHERE true
             ON CONFLICT (identity_id, channel_kind, topic) DO UPDATE SET granted = excluded.granted,
               decided_at = excluded.decided_at, claimed = excluded.claimed
             WHERE consents.claimed > excluded.claimed
                OR (consents.claimed = excluded.claimed AND consents.decided_at <= excluded.decided_at)",
            &rows,
        )
        .await?;
        // And as history, so that it can be asked what was in force at a moment; an event that tells of one stands there, too.
        let ids: Vec<i64> = rows.iter().map(|_| replay.ids().next_number()).collect();
        let rows: Vec<_> = ids.into_iter().zip(rows).collect();
        tx.run_rows(
            "INSERT INTO consent_changes (id, identity_id, channel_kind, topic, workspace_id, granted, decided_at, claimed,
                                          source, proof_json)
             SELECT CAST(r.value->>0 AS BIGINT), CAST(r.value->1->>0 AS BIGINT), r.value->1->>1, r.value->1->>2,
                    CAST(r.value->1->>3 AS BIGINT), CAST(r.value->1->>4 AS BIGINT), CAST(r.value->1->>5 AS BIGINT),
                    CAST(r.value->1->>6 AS BIGINT), '', '{}'
             FROM {rows}",
            &rows,
        )
        .await?;
        tx.commit().await
    }
}
