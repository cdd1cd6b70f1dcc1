//! What a turn does to a member's runs, in its order: who has become one, who was put before a step, what has become due,
//! what has happened, who is let in, who is where he waited to be.

use base::{Event, ids::MemberId};
use people::{
    pipeline::{Poison, Trigger, Turn},
    rules::Touch,
};
use serde_json::json;

use super::{
    document::{ReentryPolicy, Wait},
    leaving::Cause,
    runs::{Changed, MemberRuns, Run},
    stage::{TIMER, Walk},
    waits::clock_of,
};

/// Traits by which a member's clock is known.
const ZONE_TRAITS: [&str; 4] = ["timezone", "time_zone", "timeZone", "tz"];

impl<'a> Walk<'a> {
    pub(super) fn turn(&mut self, turn: &mut Turn<'_>) -> Result<(), Poison> {
        self.take_over_absorbed(turn);
        self.forget_old_goals(turn);
        self.hear(turn);
        self.catch_up(turn)?;
        if moves_clock(turn) {
            self.keep_clocks(turn)?;
        }
        match turn.trigger {
            Trigger::Timer { kind } if kind == TIMER => {
                self.members.of(turn.member).timer = None;
                self.wake(turn)?;
                self.ask_for_echoes(turn)?;
                self.enter_by_plans(turn)?;
            }
            Trigger::Event(event) => self.happened(turn, event)?,
            Trigger::Timer { .. } => self.segments_changed(turn)?,
        }
        self.meet_inside(turn)?;
        self.go_on_after_echoes(turn)?;
        self.keep_plans(turn);
        self.set_timer(turn, turn.member);
        if let Some(parted) = turn.changes.parted.clone() {
            for member in [parted.kept, parted.parted] {
                self.set_timer(turn, member);
                self.ask_if_inside(turn, member);
            }
        }
        Ok(())
    }

    /// An event has happened. History that is brought in afterwards reaches goals, but it neither ends a run nor begins one,
    /// and moves on only those who wait for a segment that it brings them into.
    fn happened(&mut self, turn: &mut Turn<'_>, event: &Event) -> Result<(), Poison> {
        self.reach_goals(turn, Cause::Event(event));
        if turn.is_import() {
            return self.enter_by_import(turn, event);
        }
        self.let_out(turn, Cause::Event(event));
        self.meet(turn, Cause::Event(event))?;
        self.take_command(turn, event)?;
        self.segments_changed_for_runs(turn)?;
        self.let_in(turn, event)?;
        self.enter_by_segments(turn)
    }

    fn segments_changed(&mut self, turn: &mut Turn<'_>) -> Result<(), Poison> {
        self.segments_changed_for_runs(turn)?;
        self.enter_by_segments(turn)
    }

    fn segments_changed_for_runs(&mut self, turn: &mut Turn<'_>) -> Result<(), Poison> {
        let entered = turn.changes.entered.clone().into_iter().map(Cause::Entered);
        let left = turn.changes.left.clone().into_iter().map(Cause::Left);
        for cause in entered.chain(left) {
            self.reach_goals(turn, cause);
            self.let_out(turn, cause);
            self.meet(turn, cause)?;
        }
        Ok(())
    }

    /// Runs of a member who was absorbed, those that have ended included, are those of the one who remains. Who
    /// was on the same way twice, as two, goes on once.
    fn take_over_absorbed(&mut self, turn: &mut Turn<'_>) {
        for absorbed in turn.changes.absorbed.clone() {
            let kept = turn.member;
            self.changed.merged.push((absorbed, kept));
            let Some(gone) = self.members.remove(absorbed) else { continue };
            if gone.timer.is_some() {
                turn.effects.timers.set(TIMER, absorbed.0, turn.book.workspace, None);
            }
            for (key, entered) in gone.entered {
                if self.changed.entered.remove(&(absorbed, key.0, key.1.clone())) {
                    self.changed.entered.insert((kept, key.0, key.1.clone()));
                }
                self.members.of(kept).entered.entry(key).or_default().absorb(entered);
            }
            for (journey, plan) in gone.plans {
                self.changed.plans.remove(&(absorbed, journey));
                self.changed.plans.insert((kept, journey));
                // What either has had, the one who remains has had.
                let own = self.members.of(kept).plans.entry(journey).or_insert_with(|| plan.clone());
                own.last = own.last.clone().max(plan.last);
            }
            self.changed.tasks.iter_mut().filter(|task| task.member == absorbed).for_each(|task| task.member = kept);
            for mut run in gone.runs {
                run.member = kept;
                self.changed.runs.remove(&(absorbed, run.id));
                self.changed.runs.insert((kept, run.id));
                if self.is_double(kept, &run) {
                    let step = run.step.clone().unwrap_or_default();
                    self.changed.note(&mut run, turn.now, &step, "exited", json!({"reason": "merged"}));
                    self.changed.end(&mut run, turn.now, "exited", "merged");
                }
                self.members.of(kept).runs.push(run);
            }
            // In the order in which they are read after a restart, or what comes of them would depend on it.
            self.members.of(kept).runs.sort_unstable_by_key(|run| run.id);
        }
    }

