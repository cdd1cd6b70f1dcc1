//! What the pipeline knows of one member.

use std::collections::{BTreeMap, HashMap, hash_map::Entry};

use base::{
    Time,
    ids::{GroupId, IdentityId, MemberId, SegmentId, WorkspaceId},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Past, packed};
use crate::{
    rules::{Occurrences, RuleBook, STRANGER, SequenceProgress, Touch, computed_value},
    tags::is_snapshot,
    traits::{Conflict, Manner, Misfit, Saying, TraitRule},
};

/// One value of a trait, as one identity gave it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TraitFact {
    /// The value.
    #[serde(with = "packed::json_text")]
    pub value: Value,
    /// When it was said, by the sender's corrected clock.
    pub at: Time,
    /// Who said it.
    pub source: String,
    /// Whether it was said only for who has none.
    pub once: bool,
    /// How operations made it, if they did.
    pub operated: Option<Operated>,
}

/// How operations made a value, so that it is known whether events still tell all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operated {
    /// How many operations there were.
    pub operations: u32,
    /// When the value was said of which they made it; `None` when there was none.
    pub base: Option<Time>,
}

impl TraitFact {
    /// Whether, of two facts of one identity, this one counts although the other was said after it. Of two that were said
    /// at one moment the log tells which was the later one.
    pub fn is_preferred_to(&self, later: &TraitFact, conflict: Conflict) -> bool {
        let (key, later_key) = ((self.at, 0), (later.at, 1));
        conflict.prefers_said((&self.value, &key, self.once), (&later.value, &later_key, later.once))
    }
}

/// One (kind, value) by which a member is known, with the facts that came in under it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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
    /// The last that was told of it and groups.
    pub groups: BTreeMap<GroupId, GroupFact>,
}

/// One tag on one identity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TagFact {
    /// When it was added.
    pub at: Time,
    /// Who added it.
    pub source: String,
    /// When it comes off by itself.
    pub expires_at: Option<Time>,
}

/// The last that was told of one identity and one group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupFact {
    /// Whether it entered or left.
    pub joined: bool,
    /// When.
    pub at: Time,
}

/// One member with all that rules can ask of him.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MemberState {
    /// His id.
    pub id: MemberId,
    /// Whose data this is.
    pub workspace: WorkspaceId,
    /// When he was first seen.
    pub created_at: Time,
    /// When he last did something.
    pub last_seen_at: Time,
    /// His identities, by id.
    pub identities: Vec<Identity>,
    /// Segments that he is in, and since when.
    pub memberships: BTreeMap<SegmentId, Time>,
    /// His events, by selection of the rule book.
    pub occurrences: HashMap<usize, Occurrences>,
    /// How far he has come in sequences, by sequence of the rule book.
    pub sequences: HashMap<usize, SequenceProgress>,
    /// How his traits and tags were before, as far as rules ask for it.
    pub past: Past,
    /// When his segments are to be evaluated although nothing happened.
    pub segment_timer: Option<Time>,
    #[serde(skip)]
    traits: Map<String, Value>,
}

/// Events by selection and by sequence of the rule book.
pub(super) type CountedEvents = (HashMap<usize, Occurrences>, HashMap<usize, SequenceProgress>);

/// Whether a tag is shown, given since when each is carried, if it is: of two that exclude each other the one that was put
/// on later.
pub(crate) fn shows_tag(book: &RuleBook, tag: &str, since: impl Fn(&str) -> Option<Time>) -> bool {
    let Some(own) = since(tag) else { return false };
    let excluded = book.tags.get(tag).map_or(&[][..], |rule| &rule.excludes);
    !excluded.iter().any(|other| since(other).is_some_and(|at| (at, other.as_str()) > (own, tag)))
}

/// What a member takes in memory beside all that is told of him, about; and each identity, each trait and each tag.
const ENTRY_BYTES: usize = 200;

