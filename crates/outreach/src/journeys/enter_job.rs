//! Letting everybody who is in a segment into a journey, as a job.
//!
//! Each entry is a command in the log. When the job is interrupted, it goes on behind the last member whom it reached; the
//! members of the slice that was under way are asked for again by the same name, which counts once.

use async_trait::async_trait;
use base::ids::{MemberId, SegmentId, WorkspaceId};
use people::commands::Commands;
use sea_orm::FromQueryResult;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::{
    Db, Sql,
    jobs::{JobError, JobHandler, JobRun},
};

use super::enter_route::command;

const MEMBERS_AT_ONCE: i64 = 500;

/// What a job is to do.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct EnterSegment {
    pub(super) segment: SegmentId,
    /// How many members it will be, about.
    pub(super) total: i64,
    /// Properties of the commands.
    pub(super) told: Value,
    pub(super) actor: String,
}

/// Lets the members of segments into journeys.
pub struct EnterJob {
    db: Db,
    commands: Commands,
}

#[derive(FromQueryResult)]
struct IdRow {
    member_id: i64,
}

impl EnterJob {
    /// The word in the table of jobs.
    pub const KIND: &'static str = "enter_journey";

    /// A handler that sends its commands there.
    pub fn new(db: Db, commands: Commands) -> EnterJob {
        EnterJob { db, commands }
    }
}

#[async_trait]
impl JobHandler for EnterJob {
    fn kind(&self) -> &'static str {
        EnterJob::KIND
    }

    async fn run(&self, run: &JobRun) -> Result<Value, JobError> {
        let workspace = WorkspaceId(run.job.workspace_id);
        let work: EnterSegment = serde_json::from_value(run.payload()).map_err(|error| JobError::Fail(error.into()))?;
        let checkpoint = run.checkpoint().unwrap_or_default();
        let number = |field: &str| checkpoint[field].as_i64().unwrap_or(0);
        let (mut after, mut asked, mut refused) = (number("after"), number("asked"), number("refused"));
        loop {
            let rows: Vec<IdRow> = self
                .db
                .read()
                .all(
                    "SELECT member_id FROM segment_members WHERE segment_id = $1 AND member_id > $2
                     ORDER BY member_id LIMIT $3",
                    vec![work.segment.0.into(), after.into(), MEMBERS_AT_ONCE.into()],
                )
                .await?;
            let Some(last) = rows.last() else { return Ok(json!({"asked": asked, "refused": refused})) };
            after = last.member_id;
            let commands = rows.iter().map(|row| command(workspace, MemberId(row.member_id), &work.told, &work.actor));
            let done = self.commands.carry_out_once(&format!("job:{}", run.job.id), commands.collect()).await;
            let done = done.map_err(|problem| JobError::Retry(problem.into()))?;
            let not = done.iter().filter(|problem| problem.is_some()).count() as i64;
            asked += done.len() as i64 - not;
            refused += not;
            let checkpoint = json!({"after": after, "asked": asked, "refused": refused});
            run.progress(asked + refused, work.total.max(asked + refused), &checkpoint).await?;
        }
    }
}
