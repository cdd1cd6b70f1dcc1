//! The first stage: finds or makes the member whom an event is about.

use base::{
    Event, EventKind,
    ids::{IdentityId, MemberId, MergeId},
};
use serde_json::Value;

use super::{is_provable, normalise};
use crate::{
    members::{Identity, MemberState, WorkingSet},
    pipeline::{MergeRow, Poison, Stage, Trigger, Turn},
    rules::Touch,
};

/// Finds the member of an event by its identities, and merges when that is safe.
#[derive(Debug, Default)]
pub struct IdentifyStage;

/// The identities that an event names: (kind, normalised value).
pub(crate) fn keys_of(event: &Event) -> Vec<(&'static str, String)> {
    let mut keys = Vec::with_capacity(2);
    let mut add = |kind: &'static str, value: Option<&str>| {
        if let Some(value) = value.and_then(|value| normalise(kind, value)) {
            keys.push((kind, value));
        }
    };
    add("user_id", event.user_id.as_deref());
    add("anonymous_id", event.anonymous_id.as_deref());
    if event.kind == EventKind::Alias {
        add("anonymous_id", event.previous_id.as_deref());
        add("user_id", event.previous_id.as_deref());
    }
    if event.kind == EventKind::Identify {
        let traits = event.properties_value();
        for kind in ["email", "phone"] {
            add(kind, traits.get(kind).and_then(Value::as_str));
        }
    }
    keys
}

impl Stage for IdentifyStage {
    fn name(&self) -> &'static str {
        "identify"
    }

    fn check(&self, event: &Event, people: &WorkingSet) -> Result<(), Poison> {
        let named = [("user_id", &event.user_id), ("anonymous_id", &event.anonymous_id)];
        let is_named =
            named.into_iter().any(|(kind, id)| id.as_deref().is_some_and(|id| normalise(kind, id).is_some()));
        let known = || event.member.and_then(|member| people.get(people.current(member)));
        match is_named || known().is_some() {
            true => Ok(()),
            false => Err(nobody()),
        }
    }

    fn apply(&mut self, turn: &mut Turn<'_>) -> Result<(), Poison> {
        let Trigger::Event(event) = turn.trigger else { return Ok(()) };
        let who = Who {
            user: event.user_id.as_deref().and_then(|value| normalise("user_id", value)),
            anonymous: event.anonymous_id.as_deref().and_then(|value| normalise("anonymous_id", value)),
        };
        let Some((member, kind, value)) = turn.resolve(&who, event) else { return Err(nobody()) };
        turn.member = member;
        turn.identity = turn.identity_id(member, &kind, &value);
        if event.kind == EventKind::Alias {
            turn.alias(event);
        }
        if event.kind == EventKind::Identify {
            turn.claim_addresses(event);
        }
        Ok(())
    }
}

fn nobody() -> Poison {
    Poison { code: base::Code::MissingIdentity, message: "the event names nobody who is known".to_owned() }
}

struct Who {
    user: Option<String>,
    anonymous: Option<String>,
}

