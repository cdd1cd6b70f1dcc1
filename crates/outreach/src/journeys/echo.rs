//! What a run changes about its member comes back to it.
//!
//! Tags and traits that a step sets go through the log like everything else. Before a step that looks at the member, a run
//! whose changes are still on their way stands still, and goes on in the turn of the last of them: "set, then branch" goes
//! by what was set. Whatever else happens meanwhile, exits, goals and moves included, finds the run before that step.
//!
//! A change that is refused never comes. A run that has stood still for some time asks, by a command that lies behind the
//! change in the log, and goes on when that comes: so it neither waits for ever nor, when the pipeline is behind, goes on
//! too early.

use std::{collections::BTreeSet, time::Duration};

use base::{EventKind, ids::RunId};
use people::pipeline::{Poison, Turn};
use serde_json::json;

use super::{
    Document, StepAction,
    actions::emit,
    document::{Wait, WaitStep},
    runs::{Pending, Run},
    stage::Walk,
};

/// The command by which a run asks whether its change of the member has come: `{"journey", "run", "step"}`.
pub(super) const JOURNEY_CHANGE_AWAITED: &str = "Journey Change Awaited";

/// What the id of that command has behind the id of the change.
const AWAITED: &str = "/awaited";
/// How long a run stands still before it asks.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long it waits for the answer, which always comes.
const LAST_RESORT: Duration = Duration::from_secs(86_400);

/// The id of the message that tells the last of what a step changes; the change is the number of its line in the trace.
pub(super) fn change_id(run: RunId, change: i64) -> String {
    format!("{run}/{change}")
}

impl Run {
    /// Whether the run stands before its step until what it has told comes back.
    pub(super) fn stands_still(&self) -> bool {
        self.arriving && matches!(self.wait, Some(Pending::Echo { .. }))
    }
}

impl Walk<'_> {
    /// Whether a run must hear of its own changes before it takes this step.
    pub(super) fn must_hear_first(&self, turn: &Turn<'_>, index: usize, action: &StepAction) -> Result<bool, Poison> {
        if self.runs(turn.member)[index].told.is_none() || !action.looks_at_member() {
            return Ok(false);
        }
        Ok(match action {
            // Whoever is not in it begins to wait at once, so that he misses nothing.
            StepAction::Wait(WaitStep { wait: Wait::Segment(segment), .. }) => {
                turn.member()?.memberships.contains_key(segment)
            }
            _ => true,
        })
    }

    /// Lets the run stand before its step.
    pub(super) fn stand_still(&mut self, turn: &Turn<'_>, index: usize) {
        let until = turn.now.plus(PATIENCE);
        self.change(turn.member, index, |run, _| {
            run.arriving = true;
            run.wait = Some(Pending::Echo { asked: false });
            run.wake_at = Some(until);
        });
    }

    /// Notes which run has the last of its changes back by this event.
    pub(super) fn hear(&mut self, turn: &Turn<'_>) {
        let Some(event) = turn.event().filter(|event| event.source.starts_with("journey:")) else { return };
        let is_its = |run: &Run| {
            let Some(change) = run.told else { return false };
            let rest = event.message_id.strip_prefix(&change_id(run.id, change));
            rest.is_some_and(|rest| rest.is_empty() || rest == AWAITED)
        };
        if let Some(index) = self.runs(turn.member).iter().position(is_its) {
            self.change(turn.member, index, |run, _| run.told = None);
        }
    }

    /// Those who have stood still for long ask whether what they wait for has come.
    pub(super) fn ask_for_echoes(&mut self, turn: &mut Turn<'_>) -> Result<(), Poison> {
        let (now, member) = (turn.now, turn.member);
        for index in 0..self.runs(member).len() {
            let run = &self.runs(member)[index];
            let is_due = run.is_active() && run.stands_still() && run.wake_at.is_some_and(|at| at <= now);
            if !is_due || self.book.is_paused(run.journey) {
                continue;
            }
            match (run.told, &run.wait) {
                (Some(change), Some(Pending::Echo { asked: false })) => {
                    let (id, journey) = (run.id, run.journey);
                    let asked = json!({"journey": journey, "run": id, "step": run.step});
                    let message_id = format!("{}{AWAITED}", change_id(id, change));
                    emit(turn, journey, EventKind::Command, JOURNEY_CHANGE_AWAITED, message_id, &asked)?;
                    self.change(member, index, |run, _| {
                        run.wait = Some(Pending::Echo { asked: true });
                        run.wake_at = Some(now.plus(LAST_RESORT));
                    });
                }
                _ => self.change(member, index, |run, _| run.told = None),
            }
        }
        Ok(())
    }

    /// Those who have heard go on. While a journey is paused they stay before their step.
    pub(super) fn go_on_after_echoes(&mut self, turn: &mut Turn<'_>) -> Result<(), Poison> {
        let (now, member) = (turn.now, turn.member);
        for index in 0..self.runs(member).len() {
            let run = &self.runs(member)[index];
            if !run.is_active() || !run.stands_still() || run.told.is_some() {
                continue;
            }
            let is_paused = self.book.is_paused(run.journey);
            self.change(member, index, |run, _| {
                run.wait = None;
                run.arriving = is_paused;
                // Whoever resumes the journey wakes those whose time has come.
                run.wake_at = is_paused.then_some(now);
            });
            if !is_paused {
                self.advance(turn, index)?;
            }
        }
        Ok(())
    }
}

/// Steps before which a run can stand still: those that look at the member, behind steps that change him.
pub(super) fn steps_behind_changes(document: &Document) -> BTreeSet<&str> {
    let changes = |action: &StepAction| matches!(action, StepAction::Set(_) | StepAction::Tag { .. });
    let mut ahead: Vec<&str> =
        document.steps.values().filter(|step| changes(&step.action)).flat_map(|step| step.ways()).collect();
    let (mut seen, mut found) = (BTreeSet::new(), BTreeSet::new());
    while let Some(name) = ahead.pop() {
        let Some(step) = document.steps.get(name).filter(|_| seen.insert(name)) else { continue };
        if step.action.looks_at_member() {
            found.insert(name);
        } else if !step.action.takes_time() {
            ahead.extend(step.ways());
        }
    }
    found
}
