//! Who is let in.

use std::time::Duration;

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
    Document, chance,
    document::{Entry, Happening, ReentryPolicy},
    runs::{ENTRY_WINDOW, MemberRuns, Run, began_at},
    stage::Walk,
    tallies::Side,
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

/// The command by which somebody lets a member in: `{"journey", "key", "properties"}`.
pub const JOURNEY_ENTRY_ASKED: &str = "Journey Entry Asked";

/// Most runs that a member has under way at one time; whoever has more is not let in anywhere.
const MOST_RUNS: usize = 1_000;
/// Most keys of a journey that are remembered of a member; the oldest are forgotten.
const MOST_KEYS: usize = 1_000;
/// How long goals of those who were held out are noted when the goal itself has no end.
const HELD_OUT_GOALS: Duration = Duration::from_secs(30 * 86_400);

/// Somebody who is to be let in.
struct Coming {
    journey: JourneyId,
    key: String,
    /// Whether it is Hearth's own doing.
    is_own: bool,
    /// Whether the key names an occasion that does not come twice, whatever the policy.
    is_once: bool,
    /// What let him in, with its time and properties.
    entry: Value,
    /// What the trace says of it.
    detail: Value,
}

impl<'a> Walk<'a> {
    /// Lets the member into the journeys that begin with this event.
    pub(super) fn let_in(&mut self, turn: &mut Turn<'_>, event: &Event) -> Result<(), Poison> {
        if changes_no_tag(turn, event) {
            return Ok(());
        }
        let book = self.book;
        for journey in book.by_event.get(&event.name).into_iter().flatten() {
            let Some((_, document)) = book.current(*journey) else { continue };
            let Entry::Happening(Happening::Event(trigger)) = &document.entry else { continue };
            if !trigger.matches(event) {
                continue;
            }
            let properties = event.properties_value();
            let coming = Coming {
                journey: *journey,
                key: document.key.as_deref().map(|path| key_of(path, &properties)).unwrap_or_default(),
                is_own: is_own(&event.source),
                is_once: false,
                entry: json!({"event": event.name, "timestamp": event.timestamp, "properties": properties}),
                detail: json!({"event": event.name}),
            };
            self.enter(turn, coming)?;
        }
        Ok(())
    }

    /// Lets the member into the journeys that begin with the segments that he has just entered or left.
    pub(super) fn enter_by_segments(&mut self, turn: &mut Turn<'_>) -> Result<(), Poison> {
        let book = self.book;
        let entered = turn.changes.entered.clone();
        let left = turn.changes.left.clone();
        let entered = entered.iter().map(|segment| (segment, "segment", &book.by_segment));
        let left = left.iter().map(|segment| (segment, "segment_left", &book.by_segment_left));
        for (segment, word, journeys) in entered.chain(left) {
            for journey in journeys.get(segment).into_iter().flatten() {
                let entry = json!({word: segment});
                let coming = Coming::plain(*journey, entry.clone(), entry);
                self.enter(turn, Coming { is_own: true, ..coming })?;
            }
        }
        Ok(())
    }

    /// Lets a member of whom a row of an import tells into the journeys that begin with that.
    pub(super) fn enter_by_import(&mut self, turn: &mut Turn<'_>, event: &Event) -> Result<(), Poison> {
        if event.kind != EventKind::Identify {
            return Ok(());
        }
        let book = self.book;
        for journey in &book.by_import {
            let Some((_, document)) = book.current(*journey) else { continue };
            let properties = event.properties_value();
            let key = document.key.as_deref().map(|path| key_of(path, &properties)).unwrap_or_default();
            let entry = json!({"import": event.source, "timestamp": turn.now, "properties": properties});
            let coming = Coming::plain(*journey, entry, json!({"import": event.source}));
            self.enter(turn, Coming { key, ..coming })?;
        }
        Ok(())
    }

