//! How many runs there are of each kind: counted as runs change, in the same transaction, so that a report counts none.
//!
//! The pipeline counts what its batch has changed ([`flush`]). Whoever changes runs otherwise takes them out of the
//! tallies before and puts them in again afterwards ([`count`]). Both lock the workspace, so nobody counts meanwhile.

use std::collections::BTreeMap;

use base::ids::{JourneyId, MemberId, RunId};
use sea_orm::{DbErr, FromQueryResult};
use store::{Sql, Tx};

use super::{
    memory::Memory,
    runs::{Changed, Run},
};

/// Entries are counted by quarters of an hour, since the days of every time zone begin at one. In milliseconds.
pub(crate) const QUARTER: i64 = 900_000;

/// Which side of its journey's comparison a run stands for. Everybody stands for one once, by his first run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// For none: the member had come before.
    Neither = 0,
    /// Those addressed.
    Treated = 1,
    /// Those left out at the entrance.
    HeldOut = 2,
}

impl Side {
    pub(super) fn of_number(number: i64) -> Side {
        match number {
            1 => Side::Treated,
            2 => Side::HeldOut,
            _ => Side::Neither,
        }
    }
}

/// What of a run is counted and may change.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Counted {
    state: &'static str,
    /// Where it stands; empty when it is not under way.
    step: String,
    has_goal: bool,
}

impl Run {
    /// As what it is to be counted now.
    pub(super) fn counted_as(&self) -> Counted {
        let step = self.step.as_ref().filter(|_| self.is_active()).cloned().unwrap_or_default();
        Counted { state: self.state, step, has_goal: self.goal_at.is_some() }
    }
}

/// Some runs of a journey that are alike.
#[derive(Clone, Debug, FromQueryResult)]
pub(super) struct Tally {
    pub(super) version: i64,
    pub(super) began_on: i64,
    pub(super) drawn_at_share: i64,
    pub(super) side: i64,
    pub(super) state: String,
    pub(super) step: String,
    pub(super) has_goal: i64,
    pub(super) runs: i64,
}

/// All runs of a journey, by kind.
pub(super) async fn of(db: &impl Sql, journey: JourneyId) -> Result<Vec<Tally>, DbErr> {
    db.all(
        "SELECT version, began_on, drawn_at_share, side, state, step, has_goal, runs FROM journey_tallies
         WHERE journey_id = $1 AND runs <> 0",
        vec![journey.0.into()],
    )
    .await
}

#[derive(FromQueryResult)]
struct FirstRow {
    journey_id: i64,
    origin_member_id: i64,
}

fn changed_runs<'a>(members: &'a Memory, changed: &'a Changed) -> impl Iterator<Item = &'a Run> {
    changed.runs.iter().filter_map(|(member, id)| members.get(*member)?.runs.iter().find(|run| run.id == *id))
}

/// Leaves a side to those of the batch's new runs only that are the first of their member in their journey.
pub(super) async fn give_sides(tx: &Tx, members: &mut Memory, changed: &Changed) -> Result<(), DbErr> {
    let mut first: BTreeMap<(JourneyId, MemberId), RunId> = BTreeMap::new();
    for run in changed_runs(members, changed).filter(|run| run.is_new) {
        let earliest = first.entry((run.journey, run.origin)).or_insert(run.id);
        *earliest = run.id.min(*earliest);
    }
    if first.is_empty() {
        return Ok(());
    }
    let keys: Vec<(i64, i64)> = first.keys().map(|(journey, origin)| (journey.0, origin.0)).collect();
    let known: Vec<FirstRow> = tx
        .all_rows(
            "SELECT j.journey_id, j.origin_member_id FROM {rows} CROSS JOIN journey_runs j
             WHERE j.journey_id = CAST(r.value->>0 AS BIGINT) AND j.origin_member_id = CAST(r.value->>1 AS BIGINT)
               AND j.side > 0",
            &keys,
            Vec::new(),
        )
        .await?;
    for row in known {
        first.remove(&(JourneyId(row.journey_id), MemberId(row.origin_member_id)));
    }
    for (member, id) in &changed.runs {
        let Some(of_member) = members.get_mut(*member) else { continue };
        let Some(run) = of_member.runs.iter_mut().find(|run| run.id == *id) else { continue };
        if run.is_new && first.get(&(run.journey, run.origin)) != Some(&run.id) {
            run.side = Side::Neither;
        }
    }
    Ok(())
}

/// Journey, version, version at the beginning, share of the workspace's holdout then, side.
type Kind = (i64, i64, i64, i64, i64);

