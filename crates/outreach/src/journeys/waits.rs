//! Waiting: until when, and what comes after it.

use base::Time;
use people::pipeline::{Poison, Turn};
use serde_json::{Value, json};

use super::{
    calendar::Given,
    document::{Deadline, StepAction, Until, Wait, WaitStep},
    runs::{Pending, Run},
    stage::Walk,
    steps::Flow,
};

impl Walk<'_> {
    /// The wait at which a run stands.
    pub(super) fn wait_of(&self, run: &Run) -> Option<&WaitStep> {
        match &self.action_of(run)? {
            StepAction::Wait(wait) => Some(wait),
            _ => None,
        }
    }

    pub(super) fn action_of(&self, run: &Run) -> Option<&StepAction> {
        let step = run.step.as_ref()?;
        Some(&self.book.version(run.journey, run.version)?.document.steps.get(step)?.action)
    }

    /// Begins a wait. One that is over already, or for what cannot be known, is passed.
    pub(super) fn begin_wait(
        &mut self,
        turn: &mut Turn<'_>,
        index: usize,
        name: &str,
        step: &WaitStep,
    ) -> Result<Flow, Poison> {
        let (now, member) = (turn.now, turn.member);
        let step_at = self.runs(member)[index].step_at;
        let pending = match &step.wait {
            Wait::For(_) => Pending::For,
            Wait::Until(_) => Pending::Until,
            Wait::Window(_) => Pending::Window,
            Wait::Event(awaited) => Pending::Event { event: awaited.trigger.event.clone() },
            Wait::Segment(segment) => Pending::Segment { segment: *segment },
        };
        if let Wait::Segment(segment) = &step.wait
            && turn.member()?.memberships.contains_key(segment)
        {
            self.change(member, index, |run, changed| {
                changed.note(run, now, name, "met", json!({"segment": segment}));
            });
            return Ok(Flow::Next);
        }
        if let Wait::Event(_) | Wait::Segment(_) = &step.wait {
            return self.wait_for(turn, index, name, pending, step.deadline.as_ref(), Value::Null);
        }
        match clock_of(turn, &step.wait, step_at)? {
            Err(reason) => {
                self.change(member, index, |run, changed| changed.note(run, now, name, "skipped", reason));
                Ok(Flow::Next)
            }
            Ok(until) if until <= now => {
                self.change(member, index, |run, changed| changed.note(run, now, name, "waited", json!({})));
                Ok(Flow::Next)
            }
            Ok(until) => {
                let detail = with_kind(&pending, json!({"until": until}));
                self.change(member, index, |run, changed| {
                    changed.note(run, now, name, "waiting", detail);
                    run.wake_at = Some(until);
                    run.wait = Some(pending);
                });
                Ok(Flow::Stay)
            }
        }
    }

    /// Waits for what may never come, until a deadline if there is one. `more` is put into the trace as well.
    pub(super) fn wait_for(
        &mut self,
        turn: &mut Turn<'_>,
        index: usize,
        name: &str,
        pending: Pending,
        deadline: Option<&Deadline>,
        more: Value,
    ) -> Result<Flow, Poison> {
        let (now, member) = (turn.now, turn.member);
        let zone = turn.member()?.time_zone(turn.book);
        let run = &self.runs(member)[index];
        // Who has come to a wait long ago has waited since; what is only asked for now has its whole time.
        let since = match pending {
            Pending::Task { .. } | Pending::Webhook { .. } => now,
            _ => run.step_at,
        };
        let until = deadline.map(|deadline| deadline.timeout.after(since, &zone));
        let mut detail = with_kind(&pending, more);
        detail["until"] = json!(until);
        self.change(member, index, |run, changed| {
            changed.note(run, now, name, "waiting", detail);
            run.wake_at = until;
            run.wait = Some(pending);
        });
        // Who was put before the step long ago may be late for it already.
        match until.is_some_and(|until| until <= now) {
            true => Ok(self.time_out(turn, index, name)),
            false => Ok(Flow::Stay),
        }
    }

    /// Moves on every run whose wait is over.
    pub(super) fn wake(&mut self, turn: &mut Turn<'_>) -> Result<(), Poison> {
        let (now, member) = (turn.now, turn.member);
        for index in 0..self.runs(member).len() {
            let run = &self.runs(member)[index];
            let is_due = run.is_active() && !run.arriving && run.wake_at.is_some_and(|at| at <= now);
            if !is_due || self.book.is_paused(run.journey) {
                continue;
            }
            let name = run.step.clone().unwrap_or_default();
            let flow = self.time_out(turn, index, &name);
            let next = match flow {
                Flow::To(next) => Some(next),
                Flow::Next | Flow::Stay | Flow::Ended => None,
            };
            self.leave_step(turn, index, &name, next)?;
        }
        Ok(())
    }

    /// Notes that the time of a wait is over, and says where the run goes.
    fn time_out(&mut self, turn: &Turn<'_>, index: usize, name: &str) -> Flow {
        let (now, member) = (turn.now, turn.member);
        let run = &self.runs(member)[index];
        let deadline = match self.action_of(run) {
            Some(StepAction::Wait(WaitStep { deadline, .. }) | StepAction::Webhook { deadline, .. }) => deadline,
            Some(StepAction::Task(task)) => &task.due,
            _ => &None,
        };
        let flow = deadline.as_ref().map_or(Flow::Next, |deadline| Flow::To(deadline.next.clone()));
        let expires = matches!(run.wait, Some(Pending::Task { .. }));
        let action = if matches!(flow, Flow::Next) { "waited" } else { "timed_out" };
        self.change(member, index, |run, changed| match expires {
            true => super::tasks::expire(run, changed, now, name),
            false => {
                changed.note(run, now, name, action, json!({}));
                run.wait = None;
            }
        });
        flow
    }

    /// Leaves the step at which a run waited, to `next` if that is said and else to the step's own next.
    pub(super) fn leave_step(
        &mut self,
        turn: &mut Turn<'_>,
        index: usize,
        name: &str,
        next: Option<Option<String>>,
    ) -> Result<(), Poison> {
        let (now, member) = (turn.now, turn.member);
        let run = &self.runs(member)[index];
        let version = self.book.version(run.journey, run.version);
        let own = version.and_then(|version| version.document.steps.get(name)).and_then(|step| step.next.clone());
        let is_paused = self.book.is_paused(run.journey);
        self.change(member, index, |run, changed| {
            changed.drop_wait(run, now);
            run.step = next.unwrap_or(own);
            run.step_at = now;
            // Whoever resumes the journey wakes those whose time has come.
            run.wake_at = is_paused.then_some(now);
            run.arriving = is_paused;
        });
        if is_paused { Ok(()) } else { self.advance(turn, index) }
    }
}

