//! Looking at the queue: what waits, in the order in which it will go, and why each waits.

use std::collections::{HashMap, HashSet};

use base::{
    Time,
    ids::{ChannelId, JourneyId, MemberId, WorkspaceId},
};
use channels::Room;
use store::{DbErr, FromQueryResult, Sql, Value};

use super::{
    MAX_ATTEMPTS,
    judge::{Hold, Verdict, judge},
    policy::load_rules,
    queued::{COLUMNS, QueuedRow, is_to_people},
    rows::{By, Level, PARTS_AT_ONCE, levels},
    standing::{Named, load_standings, present},
    words::Reason,
};
use crate::{Outreach, channel_config::Health};

/// Which part of the queue is asked for.
#[derive(Clone, Debug, Default)]
pub(super) struct Which {
    pub channel: Option<ChannelId>,
    pub member: Option<MemberId>,
    pub journey: Option<JourneyId>,
}

/// A place in the order in which messages go: those that are due by priority, then the others as they become due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    /// 0 for what is due, else when it will be.
    later: i64,
    /// Less than zero: the higher the priority, the smaller.
    rank: i64,
    at: i64,
    id: i64,
}

impl Place {
    fn of(row: &QueuedRow, asked_at: Time) -> Place {
        let later = if row.next_attempt_at <= asked_at.millis() { 0 } else { row.next_attempt_at };
        Place { later, rank: -row.priority, at: row.next_attempt_at, id: row.id }
    }

    /// As text, for a cursor.
    pub(super) fn write(self, asked_at: Time) -> String {
        format!("{} {} {} {} {}", asked_at.millis(), self.later, self.rank, self.at, self.id)
    }

    /// What [`Place::write`] wrote.
    pub(super) fn read(text: &str) -> Option<(Time, Place)> {
        let numbers: Vec<i64> = text.split(' ').map(|part| part.parse().ok()).collect::<Option<_>>()?;
        let [asked_at, later, rank, at, id] = numbers.try_into().ok()?;
        Some((Time::from_millis(asked_at), Place { later, rank, at, id }))
    }
}

/// A message that waits, and why.
#[derive(Clone, Debug)]
pub(super) struct Waiting {
    pub row: QueuedRow,
    pub place: Place,
    pub why: Reason,
    /// Not before this moment; `None` where something else than time has to change first, or nothing.
    pub not_before: Option<Time>,
}

#[derive(FromQueryResult)]
struct ChannelStateRow {
    id: i64,
    state: String,
}

/// A page of the queue as it was in its order at `asked_at`, behind a place.
pub(super) async fn page(
    outreach: &Outreach,
    workspace: WorkspaceId,
    which: &Which,
    (asked_at, after): (Time, Option<Place>),
    limit: usize,
) -> Result<Vec<Waiting>, DbErr> {
    let channels = states(outreach, workspace).await?;
    let rows = match which.member {
        Some(member) => of_member(outreach, workspace, (member, which), (asked_at, after), limit).await?,
        None => of_queues(outreach, &channels, which, (asked_at, after), limit).await?,
    };
    explained(outreach, workspace, &channels, rows, asked_at).await
}

/// The channels of a workspace, by id, with their states.
pub(super) async fn states(outreach: &Outreach, workspace: WorkspaceId) -> Result<HashMap<i64, String>, DbErr> {
    let rows: Vec<ChannelStateRow> = outreach
        .db
        .read()
        .all("SELECT id, state FROM channels WHERE workspace_id = $1 AND deleted_at IS NULL", vec![workspace.0.into()])
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.state)).collect())
}

