//! The members that the pipeline holds in memory: those of the present batch, and a bounded
//! number of earlier ones.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use base::ids::{IdentityId, MemberId, SegmentId, WorkspaceId};

use super::MemberState;

/// The key of an identity.
pub type IdentityKey = (WorkspaceId, String, String);

/// What of the working set differs from the database.
#[derive(Debug, Default)]
pub struct Dirty {
    /// Members whose row is to be written.
    pub members: BTreeSet<MemberId>,
    /// Identities (with their members) whose row is to be written.
    pub identities: BTreeSet<(MemberId, IdentityId)>,
    /// Tags that were added (`true`) or removed on an identity; the last change wins.
    pub tags: BTreeMap<(IdentityId, String), (MemberId, bool)>,
    /// Segment memberships that were gained (`true`) or lost; the last change wins.
    pub memberships: BTreeMap<(SegmentId, MemberId), bool>,
    /// Members that were absorbed by others.
    pub absorbed: BTreeMap<MemberId, MemberId>,
}

/// Members and identities in memory. Two generations: what was not used while the young one
/// filled up is forgotten.
#[derive(Debug)]
pub struct WorkingSet {
    members: HashMap<MemberId, MemberState>,
    old_members: HashMap<MemberId, MemberState>,
    identities: HashMap<IdentityKey, MemberId>,
    old_identities: HashMap<IdentityKey, MemberId>,
    /// Keys that were looked up for this batch and are not in the database.
    absent: HashSet<IdentityKey>,
    /// Members whom this batch names and who were absorbed by others.
    redirects: HashMap<MemberId, MemberId>,
    capacity: usize,
    /// What is to be written.
    pub dirty: Dirty,
}

impl WorkingSet {
    /// Holds about `capacity` members (and at most twice as many).
    pub fn new(capacity: usize) -> WorkingSet {
        WorkingSet {
            members: HashMap::new(),
            old_members: HashMap::new(),
            identities: HashMap::new(),
            old_identities: HashMap::new(),
            absent: HashSet::new(),
            redirects: HashMap::new(),
            capacity: capacity.max(1),
            dirty: Dirty::default(),
        }
    }

    /// Forgets everything, after a failed transaction or a change of rules.
    pub fn forget(&mut self) {
        *self = WorkingSet::new(self.capacity);
    }

    /// To be called between batches: ages what was not used.
    pub fn end_batch(&mut self) {
        self.absent.clear();
        self.redirects.clear();
        self.dirty = Dirty::default();
        if self.members.len() > self.capacity {
            self.old_members = std::mem::take(&mut self.members);
        }
        if self.identities.len() > 2 * self.capacity {
            self.old_identities = std::mem::take(&mut self.identities);
        }
    }

    /// Whether a member is in memory; keeps him there.
    pub fn holds(&mut self, id: MemberId) -> bool {
        if self.members.contains_key(&id) {
            return true;
        }
        let Some(state) = self.old_members.remove(&id) else { return false };
        self.members.insert(id, state);
        true
    }

    /// A member in memory.
    pub fn get(&self, id: MemberId) -> Option<&MemberState> {
        self.members.get(&id)
    }

    /// A member in memory, to be changed.
    pub fn get_mut(&mut self, id: MemberId) -> Option<&mut MemberState> {
        self.members.get_mut(&id)
    }

    /// Takes a member in.
    pub fn insert(&mut self, state: MemberState) {
        self.members.insert(state.id, state);
    }

    /// Takes a member out, after a merge.
    pub fn remove(&mut self, id: MemberId) -> Option<MemberState> {
        self.members.remove(&id)
    }

    /// Whose identity this is: `None` when it must be looked up, `Some(None)` when nobody's.
    pub fn owner(&mut self, key: &IdentityKey) -> Option<Option<MemberId>> {
        if let Some(member) = self.identities.get(key) {
            return Some(Some(*member));
        }
        if let Some(member) = self.old_identities.remove(key) {
            self.identities.insert(key.clone(), member);
            return Some(Some(member));
        }
        self.absent.contains(key).then_some(None)
    }

    /// Whose identity this is, of those that this batch has looked up.
    pub fn known_owner(&self, key: &IdentityKey) -> Option<MemberId> {
        self.identities.get(key).copied()
    }

    /// Notes whose an identity is.
    pub fn set_owner(&mut self, key: IdentityKey, member: MemberId) {
        self.absent.remove(&key);
        self.old_identities.remove(&key);
        self.identities.insert(key, member);
    }

    /// Notes that an identity is nobody's.
    pub fn set_absent(&mut self, key: IdentityKey) {
        self.absent.insert(key);
    }

    /// Notes that a member was absorbed by another before this batch.
    pub fn redirect(&mut self, absorbed: MemberId, kept: MemberId) {
        self.redirects.insert(absorbed, kept);
    }

    /// The member who stands for this one now, after merges before and in this batch.
    pub fn current(&self, id: MemberId) -> MemberId {
        let mut current = id;
        while let Some(next) = self.redirects.get(&current).or_else(|| self.dirty.absorbed.get(&current)) {
            current = *next;
        }
        current
    }

    /// How many members are in memory.
    pub fn len(&self) -> usize {
        self.members.len() + self.old_members.len()
    }

    /// Whether no member is in memory.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
