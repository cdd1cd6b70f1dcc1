//! What a simulation has brought about.

use std::collections::BTreeMap;

use base::{
    Time,
    ids::{MemberId, TemplateId},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::outbox::Figures;

/// What a journey did.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub(super) struct Outcome {
    /// Whom it was simulated with.
    pub(super) members: Members,
    /// What they did between the two moments.
    pub(super) events: usize,
    /// Runs that began, without those that were held out.
    pub(super) entered: i64,
    /// Runs that were held out.
    pub(super) held_out: i64,
    /// How often somebody was not let in, by reason, as far as it is counted.
    pub(super) refused: BTreeMap<String, i64>,
    /// What became of each step.
    pub(super) steps: BTreeMap<String, StepOutcome>,
    /// What would be queued, and what would become of it.
    pub(super) messages: Vec<Messages>,
    /// How many messages of others are known that were queued or sent then, or within the 32 days before: what was sent
    /// counts against frequency caps. Without caps nobody looks, and it is 0.
    pub(super) messages_of_others: usize,
    /// How many runs reached the goal.
    pub(super) goal: Goal,
    /// How runs stand at the end: completed, exited, failed, active …
    pub(super) ended: BTreeMap<String, i64>,
    /// What happened after the second moment, when only time passed.
    pub(super) after_to: AfterTo,
    /// Some runs, whole.
    pub(super) sample_runs: Vec<SampleRun>,
}

/// Whom a simulation took.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub(super) struct Members {
    /// So many.
    pub(super) sampled: usize,
    /// Of so many.
    pub(super) of: i64,
    /// Whether there were to be more, and their events were too many.
    pub(super) fewer_than_asked: bool,
}

/// What became of a step.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub(super) struct StepOutcome {
    /// Runs that came to it.
    pub(super) reached: i64,
    /// Runs that stand there at the end.
    pub(super) waiting_at_end: i64,
    /// How often it went which way: `case 0`, `else`, `way 1`, `outcome done`, `waited`, `met`, `timed_out`,
    /// `skipped: channel_missing` …, as the report names them.
    pub(super) ways: BTreeMap<String, i64>,
}

/// Messages of one step.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub(super) struct Messages {
    /// The step.
    pub(super) step: String,
    /// The kind of channel.
    pub(super) channel: String,
    /// The template; none for a webhook.
    #[schema(value_type = Option<String>)]
    pub(super) template: Option<TemplateId>,
    /// How many.
    pub(super) count: i64,
    /// When the first was queued.
    #[schema(value_type = String, format = DateTime)]
    pub(super) first: Time,
    /// When the last was.
    #[schema(value_type = String, format = DateTime)]
    pub(super) last: Time,
    /// How many on each day of the workspace's calendar.
    pub(super) by_day: Vec<Day>,
    /// How many of them would leave.
    pub(super) sent: i64,
    /// When the first would.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(super) first_sent: Option<Time>,
    /// When the last would.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(super) last_sent: Option<Time>,
    /// How many would have to wait before, by what for: `quiet_hours`, `outside_window`, `frequency_cap`, `higher_priority`.
    /// One that has to wait for several things stands under each.
    pub(super) put_off: BTreeMap<String, i64>,
    /// How many would not be sent, by the reason of the ledger: for want of an address or of consent, because the member paused
    /// messages, by the policy (`frequency_cap`, `quiet_hours`, `outside_window`), or because they waited too long.
    pub(super) would_be_refused: BTreeMap<String, i64>,
    /// How many still wait when the simulation ends.
    pub(super) waiting_at_end: i64,
}

/// Messages of one day.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub(super) struct Day {
    /// The day.
    pub(super) day: String,
    /// How many were queued.
    pub(super) count: i64,
    /// How many would leave.
    pub(super) sent: i64,
}

/// How many runs reached the goal.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub(super) struct Goal {
    /// So many of those who entered.
    pub(super) reached: i64,
    /// As a share of them; none when nobody entered, and when the journey has no goal.
    pub(super) share: Option<f64>,
    /// So many of those who were held out.
    pub(super) held_out_reached: i64,
}

/// What happened when nothing but time passed.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub(super) struct AfterTo {
    /// How far time went on.
    #[schema(value_type = String, format = DateTime)]
    pub(super) until: Time,
    /// Runs that ended then.
    pub(super) ended: i64,
    /// Messages that were queued then.
    pub(super) messages: i64,
}

/// One run.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub(super) struct SampleRun {
    /// Whose.
    #[schema(value_type = String)]
    pub(super) member: MemberId,
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    pub(super) entered_at: Time,
    /// How it stands at the end.
    pub(super) state: String,
    /// What it did, in order.
    pub(super) trail: Vec<TrailLine>,
    /// What became of its messages, in the order in which they were queued.
    pub(super) messages: Vec<SampleMessage>,
}

/// A message of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SampleMessage {
    /// The step that queued it.
    pub step: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub queued_at: Time,
    /// When it would leave; none when it would not, or waits at the end.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub sent_at: Option<Time>,
    /// What it had to wait for last.
    pub put_off: Option<String>,
    /// Why it would not be sent.
    pub refused: Option<String>,
}

/// One thing that a run did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TrailLine {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Time,
    /// At which step; empty for the run as a whole.
    pub step: String,
    /// What, as in the trace of a live run.
    pub action: String,
    /// Details.
    #[schema(value_type = Object)]
    pub detail: Value,
}

impl Messages {
    /// Adds what became of them.
    pub(super) fn add(&mut self, figures: &Figures) {
        let words = |by_word: &BTreeMap<&'static str, i64>| -> BTreeMap<String, i64> {
            by_word.iter().map(|(word, number)| ((*word).to_owned(), *number)).collect()
        };
        self.sent = figures.sent;
        self.first_sent = figures.first_and_last.map(|(first, _)| first);
        self.last_sent = figures.first_and_last.map(|(_, last)| last);
        self.put_off = words(&figures.put_off);
        self.would_be_refused = words(&figures.refused);
        self.waiting_at_end = self.count - figures.sent - figures.refused.values().sum::<i64>();
        let queued = std::mem::take(&mut self.by_day).into_iter().map(|day| (day.day, (day.count, 0)));
        let mut days: BTreeMap<String, (i64, i64)> = queued.collect();
        for (day, sent) in &figures.by_day {
            days.entry(day.to_string()).or_default().1 += sent;
        }
        self.by_day = days.into_iter().map(|(day, (count, sent))| Day { day, count, sent }).collect();
    }
}