    /// Lets in whom somebody wants in.
    pub(super) fn enter_by_hand(&mut self, turn: &mut Turn<'_>, event: &Event) -> Result<(), Poison> {
        let asked = event.properties_value();
        let text = |field: &str| asked.get(field).and_then(Value::as_str);
        let Some(journey) = text("journey").and_then(|id| id.parse::<JourneyId>().ok()) else { return Ok(()) };
        let book = self.book;
        let Some((_, document)) = book.current(journey) else { return Ok(()) };
        if document.entry != Entry::Manual {
            return Ok(());
        }
        let properties = asked.get("properties").and_then(Value::as_object).cloned().unwrap_or_default();
        let of_properties = || document.key.as_deref().map(|path| key_of(path, &properties));
        let key = text("key").map(str::to_owned).or_else(of_properties).unwrap_or_default();
        let entry = json!({"manual": event.source, "timestamp": event.timestamp, "properties": properties});
        let coming = Coming::plain(journey, entry, json!({"manual": event.source}));
        self.enter(turn, Coming { key, ..coming })
    }

    /// Lets the member in because a date of his or a schedule has come.
    pub(super) fn enter_by_plan(
        &mut self,
        turn: &mut Turn<'_>,
        journey: JourneyId,
        is_date: bool,
        occasion: &str,
    ) -> Result<(), Poison> {
        let word = if is_date { "date" } else { "schedule" };
        let entry = json!({word: occasion, "timestamp": turn.now});
        let coming = Coming::plain(journey, entry, json!({word: occasion}));
        let key = if is_date { occasion.to_owned() } else { String::new() };
        self.enter(turn, Coming { key, is_once: is_date, ..coming })
    }

