//! Moving those under way to another version, by an explicit mapping of the steps at which they stand.
//!
//! A run that is moved stands *before* its new step and has not begun it (`arriving`); the journey stage lets it arrive
//! before it looks at anything else of the member, so what was acknowledged before the move and is read after it meets the
//! new step, once. Until its slice is moved, a run goes on on its old version. No run is ever in two.

use std::collections::{BTreeMap, BTreeSet};

use base::{Code, Problem, Time, ids::JourneyId, problem::FieldProblem};
use sea_orm::{DbErr, FromQueryResult};
use serde_json::{Value, json};
use store::{Sql, Tx};

use super::{
    Document,
    changes::Slice,
    ending::{self, MOVED_OUT, UnderWay},
    service::JourneyDto,
    tallies::{self, Counting},
    touched, versions,
};

/// Old step to new step; `None` ends the run.
pub(super) type Mapping = BTreeMap<String, Option<String>>;

/// Runs that stand at one step of one version.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub(super) struct Standing {
    pub(super) version: i64,
    pub(super) step: String,
    pub(super) runs: i64,
}

/// Where those under way stand, and where a mapping would send them.
pub(super) struct Plan<'a> {
    pub(super) standing: Vec<Standing>,
    /// Documents of the versions on which somebody stands, and of the present one.
    pub(super) old: BTreeMap<i64, Value>,
    new: &'a Document,
    mapping: &'a Mapping,
}

impl<'a> Plan<'a> {
    /// Counts who stands where.
    pub(super) async fn load(
        db: &impl Sql,
        journey: &JourneyDto,
        new: &'a Document,
        mapping: &'a Mapping,
    ) -> Result<Plan<'a>, DbErr> {
        let standing = standing(db, journey.id).await?;
        let versions: BTreeSet<i64> = standing.iter().map(|row| row.version).chain(journey.published_version).collect();
        let versions: Vec<i64> = versions.into_iter().collect();
        let old = versions::documents(db, journey.id, &versions).await?;
        Ok(Plan { standing, old, new, mapping })
    }

    /// Refuses a mapping that names steps that do not exist, or forgets one at which somebody stands.
    pub(super) fn check(&self) -> Result<(), Problem> {
        let mut errors = self.unknown();
        errors.extend(self.unmapped().into_iter().map(|(step, runs)| FieldProblem {
            path: path(&step),
            code: Code::MissingField.as_str(),
            message: format!("{runs} runs stand there: name a step of the new version, or null to end them"),
        }));
        match errors.first() {
            None => Ok(()),
            Some(first) => {
                let detail = format!("{}: {}", first.path, first.message);
                Err(Problem { errors, ..Problem::with(Code::InvalidBody, detail) })
            }
        }
    }

    /// Steps that the mapping names and that do not exist.
    pub(super) fn unknown(&self) -> Vec<FieldProblem> {
        let known: BTreeSet<&str> = self
            .old
            .values()
            .filter_map(|document| document["steps"].as_object())
            .flat_map(|steps| steps.keys().map(String::as_str))
            .chain(self.standing.iter().map(|row| row.step.as_str()))
            .collect();
        let mut errors = Vec::new();
        for (from, to) in self.mapping {
            let message = match to {
                _ if !known.contains(from.as_str()) => format!("no version under way has a step \"{}\"", short(from)),
                Some(to) if !self.new.steps.contains_key(to) => {
                    format!("the new version has no step \"{}\"", short(to))
                }
                _ => continue,
            };
            errors.push(FieldProblem { path: path(&short(from)), code: Code::UnknownReference.as_str(), message });
        }
        errors
    }

    /// Steps at which somebody stands and of which the mapping says nothing, with how many do.
    pub(super) fn unmapped(&self) -> BTreeMap<String, i64> {
        let mut unmapped = BTreeMap::new();
        for row in self.standing.iter().filter(|row| !self.mapping.contains_key(&row.step)) {
            *unmapped.entry(row.step.clone()).or_default() += row.runs;
        }
        unmapped
    }
}

/// Where the mapping of a publication names a step.
pub(super) fn path(step: &str) -> String {
    format!("running.move.{step}")
}

