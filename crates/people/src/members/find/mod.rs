//! Finding members by a filter, newest first.
//!
//! A page is found quickly or found in part: a look takes the next thousands of the side from which the plan begins, asks
//! each for the rest of the filter, and stops when the page is full or when it has taken as long as people wait. What it
//! answers then says how far it has come, and the next page goes on from there.

mod plan;
mod search;

use std::time::Duration;

use base::{
    Clock,
    ids::{MemberId, WorkspaceId},
};
use sea_orm::{DbErr, FromQueryResult};
use serde::Serialize;
use store::Sql;
use utoipa::ToSchema;

use super::filter::MemberFilter;
use plan::{IdRow, Part, Plan, Purpose, Source};

/// Where a list begins.
pub(crate) const START: i64 = i64::MAX;
/// Behind those whom an index named.
const BEHIND_NAMED: i64 = i64::MAX - 1;

/// How much of a side is looked at, and for how long.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Members in the first look.
    pub first: i64,
    /// Members in one look at most.
    pub most: i64,
    /// Of what more carry or belong to, each member is asked; what fewer do is read as a whole. With a million members both
    /// take the same time, a tenth of a second, at about four thousand.
    pub few: i64,
    /// When more members have an identity that begins with a text, that names nobody.
    pub named: i64,
    /// After this no further look begins.
    pub patience: Duration,
}

/// A look that takes less is followed by a larger one.
const QUICK: Duration = Duration::from_millis(40);

impl Pace {
    /// For people who wait.
    pub const LIST: Pace = Pace { patience: Duration::from_millis(180), ..Pace::ALL };
    /// For work that needs all of them.
    pub(crate) const ALL: Pace = Pace { first: 4_000, most: 64_000, few: 4_000, named: 200, patience: Duration::MAX };
}

/// How far a list has looked for one page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Searched {
    /// How many members were looked at for this page.
    pub members: i64,
    /// Whether that were all of them; while it is false, the next page goes on where this one stopped, even if this one is
    /// not full.
    pub done: bool,
}

/// Members of one page.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// In the order in which they are shown.
    pub ids: Vec<MemberId>,
    /// Where the next page begins, if there is one.
    pub next: Option<i64>,
    /// How far it was looked, where the filter asks for what no index has.
    pub searched: Option<Searched>,
}

/// The next page of members who match. Those whom the text that is looked for names come first; all others are in the order
/// of their ids, newest first. `position` is [`START`] or the `next` of the page before.
pub async fn find_page(
    db: &impl Sql,
    clock: &dyn Clock,
    workspace: WorkspaceId,
    filter: &MemberFilter,
    (position, limit): (i64, u64),
    pace: Pace,
) -> Result<Found, DbErr> {
    let started = clock.monotonic();
    let elapsed = || clock.monotonic().saturating_sub(started);
    let Some(plan) = Plan::of(db, workspace, filter, (Purpose::Some, pace.few)).await? else {
        return Ok(Found::default());
    };
    let Some(text) = filter.wanted_text() else {
        return walk(db, &plan, (position, limit as usize), &[], pace, elapsed).await;
    };
    let named = search::named(db, workspace, text, pace.named).await?;
    let is_among_named = position == START || position < 0;
    if !is_among_named {
        return walk(db, &plan, (position, limit as usize), &named, pace, elapsed).await;
    }
    let earlier: Vec<MemberId> =
        named.iter().copied().filter(|id| position == START || id.0 < position.saturating_neg()).collect();
    let mut first = plan.among(db, &earlier, &plan.whole()).await?;
    if first.len() > limit as usize {
        first.truncate(limit as usize);
        let next = first.last().map(|id| -id.0);
        return Ok(Found { ids: first, next, searched: Some(Searched::default()) });
    }
    let rest = limit as usize - first.len();
    let mut found = walk(db, &plan, (BEHIND_NAMED, rest), &named, pace, elapsed).await?;
    first.append(&mut found.ids);
    Ok(Found { ids: first, ..found })
}

