//! The consent stage: what a site or a shop tells of its members' decisions.
//!
//! "Consent Given" and "Consent Withdrawn" are track events. `channel` is the kind of channel, `purpose` the topic; a
//! withdrawal without one covers all of that channel. Whatever else stands in the properties (the text that was shown,
//! its version, the form) is kept as the proof, beside the event that brought it. The decision belongs to the identity
//! that the event names, and was made when the event happened.
//!
//! A withdrawal is believed from everybody. A consent that is given with a key from a page is a *claim*: anybody can
//! say it in the name of anybody. It counts as long as nobody has decided, and takes the place of no decision.

use std::collections::BTreeMap;

use async_trait::async_trait;
use base::{
    Code, Event, EventKind, Time,
    ids::{IdentityId, WorkspaceId},
};
use sea_orm::DbErr;
use serde_json::{Map, Value, json};
use store::{Sql, Tx, dead_letters::DeadLetter};

use super::{ALL_TOPICS, MAX_PROOF_BYTES, is_channel_kind, is_topic};
use crate::pipeline::{Poison, Stage, Turn};

/// Somebody agrees: `{"channel": "email", "purpose": "news", "text": "…", "version": "3"}`.
pub const CONSENT_GIVEN: &str = "Consent Given";
/// Somebody refuses: `{"channel": "email", "purpose": "news"}`, or without a purpose for everything.
pub const CONSENT_WITHDRAWN: &str = "Consent Withdrawn";

/// Keeps the decisions of which events tell.
#[derive(Debug, Default)]
pub struct ConsentStage {
    /// Those of this batch, in the order in which they came.
    told: Vec<Told>,
}

#[derive(Debug)]
struct Told {
    /// Of its row in the history.
    id: i64,
    identity: IdentityId,
    workspace: WorkspaceId,
    channel_kind: String,
    topic: String,
    granted: bool,
    claimed: bool,
    at: Time,
    source: String,
    proof: String,
}

#[async_trait]
impl Stage for ConsentStage {
    fn name(&self) -> &'static str {
        "consent"
    }

    fn apply(&mut self, turn: &mut Turn<'_>) -> Result<(), Poison> {
        let Some(granted) = turn.event().and_then(decision_of) else { return Ok(()) };
        let (Some(event), Some(identity)) = (turn.event().cloned(), turn.identity) else { return Ok(()) };
        let mut said = event.properties_value();
        let (channel_kind, topic) = match about(&mut said, granted) {
            Ok(about) => about,
            Err((code, message)) => {
                turn.effects.letters.push(letter_of(&event, code, message));
                return Ok(());
            }
        };
        self.told.push(Told {
            id: turn.ids.next_number(),
            identity,
            workspace: event.workspace,
            channel_kind,
            topic,
            granted,
            claimed: granted && (!event.trusted || asks_to_confirm(&said)),
            at: event.timestamp.min(event.received_at),
            proof: proof_of(&event, said),
            source: event.source,
        });
        Ok(())
    }

    async fn flush(&mut self, tx: &Tx) -> Result<(), DbErr> {
        let mut in_force: BTreeMap<(IdentityId, &str, &str), &Told> = BTreeMap::new();
        for told in &self.told {
            let key = (told.identity, told.channel_kind.as_str(), told.topic.as_str());
            let before = in_force.entry(key).or_insert(told);
            if told.replaces(before) {
                *before = told;
            }
        }
        let rows: Vec<_> = in_force.into_values().map(Told::row).collect();
        tx.run_rows(
            "INSERT INTO consents (identity_id, channel_kind, topic, workspace_id, granted, decided_at, source,
                                   proof_json, claimed)
             SELECT CAST(r.value->>1 AS BIGINT), r.value->>2, r.value->>3, CAST(r.value->>4 AS BIGINT),
                    CAST(r.value->>5 AS BIGINT), CAST(r.value->>6 AS BIGINT), r.value->>7, r.value->>8,
                    CAST(r.value->>9 AS BIGINT)
             FROM {rows} WHERE true
             ON CONFLICT (identity_id, channel_kind, topic) DO UPDATE SET granted = excluded.granted,
               decided_at = excluded.decided_at, source = excluded.source, proof_json = excluded.proof_json,
               claimed = excluded.claimed
             WHERE consents.claimed > excluded.claimed
                OR (consents.claimed = excluded.claimed AND consents.decided_at <= excluded.decided_at)",
            &rows,
        )
        .await?;
        let rows: Vec<_> = self.told.iter().map(Told::row).collect();
        tx.run_rows(
            "INSERT INTO consent_changes (id, identity_id, channel_kind, topic, workspace_id, granted, decided_at,
                                          source, proof_json, claimed)
             SELECT CAST(r.value->>0 AS BIGINT), CAST(r.value->>1 AS BIGINT), r.value->>2, r.value->>3,
                    CAST(r.value->>4 AS BIGINT), CAST(r.value->>5 AS BIGINT), CAST(r.value->>6 AS BIGINT), r.value->>7,
                    r.value->>8, CAST(r.value->>9 AS BIGINT)
             FROM {rows}",
            &rows,
        )
        .await?;
        Ok(())
    }

    fn committed(&mut self) {
        self.told.clear();
    }

    fn forget(&mut self) {
        self.told.clear();
    }
}