/// Until when a wait by the clock lasts for a run that came to it at `step_at`; or why that cannot be said.
pub(super) fn clock_of(turn: &Turn<'_>, wait: &Wait, step_at: Time) -> Result<Result<Time, Value>, Poison> {
    let member = turn.member()?;
    let zone = member.time_zone(turn.book);
    Ok(match wait {
        Wait::For(period) => Ok(period.after(step_at, &zone)),
        Wait::Until(Until::Moment(moment)) => Ok(*moment),
        Wait::Until(Until::Trait { name, offset, at }) => {
            let value = base::rule::lookup(member.traits(), name);
            let given = value.and_then(|value| Given::read(value, &zone));
            let moment = given.and_then(|given| given.moment(offset.as_ref(), *at, &zone));
            let reason = if value.is_none() { "trait_missing" } else { "trait_unreadable" };
            moment.ok_or_else(|| json!({"reason": reason, "trait": name}))
        }
        Wait::Window(window) => {
            let from = step_at.max(turn.now);
            window.next(from, &zone).ok_or_else(|| json!({"reason": "window_never_opens"}))
        }
        Wait::Event(_) | Wait::Segment(_) => Err(json!({"reason": "no_clock"})),
    })
}

/// What the trace says of a wait.
fn with_kind(pending: &Pending, more: Value) -> Value {
    let mut detail = serde_json::to_value(pending).unwrap_or_default();
    if let (Value::Object(detail), Value::Object(more)) = (&mut detail, more) {
        detail.extend(more);
    }
    detail
}
