//! Who is let in, and who is let out.

use base::{
    Event, EventKind, Time,
    ids::{JourneyId, MemberId, RunId},
};
use people::{
    pipeline::{Poison, Turn},
    rules::Touch,
    tags::{TAG_ADDED, TAG_REMOVED},
};
use serde_json::{Value, json};

use super::{
    Document, Entry,
    document::ReentryPolicy,
    runs::{ENTRY_WINDOW, MemberRuns, Run},
    stage::Walk,
    steps::end,
};

/// Who has entered a journey so often within [`ENTRY_WINDOW`] is not let in again by what Hearth itself has done.
/// Journeys can feed each other in a ring that no single document shows; this ends it.
pub(super) const MOST_ENTRIES: usize = 20;

/// Why a member is not let in again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The journey lets everybody in once.
    Once,
    /// A run is under way.
    UnderWay,
    /// The cooldown is not over.
    Cooldown,
    /// He has come [`MOST_ENTRIES`] times, and this time by our own doing.
    TooOften,
}

impl<'a> Walk<'a> {
    /// Notes which runs have reached their goal.
    pub(super) fn reach_goals(&mut self, turn: &mut Turn<'_>, event: &Event) {
        let Some(runs) = self.members.get_mut(&turn.member) else { return };
        for run in runs.runs.iter_mut().filter(|run| run.state == "active" && run.goal_at.is_none()) {
            let Some(version) = self.book.version(run.journey, run.version) else { continue };
            let Some(goal) = &version.document.goal else { continue };
            let began_at = run.began_at();
            let in_time = event.timestamp >= began_at
                && goal.within.as_ref().is_none_or(|within| event.timestamp < within.after(began_at, &turn.book.zone));
            if in_time && same_key(&version.document, run, event) && goal.trigger.matches(event) {
                run.goal_at = Some(event.timestamp);
                self.changed.note(run, turn.now, "", "goal", json!({"event": event.name}));
            }
        }
    }

    /// Ends runs whose exit has happened; what happened before a run began does not end it.
    pub(super) fn let_out(&mut self, turn: &mut Turn<'_>, event: &Event) {
        let Some(runs) = self.members.get_mut(&turn.member) else { return };
        for run in runs.runs.iter_mut().filter(|run| run.state == "active") {
            let Some(version) = self.book.version(run.journey, run.version) else { continue };
            let document = &version.document;
            let leaves = event.timestamp >= run.began_at()
                && same_key(document, run, event)
                && document.exit.iter().any(|exit| exit.matches(event));
            if leaves {
                let step = run.step.clone().unwrap_or_default();
                self.changed.note(run, turn.now, &step, "exited", json!({"event": event.name}));
                end(run, turn.now, "exited", "exit event");
            }
        }
    }

    /// Lets the member into the journeys that begin with this event.
    pub(super) fn let_in(&mut self, turn: &mut Turn<'_>, event: &Event) -> Result<(), Poison> {
        if changes_no_tag(turn, event) {
            return Ok(());
        }
        for journey in self.book.by_event.get(&event.name).into_iter().flatten() {
            self.enter_by_event(turn, *journey, event)?;
        }
        Ok(())
    }

    fn enter_by_event(&mut self, turn: &mut Turn<'_>, journey: JourneyId, event: &Event) -> Result<(), Poison> {
        let Some((version, document)) = self.current(journey) else { return Ok(()) };
        let Entry::Event(trigger) = &document.entry else { return Ok(()) };
        if !trigger.matches(event) {
            return Ok(());
        }
        let properties = event.properties_value();
        let key = document.key.as_deref().map(|path| key_of(path, &properties));
        let entry = json!({"event": event.name, "timestamp": event.timestamp, "properties": properties});
        self.enter(turn, journey, version, document, key.unwrap_or_default(), is_own(&event.source), entry)
    }

    pub(super) fn enter_by_segment(&mut self, turn: &mut Turn<'_>, journey: JourneyId) -> Result<(), Poison> {
        let Some((version, document)) = self.current(journey) else { return Ok(()) };
        let Entry::Segment(segment) = &document.entry else { return Ok(()) };
        let entry = json!({"segment": segment});
        self.enter(turn, journey, version, document, String::new(), true, entry)
    }

    fn current(&self, journey: JourneyId) -> Option<(i64, &'a Document)> {
        let book = self.book;
        let version = book.journeys.get(&journey)?.current?;
        Some((version, &book.version(journey, version)?.document))
    }

