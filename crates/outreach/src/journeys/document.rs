//! The journey document: what an automation does, as JSON.
//!
//! [`Document::parse`] names the path of whatever is wrong; a document that it accepts has no
//! step that leads nowhere and no circle without a wait.

use std::collections::{BTreeMap, BTreeSet};

use base::{
    Code, Period, Problem,
    ids::{SegmentId, TemplateId},
    rule::{Comparison, Rule},
};
use people::tags::{TAG_ADDED, TAG_REMOVED};
use serde_json::{Map, Value};

use super::parse::{self, wrong};
use crate::outbox::facts::kind_word;

/// A journey.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// What lets members in.
    pub entry: Entry,
    /// Who may come again.
    pub reentry: Reentry,
    /// Path into the entry event (`properties.cart_id`). Runs with different values do not see each other: each
    /// value has its own re-entry and its own exits. With re-entry "always" the same value can
    /// come again while its run is under way, just as a member can in a journey without a key.
    pub key: Option<String>,
    /// Events that end a run at once.
    pub exit: Vec<EventTrigger>,
    /// The event that the journey wants to bring about.
    pub goal: Option<Goal>,
    /// Share of members who are left out, to measure lift.
    pub holdout: f64,
    /// The first step.
    pub start: String,
    /// Steps by name.
    pub steps: BTreeMap<String, Step>,
}

/// What lets members in.
#[derive(Clone, Debug, PartialEq)]
pub enum Entry {
    /// Something happened.
    Event(EventTrigger),
    /// The member entered a segment.
    Segment(SegmentId),
}

/// An event with filters on its properties.
#[derive(Clone, Debug, PartialEq)]
pub struct EventTrigger {
    /// Its name.
    pub event: String,
    /// All must hold.
    pub filters: Vec<Comparison>,
}

/// What the journey wants to bring about.
#[derive(Clone, Debug, PartialEq)]
pub struct Goal {
    /// The event.
    pub trigger: EventTrigger,
    /// How long after the entry it counts.
    pub within: Option<Period>,
}

/// Who may come again.
#[derive(Clone, Debug, PartialEq)]
pub struct Reentry {
    /// The policy.
    pub policy: ReentryPolicy,
    /// Not sooner than this after the last entry.
    pub cooldown: Option<Period>,
}

/// When a member may enter again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReentryPolicy {
    /// Never.
    Never,
    /// When the last run has ended.
    AfterExit,
    /// Also while another run is under way.
    Always,
}

/// One step.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// What it does.
    pub action: StepAction,
    /// Where it leads; `None` ends the run. A branch's "else".
    pub next: Option<String>,
}

/// What a step does.
#[derive(Clone, Debug, PartialEq)]
pub enum StepAction {
    /// Waits.
    Wait(Period),
    /// Goes the way of the first case that holds.
    Branch(Vec<Case>),
    /// Queues a message.
    Send {
        /// A channel's id or a kind of channel.
        channel: String,
        /// The template.
        template: TemplateId,
        /// What the member may unsubscribe from.
        topic: String,
    },
    /// Adds and removes tags.
    Tag {
        /// Tags to add.
        add: Vec<String>,
        /// Tags to remove.
        remove: Vec<String>,
    },
    /// Calls a webhook channel.
    Webhook {
        /// A channel's id or the kind `webhook`.
        channel: String,
        /// Fields to send beside member and journey.
        body: Map<String, Value>,
    },
    /// Ends the run.
    Exit,
}

/// One way out of a branch.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// When it is taken.
    pub when: Rule,
    /// Where it leads.
    pub next: Option<String>,
}

impl Document {
    /// Reads and checks a document.
    pub fn parse(value: &Value) -> Result<Document, Problem> {
        let document = parse::document(value)?;
        document.check_references()?;
        document.check_circles()?;
        document.check_feeding(&|channel| Some(channel.to_owned()))?;
        Ok(document)
    }

    fn check_references(&self) -> Result<(), Problem> {
        if !self.steps.contains_key(&self.start) {
            return Err(wrong("document.start", "names a step that does not exist"));
        }
        for (name, step) in &self.steps {
            if let Some(missing) = step.ways().into_iter().find(|next| !self.steps.contains_key(*next)) {
                return Err(wrong(
                    format!("document.steps.{name}"),
                    format!("leads to \"{missing}\", which does not exist"),
                ));
            }
        }
        Ok(())
    }

