//! How many different members did something in each period: daily, weekly and monthly active members, exactly.

use crate::{history::History, periods::Periods, scan::Kernel};

/// Counts, for each period, the events that matter and the members who have one.
pub struct Active {
    /// The periods; events outside do not count.
    pub periods: Periods,
}

/// By period.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Activity {
    /// Events, and at last those outside.
    pub events: Vec<u64>,
    /// Members who have at least one of them.
    pub members: Vec<u64>,
}

impl Kernel for Active {
    type Partial = Activity;

    fn nothing(&self) -> Activity {
        Activity { events: vec![0; self.periods.len() + 1], members: vec![0; self.periods.len() + 1] }
    }

    fn member(&self, _: i64, history: &History<'_>, partial: &mut Activity) {
        let Activity { events, members } = partial;
        let mut last = usize::MAX;
        history.each(|time, _| {
            // What lies outside has a place of its own.
            let period = self.periods.place(time).min(events.len() - 1);
            events[period] += 1;
            members[period] += u64::from(period != last);
            last = period;
        });
    }

    fn add(&self, partial: &mut Activity, other: Activity) {
        for (sum, more) in partial.events.iter_mut().zip(other.events) {
            *sum += more;
        }
        for (sum, more) in partial.members.iter_mut().zip(other.members) {
            *sum += more;
        }
    }
}
