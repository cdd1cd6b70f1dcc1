//! How things stand with many members at once: what the judge needs to know of each.

use std::collections::{BTreeMap, HashMap};

use base::{
    Time,
    ids::{MemberId, WorkspaceId},
};
use people::{consent::TRANSACTIONAL, members::own_time_zones};
use sea_orm::{ConnectionTrait, DbBackend};
use store::{DbErr, FromQueryResult, Sql, Tx};

use super::{
    hours::{Per, local_period},
    judge::{Contact, Planned, Standing, periods},
    policy::Rules,
};

/// Of whom is asked: members as messages name them, with their workspaces.
pub(crate) type Named = (MemberId, WorkspaceId);

/// How things stand with members, by the member that a message names. One who was absorbed stands as the member he is now,
/// who has what all of them got.
#[derive(Debug, Default)]
pub(crate) struct Standings {
    present: HashMap<i64, i64>,
    by_member: HashMap<i64, Standing>,
}

impl Standings {
    /// How things stand with the member whom a message names.
    pub(crate) fn of(&mut self, member: i64) -> Option<&mut Standing> {
        let present = self.present.get(&member).copied().unwrap_or(member);
        self.by_member.get_mut(&present)
    }
}

#[derive(FromQueryResult)]
struct PresentRow {
    named: i64,
    present: i64,
}

#[derive(FromQueryResult)]
struct ContactRow {
    nth: i64,
    channel_kind: String,
    topic: String,
    number: i64,
}

#[derive(FromQueryResult)]
struct PlannedRow {
    nth: i64,
    channel_kind: String,
    topic: String,
    priority: i64,
    number: i64,
    due: i64,
}

/// One member and one period: place, member, start and end of the period, now.
type Wanted = (usize, i64, i64, i64, i64);

/// Who members are now, by whom a message names.
pub(crate) async fn present(db: &impl Sql, named: &[Named]) -> Result<HashMap<i64, i64>, DbErr> {
    let mut keys: Vec<(i64,)> = named.iter().map(|(member, _)| (member.0,)).collect();
    keys.sort_unstable();
    keys.dedup();
    let rows: Vec<PresentRow> = db
        .all_rows(
            "SELECT m.id AS named, COALESCE(m.merged_into, m.id) AS present
             FROM {rows} JOIN members m ON m.id = CAST(r.value->>0 AS BIGINT)",
            &keys,
            Vec::new(),
        )
        .await?;
    Ok(rows.into_iter().map(|row| (row.named, row.present)).collect())
}

/// Makes outboxes that decide about the same member take turns until the end of the transaction. On SQLite there is one
/// writer anyway.
pub(crate) async fn take_turns(tx: &Tx, present: &HashMap<i64, i64>) -> Result<(), DbErr> {
    if tx.get_database_backend() != DbBackend::Postgres {
        return Ok(());
    }
    let mut keys: Vec<(i64,)> = present.values().map(|member| (*member,)).collect();
    keys.sort_unstable();
    keys.dedup();
    // In one order, so that nobody waits in a circle.
    tx.run_rows(
        "SELECT pg_advisory_xact_lock(x.member_id)
         FROM (SELECT CAST(r.value->>0 AS BIGINT) AS member_id FROM {rows} ORDER BY 1) AS x",
        &keys,
    )
    .await?;
    Ok(())
}

