//! Parting members: undoing a merge, in whatever order merges were made, and splitting an identity off.
//!
//! Members whom a merge joined are links between the members to whom the identities first belonged. Undoing one takes its
//! link away: what is still connected stays one member. Since every fact belongs to the identity that gave it, moving
//! the identities is all; what is computed from facts is computed anew. That is done in the database, by an event that
//! is alone in its batch, before anybody is loaded.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use base::{
    Event, EventKind, IdSource, Time,
    ids::{IdentityId, MemberId, MergeId, SegmentId, WorkspaceId},
};
use sea_orm::{DbErr, FromQueryResult};
use serde::{Deserialize, Serialize};
use store::{Sql, Tx};

use crate::{
    members::MemberState,
    rules::RuleBook,
    segments::{Entry, enter},
};

/// The command that undoes a merge: `{"merge": "mrg_…"}`.
pub const MERGE_UNDONE: &str = "Merge Undone";
/// The command that makes a member of his own of one identity: `{"identity": "idn_…", "member": "mem_…"}`, the latter
/// being the id of the new member.
pub const IDENTITY_SPLIT: &str = "Identity Split";

/// What a parting has done.
#[derive(Clone, Debug)]
pub struct Parted {
    /// The member who was one too many, and keeps his id.
    pub kept: MemberId,
    /// The member who stands beside him now.
    pub parted: MemberId,
    /// The members, as they first were, of whom the second consists; runs of journeys that they entered are his.
    pub origins: Vec<MemberId>,
    /// What the two had reached before they became one, as far as that is known.
    pub reached: Vec<(MemberId, Reached)>,
}

/// What a member had reached for good, and when he was last here. Events that tell it may have been deleted since.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reached {
    /// When he was last here.
    pub last_seen_at: Time,
    /// Segments that nobody leaves, and since when he is in them.
    pub kept: Vec<(SegmentId, Time)>,
}

impl Reached {
    /// What a member has reached.
    pub(crate) fn of(member: &MemberState, book: &RuleBook) -> Reached {
        let kept = book.segments.iter().filter(|segment| segment.keeps && !segment.is_successor);
        let since = kept.filter_map(|segment| Some((segment.id, *member.memberships.get(&segment.id)?)));
        Reached { last_seen_at: member.last_seen_at, kept: since.collect() }
    }
}

/// Whether an event rearranges members and therefore has a batch of its own.
pub(crate) fn parts_members(event: &Event) -> bool {
    event.kind == EventKind::Command && matches!(event.name.as_str(), MERGE_UNDONE | IDENTITY_SPLIT)
}

/// Carries out an event for which [`parts_members`] holds. `None` when there is nothing to part any more.
pub(crate) async fn part(tx: &Tx, ids: &IdSource, event: &Event, now: Time) -> Result<Option<Parted>, DbErr> {
    let properties = event.properties_value();
    let text = |name: &str| properties.get(name).and_then(serde_json::Value::as_str);
    let parted = match event.name.as_str() {
        MERGE_UNDONE => match text("merge").and_then(|id| id.parse().ok()) {
            Some(merge) => undo(tx, ids, event, merge, now).await?,
            None => None,
        },
        _ => match (text("identity").and_then(|id| id.parse().ok()), text("member").and_then(|id| id.parse().ok())) {
            (Some(identity), Some(member)) => split(tx, event, identity, member).await?,
            _ => None,
        },
    };
    if let Some(parted) = &parted {
        for member in [parted.kept, parted.parted] {
            let reached = parted.reached.iter().find(|(who, _)| *who == member);
            refresh_dates(tx, member, reached.map(|(_, reached)| reached.last_seen_at)).await?;
        }
        // Whoever is parted is not made one again by a machine; the rule book carries the list.
        tx.run("UPDATE workspaces SET rules_version = rules_version + 1 WHERE id = $1", vec![event.workspace.0.into()])
            .await?;
    }
    Ok(parted)
}

#[derive(FromQueryResult)]
struct LinkRow {
    id: i64,
    kept_origin_id: i64,
    absorbed_origin_id: i64,
    merged_at: i64,
}

#[derive(FromQueryResult)]
struct MergeRow {
    kept_member_id: i64,
    absorbed_member_id: i64,
    kept_origin_id: i64,
    absorbed_origin_id: i64,
    merged_at: i64,
    reached_json: Option<String>,
}

#[derive(FromQueryResult)]
struct IdentityRow {
    id: i64,
    origin_member_id: i64,
}