/// The ids of members who match, newest first, before `before`: for work that takes all of them, page by page.
pub(crate) async fn find_ids(
    db: &impl Sql,
    workspace: WorkspaceId,
    filter: &MemberFilter,
    before: i64,
    limit: u64,
) -> Result<Vec<MemberId>, DbErr> {
    let Some(plan) = Plan::of(db, workspace, filter, (Purpose::Some, Pace::ALL.few)).await? else {
        return Ok(Vec::new());
    };
    Ok(walk(db, &plan, (before, limit as usize), &[], Pace::ALL, || Duration::ZERO).await?.ids)
}

/// How many members match.
pub(crate) async fn count_members(db: &impl Sql, workspace: WorkspaceId, filter: &MemberFilter) -> Result<i64, DbErr> {
    let Some(plan) = Plan::of(db, workspace, filter, (Purpose::Count, Pace::ALL.few)).await? else { return Ok(0) };
    if let Source::These(ids) = &plan.source {
        return Ok(plan.among(db, ids, &plan.conditions).await?.len() as i64);
    }
    let mut query = plan.hits("COUNT(*)", (START, i64::MIN));
    query.add(plan.conditions.clone());
    let (sql, values) = query.numbered(1);
    let count: Option<i64> = db.scalar(&sql, values).await?;
    Ok(count.unwrap_or_default())
}

/// Goes along the side from which the plan begins, until so many are found who are none of `others`, or time is over.
async fn walk(
    db: &impl Sql,
    plan: &Plan,
    (mut before, wanted): (i64, usize),
    others: &[MemberId],
    pace: Pace,
    elapsed: impl Fn() -> Duration,
) -> Result<Found, DbErr> {
    let is_plain = plan.conditions.sql.is_empty() && others.is_empty();
    let (mut window, mut looked_at) = (pace.first, 0);
    let mut found = Found::default();
    loop {
        let begun = elapsed();
        // One more tells whether there is another page.
        let room = wanted + 1 - found.ids.len();
        let look = match is_plain {
            true => plan.look(db, before, None, room).await?,
            false => plan.look(db, before, Some(window), room + others.len()).await?,
        };
        for id in look.ids.into_iter().filter(|id| !others.contains(id)) {
            if found.ids.len() == wanted {
                found.next = Some(found.ids.last().map_or(before, |last| last.0));
                break;
            }
            found.ids.push(id);
        }
        looked_at += if found.next.is_none() { look.looked_at } else { 0 };
        let is_done = found.next.is_none() && look.is_last;
        if found.next.is_none() && !is_done {
            before = look.until;
            if elapsed() >= pace.patience {
                found.next = Some(before);
            }
        }
        if is_done || found.next.is_some() {
            found.searched = (!is_plain).then_some(Searched { members: looked_at, done: is_done });
            return Ok(found);
        }
        window = match elapsed().saturating_sub(begun) {
            took if took < QUICK => (window * 2).min(pace.most),
            took if took > 2 * QUICK => (window / 2).max(pace.first.min(1_000)),
            _ => window,
        };
    }
}

/// What one look at a side has shown.
struct Look {
    /// Who matches, newest first; perhaps not all, when they are as many as were wanted.
    ids: Vec<MemberId>,
    /// The last member of the side who was looked at.
    until: i64,
    looked_at: i64,
    /// Whether the side ends there.
    is_last: bool,
}

#[derive(FromQueryResult)]
struct SliceRow {
    members: i64,
    last: Option<i64>,
}

