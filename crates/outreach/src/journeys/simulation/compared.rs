//! The result of a simulation, and how it differs from that of another version.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::outcome::{Messages, Outcome, StepOutcome};

/// What came of a simulation.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub(super) struct SimulationResult {
    #[serde(flatten)]
    pub(super) outcome: Outcome,
    /// The other version over the same past.
    pub(super) compared: Option<Compared>,
    /// What a simulation cannot know, and what it takes in its place: codes; whoever reads it reads words.
    #[serde(default)]
    pub(super) not_known: Vec<String>,
}

/// The other version.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub(super) struct Compared {
    /// The number of the version, `draft`, `live` or `document`.
    pub(super) with: Value,
    #[serde(flatten)]
    pub(super) outcome: Outcome,
    /// By how much the simulated document has more than this one.
    pub(super) differences: Differences,
}

/// By how much one outcome has more than another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub(super) struct Differences {
    /// Runs.
    pub(super) entered: i64,
    /// Runs that were held out.
    pub(super) held_out: i64,
    /// Runs that reached the goal.
    pub(super) goal: i64,
    /// By step; those that do not differ are left out.
    pub(super) steps: BTreeMap<String, StepDifference>,
}

/// By how much a step has more.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub(super) struct StepDifference {
    /// Runs that came to it.
    pub(super) reached: i64,
    /// Runs that stand there at the end.
    pub(super) waiting_at_end: i64,
    /// Messages that it queued.
    pub(super) messages: i64,
    /// Those of them that would leave.
    pub(super) sent: i64,
    /// Those that would have to wait before, by what for.
    pub(super) put_off: BTreeMap<String, i64>,
    /// Those that would not be sent, by reason.
    pub(super) would_be_refused: BTreeMap<String, i64>,
}

/// By how much `one` has more than `other`.
pub(super) fn differences(one: &Outcome, other: &Outcome) -> Differences {
    let names: BTreeSet<&String> = one.steps.keys().chain(other.steps.keys()).collect();
    let step = |name: &String| {
        let of = |outcome: &Outcome| outcome.steps.get(name).cloned().unwrap_or_default();
        let (StepOutcome { reached, waiting_at_end, .. }, before) = (of(one), of(other));
        let sum = |outcome: &Outcome, figure: fn(&Messages) -> i64| -> i64 {
            outcome.messages.iter().filter(|of| of.step == *name).map(figure).sum()
        };
        let more = |figure: fn(&Messages) -> i64| sum(one, figure) - sum(other, figure);
        let by_word = |figures: fn(&Messages) -> &BTreeMap<String, i64>| {
            let mut more: BTreeMap<String, i64> = BTreeMap::new();
            for (outcome, sign) in [(one, 1), (other, -1)] {
                for of in outcome.messages.iter().filter(|of| of.step == *name) {
                    for (word, number) in figures(of) {
                        *more.entry(word.clone()).or_default() += sign * number;
                    }
                }
            }
            more.retain(|_, number| *number != 0);
            more
        };
        StepDifference {
            reached: reached - before.reached,
            waiting_at_end: waiting_at_end - before.waiting_at_end,
            messages: more(|of| of.count),
            sent: more(|of| of.sent),
            put_off: by_word(|of| &of.put_off),
            would_be_refused: by_word(|of| &of.would_be_refused),
        }
    };
    let steps = names.into_iter().map(|name| (name.clone(), step(name)));
    Differences {
        entered: one.entered - other.entered,
        held_out: one.held_out - other.held_out,
        goal: one.goal.reached - other.goal.reached,
        steps: steps.filter(|(_, difference)| *difference != StepDifference::default()).collect(),
    }
}
