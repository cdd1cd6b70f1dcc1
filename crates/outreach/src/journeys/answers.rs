//! Commands for runs: a webhook has answered, a task is done, somebody lets a member in.

use base::{
    Event, EventKind,
    ids::{DeliveryId, JourneyId, RunId},
};
use people::pipeline::{Poison, Turn};
use serde_json::{Map, Value, json};

use super::{
    actions::say_traits, entering::JOURNEY_ENTRY_ASKED, parse::names_identity, runs::Pending, stage::Walk,
    tasks::TASK_COMPLETED,
};

/// The command by which the outbox tells what a webhook answered: `{"delivery", "journey", "run", "step", "status", "ok",
/// "traits": {name: value}}`.
pub const WEBHOOK_ANSWERED: &str = "Webhook Answered";

impl Walk<'_> {
    /// Carries out what a command asks of a run or a journey. A brand's own event of the same name does nothing.
    pub(super) fn take_command(&mut self, turn: &mut Turn<'_>, event: &Event) -> Result<(), Poison> {
        if event.kind != EventKind::Command {
            return Ok(());
        }
        match event.name.as_str() {
            WEBHOOK_ANSWERED => self.answered(turn, &event.properties_value()),
            TASK_COMPLETED => self.complete_task(turn, event),
            JOURNEY_ENTRY_ASKED => self.enter_by_hand(turn, event),
            _ => Ok(()),
        }
    }

    /// Sets the traits that the answer gives, and lets the run on that waits for it. A run that has ended or gone on
    /// meanwhile is not touched, but what was asked for has been answered.
    fn answered(&mut self, turn: &mut Turn<'_>, answer: &Map<String, Value>) -> Result<(), Poison> {
        let text = |field: &str| answer.get(field).and_then(Value::as_str);
        let (Some(journey), Some(delivery)) = (
            text("journey").and_then(|id| id.parse::<JourneyId>().ok()),
            text("delivery").and_then(|id| id.parse::<DeliveryId>().ok()),
        ) else {
            return Ok(());
        };
        let traits = answer.get("traits").and_then(Value::as_object).into_iter().flatten();
        let traits: Map<String, Value> = traits
            .filter(|(name, _)| !names_identity(name))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        if !traits.is_empty() {
            say_traits(turn, journey, format!("{delivery}/traits"), &traits)?;
        }
        let run = text("run").and_then(|id| id.parse::<RunId>().ok());
        let index = self.runs(turn.member).iter().position(|other| Some(other.id) == run && other.is_active());
        let Some(index) = index else { return Ok(()) };
        let (now, member) = (turn.now, turn.member);
        let run = &self.runs(member)[index];
        let waits = run.wait == Some(Pending::Webhook { delivery })
            && !run.arriving
            && run.wake_at.is_none_or(|until| until > now);
        let step = text("step").unwrap_or_default().to_owned();
        let names: Vec<&String> = traits.keys().collect();
        let status = answer.get("status").cloned().unwrap_or_default();
        self.change(member, index, |run, changed| {
            let detail = json!({"delivery": delivery, "status": status, "traits": names});
            changed.note(run, now, &step, "answered", detail);
        });
        if waits {
            self.leave_step(turn, index, &step, None)?;
        }
        Ok(())
    }
}
