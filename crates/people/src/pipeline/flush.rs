//! Writing what a batch has changed, in bulk.

use std::collections::{BTreeSet, HashMap};

use base::{Event, IdSource, Time, ids::WorkspaceId};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use serde::Serialize;
use store::{Sql, Tx, Writes};

use super::{Effects, EventRow};
use crate::{
    identity::{close_suggestions, flush_suggestions},
    members::{Dirty, WorkingSet, search_text, write_traits},
};

/// Names of events and their numbers, as far as they have been met.
#[derive(Debug, Default)]
pub(super) struct EventNames {
    known: HashMap<WorkspaceId, HashMap<String, i64>>,
}

/// Names in memory after which it is emptied.
const MOST_NAMES: usize = 100_000;

#[derive(FromQueryResult)]
struct NameRow {
    id: i64,
    name: String,
    workspace_id: i64,
}

impl EventNames {
    /// Makes sure that the names of these events, and these other names, have numbers.
    pub(super) async fn ensure(
        &mut self,
        tx: &Tx,
        ids: &IdSource,
        events: &[&Event],
        others: &BTreeSet<(WorkspaceId, String)>,
    ) -> Result<(), DbErr> {
        if self.known.values().map(HashMap::len).sum::<usize>() > MOST_NAMES {
            self.known.clear();
        }
        let mut missing: Vec<(WorkspaceId, &str)> = events
            .iter()
            .map(|event| (event.workspace, event.name.as_str()))
            .chain(others.iter().map(|(workspace, name)| (*workspace, name.as_str())))
            .filter(|(workspace, name)| self.number(*workspace, name).is_none())
            .collect();
        missing.sort_unstable();
        missing.dedup();
        if missing.is_empty() {
            return Ok(());
        }
        let rows: Vec<(i64, i64, &str)> =
            missing.iter().map(|(workspace, name)| (ids.next_number(), workspace.0, *name)).collect();
        tx.run_rows(
            "INSERT INTO event_names (id, workspace_id, name)
             SELECT CAST(r.value->>0 AS BIGINT), CAST(r.value->>1 AS BIGINT), r.value->>2 FROM {rows} WHERE true
             ON CONFLICT (workspace_id, name) DO NOTHING",
            &rows,
        )
        .await?;
        let found: Vec<NameRow> = tx
            .all_rows(
                "SELECT n.id, n.name, n.workspace_id FROM {rows} JOIN event_names n
                 ON n.workspace_id = CAST(r.value->>1 AS BIGINT) AND n.name = r.value->>2",
                &rows,
                Vec::new(),
            )
            .await?;
        for row in found {
            self.known.entry(WorkspaceId(row.workspace_id)).or_default().insert(row.name, row.id);
        }
        Ok(())
    }

    pub(super) fn number(&self, workspace: WorkspaceId, name: &str) -> Option<i64> {
        self.known.get(&workspace)?.get(name).copied()
    }

    /// Forgets what may not have been committed.
    pub(super) fn forget(&mut self) {
        self.known.clear();
    }
}

#[derive(Serialize)]
struct EventTuple<'a>(i64, i64, i64, i64, &'a str, i64, i64, &'a str, &'a str, &'a str, &'a str);

/// What a part of a batch has changed of members, identities, tags, groups, events and memberships. From then on it
/// counts as written.
pub(super) fn take_part(
    writes: &mut Writes,
    ids: &IdSource,
    names: &EventNames,
    people: &mut WorkingSet,
    effects: &mut Effects,
) -> Result<(), DbErr> {
    write_members(writes, people)?;
    write_tags(writes, ids, people, effects)?;
    write_groups(writes, ids, effects)?;
    write_events(writes, names, effects)?;
    write_segments(writes, ids, people, effects)?;
    let Dirty { members, identities, tags, memberships, absorbed: _ } = &mut people.dirty;
    members.clear();
    identities.clear();
    tags.clear();
    memberships.clear();
    effects.events.clear();
    effects.tag_changes.clear();
    effects.group_changes.clear();
    effects.segment_changes.clear();
    Ok(())
}

