//! Reading members from the database, many at a time.

mod events;

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use base::{
    Time,
    ids::{GroupId, IdentityId, MemberId, SegmentId, WorkspaceId},
};
use sea_orm::{DbErr, FromQueryResult};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::Sql;

use super::{GroupFact, Identity, MemberState, Operated, TagFact, TraitFact};
use crate::rules::{RuleBook, Touch};

#[derive(FromQueryResult)]
struct MemberRow {
    id: i64,
    workspace_id: i64,
    created_at: i64,
    last_seen_at: i64,
    segment_timer: Option<i64>,
}

#[derive(FromQueryResult)]
struct IdentityRow {
    id: i64,
    kind: String,
    value: String,
    member_id: i64,
    origin_member_id: i64,
    verified: i64,
    traits_json: String,
    created_at: i64,
}

#[derive(FromQueryResult)]
struct TagRow {
    identity_id: i64,
    tag: String,
    added_at: i64,
    source: String,
    expires_at: Option<i64>,
}

#[derive(FromQueryResult)]
struct GroupRow {
    identity_id: i64,
    group_id: i64,
    joined: i64,
    changed_at: i64,
}

#[derive(FromQueryResult)]
struct GroupChangeRow {
    identity_id: i64,
    group_id: i64,
    joined: i64,
    changed_at: i64,
}

#[derive(FromQueryResult)]
struct MembershipRow {
    member_id: i64,
    segment_id: i64,
    entered_at: i64,
}

#[derive(FromQueryResult)]
struct TagChangeRow {
    identity_id: i64,
    tag: String,
    added: i64,
    changed_at: i64,
}

/// Reads members whole: rows, identities, traits, tags, memberships, and their events as far as
/// the rule book asks for them. Members that do not exist (or were absorbed) are left out.
pub async fn load_members(
    db: &impl Sql,
    ids: &[MemberId],
    books: &HashMap<WorkspaceId, Arc<RuleBook>>,
    now: Time,
) -> Result<Vec<MemberState>, DbErr> {
    load_members_by(db, ids, books, now, events::EVENTS_AT_ONCE).await
}

/// As [`load_members`], reading at most so many events at a time. The members are the same, whatever that number is.
pub async fn load_members_by(
    db: &impl Sql,
    ids: &[MemberId],
    books: &HashMap<WorkspaceId, Arc<RuleBook>>,
    now: Time,
    events_at_once: usize,
) -> Result<Vec<MemberState>, DbErr> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let keys: Vec<i64> = ids.iter().map(|id| id.0).collect();
    let rows: Vec<MemberRow> = db
        .all_rows(
            "SELECT m.id, m.workspace_id, m.created_at, m.last_seen_at, t.due_at AS segment_timer
             FROM {rows} JOIN members m ON m.id = CAST(r.value->>0 AS BIGINT)
             LEFT JOIN timers t ON t.kind = 'segment' AND t.subject = m.id
             WHERE m.merged_into IS NULL",
            &keys_as_rows(&keys),
            Vec::new(),
        )
        .await?;
    let mut members: HashMap<i64, MemberState> = rows
        .into_iter()
        .map(|row| {
            let mut member =
                MemberState::new(MemberId(row.id), WorkspaceId(row.workspace_id), Time::from_millis(row.created_at));
            member.last_seen_at = Time::from_millis(row.last_seen_at);
            member.segment_timer = row.segment_timer.map(Time::from_millis);
            (row.id, member)
        })
        .collect();
    let keys: Vec<i64> = members.keys().copied().collect();
    let owners = load_identities(db, &keys, &mut members).await?;
    load_memberships(db, &keys, &mut members).await?;
    load_occurrences(db, &owners, &mut members, books, (now, events_at_once)).await?;
    let mut members: Vec<MemberState> = members.into_values().collect();
    let rules = BTreeMap::new();
    for member in &mut members {
        member.refresh_traits(books.get(&member.workspace).map_or(&rules, |book| &book.traits));
    }
    members.sort_by_key(|member| member.id);
    Ok(members)
}

/// One-column rows for `{rows}`; the column is `r.value->>0`.
fn keys_as_rows(keys: &[i64]) -> Vec<(i64,)> {
    keys.iter().map(|key| (*key,)).collect()
}