async fn undo(tx: &Tx, ids: &IdSource, event: &Event, merge: MergeId, now: Time) -> Result<Option<Parted>, DbErr> {
    let row: Option<MergeRow> = tx
        .one(
            "SELECT kept_member_id, absorbed_member_id, kept_origin_id, absorbed_origin_id, merged_at, reached_json
             FROM merges WHERE id = $1 AND workspace_id = $2 AND undone_at IS NULL",
            vec![merge.0.into(), event.workspace.0.into()],
        )
        .await?;
    let Some(row) = row else { return Ok(None) };
    let sides = sides_of(tx, merge, (row.kept_origin_id, row.absorbed_origin_id)).await?;
    tx.run(
        "UPDATE merges SET undone_at = $2, undone_by = $3 WHERE id = $1",
        vec![merge.0.into(), now.millis().into(), event.source.clone().into()],
    )
    .await?;
    keep_apart(tx, event, row.kept_origin_id, row.absorbed_origin_id).await?;
    if !sides.is_possible() {
        return Ok(None);
    }
    let Some(parted) = sides.parted(&(row.kept_member_id, row.absorbed_member_id)) else { return Ok(None) };
    let Sides { kept, kept_is_absorbed, origins, moving, links, .. } = sides;
    move_identities(tx, &moving, parted).await?;
    tx.run("UPDATE members SET merged_into = NULL WHERE id = $1", vec![parted.into()]).await?;
    let others: Vec<(i64, i64)> = origins.iter().filter(|id| **id != parted).map(|id| (*id, parted)).collect();
    tx.run_rows(
        "UPDATE members SET merged_into = x.parted
         FROM (SELECT CAST(r.value->>0 AS BIGINT) AS id, CAST(r.value->>1 AS BIGINT) AS parted FROM {rows}) AS x
         WHERE members.id = x.id",
        &others,
    )
    .await?;
    restore_memberships(tx, ids, kept.0, row.merged_at, now).await?;
    let absorbed_at: Option<Option<i64>> =
        tx.scalar("SELECT MAX(merged_at) FROM merges WHERE absorbed_member_id = $1", vec![parted.into()]).await?;
    if let Some(absorbed_at) = absorbed_at.flatten() {
        restore_memberships(tx, ids, parted, absorbed_at, now).await?;
    }
    let [mut of_staying, mut of_parted] = reached_before(&row);
    if kept_is_absorbed {
        std::mem::swap(&mut of_staying, &mut of_parted);
    }
    let mut reached = Vec::new();
    let unchanged = unchanged_since(tx, event.workspace, row.merged_at).await?;
    for (member, before) in [(kept, of_staying), (MemberId(parted), of_parted)] {
        if let Some(mut before) = before {
            before.kept.retain(|(segment, _)| unchanged.contains(&segment.0));
            reached.push((member, before));
        }
    }
    // Whoever became one with them later became one with both.
    let later: Vec<i64> = links.iter().filter(|link| link.merged_at >= row.merged_at).map(|link| link.id).collect();
    forget_reached(tx, &later).await?;
    let origins = origins.into_iter().map(MemberId).collect();
    Ok(Some(Parted { kept, parted: MemberId(parted), origins, reached }))
}

/// Who would be whom if a merge were undone.
pub(super) struct Sides {
    /// The member who stands for both now, and keeps his id on the side to which he himself belongs.
    pub(super) kept: MemberId,
    /// Whether that is the side of the one who was absorbed.
    kept_is_absorbed: bool,
    /// The members, as they first were, of whom the other side consists.
    origins: BTreeSet<i64>,
    /// The identities that go over to the other side.
    pub(super) moving: Vec<i64>,
    identities: usize,
    links: Vec<LinkRow>,
}

impl Sides {
    /// Whether there would be two members, each with an identity.
    pub(super) fn is_possible(&self) -> bool {
        !self.moving.is_empty() && self.moving.len() < self.identities
    }

    /// The member who would stand for the other side; of a merge it is known who stayed and who was absorbed.
    pub(super) fn parted(&self, (kept, absorbed): &(i64, i64)) -> Option<i64> {
        let known = [absorbed, kept].into_iter().find(|id| self.origins.contains(id));
        known.or_else(|| self.origins.first()).copied()
    }
}

/// What undoing a merge between these two origins would part, as it is now.
pub(super) async fn sides_of(
    db: &impl Sql,
    merge: MergeId,
    (kept_origin, absorbed_origin): (i64, i64),
) -> Result<Sides, DbErr> {
    let links = links_around(db, kept_origin).await?;
    let kept = MemberId(present(db, kept_origin).await?);
    let remaining: Vec<&LinkRow> = links.iter().filter(|link| link.id != merge.0).collect();
    let absorbed_side = reachable(absorbed_origin, &remaining);
    let kept_side = reachable(kept_origin, &remaining);
    let kept_is_absorbed = absorbed_side.contains(&kept.0);
    let origins = if kept_is_absorbed { kept_side } else { absorbed_side };
    let identities: Vec<IdentityRow> =
        db.all("SELECT id, origin_member_id FROM identities WHERE member_id = $1", vec![kept.0.into()]).await?;
    let moving = identities.iter().filter(|row| origins.contains(&row.origin_member_id)).map(|row| row.id).collect();
    Ok(Sides { kept, kept_is_absorbed, origins, moving, identities: identities.len(), links })
}