/// From every priority of every channel, or of the journey that is asked for, what comes first, and of all these the
/// first. Nothing else of the queue is read.
async fn of_queues(
    outreach: &Outreach,
    channels: &HashMap<i64, String>,
    which: &Which,
    (asked_at, after): (Time, Option<Place>),
    limit: usize,
) -> Result<Vec<QueuedRow>, DbErr> {
    let db = outreach.db.read();
    let wanted = |id: &&i64| which.channel.is_none_or(|channel| channel.0 == **id);
    let mut ids: Vec<i64> = channels.keys().filter(wanted).copied().collect();
    ids.sort_unstable();
    let levels = match which.journey {
        Some(_) if ids.is_empty() => Vec::new(),
        Some(journey) => levels(db, By::Journey, &[journey.0]).await?,
        None => levels(db, By::Channel, &ids).await?,
    };
    let own = which.journey.map(|_| of_channels(&ids)).unwrap_or_default();
    let mut found: Vec<QueuedRow> = Vec::new();
    for is_due in [true, false] {
        let parts: Vec<String> =
            levels.iter().filter_map(|level| part(level, &own, (asked_at, after), is_due, limit)).collect();
        for some in parts.chunks(PARTS_AT_ONCE) {
            let rows: Vec<QueuedRow> = db.all(&some.join(" UNION ALL "), Vec::new()).await?;
            found.extend(rows);
        }
        found.sort_by_key(|row| Place::of(row, asked_at));
        found.truncate(limit);
        if found.len() == limit {
            break;
        }
    }
    Ok(found)
}

/// That a row goes through one of these channels; not by their own queues, which may be long.
fn of_channels(ids: &[i64]) -> String {
    let ids: Vec<String> = ids.iter().map(i64::to_string).collect();
    format!(" AND d.channel_id + 0 IN ({})", ids.join(", "))
}

/// The query for the first rows of one level, of those that are due or of the others; `None` where none can follow.
fn part(
    level: &Level,
    own: &str,
    (asked_at, after): (Time, Option<Place>),
    is_due: bool,
    limit: usize,
) -> Option<String> {
    let mut condition = match is_due {
        true => format!(" AND d.next_attempt_at <= {}", asked_at.millis()),
        false => format!(" AND d.next_attempt_at > {}", asked_at.millis()),
    };
    if let Some(after) = after {
        let is_behind_due = after.later > 0;
        let rank = -level.priority;
        match (is_due, is_behind_due) {
            (true, true) => return None,
            (true, false) if rank < after.rank => return None,
            (true, false) if rank > after.rank => {}
            (false, false) => {}
            (true, false) => {
                condition += &format!(" AND (d.next_attempt_at, d.id) > ({}, {})", after.at, after.id);
            }
            (false, true) if rank < after.rank => condition += &format!(" AND d.next_attempt_at > {}", after.at),
            (false, true) if rank > after.rank => condition += &format!(" AND d.next_attempt_at >= {}", after.at),
            (false, true) => {
                condition += &format!(" AND (d.next_attempt_at, d.id) > ({}, {})", after.at, after.id);
            }
        }
    }
    condition += own;
    Some(level.part(COLUMNS, &condition, "d.next_attempt_at, d.id", limit))
}

/// What waits for one member, who has also what waits for members he absorbed.
async fn of_member(
    outreach: &Outreach,
    workspace: WorkspaceId,
    (member, which): (MemberId, &Which),
    (asked_at, after): (Time, Option<Place>),
    limit: usize,
) -> Result<Vec<QueuedRow>, DbErr> {
    let after = after.unwrap_or(Place { later: -1, rank: 0, at: 0, id: 0 });
    let mut values: Vec<Value> = vec![
        workspace.0.into(),
        member.0.into(),
        asked_at.millis().into(),
        after.later.into(),
        after.rank.into(),
        after.at.into(),
        after.id.into(),
        (limit as i64).into(),
    ];
    let mut condition = String::new();
    for (column, id) in [("channel_id", which.channel.map(|id| id.0)), ("journey_id", which.journey.map(|id| id.0))] {
        if let Some(id) = id {
            values.push(id.into());
            condition += &format!(" AND d.{column} + 0 = ${}", values.len());
        }
    }
    let later = "CASE WHEN d.next_attempt_at <= $3 THEN 0 ELSE d.next_attempt_at END";
    outreach
        .db
        .read()
        .all(
            &format!(
                "SELECT {COLUMNS} FROM deliveries d LEFT JOIN journeys j ON j.id = d.journey_id
                 WHERE d.state = 'queued' AND d.workspace_id + 0 = $1
                   AND d.member_id IN (SELECT CAST($2 AS BIGINT) UNION ALL SELECT id FROM members WHERE merged_into = $2)
                   AND ({later}, -d.priority, d.next_attempt_at, d.id) > ($4, $5, $6, $7){condition}
                 ORDER BY {later}, d.priority DESC, d.next_attempt_at, d.id LIMIT $8"
            ),
            values,
        )
        .await
}