    /// Whether the member is under way in the same journey already, with the same key, and may not be so twice.
    fn is_double(&self, member: MemberId, run: &Run) -> bool {
        let version = self.book.version(run.journey, run.version);
        let several = version.is_some_and(|version| version.document.reentry.policy == ReentryPolicy::Always);
        let is_same = |other: &Run| other.is_active() && other.journey == run.journey && other.key == run.key;
        run.is_active() && !several && self.members.get(member).is_some_and(|runs| runs.runs.iter().any(is_same))
    }

    /// Runs that were put before a step begin it, before anything else is looked at. Who stands still before one waits on.
    fn catch_up(&mut self, turn: &mut Turn<'_>) -> Result<(), Poison> {
        let member = turn.member;
        for index in 0..self.runs(member).len() {
            let run = &self.runs(member)[index];
            if !run.is_active() || !run.arriving || run.stands_still() || self.book.is_paused(run.journey) {
                continue;
            }
            let now = turn.now;
            // Another version may have another goal, or another time for it.
            let version = self.book.version(run.journey, run.version);
            let goal_until = match (version, run.goal_at) {
                (Some(version), None) => self.goal_until(turn, &version.document, run.began_at, false),
                _ => None,
            };
            self.change(member, index, |run, changed| {
                changed.drop_wait(run, now);
                run.arriving = false;
                run.wake_at = None;
                run.goal_until = goal_until;
            });
            self.advance(turn, index)?;
        }
        Ok(())
    }

    /// Waits for a time of the day go by the member's new clock.
    fn keep_clocks(&mut self, turn: &mut Turn<'_>) -> Result<(), Poison> {
        let (member, now) = (turn.member, turn.now);
        for index in 0..self.runs(member).len() {
            let run = &self.runs(member)[index];
            if !run.is_active() || run.arriving {
                continue;
            }
            let Some(wait) = self.wait_of(run) else { continue };
            if !matches!(wait.wait, Wait::Until(_) | Wait::Window(_)) {
                continue;
            }
            let (step_at, wake_at) = (run.step_at, run.wake_at);
            let Ok(again) = clock_of(turn, &wait.wait, step_at)? else { continue };
            let again = Some(again.max(now));
            if again != wake_at {
                self.change(member, index, |run, _| run.wake_at = again);
            }
        }
        Ok(())
    }

    pub(super) fn runs(&self, member: MemberId) -> &[Run] {
        self.members.get(member).map_or(&[], |runs| runs.runs.as_slice())
    }

    pub(super) fn change(&mut self, member: MemberId, index: usize, change: impl FnOnce(&mut Run, &mut Changed)) {
        let Some(run) = self.members.get_mut(member).and_then(|runs| runs.runs.get_mut(index)) else { return };
        change(run, self.changed);
        self.changed.runs.insert((member, run.id));
    }

    /// One timer per member: the earliest of his waits and of his plans.
    pub(super) fn set_timer(&mut self, turn: &mut Turn<'_>, member: MemberId) {
        if let Some(due_at) = self.move_timer(member) {
            turn.effects.timers.set(TIMER, member.0, turn.book.workspace, due_at);
        }
    }

    /// When the timer of a member is to be set for, if that has changed.
    pub(super) fn move_timer(&mut self, member: MemberId) -> Option<Option<base::Time>> {
        let book = self.book;
        let MemberRuns { runs, plans, timer, .. } = self.members.get_mut(member)?;
        let waits = runs.iter().filter(|run| run.is_active() && !book.is_paused(run.journey));
        let waits = waits.filter_map(|run| run.wake_at);
        let planned = plans.iter().filter(|(journey, _)| book.planned_document(**journey).is_some());
        let due_at = waits.chain(planned.map(|(_, plan)| plan.due_at)).min();
        if due_at == *timer {
            return None;
        }
        *timer = due_at;
        Some(due_at)
    }
}

/// Whether the member's time zone may be another one after this turn.
pub(super) fn moves_clock(turn: &Turn<'_>) -> bool {
    let is_zone = |touch: &Touch| matches!(touch, Touch::Trait(name) if ZONE_TRAITS.contains(&name.as_str()));
    turn.changes.touches.iter().any(is_zone) || !turn.changes.absorbed.is_empty() || turn.changes.parted.is_some()
}