    /// Without a wait, a circle would run for ever in one moment.
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
                        format!("{circle} → {name}"),
                    ));
                }
                if finished.contains(name) {
                    continue;
                }
                path.push(name);
                stack.push((name, true));
                let step = &self.steps[name];
                if !matches!(step.action, StepAction::Wait(_)) {
                    stack.extend(step.ways().into_iter().map(|next| (next, false)));
                }
            }
        }
        Ok(())
    }

    /// Refuses a journey that lets members in again by what its own steps do, for ever. `kind_of` gives the kind
    /// of a channel by what a step calls it.
    pub(super) fn check_feeding(&self, kind_of: &dyn Fn(&str) -> Option<String>) -> Result<(), Problem> {
        let Entry::Event(trigger) = &self.entry else { return Ok(()) };
        let past_waits = match self.reentry.policy {
            _ if self.reentry.cooldown.is_some() || !trigger.filters.is_empty() => return Ok(()),
            ReentryPolicy::Never => return Ok(()),
            // Whoever waits is not let in meanwhile, so the wait is the pause between two rounds.
            ReentryPolicy::AfterExit => false,
            ReentryPolicy::Always => true,
        };
        let causes = |name: &&str| self.steps[*name].action.causes(&trigger.event, kind_of);
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
            if reached.insert(name) && (past_waits || !matches!(step.action, StepAction::Wait(_))) {
                ahead.extend(step.ways());
            }
        }
        reached
    }

    /// The rules of all branches, by "step/case".
    pub fn rules(&self) -> impl Iterator<Item = (String, &Rule)> {
        self.steps.iter().flat_map(|(name, step)| {
            let cases = match &step.action {
                StepAction::Branch(cases) => cases.as_slice(),
                _ => &[],
            };
            cases.iter().enumerate().map(move |(index, case)| (format!("{name}/{index}"), &case.when))
        })
    }
}

impl Step {
    /// All steps that this one can lead to.
    pub fn ways(&self) -> Vec<&str> {
        let mut ways: Vec<&str> = self.next.as_deref().into_iter().collect();
        if let StepAction::Branch(cases) = &self.action {
            ways.extend(cases.iter().filter_map(|case| case.next.as_deref()));
        }
        ways
    }
}

impl StepAction {
    /// Whether the step makes an event of this name happen by itself, without anything that the member does.
    fn causes(&self, event: &str, kind_of: &dyn Fn(&str) -> Option<String>) -> bool {
        match self {
            StepAction::Tag { add, remove } => {
                (event == TAG_ADDED && !add.is_empty()) || (event == TAG_REMOVED && !remove.is_empty())
            }
            StepAction::Send { channel, .. } | StepAction::Webhook { channel, .. } => {
                let Some((word, verb)) = event.split_once(' ') else { return false };
                matches!(verb, "Sent" | "Delivered" | "Bounced" | "Refused")
                    && kind_of(channel).is_some_and(|kind| kind_word(&kind) == word)
            }
            StepAction::Wait(_) | StepAction::Branch(_) | StepAction::Exit => false,
        }
    }
}

