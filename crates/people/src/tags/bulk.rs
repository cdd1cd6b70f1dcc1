//! Changing the tags of many members at once, as a job.
//!
//! Each change is a command in the log like any other, so it is in the history of its member and can be told again. The
//! job waits for the pipeline between slices; when it is interrupted, it goes on behind the last member that it reached,
//! and doing a slice again changes nothing.

use async_trait::async_trait;
use base::{
    EventKind, Time,
    ids::{MemberId, SegmentId, WorkspaceId},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::{
    Db,
    jobs::{JobError, JobHandler, JobRun},
};

use super::{TAG_ADDED, TAG_EXPIRY_SETTLED, TAG_REMOVED};
use crate::{
    commands::{Command, Commands},
    members::{MemberFilter, find_ids},
};

const MEMBERS_AT_ONCE: u64 = 500;

/// What a job is to change.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct BulkChange {
    pub add: Vec<String>,
    pub remove: Vec<String>,
    /// Those that are to end as their definitions say.
    #[serde(default)]
    pub settle: Vec<String>,
    pub segment: Option<SegmentId>,
    pub tag: Option<String>,
    pub members: Option<Vec<MemberId>>,
    /// When the added ones come off by themselves; when left out, as their definitions say.
    #[serde(default)]
    pub expires_at: Option<Time>,
    /// How many members it will be, as far as that is known.
    pub total: i64,
    pub actor: String,
}

impl BulkChange {
    /// Nothing yet, for those who carry a tag.
    pub(super) fn of_carriers(tag: String, actor: &str) -> BulkChange {
        BulkChange {
            add: Vec::new(),
            remove: Vec::new(),
            settle: Vec::new(),
            segment: None,
            tag: Some(tag),
            members: None,
            expires_at: None,
            total: 0,
            actor: actor.to_owned(),
        }
    }
}

/// Adds and removes tags of many members.
pub struct BulkTagJob {
    db: Db,
    commands: Commands,
}

impl BulkTagJob {
    /// The word in the table of jobs.
    pub const KIND: &'static str = "tag_members";

    /// A handler that sends its commands there.
    pub fn new(db: Db, commands: Commands) -> BulkTagJob {
        BulkTagJob { db, commands }
    }

    async fn change(&self, workspace: WorkspaceId, change: &BulkChange, ids: &[MemberId]) -> Result<(), JobError> {
        let mut commands = Vec::new();
        for member in ids {
            let of_commands =
                [(TAG_REMOVED, &change.remove), (TAG_ADDED, &change.add), (TAG_EXPIRY_SETTLED, &change.settle)];
            for (name, tags) in of_commands {
                if tags.is_empty() {
                    continue;
                }
                let mut properties = json!({ "tags": tags });
                if let (TAG_ADDED, Some(expires_at)) = (name, change.expires_at) {
                    properties["expires_at"] = json!(expires_at);
                }
                commands.push(Command {
                    workspace,
                    member: *member,
                    kind: EventKind::Command,
                    name,
                    properties,
                    actor: &change.actor,
                });
            }
        }
        let done = self.commands.carry_out_all(commands).await;
        done.map_err(|problem| JobError::Retry(anyhow::anyhow!("{}", problem.code.as_str())))
    }
}

#[async_trait]
impl JobHandler for BulkTagJob {
    fn kind(&self) -> &'static str {
        BulkTagJob::KIND
    }

    async fn run(&self, run: &JobRun) -> Result<Value, JobError> {
        let workspace = WorkspaceId(run.job.workspace_id);
        let change: BulkChange = serde_json::from_value(run.payload()).map_err(|error| JobError::Fail(error.into()))?;
        let checkpoint = run.checkpoint().unwrap_or_default();
        let mut done = checkpoint["done"].as_i64().unwrap_or(0);
        let mut before = checkpoint["before"].as_i64().unwrap_or(i64::MAX);
        loop {
            let ids = match &change.members {
                Some(members) => {
                    let mut rest: Vec<MemberId> = members.iter().copied().filter(|id| id.0 < before).collect();
                    rest.sort_unstable_by(|a, b| b.cmp(a));
                    rest.truncate(MEMBERS_AT_ONCE as usize);
                    rest
                }
                None => {
                    let filter = MemberFilter {
                        segment: change.segment,
                        carries: change.tag.as_deref(),
                        ..MemberFilter::default()
                    };
                    find_ids(self.db.read(), workspace, &filter, before, MEMBERS_AT_ONCE).await?
                }
            };
            let Some(last) = ids.last() else { return Ok(json!({ "members": done })) };
            self.change(workspace, &change, &ids).await?;
            done += ids.len() as i64;
            before = last.0;
            run.progress(done, change.total.max(done), &json!({"done": done, "before": before})).await?;
        }
    }
}