/// Says of each row why it waits. What is due is put to the same judge that the outbox asks.
async fn explained(
    outreach: &Outreach,
    workspace: WorkspaceId,
    channels: &HashMap<i64, String>,
    rows: Vec<QueuedRow>,
    asked_at: Time,
) -> Result<Vec<Waiting>, DbErr> {
    let db = outreach.db.read();
    let now = outreach.clock.now();
    let rules = load_rules(db, Some(&[workspace])).await?;
    let Some(own) = rules.get(&workspace.0) else { return Ok(Vec::new()) };
    let due: Vec<&QueuedRow> = rows.iter().filter(|row| row.next_attempt_at <= now.millis()).collect();
    let named: Vec<Named> =
        if own.policy.restrains() { due.iter().map(|row| row.named()).collect() } else { Vec::new() };
    let present = present(db, &named).await?;
    let systems: Vec<&str> =
        outreach.registry.kinds().into_iter().filter(|kind| !is_to_people(outreach, kind)).collect();
    let mut standings = load_standings(db, &rules, &named, present, &systems, now).await?;
    let health: HashMap<i64, Health> = rows
        .iter()
        .map(|row| row.channel_id)
        .collect::<HashSet<i64>>()
        .into_iter()
        .filter_map(|id| Some((id, outreach.live.health(ChannelId(id))?)))
        .collect();
    let rooms: HashMap<i64, Room> = channels
        .keys()
        .filter_map(|id| Some((*id, outreach.live.get(ChannelId(*id))?.channel.ok()?.room()?)))
        .filter(|(_, room)| room.messages == 0)
        .collect();
    let mut waiting = Vec::with_capacity(rows.len());
    for row in rows {
        let channel = channels.get(&row.channel_id).map(String::as_str);
        let (why, not_before) = match (channel, health.get(&row.channel_id)) {
            (None, _) => (Reason::of("channel_missing"), None),
            (Some("paused"), _) => (Reason::of("channel_paused"), None),
            (_, Some(health)) if health.retry_at.is_none() => (Reason::of("broken"), None),
            (_, Some(health)) => (Reason::of("breaker"), health.retry_at),
            _ if row.next_attempt_at > now.millis() => (later(&row), Some(Time::from_millis(row.next_attempt_at))),
            _ => {
                let standing = standings.of(row.member_id);
                let verdict = standing.map(|standing| judge(own, standing, &row.asked(outreach, own), now));
                match (verdict.unwrap_or(Verdict::Go), rooms.get(&row.channel_id)) {
                    (Verdict::Go, Some(room)) => (Reason::of(room.reason), Some(now.plus(room.ask_again))),
                    (verdict, _) => judged(verdict),
                }
            }
        };
        waiting.push(Waiting { place: Place::of(&row, asked_at), row, why, not_before });
    }
    Ok(waiting)
}

fn later(row: &QueuedRow) -> Reason {
    match row.waits_for.as_deref().or(row.reason.as_deref()) {
        Some(code) => Reason::of(code),
        None if row.attempts > row.attempts_before => {
            Reason::retry(row.attempts - row.attempts_before + 1, MAX_ATTEMPTS)
        }
        None => Reason::of("scheduled"),
    }
}

fn judged(verdict: Verdict) -> (Reason, Option<Time>) {
    let reason = |hold: &Hold| {
        let reason = Reason::of(hold.why.word());
        match &hold.cap {
            Some((cap, used, kept)) => reason.with_numbers(cap.most, *used, *kept),
            None => reason,
        }
    };
    match verdict {
        Verdict::Go => (Reason::of("due"), None),
        Verdict::Wait(hold) => (reason(&hold), Some(hold.until)),
        Verdict::Drop(hold) => (reason(&hold).that_drops(), None),
    }
}
