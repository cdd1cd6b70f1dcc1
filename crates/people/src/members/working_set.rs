//! The members that the pipeline holds in memory: those of the present batch, and as many of the earlier ones as
//! there is room for.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    hash::{BuildHasher, RandomState},
    sync::Arc,
};

use base::ids::{IdentityId, MemberId, SegmentId, WorkspaceId};

use super::{
    MemberState,
    foretold::{Foretold, Known},
    packed::PackedMembers,
};
use crate::rules::RuleBook;

/// An identity (workspace, kind, normalised value) as 128 bits of keyed hashes: two of a billion identities are taken for
/// one with a probability of about 10⁻²¹, and nobody outside can bring it about.
type IdentityKey = [u64; 2];

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

/// Members and identities in memory. Members whom the last batches were about are ready to be changed; the others are
/// packed. Of identities there are two generations: what was not asked for while the young one filled up is forgotten.
#[derive(Debug)]
pub struct WorkingSet {
    members: HashMap<MemberId, MemberState>,
    packed: PackedMembers,
    hashers: [RandomState; 2],
    identities: HashMap<IdentityKey, MemberId>,
    old_identities: HashMap<IdentityKey, MemberId>,
    /// Keys that were looked up for this batch and are not in the database.
    absent: HashSet<IdentityKey>,
    /// Members whom this batch names and who were absorbed by others.
    redirects: HashMap<MemberId, MemberId>,
    /// Who stands behind identities that are yet to be seen, where that is known: in a replay of the past.
    foretold: Arc<Foretold>,
    room: Room,
    /// How many times members were taken in or changed since those who are ready were weighed.
    unweighed: usize,
    /// What is to be written.
    pub dirty: Dirty,
}

/// How much a working set holds between batches.
#[derive(Clone, Copy, Debug)]
pub struct Room {
    /// Members who are ready to be changed, at the most; fewer while fewer are in memory.
    pub ready: usize,
    /// Bytes of packed members, and of the index of identities as many as belong to them. Those who are ready take half
    /// as many at most, about.
    pub packed_bytes: usize,
}

/// A size that goes with the number of members in memory: what is worth its memory where there are a million of them is
/// not where there are ten thousand.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Share {
    /// One for so many members,
    pub(crate) of: usize,
    /// but not fewer than this.
    pub(crate) least: usize,
}

/// Members who are ready to be changed.
const READY: Share = Share { of: 50, least: 4_000 };
/// After so many changes those who are ready are weighed: it costs as much as looking at each of them.
const WEIGHED_AFTER: usize = 4_000;
/// What a packed member takes at the least.
const SMALLEST_BYTES: usize = 128;

impl WorkingSet {
    /// Holds about as much as there is room for.
    pub fn new(room: Room) -> WorkingSet {
        WorkingSet {
            members: HashMap::new(),
            packed: PackedMembers::new(room.packed_bytes),
            hashers: [RandomState::new(), RandomState::new()],
            identities: HashMap::new(),
            old_identities: HashMap::new(),
            absent: HashSet::new(),
            redirects: HashMap::new(),
            foretold: Arc::default(),
            room,
            unweighed: 0,
            dirty: Dirty::default(),
        }
    }

    /// Forgets everything, after a failed transaction or a change of rules.
    pub fn forget(&mut self) {
        *self = WorkingSet { foretold: self.foretold.clone(), ..WorkingSet::new(self.room) };
    }

    /// From now on, whoever is seen for the first time gets the ids that he is known to have.
    pub(crate) fn foretell(&mut self, foretold: Arc<Foretold>) {
        self.foretold = foretold;
    }

    /// Who will have this identity, where that is known.
    pub(crate) fn foretold(&self, kind: &str, value: &str) -> Option<Known> {
        self.foretold.get(kind, value)
    }

    /// To be called between batches: packs those who are too many.
    pub fn end_batch(&mut self) {
        self.absent.clear();
        self.redirects.clear();
        self.dirty = Dirty::default();
        if self.members.len() > self.at_once(self.room.ready, READY) || self.is_heavy() {
            self.members.drain().for_each(|(_, member)| self.packed.put(&member));
        }
        if self.identities.len() > self.room.ready + self.room.packed_bytes / SMALLEST_BYTES {
            self.old_identities = std::mem::take(&mut self.identities);
        }
    }

    /// Whether a member is in memory; keeps him there.
    pub fn holds(&mut self, id: MemberId, books: &HashMap<WorkspaceId, Arc<RuleBook>>) -> bool {
        if self.members.contains_key(&id) {
            return true;
        }
        let Some(mut state) = self.packed.take(id) else { return false };
        let Some(book) = books.get(&state.workspace) else { return false };
        state.refresh_traits(&book.traits);
        self.members.insert(id, state);
        self.unweighed += 1;
        true
    }

