//! What follows for those under way when somebody publishes, resumes or stops a journey: runs move, end or wake, plans are
//! dropped and messages cancelled.
//!
//! Small journeys are done in the transaction of the request. Larger ones become a job that goes through them some
//! thousands at a time, each slice in a transaction of its own between two batches of the pipeline, so that nobody waits
//! for the whole. The pipeline forgets the members of a slice ([`super::touched`]) and nothing else, but where the slice
//! changes which versions it needs. A slice takes only runs that still stand as they did before, so doing one again changes
//! nothing, and a job goes on where the process died.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use base::{
    Code, Problem, Time,
    ids::{JobId, JourneyId, WorkspaceId},
};
use sea_orm::{DbErr, FromQueryResult};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::{
    Sql, Tx,
    jobs::{self, JobError, JobHandler, JobRun, NewJob},
};

use super::{
    ending, moving,
    plans::{self, PLANS_AT_ONCE},
    queued::{Cancelling, MESSAGES_AT_ONCE},
    service::JourneyError,
    touched,
};
use crate::{Outreach, change_rules};

/// Runs that one transaction moves, ends or wakes.
pub(super) const RUNS_AT_ONCE: i64 = 2_000;

/// Where those under way go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Course {
    /// To another version; what is not in the mapping stays where it is.
    Move {
        /// The version.
        to: i64,
        /// Old step to new step; `None` ends the run.
        mapping: BTreeMap<String, Option<String>>,
    },
    /// To their end, since the journey was stopped.
    End,
}

/// What is to be done.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Work {
    pub(super) journey: JourneyId,
    pub(super) course: Option<Course>,
    /// Whether the timers of those whose wait may be over are set, after a pause.
    pub(super) wakes: bool,
    /// Whether plans of entries are deleted, since nobody enters any more.
    #[serde(default)]
    pub(super) drops_plans: bool,
    pub(super) cancelling: Option<Cancelling>,
}

/// What was done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Worked {
    /// Runs that go on elsewhere.
    pub moved: i64,
    /// Runs that were ended.
    pub ended: i64,
    /// Runs that had come to a step of which the mapping says nothing, and stay on their version.
    pub left: i64,
    /// Messages that were cancelled.
    pub cancelled: i64,
    /// The job that does what is not done yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job: Option<JobId>,
}

/// How far the work is.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Progress {
    /// Everything up to this run has been looked at.
    after: i64,
    is_course_done: bool,
    is_wake_done: bool,
    #[serde(default)]
    are_plans_dropped: bool,
    /// Runs looked at and messages cancelled.
    done: i64,
    #[serde(flatten)]
    worked: Worked,
}

/// The key of the job that moves or ends the runs of a journey.
fn key(journey: JourneyId, course: &Course) -> String {
    match course {
        Course::Move { .. } => format!("journey-move:{journey}"),
        Course::End => format!("journey-end:{journey}"),
    }
}

/// Whether runs of the journey are being moved by a job.
pub(super) async fn is_moving(db: &impl Sql, workspace: WorkspaceId, journey: JourneyId) -> Result<bool, DbErr> {
    let key = key(journey, &Course::Move { to: 0, mapping: BTreeMap::new() });
    Ok(jobs::with_key(db, workspace, &key).await?.is_some())
}

/// Whether anybody is under way in the journey.
pub(super) async fn is_under_way(db: &impl Sql, journey: JourneyId) -> Result<bool, DbErr> {
    let sql = "SELECT id FROM journey_runs WHERE journey_id = $1 AND state = 'active' LIMIT 1";
    Ok(db.scalar::<i64>(sql, vec![journey.0.into()]).await?.is_some())
}

/// Whether anybody is under way on this version of the journey.
async fn is_under_way_on(db: &impl Sql, journey: JourneyId, version: i64) -> Result<bool, DbErr> {
    let sql = "SELECT id FROM journey_runs WHERE journey_id = $1 AND version = $2 AND state = 'active' LIMIT 1";
    Ok(db.scalar::<i64>(sql, vec![journey.0.into(), version.into()]).await?.is_some())
}

/// How many runs are under way, counted to `most`.
pub(super) async fn count_runs(db: &impl Sql, journey: JourneyId, most: i64) -> Result<i64, DbErr> {
    let sql =
        "SELECT COUNT(*) FROM (SELECT id FROM journey_runs WHERE journey_id = $1 AND state = 'active' LIMIT $2) AS r";
    Ok(db.scalar(sql, vec![journey.0.into(), most.into()]).await?.unwrap_or(0))
}