impl Turn<'_> {
    /// The member, and the identity to which the event's facts belong.
    fn resolve(&mut self, who: &Who, event: &Event) -> Option<(MemberId, String, String)> {
        match (&who.user, &who.anonymous) {
            (Some(user), None) => {
                let member = self.owner("user_id", user).unwrap_or_else(|| self.new_member("user_id", user, event));
                Some((member, "user_id".to_owned(), user.clone()))
            }
            (None, Some(anonymous)) => {
                let member = self
                    .owner("anonymous_id", anonymous)
                    .unwrap_or_else(|| self.new_member("anonymous_id", anonymous, event));
                Some((member, "anonymous_id".to_owned(), anonymous.clone()))
            }
            (Some(user), Some(anonymous)) => {
                let member = self.join_visitor(user, anonymous, event);
                Some((member, "user_id".to_owned(), user.clone()))
            }
            (None, None) => {
                let member = self.people.get(self.people.current(event.member?))?;
                let identity = member.primary_identity()?;
                Some((member.id, identity.kind.clone(), identity.value.clone()))
            }
        }
    }

    /// A visitor says who he is.
    fn join_visitor(&mut self, user: &str, anonymous: &str, event: &Event) -> MemberId {
        match (self.owner("user_id", user), self.owner("anonymous_id", anonymous)) {
            (None, None) => {
                let member = self.new_member("user_id", user, event);
                self.add_identity(member, "anonymous_id", anonymous, false);
                member
            }
            (Some(member), None) => {
                self.add_identity(member, "anonymous_id", anonymous, false);
                member
            }
            (None, Some(visitor)) if self.is_anonymous(visitor) => {
                self.add_identity(visitor, "user_id", user, false);
                visitor
            }
            // The device belongs to somebody else who is known: a shared device proves nothing.
            (None, Some(_)) => self.new_member("user_id", user, event),
            (Some(member), Some(visitor)) => {
                if member != visitor && self.is_anonymous(visitor) {
                    self.merge(member, visitor, "anonymous visitor identified", event);
                }
                member
            }
        }
    }

    /// The developer says that two ids are one person.
    fn alias(&mut self, event: &Event) {
        let Some(previous) = event.previous_id.as_deref() else { return };
        let known = ["anonymous_id", "user_id"].into_iter().find_map(|kind| {
            let value = normalise(kind, previous)?;
            Some((kind, self.owner(kind, &value)?))
        });
        match known {
            None => {
                if let Some(value) = normalise("anonymous_id", previous) {
                    self.add_identity(self.member, "anonymous_id", &value, false);
                }
            }
            // The device belongs to somebody else who is known: a shared device proves nothing.
            Some(("anonymous_id", other)) if !self.is_anonymous(other) => {}
            Some((_, other)) if other != self.member && !self.both_proven(self.member, other) => {
                let member = self.member;
                self.merge(member, other, "alias", event);
            }
            Some(_) => {}
        }
    }

    /// An e-mail address or phone number in the traits becomes an identity, unless it is
    /// somebody else's; the same *verified* one makes two members one.
    fn claim_addresses(&mut self, event: &Event) {
        let traits = event.properties_value();
        for kind in ["email", "phone"] {
            let Some(value) = traits.get(kind).and_then(Value::as_str).and_then(|v| normalise(kind, v)) else {
                continue;
            };
            let verified = traits.get(&format!("{kind}_verified")).and_then(Value::as_bool).unwrap_or(false);
            let member = self.member;
            match self.owner(kind, &value) {
                None => {
                    self.add_identity(member, kind, &value, verified);
                }
                Some(owner) if owner == member => {
                    if verified {
                        self.verify(member, kind, &value);
                    }
                }
                Some(owner) => {
                    if verified && self.is_verified(owner, kind, &value) {
                        self.merge(member, owner, "same verified address", event);
                    }
                }
            }
        }
    }

    fn owner(&mut self, kind: &str, value: &str) -> Option<MemberId> {
        self.people.owner(&(self.book.workspace, kind.to_owned(), value.to_owned())).flatten()
    }

    fn identity_id(&self, member: MemberId, kind: &str, value: &str) -> Option<IdentityId> {
        let member = self.people.get(member)?;
        member.identities.iter().find(|i| i.kind == kind && i.value == value).map(|i| i.id)
    }

    fn new_member(&mut self, kind: &str, value: &str, event: &Event) -> MemberId {
        let id = self.ids.next(MemberId);
        let first_seen = event.timestamp.min(self.now);
        let mut state = MemberState::new(id, self.book.workspace, first_seen);
        state.last_seen_at = first_seen;
        self.people.insert(state);
        self.people.dirty.members.insert(id);
        self.changes.is_new = true;
        self.add_identity(id, kind, value, false);
        id
    }

    fn add_identity(&mut self, member: MemberId, kind: &str, value: &str, verified: bool) -> Option<IdentityId> {
        let id = self.ids.next(IdentityId);
        let created_at = self.now;
        let state = self.people.get_mut(member)?;
        state.add_identity(Identity {
            id,
            kind: kind.to_owned(),
            value: value.to_owned(),
            verified,
            origin: member,
            created_at,
            traits: Default::default(),
            tags: Default::default(),
        });
        self.people.dirty.identities.insert((member, id));
        self.people.set_owner((self.book.workspace, kind.to_owned(), value.to_owned()), member);
        Some(id)
    }

    fn verify(&mut self, member: MemberId, kind: &str, value: &str) {
        let Some(id) = self.identity_id(member, kind, value) else { return };
        let Some(identity) = self.people.get_mut(member).and_then(|m| m.identity_mut(id)) else { return };
        if !identity.verified {
            identity.verified = true;
            self.people.dirty.identities.insert((member, id));
        }
    }

    fn is_verified(&self, member: MemberId, kind: &str, value: &str) -> bool {
        self.people
            .get(member)
            .is_some_and(|m| m.identities.iter().any(|i| i.kind == kind && i.value == value && i.verified))
    }

    fn is_anonymous(&self, member: MemberId) -> bool {
        self.people.get(member).is_some_and(|m| m.identities.iter().all(|i| i.kind == "anonymous_id"))
    }

    /// Two proven persons are never made one by a machine.
    fn both_proven(&self, a: MemberId, b: MemberId) -> bool {
        let proven = |id: MemberId| {
            self.people.get(id).is_some_and(|m| m.identities.iter().any(|i| is_provable(&i.kind) && i.verified))
        };
        proven(a) && proven(b)
    }

    /// Moves everything of `absorbed` to `kept`. Facts stay with their identities, so what the
    /// profile shows follows by itself.
    fn merge(&mut self, kept: MemberId, absorbed: MemberId, reason: &'static str, event: &Event) {
        let Some(gone) = self.people.remove(absorbed) else { return };
        let workspace = self.book.workspace;
        for identity in &gone.identities {
            self.people.set_owner((workspace, identity.kind.clone(), identity.value.clone()), kept);
            self.people.dirty.identities.remove(&(absorbed, identity.id));
            self.people.dirty.identities.insert((kept, identity.id));
        }
        self.people.dirty.absorbed.insert(absorbed, kept);
        self.people.dirty.members.insert(kept);
        self.effects.merges.push(MergeRow {
            id: self.ids.next(MergeId),
            workspace,
            kept,
            absorbed,
            identities: gone.identities.iter().map(|identity| identity.id).collect(),
            reason,
            source: event.message_id.clone(),
            at: self.now,
        });
        for segment in gone.memberships.keys() {
            self.people.dirty.memberships.insert((*segment, absorbed), false);
            self.effects.segment_changes.push(crate::pipeline::SegmentChange {
                segment: *segment,
                member: absorbed,
                entered: false,
                at: self.now,
            });
        }
        self.effects.timers.set("segment", absorbed.0, workspace, None);
        self.changes.absorbed.push(absorbed);
        self.absorb_state(kept, gone);
    }

    fn absorb_state(&mut self, kept: MemberId, gone: MemberState) {
        let Some(state) = self.people.get_mut(kept) else { return };
        let traits_before = state.traits().clone();
        let tags_before: Vec<String> = state.tags().into_iter().map(str::to_owned).collect();
        state.created_at = state.created_at.min(gone.created_at);
        state.last_seen_at = state.last_seen_at.max(gone.last_seen_at);
        gone.identities.into_iter().for_each(|identity| state.add_identity(identity));
        let mut touches: Vec<Touch> = gone.past.touches().collect();
        state.past.absorb(gone.past);
        state.refresh_traits();
        for (selection, occurrences) in &gone.occurrences {
            state.occurrences.entry(*selection).or_default().absorb(occurrences);
            touches.push(Touch::Event(self.book.selections[*selection].filter.event.clone()));
        }
        let changed_traits = state.traits().iter().filter(|(name, value)| traits_before.get(*name) != Some(value));
        touches.extend(changed_traits.map(|(name, _)| Touch::Trait(name.clone())));
        let lost_traits = traits_before.keys().filter(|name| !state.traits().contains_key(*name));
        touches.extend(lost_traits.map(|name| Touch::Trait(name.clone())));
        let new_tags = state.tags().into_iter().filter(|tag| !tags_before.iter().any(|t| t == tag));
        touches.extend(new_tags.map(|tag| Touch::Tag(tag.to_owned())));
        self.changes.touches.extend(touches);
    }
}
