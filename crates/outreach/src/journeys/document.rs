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
use serde_json::{Map, Value};

type Object = Map<String, Value>;

/// Most steps of one journey.
pub const MAX_STEPS: usize = 200;

/// A journey.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// What lets members in.
    pub entry: Entry,
    /// Who may come again.
    pub reentry: Reentry,
    /// Path into the entry event (`properties.cart_id`): one run per value.
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
        body: Object,
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
        let object = as_object(value, "document")?;
        only(object, &["entry", "reentry", "key", "exit", "goal", "holdout", "start", "steps"], "document")?;
        let document = Document {
            entry: parse_entry(object.get("entry"))?,
            reentry: parse_reentry(object.get("reentry"))?,
            key: optional_text(object, "key", "document")?,
            exit: parse_exit(object.get("exit"))?,
            goal: object.get("goal").map(parse_goal).transpose()?,
            holdout: parse_holdout(object.get("holdout"))?,
            start: text(object, "start", "document")?,
            steps: parse_steps(object.get("steps"))?,
        };
        document.check_references()?;
        document.check_circles()?;
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

fn parse_entry(value: Option<&Value>) -> Result<Entry, Problem> {
    let path = "document.entry";
    let object = as_object(value.ok_or_else(|| wrong(path, "is missing"))?, path)?;
    if object.contains_key("segment") {
        only(object, &["segment"], path)?;
        let id = text(object, "segment", path)?;
        return id
            .parse()
            .map(Entry::Segment)
            .map_err(|_| wrong(format!("{path}.segment"), "is not the id of a segment"));
    }
    parse_trigger(object, &["event", "where"], path).map(Entry::Event)
}

fn parse_trigger(object: &Object, allowed: &[&str], path: &str) -> Result<EventTrigger, Problem> {
    only(object, allowed, path)?;
    let filters = Comparison::parse_list(object.get("where"), &format!("{path}.where"))?;
    Ok(EventTrigger { event: text(object, "event", path)?, filters })
}

fn parse_reentry(value: Option<&Value>) -> Result<Reentry, Problem> {
    let path = "document.reentry";
    let Some(value) = value else { return Ok(Reentry { policy: ReentryPolicy::Never, cooldown: None }) };
    let object = as_object(value, path)?;
    only(object, &["policy", "cooldown"], path)?;
    let policy = match text(object, "policy", path)?.as_str() {
        "never" => ReentryPolicy::Never,
        "after_exit" => ReentryPolicy::AfterExit,
        "always" => ReentryPolicy::Always,
        _ => return Err(wrong(format!("{path}.policy"), "is not never, after_exit or always")),
    };
    Ok(Reentry { policy, cooldown: optional_period(object, "cooldown", path)? })
}

fn parse_exit(value: Option<&Value>) -> Result<Vec<EventTrigger>, Problem> {
    let path = "document.exit";
    let Some(value) = value else { return Ok(Vec::new()) };
    let list =
        value.as_array().filter(|list| list.len() <= 50).ok_or_else(|| wrong(path, "must be a list of at most 50"))?;
    list.iter()
        .enumerate()
        .map(|(index, item)| {
            let path = format!("{path}[{index}]");
            parse_trigger(as_object(item, &path)?, &["event", "where"], &path)
        })
        .collect()
}

fn parse_goal(value: &Value) -> Result<Goal, Problem> {
    let path = "document.goal";
    let object = as_object(value, path)?;
    let trigger = parse_trigger(object, &["event", "where", "within"], path)?;
    Ok(Goal { trigger, within: optional_period(object, "within", path)? })
}

fn parse_holdout(value: Option<&Value>) -> Result<f64, Problem> {
    let Some(value) = value else { return Ok(0.0) };
    let share = value.as_f64().filter(|share| (0.0..=1.0).contains(share));
    share.ok_or_else(|| wrong("document.holdout", "must be a number from 0 to 1"))
}

fn parse_steps(value: Option<&Value>) -> Result<BTreeMap<String, Step>, Problem> {
    let path = "document.steps";
    let object = as_object(value.ok_or_else(|| wrong(path, "is missing"))?, path)?;
    if object.is_empty() || object.len() > MAX_STEPS {
        return Err(wrong(path, format!("must have 1 to {MAX_STEPS} steps")));
    }
    object
        .iter()
        .map(|(name, step)| {
            if name.is_empty() || name.len() > 100 || name.contains(char::is_control) {
                return Err(wrong(path, "has a step whose name is not 1 to 100 bytes"));
            }
            let path = format!("{path}.{name}");
            Ok((name.clone(), parse_step(as_object(step, &path)?, &path)?))
        })
        .collect()
}