impl Work {
    /// Does it when it is little; else leaves it to a job, in the same transaction.
    pub(super) async fn begin(
        &self,
        tx: &Tx,
        outreach: &Outreach,
        workspace: WorkspaceId,
        actor: &str,
        now: Time,
    ) -> Result<Worked, JourneyError> {
        if self.is_little(tx).await? {
            let mut progress = Progress { are_plans_dropped: true, ..Progress::default() };
            // The rules are read anew after the request in any case.
            while self.slice(tx, outreach, &mut progress, now).await? != Sliced::Done {}
            if self.drops_plans && plans::drop_some(tx, self.journey).await? == PLANS_AT_ONCE {
                // Of those who only might have entered some day nobody waits to hear.
                let rest = Work { course: None, wakes: false, cancelling: None, ..self.clone() };
                rest.enqueue(tx, outreach, workspace, actor, now).await?;
            }
            return Ok(progress.worked);
        }
        match self.enqueue(tx, outreach, workspace, actor, now).await? {
            Some(job) => Ok(Worked { job: Some(job), ..Worked::default() }),
            None => {
                Err(Problem::with(Code::WrongState, "the same is being done already; wait until it is done").into())
            }
        }
    }

    async fn enqueue(
        &self,
        tx: &Tx,
        outreach: &Outreach,
        workspace: WorkspaceId,
        actor: &str,
        now: Time,
    ) -> Result<Option<JobId>, DbErr> {
        let job = NewJob {
            workspace,
            kind: ChangeJob::KIND,
            payload: json!(self),
            unique_key: self.course.as_ref().map(|course| key(self.journey, course)),
            created_by: actor,
        };
        jobs::enqueue(tx, &outreach.ids, now, job).await
    }

    async fn is_little(&self, tx: &Tx) -> Result<bool, DbErr> {
        if (self.course.is_some() || self.wakes) && count_runs(tx, self.journey, RUNS_AT_ONCE + 1).await? > RUNS_AT_ONCE
        {
            return Ok(false);
        }
        let Some(cancelling) = &self.cancelling else { return Ok(true) };
        let waiting = cancelling.waiting(tx, self.journey, MESSAGES_AT_ONCE + 1).await?;
        Ok(waiting.len() as i64 <= MESSAGES_AT_ONCE)
    }

    /// The next slice; [`Sliced::Done`] also when the journey is not any more as it was when this was asked for.
    async fn slice(&self, tx: &Tx, outreach: &Outreach, progress: &mut Progress, now: Time) -> Result<Sliced, DbErr> {
        let state: Option<String> =
            tx.scalar("SELECT state FROM journeys WHERE id = $1", vec![self.journey.0.into()]).await?;
        let state = state.unwrap_or_default();
        let is_over = match &self.course {
            Some(Course::Move { .. }) => !matches!(state.as_str(), "live" | "paused" | "finishing"),
            Some(Course::End) => !matches!(state.as_str(), "stopped" | "deleted"),
            None => false,
        };
        if is_over {
            return Ok(Sliced::Done);
        }
        match &self.course {
            Some(course) if !progress.is_course_done => {
                // The first who come to a version that nobody is let in on any more need it read.
                let is_new_to_pipeline = match course {
                    Course::Move { to, .. } => !is_under_way_on(tx, self.journey, *to).await?,
                    Course::End => false,
                };
                let slice = match course {
                    Course::Move { to, mapping } => {
                        moving::slice(tx, self.journey, *to, mapping, progress.after, now).await?
                    }
                    Course::End => ending::slice(tx, self.journey, progress.after, now).await?,
                };
                progress.take(&slice);
                progress.is_course_done = slice.is_last();
                if progress.is_course_done {
                    progress.after = 0;
                    ending::stop_finished(tx, &[self.journey], now).await?;
                }
                // Those that nobody is on any more need not be kept.
                let changes_versions = is_new_to_pipeline || progress.is_course_done;
                return Ok(if changes_versions { Sliced::WithOtherVersions } else { Sliced::WithOtherMembers });
            }
            _ => {}
        }
        if self.wakes && !progress.is_wake_done && matches!(state.as_str(), "live" | "finishing") {
            let slice = wake_slice(tx, self.journey, progress.after, now).await?;
            progress.take(&slice);
            progress.is_wake_done = slice.is_last();
            return Ok(Sliced::WithOtherMembers);
        }
        // Somebody may have published it again meanwhile.
        let is_closed = matches!(state.as_str(), "finishing" | "stopped" | "deleted");
        if self.drops_plans && !progress.are_plans_dropped && is_closed {
            let dropped = plans::drop_some(tx, self.journey).await?;
            progress.are_plans_dropped = dropped < PLANS_AT_ONCE;
            // Who has such a plan in memory finds that nobody is let in.
            return Ok(Sliced::WithOtherMembers);
        }
        let Some(cancelling) = &self.cancelling else { return Ok(Sliced::Done) };
        let cancelled = cancelling.slice(tx, outreach, self.journey, now).await?;
        progress.worked.cancelled += cancelled;
        progress.done += cancelled;
        Ok(if cancelled < MESSAGES_AT_ONCE { Sliced::Done } else { Sliced::WithOtherMembers })
    }
}