    fn enter(&mut self, turn: &mut Turn<'_>, coming: Coming) -> Result<(), Poison> {
        let (now, member, book) = (turn.now, turn.member, self.book);
        let Coming { journey, key, is_own, is_once, entry, detail } = coming;
        let Some((version, document)) = book.current(journey) else { return Ok(()) };
        let runs = self.members.of(member);
        if is_once && runs.entered.contains_key(&(journey, key.clone())) {
            return Ok(());
        }
        let history = history(runs, journey, &key, is_own);
        let is_full = runs.runs.iter().filter(|run| run.is_active()).count() >= MOST_RUNS;
        let refusal = refusal(document, &history, now, &turn.member()?.time_zone(turn.book));
        if is_full || refusal == Some(Refusal::TooOften) {
            *self.changed.too_often.entry((journey, version)).or_default() += 1;
            return Ok(());
        }
        if refusal.is_some() {
            return Ok(());
        }
        let began_at = entry.as_object().and_then(began_at).unwrap_or(now);
        let goal_until = self.goal_until(turn, document, began_at, false);
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
            arriving: false,
            wait: None,
            told: None,
            ended_at: None,
            end_reason: None,
            goal_at: None,
            goal_until,
            trace_length: 0,
            entry: entry.to_string().into(),
            began_at,
            is_new: true,
            indexed: (member, "active", goal_until),
            began_on: version,
            drawn_at_share: (book.holdout.0 * 1e6).round() as i64,
            // Unless it turns out that he has come before.
            side: Side::Treated,
            counted: None,
        };
        self.remember(member, journey, key, now);
        self.close_oldest_goal(member);
        let runs = self.members.of(member);
        // Most members have one run, for which a vector that grows by itself would make room for four.
        runs.runs.reserve_exact(1);
        runs.runs.push(run);
        let index = runs.runs.len() - 1;
        self.change(member, index, |run, changed| changed.note(run, now, "", "entered", detail));
        let (share, salt) = book.holdout;
        let held_out = if chance::of_workspace(salt, member) < share {
            Some((share, "workspace"))
        } else if chance::of_journey(journey, member) < document.holdout {
            Some((document.holdout, "journey"))
        } else {
            None
        };
        let Some((share, by)) = held_out else { return self.advance(turn, index) };
        let goal_until = self.goal_until(turn, document, began_at, true);
        self.change(member, index, |run, changed| {
            changed.note(run, now, "", "held_out", json!({"share": share, "by": by}));
            run.goal_until = goal_until;
            run.side = Side::HeldOut;
            changed.end(run, now, "held_out", "holdout");
        });
        Ok(())
    }

    /// Until when the goal of a run is noted although it has ended.
    pub(super) fn goal_until(
        &self,
        turn: &Turn<'_>,
        document: &Document,
        began_at: Time,
        is_held_out: bool,
    ) -> Option<Time> {
        let goal = document.goal.as_ref()?;
        let zone = self.zone_of_goals(turn);
        let within = goal.within.as_ref().map(|within| within.after(began_at, &zone));
        within.or_else(|| is_held_out.then(|| began_at.plus(HELD_OUT_GOALS)))
    }

    /// Of very many runs that have ended and whose goals may still be reached, the goal of the oldest is given up.
    fn close_oldest_goal(&mut self, member: MemberId) {
        let runs = &mut self.members.of(member).runs;
        let is_waiting = |run: &&mut Run| !run.is_active() && run.goal_until.is_some();
        if runs.len() < 2 * MOST_RUNS {
            return;
        }
        if let Some(oldest) = runs.iter_mut().filter(is_waiting).min_by_key(|run| run.id) {
            oldest.goal_until = None;
            self.changed.runs.insert((member, oldest.id));
        }
    }

    /// Remembers that the member has entered. Of very many keys the oldest is forgotten.
    fn remember(&mut self, member: MemberId, journey: JourneyId, key: String, now: Time) {
        let known = &mut self.members.of(member).entered;
        let entered = known.entry((journey, key.clone())).or_default();
        entered.last = now;
        entered.recent.retain(|at| is_recent(*at, now));
        entered.recent.push(now);
        let surplus = entered.recent.len().saturating_sub(MOST_ENTRIES);
        entered.recent.drain(..surplus);
        if known.len() > MOST_KEYS && known.keys().filter(|(other, _)| *other == journey).count() > MOST_KEYS {
            let of_journey = known.iter().filter(|((other, old), _)| *other == journey && *old != key);
            let oldest =
                of_journey.min_by_key(|((_, key), entered)| (entered.last, key.clone())).map(|(key, _)| key.clone());
            if let Some(oldest) = oldest {
                known.remove(&oldest);
                self.changed.entered.remove(&(member, oldest.0, oldest.1.clone()));
                self.changed.forgotten.insert((member, oldest.0, oldest.1));
            }
        }
        self.changed.forgotten.remove(&(member, journey, key.clone()));
        self.changed.entered.insert((member, journey, key));
    }
}

impl Coming {
    fn plain(journey: JourneyId, entry: Value, detail: Value) -> Coming {
        Coming { journey, key: String::new(), is_own: false, is_once: false, entry, detail }
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
    let is_same = |run: &Run| run.journey == journey && run.key == key && run.is_active();
    let of_journey = || runs.entered.iter().filter(|((other, _), _)| *other == journey);
    History {
        last_entered: runs.entered.get(&(journey, key.to_owned())).map(|entered| entered.last),
        is_under_way: runs.runs.iter().any(is_same),
        // Only our own doing is asked how often it came.
        entries: if is_own {
            of_journey().flat_map(|(_, entered)| &entered.recent).copied().collect()
        } else {
            Vec::new()
        },
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

/// The value of a journey's key in an event's properties.
pub(super) fn key_of(path: &str, properties: &serde_json::Map<String, Value>) -> String {
    let name = path.strip_prefix("properties.").unwrap_or(path);
    match base::rule::lookup(properties, name) {
        Some(Value::String(text)) => text.chars().take(200).collect(),
        // Two who both say nothing do not mean the same.
        Some(Value::Null) => String::new(),
        Some(other) => other.to_string().chars().take(200).collect(),
        None => String::new(),
    }
}
