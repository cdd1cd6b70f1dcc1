//! Runs counted one by one, beside the tallies that are kept of them.

use std::collections::{BTreeMap, BTreeSet};

use store::{FromQueryResult, Sql};

use super::Bench;

/// Of what kind a run is: journey, version, where it began, share, side, state, step, whether its goal was reached.
type Kind = (i64, i64, i64, i64, i64, String, String, bool);

#[derive(FromQueryResult)]
struct RunRow {
    id: i64,
    journey_id: i64,
    version: i64,
    moved_from: Option<i64>,
    drawn_at_share: i64,
    side: i64,
    state: String,
    step: Option<String>,
    entered_at: i64,
    goal_at: Option<i64>,
    origin_member_id: i64,
}

#[derive(FromQueryResult)]
struct TallyRow {
    journey_id: i64,
    version: i64,
    began_on: i64,
    drawn_at_share: i64,
    side: i64,
    state: String,
    step: String,
    has_goal: i64,
    runs: i64,
}

#[derive(FromQueryResult)]
struct ArrivalRow {
    journey_id: i64,
    quarter: i64,
    began_on: i64,
    held_out: i64,
    runs: i64,
}

/// What a naive book-keeper knows of the runs that he has seen: the sides for which they stand.
#[derive(Debug, Default)]
pub struct Bookkeeper {
    /// The first run of each member in each journey.
    first: BTreeMap<(i64, i64), i64>,
    sides: BTreeMap<i64, i64>,
}

impl Bookkeeper {
    /// Looks at all runs and counts them; the tallies, and the sides, must be as he finds them.
    pub async fn agrees(&mut self, bench: &Bench) {
        let runs = bench.all_runs().await;
        let at_entrance =
            "SELECT CAST(run_id AS TEXT) AS text FROM journey_trace WHERE action = 'held_out' AND step = ''";
        let at_entrance: BTreeSet<String> = bench.texts(at_entrance).await.into_iter().collect();
        for run in &runs {
            if self.sides.contains_key(&run.id) {
                continue;
            }
            let first = *self.first.entry((run.journey_id, run.origin_member_id)).or_insert(run.id);
            let is_held_out = at_entrance.contains(&run.id.to_string());
            let side = if first == run.id { 1 + i64::from(is_held_out) } else { 0 };
            self.sides.insert(run.id, side);
        }
        for run in &runs {
            assert_eq!(run.side, self.sides[&run.id], "the side of run {} in state {}", run.id, run.state);
        }
        bench.assert_counted().await;
    }
}

impl Bench {
    async fn all_runs(&self) -> Vec<RunRow> {
        let sql = "SELECT id, journey_id, version, moved_from, drawn_at_share, side, state, step, entered_at, goal_at,
            origin_member_id FROM journey_runs ORDER BY id";
        self.db.read().all(sql, vec![]).await.unwrap()
    }

    /// The tallies are what counting all runs finds.
    pub async fn assert_counted(&self) {
        let runs = self.all_runs().await;
        let mut tallies: BTreeMap<Kind, i64> = BTreeMap::new();
        let mut arrivals: BTreeMap<(i64, i64, i64, bool), i64> = BTreeMap::new();
        for run in &runs {
            let began_on = run.moved_from.unwrap_or(run.version);
            let step = if run.state == "active" { run.step.clone().unwrap_or_default() } else { String::new() };
            let (share, goal) = (run.drawn_at_share, run.goal_at.is_some());
            let kind = (run.journey_id, run.version, began_on, share, run.side, run.state.clone(), step, goal);
            *tallies.entry(kind).or_default() += 1;
            let arrival = (run.journey_id, run.entered_at / 900_000, began_on, run.state == "held_out");
            *arrivals.entry(arrival).or_default() += 1;
        }
        let sql = "SELECT * FROM journey_tallies WHERE runs <> 0";
        let kept: Vec<TallyRow> = self.db.read().all(sql, vec![]).await.unwrap();
        let kept: BTreeMap<Kind, i64> = kept
            .into_iter()
            .map(|row| {
                let (began_on, share, goal) = (row.began_on, row.drawn_at_share, row.has_goal == 1);
                let kind = (row.journey_id, row.version, began_on, share, row.side, row.state, row.step, goal);
                (kind, row.runs)
            })
            .collect();
        assert_eq!(kept, tallies);
        let sql = "SELECT * FROM journey_arrivals WHERE runs <> 0";
        let kept: Vec<ArrivalRow> = self.db.read().all(sql, vec![]).await.unwrap();
        let kept: BTreeMap<(i64, i64, i64, bool), i64> = kept
            .into_iter()
            .map(|row| ((row.journey_id, row.quarter, row.began_on, row.held_out == 1), row.runs))
            .collect();
        assert_eq!(kept, arrivals);
    }

    /// Counts all runs anew, after a test has put some into the table by itself.
    pub async fn count_anew(&self) {
        self.run("DELETE FROM journey_tallies", vec![]).await;
        self.run("DELETE FROM journey_arrivals", vec![]).await;
        self.run(
            "INSERT INTO journey_tallies
               (journey_id, version, began_on, drawn_at_share, side, state, step, has_goal, runs)
             SELECT journey_id, version, COALESCE(moved_from, version), drawn_at_share, side, state,
               CASE WHEN state = 'active' THEN COALESCE(step, '') ELSE '' END,
               CASE WHEN goal_at IS NULL THEN 0 ELSE 1 END, COUNT(*)
             FROM journey_runs GROUP BY 1, 2, 3, 4, 5, 6, 7, 8",
            vec![],
        )
        .await;
        self.run(
            "INSERT INTO journey_arrivals (journey_id, quarter, began_on, held_out, runs)
             SELECT journey_id, entered_at / 900000, COALESCE(moved_from, version),
               CASE WHEN state = 'held_out' THEN 1 ELSE 0 END, COUNT(*)
             FROM journey_runs GROUP BY 1, 2, 3, 4",
            vec![],
        )
        .await;
    }
}
