//! Journeys in which very many are under way, and the jobs that move them.

use std::sync::Arc;

use base::ids::{JourneyId, MemberId, RunId};
use outreach::{Outreach, Settings, journeys::ChangeJob};
use store::{
    Key, Secrets, Sql,
    jobs::{JobHandler, JobRunner},
};

use super::{Bench, WORKSPACE};

impl Bench {
    /// Runs that stand at steps of versions: version, step, how many. Each is of a member of its own.
    pub async fn crowd(&self, journey: JourneyId, standing: &[(i64, &str, usize)]) {
        let now = self.now().millis();
        let rows: Vec<(i64, i64, &str, i64)> = standing
            .iter()
            .flat_map(|(version, step, runs)| (0..*runs).map(move |_| (*version, *step)))
            .map(|(version, step)| (self.ids.next(RunId).0, version, step, self.ids.next(MemberId).0))
            .collect();
        let tx = self.db.begin().await.unwrap();
        tx.run_rows(
            &format!(
                "INSERT INTO journey_runs (id, workspace_id, journey_id, version, member_id, origin_member_id, entry_key,
                   state, step, entered_at, step_at, wake_at, trace_length, entry_json)
                 SELECT CAST(r.value->>0 AS BIGINT), {}, {}, CAST(r.value->>1 AS BIGINT), CAST(r.value->>3 AS BIGINT),
                   CAST(r.value->>3 AS BIGINT), '', 'active', r.value->>2, {now}, {now}, {}, 2, '{{}}' FROM {{rows}}",
                WORKSPACE.0,
                journey.0,
                now + 86_400_000,
            ),
            &rows,
        )
        .await
        .unwrap();
        tx.commit().await.unwrap();
        self.count_anew().await;
    }

    /// Plans of entries into a journey, each of a member of its own.
    pub async fn plans(&self, journey: JourneyId, count: usize) {
        let rows: Vec<(i64,)> = (0..count).map(|_| (self.ids.next(MemberId).0,)).collect();
        let tx = self.db.begin().await.unwrap();
        tx.run_rows(
            &format!(
                "INSERT INTO journey_plans (member_id, journey_id, due_at, occasion, last_occasion)
                 SELECT CAST(r.value->>0 AS BIGINT), {}, {}, '', '' FROM {{rows}}",
                journey.0,
                i64::MAX / 2,
            ),
            &rows,
        )
        .await
        .unwrap();
        tx.commit().await.unwrap();
    }

    /// Makes every change of the run at this place fail, as if the process died there. Gives what [`Bench::cure`] needs.
    pub async fn poison(&self, place: usize) -> i64 {
        let run = self.number(&format!("SELECT id FROM journey_runs ORDER BY id LIMIT 1 OFFSET {place}")).await;
        self.run(
            "INSERT INTO journey_trace (run_id, seq, at, step, action, detail_json) VALUES ($1, 2, 0, '', 'poison', '{}')",
            vec![run.into()],
        )
        .await;
        run
    }

    /// Takes the poison away.
    pub async fn cure(&self, run: i64) {
        self.run("DELETE FROM journey_trace WHERE run_id = $1 AND action = 'poison'", vec![run.into()]).await;
    }

    pub async fn under_way(&self) -> i64 {
        self.number("SELECT COUNT(*) FROM journey_runs WHERE state = 'active'").await
    }

    /// Another process starts and does all jobs that are ready, until they are done or fail.
    pub async fn run_jobs(&self) {
        let jobs = self.jobs();
        jobs.take_over().await.unwrap();
        while jobs.run_next().await.unwrap() {}
    }

    /// What does the jobs of another process.
    pub fn jobs(&self) -> JobRunner {
        let dir = tempfile::tempdir().unwrap();
        let secrets = Secrets::new(Key::load_or_create(&dir.path().join("key"), &self.ids).unwrap(), self.ids.clone());
        let registry = channels::Registry::new(Vec::new());
        let settings = Settings::new("https://hearth.example");
        let clock = self.clock.shared();
        let outreach = Outreach::new(self.db.clone(), clock.clone(), self.ids.clone(), secrets, registry, settings);
        let handlers: Vec<Arc<dyn JobHandler>> = vec![Arc::new(ChangeJob::new(outreach))];
        JobRunner::new(self.db.clone(), clock, self.ids.clone(), handlers)
    }
}