/// Counts what the batch has changed.
pub(super) async fn flush(tx: &Tx, members: &Memory, changed: &Changed) -> Result<(), DbErr> {
    let mut tallies: BTreeMap<(Kind, Counted), i64> = BTreeMap::new();
    let mut arrivals: BTreeMap<(i64, i64, i64, bool), i64> = BTreeMap::new();
    for run in changed_runs(members, changed) {
        let now = run.counted_as();
        if run.counted.as_ref() == Some(&now) {
            continue;
        }
        let kind = (run.journey.0, run.version, run.began_on, run.drawn_at_share, run.side as i64);
        let arrival =
            |counted: &Counted| (run.journey.0, run.entered_at.millis() / QUARTER, run.began_on, counted.is_held_out());
        if let Some(before) = &run.counted {
            *tallies.entry((kind, before.clone())).or_default() -= 1;
            *arrivals.entry(arrival(before)).or_default() -= 1;
        }
        *arrivals.entry(arrival(&now)).or_default() += 1;
        *tallies.entry((kind, now)).or_default() += 1;
    }
    type TallyRow<'a> = (i64, i64, i64, i64, i64, &'a str, &'a str, i64, i64);
    let rows: Vec<TallyRow<'_>> = tallies
        .iter()
        .filter(|(_, runs)| **runs != 0)
        .map(|(((journey, version, began_on, share, side), counted), runs)| {
            let Counted { state, step, has_goal } = counted;
            (*journey, *version, *began_on, *share, *side, *state, step.as_str(), i64::from(*has_goal), *runs)
        })
        .collect();
    tx.run_rows(
        &format!(
            "INSERT INTO journey_tallies ({TALLY})
             SELECT CAST(r.value->>0 AS BIGINT), CAST(r.value->>1 AS BIGINT), CAST(r.value->>2 AS BIGINT),
               CAST(r.value->>3 AS BIGINT), CAST(r.value->>4 AS BIGINT), r.value->>5, r.value->>6,
               CAST(r.value->>7 AS BIGINT), CAST(r.value->>8 AS BIGINT)
             FROM {{rows}} WHERE true {ADDED_UP}"
        ),
        &rows,
    )
    .await?;
    let rows: Vec<(i64, i64, i64, i64, i64)> = arrivals
        .into_iter()
        .filter(|(_, runs)| *runs != 0)
        .map(|((journey, quarter, began_on, held_out), runs)| (journey, quarter, began_on, i64::from(held_out), runs))
        .collect();
    tx.run_rows(
        "INSERT INTO journey_arrivals (journey_id, quarter, began_on, held_out, runs)
         SELECT CAST(r.value->>0 AS BIGINT), CAST(r.value->>1 AS BIGINT), CAST(r.value->>2 AS BIGINT),
           CAST(r.value->>3 AS BIGINT), CAST(r.value->>4 AS BIGINT)
         FROM {rows} WHERE true
         ON CONFLICT (journey_id, quarter, began_on, held_out)
         DO UPDATE SET runs = journey_arrivals.runs + excluded.runs",
        &rows,
    )
    .await?;
    Ok(())
}

const TALLY: &str = "journey_id, version, began_on, drawn_at_share, side, state, step, has_goal, runs";
const ADDED_UP: &str = "ON CONFLICT (journey_id, version, began_on, drawn_at_share, side, state, step, has_goal)
    DO UPDATE SET runs = journey_tallies.runs + excluded.runs";

impl Counted {
    fn is_held_out(&self) -> bool {
        self.state == "held_out"
    }
}

/// Whether runs come or go.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Counting {
    /// They are taken out.
    Out = -1,
    /// They are put in.
    In = 1,
}

/// Takes these runs out of the tallies, or puts them in, as they are in the database at this moment. Of runs that were
/// left out or begin nothing is asked here: those change in the pipeline only.
pub(crate) async fn count(tx: &Tx, counting: Counting, runs: &[(i64,)]) -> Result<(), DbErr> {
    let sign = counting as i64;
    tx.run_rows(
        &format!(
            "INSERT INTO journey_tallies ({TALLY})
             SELECT j.journey_id, j.version, COALESCE(j.moved_from, j.version), j.drawn_at_share, j.side, j.state,
               CASE WHEN j.state = 'active' THEN COALESCE(j.step, '') ELSE '' END,
               CASE WHEN j.goal_at IS NULL THEN 0 ELSE 1 END, {sign} * COUNT(*)
             FROM {{rows}} CROSS JOIN journey_runs j WHERE j.id = CAST(r.value->>0 AS BIGINT)
             GROUP BY 1, 2, 3, 4, 5, 6, 7, 8 {ADDED_UP}"
        ),
        runs,
    )
    .await?;
    Ok(())
}
