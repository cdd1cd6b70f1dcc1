//! The segment stage: evaluates the segments that a turn can have changed.

use base::{Time, ids::SegmentId};

use crate::{
    members::MemberState,
    pipeline::{Effects, Poison, SegmentChange, Stage, Trigger, Turn},
    rules::{Answers, RuleBook, evaluate_shared, sooner},
};

/// The kind of timer that asks for an evaluation although nothing happened.
pub const TIMER: &str = "segment";

/// Keeps memberships true.
#[derive(Debug, Default)]
pub struct SegmentStage {
    answers: Answers,
}

impl Stage for SegmentStage {
    fn name(&self) -> &'static str {
        "segment"
    }

    fn apply(&mut self, turn: &mut Turn<'_>) -> Result<(), Poison> {
        let book = turn.book.clone();
        if book.segments.is_empty() {
            return Ok(());
        }
        let everything = match turn.trigger {
            Trigger::Timer { kind } if kind == TIMER => true,
            Trigger::Timer { .. } => return Ok(()),
            Trigger::Event(_) => turn.changes.is_new,
        };
        let to_check: Vec<usize> =
            if everything { (0..book.segments.len()).collect() } else { book.touched_by(&turn.changes.touches) };
        let now = turn.now;
        if let Some(parted) = turn.changes.parted.clone() {
            // What comes of a parting starts no journeys: nobody did anything.
            for member in [parted.kept, parted.parted] {
                let Some(member) = turn.people.get_mut(member) else { continue };
                member.segment_timer = None;
                let outcome = settle(member, &book, 0..book.segments.len(), now, &mut self.answers);
                outcome.save(turn.people, turn.effects, &book, now);
            }
            return Ok(());
        }
        let member_id = turn.member;
        let Some(member) = turn.people.get_mut(member_id) else { return turn.member().map(|_| ()) };
        if everything {
            member.segment_timer = None;
        }
        let outcome = settle(member, &book, to_check, now, &mut self.answers);
        outcome.save(turn.people, turn.effects, &book, now);
        let is_import = turn.is_import();
        for change in outcome.changes {
            if !change.live || is_import {
                continue;
            }
            let list = if change.entered { &mut turn.changes.entered } else { &mut turn.changes.left };
            list.push(change.segment);
        }
        Ok(())
    }
}

/// One membership that changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Membership {
    pub(crate) segment: SegmentId,
    pub(crate) entered: bool,
    /// False while the segment is still being built: such entries start no journeys.
    pub(crate) live: bool,
}

/// What an evaluation changed.
pub(crate) struct Outcome {
    pub(crate) member: base::ids::MemberId,
    pub(crate) changes: Vec<Membership>,
    timer_moved: Option<Option<Time>>,
}

/// Evaluates these segments (by index).
pub(crate) fn settle(
    member: &mut MemberState,
    book: &RuleBook,
    to_check: impl IntoIterator<Item = usize>,
    now: Time,
    answers: &mut Answers,
) -> Outcome {
    let mut changes = Vec::new();
    let mut wake_at = member.segment_timer;
    answers.clear();
    for index in to_check {
        let segment = &book.segments[index];
        let verdict = evaluate_shared(segment.condition, book, member, now, answers);
        wake_at = sooner(wake_at, verdict.changes_at);
        let was_in = member.memberships.contains_key(&segment.id);
        if verdict.holds == was_in {
            continue;
        }
        if verdict.holds {
            member.memberships.insert(segment.id, now);
        } else {
            member.memberships.remove(&segment.id);
        }
        changes.push(Membership { segment: segment.id, entered: verdict.holds, live: segment.live });
    }
    let timer_moved = (wake_at != member.segment_timer).then_some(wake_at);
    member.segment_timer = wake_at;
    Outcome { member: member.id, changes, timer_moved }
}

impl Outcome {
    /// Notes what is to be written.
    pub(crate) fn save(
        &self,
        people: &mut crate::members::WorkingSet,
        effects: &mut Effects,
        book: &RuleBook,
        now: Time,
    ) {
        for change in &self.changes {
            people.dirty.memberships.insert((change.segment, self.member), change.entered);
            effects.segment_changes.push(SegmentChange {
                segment: change.segment,
                member: self.member,
                entered: change.entered,
                at: now,
            });
        }
        if let Some(wake_at) = self.timer_moved {
            effects.timers.set(TIMER, self.member.0, book.workspace, wake_at);
        }
    }
}