/// Writes the last part, and what is written once for a batch: merges, suggestions, timers and emitted facts.
pub(super) async fn finish(
    tx: &Tx,
    ids: &IdSource,
    names: &EventNames,
    people: &mut WorkingSet,
    effects: &mut Effects,
) -> Result<(), DbErr> {
    let mut writes = Writes::new(tx.get_database_backend());
    take_part(&mut writes, ids, names, people, effects)?;
    writes.run(tx).await?;
    flush_merges(tx, people, effects).await?;
    flush_suggestions(tx, ids, &effects.suggestions).await?;
    close_suggestions(tx, people, &effects.merges).await?;
    let (set, cleared) = effects.timers.to_write();
    tx.run_rows(
        "INSERT INTO timers (kind, subject, workspace_id, due_at)
         SELECT r.value->>0, CAST(r.value->>1 AS BIGINT), CAST(r.value->>2 AS BIGINT), CAST(r.value->>3 AS BIGINT)
         FROM {rows} WHERE true
         ON CONFLICT (kind, subject) DO UPDATE SET due_at = excluded.due_at",
        &set,
    )
    .await?;
    store::timers::clear(tx, &cleared).await?;
    if !effects.emitted.is_empty() {
        store::emitted::put(tx, &effects.emitted).await?;
    }
    Ok(())
}

fn write_members(writes: &mut Writes, people: &WorkingSet) -> Result<(), DbErr> {
    let members: Vec<(i64, i64, i64, i64)> = people
        .dirty
        .members
        .iter()
        .filter_map(|id| people.get(*id))
        .map(|m| (m.id.0, m.workspace.0, m.created_at.millis(), m.last_seen_at.millis()))
        .collect();
    writes.rows(
        "INSERT INTO members (id, workspace_id, created_at, last_seen_at)
         SELECT CAST(r.value->>0 AS BIGINT), CAST(r.value->>1 AS BIGINT), CAST(r.value->>2 AS BIGINT),
                CAST(r.value->>3 AS BIGINT)
         FROM {rows} WHERE true
         ON CONFLICT (id) DO UPDATE SET created_at = excluded.created_at, last_seen_at = excluded.last_seen_at",
        &members,
    )?;
    let identities: Vec<_> = people
        .dirty
        .identities
        .iter()
        .filter_map(|(member, id)| {
            let member = people.get(*member)?;
            let identity = member.identities.iter().find(|identity| identity.id == *id)?;
            Some((
                identity.id.0,
                member.workspace.0,
                identity.kind.as_str(),
                identity.value.as_str(),
                member.id.0,
                identity.origin.0,
                i64::from(identity.verified),
                write_traits(&identity.traits),
                identity.created_at.millis(),
                search_text(identity),
            ))
        })
        .collect();
    writes.rows(
        "INSERT INTO identities (id, workspace_id, kind, value, member_id, origin_member_id, verified, traits_json, created_at,
                                 search_text)
         SELECT CAST(r.value->>0 AS BIGINT), CAST(r.value->>1 AS BIGINT), r.value->>2, r.value->>3,
                CAST(r.value->>4 AS BIGINT), CAST(r.value->>5 AS BIGINT), CAST(r.value->>6 AS BIGINT), r.value->>7,
                CAST(r.value->>8 AS BIGINT), r.value->>9
         FROM {rows} WHERE true
         ON CONFLICT (id) DO UPDATE SET member_id = excluded.member_id, verified = excluded.verified,
           traits_json = excluded.traits_json, search_text = excluded.search_text",
        &identities,
    )?;
    Ok(())
}

fn write_tags(writes: &mut Writes, ids: &IdSource, people: &WorkingSet, effects: &Effects) -> Result<(), DbErr> {
    let mut added = Vec::new();
    let mut removed = Vec::new();
    for ((identity, tag), (member, is_added)) in &people.dirty.tags {
        // A merge in the same batch may have moved the identity to another member.
        let Some(state) = people.get(people.current(*member)) else { continue };
        let fact = state.identities.iter().find(|i| i.id == *identity).and_then(|i| i.tags.get(tag));
        match fact {
            Some(fact) if *is_added => {
                let expires_at = fact.expires_at.map(Time::millis);
                let (at, source) = (fact.at.millis(), fact.source.as_str());
                added.push((identity.0, tag.as_str(), state.workspace.0, at, source, expires_at));
            }
            _ => removed.push((identity.0, tag.as_str())),
        }
    }
    writes.rows(
        "INSERT INTO member_tags (identity_id, tag, workspace_id, added_at, source, expires_at)
         SELECT CAST(r.value->>0 AS BIGINT), r.value->>1, CAST(r.value->>2 AS BIGINT), CAST(r.value->>3 AS BIGINT),
                r.value->>4, CAST(r.value->>5 AS BIGINT)
         FROM {rows} WHERE true
         ON CONFLICT (identity_id, tag) DO UPDATE SET added_at = excluded.added_at, source = excluded.source,
           expires_at = excluded.expires_at",
        &added,
    )?;
    writes.rows(
        "DELETE FROM member_tags WHERE (identity_id, tag) IN (SELECT CAST(r.value->>0 AS BIGINT), r.value->>1 FROM {rows})",
        &removed,
    )?;
    let changes: Vec<(i64, i64, &str, i64, i64, &str)> = effects
        .tag_changes
        .iter()
        .map(|c| {
            (ids.next_number(), c.identity.0, c.tag.as_str(), i64::from(c.added), c.at.millis(), c.source.as_str())
        })
        .collect();
    writes.rows(
        "INSERT INTO tag_changes (id, identity_id, tag, added, changed_at, source)
         SELECT CAST(r.value->>0 AS BIGINT), CAST(r.value->>1 AS BIGINT), r.value->>2, CAST(r.value->>3 AS BIGINT),
                CAST(r.value->>4 AS BIGINT), r.value->>5 FROM {rows}",
        &changes,
    )?;
    Ok(())
}

