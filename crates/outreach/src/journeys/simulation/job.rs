//! The job that simulates.

use std::{collections::BTreeSet, sync::Arc};

use async_trait::async_trait;
use base::{
    Code, Problem, Time,
    ids::{JobId, WorkspaceId},
};
use people::rules::EventAnswers;
use serde_json::{Value, json};
use store::{
    DbErr, Tx,
    jobs::{JobEnd, JobError, JobHandler, JobRow, JobRun},
};

use super::{
    asked::Asked,
    compared::{Compared, SimulationResult, differences},
    kept, not_known,
    play::play,
    sample::sample,
    stage_set::Stages,
    watch::Watch,
};
use crate::Outreach;

/// Most bytes of a result.
const MOST_BYTES: usize = 16 << 20;

/// Simulates journeys. When it is interrupted, it begins anew: nothing of it remains but the result.
pub struct SimulateJob {
    outreach: Arc<Outreach>,
    stages: Stages,
    histories: Option<Arc<dyn EventAnswers>>,
}

impl SimulateJob {
    /// The word in the table of jobs.
    pub const KIND: &'static str = "simulate_journey";

    /// Simulates with these stages, which are those that run live.
    pub fn new(outreach: Arc<Outreach>, stages: Stages) -> SimulateJob {
        SimulateJob { outreach, stages, histories: None }
    }

    /// The same; histories tell to whom something happened.
    pub fn with_histories(self, histories: Arc<dyn EventAnswers>) -> SimulateJob {
        SimulateJob { histories: Some(histories), ..self }
    }

    async fn simulate(&self, run: &JobRun) -> Result<(String, BTreeSet<i64>), JobError> {
        let asked: Asked = serde_json::from_value(run.payload()).map_err(|error| JobError::Fail(error.into()))?;
        let workspace = WorkspaceId(run.job.workspace_id);
        let mut watch = Watch::over(run, self.outreach.clock.clone());
        let sample = sample(self.outreach.db.read(), self.histories.as_deref(), workspace, &asked).await?;
        watch.expect(sample.members.len() * (1 + usize::from(asked.compare_with.is_some())));
        watch.done(0).await?;
        let what = (workspace, &asked, &asked.document);
        let outcome = play(&self.outreach, self.stages, what, &sample, &mut watch).await?;
        let compared = match &asked.compare_with {
            None => None,
            Some(other) => {
                let what = (workspace, &asked, &other.document);
                let of_other = play(&self.outreach, self.stages, what, &sample, &mut watch).await?;
                let differences = differences(&outcome, &of_other);
                Some(Compared { with: other.what.clone(), outcome: of_other, differences })
            }
        };
        let mut result = SimulationResult { outcome, compared, not_known: not_known::codes() };
        let mut text = written(&result)?;
        if text.len() > MOST_BYTES {
            // What events said stands in the runs that are shown whole; the figures are small.
            result.outcome.sample_runs.clear();
            result.compared.iter_mut().for_each(|other| other.outcome.sample_runs.clear());
            text = written(&result)?;
        }
        if text.len() > MOST_BYTES {
            return Err(JobError::fail(Code::SimulationTooLarge, "the result is larger than 16 MB"));
        }
        let runs = result.outcome.sample_runs.iter();
        let runs = runs.chain(result.compared.iter().flat_map(|other| &other.outcome.sample_runs));
        let sampled: BTreeSet<i64> = sample.members.iter().map(|member| member.0).collect();
        let shown: BTreeSet<i64> = runs.map(|run| run.member.0).filter(|member| sampled.contains(member)).collect();
        Ok((text, shown))
    }
}

fn written(result: &SimulationResult) -> Result<String, JobError> {
    serde_json::to_string(result).map_err(|error| JobError::Fail(error.into()))
}

#[async_trait]
impl JobHandler for SimulateJob {
    fn kind(&self) -> &'static str {
        SimulateJob::KIND
    }

    fn max_attempts(&self) -> i64 {
        2
    }

    async fn run(&self, run: &JobRun) -> Result<Value, JobError> {
        let (text, shown) = self.simulate(run).await?;
        let tx = self.outreach.db.begin().await?;
        if kept::is_anyone_gone(&tx, &shown).await? {
            let problem = Problem::with(Code::Conflict, "a member whom it shows was erased meanwhile");
            return Err(JobError::Retry(problem.into()));
        }
        kept::keep(&tx, run.job.id, &text, self.outreach.clock.now()).await?;
        tx.commit().await?;
        Ok(json!({"simulation": JobId(run.job.id)}))
    }

    async fn ended(&self, tx: &Tx, job: &JobRow, end: &JobEnd, now: Time) -> Result<(), DbErr> {
        kept::end(tx, job.id, end, now).await
    }
}
