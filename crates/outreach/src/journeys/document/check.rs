//! Whether the parts of a document fit together.

use std::collections::BTreeSet;

use base::{Code, EventKind, Problem};
use people::tags::{TAG_ADDED, TAG_REMOVED};
use serde_json::Value;

use super::{Document, Entry, EventTrigger, Happening, ReentryPolicy, StepAction, graph::Graph};
use crate::{
    journeys::{
        answers::{WEBHOOK_ANSWER_TAKEN, WEBHOOK_ANSWERED},
        echo::JOURNEY_CHANGE_AWAITED,
        parse::Problems,
    },
    outbox::facts::kind_word,
};

impl Document {
    /// Notes where the parts do not fit together. Of a document in the making, `draft` also has what could not be read.
    pub(super) fn check(&self, draft: &Value, problems: &mut Problems) {
        let graph = Graph::of_draft(draft, self);
        for problem in graph.dangling().into_iter().chain(graph.circles()) {
            // Of what could not be read, enough is said.
            if !problem.errors.iter().any(|error| problems.has_at(&error.path)) || problem.code == Code::JourneyCycle {
                problems.note(problem);
            }
        }
        self.feeding(&|channel| Some(channel.to_owned())).into_iter().for_each(|problem| problems.note(problem));
    }

    /// The steps with the ways between them; `draft` is what this was read from.
    pub(in crate::journeys) fn graph<'a>(&'a self, draft: &'a Value) -> Graph<'a> {
        Graph::of_draft(draft, self)
    }

    /// Refuses a journey that lets members in again by what its own steps do, for ever. `kind_of` gives the kind
    /// of a channel by what a step calls it.
    pub(in crate::journeys) fn check_feeding(&self, kind_of: &dyn Fn(&str) -> Option<String>) -> Result<(), Problem> {
        self.feeding(kind_of).into_iter().next().map_or(Ok(()), Err)
    }

    /// The steps by which the journey would let members in again, for ever.
    pub(in crate::journeys) fn feeding(&self, kind_of: &dyn Fn(&str) -> Option<String>) -> Vec<Problem> {
        let Entry::Happening(Happening::Event(trigger)) = &self.entry else { return Vec::new() };
        let past_waits = match self.reentry.policy {
            _ if self.reentry.cooldown.is_some() || !trigger.filters.is_empty() => return Vec::new(),
            ReentryPolicy::Never => return Vec::new(),
            // Whoever waits is not let in meanwhile, so the wait is the pause between two rounds.
            ReentryPolicy::AfterExit => false,
            ReentryPolicy::Always => true,
        };
        let causes = |name: &&str| self.steps[*name].action.causes(trigger, kind_of);
        let again = |name: &str| {
            let message = format!(
                "causes \"{}\", which lets the member in again, and so on for ever; set a cooldown",
                trigger.event
            );
            Problem::at(Code::JourneyCycle, format!("document.steps.{name}"), message)
        };
        self.reached(past_waits).into_iter().filter(causes).map(again).collect()
    }

    /// Steps that a run can come to, perhaps only until it waits.
    fn reached(&self, past_waits: bool) -> BTreeSet<&str> {
        let mut reached: BTreeSet<&str> = BTreeSet::new();
        let mut ahead = vec![self.start.as_str()];
        while let Some(name) = ahead.pop() {
            let Some(step) = self.steps.get(name) else { continue };
            if reached.insert(name) && (past_waits || !step.action.takes_time()) {
                ahead.extend(step.ways());
            }
        }
        reached
    }
}

impl StepAction {
    /// Whether the step makes such an event happen by itself, without anything that the member does.
    fn causes(&self, trigger: &EventTrigger, kind_of: &dyn Fn(&str) -> Option<String>) -> bool {
        let event = trigger.event.as_str();
        let told = |channel: &str| {
            let Some((word, verb)) = event.split_once(' ') else { return false };
            matches!(verb, "Sent" | "Delivered" | "Bounced" | "Refused")
                && kind_of(channel).is_some_and(|kind| kind_word(&kind) == word)
        };
        let sets = event == EventKind::Identify.default_name();
        match self {
            StepAction::Tag { add, remove } => {
                (event == TAG_ADDED && !add.is_empty())
                    || (event == TAG_REMOVED && !remove.is_empty())
                    || event == JOURNEY_CHANGE_AWAITED
            }
            StepAction::Set(_) => sets || event == JOURNEY_CHANGE_AWAITED,
            StepAction::Send { channel, .. } => told(channel),
            StepAction::Webhook { channel, traits, deadline, .. } => {
                told(channel)
                    || (sets && !traits.is_empty())
                    || (event == WEBHOOK_ANSWERED && (!traits.is_empty() || deadline.is_some()))
                    || (event == WEBHOOK_ANSWER_TAKEN && !traits.is_empty() && deadline.is_some())
            }
            StepAction::Wait(_)
            | StepAction::Branch(_)
            | StepAction::Split(_)
            | StepAction::Holdout { .. }
            | StepAction::Task(_)
            | StepAction::Exit => false,
        }
    }
}
