//! Taking steps, until a run waits or ends.

use base::{Code, ids::JourneyId};
use people::{
    pipeline::{Poison, Turn},
    rules::evaluate,
};
use serde_json::json;

use super::{
    StepAction, chance,
    document::{Document, Step, Way},
    stage::Walk,
};

/// Steps that a run takes in one moment at the most; documents in which it could be more are refused.
const MAX_STEPS_AT_ONCE: usize = 1_000;

/// Where a run goes from a step.
pub(super) enum Flow {
    /// To the step's own next.
    Next,
    /// To another step; to `None` to end.
    To(Option<String>),
    /// Nowhere for now.
    Stay,
    /// It has ended.
    Ended,
}

impl Walk<'_> {
    /// Takes steps until the run waits or ends.
    pub(super) fn advance(&mut self, turn: &mut Turn<'_>, index: usize) -> Result<(), Poison> {
        let (now, member) = (turn.now, turn.member);
        let book = self.book;
        for _ in 0..MAX_STEPS_AT_ONCE {
            let run = &self.runs(member)[index];
            let (journey, version) = (run.journey, run.version);
            let Some(name) = run.step.clone() else {
                self.change(member, index, |run, changed| {
                    changed.note(run, now, "", "completed", json!({}));
                    changed.end(run, now, "completed", "last step");
                });
                return Ok(());
            };
            let document = book.version(journey, version).map(|version| &version.document);
            let step = document.and_then(|document| document.steps.get(&name));
            let (Some(document), Some(step)) = (document, step) else {
                self.fail(turn, index, &name, "missing step");
                return Ok(());
            };
            if self.must_hear_first(turn, index, &step.action)? {
                self.stand_still(turn, index);
                return Ok(());
            }
            let next = match self.take_step(turn, index, &name, step, document)? {
                Flow::Next => step.next.clone(),
                Flow::To(next) => next,
                Flow::Stay | Flow::Ended => return Ok(()),
            };
            self.change(member, index, |run, changed| {
                changed.drop_wait(run, now);
                run.wake_at = None;
                run.step = next;
                run.step_at = now;
            });
        }
        let name = self.runs(member)[index].step.clone().unwrap_or_default();
        self.fail(turn, index, &name, "too many steps");
        Ok(())
    }

    fn fail(&mut self, turn: &Turn<'_>, index: usize, step: &str, reason: &'static str) {
        let now = turn.now;
        self.change(turn.member, index, |run, changed| {
            changed.note(run, now, step, "failed", json!({"reason": reason}));
            changed.end(run, now, "failed", reason);
        });
    }

    fn take_step(
        &mut self,
        turn: &mut Turn<'_>,
        index: usize,
        name: &str,
        step: &Step,
        document: &Document,
    ) -> Result<Flow, Poison> {
        let (now, member) = (turn.now, turn.member);
        match &step.action {
            StepAction::Wait(wait) => self.begin_wait(turn, index, name, wait),
            StepAction::Exit => {
                self.change(member, index, |run, changed| {
                    changed.note(run, now, name, "completed", json!({}));
                    changed.end(run, now, "completed", "exit step");
                });
                Ok(Flow::Ended)
            }
            StepAction::Branch(cases) => {
                let run = &self.runs(member)[index];
                let taken = self.choose(turn, run.journey, run.version, name, cases.len())?;
                let next = taken.map_or(&step.next, |case| &cases[case].next).clone();
                self.change(member, index, |run, changed| {
                    changed.note(run, now, name, "branched", json!({"case": taken, "next": next}));
                });
                Ok(Flow::To(next))
            }
            StepAction::Split(ways) => {
                let run = &self.runs(member)[index];
                let (way, next) = way_of(ways, chance::of_step(run.journey, name, run.origin));
                self.change(member, index, |run, changed| {
                    changed.note(run, now, name, "split", json!({"way": way, "next": next}));
                });
                Ok(Flow::To(next))
            }
            StepAction::Holdout { share, held } => {
                let run = &self.runs(member)[index];
                if chance::of_step(run.journey, name, run.origin) >= *share {
                    return Ok(Flow::Next);
                }
                let ends = held.is_none();
                let goal_until = self.goal_until(turn, document, run.began_at, ends);
                self.change(member, index, |run, changed| {
                    changed.note(run, now, name, "held_out", json!({"share": share, "by": "step"}));
                    if ends {
                        run.goal_until = goal_until.filter(|_| run.goal_at.is_none());
                        changed.end(run, now, "held_out", "holdout");
                    }
                });
                Ok(if ends { Flow::Ended } else { Flow::To(held.clone()) })
            }
            StepAction::Send { .. } => self.send(turn, index, name, &step.action),
            StepAction::Webhook { .. } => self.call_webhook(turn, index, name, &step.action),
            StepAction::Tag { add, remove } => self.tag(turn, index, name, add, remove),
            StepAction::Set(traits) => self.set_traits(turn, index, name, traits),
            StepAction::Task(task) => self.open_task(turn, index, name, task),
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
}

/// The way on which a number from 0 to below 1 lies. Shares may be a little less than 1 together, as numbers are.
fn way_of(ways: &[Way], chance: f64) -> (usize, Option<String>) {
    let mut upto = 0.0;
    for (index, way) in ways.iter().enumerate() {
        upto += way.share;
        if chance < upto {
            return (index, way.next.clone());
        }
    }
    let last = ways.iter().rposition(|way| way.share > 0.0).unwrap_or_default();
    (last, ways.get(last).and_then(|way| way.next.clone()))
}
