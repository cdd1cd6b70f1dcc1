//! How a member's traits, tags and groups were before, for rules that ask whether something has been so for some time.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap},
};

use base::{
    Time,
    ids::{GroupId, IdentityId},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{TraitFact, packed};
use crate::{
    rules::{RuleBook, Touch},
    traits::{Manner, Saying},
};

/// What was said and done about the traits, tags and groups that the book's rules ask the past of.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Past {
    /// What each identity said stands in the order of the log.
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
    manner: Manner,
}

impl Said {
    fn is_once(&self) -> bool {
        self.manner == Manner::Once
    }
}

impl Past {
    /// Notes what an identity said of a trait at a moment, and when that arrived; whether any rule asks for it.
    pub fn say(
        &mut self,
        book: &RuleBook,
        name: &str,
        (at, received_at): (Time, Time),
        identity: IdentityId,
        value: &Value,
        manner: Manner,
    ) -> bool {
        let is_asked = book.asks_past_of_trait(name);
        if is_asked {
            let said = Said { since: at.min(received_at), at, identity, value: value.clone(), manner };
            self.traits.entry(name.to_owned()).or_default().push(said);
        }
        is_asked
    }

    /// Notes that an identity took away all that it had said; returns the traits of which it had said anything.
    pub fn clear(&mut self, (at, received_at): (Time, Time), identity: IdentityId) -> Vec<String> {
        let mut names = Vec::new();
        for (name, said) in &mut self.traits {
            if said.iter().any(|said| said.identity == identity) {
                let (since, value) = (at.min(received_at), Value::Null);
                said.push(Said { since, at, identity, value, manner: Manner::Cleared });
                names.push(name.clone());
            }
        }
        names
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
    pub fn trait_at(&self, book: &RuleBook, name: &str, then: Time) -> Option<Cow<'_, Value>> {
        let all = self.traits.get(name)?;
        let said = all.iter().enumerate().filter(|(_, said)| said.since <= then);
        if all.iter().any(|said| matches!(said.manner, Manner::By(_) | Manner::Cleared)) {
            let said = said.map(|(_, said)| said);
            return operated_at(said, book, name).filter(|value| !value.is_null()).map(Cow::Owned);
        }
        let conflict = book.conflict_of(name);
        let shown = said.reduce(|one, other| {
            let key = |(place, said): (usize, &Said)| (said.at, said.identity, place);
            let of = |said: &Said| said.is_once();
            let (before, after) = ((&one.1.value, &key(one), of(one.1)), (&other.1.value, &key(other), of(other.1)));
            if conflict.prefers_said(after, before) { other } else { one }
        });
        shown.map(|(_, said)| &said.value).filter(|value| !value.is_null()).map(Cow::Borrowed)
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

/// What the profile showed after all this was said, where operations are among it: what each identity's fact was then.
fn operated_at<'s>(said: impl Iterator<Item = &'s Said>, book: &RuleBook, name: &str) -> Option<Value> {
    let rule = book.rule_of(name)?;
    let mut facts: BTreeMap<IdentityId, Option<TraitFact>> = BTreeMap::new();
    for Said { at, identity, value, manner, .. } in said {
        let saying = Saying { manner: *manner, value: value.clone(), at: *at, source: String::new() };
        // It fitted what was there when it arrived. Of what was there at an earlier moment, that need not be so.
        let _ = saying.add_to(facts.entry(*identity).or_default(), rule);
    }
    let known = facts.into_iter().filter_map(|(identity, fact)| Some((identity, fact?)));
    let shown = known.reduce(|one, other| {
        let (of_one, of_other) = ((one.1.at, one.0), (other.1.at, other.0));
        let said = (&other.1.value, &of_other, other.1.once);
        match rule.conflict.prefers_said(said, (&one.1.value, &of_one, one.1.once)) {
            true => other,
            false => one,
        }
    });
    shown.map(|(_, fact)| fact.value)
}