    #[expect(clippy::too_many_arguments, reason = "what an entry needs")]
    fn enter(
        &mut self,
        turn: &mut Turn<'_>,
        journey: JourneyId,
        version: i64,
        document: &Document,
        key: String,
        is_own: bool,
        entry: Value,
    ) -> Result<(), Poison> {
        let (now, member) = (turn.now, turn.member);
        let runs = self.runs_of(member);
        match refusal(document, &history(runs, journey, &key, is_own), now, &turn.book.zone) {
            None => {}
            Some(Refusal::TooOften) => {
                *self.changed.too_often.entry((journey, version)).or_default() += 1;
                return Ok(());
            }
            Some(_) => return Ok(()),
        }
        let run = Run {
            id: turn.ids.next(RunId),
            workspace: turn.book.workspace,
            journey,
            version,
            member,
            origin: member,
            key: key.clone(),
            state: "active",
            step: Some(document.start.clone()),
            entered_at: now,
            step_at: now,
            wake_at: None,
            ended_at: None,
            end_reason: None,
            goal_at: None,
            trace_length: 0,
            entry,
        };
        runs.last_entered.insert((journey, key), now);
        let recent = runs.recent.entry(journey).or_default();
        recent.retain(|at| is_recent(*at, now));
        recent.push(now);
        runs.runs.push(run);
        let index = runs.runs.len() - 1;
        self.change(member, index, |run, changed| {
            let detail = run
                .entry
                .as_object()
                .map(|entry| json!({"event": entry.get("event"), "segment": entry.get("segment")}));
            changed.note(run, now, "", "entered", detail.unwrap_or_default());
        });
        if document.holdout > 0.0 && is_held_out(journey, member, document.holdout) {
            self.change(member, index, |run, changed| {
                changed.note(run, now, "", "held_out", json!({"share": document.holdout}));
                end(run, now, "held_out", "holdout");
            });
            return Ok(());
        }
        self.advance(turn, index)
    }
}

/// What of a member's past decides whether he may enter a journey.
pub(super) struct History {
    /// When he last entered it with this key.
    pub(super) last_entered: Option<Time>,
    /// Whether a run with this key is under way.
    pub(super) is_under_way: bool,
    /// Entries with any key, at least all within the [`ENTRY_WINDOW`].
    pub(super) entries: Vec<Time>,
    /// Whether it is Hearth's own doing that would let him in now.
    pub(super) is_own: bool,
}

/// Whether an event of this source is Hearth's own doing: a step's, or a fact about a message.
pub(super) fn is_own(source: &str) -> bool {
    source == "outbox" || source.starts_with("journey:")
}

fn history(runs: &MemberRuns, journey: JourneyId, key: &str, is_own: bool) -> History {
    let is_same = |run: &Run| run.journey == journey && run.key == key && run.state == "active";
    History {
        last_entered: runs.last_entered.get(&(journey, key.to_owned())).copied(),
        is_under_way: runs.runs.iter().any(is_same),
        entries: runs.recent.get(&journey).cloned().unwrap_or_default(),
        is_own,
    }
}

/// Why a member may not enter at `now`; `None` when he may.
pub(super) fn refusal(document: &Document, past: &History, now: Time, zone: &jiff::tz::TimeZone) -> Option<Refusal> {
    let again = past.last_entered.and_then(|last| {
        let cooldown = document.reentry.cooldown.as_ref();
        match document.reentry.policy {
            ReentryPolicy::Never => Some(Refusal::Once),
            ReentryPolicy::AfterExit if past.is_under_way => Some(Refusal::UnderWay),
            _ => cooldown.filter(|cooldown| cooldown.after(last, zone) > now).map(|_| Refusal::Cooldown),
        }
    });
    let lately = past.entries.iter().filter(|at| is_recent(**at, now)).count();
    again.or((past.is_own && lately >= MOST_ENTRIES).then_some(Refusal::TooOften))
}

fn is_recent(at: Time, now: Time) -> bool {
    at.plus(ENTRY_WINDOW) > now
}

/// Whether this is a command about tags after which all is as it was: nothing has happened then.
fn changes_no_tag(turn: &Turn<'_>, event: &Event) -> bool {
    event.kind == EventKind::Command
        && matches!(event.name.as_str(), TAG_ADDED | TAG_REMOVED)
        && !turn.changes.touches.iter().any(|touch| matches!(touch, Touch::Tag(_)))
}

/// The same member gets the same answer for a journey, always.
fn is_held_out(journey: JourneyId, member: MemberId, share: f64) -> bool {
    let hash = xxhash_rust::xxh3::xxh3_64_with_seed(&member.0.to_le_bytes(), journey.0 as u64);
    // The upper 53 bits as a number in 0..1.
    ((hash >> 11) as f64 / (1u64 << 53) as f64) < share
}

/// The value of a journey's key in an event's properties.
pub(super) fn key_of(path: &str, properties: &serde_json::Map<String, Value>) -> String {
    let name = path.strip_prefix("properties.").unwrap_or(path);
    match base::rule::lookup(properties, name) {
        Some(Value::String(text)) => text.chars().take(200).collect(),
        Some(other) => other.to_string().chars().take(200).collect(),
        None => String::new(),
    }
}

/// An event that carries the journey's key concerns only the run with that key; one without it
/// concerns all.
fn same_key(document: &Document, run: &Run, event: &Event) -> bool {
    let Some(path) = &document.key else { return true };
    let key = key_of(path, &event.properties_value());
    key.is_empty() || key == run.key
}
