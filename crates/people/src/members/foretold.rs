//! Whom identities will belong to that are yet to be seen, where the past is played again: everybody then gets the ids that
//! he got the first time, and what goes by ids (a holdout, a split) falls out as it did.

use std::collections::HashMap;

use base::ids::{IdentityId, MemberId};

/// What is known of identities by kind and normalised value, all of one workspace.
#[derive(Clone, Debug, Default)]
pub struct Foretold {
    known: HashMap<String, HashMap<String, Known>>,
}

/// Whose an identity will be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// Its id.
    pub identity: IdentityId,
    /// The member who has it.
    pub member: MemberId,
    /// The member to whom it first belonged.
    pub origin: MemberId,
}

impl Foretold {
    /// Adds an identity.
    pub fn add(&mut self, kind: &str, value: &str, known: Known) {
        self.known.entry(kind.to_owned()).or_default().insert(value.to_owned(), known);
    }

    /// Who will have this identity.
    pub(super) fn get(&self, kind: &str, value: &str) -> Option<Known> {
        self.known.get(kind)?.get(value).copied()
    }
}
