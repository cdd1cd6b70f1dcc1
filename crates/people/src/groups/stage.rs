//! The group stage: who enters and leaves which group.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use async_trait::async_trait;
use base::{
    Event, EventKind, IdSource, Time,
    ids::{GroupId, IdentityId, WorkspaceId},
};
use sea_orm::{DbErr, FromQueryResult};
use serde_json::Value;
use store::{Sql, Tx};

use super::about::About;
use crate::{
    members::GroupFact,
    pipeline::{GroupChange, Poison, Stage, Turn},
    rules::Touch,
};

/// Somebody enters a group: `{"group_id": "…"}`.
pub const GROUP_JOINED: &str = "Group Joined";
/// Somebody leaves a group: `{"group_id": "…"}`.
pub const GROUP_LEFT: &str = "Group Left";

/// Groups in memory after which it is emptied.
const MOST_GROUPS: usize = 20_000;
/// Most bytes of a group's key.
const MAX_KEY_BYTES: usize = 512;

/// A group by the key that its senders give it.
type Key = (WorkspaceId, String);

/// Keeps who belongs to which group.
#[derive(Debug, Default)]
pub struct GroupStage {
    known: HashMap<Key, Group>,
    /// Groups that differ from the database.
    changed: BTreeSet<Key>,
    /// The last word about each identity and group of this batch.
    belonging: BTreeMap<(IdentityId, GroupId), (WorkspaceId, GroupFact)>,
}

#[derive(Clone, Debug)]
struct Group {
    id: GroupId,
    about: About,
    created_at: Time,
}

#[derive(FromQueryResult)]
struct GroupRow {
    id: i64,
    workspace_id: i64,
    group_key: String,
    about_json: String,
    created_at: i64,
}

#[async_trait]
impl Stage for GroupStage {
    fn name(&self) -> &'static str {
        "group"
    }

    async fn prepare(&mut self, tx: &Tx, ids: &IdSource, events: &[&Event]) -> Result<(), DbErr> {
        let mut wanted: BTreeMap<Key, Time> = BTreeMap::new();
        for event in events {
            if let Some((key, _)) = told(event)
                && !self.known.contains_key(&(event.workspace, key.clone()))
            {
                wanted.entry((event.workspace, key)).or_insert(event.received_at);
            }
        }
        if wanted.is_empty() {
            return Ok(());
        }
        let keys: Vec<(i64, &str)> = wanted.keys().map(|(workspace, key)| (workspace.0, key.as_str())).collect();
        let rows: Vec<GroupRow> = tx
            .all_rows(
                "SELECT g.id, g.workspace_id, g.group_key, g.about_json, g.created_at
                 FROM {rows} JOIN groups g ON g.workspace_id = CAST(r.value->>0 AS BIGINT) AND g.group_key = r.value->>1",
                &keys,
                Vec::new(),
            )
            .await?;
        for row in rows {
            let group = Group {
                id: GroupId(row.id),
                about: About::read(&row.about_json),
                created_at: Time::from_millis(row.created_at),
            };
            self.known.insert((WorkspaceId(row.workspace_id), row.group_key), group);
        }
        for (key, first_seen) in wanted {
            if !self.known.contains_key(&key) {
                let group = Group { id: ids.next(GroupId), about: About::default(), created_at: first_seen };
                self.known.insert(key.clone(), group);
                self.changed.insert(key);
            }
        }
        Ok(())
    }

    fn apply(&mut self, turn: &mut Turn<'_>) -> Result<(), Poison> {
        let Some(event) = turn.event().cloned() else { return Ok(()) };
        let (Some((key, joined)), Some(own)) = (told(&event), turn.identity) else { return Ok(()) };
        let key = (event.workspace, key);
        let Some(group) = self.known.get_mut(&key) else { return Ok(()) };
        if event.kind == EventKind::Group && group.about.learn(event.properties_value(), event.timestamp) {
            self.changed.insert(key);
        }
        let (group, at, book) = (group.id, event.timestamp, turn.book.clone());
        let was_in = turn.member()?.is_in_group(group);
        turn.effects.group_changes.push(GroupChange { group, identity: own, joined, at });
        let member = turn.member_mut()?;
        member.past.mark(&book, Touch::Group(group), at, own, joined);
        if let Some(identity) = member.identity_mut(own)
            && identity.groups.get(&group).is_none_or(|last| last.at <= at)
        {
            let fact = GroupFact { joined, at };
            identity.groups.insert(group, fact);
            self.belonging.insert((own, group), (event.workspace, fact));
        }
        let is_in = turn.member()?.is_in_group(group);
        // Told late, it may change what was, though not what is.
        if was_in != is_in || book.asks_past_of(&Touch::Group(group)) {
            turn.changes.touches.push(Touch::Group(group));
        }
        Ok(())
    }

    async fn flush(&mut self, tx: &Tx) -> Result<(), DbErr> {
        let changed = self.changed.iter().filter_map(|key| {
            let group = self.known.get(key)?;
            Some((group.id.0, key.0.0, key.1.as_str(), group.about.write(), group.created_at.millis()))
        });
        tx.run_rows(
            "INSERT INTO groups (id, workspace_id, group_key, about_json, created_at)
             SELECT CAST(r.value->>0 AS BIGINT), CAST(r.value->>1 AS BIGINT), r.value->>2, r.value->>3,
                    CAST(r.value->>4 AS BIGINT)
             FROM {rows} WHERE true
             ON CONFLICT (id) DO UPDATE SET about_json = excluded.about_json",
            &changed.collect::<Vec<_>>(),
        )
        .await?;
        let belonging: Vec<(i64, i64, i64, i64, i64)> = self
            .belonging
            .iter()
            .map(|((identity, group), (workspace, fact))| {
                (identity.0, group.0, workspace.0, i64::from(fact.joined), fact.at.millis())
            })
            .collect();
        tx.run_rows(
            "INSERT INTO group_members (identity_id, group_id, workspace_id, joined, changed_at)
             SELECT CAST(r.value->>0 AS BIGINT), CAST(r.value->>1 AS BIGINT), CAST(r.value->>2 AS BIGINT),
                    CAST(r.value->>3 AS BIGINT), CAST(r.value->>4 AS BIGINT)
             FROM {rows} WHERE true
             ON CONFLICT (identity_id, group_id) DO UPDATE SET joined = excluded.joined, changed_at = excluded.changed_at",
            &belonging,
        )
        .await?;
        Ok(())
    }

    fn committed(&mut self) {
        self.changed.clear();
        self.belonging.clear();
        if self.known.len() > MOST_GROUPS {
            self.known.clear();
        }
    }

    fn forget(&mut self) {
        *self = GroupStage::default();
    }
}

/// Which group an event is about, and whether somebody enters it or leaves it.
fn told(event: &Event) -> Option<(String, bool)> {
    let joined = match (event.kind, event.name.as_str()) {
        (EventKind::Group, _) | (EventKind::Track, GROUP_JOINED) => true,
        (EventKind::Track, GROUP_LEFT) => false,
        _ => return None,
    };
    let properties = event.properties_value();
    let key = properties.get("group_id").or_else(|| properties.get("groupId"))?;
    let key = match key {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    (!key.is_empty() && key.len() <= MAX_KEY_BYTES).then_some((key, joined))
}
