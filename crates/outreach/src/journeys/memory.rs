//! The members whose runs are in memory: those whom the last batches were about, in two generations. Who was not asked
//! for while the young one filled up is forgotten.

use std::collections::HashMap;

use base::ids::MemberId;

use super::runs::MemberRuns;

/// Most members of a generation.
const MEMBERS: usize = 4_000;
/// About how many bytes a generation takes at most.
const BYTES: usize = 48 << 20;

/// Members in memory.
#[derive(Debug, Default)]
pub(super) struct Memory {
    young: HashMap<MemberId, MemberRuns>,
    old: HashMap<MemberId, MemberRuns>,
    /// What the young ones took when they came in.
    bytes: usize,
}

impl Memory {
    /// Whether a member is in memory; keeps him there.
    pub(super) fn holds(&mut self, id: MemberId) -> bool {
        if self.young.contains_key(&id) {
            return true;
        }
        let Some(runs) = self.old.remove(&id) else { return false };
        self.insert(id, runs);
        true
    }

    pub(super) fn insert(&mut self, id: MemberId, runs: MemberRuns) {
        self.bytes += runs.bytes();
        self.young.insert(id, runs);
    }

    pub(super) fn get(&self, id: MemberId) -> Option<&MemberRuns> {
        self.young.get(&id)
    }

    pub(super) fn get_mut(&mut self, id: MemberId) -> Option<&mut MemberRuns> {
        self.young.get_mut(&id)
    }

    /// A member of this batch, of whom perhaps nothing is known yet.
    pub(super) fn of(&mut self, id: MemberId) -> &mut MemberRuns {
        self.young.entry(id).or_default()
    }

    pub(super) fn remove(&mut self, id: MemberId) -> Option<MemberRuns> {
        self.young.remove(&id)
    }

    /// To be called between batches.
    pub(super) fn end_batch(&mut self) {
        if self.young.len() > MEMBERS || self.bytes > BYTES {
            self.old = std::mem::take(&mut self.young);
            self.bytes = 0;
        }
    }

    /// One member, of whom something else is in the database now.
    pub(super) fn forget_member(&mut self, id: MemberId) {
        self.young.remove(&id);
        self.old.remove(&id);
    }

    pub(super) fn forget(&mut self) {
        *self = Memory::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_asked_for_stays_and_the_others_go_generation_by_generation() {
        let mut memory = Memory::default();
        for round in 0..6i64 {
            for member in 0..=MEMBERS as i64 {
                memory.insert(MemberId(round * 1_000_000 + member), MemberRuns::default());
            }
            memory.end_batch();
            assert!(memory.young.len() + memory.old.len() <= 2 * (MEMBERS + 2));
            assert!(memory.holds(MemberId(0)), "he was asked for in each round");
        }
        assert!(!memory.holds(MemberId(1)));
        assert!(memory.holds(MemberId(5_000_001)));
    }
}
