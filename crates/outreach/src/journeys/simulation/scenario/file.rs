//! A file of scenarios.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

/// A journey, and what it is expected to do.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScenarioFile {
    /// The document of the journey, or the path of a file that has it.
    pub document: Value,
    /// The time zone of the workspace; UTC when left out.
    #[serde(default)]
    pub zone: Option<String>,
    /// Rules of segments by name. The document and other rules may call them by it.
    #[serde(default)]
    pub segments: BTreeMap<String, Value>,
    /// Kinds of channels that the document names by an id.
    #[serde(default)]
    pub channels: BTreeMap<String, String>,
    /// The policy of the outbox, as the API takes it; nothing is put off or capped when it is left out.
    #[serde(default)]
    pub policy: Option<Value>,
    /// What is to be seen.
    pub scenarios: Vec<Scenario>,
}

/// One story.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// What it shows.
    pub name: String,
    /// Who it is about, as he was before.
    #[serde(default)]
    pub member: MadeUpMember,
    /// When it begins: RFC 3339, or a date and time of the zone.
    pub at: String,
    /// What happens, in order.
    #[serde(default)]
    pub events: Vec<Happening>,
    /// How long time goes on then.
    #[serde(default)]
    pub advance: Option<String>,
    /// What the journey is expected to have done by then.
    pub expect: Expected,
}

/// A member who is made up.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MadeUpMember {
    /// What is known of him; an address is a trait.
    #[serde(default)]
    pub traits: Map<String, Value>,
    /// Tags that he carries.
    #[serde(default)]
    pub tags: Vec<String>,
    /// What he has agreed to (`true`) or refused, by kind of channel and topic.
    #[serde(default)]
    pub consent: BTreeMap<String, BTreeMap<String, bool>>,
    /// What he got from others before.
    #[serde(default)]
    pub received: Vec<Received>,
}

/// A message that a member got from others.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Received {
    /// When; before the scenario begins.
    pub at: String,
    /// Through which kind of channel.
    pub channel: String,
    /// About what.
    #[serde(default)]
    pub topic: String,
}

/// Something that happens: an event, traits or tags that change, somebody who lets him in, does a task or answers a webhook, a
/// pause.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Happening {
    /// How long after what happened before; at once when neither this nor `at` is given.
    #[serde(default)]
    pub after: Option<String>,
    /// When.
    #[serde(default)]
    pub at: Option<String>,
    /// The name of an event.
    #[serde(default)]
    pub event: Option<String>,
    /// What it says.
    #[serde(default)]
    pub properties: Map<String, Value>,
    /// Traits that change; `null` takes one away.
    #[serde(default)]
    pub traits: Option<Map<String, Value>>,
    /// Tags that he gets.
    #[serde(default)]
    pub add_tags: Vec<String>,
    /// Tags that he loses.
    #[serde(default)]
    pub remove_tags: Vec<String>,
    /// Somebody lets him in by hand, with these properties.
    #[serde(default)]
    pub enter: Option<Map<String, Value>>,
    /// Somebody does the task that a step has opened.
    #[serde(default)]
    pub task: Option<TaskDone>,
    /// The webhook that a step has called answers.
    #[serde(default)]
    pub answer: Option<Answered>,
    /// He pauses messages for thirty days, as on the page of his preferences (`true`), or ends his pause (`false`).
    #[serde(default)]
    pub pause: Option<bool>,
}

impl Happening {
    /// Whether anything happens at all.
    pub(super) fn says_something(&self) -> bool {
        self.event.is_some()
            || self.traits.is_some()
            || !self.add_tags.is_empty()
            || !self.remove_tags.is_empty()
            || self.enter.is_some()
            || self.task.is_some()
            || self.answer.is_some()
            || self.pause.is_some()
    }
}

/// A task that is done.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaskDone {
    /// The step that opened it.
    pub step: String,
    /// What came of it.
    #[serde(default)]
    pub outcome: Option<String>,
}

/// What a webhook answered.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answered {
    /// The step that called it.
    pub step: String,
    /// The status; 200 when left out.
    #[serde(default = "ok_status")]
    pub status: u16,
    /// Traits that the answer gives.
    #[serde(default)]
    pub traits: Map<String, Value>,
}

fn ok_status() -> u16 {
    200
}

/// What is expected; what is left out may be anything.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    /// Whether he was let in.
    #[serde(default)]
    pub entered: Option<bool>,
    /// How his last run stands: `completed`, `exited`, `failed` or `active`.
    #[serde(default)]
    pub ended: Option<String>,
    /// All steps that he came to, in order.
    #[serde(default)]
    pub steps: Option<Vec<String>>,
    /// All messages that were queued, in order.
    #[serde(default)]
    pub messages: Option<Vec<ExpectedMessage>>,
    /// Tags that he carries at the end, beside others.
    #[serde(default)]
    pub tags: Option<Vec<String>>,
    /// Tags that he does not carry at the end.
    #[serde(default)]
    pub no_tags: Option<Vec<String>>,
    /// Whether the goal was reached.
    #[serde(default)]
    pub goal: Option<bool>,
}

/// A message that is expected.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectedMessage {
    /// The step that queues it.
    pub step: String,
    /// When it is queued.
    #[serde(default)]
    pub at: Option<String>,
    /// When it would leave.
    #[serde(default)]
    pub sent_at: Option<String>,
    /// What it has to wait for: `quiet_hours`, `outside_window`, `frequency_cap` or `higher_priority`.
    #[serde(default)]
    pub put_off: Option<String>,
    /// Why it would not be sent: `no_address`, `no_consent`, `consent_withdrawn`, `paused_by_member`, `frequency_cap` …
    #[serde(default)]
    pub refused: Option<String>,
}