fn short(name: &str) -> String {
    name.chars().take(100).collect()
}

/// How many runs stand at each step of each version.
pub(super) async fn standing(db: &impl Sql, journey: JourneyId) -> Result<Vec<Standing>, DbErr> {
    db.all(
        "SELECT version, COALESCE(step, '') AS step, COUNT(*) AS runs FROM journey_runs
         WHERE journey_id = $1 AND state = 'active' GROUP BY version, COALESCE(step, '') ORDER BY 1, 2",
        vec![journey.0.into()],
    )
    .await
}

/// Moves the next runs that are on an older version than `to`.
pub(super) async fn slice(
    tx: &Tx,
    journey: JourneyId,
    to: i64,
    mapping: &Mapping,
    after: i64,
    now: Time,
) -> Result<Slice, DbErr> {
    let runs = ending::under_way(tx, journey, to, after).await?;
    let mut moved: Vec<UnderWay> = Vec::new();
    let mut moved_out: Vec<UnderWay> = Vec::new();
    for run in &runs {
        match mapping.get(&run.step) {
            Some(Some(_)) => moved.push(run.clone()),
            Some(None) => moved_out.push(run.clone()),
            None => {}
        }
    }
    let target = |run: &UnderWay| mapping.get(&run.step).cloned().flatten().unwrap_or_default();
    let detail = |run: &UnderWay| json!({"from_version": run.version, "from_step": run.step, "to_version": to, "to_step": target(run)});
    ending::trace(tx, journey, &moved, "moved", detail, now).await?;
    put_before_steps(tx, &moved, to, target, now).await?;
    ending::end(tx, journey, &moved_out, MOVED_OUT, &json!({"to_version": to}), now).await?;
    let (all, moved, ended) = (runs.len() as i64, moved.len() as i64, moved_out.len() as i64);
    Ok(Slice { runs: all, last: runs.last().map(|run| run.id), moved, ended, left: all - moved - ended })
}

/// Puts runs before their new steps, and sets the timers that let them arrive. `step_at` stays: who has waited for three
/// days of four waits for one more. Who stood still before his old step decides anew whether the new one asks for it.
async fn put_before_steps(
    tx: &Tx,
    runs: &[UnderWay],
    to: i64,
    target: impl Fn(&UnderWay) -> String,
    now: Time,
) -> Result<(), DbErr> {
    let ids = ending::ids(runs);
    tallies::count(tx, Counting::Out, &ids).await?;
    let rows: Vec<(i64, i64, String, i64)> = runs.iter().map(|run| (run.id, to, target(run), now.millis())).collect();
    tx.run_rows(
        "UPDATE journey_runs SET moved_from = COALESCE(moved_from, version), version = x.to_version, step = x.to_step,
           arriving = 1, wake_at = x.at, trace_length = trace_length + 1,
           wait_json = CASE WHEN wait_json LIKE '{\"kind\":\"echo\"%' THEN NULL ELSE wait_json END
         FROM (SELECT CAST(r.value->>0 AS BIGINT) AS run, CAST(r.value->>1 AS BIGINT) AS to_version,
                      r.value->>2 AS to_step, CAST(r.value->>3 AS BIGINT) AS at FROM {rows}) AS x
         WHERE journey_runs.id = x.run",
        &rows,
    )
    .await?;
    tallies::count(tx, Counting::In, &ids).await?;
    touched::note(tx, runs).await?;
    let timers: BTreeSet<(i64, i64, i64)> =
        runs.iter().map(|run| (run.member_id, run.workspace_id, now.millis())).collect();
    let timers: Vec<(i64, i64, i64)> = timers.into_iter().collect();
    tx.run_rows(
        "INSERT INTO timers (kind, subject, workspace_id, due_at)
         SELECT 'journey', CAST(r.value->>0 AS BIGINT), CAST(r.value->>1 AS BIGINT), CAST(r.value->>2 AS BIGINT)
         FROM {rows} WHERE true
         ON CONFLICT (kind, subject) DO UPDATE SET due_at =
           CASE WHEN excluded.due_at < timers.due_at THEN excluded.due_at ELSE timers.due_at END",
        &timers,
    )
    .await?;
    Ok(())
}