/// How many bytes a JSON value takes, about.
pub(super) fn json_bytes(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 8,
        Value::String(text) => text.len(),
        Value::Array(items) => items.iter().map(|item| 8 + json_bytes(item)).sum(),
        Value::Object(entries) => entries.iter().map(|(name, item)| 8 + name.len() + json_bytes(item)).sum(),
    }
}

impl MemberState {
    /// What he takes in memory, about: a trait stands with the identity that said it, and in the profile.
    pub(super) fn bytes(&self) -> usize {
        let said = |identity: &Identity| {
            let traits = identity.traits.iter();
            traits.map(|(name, fact)| 2 * (ENTRY_BYTES + name.len() + json_bytes(&fact.value))).sum::<usize>()
        };
        let of_identity = |identity: &Identity| {
            let entries = 1 + identity.tags.len() + identity.groups.len();
            entries * ENTRY_BYTES + identity.value.len() + said(identity)
        };
        ENTRY_BYTES + self.identities.iter().map(of_identity).sum::<usize>()
    }

    /// A member who has just been seen for the first time.
    pub fn new(id: MemberId, workspace: WorkspaceId, now: Time) -> MemberState {
        MemberState {
            id,
            workspace,
            created_at: now,
            last_seen_at: now,
            identities: Vec::new(),
            memberships: BTreeMap::new(),
            occurrences: HashMap::new(),
            sequences: HashMap::new(),
            past: Past::default(),
            segment_timer: None,
            traits: Map::new(),
        }
    }

    /// The traits of the whole profile, of what was said; computed ones apart.
    pub fn traits(&self) -> &Map<String, Value> {
        &self.traits
    }

    /// The traits of the whole profile with those that are computed, as of `now`.
    pub fn profile(&self, book: &RuleBook, now: Time) -> Map<String, Value> {
        let mut profile = self.traits.clone();
        for (name, computed) in &book.computed {
            match computed_value(computed, book, self, now) {
                Some(value) => profile.insert(name.clone(), value),
                None => profile.remove(name),
            };
        }
        profile
    }

