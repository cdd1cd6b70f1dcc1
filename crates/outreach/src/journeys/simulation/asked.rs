//! What is asked of a simulation.

use std::collections::BTreeMap;

use base::{
    Code, Problem, Time,
    ids::{JourneyId, SegmentId, WorkspaceId},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{Sql, Tx};
use utoipa::ToSchema;

use super::answering::{Replies, TaskReply, WebhookReply};
use crate::journeys::{
    Document,
    references::check_references,
    service::{self, JourneyDto, JourneyError},
};

/// Members who are taken unless more or fewer are asked for.
const USUAL_MEMBERS: u32 = 2_000;
const MOST_MEMBERS: u32 = 20_000;
/// Of the past, in days.
const LONGEST_DAYS: i64 = 400;

/// A simulation to make.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewSimulation {
    /// What arrived from this moment on lets members in.
    #[schema(value_type = String, format = DateTime)]
    from: Time,
    /// And before this one, which is not later than now; at most 400 days after `from`. Runs that are under way then go on
    /// for up to 90 days, in which nothing happens but that time passes.
    #[schema(value_type = String, format = DateTime)]
    to: Time,
    /// The document; the draft when left out.
    #[schema(value_type = Option<Object>)]
    document: Option<Value>,
    /// What to compare it with: the number of a version, `"draft"`, `"live"` or another document.
    compare_with: Option<Value>,
    /// Most members to take (1 to 20,000; default 2,000).
    members: Option<u32>,
    /// Only members who are in this segment today.
    #[schema(value_type = Option<String>)]
    segment: Option<SegmentId>,
    /// How the tasks of steps are done, by step; of the others each waits until its time is over.
    #[serde(default)]
    tasks: BTreeMap<String, TaskReply>,
    /// How the webhooks of steps answer, by step; the others do not.
    #[serde(default)]
    answers: BTreeMap<String, WebhookReply>,
}

/// What a job is to simulate.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Asked {
    pub(super) journey: JourneyId,
    pub(super) from: Time,
    pub(super) to: Time,
    pub(super) document: Value,
    pub(super) compare_with: Option<Other>,
    pub(super) members: u32,
    pub(super) segment: Option<SegmentId>,
    #[serde(default)]
    pub(super) replies: Replies,
}

/// What it is compared with.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Other {
    /// The number of the version, `draft`, `live` or `document`.
    pub(super) what: Value,
    pub(super) document: Value,
}

impl NewSimulation {
    /// Checks all of it, and finds the documents.
    pub(super) async fn checked(
        self,
        tx: &Tx,
        workspace: WorkspaceId,
        journey: &JourneyDto,
        now: Time,
    ) -> Result<Asked, JourneyError> {
        if self.from >= self.to {
            return Err(wrong("from", "must be before \"to\"").into());
        }
        if self.to > now {
            return Err(wrong("to", "must not be later than now").into());
        }
        if self.to - self.from > LONGEST_DAYS * 86_400_000 {
            return Err(wrong("from", "is more than 400 days before \"to\"").into());
        }
        let members = self.members.unwrap_or(USUAL_MEMBERS);
        if !(1..=MOST_MEMBERS).contains(&members) {
            return Err(wrong("members", "must be a number from 1 to 20,000").into());
        }
        if let Some(segment) = self.segment {
            let found: Option<i64> = tx
                .scalar(
                    "SELECT id FROM segments WHERE workspace_id = $1 AND id = $2 AND deleted_at IS NULL",
                    vec![workspace.0.into(), segment.0.into()],
                )
                .await?;
            let missing = || Problem::at(Code::UnknownReference, "segment", format!("there is no segment {segment}"));
            found.ok_or_else(missing)?;
        }
        let replies = Replies { tasks: self.tasks, answers: self.answers };
        replies.check()?;
        let document = self.document.unwrap_or_else(|| journey.document.clone());
        check(tx, workspace, &document).await?;
        let compare_with = match self.compare_with.filter(|other| !other.is_null()) {
            None => None,
            Some(what) => {
                let document = other(tx, journey, &what).await?;
                check(tx, workspace, &document).await?;
                let what = if what.is_object() { "document".into() } else { what };
                Some(Other { what, document })
            }
        };
        Ok(Asked {
            journey: journey.id,
            from: self.from,
            to: self.to,
            document,
            compare_with,
            members,
            segment: self.segment,
            replies,
        })
    }
}

async fn check(tx: &Tx, workspace: WorkspaceId, document: &Value) -> Result<(), JourneyError> {
    service::check_size(document)?;
    check_references(tx, workspace, &Document::parse(document)?).await
}

async fn other(tx: &Tx, journey: &JourneyDto, what: &Value) -> Result<Value, JourneyError> {
    let version = match what {
        Value::Object(_) => return Ok(what.clone()),
        Value::String(word) if word == "draft" => return Ok(journey.document.clone()),
        Value::String(word) if word == "live" => journey.published_version,
        Value::Number(number) => number.as_i64(),
        _ => return Err(wrong("compare_with", "is not the number of a version, draft, live or a document").into()),
    };
    let missing = || Problem::at(Code::UnknownReference, "compare_with", "there is no such version");
    let text: Option<String> = tx
        .scalar(
            "SELECT document_json FROM journey_versions WHERE journey_id = $1 AND version = $2",
            vec![journey.id.0.into(), version.ok_or_else(missing)?.into()],
        )
        .await?;
    let text = text.ok_or_else(missing)?;
    Ok(serde_json::from_str(&text).unwrap_or_default())
}

fn wrong(path: &str, message: &str) -> Problem {
    Problem::at(Code::InvalidBody, path, message)
}