fn write_groups(writes: &mut Writes, ids: &IdSource, effects: &Effects) -> Result<(), DbErr> {
    let changes: Vec<(i64, i64, i64, i64, i64)> = effects
        .group_changes
        .iter()
        .map(|c| (ids.next_number(), c.identity.0, c.group.0, i64::from(c.joined), c.at.millis()))
        .collect();
    writes.rows(
        "INSERT INTO group_changes (id, identity_id, group_id, joined, changed_at)
         SELECT CAST(r.value->>0 AS BIGINT), CAST(r.value->>1 AS BIGINT), CAST(r.value->>2 AS BIGINT),
                CAST(r.value->>3 AS BIGINT), CAST(r.value->>4 AS BIGINT) FROM {rows}",
        &changes,
    )?;
    Ok(())
}

fn write_events(writes: &mut Writes, names: &EventNames, effects: &Effects) -> Result<(), DbErr> {
    // In the order of the index: neighbours are written together, and the table itself only grows at its end.
    let mut events: Vec<&EventRow> = effects.events.iter().collect();
    events.sort_unstable_by_key(|row| (row.identity, row.event.id));
    let rows: Vec<EventTuple<'_>> = events
        .into_iter()
        .map(|row| {
            let event = &row.event;
            let name = names.number(event.workspace, &event.name);
            let name = name.ok_or_else(|| DbErr::Custom("the name of an event has no number".to_owned()))?;
            Ok(EventTuple(
                event.id.0,
                event.workspace.0,
                row.identity.0,
                name,
                kind_word(event.kind),
                event.timestamp.millis(),
                event.received_at.millis(),
                &event.message_id,
                &event.source,
                event.properties.get(),
                event.context.get(),
            ))
        })
        .collect::<Result<_, DbErr>>()?;
    writes.rows(
        "INSERT INTO events (id, workspace_id, identity_id, name_id, kind, happened_at, received_at, message_id, source,
                             properties_json, context_json)
         SELECT CAST(r.value->>0 AS BIGINT), CAST(r.value->>1 AS BIGINT), CAST(r.value->>2 AS BIGINT),
                CAST(r.value->>3 AS BIGINT), r.value->>4, CAST(r.value->>5 AS BIGINT), CAST(r.value->>6 AS BIGINT),
                r.value->>7, r.value->>8, r.value->>9, r.value->>10
         FROM {rows}",
        &rows,
    )?;
    Ok(())
}

fn kind_word(kind: base::EventKind) -> &'static str {
    use base::EventKind::*;
    match kind {
        Track => "track",
        Identify => "identify",
        Page => "page",
        Screen => "screen",
        Group => "group",
        Alias => "alias",
        Command => "command",
        Delivery => "delivery",
    }
}

