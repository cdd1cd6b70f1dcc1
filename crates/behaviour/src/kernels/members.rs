//! Who is behind a number.

use crate::{history::History, scan::Kernel, selection::MemberSet};

/// Lists the members of whose history something holds.
pub struct Who<F> {
    /// What has to hold.
    pub holds: F,
}

impl<F: Fn(i64, &History<'_>) -> bool + Sync> Kernel for Who<F> {
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

/// Counts events by group.
pub struct Groups;

impl Kernel for Groups {
    /// By group.
    type Partial = Vec<u64>;

    fn nothing(&self) -> Vec<u64> {
        Vec::new()
    }

    fn member(&self, _: i64, history: &History<'_>, counts: &mut Vec<u64>) {
        history.each_group(|group| {
            let group = group as usize;
            if counts.len() <= group {
                counts.resize(group + 1, 0);
            }
            counts[group] += 1;
        });
    }

    fn add(&self, counts: &mut Vec<u64>, other: Vec<u64>) {
        if counts.len() < other.len() {
            counts.resize(other.len(), 0);
        }
        counts.iter_mut().zip(other).for_each(|(sum, more)| *sum += more);
    }
}