    /// The highest life-cycle stage that he has reached.
    pub fn stage<'b>(&self, book: &'b RuleBook) -> &'b str {
        let reached = book.ladder.iter().rev().find(|(segment, _)| self.memberships.contains_key(segment));
        reached.map_or(STRANGER, |(_, key)| key)
    }

    /// When he reached that stage; of a stranger, when he was first seen.
    pub fn stage_since(&self, book: &RuleBook) -> Time {
        let reached = book.ladder.iter().rev().find_map(|(segment, _)| self.memberships.get(segment));
        reached.copied().unwrap_or(self.created_at)
    }

    /// Whether he is in the group: the last that was told of him and it.
    pub fn is_in_group(&self, group: GroupId) -> bool {
        let told = self.identities.iter().filter_map(|identity| Some((identity.id, identity.groups.get(&group)?)));
        told.max_by_key(|(identity, fact)| (fact.at, *identity)).is_some_and(|(_, fact)| fact.joined)
    }

    /// Whether any identity carries the tag.
    pub fn has_tag(&self, tag: &str) -> bool {
        self.identities.iter().any(|identity| identity.tags.contains_key(tag))
    }

    /// Whether the profile shows the tag: an identity carries it, and none carries one that excludes it and was put on
    /// later. Two members who become one may carry two such tags; each keeps his own should they be parted.
    pub fn shows_tag(&self, book: &RuleBook, tag: &str) -> bool {
        shows_tag(book, tag, |tag| {
            self.identities.iter().filter_map(|identity| identity.tags.get(tag)).map(|fact| fact.at).max()
        })
    }

    /// The tags that the profile shows, sorted: those that were put on, and those that rules give. Snapshots of segments are
    /// none.
    pub fn shown_tags<'s>(&'s self, book: &'s RuleBook) -> Vec<&'s str> {
        let given = book.dynamic_tags.iter().filter(|(_, segment)| self.memberships.contains_key(segment));
        let put_on = self.tags().into_iter().filter(|tag| !is_snapshot(tag) && self.shows_tag(book, tag));
        let mut tags: Vec<&str> = put_on.chain(given.map(|(tag, _)| tag.as_str())).collect();
        tags.sort_unstable();
        tags.dedup();
        tags
    }

    /// All tags that identities carry, sorted.
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

    /// Takes in what one identity says of one trait, in the order of the log; true when the profile changed by it.
    pub fn say(&mut self, identity: IdentityId, name: &str, saying: Saying, rule: TraitRule) -> Result<bool, Misfit> {
        let Some(target) = self.identity_mut(identity) else { return Ok(false) };
        let mut fact = target.traits.get(name).cloned();
        let manner = saying.manner;
        saying.add_to(&mut fact, rule)?;
        if let (Manner::By(operation), Some(fact)) = (manner, &fact) {
            operation.check_length(&fact.value)?;
        }
        match fact {
            Some(fact) => _ = target.traits.insert(name.to_owned(), fact),
            None => _ = target.traits.remove(name),
        }
        let before = self.traits.get(name).cloned();
        self.refresh_trait(name, rule.conflict);
        Ok(before.as_ref() != self.traits.get(name))
    }

    /// Takes away all that one identity said of any trait; returns the names of those that the profile shows otherwise.
    pub fn clear_traits(&mut self, identity: IdentityId, rules: &BTreeMap<String, TraitRule>) -> Vec<String> {
        let cleared = self.identity_mut(identity).map(|target| std::mem::take(&mut target.traits)).unwrap_or_default();
        let mut changed = Vec::new();
        for name in cleared.into_keys() {
            let before = self.traits.get(&name).cloned();
            self.refresh_trait(&name, rules.get(&name).map_or(Conflict::Latest, |rule| rule.conflict));
            if before.as_ref() != self.traits.get(&name) {
                changed.push(name);
            }
        }
        changed
    }

    /// Computes the profile's traits anew from the facts.
    pub fn refresh_traits(&mut self, rules: &BTreeMap<String, TraitRule>) {
        let names: std::collections::BTreeSet<String> =
            self.identities.iter().flat_map(|identity| identity.traits.keys().cloned()).collect();
        self.traits.clear();
        for name in &names {
            self.refresh_trait(name, rules.get(name).map_or(Conflict::Latest, |rule| rule.conflict));
        }
    }

    /// The fact that gives the profile its value, by the rule of the trait; of two said at the same moment, that of
    /// the later identity, so that the outcome does not depend on the order of arrival.
    pub fn trait_fact(&self, name: &str, conflict: Conflict) -> Option<(&Identity, &TraitFact)> {
        let facts = self.identities.iter().filter_map(|identity| Some((identity, identity.traits.get(name)?)));
        let key = |(identity, fact): &(&Identity, &TraitFact)| (fact.at, identity.id);
        facts.reduce(|one, other| {
            let (of_one, of_other) = (key(&one), key(&other));
            let is_preferred =
                conflict.prefers_said((&other.1.value, &of_other, other.1.once), (&one.1.value, &of_one, one.1.once));
            if is_preferred { other } else { one }
        })
    }

    /// Computes one of the profile's traits anew from the facts.
    pub(crate) fn refresh_trait(&mut self, name: &str, conflict: Conflict) {
        match self.trait_fact(name, conflict).map(|(_, fact)| fact.value.clone()) {
            Some(Value::Null) | None => self.traits.remove(name),
            Some(value) => self.traits.insert(name.to_owned(), value),
        };
    }

    /// Takes over everything that was told of a member with whom he becomes one; returns what may have changed by that.
    pub(crate) fn absorb(&mut self, gone: MemberState, book: &RuleBook, now: Time) -> Vec<Touch> {
        let traits_before = self.traits.clone();
        self.created_at = self.created_at.min(gone.created_at);
        self.last_seen_at = self.last_seen_at.max(gone.last_seen_at);
        let mut touches: Vec<Touch> = gone.past.touches().collect();
        touches.extend(gone.tags().into_iter().map(|tag| Touch::Tag(tag.to_owned())));
        touches.extend(gone.identities.iter().flat_map(|identity| identity.groups.keys()).copied().map(Touch::Group));
        gone.identities.into_iter().for_each(|identity| self.add_identity(identity));
        self.past.absorb(gone.past);
        self.refresh_traits(&book.traits);
        let selected = gone.occurrences.keys().map(|selection| &book.selections[*selection].filter);
        let steps = gone.sequences.keys().flat_map(|index| &book.sequences[*index].steps);
        touches.extend(selected.chain(steps).map(|filter| Touch::Event(filter.event.clone())));
        self.absorb_events((gone.occurrences, gone.sequences), book, now);
        let changed_traits = self.traits.iter().filter(|(name, value)| traits_before.get(*name) != Some(value));
        touches.extend(changed_traits.map(|(name, _)| Touch::Trait(name.clone())));
        let lost_traits = traits_before.keys().filter(|name| !self.traits.contains_key(*name));
        touches.extend(lost_traits.map(|name| Touch::Trait(name.clone())));
        touches
    }

    /// Takes over events that were counted apart, by selection and by sequence.
    pub(super) fn absorb_events(&mut self, (occurrences, sequences): CountedEvents, book: &RuleBook, now: Time) {
        for (selection, occurrences) in occurrences {
            match self.occurrences.entry(selection) {
                Entry::Occupied(mut own) => own.get_mut().absorb(&occurrences),
                Entry::Vacant(place) => _ = place.insert(occurrences),
            }
        }
        for (index, progress) in sequences {
            self.sequences.entry(index).or_default().absorb(progress, &book.sequences[index], (now, &book.zone));
        }
    }

    /// What nobody leaves he has reached as soon as another had, with whom he becomes one. Returns the places of the
    /// segments in which that changes something, and whether he was not in them before.
    pub(crate) fn keep_reached(&mut self, gone: &MemberState, book: &RuleBook) -> Vec<(usize, bool)> {
        let mut changed = Vec::new();
        for (place, segment) in book.segments.iter().enumerate().filter(|(_, segment)| segment.keeps) {
            let Some(since) = gone.memberships.get(&segment.id) else { continue };
            let before = self.memberships.get(&segment.id).copied();
            if before.is_none_or(|before| before > *since) {
                self.memberships.insert(segment.id, *since);
                changed.push((place, before.is_none()));
            }
        }
        changed
    }

    /// Takes one event into the selections that pick it and the sequences of which it is a step.
    pub fn count_event(&mut self, book: &RuleBook, event: &base::Event, now: Time) {
        let properties = std::cell::OnceCell::new();
        let properties = || properties.get_or_init(|| event.properties_value());
        self.count(book, &event.name, event.timestamp, properties, now);
    }

    /// As [`MemberState::count_event`]; `properties` is asked only when they matter.
    pub(super) fn count<'p>(
        &mut self,
        book: &RuleBook,
        name: &str,
        at: Time,
        properties: impl Fn() -> &'p Map<String, Value>,
        now: Time,
    ) {
        for index in book.selections_of(name) {
            let selection = &book.selections[*index];
            let keep_after = || selection.keep_after(now, &book.zone);
            selection.pick(&properties, &mut |datum| {
                self.occurrences.entry(*index).or_default().add(at, datum, keep_after);
            });
        }
        for index in book.sequences_of(name) {
            let sequence = &book.sequences[*index];
            let steps = sequence.steps_of(name, &properties);
            if steps != 0 {
                self.sequences.entry(*index).or_default().add(at, steps, sequence, (now, &book.zone));
            }
        }
    }
}