fn write_segments(writes: &mut Writes, ids: &IdSource, people: &WorkingSet, effects: &Effects) -> Result<(), DbErr> {
    let mut gained = Vec::new();
    let mut lost = Vec::new();
    for ((segment, member), is_in) in &people.dirty.memberships {
        let entered_at = people.get(*member).and_then(|state| state.memberships.get(segment));
        match entered_at.filter(|_| *is_in) {
            Some(at) => gained.push((segment.0, member.0, at.millis())),
            None => lost.push((segment.0, member.0)),
        }
    }
    writes.rows(
        "INSERT INTO segment_members (segment_id, member_id, entered_at)
         SELECT CAST(r.value->>0 AS BIGINT), CAST(r.value->>1 AS BIGINT), CAST(r.value->>2 AS BIGINT)
         FROM {rows} WHERE true
         ON CONFLICT (segment_id, member_id) DO UPDATE SET entered_at = excluded.entered_at",
        &gained,
    )?;
    writes.rows(
        "DELETE FROM segment_members WHERE (segment_id, member_id) IN
           (SELECT CAST(r.value->>0 AS BIGINT), CAST(r.value->>1 AS BIGINT) FROM {rows})",
        &lost,
    )?;
    let mut changes: Vec<(i64, i64, i64, i64, i64)> = effects
        .segment_changes
        .iter()
        .map(|c| (ids.next_number(), c.segment.0, c.member.0, i64::from(c.entered), c.at.millis()))
        .collect();
    // In the order of the table.
    changes.sort_unstable_by_key(|(id, _, member, ..)| (*member, *id));
    writes.rows(
        "INSERT INTO segment_changes (id, segment_id, member_id, entered, changed_at)
         SELECT CAST(r.value->>0 AS BIGINT), CAST(r.value->>1 AS BIGINT), CAST(r.value->>2 AS BIGINT),
                CAST(r.value->>3 AS BIGINT), CAST(r.value->>4 AS BIGINT) FROM {rows}",
        &changes,
    )?;
    let mut sizes: HashMap<i64, i64> = HashMap::new();
    for change in &effects.segment_changes {
        *sizes.entry(change.segment.0).or_default() += if change.entered { 1 } else { -1 };
    }
    let sizes: Vec<(i64, i64)> = sizes.into_iter().filter(|(_, delta)| *delta != 0).collect();
    writes.rows(
        "UPDATE segments SET size = size + d.delta
         FROM (SELECT CAST(r.value->>0 AS BIGINT) AS segment_id, CAST(r.value->>1 AS BIGINT) AS delta FROM {rows}) AS d
         WHERE segments.id = d.segment_id",
        &sizes,
    )?;
    Ok(())
}

async fn flush_merges(tx: &Tx, people: &WorkingSet, effects: &Effects) -> Result<(), DbErr> {
    let merges: Vec<_> = effects
        .merges
        .iter()
        .map(|m| {
            let identities: Vec<i64> = m.identities.iter().map(|id| id.0).collect();
            let identities = serde_json::to_string(&identities).unwrap_or_default();
            let moment = m.at.millis();
            let (kept_origin, absorbed_origin) = (m.kept_origin.0, m.absorbed_origin.0);
            let source = m.source.as_str();
            let reached = serde_json::to_string(&m.reached).unwrap_or_default();
            (
                m.id.0,
                m.workspace.0,
                m.kept.0,
                m.absorbed.0,
                identities,
                m.reason,
                source,
                moment,
                kept_origin,
                absorbed_origin,
                reached,
            )
        })
        .collect();
    tx.run_rows(
        "INSERT INTO merges (id, workspace_id, kept_member_id, absorbed_member_id, identities_json, reason, source, merged_at,
                             kept_origin_id, absorbed_origin_id, reached_json)
         SELECT CAST(r.value->>0 AS BIGINT), CAST(r.value->>1 AS BIGINT), CAST(r.value->>2 AS BIGINT),
                CAST(r.value->>3 AS BIGINT), r.value->>4, r.value->>5, r.value->>6, CAST(r.value->>7 AS BIGINT),
                CAST(r.value->>8 AS BIGINT), CAST(r.value->>9 AS BIGINT), r.value->>10
         FROM {rows}",
        &merges,
    )
    .await?;
    // A member who was made and absorbed within this batch has no row yet; it is written so that
    // links to him lead on.
    let absorbed: Vec<(i64, i64, i64, i64)> = effects
        .merges
        .iter()
        .map(|m| (m.absorbed.0, people.current(m.kept).0, m.workspace.0, m.first_seen.millis()))
        .collect();
    tx.run_rows(
        "INSERT INTO members (id, workspace_id, created_at, last_seen_at, merged_into)
         SELECT CAST(r.value->>0 AS BIGINT), CAST(r.value->>2 AS BIGINT), CAST(r.value->>3 AS BIGINT),
                CAST(r.value->>3 AS BIGINT), CAST(r.value->>1 AS BIGINT)
         FROM {rows} WHERE true
         ON CONFLICT (id) DO UPDATE SET merged_into = excluded.merged_into",
        &absorbed,
    )
    .await?;
    // Those absorbed earlier follow to the one who remains.
    tx.run_rows(
        "UPDATE members SET merged_into = d.kept
         FROM (SELECT CAST(r.value->>0 AS BIGINT) AS absorbed, CAST(r.value->>1 AS BIGINT) AS kept FROM {rows}) AS d
         WHERE members.merged_into = d.absorbed",
        &absorbed,
    )
    .await?;
    Ok(())
}