impl Plan {
    /// Looks at the next of the side before `before`: as many as the window has, or at as many as it takes.
    async fn look(&self, db: &impl Sql, before: i64, window: Option<i64>, wanted: usize) -> Result<Look, DbErr> {
        if let Source::These(ids) = &self.source {
            let from = ids.partition_point(|id| id.0 >= before);
            let many = window.map_or(wanted, |window| window as usize);
            let candidates = &ids[from..ids.len().min(from + many)];
            return Ok(Look {
                ids: self.among(db, candidates, &self.conditions).await?,
                until: candidates.last().map_or(before, |last| last.0),
                looked_at: candidates.len() as i64,
                is_last: from + candidates.len() == ids.len(),
            });
        }
        let slice = match window {
            None => SliceRow { members: 0, last: Some(i64::MIN) },
            Some(window) => self.slice(db, before, window).await?,
        };
        let Some(last) = slice.last else {
            return Ok(Look { ids: Vec::new(), until: before, looked_at: 0, is_last: true });
        };
        let mut query = self.hits("m.id", (before, last));
        query.add(self.conditions.clone());
        let order = if matches!(self.source, Source::Segment(_)) { "d.member_id" } else { "m.id" };
        query.add(Part::of(format!(" ORDER BY {order} DESC LIMIT ?"), vec![(wanted as i64).into()]));
        let (sql, values) = query.numbered(1);
        let rows: Vec<IdRow> = db.all(&sql, values).await?;
        Ok(Look {
            ids: rows.into_iter().map(|row| MemberId(row.id)).collect(),
            until: last,
            looked_at: slice.members,
            is_last: window.is_none_or(|window| slice.members < window),
        })
    }

    /// How many the next of the side are, and the last of them.
    async fn slice(&self, db: &impl Sql, before: i64, window: i64) -> Result<SliceRow, DbErr> {
        let (side, of) = match self.source {
            Source::Segment(segment) => {
                ("SELECT member_id AS id FROM segment_members WHERE segment_id = $1 AND member_id < $2", segment)
            }
            _ => ("SELECT id FROM members WHERE workspace_id = $1 AND id < $2", self.workspace.0),
        };
        let order = if matches!(self.source, Source::Segment(_)) { "member_id" } else { "id" };
        let row: Option<SliceRow> = db
            .one(
                &format!(
                    "SELECT COUNT(*) AS members, MIN(s.id) AS last FROM ({side} ORDER BY {order} DESC LIMIT $3) AS s"
                ),
                vec![of.into(), before.into(), window.into()],
            )
            .await?;
        Ok(row.unwrap_or(SliceRow { members: 0, last: None }))
    }

    /// A query over the members `m` of the side, from the one number to before the other, without its conditions.
    fn hits(&self, columns: &str, (before, from): (i64, i64)) -> Part {
        match self.source {
            Source::Segment(segment) => Part::of(
                format!(
                    "SELECT {columns} FROM segment_members d CROSS JOIN members m
                     WHERE d.segment_id = ? AND d.member_id < ? AND d.member_id >= ? AND m.id = d.member_id
                       AND m.workspace_id + 0 = ? AND m.merged_into IS NULL"
                ),
                vec![segment.into(), before.into(), from.into(), self.workspace.0.into()],
            ),
            _ => Part::of(
                format!(
                    "SELECT {columns} FROM members m
                     WHERE m.workspace_id = ? AND m.id < ? AND m.id >= ? AND m.merged_into IS NULL"
                ),
                vec![self.workspace.0.into(), before.into(), from.into()],
            ),
        }
    }

    /// Those of these members for whom the conditions hold, newest first.
    async fn among(&self, db: &impl Sql, ids: &[MemberId], conditions: &Part) -> Result<Vec<MemberId>, DbErr> {
        let keys: Vec<(i64,)> = ids.iter().map(|id| (id.0,)).collect();
        let mut query = Part::of(
            "SELECT m.id FROM {rows} CROSS JOIN members m
             WHERE m.id = CAST(r.value->>0 AS BIGINT) AND m.workspace_id + 0 = ? AND m.merged_into IS NULL",
            vec![self.workspace.0.into()],
        );
        query.add(conditions.clone());
        // The first parameter are the rows.
        let (sql, values) = query.numbered(2);
        let rows: Vec<IdRow> = db.all_rows(&sql, &keys, values).await?;
        let mut found: Vec<MemberId> = rows.into_iter().map(|row| MemberId(row.id)).collect();
        found.sort_unstable_by(|one, other| other.cmp(one));
        Ok(found)
    }

    /// The whole filter as a condition on a member `m`.
    fn whole(&self) -> Part {
        let mut whole = self.of_source.clone();
        whole.add(self.conditions.clone());
        whole
    }
}