impl EventTrigger {
    /// Whether this event is meant.
    pub fn matches(&self, event: &base::Event) -> bool {
        event.name == self.event
            && (self.filters.is_empty() || {
                let properties = event.properties_value();
                self.filters.iter().all(|filter| filter.holds(&properties))
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn with_steps(steps: Value) -> Value {
        json!({"entry": {"event": "Group Joined"}, "start": "s1", "steps": steps})
    }

    fn refused(document: Value) -> (Code, String) {
        let problem = Document::parse(&document).unwrap_err();
        (problem.code, problem.errors[0].path.clone())
    }

    #[test]
    fn reads_a_journey() {
        let document = json!({"entry": {"event": "Group Joined"}, "reentry": {"policy": "after_exit", "cooldown": "P30D"},
            "key": "properties.cart_id", "exit": [{"event": "Order Completed"}],
            "goal": {"event": "Order Completed", "within": "P7D"}, "holdout": 0.1, "start": "s1",
            "steps": {"s1": {"type": "wait", "for": "PT1H", "next": "s2"},
                "s2": {"type": "branch", "cases": [{"when": {"event": "Message Posted", "within": "PT1H"}, "next": "s3"}], "else": "s4"},
                "s3": {"type": "send", "channel": "email", "template": TemplateId(5), "next": null},
                "s4": {"type": "tag", "add": ["quiet"], "next": null}}});
        let parsed = Document::parse(&document).unwrap();
        assert_eq!(parsed.steps.len(), 4);
        assert_eq!(parsed.rules().count(), 1);
    }

    #[test]
    fn refuses_a_circle_without_a_wait() {
        let circle = with_steps(
            json!({"s1": {"type": "tag", "add": ["a"], "next": "s2"}, "s2": {"type": "tag", "add": ["b"], "next": "s1"}}),
        );
        assert_eq!(refused(circle).0, Code::JourneyCycle);
        let itself = with_steps(
            json!({"s1": {"type": "branch", "cases": [{"when": {"tag": "x"}, "next": "s1"}], "else": null}}),
        );
        assert_eq!(refused(itself).0, Code::JourneyCycle);
        let with_wait = with_steps(
            json!({"s1": {"type": "wait", "for": "P1D", "next": "s2"}, "s2": {"type": "tag", "add": ["b"], "next": "s1"}}),
        );
        assert!(Document::parse(&with_wait).is_ok());
    }

    #[test]
    fn refuses_a_journey_that_feeds_itself() {
        let fed = |entry: &str, reentry: Value, steps: Value| {
            Document::parse(&json!({"entry": {"event": entry}, "reentry": reentry, "start": "s1", "steps": steps}))
        };
        let mail = json!({"s1": {"type": "send", "channel": "email", "template": TemplateId(5)}});
        let tag = json!({"s1": {"type": "tag", "add": ["a"]}});
        let late = json!({"s1": {"type": "wait", "for": "P1D", "next": "s2"}, "s2": {"type": "tag", "add": ["a"]}});
        let always = json!({"policy": "always"});
        for (entry, steps) in
            [("Email Sent", &mail), ("Email Bounced", &mail), ("Tag Added", &tag), ("Tag Added", &late)]
        {
            assert_eq!(fed(entry, always.clone(), steps.clone()).unwrap_err().code, Code::JourneyCycle, "{entry}");
        }
        assert_eq!(
            fed("Tag Added", json!({"policy": "after_exit"}), tag.clone()).unwrap_err().code,
            Code::JourneyCycle
        );
        for (entry, reentry, steps) in [
            ("Email Sent", json!({"policy": "never"}), &mail),
            ("Email Sent", json!({"policy": "always", "cooldown": "P1D"}), &mail),
            ("Webhook Sent", always.clone(), &mail),
            ("Email Opened", always.clone(), &mail),
            ("Tag Removed", always, &tag),
            ("Tag Added", json!({"policy": "after_exit"}), &late),
        ] {
            assert!(fed(entry, reentry, steps.clone()).is_ok(), "{entry}");
        }
        let by_id = json!({"s1": {"type": "send", "channel": "chn_0000000000001", "template": TemplateId(5)}});
        let document = fed("Email Sent", json!({"policy": "always"}), by_id).unwrap();
        assert!(document.check_feeding(&|_| Some("webhook".to_owned())).is_ok());
        assert!(document.check_feeding(&|_| Some("email".to_owned())).is_err());
    }

    #[test]
    fn two_ways_to_one_step_are_no_circle() {
        let diamond = with_steps(json!({
            "s1": {"type": "branch", "cases": [{"when": {"tag": "x"}, "next": "s2"}], "else": "s3"},
            "s2": {"type": "tag", "add": ["a"], "next": "s4"}, "s3": {"type": "tag", "add": ["b"], "next": "s4"},
            "s4": {"type": "exit"}}));
        assert!(Document::parse(&diamond).is_ok());
    }

    #[test]
    fn names_the_path_of_what_is_wrong() {
        let leads_nowhere = with_steps(json!({"s1": {"type": "wait", "for": "P1D", "next": "s9"}}));
        assert_eq!(refused(leads_nowhere).1, "document.steps.s1");
        let unknown_field = with_steps(json!({"s1": {"type": "wait", "for": "P1D", "until": 1}}));
        assert_eq!(refused(unknown_field).1, "document.steps.s1.until");
        let bad_rule = with_steps(json!({"s1": {"type": "branch", "cases": [{"when": {"tga": "x"}}]}}));
        assert_eq!(refused(bad_rule).1, "document.steps.s1.cases[0].when");
        let no_start = json!({"entry": {"event": "A"}, "start": "zz", "steps": {"s1": {"type": "exit"}}});
        assert_eq!(refused(no_start).1, "document.start");
    }
}