fn reached_before(row: &MergeRow) -> [Option<Reached>; 2] {
    let pair = row.reached_json.as_deref().and_then(|text| serde_json::from_str::<[Reached; 2]>(text).ok());
    pair.map_or([None, None], |pair| pair.map(Some))
}

/// What two members had reached before these merges is no longer that of whom they would part.
async fn forget_reached(tx: &Tx, merges: &[i64]) -> Result<(), DbErr> {
    let rows: Vec<(i64,)> = merges.iter().map(|id| (*id,)).collect();
    tx.run_rows(
        "UPDATE merges SET reached_json = NULL WHERE id IN (SELECT CAST(r.value->>0 AS BIGINT) FROM {rows})",
        &rows,
    )
    .await?;
    Ok(())
}

/// The segments that nobody leaves and whose rules are those of that moment.
async fn unchanged_since(tx: &Tx, workspace: WorkspaceId, moment: i64) -> Result<BTreeSet<i64>, DbErr> {
    let rows: Vec<IdRow> = tx
        .all(
            "SELECT id FROM segments WHERE workspace_id = $1 AND keeps = 1 AND updated_at < $2 AND deleted_at IS NULL",
            vec![workspace.0.into(), moment.into()],
        )
        .await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

#[derive(FromQueryResult)]
struct IdRow {
    id: i64,
}

async fn split(tx: &Tx, event: &Event, identity: IdentityId, parted: MemberId) -> Result<Option<Parted>, DbErr> {
    let owner: Option<i64> = tx
        .scalar(
            "SELECT member_id FROM identities WHERE id = $1 AND workspace_id = $2",
            vec![identity.0.into(), event.workspace.0.into()],
        )
        .await?;
    let Some(kept) = owner else { return Ok(None) };
    let identities: Vec<IdentityRow> =
        tx.all("SELECT id, origin_member_id FROM identities WHERE member_id = $1", vec![kept.into()]).await?;
    let Some(row) = identities.iter().find(|row| row.id == identity.0).filter(|_| identities.len() > 1) else {
        return Ok(None);
    };
    tx.run(
        "INSERT INTO members (id, workspace_id, created_at, last_seen_at) VALUES ($1, $2, 0, 0)",
        vec![parted.0.into(), event.workspace.0.into()],
    )
    .await?;
    keep_apart(tx, event, row.origin_member_id, parted.0).await?;
    let around: Vec<i64> = links_around(tx, row.origin_member_id).await?.iter().map(|link| link.id).collect();
    forget_reached(tx, &around).await?;
    tx.run(
        "UPDATE identities SET home_member_id = COALESCE(home_member_id, origin_member_id), origin_member_id = $2
         WHERE id = $1",
        vec![identity.0.into(), parted.0.into()],
    )
    .await?;
    move_identities(tx, &[identity.0], parted.0).await?;
    Ok(Some(Parted { kept: MemberId(kept), parted, origins: Vec::new(), reached: Vec::new() }))
}

async fn move_identities(tx: &Tx, identities: &[i64], to: i64) -> Result<(), DbErr> {
    let rows: Vec<(i64, i64)> = identities.iter().map(|identity| (*identity, to)).collect();
    tx.run_rows(
        "UPDATE identities SET member_id = x.owner
         FROM (SELECT CAST(r.value->>0 AS BIGINT) AS id, CAST(r.value->>1 AS BIGINT) AS owner FROM {rows}) AS x
         WHERE identities.id = x.id",
        &rows,
    )
    .await?;
    Ok(())
}

async fn keep_apart(tx: &Tx, event: &Event, one: i64, other: i64) -> Result<(), DbErr> {
    tx.run(
        "INSERT INTO kept_apart (workspace_id, one_id, other_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        vec![event.workspace.0.into(), one.min(other).into(), one.max(other).into()],
    )
    .await?;
    Ok(())
}

#[derive(FromQueryResult)]
struct PairRow {
    one_id: i64,
    other_id: i64,
}

/// The members of a workspace whom an operator has parted, the older one first.
pub(crate) async fn load_kept_apart(tx: &Tx, workspace: WorkspaceId) -> Result<HashSet<(MemberId, MemberId)>, DbErr> {
    let rows: Vec<PairRow> =
        tx.all("SELECT one_id, other_id FROM kept_apart WHERE workspace_id = $1", vec![workspace.0.into()]).await?;
    Ok(rows.into_iter().map(|row| (MemberId(row.one_id), MemberId(row.other_id))).collect())
}

/// Every link that is not undone, however far from this member.
async fn links_around(db: &impl Sql, origin: i64) -> Result<Vec<LinkRow>, DbErr> {
    db.all(
        "WITH RECURSIVE reached (origin) AS (
           SELECT CAST($1 AS BIGINT)
           UNION
           SELECT l.other FROM reached JOIN (
             SELECT kept_origin_id AS one, absorbed_origin_id AS other FROM merges WHERE undone_at IS NULL
             UNION ALL
             SELECT absorbed_origin_id, kept_origin_id FROM merges WHERE undone_at IS NULL) AS l ON l.one = reached.origin)
         SELECT m.id, m.kept_origin_id, m.absorbed_origin_id, m.merged_at
         FROM reached JOIN merges m ON m.kept_origin_id = reached.origin WHERE m.undone_at IS NULL",
        vec![origin.into()],
    )
    .await
}

