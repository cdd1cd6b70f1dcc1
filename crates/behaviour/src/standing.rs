//! Who is one member with whom, as far as it differs from what the columns say.
//!
//! An event stays for ever with the member to whom its identity first belonged, its *owner*. When members are merged or
//! parted, only these few lines change, and every answer with them.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

/// To whom the events of an identity belong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Move {
    /// To whom they first belonged.
    pub owner: i64,
    /// The identity.
    pub identity: i64,
    /// To whom they belong now.
    pub member: i64,
}

/// All moves: the many that have stood for a while, and the few that came since, or were taken back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) settled: Arc<Settled>,
    /// By owner and identity.
    recent: BTreeMap<(i64, i64), i64>,
}

/// Moves that have stood for a while.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Settled {
    /// By owner and identity.
    moved: HashMap<i64, BTreeMap<i64, i64>>,
    /// By member, the owners of whom something belongs to him.
    owners_of: HashMap<i64, Vec<i64>>,
}

/// So many recent moves are kept beside the settled ones, or a part of these.
const FEW: usize = if cfg!(test) { 3 } else { 1_000 };
const PART: usize = 8;

impl Standing {
    pub(crate) fn new(moves: impl IntoIterator<Item = Move>) -> Standing {
        let mut moved: HashMap<i64, BTreeMap<i64, i64>> = HashMap::new();
        for Move { owner, identity, member } in moves {
            moved.entry(owner).or_default().insert(identity, member);
        }
        Standing { settled: Arc::new(Settled::new(moved)), recent: BTreeMap::new() }
    }

    /// With these, which take the place of what was said of the same identities.
    pub(crate) fn with(&self, moves: impl IntoIterator<Item = Move>) -> Standing {
        let mut recent = self.recent.clone();
        for Move { owner, identity, member } in moves {
            match self.settled.member(owner, identity).unwrap_or(owner) == member {
                true => recent.remove(&(owner, identity)),
                false => recent.insert((owner, identity), member),
            };
        }
        if recent.len() <= FEW.max(self.settled.moved.len() / PART) {
            return Standing { settled: self.settled.clone(), recent };
        }
        let mut moved = self.settled.moved.clone();
        for ((owner, identity), member) in recent {
            let identities = moved.entry(owner).or_default();
            match owner == member {
                true => identities.remove(&identity),
                false => identities.insert(identity, member),
            };
        }
        moved.retain(|_, identities| !identities.is_empty());
        Standing { settled: Arc::new(Settled::new(moved)), recent: BTreeMap::new() }
    }

    /// Without the recent moves.
    pub(crate) fn only_settled(&self) -> Standing {
        Standing { settled: self.settled.clone(), recent: BTreeMap::new() }
    }

    /// To whom an event belongs.
    pub(crate) fn member(&self, owner: i64, identity: i64) -> i64 {
        let recent = || self.recent.get(&(owner, identity)).copied();
        let recent = if self.recent.is_empty() { None } else { recent() };
        recent.or_else(|| self.settled.member(owner, identity)).unwrap_or(owner)
    }

    /// Owners whose events the settled moves do not place right any more, and the members for whom that is so: whoever had
    /// one of these owners' events, and the owners of whatever else he had.
    pub(crate) fn unsettled(&self) -> (BTreeSet<i64>, BTreeSet<i64>) {
        let mut owners: BTreeSet<i64> = self.recent.keys().map(|(owner, _)| *owner).collect();
        let (mut members, mut open) = (BTreeSet::new(), Vec::from_iter(owners.iter().copied()));
        while let Some(owner) = open.pop() {
            let Some(identities) = self.settled.moved.get(&owner) else { continue };
            for member in identities.values().copied().chain([owner]).filter(|member| members.insert(*member)) {
                let others = self.settled.owners_of.get(&member).into_iter().flatten();
                open.extend(others.copied().filter(|other| owners.insert(*other)));
            }
        }
        (owners, members)
    }
}

impl Settled {
    fn new(moved: HashMap<i64, BTreeMap<i64, i64>>) -> Settled {
        let mut owners_of: HashMap<i64, Vec<i64>> = HashMap::new();
        for (owner, identities) in &moved {
            let members: BTreeSet<i64> = identities.values().copied().chain([*owner]).collect();
            members.into_iter().for_each(|member| owners_of.entry(member).or_default().push(*owner));
        }
        owners_of.values_mut().for_each(|owners| owners.sort_unstable());
        Settled { moved, owners_of }
    }

    fn member(&self, owner: i64, identity: i64) -> Option<i64> {
        self.moved.get(&owner)?.get(&identity).copied()
    }

    /// The owners of whom something has moved.
    pub(crate) fn owners(&self) -> BTreeSet<i64> {
        self.moved.keys().copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn moves() -> impl Strategy<Value = Vec<Move>> {
        let one = (1_i64..6, 0_i64..3, 1_i64..6).prop_map(|(owner, nth, member)| (owner, owner * 10 + nth, member));
        prop::collection::vec(one.prop_map(|(owner, identity, member)| Move { owner, identity, member }), 0..5)
    }

    proptest! {
        #[test]
        fn the_latest_move_of_an_identity_stands(first in moves(), later in prop::collection::vec(moves(), 0..8)) {
            let mut standing = Standing::new(first.iter().copied());
            let mut expected: BTreeMap<(i64, i64), i64> = BTreeMap::new();
            let mut note = |moves: &[Move]| {
                moves.iter().for_each(|one| _ = expected.insert((one.owner, one.identity), one.member));
                expected.clone()
            };
            let mut expected = note(&first);
            for moves in later {
                expected = note(&moves);
                standing = standing.with(moves);
                prop_assert!(standing.recent.len() <= FEW);
                for owner in 1..6 {
                    for identity in owner * 10..owner * 10 + 3 {
                        let member = expected.get(&(owner, identity)).copied().unwrap_or(owner);
                        prop_assert_eq!(standing.member(owner, identity), member);
                    }
                }
            }
            // Whoever gets or loses something is not told of by settled moves any more.
            let settled = standing.only_settled();
            let (owners, members) = standing.unsettled();
            for (owner, identity) in expected.into_keys() {
                let (before, now) = (settled.member(owner, identity), standing.member(owner, identity));
                prop_assert!(before == now || owners.contains(&owner));
                let is_settled = settled.settled.moved.contains_key(&owner);
                prop_assert!(!is_settled || owners.contains(&owner) == members.contains(&before), "all or nothing of a member");
            }
        }
    }
}