fn parse_step(object: &Object, path: &str) -> Result<Step, Problem> {
    let (action, fields, way): (StepAction, &[&str], &str) = match text(object, "type", path)?.as_str() {
        "wait" => (StepAction::Wait(period(object, "for", path)?), &["type", "for", "next"], "next"),
        "branch" => (StepAction::Branch(parse_cases(object, path)?), &["type", "cases", "else"], "else"),
        "send" => {
            let template = text(object, "template", path)?;
            let template =
                template.parse().map_err(|_| wrong(format!("{path}.template"), "is not the id of a template"))?;
            let topic = optional_text(object, "topic", path)?.unwrap_or_else(|| "marketing".to_owned());
            let channel = text(object, "channel", path)?;
            (StepAction::Send { channel, template, topic }, &["type", "channel", "template", "topic", "next"], "next")
        }
        "tag" => {
            let (add, remove) = (parse_tags(object, "add", path)?, parse_tags(object, "remove", path)?);
            if add.is_empty() && remove.is_empty() {
                return Err(wrong(path, "must add or remove a tag"));
            }
            (StepAction::Tag { add, remove }, &["type", "add", "remove", "next"], "next")
        }
        "webhook" => {
            let body = match object.get("body") {
                None => Object::new(),
                Some(body) => as_object(body, &format!("{path}.body"))?.clone(),
            };
            people::members::check_storable(&Value::Object(body.clone()))?;
            let channel = optional_text(object, "channel", path)?.unwrap_or_else(|| "webhook".to_owned());
            (StepAction::Webhook { channel, body }, &["type", "channel", "body", "next"], "next")
        }
        "exit" => (StepAction::Exit, &["type"], "next"),
        _ => return Err(wrong(format!("{path}.type"), "is not wait, branch, send, tag, webhook or exit")),
    };
    only(object, fields, path)?;
    Ok(Step { action, next: optional_text(object, way, path)? })
}

fn parse_cases(object: &Object, path: &str) -> Result<Vec<Case>, Problem> {
    let list = object.get("cases").and_then(Value::as_array).filter(|list| (1..=20).contains(&list.len()));
    let list = list.ok_or_else(|| wrong(format!("{path}.cases"), "must be a list of 1 to 20 cases"))?;
    list.iter()
        .enumerate()
        .map(|(index, case)| {
            let path = format!("{path}.cases[{index}]");
            let object = as_object(case, &path)?;
            only(object, &["when", "next"], &path)?;
            let when = object.get("when").ok_or_else(|| wrong(format!("{path}.when"), "is missing"))?;
            let when = Rule::parse_at(when, &format!("{path}.when"))?;
            Ok(Case { when, next: optional_text(object, "next", &path)? })
        })
        .collect()
}

fn parse_tags(object: &Object, field: &str, path: &str) -> Result<Vec<String>, Problem> {
    let path = format!("{path}.{field}");
    let Some(value) = object.get(field) else { return Ok(Vec::new()) };
    let list = value.as_array().ok_or_else(|| wrong(&path, "must be a list of tags"))?;
    let tags: Option<Vec<String>> = list.iter().map(|tag| tag.as_str().map(str::to_owned)).collect();
    people::tags::check_tags(&path, tags.ok_or_else(|| wrong(&path, "must be a list of texts"))?)
}

fn as_object<'a>(value: &'a Value, path: &str) -> Result<&'a Object, Problem> {
    value.as_object().ok_or_else(|| wrong(path, "must be an object"))
}

fn only(object: &Object, allowed: &[&str], path: &str) -> Result<(), Problem> {
    match object.keys().find(|key| !allowed.contains(&key.as_str())) {
        None => Ok(()),
        Some(unknown) => {
            let unknown: String = unknown.chars().take(64).collect();
            Err(wrong(format!("{path}.{unknown}"), format!("is not known here; expected {}", allowed.join(", "))))
        }
    }
}

fn text(object: &Object, field: &str, path: &str) -> Result<String, Problem> {
    optional_text(object, field, path)?.ok_or_else(|| wrong(format!("{path}.{field}"), "is missing"))
}

fn optional_text(object: &Object, field: &str, path: &str) -> Result<Option<String>, Problem> {
    match object.get(field) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if !text.is_empty() && text.len() <= 200 && !text.contains('\0') => {
            Ok(Some(text.clone()))
        }
        Some(_) => Err(wrong(format!("{path}.{field}"), "must be a text of 1 to 200 bytes")),
    }
}

fn period(object: &Object, field: &str, path: &str) -> Result<Period, Problem> {
    optional_period(object, field, path)?.ok_or_else(|| wrong(format!("{path}.{field}"), "is missing"))
}

fn optional_period(object: &Object, field: &str, path: &str) -> Result<Option<Period>, Problem> {
    let text = optional_text(object, field, path)?;
    text.map(|text| {
        text.parse().map_err(|e: base::period::PeriodError| wrong(format!("{path}.{field}"), e.to_string()))
    })
    .transpose()
}

fn wrong(path: impl Into<String>, message: impl Into<String>) -> Problem {
    Problem::at(Code::InvalidJourney, path, message)
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
