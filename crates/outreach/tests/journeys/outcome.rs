//! What the database says in the end: the runs, told as the interpreter tells them, and what chance decided.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;
use store::{FromQueryResult, Sql};

use super::{
    interpreter::{Chance, Line, Lot, Lots, Ordered, Run, lots::Holdout},
    replay::Replay,
};

/// What is not compared: that a wait began and was over by itself. When it was over is seen by what came next.
const UNTOLD: [&str; 2] = ["waiting", "waited"];

#[derive(FromQueryResult)]
struct RunRow {
    id: i64,
    member_id: i64,
    origin_member_id: i64,
    journey_id: i64,
    version: i64,
    moved_from: Option<i64>,
    entry_key: String,
    state: String,
    entered_at: i64,
    ended_at: Option<i64>,
    goal_at: Option<i64>,
}

#[derive(FromQueryResult)]
struct TraceRow {
    run_id: i64,
    at: i64,
    step: String,
    action: String,
    detail_json: String,
}

#[derive(FromQueryResult)]
struct SentRow {
    run_id: i64,
    step: String,
    queued_at: i64,
}

impl Replay<'_> {
    pub(super) async fn outcome(&mut self) -> Result<(Vec<Run>, Lots), String> {
        self.read_names().await;
        let db = self.bench.db.read();
        let rows: Vec<RunRow> = db
            .all(
                "SELECT id, member_id, origin_member_id, journey_id, version, moved_from, entry_key, state, entered_at,
                   ended_at, goal_at FROM journey_runs",
                vec![],
            )
            .await
            .unwrap();
        // With the version that it was on at its last line.
        let mut runs: HashMap<i64, (Run, usize)> = HashMap::new();
        for row in rows {
            let run = Run {
                person: self.names[&row.origin_member_id].clone(),
                of: self.names[&row.member_id].clone(),
                journey: self.journeys.iter().position(|id| id.0 == row.journey_id).unwrap(),
                version: row.version as usize - 1,
                key: row.entry_key,
                entered: row.entered_at,
                state: row.state,
                ended: row.ended_at,
                goal: row.goal_at,
                lines: Vec::new(),
                sent: Vec::new(),
            };
            runs.insert(row.id, (run, row.moved_from.unwrap_or(row.version) as usize - 1));
        }
        let mut lots = Lots::new();
        let trace: Vec<TraceRow> = db
            .all("SELECT run_id, at, step, action, detail_json FROM journey_trace ORDER BY run_id, seq", vec![])
            .await
            .unwrap();
        for row in trace {
            let detail: Value = serde_json::from_str(&row.detail_json).unwrap();
            let (run, version) = runs.get_mut(&row.run_id).unwrap();
            let note = note_of(&row.action, &detail);
            let journey = run.journey;
            let drawn = match (row.action.as_str(), note.as_str()) {
                ("split", way) => Some((
                    Lot::Step { journey, version: *version, step: row.step.clone() },
                    Chance::Way(way.parse().unwrap()),
                )),
                ("held_out", "step") => {
                    Some((Lot::Step { journey, version: *version, step: row.step.clone() }, Chance::Held))
                }
                ("held_out", "workspace") => Some((self.holdout_at(run.entered).lot(), Chance::Held)),
                ("held_out", _) => Some((Lot::Entry { journey, version: *version }, Chance::Held)),
                ("moved", _) => {
                    *version = detail["to_version"].as_u64().unwrap() as usize - 1;
                    None
                }
                _ => None,
            };
            if let Some((lot, chance)) = drawn {
                let before = lots.insert((run.person.clone(), lot.clone()), chance.clone());
                if before.is_some_and(|before| before != chance) {
                    return Err(format!("chance decided twice, and otherwise, for {}: {lot:?}", run.person));
                }
            }
            if !UNTOLD.contains(&row.action.as_str()) {
                run.lines.push(Line { at: row.at, step: row.step, action: row.action, note });
            }
        }
        let sent: Vec<SentRow> =
            db.all("SELECT run_id, step, queued_at FROM deliveries ORDER BY id", vec![]).await.unwrap();
        for row in sent {
            runs.get_mut(&row.run_id).unwrap().0.sent.push((row.queued_at, row.step));
        }
        let runs: Vec<Run> = runs.into_values().map(|(run, _)| run).collect();
        self.check_sides(&runs)?;
        Ok((runs, lots))
    }

    /// What the workspace leaves out at a moment.
    fn holdout_at(&self, moment: i64) -> Holdout {
        let mut holdout = Holdout::default();
        for order in self.world.orders.iter().filter(|order| order.at < moment) {
            if let Ordered::Holdout { share, reshuffle } = order.what {
                holdout.change(share, reshuffle);
            }
        }
        holdout
    }

    /// Whom the workspace leaves out with one share it leaves out with every larger one.
    fn check_sides(&self, runs: &[Run]) -> Result<(), String> {
        let mut sides: BTreeMap<(&str, usize), (u64, u64)> = BTreeMap::new();
        for run in runs {
            let Holdout { drawn, millionths } = self.holdout_at(run.entered);
            let is_held = run.lines.iter().any(|line| line.action == "held_out" && line.note == "workspace");
            let (most_free, least_held) = sides.entry((run.person.as_str(), drawn)).or_insert((0, u64::MAX));
            match is_held {
                true => *least_held = millionths.min(*least_held),
                false => *most_free = millionths.max(*most_free),
            }
            if most_free >= least_held {
                return Err(format!("{} was left out, and was not with a larger share", run.person));
            }
        }
        Ok(())
    }
}

fn note_of(action: &str, detail: &Value) -> String {
    let word = |field: &str| match &detail[field] {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    match action {
        "entered" => {
            let kinds = ["event", "segment", "segment_left", "date", "schedule", "manual", "import"];
            kinds.into_iter().find(|kind| !detail[*kind].is_null()).unwrap_or_default().to_owned()
        }
        "held_out" => word("by"),
        "branched" => word("case"),
        "split" => word("way"),
        "task_done" => word("outcome"),
        "moved" => word("to_step"),
        "exited" => word("reason"),
        _ => String::new(),
    }
}
