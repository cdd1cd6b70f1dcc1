//! Who is behind a number.

use crate::{history::History, scan::Kernel, selection::MemberSet};

/// Lists the members of whose history something holds.
pub struct Who<'q> {
    /// What has to hold.
    pub holds: &'q (dyn Fn(i64, &History<'_>) -> bool + Sync),
}

impl Kernel for Who<'_> {
    type Partial = Vec<i64>;

    fn nothing(&self) -> Vec<i64> {
        Vec::new()
    }

    fn member(&self, member: i64, history: &History<'_>, found: &mut Vec<i64>) {
        if (self.holds)(member, history) {
            found.push(member);
        }
    }

    fn add(&self, found: &mut Vec<i64>, other: Vec<i64>) {
        found.extend(other);
    }
}

/// The members who were found.
pub fn set_of(found: Vec<i64>) -> MemberSet {
    found.into_iter().collect()
}

/// What is counted of each group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// Events.
    Events,
    /// Members who have one.
    Members,
    /// Members whose earliest event is in it.
    First,
}

/// Counts groups.
pub struct Groups {
    /// What is counted.
    pub count: Count,
}

/// By group.
#[derive(Clone, Debug, Default)]
pub struct GroupCounts {
    /// How many.
    pub counts: Vec<u64>,
    of_him: Vec<u32>,
}

impl Kernel for Groups {
    type Partial = GroupCounts;

    fn nothing(&self) -> GroupCounts {
        GroupCounts::default()
    }

    fn member(&self, _: i64, history: &History<'_>, partial: &mut GroupCounts) {
        let GroupCounts { counts, of_him } = partial;
        of_him.clear();
        history.each_group(|group| {
            if self.count != Count::First || of_him.is_empty() {
                of_him.push(group);
            }
        });
        if self.count == Count::Members {
            of_him.sort_unstable();
            of_him.dedup();
        }
        for group in of_him.iter().map(|group| *group as usize) {
            if counts.len() <= group {
                counts.resize(group + 1, 0);
            }
            counts[group] += 1;
        }
    }

    fn add(&self, partial: &mut GroupCounts, other: GroupCounts) {
        let counts = &mut partial.counts;
        counts.resize(counts.len().max(other.counts.len()), 0);
        counts.iter_mut().zip(other.counts).for_each(|(sum, more)| *sum += more);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::{Hit, tell};

    #[test]
    fn groups_are_counted_by_events_by_members_or_by_where_they_began() {
        for (count, expected) in [(Count::Events, [1, 3]), (Count::Members, [1, 2]), (Count::First, [0, 2])] {
            let kernel = Groups { count };
            let mut counts = kernel.nothing();
            for groups in [&[1, 0, 1][..], &[1]] {
                let hits: Vec<Hit> =
                    (0..).zip(groups).map(|(time, group)| Hit { group: *group, ..Hit::at(time, 1) }).collect();
                tell(&hits, |history| kernel.member(1, history, &mut counts));
            }
            assert_eq!(counts.counts, expected, "{count:?}");
        }
    }
}