/// What a slice means to the pipeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sliced {
    /// It forgets the members whose runs were changed, if any.
    WithOtherMembers,
    /// It reads anew which versions there are.
    WithOtherVersions,
    /// Nothing more comes.
    Done,
}

impl Progress {
    fn take(&mut self, slice: &Slice) {
        self.after = slice.last.unwrap_or(self.after);
        self.done += slice.runs;
        self.worked.moved += slice.moved;
        self.worked.ended += slice.ended;
        self.worked.left += slice.left;
    }
}

/// What became of one slice of runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Slice {
    /// Runs that were looked at.
    pub(super) runs: i64,
    /// The last of them.
    pub(super) last: Option<i64>,
    pub(super) moved: i64,
    pub(super) ended: i64,
    pub(super) left: i64,
}

impl Slice {
    fn is_last(&self) -> bool {
        self.runs < RUNS_AT_ONCE
    }
}

#[derive(FromQueryResult)]
struct EdgeRow {
    runs: i64,
    last: Option<i64>,
}

/// Sets the timers of some whose wait may be over. One timer per member: the earliest of his waits. Who has waited long
/// enough goes on now, not at the moment at which he would have gone on: a timer says when its turn is.
async fn wake_slice(tx: &Tx, journey: JourneyId, after: i64, now: Time) -> Result<Slice, DbErr> {
    let edge: Option<EdgeRow> = tx
        .one(
            "SELECT COUNT(*) AS runs, MAX(id) AS last FROM
               (SELECT id FROM journey_runs WHERE journey_id = $1 AND state = 'active' AND id > $2 ORDER BY id LIMIT $3) AS r",
            vec![journey.0.into(), after.into(), RUNS_AT_ONCE.into()],
        )
        .await?;
    let Some(EdgeRow { runs, last: Some(last) }) = edge else { return Ok(Slice::default()) };
    tx.run(
        "INSERT INTO timers (kind, subject, workspace_id, due_at)
         SELECT 'journey', member_id, workspace_id, CASE WHEN MIN(wake_at) < $4 THEN $4 ELSE MIN(wake_at) END
         FROM journey_runs WHERE journey_id = $1 AND state = 'active' AND wake_at IS NOT NULL AND id > $2 AND id <= $3
         GROUP BY member_id, workspace_id
         ON CONFLICT (kind, subject) DO UPDATE SET due_at =
           CASE WHEN excluded.due_at < timers.due_at THEN excluded.due_at ELSE timers.due_at END",
        vec![journey.0.into(), after.into(), last.into(), now.millis().into()],
    )
    .await?;
    touched::note_between(tx, journey, after, last).await?;
    Ok(Slice { runs, last: Some(last), ..Slice::default() })
}

/// Moves, ends and wakes runs of journeys, and cancels their messages, after somebody has published, resumed or stopped
/// one.
pub struct ChangeJob {
    outreach: Arc<Outreach>,
}

impl ChangeJob {
    /// The word in the table of jobs.
    pub const KIND: &'static str = "journey_change";

    /// A handler.
    pub fn new(outreach: Arc<Outreach>) -> ChangeJob {
        ChangeJob { outreach }
    }
}

#[async_trait]
impl JobHandler for ChangeJob {
    fn kind(&self) -> &'static str {
        ChangeJob::KIND
    }

    async fn run(&self, run: &JobRun) -> Result<Value, JobError> {
        let work: Work = serde_json::from_value(run.payload()).map_err(|error| JobError::Fail(error.into()))?;
        let workspace = WorkspaceId(run.job.workspace_id);
        let checkpoint = run.checkpoint().and_then(|checkpoint| serde_json::from_value(checkpoint).ok());
        let mut progress: Progress = checkpoint.unwrap_or_default();
        let runs = count_runs(self.outreach.db.read(), work.journey, i64::MAX).await?;
        let total = progress.done + runs;
        loop {
            let tx = self.outreach.begin_between_batches(workspace).await?;
            let sliced = work.slice(&tx, &self.outreach, &mut progress, self.outreach.clock.now()).await?;
            if sliced == Sliced::WithOtherVersions {
                change_rules(&tx, workspace).await?;
            }
            tx.commit().await?;
            self.outreach.rules_changed.notify_one();
            run.progress(progress.done, total.max(progress.done), &json!(progress)).await?;
            if sliced == Sliced::Done {
                return Ok(json!(progress.worked));
            }
        }
    }
}
