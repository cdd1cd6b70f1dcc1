//! How much comes in, minute by minute and sender by sender, since this process started. It is for people who look, so it is
//! held in memory and begins anew with each start.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
};

use base::{Time, ids::WorkspaceId};
use serde::Serialize;
use utoipa::ToSchema;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
/// Minutes that are remembered, the present one among them.
const MINUTES: usize = 60;
/// Hours of a sender that are remembered.
const HOURS: i64 = 24;
/// Senders that are named; there are no more than keys and users.
const NAMED: usize = 50;

/// Counts what each workspace takes in.
#[derive(Debug, Default)]
pub struct Meter {
    workspaces: Mutex<HashMap<WorkspaceId, Counts>>,
}

#[derive(Debug, Default)]
struct Counts {
    minutes: VecDeque<MinuteCount>,
    sources: HashMap<String, SourceCount>,
}

#[derive(Clone, Copy, Debug, Default)]
struct MinuteCount {
    number: i64,
    accepted: u64,
    refused: u64,
}

#[derive(Debug, Default)]
struct SourceCount {
    hours: VecDeque<(i64, u64, u64)>,
    last_at: Time,
}

/// What came in within a minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct MinuteOfIngest {
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    pub at: Time,
    /// Records that were taken.
    pub accepted: u64,
    /// Records that were refused.
    pub refused: u64,
}

/// What came from one sender.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SourceOfIngest {
    /// Who: `key_…`, or `operator:usr_…`.
    pub source: String,
    /// Records of the last 24 hours that were taken.
    pub accepted_24h: u64,
    /// Records of the last 24 hours that were refused.
    pub refused_24h: u64,
    /// When he sent last.
    #[schema(value_type = String, format = DateTime)]
    pub last_at: Time,
}

/// What came in, as far as this process remembers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MeterReading {
    /// Records taken in a second, over this minute and the one before it.
    pub per_second: f64,
    /// The last hour, minute by minute, the oldest first; minutes without anything among them.
    pub minutes: Vec<MinuteOfIngest>,
    /// By sender, those who sent most first.
    pub sources: Vec<SourceOfIngest>,
}

impl Meter {
    /// Notes what a sender brought.
    pub fn note(&self, workspace: WorkspaceId, source: &str, accepted: usize, refused: usize, now: Time) {
        let mut workspaces = self.lock();
        let counts = workspaces.entry(workspace).or_default();
        let (accepted, refused) = (accepted as u64, refused as u64);
        let minute = now.millis().div_euclid(MINUTE);
        match counts.minutes.back_mut() {
            Some(last) if last.number >= minute => {
                last.accepted += accepted;
                last.refused += refused;
            }
            _ => counts.minutes.push_back(MinuteCount { number: minute, accepted, refused }),
        }
        while counts.minutes.len() > MINUTES {
            counts.minutes.pop_front();
        }
        if !counts.sources.contains_key(source) {
            counts.sources.insert(source.to_owned(), SourceCount::default());
        }
        if let Some(from) = counts.sources.get_mut(source) {
            from.note(now, accepted, refused);
        }
    }

