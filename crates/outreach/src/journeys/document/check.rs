//! Whether the parts of a document fit together.

use std::collections::BTreeSet;

use base::{Code, EventKind, Problem};
use people::tags::{TAG_ADDED, TAG_REMOVED};

use super::{Document, Entry, EventTrigger, Happening, ReentryPolicy, StepAction};
use crate::{
    journeys::{
        answers::{WEBHOOK_ANSWER_TAKEN, WEBHOOK_ANSWERED},
        echo::JOURNEY_CHANGE_AWAITED,
        parse::wrong,
    },
    outbox::facts::kind_word,
};

impl Document {
    pub(super) fn check(&self) -> Result<(), Problem> {
        self.check_ways()?;
        self.check_circles()?;
        self.check_feeding(&|channel| Some(channel.to_owned()))
    }

    fn check_ways(&self) -> Result<(), Problem> {
        if !self.steps.contains_key(&self.start) {
            return Err(wrong("document.start", "names a step that does not exist"));
        }
        for (name, step) in &self.steps {
            let ways = step.ways_with_paths();
            if let Some((field, missing)) = ways.into_iter().find(|(_, next)| !self.steps.contains_key(*next)) {
                return Err(wrong(
                    format!("document.steps.{name}.{field}"),
                    format!("leads to \"{missing}\", which does not exist"),
                ));
            }
        }
        Ok(())
    }

    /// Without a wait that takes time, a circle would run for ever in one moment.
    fn check_circles(&self) -> Result<(), Problem> {
        let mut finished: BTreeSet<&str> = BTreeSet::new();
        for start in self.steps.keys() {
            let mut path: Vec<&str> = Vec::new();
            let mut stack: Vec<(&str, bool)> = vec![(start, false)];
            while let Some((name, leaving)) = stack.pop() {
                if leaving {
                    path.pop();
                    finished.insert(name);
                    continue;
                }
                if path.contains(&name) {
                    let circle = path.iter().skip_while(|step| **step != name).copied().collect::<Vec<_>>().join(" → ");
                    return Err(Problem::at(
                        Code::JourneyCycle,
                        format!("document.steps.{name}"),
                        format!("{circle} → {name}; a circle needs a wait \"for\" some time, for an event, or a task"),
                    ));
                }
                if finished.contains(name) {
                    continue;
                }
                path.push(name);
                stack.push((name, true));
                let step = &self.steps[name];
                if !step.action.takes_time() {
                    stack.extend(step.ways().into_iter().map(|next| (next, false)));
                }
            }
        }
        Ok(())
    }

    /// Refuses a journey that lets members in again by what its own steps do, for ever. `kind_of` gives the kind
    /// of a channel by what a step calls it.
    pub(in crate::journeys) fn check_feeding(&self, kind_of: &dyn Fn(&str) -> Option<String>) -> Result<(), Problem> {
        let Entry::Happening(Happening::Event(trigger)) = &self.entry else { return Ok(()) };
        let past_waits = match self.reentry.policy {
            _ if self.reentry.cooldown.is_some() || !trigger.filters.is_empty() => return Ok(()),
            ReentryPolicy::Never => return Ok(()),
            // Whoever waits is not let in meanwhile, so the wait is the pause between two rounds.
            ReentryPolicy::AfterExit => false,
            ReentryPolicy::Always => true,
        };
        let causes = |name: &&str| self.steps[*name].action.causes(trigger, kind_of);
        match self.reached(past_waits).into_iter().find(causes) {
            None => Ok(()),
            Some(name) => Err(Problem::at(
                Code::JourneyCycle,
                format!("document.steps.{name}"),
                format!(
                    "causes \"{}\", which lets the member in again, and so on for ever; set a cooldown",
                    trigger.event
                ),
            )),
        }
    }

    /// Steps that a run can come to, perhaps only until it waits.
    fn reached(&self, past_waits: bool) -> BTreeSet<&str> {
        let mut reached: BTreeSet<&str> = BTreeSet::new();
        let mut ahead = vec![self.start.as_str()];
        while let Some(name) = ahead.pop() {
            let step = &self.steps[name];
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
