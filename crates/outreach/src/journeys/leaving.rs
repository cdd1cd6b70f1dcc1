//! What reaches a goal, what ends a run, and what a run has waited for.

use base::{
    Event,
    ids::{MemberId, SegmentId},
};
use people::pipeline::{Poison, Turn};
use serde_json::{Value, json};

use super::{
    Document,
    document::{Happening, Wait},
    entering::key_of,
    runs::Run,
    stage::Walk,
};

/// Something that has happened to a member just now.
#[derive(Clone, Copy, Debug)]
pub(super) enum Cause<'e> {
    Event(&'e Event),
    Entered(SegmentId),
    Left(SegmentId),
}

impl Cause<'_> {
    /// Whether this is what a document means.
    fn is(&self, happening: &Happening) -> bool {
        match (self, happening) {
            (Cause::Event(event), Happening::Event(trigger)) => trigger.matches(event),
            (Cause::Entered(segment), Happening::Entered(meant)) => segment == meant,
            (Cause::Left(segment), Happening::Left(meant)) => segment == meant,
            _ => false,
        }
    }

    /// What the trace says of it.
    fn detail(&self) -> Value {
        match self {
            Cause::Event(event) => json!({"event": event.name}),
            Cause::Entered(segment) => json!({"segment": segment}),
            Cause::Left(segment) => json!({"segment_left": segment}),
        }
    }

    /// Whether it concerns a run: an event that carries the journey's key concerns only the run with that key, and one
    /// that is older than the run concerns it not at all.
    fn concerns(&self, document: &Document, run: &Run) -> bool {
        let Cause::Event(event) = self else { return true };
        if event.timestamp < run.began_at {
            return false;
        }
        let Some(path) = &document.key else { return true };
        let key = key_of(path, &event.properties_value());
        key.is_empty() || key == run.key
    }
}

impl Walk<'_> {
    /// Goals that can be noted no longer are closed.
    pub(super) fn forget_old_goals(&mut self, turn: &Turn<'_>) {
        let Some(member) = self.members.get_mut(turn.member) else { return };
        for run in member.runs.iter_mut().filter(|run| run.goal_until.is_some_and(|until| until <= turn.now)) {
            run.goal_until = None;
            self.changed.runs.insert((run.member, run.id));
        }
    }

    /// Notes which runs have reached their goal: those under way, those that were held out, and those that have ended,
    /// as long as it counts.
    pub(super) fn reach_goals(&mut self, turn: &mut Turn<'_>, cause: Cause<'_>) {
        let zone = self.zone_of_goals(turn);
        let Some(member) = self.members.get_mut(turn.member) else { return };
        for run in member.runs.iter_mut().filter(|run| run.is_open() && run.goal_at.is_none()) {
            let Some(version) = self.book.version(run.journey, run.version) else { continue };
            let Some(goal) = version.document.goal.as_ref().filter(|goal| cause.is(&goal.happening)) else { continue };
            let at = if let Cause::Event(event) = cause { event.timestamp } else { turn.now };
            let in_time = goal.within.as_ref().is_none_or(|within| at < within.after(run.began_at, &zone))
                && (run.is_active() || run.goal_until.is_some_and(|until| at < until));
            if in_time && cause.concerns(&version.document, run) {
                run.goal_at = Some(at);
                run.goal_until = None;
                self.changed.note(run, turn.now, "", "goal", cause.detail());
            }
        }
    }

    /// The clock by which the time for a goal is counted: that of the member when he has one.
    pub(super) fn zone_of_goals(&self, turn: &Turn<'_>) -> jiff::tz::TimeZone {
        let member = turn.people.get(turn.member);
        member.map_or_else(|| turn.book.zone.clone(), |member| member.time_zone(turn.book))
    }

    /// Ends runs whose exit has happened; what happened before a run began does not end it.
    pub(super) fn let_out(&mut self, turn: &mut Turn<'_>, cause: Cause<'_>) {
        let Some(member) = self.members.get_mut(turn.member) else { return };
        for run in member.runs.iter_mut().filter(|run| run.is_active()) {
            let Some(version) = self.book.version(run.journey, run.version) else { continue };
            let document = &version.document;
            if document.exit.iter().any(|exit| cause.is(exit)) && cause.concerns(document, run) {
                let step = run.step.clone().unwrap_or_default();
                self.changed.note(run, turn.now, &step, "exited", cause.detail());
                let reason = if matches!(cause, Cause::Event(_)) { "exit event" } else { "exit segment" };
                self.changed.end(run, turn.now, "exited", reason);
            }
        }
    }

    /// Moves on the runs that have waited for this. While a journey is paused, they stand before their next step.
    pub(super) fn meet(&mut self, turn: &mut Turn<'_>, cause: Cause<'_>) -> Result<(), Poison> {
        let (member, now) = (turn.member, turn.now);
        for index in 0..self.runs(member).len() {
            if !self.is_met(member, index, turn, cause) {
                continue;
            }
            let step = self.runs(member)[index].step.clone().unwrap_or_default();
            self.change(member, index, |run, changed| changed.note(run, now, &step, "met", cause.detail()));
            self.leave_step(turn, index, &step, None)?;
        }
        Ok(())
    }

    fn is_met(&self, member: MemberId, index: usize, turn: &Turn<'_>, cause: Cause<'_>) -> bool {
        let run = &self.runs(member)[index];
        // What comes at the end of the time for it, or later, comes too late.
        let in_time = run.wake_at.is_none_or(|at| at > turn.now);
        if !run.is_active() || run.arriving || !in_time {
            return false;
        }
        match (self.wait_of(run).map(|step| &step.wait), cause) {
            (Some(Wait::Event(awaited)), Cause::Event(event)) => {
                let version = self.book.version(run.journey, run.version);
                let concerns = version.is_some_and(|version| cause.concerns(&version.document, run));
                concerns && event.timestamp >= run.step_at && awaited.trigger.matches(event) && {
                    let properties = event.properties_value();
                    let entry = if awaited.same.is_empty() { Default::default() } else { entered_with(run) };
                    awaited.same.iter().all(|(property, path)| {
                        let wanted = key_of(path, &entry);
                        !wanted.is_empty() && key_of(property, &properties) == wanted
                    })
                }
            }
            (Some(Wait::Segment(segment)), Cause::Entered(entered)) => *segment == entered,
            _ => false,
        }
    }
}

/// The properties with which the member entered.
fn entered_with(run: &Run) -> serde_json::Map<String, Value> {
    match run.entry_value().remove("properties") {
        Some(Value::Object(properties)) => properties,
        _ => serde_json::Map::new(),
    }
}