    /// What came into a workspace.
    pub fn read(&self, workspace: WorkspaceId, now: Time) -> MeterReading {
        let mut workspaces = self.lock();
        let Some(counts) = workspaces.get_mut(&workspace) else { return MeterReading::default() };
        let minute = now.millis().div_euclid(MINUTE);
        let first = minute - MINUTES as i64 + 1;
        let at = |number: i64| {
            let found = counts.minutes.iter().find(|count| count.number == number).copied().unwrap_or_default();
            MinuteOfIngest { at: Time::from_millis(number * MINUTE), accepted: found.accepted, refused: found.refused }
        };
        let minutes: Vec<MinuteOfIngest> = (first..=minute).map(at).collect();
        let lately: u64 = minutes.iter().rev().take(2).map(|minute| minute.accepted).sum();
        let seconds = (now.millis() - (minute - 1) * MINUTE) as f64 / 1_000.0;
        let mut sources: Vec<SourceOfIngest> =
            counts.sources.iter_mut().map(|(source, count)| count.read(source, now)).collect();
        sources.sort_by(|one, other| {
            (other.accepted_24h, other.last_at, &one.source).cmp(&(one.accepted_24h, one.last_at, &other.source))
        });
        sources.truncate(NAMED);
        MeterReading { per_second: (lately as f64 / seconds * 10.0).round() / 10.0, minutes, sources }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<WorkspaceId, Counts>> {
        self.workspaces.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SourceCount {
    fn note(&mut self, now: Time, accepted: u64, refused: u64) {
        let hour = now.millis().div_euclid(HOUR);
        self.forget(hour);
        match self.hours.back_mut() {
            Some(last) if last.0 >= hour => *last = (last.0, last.1 + accepted, last.2 + refused),
            _ => self.hours.push_back((hour, accepted, refused)),
        }
        self.last_at = self.last_at.max(now);
    }

    fn forget(&mut self, hour: i64) {
        while self.hours.front().is_some_and(|(first, ..)| *first <= hour - HOURS) {
            self.hours.pop_front();
        }
    }

    fn read(&mut self, source: &str, now: Time) -> SourceOfIngest {
        self.forget(now.millis().div_euclid(HOUR));
        SourceOfIngest {
            source: source.to_owned(),
            accepted_24h: self.hours.iter().map(|(_, accepted, _)| accepted).sum(),
            refused_24h: self.hours.iter().map(|(.., refused)| refused).sum(),
            last_at: self.last_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORKSPACE: WorkspaceId = WorkspaceId(1);
    const START: i64 = 1_700_000_040_000;

    fn at(seconds: i64) -> Time {
        Time::from_millis(START + seconds * 1_000)
    }

    #[test]
    fn the_last_hour_is_told_minute_by_minute_and_the_pace_is_that_of_now() {
        let meter = Meter::default();
        meter.note(WORKSPACE, "key_a", 600, 2, at(0));
        meter.note(WORKSPACE, "key_b", 60, 0, at(60));
        let reading = meter.read(WORKSPACE, at(80));
        assert_eq!(reading.minutes.len(), 60);
        let told: Vec<(u64, u64)> =
            reading.minutes[57..].iter().map(|minute| (minute.accepted, minute.refused)).collect();
        assert_eq!(told, [(0, 0), (600, 2), (60, 0)]);
        assert!((reading.per_second - 660.0 / 80.0).abs() < 0.06, "{}", reading.per_second);
        assert_eq!(meter.read(WORKSPACE, at(4_000)).per_second, 0.0);
        assert!(meter.read(WORKSPACE, at(4_000)).minutes.iter().all(|minute| minute.accepted == 0));
        assert_eq!(meter.read(WorkspaceId(2), at(80)), MeterReading::default());
    }

    #[test]
    fn a_sender_is_told_by_what_he_sent_within_a_day() {
        let meter = Meter::default();
        meter.note(WORKSPACE, "key_a", 5, 1, at(0));
        meter.note(WORKSPACE, "key_a", 5, 0, at(3_600));
        meter.note(WORKSPACE, "key_b", 50, 0, at(7_200));
        let sources = meter.read(WORKSPACE, at(7_200)).sources;
        assert_eq!(sources.iter().map(|source| source.source.as_str()).collect::<Vec<_>>(), ["key_b", "key_a"]);
        assert_eq!((sources[1].accepted_24h, sources[1].refused_24h, sources[1].last_at), (10, 1, at(3_600)));
        let later = meter.read(WORKSPACE, at(24 * 3_600 + 1)).sources;
        assert_eq!((later[1].accepted_24h, later[1].refused_24h), (5, 0), "the first hour is over");
    }
}
