//! Runs in memory: who is where, and what is to be written.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    time::Duration,
};

use base::{
    Time,
    ids::{ChannelId, DeliveryId, JourneyId, MemberId, RunId, SegmentId, TaskId, TemplateId, WorkspaceId},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::tallies::{Counted, Side};

/// What is counted when somebody is not let in because he has come too often.
pub(super) const TOO_OFTEN: &str = "too_often";
/// Lines of a run's trace that are kept; what a run does after them is only counted, but for its end.
pub(super) const MAX_TRACE: i64 = 10_000;

/// One member's way through a journey.
#[derive(Clone, Debug)]
pub(super) struct Run {
    pub(super) id: RunId,
    pub(super) workspace: WorkspaceId,
    pub(super) journey: JourneyId,
    pub(super) version: i64,
    pub(super) member: MemberId,
    pub(super) origin: MemberId,
    pub(super) key: String,
    /// `active`, `completed`, `exited`, `held_out`, `failed` or `stopped`.
    pub(super) state: &'static str,
    pub(super) step: Option<String>,
    pub(super) entered_at: Time,
    /// When the run came to its step.
    pub(super) step_at: Time,
    pub(super) wake_at: Option<Time>,
    /// Whether the run stands before its step and has not begun it.
    pub(super) arriving: bool,
    /// What it waits for, while it waits.
    pub(super) wait: Option<Pending>,
    /// Its last change of the member that has not come back through the log, by the number of its line in the trace.
    pub(super) told: Option<i64>,
    pub(super) ended_at: Option<Time>,
    pub(super) end_reason: Option<&'static str>,
    pub(super) goal_at: Option<Time>,
    /// Until when the goal is noted after the run has ended; `None` when it is not, or was reached.
    pub(super) goal_until: Option<Time>,
    /// Lines of the trace so far; numbers the messages as well.
    pub(super) trace_length: i64,
    /// What let the member in, as JSON: the event with its time and properties, or the segment.
    pub(super) entry: Box<str>,
    /// When what let the member in happened; an event may arrive much later than that.
    pub(super) began_at: Time,
    /// Whether it is not in the database yet.
    pub(super) is_new: bool,
    /// What the indexes of the database say of it.
    pub(super) indexed: Indexed,
    /// The version on which it began.
    pub(super) began_on: i64,
    /// The share of the workspace's holdout when it began, in millionths.
    pub(super) drawn_at_share: i64,
    /// For which side of the comparison it stands.
    pub(super) side: Side,
    /// As what it is counted in the database; `None` while it is new.
    pub(super) counted: Option<Counted>,
}

/// What of a run indexes hold: whose it is, its state, until when its goal is noted.
pub(super) type Indexed = (MemberId, &'static str, Option<Time>);

/// What a run waits for, as `wait_json` says it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(super) enum Pending {
    For,
    Until,
    Window,
    Event {
        event: String,
    },
    Segment {
        segment: SegmentId,
    },
    Task {
        task: TaskId,
    },
    Webhook {
        delivery: DeliveryId,
    },
    /// What the run itself has told of the member; `asked` when it has asked whether that has come.
    Echo {
        asked: bool,
    },
}

impl Run {
    /// What let the member in.
    pub(super) fn entry_value(&self) -> Map<String, Value> {
        serde_json::from_str(&self.entry).unwrap_or_default()
    }

    pub(super) fn indexed_as(&self) -> Indexed {
        (self.member, self.state, self.goal_until)
    }

    pub(super) fn is_active(&self) -> bool {
        self.state == "active"
    }

    /// Whether there is anything left to do or to note.
    pub(super) fn is_open(&self) -> bool {
        self.is_active() || self.goal_until.is_some()
    }
}

/// When what an entry tells of happened.
pub(super) fn began_at(entry: &Map<String, Value>) -> Option<Time> {
    entry.get("timestamp").and_then(Value::as_str).and_then(|text| text.parse().ok())
}

/// The time over which a member's entries into one journey are counted.
pub(super) const ENTRY_WINDOW: Duration = Duration::from_secs(3_600);

/// The entries of a member into one journey with one key.
#[derive(Clone, Debug, Default)]
pub(super) struct Entered {
    /// The last.
    pub(super) last: Time,
    /// Those of the [`ENTRY_WINDOW`] before the last one, as many as matter.
    pub(super) recent: Vec<Time>,
}

impl Entered {
    /// Takes over what another member, with whom he becomes one, has done.
    pub(super) fn absorb(&mut self, other: Entered) {
        self.last = self.last.max(other.last);
        self.recent.extend(other.recent);
    }
}

/// When a member is to enter a journey next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) due_at: Time,
    /// What the occasion is called.
    pub(super) occasion: String,
    /// The occasion before.
    pub(super) last: String,
}

/// What the stage keeps about one member.
#[derive(Clone, Debug, Default)]
pub(super) struct MemberRuns {
    /// Runs that are under way or whose goal may be reached (those ended in this batch stay until it is written).
    pub(super) runs: Vec<Run>,
    /// His entries, by journey and correlation key.
    pub(super) entered: HashMap<(JourneyId, String), Entered>,
    /// When he is to enter journeys.
    pub(super) plans: BTreeMap<JourneyId, Plan>,
    /// When the journey timer is set for.
    pub(super) timer: Option<Time>,
}

