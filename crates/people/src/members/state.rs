//! What the pipeline knows of one member.

use std::collections::{BTreeMap, HashMap};

use base::{
    Time,
    ids::{EventId, IdentityId, MemberId, SegmentId, WorkspaceId},
};
use serde_json::{Map, Value};

use super::Past;
use crate::rules::{Occurrences, RuleBook};

/// One value of a trait, as one identity gave it.
#[derive(Clone, Debug, PartialEq)]
pub struct TraitFact {
    /// The value.
    pub value: Value,
    /// When it was said, by the sender's corrected clock.
    pub at: Time,
    /// Who said it.
    pub source: String,
}

/// One (kind, value) by which a member is known, with the facts that came in under it.
#[derive(Clone, Debug)]
pub struct Identity {
    /// Its id.
    pub id: IdentityId,
    /// `user_id`, `anonymous_id`, `email`, `phone` ….
    pub kind: String,
    /// The value, normalised for its kind.
    pub value: String,
    /// Whether its owner is proven.
    pub verified: bool,
    /// The member to whom it first belonged.
    pub origin: MemberId,
    /// When it was first seen.
    pub created_at: Time,
    /// Traits that came in under it.
    pub traits: BTreeMap<String, TraitFact>,
    /// Tags that were put on it.
    pub tags: BTreeMap<String, TagFact>,
}

/// One tag on one identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagFact {
    /// When it was added.
    pub at: Time,
    /// Who added it.
    pub source: String,
}

/// One member with all that rules can ask of him.
#[derive(Clone, Debug)]
pub struct MemberState {
    /// His id.
    pub id: MemberId,
    /// Whose data this is.
    pub workspace: WorkspaceId,
    /// When he was first seen.
    pub created_at: Time,
    /// When he last did something.
    pub last_seen_at: Time,
    /// Life-cycle stage.
    pub stage: Option<String>,
    /// His identities, by id.
    pub identities: Vec<Identity>,
    /// Segments that he is in, and since when.
    pub memberships: BTreeMap<SegmentId, Time>,
    /// His events, by selection of the rule book.
    pub occurrences: HashMap<usize, Occurrences>,
    /// How his traits and tags were before, as far as rules ask for it.
    pub past: Past,
    /// When his segments are to be evaluated although nothing happened.
    pub segment_timer: Option<Time>,
    traits: Map<String, Value>,
}

impl MemberState {
    /// A member who has just been seen for the first time.
    pub fn new(id: MemberId, workspace: WorkspaceId, now: Time) -> MemberState {
        MemberState {
            id,
            workspace,
            created_at: now,
            last_seen_at: now,
            stage: None,
            identities: Vec::new(),
            memberships: BTreeMap::new(),
            occurrences: HashMap::new(),
            past: Past::default(),
            segment_timer: None,
            traits: Map::new(),
        }
    }

    /// The traits of the whole profile: for each name the value that was said last.
    pub fn traits(&self) -> &Map<String, Value> {
        &self.traits
    }

    /// Whether any identity carries the tag.
    pub fn has_tag(&self, tag: &str) -> bool {
        self.identities.iter().any(|identity| identity.tags.contains_key(tag))
    }

    /// All tags, sorted.
    pub fn tags(&self) -> Vec<&str> {
        let mut tags: Vec<&str> =
            self.identities.iter().flat_map(|identity| identity.tags.keys().map(String::as_str)).collect();
        tags.sort_unstable();
        tags.dedup();
        tags
    }

    /// The identity to which facts about the member as such are attached: the one of the
    /// strongest kind, and of those the oldest.
    pub fn primary_identity(&self) -> Option<&Identity> {
        self.identities
            .iter()
            .min_by_key(|identity| (std::cmp::Reverse(crate::identity::priority(&identity.kind)), identity.id))
    }

    /// The value of the member's first identity of a kind.
    pub fn identity_value(&self, kind: &str) -> Option<&str> {
        self.identities.iter().find(|identity| identity.kind == kind).map(|identity| identity.value.as_str())
    }

    /// Where messages of a kind of channel go: an identity of that kind, else a trait of
    /// that name.
    pub fn address(&self, channel_kind: &str) -> Option<String> {
        self.identity_value(channel_kind)
            .or_else(|| self.traits.get(channel_kind).and_then(Value::as_str))
            .map(str::to_owned)
    }

    /// The identity with this id.
    pub fn identity_mut(&mut self, id: IdentityId) -> Option<&mut Identity> {
        self.identities.iter_mut().find(|identity| identity.id == id)
    }

    /// Puts an identity in its place.
    pub fn add_identity(&mut self, identity: Identity) {
        let place = self.identities.partition_point(|other| other.id < identity.id);
        self.identities.insert(place, identity);
    }

    /// Sets one trait on one identity unless a later value is there already; true when the
    /// profile changed by it.
    pub fn set_trait(&mut self, identity: IdentityId, name: &str, fact: TraitFact) -> bool {
        let Some(target) = self.identity_mut(identity) else { return false };
        let text = |fact: &TraitFact| fact.value.to_string();
        let is_later = |old: &TraitFact| old.at.cmp(&fact.at).then_with(|| text(old).cmp(&text(&fact))).is_gt();
        if target.traits.get(name).is_some_and(is_later) {
            return false;
        }
        target.traits.insert(name.to_owned(), fact);
        let before = self.traits.get(name).cloned();
        self.refresh_trait(name);
        before.as_ref() != self.traits.get(name)
    }

    /// Computes the profile's traits anew from the facts.
    pub fn refresh_traits(&mut self) {
        let names: std::collections::BTreeSet<String> =
            self.identities.iter().flat_map(|identity| identity.traits.keys().cloned()).collect();
        self.traits.clear();
        names.iter().for_each(|name| self.refresh_trait(name));
    }

    /// The fact that gives the profile its value: what was said last wins; of two said at the same moment, that of
    /// the later identity, so that the outcome does not depend on the order of arrival.
    pub fn trait_fact(&self, name: &str) -> Option<(&Identity, &TraitFact)> {
        let facts = self.identities.iter().filter_map(|identity| Some((identity, identity.traits.get(name)?)));
        facts.max_by_key(|(identity, fact)| (fact.at, identity.id))
    }

    fn refresh_trait(&mut self, name: &str) {
        match self.trait_fact(name).map(|(_, fact)| fact.value.clone()) {
            Some(Value::Null) | None => self.traits.remove(name),
            Some(value) => self.traits.insert(name.to_owned(), value),
        };
    }

    /// Takes one event into the selections that pick it.
    pub fn count_event(&mut self, book: &RuleBook, event: &base::Event, now: Time) {
        let properties = std::cell::OnceCell::new();
        let properties = || properties.get_or_init(|| event.properties_value());
        self.count(book, &event.name, event.id, event.timestamp, properties, now);
    }

    /// As [`MemberState::count_event`]; `properties` is asked only when they matter.
    pub(super) fn count<'p>(
        &mut self,
        book: &RuleBook,
        name: &str,
        id: EventId,
        at: Time,
        properties: impl Fn() -> &'p Map<String, Value>,
        now: Time,
    ) {
        for index in book.selections_of(name) {
            let selection = &book.selections[*index];
            let keep_after = || selection.keep_after(now, &book.zone);
            selection.pick(id, &properties, &mut |datum| {
                self.occurrences.entry(*index).or_default().add(at, datum, keep_after);
            });
        }
    }
}
