//! What became of the messages of each step, in numbers.

use std::collections::BTreeMap;

use base::Time;
use jiff::{civil::Date, tz::TimeZone};

use super::mailbox::{Fate, IsNew};

/// Step, kind of channel, template.
pub(in crate::journeys::simulation) type Key = (String, String, i64);

/// Of one step, channel and template.
#[derive(Clone, Debug, Default)]
pub(in crate::journeys::simulation) struct Figures {
    /// How many left.
    pub(in crate::journeys::simulation) sent: i64,
    /// When the first left, and the last.
    pub(in crate::journeys::simulation) first_and_last: Option<(Time, Time)>,
    /// How many left on each day of the workspace's calendar.
    pub(in crate::journeys::simulation) by_day: BTreeMap<Date, i64>,
    /// How many had to wait, by what for.
    pub(in crate::journeys::simulation) put_off: BTreeMap<&'static str, i64>,
    /// How many were not sent, by reason.
    pub(in crate::journeys::simulation) refused: BTreeMap<&'static str, i64>,
}

impl Figures {
    /// Counts what became of a message.
    pub(super) fn count(&mut self, fate: Fate, now: Time, zone: &TimeZone) {
        match fate {
            Fate::Sent => {
                self.sent += 1;
                let (first, last) = self.first_and_last.unwrap_or((now, now));
                self.first_and_last = Some((first.min(now), last.max(now)));
                *self.by_day.entry(now.timestamp().to_zoned(zone.clone()).date()).or_default() += 1;
            }
            Fate::Refused(_, reason) => *self.refused.entry(reason).or_default() += 1,
            // What waits for the same again is counted already.
            Fate::PutOff(why, IsNew(true)) => *self.put_off.entry(why.word()).or_default() += 1,
            Fate::PutOff(_, IsNew(false)) => {}
        }
    }
}