impl MemberRuns {
    /// About how many bytes it takes in memory.
    pub(super) fn bytes(&self) -> usize {
        let runs = self.runs.iter().map(|run| 400 + run.entry.len() + run.key.len()).sum::<usize>();
        200 + runs + 150 * self.entered.len() + 150 * self.plans.len()
    }
}

/// A line of the trace.
#[derive(Clone, Debug)]
pub(super) struct TraceLine {
    pub(super) run: RunId,
    pub(super) journey: JourneyId,
    pub(super) version: i64,
    pub(super) seq: i64,
    pub(super) at: Time,
    pub(super) step: String,
    pub(super) action: &'static str,
    pub(super) detail: Value,
}

impl TraceLine {
    /// Whether it is written down, not only counted.
    pub(super) fn is_kept(&self) -> bool {
        self.seq < MAX_TRACE || matches!(self.action, "completed" | "exited" | "failed" | "held_out" | "goal")
    }
}

/// A message to queue.
#[derive(Clone, Debug)]
pub(super) struct Intent {
    pub(super) id: DeliveryId,
    pub(super) workspace: WorkspaceId,
    pub(super) member: MemberId,
    pub(super) channel: ChannelId,
    pub(super) channel_kind: String,
    /// `None` for a webhook, whose payload is the variables themselves.
    pub(super) template: Option<TemplateId>,
    pub(super) journey: JourneyId,
    pub(super) run: RunId,
    pub(super) step: String,
    pub(super) key: String,
    pub(super) topic: String,
    pub(super) address: String,
    pub(super) variables: Value,
    pub(super) priority: i64,
    pub(super) expires_at: Option<Time>,
    pub(super) options: Value,
    pub(super) at: Time,
}

/// A task to open.
#[derive(Clone, Debug)]
pub(super) struct NewTask {
    pub(super) id: TaskId,
    pub(super) workspace: WorkspaceId,
    pub(super) member: MemberId,
    pub(super) journey: JourneyId,
    pub(super) run: RunId,
    pub(super) step: String,
    pub(super) title: String,
    pub(super) note: String,
    pub(super) assignee: String,
    /// The outcomes that are asked for.
    pub(super) outcomes: Vec<String>,
    pub(super) opened_at: Time,
    pub(super) due_at: Option<Time>,
}

/// How a task ended.
#[derive(Clone, Debug)]
pub(super) struct ClosedTask {
    /// `done`, `expired` or `cancelled`.
    pub(super) state: &'static str,
    pub(super) at: Time,
    pub(super) outcome: Option<String>,
    pub(super) by: Option<String>,
    pub(super) remark: Option<String>,
}

/// What the batch has changed.
#[derive(Debug, Default)]
pub(super) struct Changed {
    pub(super) runs: BTreeSet<(MemberId, RunId)>,
    pub(super) trace: Vec<TraceLine>,
    pub(super) intents: Vec<Intent>,
    pub(super) tasks: Vec<NewTask>,
    pub(super) closed_tasks: BTreeMap<TaskId, ClosedTask>,
    /// Members who were absorbed, with the one who remains, in the order of the merges.
    pub(super) merged: Vec<(MemberId, MemberId)>,
    pub(super) entered: BTreeSet<(MemberId, JourneyId, String)>,
    /// Keys that are so old that they are forgotten.
    pub(super) forgotten: BTreeSet<(MemberId, JourneyId, String)>,
    pub(super) plans: BTreeSet<(MemberId, JourneyId)>,
    /// How often a journey (and version) refused somebody who came too often.
    pub(super) too_often: BTreeMap<(JourneyId, i64), i64>,
}

impl Changed {
    /// Adds a line to a run's trace.
    pub(super) fn note(&mut self, run: &mut Run, at: Time, step: &str, action: &'static str, detail: Value) {
        self.trace.push(TraceLine {
            run: run.id,
            journey: run.journey,
            version: run.version,
            seq: run.trace_length,
            at,
            step: step.to_owned(),
            action,
            detail,
        });
        run.trace_length += 1;
        self.runs.insert((run.member, run.id));
    }

    /// The run has come to its end. A task for which it waited is nobody's any more.
    pub(super) fn end(&mut self, run: &mut Run, now: Time, state: &'static str, reason: &'static str) {
        self.drop_wait(run, now);
        run.state = state;
        run.end_reason = Some(reason);
        run.ended_at = Some(now);
        run.wake_at = None;
        run.arriving = false;
        self.runs.insert((run.member, run.id));
    }

    /// The run waits for nothing any more.
    pub(super) fn drop_wait(&mut self, run: &mut Run, now: Time) {
        if let Some(Pending::Task { task }) = run.wait.take() {
            let cancelled = ClosedTask { state: "cancelled", at: now, outcome: None, by: None, remark: None };
            self.closed_tasks.entry(task).or_insert(cancelled);
        }
    }
}
