//! What each step does.

use base::{
    Code, Event, EventKind, Time,
    event::empty_object,
    ids::{DeliveryId, EventId, JourneyId, TemplateId},
};
use people::{
    pipeline::{Poison, Turn},
    rules::evaluate,
    tags::{TAG_ADDED, TAG_REMOVED},
};
use serde_json::{Value, json, value::to_raw_value};

use super::{
    StepAction,
    runs::{Intent, Run},
    stage::Walk,
};

/// A run whose trace is longer than this is stopped.
const MAX_TRACE: i64 = 10_000;

impl Walk<'_> {
    /// Moves on every run whose wait is over.
    pub(super) fn wake(&mut self, turn: &mut Turn<'_>) -> Result<(), Poison> {
        let (now, member) = (turn.now, turn.member);
        for index in 0..self.runs_of(member).runs.len() {
            let run = &self.runs_of(member).runs[index];
            let is_due = run.state == "active" && run.wake_at.is_some_and(|at| at <= now);
            let (journey, version) = (run.journey, run.version);
            if !is_due || self.book.journeys.get(&journey).is_none_or(|published| published.paused) {
                continue;
            }
            let Some(version) = self.book.version(journey, version) else { continue };
            self.change(member, index, |run, changed| {
                let waited = run.step.take().unwrap_or_default();
                changed.note(run, now, &waited, "waited", json!({}));
                run.wake_at = None;
                run.step = version.document.steps.get(&waited).and_then(|step| step.next.clone());
            });
            self.advance(turn, index)?;
        }
        Ok(())
    }

    /// Takes steps until the run waits or ends.
    pub(super) fn advance(&mut self, turn: &mut Turn<'_>, index: usize) -> Result<(), Poison> {
        let (now, member) = (turn.now, turn.member);
        loop {
            let run = &self.runs_of(member).runs[index];
            let (journey, version) = (run.journey, run.version);
            let Some(name) = run.step.clone() else {
                self.change(member, index, |run, changed| {
                    changed.note(run, now, "", "completed", json!({}));
                    end(run, now, "completed", "last step");
                });
                return Ok(());
            };
            let too_many = run.trace_length > MAX_TRACE;
            let step = self.book.version(journey, version).and_then(|version| version.document.steps.get(&name));
            let Some(step) = step.filter(|_| !too_many) else {
                self.change(member, index, |run, changed| {
                    changed.note(run, now, &name, "failed", json!({"too_many_steps": too_many}));
                    end(run, now, "failed", if too_many { "too many steps" } else { "missing step" });
                });
                return Ok(());
            };
            let next = match &step.action {
                StepAction::Wait(period) => {
                    let wake_at = period.after(now, &turn.book.zone);
                    self.change(member, index, |run, changed| {
                        changed.note(run, now, &name, "waiting", json!({"until": wake_at}));
                        run.step_at = now;
                        run.wake_at = Some(wake_at);
                    });
                    return Ok(());
                }
                StepAction::Exit => {
                    self.change(member, index, |run, changed| {
                        changed.note(run, now, &name, "completed", json!({}));
                        end(run, now, "completed", "exit step");
                    });
                    return Ok(());
                }
                StepAction::Branch(cases) => {
                    let taken = self.choose(turn, journey, version, &name, cases.len())?;
                    let next = taken.map_or(&step.next, |case| &cases[case].next).clone();
                    self.change(member, index, |run, changed| {
                        changed.note(run, now, &name, "branched", json!({"case": taken, "next": next}));
                    });
                    next
                }
                StepAction::Send { channel, template, topic } => {
                    self.queue(turn, index, &name, channel, Some(*template), topic, json!({}))?;
                    step.next.clone()
                }
                StepAction::Webhook { channel, body } => {
                    self.queue(turn, index, &name, channel, None, "webhook", Value::Object(body.clone()))?;
                    step.next.clone()
                }
                StepAction::Tag { add, remove } => {
                    self.tag(turn, index, &name, add, remove)?;
                    step.next.clone()
                }
            };
            self.change(member, index, |run, _| {
                run.step = next;
                run.step_at = now;
            });
        }
    }

    /// The first case whose rule holds; `None` for "else".
    fn choose(
        &self,
        turn: &Turn<'_>,
        journey: JourneyId,
        version: i64,
        step: &str,
        cases: usize,
    ) -> Result<Option<usize>, Poison> {
        let Some(version) = self.book.version(journey, version) else { return Ok(None) };
        let member = turn.member()?;
        for case in 0..cases {
            let rule = version.rule_names.get(&format!("{step}/{case}")).and_then(|name| turn.book.other(name));
            let rule = rule.ok_or_else(|| Poison { code: Code::Poison, message: "a branch has no rule".to_owned() })?;
            if evaluate(rule, turn.book, member, turn.now).holds {
                return Ok(Some(case));
            }
        }
        Ok(None)
    }

    #[expect(clippy::too_many_arguments, reason = "what a message needs")]
    fn queue(
        &mut self,
        turn: &mut Turn<'_>,
        index: usize,
        step: &str,
        channel: &str,
        template: Option<TemplateId>,
        topic: &str,
        body: Value,
    ) -> Result<(), Poison> {
        let (now, member) = (turn.now, turn.member);
        let found = self.channels.iter().find(|(id, kind)| kind == channel || id.to_string() == channel);
        let Some((channel_id, kind)) = found.cloned() else {
            self.change(member, index, |run, changed| {
                changed.note(run, now, step, "skipped", json!({"reason": "channel_missing", "channel": channel}));
            });
            return Ok(());
        };
        let address = turn.member()?.address(&kind).unwrap_or_default();
        let id = turn.ids.next(DeliveryId);
        self.change(member, index, |run, changed| {
            changed.intents.push(Intent {
                id,
                workspace: run.workspace,
                member,
                channel: channel_id,
                channel_kind: kind,
                template,
                journey: run.journey,
                run: run.id,
                step: step.to_owned(),
                key: format!("{}/{step}/{}", run.id, run.trace_length),
                topic: topic.to_owned(),
                address,
                variables: json!({"event": run.entry.get("properties"), "journey": {"id": run.journey, "step": step}, "body": body}),
                at: now,
            });
            changed.note(run, now, step, "queued", json!({"delivery": id}));
        });
        turn.effects.queued_messages = true;
        Ok(())
    }

    /// Tags come back through the log as commands, like an operator's.
    fn tag(
        &mut self,
        turn: &mut Turn<'_>,
        index: usize,
        step: &str,
        add: &[String],
        remove: &[String],
    ) -> Result<(), Poison> {
        let (now, member, workspace) = (turn.now, turn.member, turn.book.workspace);
        let run = &self.runs_of(member).runs[index];
        let (run_id, journey, number) = (run.id, run.journey, run.trace_length);
        for (name, tags) in [(TAG_REMOVED, remove), (TAG_ADDED, add)] {
            if tags.is_empty() {
                continue;
            }
            let properties = to_raw_value(&json!({"tags": tags, "journey": journey, "step": step}))
                .map_err(|error| Poison { code: Code::Poison, message: error.to_string() })?;
            turn.effects.emitted.push(Event {
                id: turn.ids.next(EventId),
                workspace,
                kind: EventKind::Command,
                name: name.to_owned(),
                user_id: None,
                anonymous_id: None,
                previous_id: None,
                member: Some(member),
                timestamp: now,
                received_at: now,
                message_id: format!("{run_id}/{number}/{name}"),
                source: format!("journey:{journey}"),
                trusted: true,
                properties,
                context: empty_object(),
            });
        }
        self.change(member, index, |run, changed| {
            changed.note(run, now, step, "tagged", json!({"add": add, "remove": remove}));
        });
        Ok(())
    }
}

/// The run has come to its end.
pub(super) fn end(run: &mut Run, now: Time, state: &'static str, reason: &'static str) {
    run.state = state;
    run.end_reason = Some(reason);
    run.ended_at = Some(now);
    run.wake_at = None;
}
