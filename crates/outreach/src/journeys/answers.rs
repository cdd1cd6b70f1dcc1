//! Commands for runs: a webhook has answered, a task is done, somebody lets a member in.

use std::time::Duration;

use base::{
    Event, EventKind,
    ids::{DeliveryId, JourneyId, RunId},
};
use people::pipeline::{Poison, Turn};
use serde_json::{Map, Value, json};

use super::{
    actions::{emit, say_traits},
    entering::JOURNEY_ENTRY_ASKED,
    parse::names_identity,
    runs::Pending,
    stage::Walk,
    tasks::TASK_COMPLETED,
};

/// The command by which the outbox tells what a webhook answered: `{"delivery", "journey", "run", "step", "status", "ok",
/// "traits": {name: value}}`.
pub const WEBHOOK_ANSWERED: &str = "Webhook Answered";
/// The command that follows the traits which an answer gave, so that a run that waits goes on when they are known:
/// `{"delivery", "journey", "run", "step", "status", "set": [name]}`.
pub(super) const WEBHOOK_ANSWER_TAKEN: &str = "Webhook Answer Taken";

/// How long a run waits at the least for what its answer gave to come through the log.
const ECHO: Duration = Duration::from_secs(86_400);

impl Walk<'_> {
    /// Carries out what a command asks of a run or a journey. A brand's own event of the same name does nothing.
    pub(super) fn take_command(&mut self, turn: &mut Turn<'_>, event: &Event) -> Result<(), Poison> {
        if event.kind != EventKind::Command {
            return Ok(());
        }
        match event.name.as_str() {
            WEBHOOK_ANSWERED => self.answered(turn, &event.properties_value()),
            WEBHOOK_ANSWER_TAKEN => self.answer_taken(turn, &event.properties_value()),
            TASK_COMPLETED => self.complete_task(turn, event),
            JOURNEY_ENTRY_ASKED => self.enter_by_hand(turn, event),
            _ => Ok(()),
        }
    }

    /// Sets the traits that the answer gives, and lets the run on that waits for it: at once, or when the traits have come
    /// through the log, since the next step may ask for them. A run that has ended or gone on meanwhile is not touched, but
    /// what was asked for has been answered.
    fn answered(&mut self, turn: &mut Turn<'_>, answer: &Map<String, Value>) -> Result<(), Poison> {
        let Some(told) = Told::of(answer) else { return Ok(()) };
        let traits = answer.get("traits").and_then(Value::as_object).into_iter().flatten();
        let traits: Map<String, Value> = traits
            .filter(|(name, _)| !names_identity(name))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        let names: Vec<&String> = traits.keys().collect();
        if !traits.is_empty() {
            say_traits(turn, told.journey, format!("{}/traits", told.delivery), &traits)?;
        }
        let Some(index) = self.run_of(turn, &told) else { return Ok(()) };
        if traits.is_empty() || !self.awaits(turn, index, &told) {
            return self.take_answer(turn, index, &told, json!(names));
        }
        let echo = json!({"delivery": told.delivery, "journey": told.journey, "run": told.run, "step": told.step,
            "status": told.status, "set": names});
        let message_id = format!("{}/taken", told.delivery);
        emit(turn, told.journey, EventKind::Command, WEBHOOK_ANSWER_TAKEN, message_id, &echo)?;
        let least = turn.now.plus(ECHO);
        self.change(turn.member, index, |run, _| run.wake_at = run.wake_at.map(|until| until.max(least)));
        Ok(())
    }

    /// The traits of an answer are known, or were refused.
    fn answer_taken(&mut self, turn: &mut Turn<'_>, answer: &Map<String, Value>) -> Result<(), Poison> {
        let Some(told) = Told::of(answer) else { return Ok(()) };
        let Some(index) = self.run_of(turn, &told) else { return Ok(()) };
        self.take_answer(turn, index, &told, answer.get("set").cloned().unwrap_or_else(|| json!([])))
    }

    fn take_answer(&mut self, turn: &mut Turn<'_>, index: usize, told: &Told, names: Value) -> Result<(), Poison> {
        let (now, member) = (turn.now, turn.member);
        let waits = self.awaits(turn, index, told);
        self.change(member, index, |run, changed| {
            let detail = json!({"delivery": told.delivery, "status": told.status, "traits": names});
            changed.note(run, now, &told.step, "answered", detail);
        });
        match waits {
            true => self.leave_step(turn, index, &told.step, None),
            false => Ok(()),
        }
    }

    fn run_of(&self, turn: &Turn<'_>, told: &Told) -> Option<usize> {
        self.runs(turn.member).iter().position(|other| Some(other.id) == told.run && other.is_active())
    }

    /// Whether a run waits for this answer, and its time is not over.
    fn awaits(&self, turn: &Turn<'_>, index: usize, told: &Told) -> bool {
        let run = &self.runs(turn.member)[index];
        run.wait == Some(Pending::Webhook { delivery: told.delivery })
            && !run.arriving
            && run.wake_at.is_none_or(|until| until > turn.now)
    }
}

/// Which webhook of which run a command is about.
struct Told {
    delivery: DeliveryId,
    journey: JourneyId,
    run: Option<RunId>,
    step: String,
    status: Value,
}

impl Told {
    fn of(answer: &Map<String, Value>) -> Option<Told> {
        let text = |field: &str| answer.get(field).and_then(Value::as_str);
        Some(Told {
            delivery: text("delivery")?.parse().ok()?,
            journey: text("journey")?.parse().ok()?,
            run: text("run").and_then(|id| id.parse().ok()),
            step: text("step").unwrap_or_default().to_owned(),
            status: answer.get("status").cloned().unwrap_or_default(),
        })
    }
}
