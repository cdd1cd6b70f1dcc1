//! Changing the tags of many members at once, as a job.
//!
//! Each change is a command in the log like any other, so it is in the history of its member and can be told again. The
//! job waits for the pipeline between slices; when it is interrupted, it goes on behind the last member that it reached,
//! and doing a slice again changes nothing.
//!
//! Its result says what became of the members: of how many the tags are others now, of how many they were so already,
//! and of how many it was refused and where that stands.

mod preview;
mod routes;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use async_trait::async_trait;
use base::{
    EventKind, Time,
    ids::{MemberId, SegmentId, WorkspaceId},
};
use sea_orm::{DbErr, FromQueryResult};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::{
    Db, Sql,
    jobs::{JobError, JobHandler, JobRun},
};

use super::{TAG_ADDED, TAG_EXPIRY_SETTLED, TAG_REMOVED};
use crate::{
    commands::{Command, Commands},
    members::{MemberFilter, find_ids},
};

pub(super) use routes::{BegunJob, begin_job, routes};

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
    /// Those whom this filter finds.
    #[serde(default)]
    pub filter: Option<MemberFilter>,
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
            filter: None,
            expires_at: None,
            total: 0,
            actor: actor.to_owned(),
        }
    }

    /// Who they are, where they are not named one by one.
    fn whom(&self) -> MemberFilter {
        match &self.filter {
            Some(filter) => filter.clone(),
            None => MemberFilter { segment: self.segment, carries: self.tag.clone(), ..MemberFilter::default() },
        }
    }

    /// The next of the members, newest first, before `before`.
    async fn next_members(&self, db: &impl Sql, workspace: WorkspaceId, before: i64) -> Result<Vec<MemberId>, DbErr> {
        let Some(members) = &self.members else {
            return find_ids(db, workspace, &self.whom(), before, MEMBERS_AT_ONCE).await;
        };
        let mut rest: Vec<MemberId> = members.iter().copied().filter(|id| id.0 < before).collect();
        rest.sort_unstable_by(|a, b| b.cmp(a));
        rest.dedup();
        rest.truncate(MEMBERS_AT_ONCE as usize);
        Ok(rest)
    }
}

/// What became of the members whom a job has reached. After an interruption, those of the slice that was done again
/// count as they were found then.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Tally {
    /// Who carries other tags than before, or carries them until another moment.
    changed: i64,
    /// Who had what was to be added, and nothing of what was to be removed, with the ends that were to be.
    unchanged: i64,
    /// Of whom at least one of the commands, to remove, to add and to settle ends, was refused.
    refused: i64,
    /// The latter by the code of the reason.
    refusals: BTreeMap<String, i64>,
}

impl Tally {
    /// The result of the job.
    fn result(&self) -> Value {
        let mut result = json!({
            "members": self.changed + self.unchanged + self.refused,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "refused": self.refused,
        });
        if self.refused > 0 {
            let addresses = self.refusals.keys().map(|code| format!("/api/v1/dead-letters?code={code}"));
            result["refusals"] = json!(self.refusals);
            result["dead_letters"] = addresses.collect();
        }
        result
    }
}

/// What of the tags of a member a job may change, to tell whether it did: identity, tag and when that comes off.
type Carried = BTreeSet<(i64, String, Option<i64>)>;

#[derive(FromQueryResult)]
struct CarriedRow {
    member: i64,
    identity: i64,
    tag: String,
    expires_at: Option<i64>,
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

    /// Changes the tags of some members, and counts what became of it.
    async fn change(
        &self,
        workspace: WorkspaceId,
        change: &BulkChange,
        ids: &[MemberId],
        tally: &mut Tally,
    ) -> Result<(), JobError> {
        let before = self.carried(change, ids).await?;
        let mut commands = Vec::new();
        let mut whose = Vec::new();
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
                whose.push(*member);
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
        let done = done.map_err(|problem| JobError::Retry(problem.into()))?;
        let mut refused: HashMap<MemberId, &'static str> = HashMap::new();
        for (member, problem) in whose.into_iter().zip(done) {
            if let Some(problem) = problem {
                refused.entry(member).or_insert(problem.code.as_str());
            }
        }
        let after = self.carried(change, ids).await?;
        for member in ids {
            match refused.get(member) {
                Some(code) => {
                    tally.refused += 1;
                    *tally.refusals.entry((*code).to_owned()).or_default() += 1;
                }
                None if before.get(&member.0) == after.get(&member.0) => tally.unchanged += 1,
                None => tally.changed += 1,
            }
        }
        Ok(())
    }

    /// Which of the tags that are to change these members carry, and how many in all: of a set whose tags exclude each
    /// other, one that is added takes off others.
    async fn carried(&self, change: &BulkChange, ids: &[MemberId]) -> Result<HashMap<i64, Carried>, DbErr> {
        let members: Vec<(i64,)> = ids.iter().map(|id| (id.0,)).collect();
        let tags: Vec<&String> = change.add.iter().chain(&change.remove).chain(&change.settle).collect();
        // $1 are the members.
        let named: Vec<String> = (0..tags.len()).map(|place| format!("${}", place + 2)).collect();
        let carrying = "FROM {rows} JOIN members m ON m.id = CAST(r.value->>0 AS BIGINT)
             JOIN identities i ON i.member_id = COALESCE(m.merged_into, m.id)
             JOIN member_tags t ON t.identity_id = i.id";
        let rows: Vec<CarriedRow> = self
            .db
            .read()
            .all_rows(
                &format!(
                    "SELECT CAST(r.value->>0 AS BIGINT) AS member, t.identity_id AS identity, t.tag, t.expires_at
                     {carrying} WHERE t.tag IN ({})
                     UNION ALL
                     SELECT CAST(r.value->>0 AS BIGINT), CAST(0 AS BIGINT), '', COUNT(*) {carrying} GROUP BY 1",
                    named.join(", ")
                ),
                &members,
                tags.into_iter().map(|tag| tag.as_str().into()).collect(),
            )
            .await?;
        let mut carried: HashMap<i64, Carried> = HashMap::new();
        for row in rows {
            carried.entry(row.member).or_default().insert((row.identity, row.tag, row.expires_at));
        }
        Ok(carried)
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
        let mut tally: Tally = serde_json::from_value(checkpoint["tally"].clone()).unwrap_or_default();
        loop {
            let ids = change.next_members(self.db.read(), workspace, before).await?;
            let Some(last) = ids.last() else { return Ok(tally.result()) };
            self.change(workspace, &change, &ids, &mut tally).await?;
            done += ids.len() as i64;
            before = last.0;
            let checkpoint = json!({"done": done, "before": before, "tally": tally});
            run.progress(done, change.total.max(done), &checkpoint).await?;
        }
    }
}