/// Returns the owner of each identity.
async fn load_identities(
    db: &impl Sql,
    keys: &[i64],
    members: &mut HashMap<i64, MemberState>,
) -> Result<HashMap<i64, i64>, DbErr> {
    let rows: Vec<IdentityRow> = db
        .all_rows(
            "SELECT i.id, i.kind, i.value, i.member_id, i.origin_member_id, i.verified, i.traits_json, i.created_at
             FROM {rows} JOIN identities i ON i.member_id = CAST(r.value->>0 AS BIGINT)",
            &keys_as_rows(keys),
            Vec::new(),
        )
        .await?;
    let owners: HashMap<i64, i64> = rows.iter().map(|row| (row.id, row.member_id)).collect();
    let identity_keys: Vec<i64> = owners.keys().copied().collect();
    let mut tags: HashMap<i64, BTreeMap<String, TagFact>> = HashMap::new();
    let tag_rows: Vec<TagRow> = db
        .all_rows(
            "SELECT t.identity_id, t.tag, t.added_at, t.source, t.expires_at
             FROM {rows} JOIN member_tags t ON t.identity_id = CAST(r.value->>0 AS BIGINT)",
            &keys_as_rows(&identity_keys),
            Vec::new(),
        )
        .await?;
    for row in tag_rows {
        let expires_at = row.expires_at.map(Time::from_millis);
        let fact = TagFact { at: Time::from_millis(row.added_at), source: row.source, expires_at };
        tags.entry(row.identity_id).or_default().insert(row.tag, fact);
    }
    let mut groups: HashMap<i64, BTreeMap<GroupId, GroupFact>> = HashMap::new();
    let group_rows: Vec<GroupRow> = db
        .all_rows(
            "SELECT g.identity_id, g.group_id, g.joined, g.changed_at
             FROM {rows} JOIN group_members g ON g.identity_id = CAST(r.value->>0 AS BIGINT)",
            &keys_as_rows(&identity_keys),
            Vec::new(),
        )
        .await?;
    for row in group_rows {
        let fact = GroupFact { joined: row.joined != 0, at: Time::from_millis(row.changed_at) };
        groups.entry(row.identity_id).or_default().insert(GroupId(row.group_id), fact);
    }
    for row in rows {
        let identity = Identity {
            id: IdentityId(row.id),
            kind: row.kind,
            value: row.value,
            verified: row.verified != 0,
            origin: MemberId(row.origin_member_id),
            created_at: Time::from_millis(row.created_at),
            traits: read_traits(&row.traits_json),
            tags: tags.remove(&row.id).unwrap_or_default(),
            groups: groups.remove(&row.id).unwrap_or_default(),
        };
        if let Some(member) = members.get_mut(&row.member_id) {
            member.add_identity(identity);
        }
    }
    Ok(owners)
}

