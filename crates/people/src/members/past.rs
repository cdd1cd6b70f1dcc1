//! How a member's traits, tags and groups were before, for rules that ask whether something has been so for some time.

use std::collections::HashMap;

use base::{
    Time,
    ids::{GroupId, IdentityId},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::packed;
use crate::rules::{RuleBook, Touch};

/// What was said and done about the traits, tags and groups that the book's rules ask the past of.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Past {
    traits: HashMap<String, Vec<Said>>,
    /// Tags put on identities and taken off, groups entered and left.
    marks: HashMap<Touch, Vec<(Time, IdentityId, bool)>>,
}

/// What was said of a trait.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Said {
    /// Since when the profile may show it: a sender whose clock is ahead is believed at once.
    since: Time,
    at: Time,
    identity: IdentityId,
    #[serde(with = "packed::json_text")]
    value: Value,
    once: bool,
}

impl Past {
    /// Notes what an identity said of a trait at a moment (`once`: only for who has none), and when that arrived; whether
    /// any rule asks for it.
    pub fn say(
        &mut self,
        book: &RuleBook,
        name: &str,
        (at, received_at): (Time, Time),
        identity: IdentityId,
        value: &Value,
        once: bool,
    ) -> bool {
        let is_asked = book.asks_past_of_trait(name);
        if is_asked {
            let said = Said { since: at.min(received_at), at, identity, value: value.clone(), once };
            self.traits.entry(name.to_owned()).or_default().push(said);
        }
        is_asked
    }

    /// Notes that an identity got a tag or entered a group, or the contrary.
    pub fn mark(&mut self, book: &RuleBook, mark: Touch, at: Time, identity: IdentityId, added: bool) {
        if book.asks_past_of(&mark) {
            self.marks.entry(mark).or_default().push((at, identity, added));
        }
    }

    /// Takes over another member's past (after a merge).
    pub fn absorb(&mut self, other: Past) {
        for (name, said) in other.traits {
            self.traits.entry(name).or_default().extend(said);
        }
        for (mark, changes) in other.marks {
            self.marks.entry(mark).or_default().extend(changes);
        }
    }

    /// What of it there is, as the index from changes to rules knows it.
    pub fn touches(&self) -> impl Iterator<Item = Touch> {
        let traits = self.traits.keys().cloned().map(Touch::Trait);
        traits.chain(self.marks.keys().cloned())
    }

    /// The trait as the profile showed it at a moment; by the same order as [`super::MemberState::trait_fact`].
    pub fn trait_at(&self, book: &RuleBook, name: &str, then: Time) -> Option<&Value> {
        let conflict = book.conflict_of(name);
        let said = self.traits.get(name)?.iter().filter(|said| said.since <= then);
        let shown = said.reduce(|one, other| {
            let later = |said: &Said| (said.at, said.identity, said.value.to_string());
            let (of_one, of_other) = (later(one), later(other));
            match conflict.prefers_said((&other.value, &of_other, other.once), (&one.value, &of_one, one.once)) {
                true => other,
                false => one,
            }
        });
        shown.map(|said| &said.value).filter(|value| !value.is_null())
    }

    /// Whether he was in a group at a moment; by the same order as [`super::MemberState::is_in_group`].
    pub fn is_in_group(&self, group: GroupId, then: Time) -> bool {
        let told = self.marks.get(&Touch::Group(group)).into_iter().flatten().filter(|(at, ..)| *at <= then);
        told.max_by_key(|(at, identity, _)| (*at, *identity)).is_some_and(|(.., joined)| *joined)
    }

    /// Since when an identity had carried a tag at a moment; of several identities the latest.
    pub fn since(&self, mark: &Touch, then: Time) -> Option<Time> {
        // Of changes at one moment, the later one stands.
        let mut carried: HashMap<IdentityId, (Time, bool)> = HashMap::new();
        for (at, identity, added) in self.marks.get(mark).into_iter().flatten().filter(|(at, ..)| *at <= then) {
            let last = carried.entry(*identity).or_insert((*at, *added));
            if *at >= last.0 {
                *last = (*at, *added);
            }
        }
        carried.values().filter(|(_, added)| *added).map(|(at, _)| *at).max()
    }

    /// When the trait may have changed.
    pub fn trait_changes(&self, name: &str) -> impl Iterator<Item = Time> {
        self.traits.get(name).into_iter().flatten().map(|said| said.since)
    }

    /// When a tag or the belonging to a group may have changed.
    pub fn changes_of(&self, mark: &Touch) -> impl Iterator<Item = Time> {
        self.marks.get(mark).into_iter().flatten().map(|(at, ..)| *at)
    }
}
