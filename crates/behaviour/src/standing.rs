//! Who is one member with whom, as far as it differs from what the columns say.
//!
//! An event stays for ever with the member to whom its identity first belonged, its *owner*. When members are merged or
//! parted, only these few lines change, and every answer with them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Events that belong to another member than their owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Move {
    /// To whom they first belonged.
    pub owner: i64,
    /// Those of this identity; `None` for all of the owner's.
    pub identity: Option<i64>,
    /// To whom they belong now.
    pub member: i64,
}

/// All moves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Standing {
    whole: HashMap<i64, i64>,
    parts: HashMap<i64, BTreeMap<i64, i64>>,
}

impl Standing {
    pub(crate) fn new(moves: impl IntoIterator<Item = Move>) -> Standing {
        let mut standing = Standing::default();
        for Move { owner, identity, member } in moves {
            match identity {
                None => {
                    standing.whole.insert(owner, member);
                }
                Some(identity) => {
                    standing.parts.entry(owner).or_default().insert(identity, member);
                }
            }
        }
        standing
    }

    /// To whom an event belongs.
    pub(crate) fn member(&self, owner: i64, identity: i64) -> i64 {
        if self.whole.is_empty() && self.parts.is_empty() {
            return owner;
        }
        let part = self.parts.get(&owner).and_then(|parts| parts.get(&identity));
        part.or_else(|| self.whole.get(&owner)).copied().unwrap_or(owner)
    }

    /// To whom all events of an owner belong; `None` when they belong to several.
    pub(crate) fn only_member(&self, owner: i64) -> Option<i64> {
        match self.parts.contains_key(&owner) {
            true => None,
            false => Some(self.whole.get(&owner).copied().unwrap_or(owner)),
        }
    }

    /// The owners of whom something has moved.
    pub(crate) fn owners(&self) -> BTreeSet<i64> {
        self.whole.keys().chain(self.parts.keys()).copied().collect()
    }
}