fn reachable(from: i64, links: &[&LinkRow]) -> BTreeSet<i64> {
    let mut neighbours: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    for link in links {
        neighbours.entry(link.kept_origin_id).or_default().push(link.absorbed_origin_id);
        neighbours.entry(link.absorbed_origin_id).or_default().push(link.kept_origin_id);
    }
    let mut found = BTreeSet::from([from]);
    let mut pending = vec![from];
    while let Some(next) = pending.pop() {
        for neighbour in neighbours.get(&next).into_iter().flatten() {
            if found.insert(*neighbour) {
                pending.push(*neighbour);
            }
        }
    }
    found
}

/// The member who stands for this one.
async fn present(db: &impl Sql, member: i64) -> Result<i64, DbErr> {
    let into: Option<Option<i64>> =
        db.scalar("SELECT merged_into FROM members WHERE id = $1", vec![member.into()]).await?;
    Ok(into.flatten().unwrap_or(member))
}

/// When a member was first and last here, from the facts of his identities; the latter not before a moment that is known.
async fn refresh_dates(tx: &Tx, member: MemberId, last_seen_at: Option<Time>) -> Result<(), DbErr> {
    tx.run(
        "UPDATE members SET
           created_at = (SELECT MIN(i.created_at) FROM identities i WHERE i.member_id = members.id),
           last_seen_at = COALESCE(
             (SELECT MAX(CASE WHEN e.happened_at < e.received_at THEN e.happened_at ELSE e.received_at END)
              FROM identities i JOIN events e ON e.identity_id = i.id JOIN event_names n ON n.id = e.name_id
              WHERE i.member_id = members.id AND e.kind <> 'command'
                AND (e.kind <> 'delivery' OR n.name LIKE '%Clicked' OR n.name LIKE '%Opened')),
             (SELECT MIN(i.created_at) FROM identities i WHERE i.member_id = members.id))
         WHERE id = $1",
        vec![member.0.into()],
    )
    .await?;
    if let Some(known) = last_seen_at {
        tx.run(
            "UPDATE members SET last_seen_at = $2 WHERE id = $1 AND last_seen_at < $2",
            vec![member.0.into(), known.millis().into()],
        )
        .await?;
    }
    Ok(())
}

/// Puts a member back into the segments that he left at that moment by being merged, since when he was in them. Whether
/// he still belongs there is decided with all other segments.
async fn restore_memberships(tx: &Tx, ids: &IdSource, member: i64, left_at: i64, now: Time) -> Result<(), DbErr> {
    let restored: Vec<MembershipRow> = tx
        .all(
            "SELECT c.segment_id, MAX(e.changed_at) AS entered_at
             FROM segment_changes c
             JOIN segments s ON s.id = c.segment_id AND s.deleted_at IS NULL
             JOIN segment_changes e ON e.segment_id = c.segment_id AND e.member_id = c.member_id AND e.entered = 1
               AND e.id < c.id
             LEFT JOIN segment_members m ON m.segment_id = c.segment_id AND m.member_id = c.member_id
             WHERE c.member_id = $1 AND c.entered = 0 AND c.changed_at = $2 AND m.member_id IS NULL
             GROUP BY c.segment_id",
            vec![member.into(), left_at.into()],
        )
        .await?;
    let rows: Vec<Entry> =
        restored.iter().map(|row| (row.segment_id, member, row.entered_at, ids.next_number(), now.millis())).collect();
    enter(tx, &rows).await?;
    tx.run_rows(
        "UPDATE segments SET size = size + 1 WHERE id IN (SELECT CAST(r.value->>0 AS BIGINT) FROM {rows})",
        &rows,
    )
    .await?;
    Ok(())
}

#[derive(FromQueryResult)]
struct MembershipRow {
    segment_id: i64,
    entered_at: i64,
}