    /// How many of something are right for the members that are in memory, and not more than `most`.
    pub(crate) fn at_once(&self, most: usize, share: Share) -> usize {
        most.min(share.least.max(self.len() / share.of))
    }

    /// Whether those who are ready take more than there is room for, as far as they were weighed.
    fn is_heavy(&mut self) -> bool {
        if self.unweighed < WEIGHED_AFTER {
            return false;
        }
        self.unweighed = 0;
        self.members.values().map(MemberState::bytes).sum::<usize>() > self.room.packed_bytes / 2
    }

    /// A member in memory.
    pub fn get(&self, id: MemberId) -> Option<&MemberState> {
        self.members.get(&id)
    }

    /// A member in memory, to be changed.
    pub fn get_mut(&mut self, id: MemberId) -> Option<&mut MemberState> {
        self.unweighed += 1;
        self.members.get_mut(&id)
    }

    /// Takes a member in, in the place of what was known of him.
    pub fn insert(&mut self, state: MemberState) {
        self.packed.take(state.id);
        self.members.insert(state.id, state);
        self.unweighed += 1;
    }

    /// Takes a member out, after a merge.
    pub fn remove(&mut self, id: MemberId) -> Option<MemberState> {
        self.members.remove(&id)
    }

    fn key(&self, workspace: WorkspaceId, kind: &str, value: &str) -> IdentityKey {
        self.hashers.each_ref().map(|hasher| hasher.hash_one((workspace, kind, value)))
    }

    /// Whose identity this is: `None` when it must be looked up, `Some(None)` when nobody's.
    pub fn owner(&mut self, workspace: WorkspaceId, kind: &str, value: &str) -> Option<Option<MemberId>> {
        let key = self.key(workspace, kind, value);
        if let Some(member) = self.identities.get(&key) {
            return Some(Some(*member));
        }
        if let Some(member) = self.old_identities.remove(&key) {
            self.identities.insert(key, member);
            return Some(Some(member));
        }
        self.absent.contains(&key).then_some(None)
    }

    /// Whose identity this is, of those that this batch has looked up.
    pub fn known_owner(&self, workspace: WorkspaceId, kind: &str, value: &str) -> Option<MemberId> {
        self.identities.get(&self.key(workspace, kind, value)).copied()
    }

    /// Notes whose an identity is.
    pub fn set_owner(&mut self, workspace: WorkspaceId, kind: &str, value: &str, member: MemberId) {
        let key = self.key(workspace, kind, value);
        self.absent.remove(&key);
        self.old_identities.remove(&key);
        self.identities.insert(key, member);
    }

    /// Notes that an identity is nobody's.
    pub fn set_absent(&mut self, workspace: WorkspaceId, kind: &str, value: &str) {
        self.absent.insert(self.key(workspace, kind, value));
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
        self.members.len() + self.packed.len()
    }

    /// Whether no member is in memory.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[cfg(test)]
mod tests {
    use base::Time;

    use super::*;
    use crate::members::{Identity, TraitFact};

    fn member(id: i64, text: &str) -> MemberState {
        let fact =
            TraitFact { value: text.into(), at: Time::EPOCH, source: String::new(), once: false, operated: None };
        let mut state = MemberState::new(MemberId(id), WorkspaceId(1), Time::EPOCH);
        state.add_identity(Identity {
            id: IdentityId(id),
            kind: "user_id".to_owned(),
            value: id.to_string(),
            verified: false,
            origin: MemberId(id),
            created_at: Time::EPOCH,
            traits: BTreeMap::from([("about".to_owned(), fact)]),
            tags: BTreeMap::new(),
            groups: BTreeMap::new(),
        });
        state
    }

    #[test]
    fn those_who_take_much_room_are_packed_however_few_they_are() {
        let mut people = WorkingSet::new(Room { ready: 100, packed_bytes: 1 << 20 });
        (1..=5).for_each(|id| people.insert(member(id, "short")));
        (0..WEIGHED_AFTER).for_each(|_| _ = people.get_mut(MemberId(1)));
        people.end_batch();
        assert_eq!((people.members.len(), people.packed.len()), (5, 0));
        // One who grows while he is ready.
        *people.get_mut(MemberId(3)).unwrap() = member(3, &"long ".repeat(60_000));
        people.end_batch();
        assert_eq!((people.members.len(), people.packed.len()), (5, 0), "they are not weighed each time");
        (0..WEIGHED_AFTER).for_each(|_| _ = people.get_mut(MemberId(1)));
        people.end_batch();
        assert_eq!((people.members.len(), people.packed.len()), (0, 5));
    }
}