type Row<'a> = (i64, i64, &'a str, &'a str, i64, i64, i64, &'a str, &'a str, i64);

impl Told {
    /// Whether this takes the place of an earlier word of the same identity about the same thing.
    fn replaces(&self, other: &Told) -> bool {
        match (self.claimed, other.claimed) {
            (true, false) => false,
            (false, true) => true,
            _ => other.at <= self.at,
        }
    }

    fn row(&self) -> Row<'_> {
        (
            self.id,
            self.identity.0,
            &self.channel_kind,
            &self.topic,
            self.workspace.0,
            i64::from(self.granted),
            self.at.millis(),
            &self.source,
            &self.proof,
            i64::from(self.claimed),
        )
    }
}

/// Whether an event tells that consent was given, or that it was withdrawn.
fn decision_of(event: &Event) -> Option<bool> {
    match (event.kind, event.name.as_str()) {
        (EventKind::Track, CONSENT_GIVEN) => Some(true),
        (EventKind::Track, CONSENT_WITHDRAWN) => Some(false),
        _ => None,
    }
}

/// Whether whoever tells of a consent leaves it to the member to confirm it (double opt-in): `"confirm": true`.
pub fn asks_to_confirm(said: &Map<String, Value>) -> bool {
    said.get("confirm").and_then(Value::as_bool).unwrap_or(false)
}

/// Kind of channel and topic, which are taken out of what was said.
pub fn about(said: &mut Map<String, Value>, granted: bool) -> Result<(String, String), (Code, &'static str)> {
    let channel_kind = take_name(said, ["channel", "channel_kind"])?;
    let channel_kind = channel_kind.ok_or((Code::MissingField, "channel, the kind of channel, is missing"))?;
    let channel_kind = channel_kind.to_ascii_lowercase();
    if !is_channel_kind(&channel_kind) {
        return Err((Code::InvalidField, "channel is a kind of channel, such as email"));
    }
    match take_name(said, ["purpose", "topic"])? {
        Some(topic) => Ok((channel_kind, topic)),
        None if granted => Err((Code::MissingField, "purpose, what the consent is about, is missing")),
        None => Ok((channel_kind, ALL_TOPICS.to_owned())),
    }
}

/// A text under the first of these names that is there.
fn take_name(said: &mut Map<String, Value>, names: [&str; 2]) -> Result<Option<String>, (Code, &'static str)> {
    let found = names.into_iter().find_map(|name| said.remove(name).filter(|value| !value.is_null()));
    match found {
        None => Ok(None),
        Some(Value::String(text)) if is_topic(text.trim()) => Ok(Some(text.trim().to_owned())),
        Some(_) => Err((Code::InvalidField, "channel and purpose are texts of 1 to 100 bytes")),
    }
}

/// What proves the decision: the event, and what it says of what was shown. What is too long to be kept twice stands in
/// the event alone.
fn proof_of(event: &Event, said: Map<String, Value>) -> String {
    let context: Map<String, Value> = serde_json::from_str(event.context.get()).unwrap_or_default();
    let mut proof = json!({
        "event": event.id, "message_id": event.message_id, "received_at": event.received_at,
        "page": context.get("page"), "said": said,
    });
    let text = proof.to_string();
    if text.len() <= MAX_PROOF_BYTES {
        return text;
    }
    for place in ["page", "said"] {
        proof[place] = Value::Null;
    }
    proof.to_string()
}

/// A decision that cannot be understood waits in the dead letters, since nobody may be written to because of a slip.
fn letter_of(event: &Event, code: Code, message: &str) -> DeadLetter {
    let event = Event { message_id: format!("{}-consent", event.message_id), ..event.clone() };
    DeadLetter {
        workspace: event.workspace,
        source: "pipeline".to_owned(),
        code,
        message: format!("{}: {message}", event.name),
        payload: String::from_utf8_lossy(&event.to_record()).into_owned(),
    }
}
