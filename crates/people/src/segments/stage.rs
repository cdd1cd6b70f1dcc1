//! The segment stage: evaluates the segments that a turn can have changed.

use base::{Time, ids::SegmentId};

use crate::{
    identity::Reached,
    members::MemberState,
    pipeline::{Effects, Poison, SegmentChange, Stage, Trigger, Turn},
    rules::{Answers, CompiledSegment, RuleBook, evaluate_shared, first_held, sooner},
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
            Trigger::Timer { kind } => kind == TIMER,
            Trigger::Event(_) => turn.changes.is_new,
        };
        // Since when something may have been otherwise than it was known to be.
        let since = match turn.trigger {
            Trigger::Event(_) if !turn.changes.absorbed.is_empty() => Time::EPOCH,
            Trigger::Event(event) => event.timestamp.min(turn.now),
            Trigger::Timer { .. } => turn.now,
        };
        let to_check: Vec<usize> =
            if everything { (0..book.segments.len()).collect() } else { book.touched_by(&turn.changes.touches) };
        let now = turn.now;
        if let Some(parted) = turn.changes.parted.clone() {
            // What comes of a parting starts no journeys: nobody did anything.
            for id in [parted.kept, parted.parted] {
                let Some(member) = turn.people.get_mut(id) else { continue };
                member.segment_timer = None;
                // Whether he once reached what he keeps is decided by his own facts, and by what is known of those that
                // were deleted.
                let kept = book.segments.iter().filter(|segment| segment.keeps);
                let before: Vec<_> = kept.filter_map(|segment| member.memberships.remove_entry(&segment.id)).collect();
                let mut outcome = settle(member, &book, 0..book.segments.len(), (Time::EPOCH, now), &mut self.answers);
                for (_, reached) in parted.reached.iter().filter(|(who, _)| *who == id) {
                    outcome.restore_kept(member, &book, reached);
                }
                outcome.compare_kept(member, before);
                outcome.save(turn.people, turn.effects, &book);
            }
            return Ok(());
        }
        let member_id = turn.member;
        let Some(member) = turn.people.get_mut(member_id) else { return turn.member().map(|_| ()) };
        if everything {
            member.segment_timer = None;
        }
        let outcome = settle(member, &book, to_check, (since, now), &mut self.answers);
        outcome.save(turn.people, turn.effects, &book);
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
    /// When, as the history says it.
    pub(crate) at: Time,
    /// False while the segment is still being built: such entries start no journeys.
    pub(crate) live: bool,
    /// Whether the segment will take another's place: what comes of it is told when it does.
    pub(crate) is_successor: bool,
}

/// What an evaluation changed.
pub(crate) struct Outcome {
    pub(crate) member: base::ids::MemberId,
    pub(crate) changes: Vec<Membership>,
    /// Segments that he is in since another moment than was known.
    moved: Vec<SegmentId>,
    now: Time,
    timer_moved: Option<Option<Time>>,
}

/// Evaluates these segments (by index). Something may have been otherwise than was known since the first of the two
/// moments; everything is decided for the second.
pub(crate) fn settle(
    member: &mut MemberState,
    book: &RuleBook,
    to_check: impl IntoIterator<Item = usize>,
    (since, now): (Time, Time),
    answers: &mut Answers,
) -> Outcome {
    let mut changes = Vec::new();
    let mut wake_at = member.segment_timer;
    answers.clear();
    for index in to_check {
        let segment = &book.segments[index];
        let was_in = member.memberships.contains_key(&segment.id);
        if was_in && segment.keeps {
            continue;
        }
        let verdict = evaluate_shared(segment.condition, book, member, now, answers);
        wake_at = sooner(wake_at, verdict.changes_at);
        let may_have_held = verdict.holds || !book.is_lasting(segment.condition);
        let (is_in, at) = match segment.keeps {
            true if !may_have_held => (false, now),
            true => match first_held(segment.condition, book, member, since, now) {
                Some(at) => (true, at),
                None => (false, now),
            },
            false => (verdict.holds, now),
        };
        if is_in == was_in {
            continue;
        }
        if is_in {
            member.memberships.insert(segment.id, at);
        } else {
            member.memberships.remove(&segment.id);
        }
        let CompiledSegment { id, live, is_successor, .. } = *segment;
        changes.push(Membership { segment: id, entered: is_in, at, live, is_successor });
    }
    let timer_moved = (wake_at != member.segment_timer).then_some(wake_at);
    member.segment_timer = wake_at;
    Outcome { member: member.id, changes, moved: Vec::new(), now, timer_moved }
}

impl Outcome {
    /// Gives back what nobody leaves and the member had before a merge that is undone.
    fn restore_kept(&mut self, member: &mut MemberState, book: &RuleBook, reached: &Reached) {
        for (id, since) in &reached.kept {
            let segment = book.place_of(*id).map(|place| &book.segments[place]);
            let Some(segment) = segment.filter(|segment| segment.keeps) else { continue };
            match member.memberships.insert(*id, *since) {
                None => {
                    let (at, live) = (*since, segment.live);
                    self.changes.push(Membership { segment: *id, entered: true, at, live, is_successor: false });
                }
                Some(found) if found <= *since => _ = member.memberships.insert(*id, found),
                Some(_) => {
                    let change = self.changes.iter_mut().find(|change| change.segment == *id);
                    change.into_iter().for_each(|change| change.at = *since);
                }
            }
        }
    }

    /// After segments that nobody leaves were decided anew: only what differs from before is a change.
    fn compare_kept(&mut self, member: &MemberState, before: Vec<(SegmentId, Time)>) {
        for (segment, entered_at) in before {
            match self.changes.iter().position(|change| change.segment == segment) {
                Some(place) if member.memberships.get(&segment) == Some(&entered_at) => {
                    self.changes.remove(place);
                }
                // He has it still, since another moment.
                Some(place) => {
                    self.changes.remove(place);
                    self.moved.push(segment);
                }
                None => self.changes.push(Membership {
                    segment,
                    entered: false,
                    at: self.now,
                    live: false,
                    is_successor: false,
                }),
            }
        }
    }

    /// When the member came in somewhere without a turn of his own, asks for one: somebody may have waited for that.
    pub(crate) fn ask_for_a_turn(&mut self, member: &mut MemberState) {
        if self.changes.iter().any(|change| change.entered) {
            member.segment_timer = Some(self.now);
            self.timer_moved = Some(member.segment_timer);
        }
    }

    /// Notes what is to be written.
    pub(crate) fn save(&self, people: &mut crate::members::WorkingSet, effects: &mut Effects, book: &RuleBook) {
        people.dirty.memberships.extend(self.moved.iter().map(|segment| ((*segment, self.member), true)));
        for change in &self.changes {
            people.dirty.memberships.insert((change.segment, self.member), change.entered);
            if !change.is_successor {
                effects.segment_changes.push(SegmentChange {
                    segment: change.segment,
                    member: self.member,
                    entered: change.entered,
                    at: change.at,
                });
            }
        }
        if let Some(wake_at) = self.timer_moved {
            effects.timers.set(TIMER, self.member.0, book.workspace, wake_at);
        }
    }
}