/// Reads how things stand with members, in a number of queries that does not depend on how many they are.
pub(crate) async fn load_standings(
    db: &impl Sql,
    rules: &HashMap<i64, Rules>,
    named: &[Named],
    present: HashMap<i64, i64>,
    exempt_kinds: &[&str],
    now: Time,
) -> Result<Standings, DbErr> {
    let mut workspaces: BTreeMap<i64, i64> = BTreeMap::new();
    for (member, workspace) in named {
        workspaces.insert(present.get(&member.0).copied().unwrap_or(member.0), workspace.0);
    }
    let members: Vec<MemberId> = workspaces.keys().map(|member| MemberId(*member)).collect();
    let mut zones = own_time_zones(db, &members, now).await?;
    let mut by_member: HashMap<i64, Standing> = HashMap::new();
    let mut wanted: Vec<Wanted> = Vec::new();
    let mut places: Vec<(i64, Per)> = Vec::new();
    for (member, workspace) in workspaces {
        let Some(rules) = rules.get(&workspace) else { continue };
        let zone = zones.remove(&MemberId(member)).unwrap_or_else(|| rules.zone.clone());
        for per in periods(rules) {
            let period = local_period(per, now, &zone);
            wanted.push((places.len(), member, period.start.millis(), period.end.millis(), now.millis()));
            places.push((member, per));
        }
        by_member.insert(member, Standing::empty(zone));
    }
    let is_capped = |kind: &str, topic: &str| topic != TRANSACTIONAL && !exempt_kinds.contains(&kind);
    for row in contacts(db, &wanted).await?.into_iter().filter(|row| is_capped(&row.channel_kind, &row.topic)) {
        let Some((standing, per)) = at(&places, &mut by_member, row.nth) else { continue };
        let contact = Contact { channel_kind: row.channel_kind, topic: row.topic, number: row.number };
        standing.contacts.entry(per).or_default().push(contact);
    }
    for row in planned(db, &wanted).await?.into_iter().filter(|row| is_capped(&row.channel_kind, &row.topic)) {
        let Some((standing, per)) = at(&places, &mut by_member, row.nth) else { continue };
        standing.planned.entry(per).or_default().push(Planned {
            channel_kind: row.channel_kind,
            topic: row.topic,
            priority: row.priority,
            number: row.number,
            due: Time::from_millis(row.due),
        });
    }
    Ok(Standings { present, by_member })
}

fn at<'a>(
    places: &[(i64, Per)],
    by_member: &'a mut HashMap<i64, Standing>,
    nth: i64,
) -> Option<(&'a mut Standing, Per)> {
    let (member, per) = places.get(usize::try_from(nth).ok()?)?;
    Some((by_member.get_mut(member)?, *per))
}

/// The members of each place: who he is now and whom he absorbed.
const WHOSE: &str = "whose (nth, member_id, since, until, now) AS (
       SELECT CAST(r.value->>0 AS BIGINT), CAST(r.value->>1 AS BIGINT), CAST(r.value->>2 AS BIGINT),
              CAST(r.value->>3 AS BIGINT), CAST(r.value->>4 AS BIGINT) FROM {rows}
       UNION ALL
       SELECT CAST(r.value->>0 AS BIGINT), m.id, CAST(r.value->>2 AS BIGINT), CAST(r.value->>3 AS BIGINT),
              CAST(r.value->>4 AS BIGINT)
       FROM {rows} JOIN members m ON m.merged_into = CAST(r.value->>1 AS BIGINT))";

/// What left within the periods. A message counts in the period in which it left; one of which nobody knows whether it was
/// taken counts, one that certainly was not does not.
async fn contacts(db: &impl Sql, wanted: &[Wanted]) -> Result<Vec<ContactRow>, DbErr> {
    let sql = format!(
        "WITH {WHOSE}
         SELECT w.nth, d.channel_kind, d.topic, COUNT(*) AS number
         FROM whose w JOIN deliveries d ON d.member_id = w.member_id AND d.claimed_at >= w.since
         WHERE d.state IN ('sending', 'accepted', 'delivered', 'unknown')
         GROUP BY w.nth, d.channel_kind, d.topic"
    );
    db.all_rows(&sql, wanted, Vec::new()).await
}

/// What is queued and due before the periods end, unless it will have expired by then.
async fn planned(db: &impl Sql, wanted: &[Wanted]) -> Result<Vec<PlannedRow>, DbErr> {
    let sql = format!(
        "WITH {WHOSE}
         SELECT w.nth, d.channel_kind, d.topic, d.priority, COUNT(*) AS number, MIN(d.next_attempt_at) AS due
         FROM whose w JOIN deliveries d ON d.member_id = w.member_id
         WHERE d.state = 'queued' AND d.next_attempt_at < w.until
           AND (d.expires_at IS NULL OR (d.expires_at > d.next_attempt_at AND d.expires_at > w.now))
         GROUP BY w.nth, d.channel_kind, d.topic, d.priority"
    );
    db.all_rows(&sql, wanted, Vec::new()).await
}