/// A fact as it is kept: `[value, set_at, source]`, with `true` behind them when it was said only for who has none, or
/// `[operations, base]` when operations made it.
#[derive(Serialize, Deserialize)]
struct KeptFact<V, S>(V, i64, S, #[serde(default, skip_serializing_if = "KeptManner::is_plain")] KeptManner);

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum KeptManner {
    Once(bool),
    Operated(u32, Option<i64>),
}

impl Default for KeptManner {
    fn default() -> Self {
        KeptManner::Once(false)
    }
}

impl KeptManner {
    fn of(fact: &TraitFact) -> KeptManner {
        match fact.operated {
            Some(Operated { operations, base }) => KeptManner::Operated(operations, base.map(Time::millis)),
            None => KeptManner::Once(fact.once),
        }
    }

    fn is_plain(&self) -> bool {
        matches!(self, KeptManner::Once(false))
    }
}

/// Traits as they are kept: `{"name": [value, set_at, source]}`.
pub(crate) fn read_traits(text: &str) -> BTreeMap<String, TraitFact> {
    let facts: BTreeMap<String, KeptFact<Value, String>> = serde_json::from_str(text).unwrap_or_default();
    facts
        .into_iter()
        .map(|(name, KeptFact(value, at, source, manner))| {
            let (once, operated) = match manner {
                KeptManner::Once(once) => (once, None),
                KeptManner::Operated(operations, base) => {
                    (false, Some(Operated { operations, base: base.map(Time::from_millis) }))
                }
            };
            (name, TraitFact { value, at: Time::from_millis(at), source, once, operated })
        })
        .collect()
}

/// The text that [`read_traits`] reads.
pub(crate) fn write_traits(traits: &BTreeMap<String, TraitFact>) -> String {
    let facts: BTreeMap<&str, KeptFact<&Value, &str>> = traits
        .iter()
        .map(|(name, fact)| {
            let kept = KeptFact(&fact.value, fact.at.millis(), fact.source.as_str(), KeptManner::of(fact));
            (name.as_str(), kept)
        })
        .collect();
    serde_json::to_string(&facts).unwrap_or_else(|_| "{}".to_owned())
}

/// What the search for members looks through: the value of the identity and what its traits say, in lower case.
pub(crate) fn search_text(identity: &Identity) -> String {
    let mut text = identity.value.to_lowercase();
    let mut pending: Vec<&Value> = identity.traits.values().rev().map(|fact| &fact.value).collect();
    while let Some(value) = pending.pop() {
        match value {
            Value::Null | Value::Bool(_) => {}
            Value::Number(number) => text = text + "\n" + &number.to_string(),
            Value::String(said) => text = text + "\n" + &said.to_lowercase(),
            Value::Array(items) => pending.extend(items.iter().rev()),
            Value::Object(fields) => pending.extend(fields.values()),
        }
    }
    text
}

async fn load_memberships(db: &impl Sql, keys: &[i64], members: &mut HashMap<i64, MemberState>) -> Result<(), DbErr> {
    let rows: Vec<MembershipRow> = db
        .all_rows(
            "SELECT s.member_id, s.segment_id, s.entered_at
             FROM {rows} JOIN segment_members s ON s.member_id = CAST(r.value->>0 AS BIGINT)",
            &keys_as_rows(keys),
            Vec::new(),
        )
        .await?;
    for row in rows {
        if let Some(member) = members.get_mut(&row.member_id) {
            member.memberships.insert(SegmentId(row.segment_id), Time::from_millis(row.entered_at));
        }
    }
    Ok(())
}

async fn load_occurrences(
    db: &impl Sql,
    owners: &HashMap<i64, i64>,
    members: &mut HashMap<i64, MemberState>,
    books: &HashMap<WorkspaceId, Arc<RuleBook>>,
    (now, events_at_once): (Time, usize),
) -> Result<(), DbErr> {
    for book in books.values() {
        let identities: Vec<(i64,)> = owners
            .iter()
            .filter(|(_, member)| members.get(*member).is_some_and(|m| m.workspace == book.workspace))
            .map(|(identity, _)| (*identity,))
            .collect();
        events::load_events(db, book, &identities, owners, (&mut *members, now), events_at_once).await?;
        load_tag_changes(db, book, &identities, owners, members).await?;
        load_group_changes(db, book, &identities, owners, members).await?;
    }
    Ok(())
}

async fn load_tag_changes(
    db: &impl Sql,
    book: &RuleBook,
    identities: &[(i64,)],
    owners: &HashMap<i64, i64>,
    members: &mut HashMap<i64, MemberState>,
) -> Result<(), DbErr> {
    let tags = book.tags_with_past();
    if tags.is_empty() {
        return Ok(());
    }
    let rows: Vec<TagChangeRow> = db
        .all_rows(
            "SELECT c.identity_id, c.tag, c.added, c.changed_at
             FROM {rows} JOIN tag_changes c ON c.identity_id = CAST(r.value->>0 AS BIGINT) AND c.tag IN (TAGS)
             ORDER BY c.changed_at, c.id"
                .replace("TAGS", &placeholders(2, tags.len()))
                .as_str(),
            identities,
            tags.iter().map(|tag| (*tag).into()).collect(),
        )
        .await?;
    for row in rows {
        let Some(member) = owners.get(&row.identity_id).and_then(|owner| members.get_mut(owner)) else { continue };
        let at = Time::from_millis(row.changed_at);
        member.past.mark(book, Touch::Tag(row.tag), at, IdentityId(row.identity_id), row.added != 0);
    }
    Ok(())
}

async fn load_group_changes(
    db: &impl Sql,
    book: &RuleBook,
    identities: &[(i64,)],
    owners: &HashMap<i64, i64>,
    members: &mut HashMap<i64, MemberState>,
) -> Result<(), DbErr> {
    let groups = book.groups_with_past();
    if groups.is_empty() {
        return Ok(());
    }
    let rows: Vec<GroupChangeRow> = db
        .all_rows(
            "SELECT c.identity_id, c.group_id, c.joined, c.changed_at
             FROM {rows} JOIN group_changes c ON c.identity_id = CAST(r.value->>0 AS BIGINT) AND c.group_id IN (GROUPS)
             ORDER BY c.changed_at, c.id"
                .replace("GROUPS", &placeholders(2, groups.len()))
                .as_str(),
            identities,
            groups.iter().map(|group| group.0.into()).collect(),
        )
        .await?;
    for row in rows {
        let Some(member) = owners.get(&row.identity_id).and_then(|owner| members.get_mut(owner)) else { continue };
        let (at, group) = (Time::from_millis(row.changed_at), GroupId(row.group_id));
        member.past.mark(book, Touch::Group(group), at, IdentityId(row.identity_id), row.joined != 0);
    }
    Ok(())
}

fn placeholders(first: usize, count: usize) -> String {
    (first..first + count).map(|n| format!("${n}")).collect::<Vec<_>>().join(", ")
}
