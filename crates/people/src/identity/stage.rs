//! The first stage: finds or makes the member whom an event is about.

use base::{
    Event, EventKind,
    ids::{IdentityId, MemberId, MergeId},
};
use serde_json::{Value, json};

use super::{
    Kind, Names, Reach, Reached, Suggestion,
    keys::{others_of, vouches_for},
    normalise, room,
};
use crate::{
    members::{Identity, MemberState, WorkingSet},
    pipeline::{MergeRow, Poison, Stage, Trigger, Turn},
    rules::{CompiledSegment, RuleBook, Touch},
};

/// The command that makes two members one: `{"with": "mem_…", "merge": "mrg_…"}`, the latter being the id of the merge.
pub const MEMBERS_MERGED: &str = "Members Merged";

/// Finds the member of an event by its identities, and merges when that is safe.
#[derive(Debug, Default)]
pub struct IdentifyStage;

impl Stage for IdentifyStage {
    fn name(&self) -> &'static str {
        "identify"
    }

    fn check(&self, event: &Event, book: &RuleBook, people: &WorkingSet) -> Result<(), Poison> {
        let names = Names::of(event, book.home);
        let known = || event.member.and_then(|member| people.get(people.current(member)));
        match names.main.is_some() || known().is_some_and(|member| member.workspace == event.workspace) {
            true => room::check(event, &names, book.home, people),
            false => Err(nobody()),
        }
    }

    fn apply(&mut self, turn: &mut Turn<'_>) -> Result<(), Poison> {
        let Trigger::Event(event) = turn.trigger else { return Ok(()) };
        let names = Names::of(event, turn.book.home);
        let Some((member, kind, value)) = turn.resolve(&names, event) else { return Err(nobody()) };
        turn.member = member;
        turn.identity = turn.identity_id(member, &kind, &value);
        if event.kind == EventKind::Alias {
            turn.alias(event);
        }
        if event.kind == EventKind::Identify {
            turn.claim_addresses(event);
        }
        turn.claim_external(&names.external, event);
        if let Some(other) = others_of(event) {
            turn.merge_by_command(other, event);
        }
        Ok(())
    }
}

fn nobody() -> Poison {
    Poison { code: base::Code::MissingIdentity, message: "the event names nobody who is known".to_owned() }
}

/// Why two members are one: what connects whom.
pub(super) struct Link {
    /// The member to whom the one identity first belonged.
    pub(super) kept: MemberId,
    /// The member to whom the other did.
    pub(super) absorbed: MemberId,
    pub(super) reason: &'static str,
}

/// The identity by which one of two members is named.
#[derive(Clone, Copy)]
pub(super) struct Named<'a> {
    pub(super) kind: &'a str,
    pub(super) value: &'a str,
    pub(super) verified: bool,
}

impl Turn<'_> {
    /// The member, and the identity to which the event's facts belong.
    fn resolve(&mut self, names: &Names, event: &Event) -> Option<(MemberId, String, String)> {
        let Some((kind, value)) = &names.main else {
            let member = self.people.get(self.people.current(event.member?))?;
            let identity = member.primary_identity()?;
            return Some((member.id, identity.kind.clone(), identity.value.clone()));
        };
        if !names.external.is_empty() {
            self.bring_home(names, event);
        }
        let member = match &names.visitor {
            Some(visitor) => self.join_visitor((kind, value), visitor, event),
            None => self.owner(kind, value).unwrap_or_else(|| self.new_member(kind, value, event)),
        };
        Some((member, kind.clone().into_owned(), value.clone()))
    }

    /// A visitor says who he is.
    fn join_visitor(&mut self, (kind, value): (&str, &str), anonymous: &str, event: &Event) -> MemberId {
        let is_vouched_for = vouches_for(event, kind);
        match (self.owner(kind, value), self.owner("anonymous_id", anonymous)) {
            (None, None) => {
                let member = self.new_member(kind, value, event);
                self.add_identity(member, member, "anonymous_id", anonymous, false, event);
                member
            }
            (Some(member), None) => {
                let origin = self.origin(member, kind, value);
                self.add_identity(member, origin, "anonymous_id", anonymous, false, event);
                member
            }
            (None, Some(visitor)) if self.is_anonymous(visitor) => {
                let origin = self.origin(visitor, "anonymous_id", anonymous);
                self.add_identity(visitor, origin, kind, value, is_vouched_for, event);
                visitor
            }
            // The device belongs to somebody else who is known: a shared device proves nothing.
            (None, Some(_)) => self.new_member(kind, value, event),
            (Some(member), Some(visitor)) => {
                if member != visitor && self.is_anonymous(visitor) {
                    let ours = self.origin(member, kind, value);
                    let theirs = self.origin(visitor, "anonymous_id", anonymous);
                    let link = Link { kept: ours, absorbed: theirs, reason: "anonymous visitor identified" };
                    let names = [self.named(member, kind, value), self.named(visitor, "anonymous_id", anonymous)];
                    self.merge_if_safe(member, visitor, link, names, true, event);
                }
                member
            }
        }
    }

    /// The developer says that two ids are one person. Anybody can say so with a key that stands in a page, and would
    /// be somebody else then; of a visitor whom nobody knows, it takes nothing from anybody.
    fn alias(&mut self, event: &Event) {
        let Some(previous) = event.previous_id.as_deref() else { return };
        let known = ["anonymous_id", "user_id"].into_iter().find_map(|kind| {
            let value = normalise(kind, previous)?;
            let owner = self.owner(kind, &value)?;
            Some((kind, value, owner))
        });
        let (member, ours) = (self.member, self.turn_origin());
        match known {
            None => {
                if let Some(value) = normalise("anonymous_id", previous) {
                    self.add_identity(member, ours, "anonymous_id", &value, false, event);
                }
            }
            // The device belongs to somebody else who is known: a shared device proves nothing.
            Some(("anonymous_id", _, other)) if !self.is_anonymous(other) => {}
            Some((kind, value, other)) if other != member => {
                let is_believed = event.trusted || self.is_anonymous(member) || self.is_anonymous(other);
                let reason = if is_believed { "alias" } else { "alias from a key that is not trusted" };
                let is_safe = is_believed && !self.both_proven(member, other);
                let link = Link { kept: ours, absorbed: self.origin(other, kind, &value), reason };
                let (own_kind, own_value) = self.turn_identity().unwrap_or_default();
                let names = [self.named(member, &own_kind, &own_value), self.named(other, kind, &value)];
                self.merge_if_safe(member, other, link, names, is_safe, event);
            }
            Some(_) => {}
        }
    }

    pub(super) fn owner(&mut self, kind: &str, value: &str) -> Option<MemberId> {
        self.people.owner(self.book.workspace, kind, value).flatten()
    }

    fn identity_id(&self, member: MemberId, kind: &str, value: &str) -> Option<IdentityId> {
        let member = self.people.get(member)?;
        member.identities.iter().find(|i| i.kind == kind && i.value == value).map(|i| i.id)
    }

    fn new_member(&mut self, kind: &str, value: &str, event: &Event) -> MemberId {
        let known = self.people.foretold(kind, value);
        let id = known.map_or_else(|| self.ids.next(MemberId), |known| known.member);
        // Where the past is played again, he may be there already, known by something else.
        if self.people.get(id).is_none() {
            let first_seen = event.timestamp.min(event.received_at);
            let mut state = MemberState::new(id, self.book.workspace, first_seen);
            state.last_seen_at = first_seen;
            self.people.insert(state);
            self.people.dirty.members.insert(id);
            self.changes.is_new = true;
        }
        let origin = known.map_or(id, |known| known.origin);
        self.add_identity(id, origin, kind, value, vouches_for(event, kind), event);
        id
    }

    /// `origin`: the member, as he first was, of the identity beside which this one came in; they stay together when
    /// merges are undone.
    pub(super) fn add_identity(
        &mut self,
        member: MemberId,
        origin: MemberId,
        kind: &str,
        value: &str,
        verified: bool,
        event: &Event,
    ) -> Option<IdentityId> {
        let known = self.people.foretold(kind, value);
        let id = known.map_or_else(|| self.ids.next(IdentityId), |known| known.identity);
        let created_at = event.timestamp.min(event.received_at);
        let state = self.people.get_mut(member)?;
        if created_at < state.created_at {
            state.created_at = created_at;
            self.people.dirty.members.insert(member);
        }
        let state = self.people.get_mut(member)?;
        state.add_identity(Identity {
            id,
            kind: kind.to_owned(),
            value: value.to_owned(),
            verified,
            origin,
            created_at,
            traits: Default::default(),
            tags: Default::default(),
            groups: Default::default(),
        });
        self.people.dirty.identities.insert((member, id));
        self.people.set_owner(self.book.workspace, kind, value, member);
        Some(id)
    }

    pub(super) fn verify(&mut self, member: MemberId, kind: &str, value: &str) {
        let Some(id) = self.identity_id(member, kind, value) else { return };
        let Some(identity) = self.people.get_mut(member).and_then(|m| m.identity_mut(id)) else { return };
        if !identity.verified {
            identity.verified = true;
            self.people.dirty.identities.insert((member, id));
        }
    }

    pub(super) fn is_verified(&self, member: MemberId, kind: &str, value: &str) -> bool {
        self.people
            .get(member)
            .is_some_and(|m| m.identities.iter().any(|i| i.kind == kind && i.value == value && i.verified))
    }

    fn is_anonymous(&self, member: MemberId) -> bool {
        self.people
            .get(member)
            .is_some_and(|m| m.identities.iter().all(|i| Kind::named(&i.kind).reach == Reach::Device))
    }

    /// Two proven persons are never made one by a machine.
    fn both_proven(&self, a: MemberId, b: MemberId) -> bool {
        self.is_proven(a) && self.is_proven(b)
    }

    fn is_proven(&self, id: MemberId) -> bool {
        self.people.get(id).is_some_and(|m| m.identities.iter().any(|i| Kind::named(&i.kind).is_proof() && i.verified))
    }

    pub(super) fn has_proven_address(&self, id: MemberId) -> bool {
        let is_proven_address = |i: &Identity| i.verified && matches!(i.kind.as_str(), "email" | "phone");
        self.people.get(id).is_some_and(|m| m.identities.iter().any(is_proven_address))
    }

    /// The member to whom an identity first belonged.
    pub(super) fn origin(&self, member: MemberId, kind: &str, value: &str) -> MemberId {
        let state = self.people.get(member);
        let identity = state.and_then(|m| m.identities.iter().find(|i| i.kind == kind && i.value == value));
        identity.map_or(member, |identity| identity.origin)
    }

    /// A member's identity of this kind and value.
    pub(super) fn named<'n>(&self, member: MemberId, kind: &'n str, value: &'n str) -> Named<'n> {
        Named { kind, value, verified: self.is_verified(member, kind, value) }
    }

    /// Kind and value of the identity to which the facts of this turn belong.
    fn turn_identity(&self) -> Option<(String, String)> {
        let identities = &self.people.get(self.member)?.identities;
        let identity = identities.iter().find(|identity| Some(identity.id) == self.identity)?;
        Some((identity.kind.clone(), identity.value.clone()))
    }

    /// The member to whom that identity first belonged.
    pub(super) fn turn_origin(&self) -> MemberId {
        let identities = self.people.get(self.member).map_or(&[][..], |member| &member.identities);
        identities.iter().find(|identity| Some(identity.id) == self.identity).map_or(self.member, |i| i.origin)
    }

    /// The member himself for as long as he has an identity that was first his, and the origin of another one otherwise.
    fn standing_origin(&self, id: MemberId) -> MemberId {
        let Some(member) = self.people.get(id) else { return id };
        let is_own = member.identities.iter().any(|identity| identity.origin == id);
        let other = member.primary_identity().filter(|_| !is_own);
        other.map_or(id, |identity| identity.origin)
    }

    /// Whether an operator has parted two members.
    fn are_kept_apart(&self, a: MemberId, b: MemberId) -> bool {
        if self.book.kept_apart.is_empty() {
            return false;
        }
        let origins = |id| self.people.get(id).into_iter().flat_map(|m| m.identities.iter().map(|i| i.origin));
        origins(a).any(|one| origins(b).any(|other| self.book.kept_apart.contains(&(one.min(other), one.max(other)))))
    }

    /// Merges when that is safe, and suggests it otherwise; `names` say by which identities the two are known to be one.
    pub(super) fn merge_if_safe(
        &mut self,
        kept: MemberId,
        absorbed: MemberId,
        link: Link,
        names: [Named<'_>; 2],
        is_safe: bool,
        event: &Event,
    ) {
        let are_kept_apart = self.are_kept_apart(kept, absorbed);
        if is_safe && !are_kept_apart {
            let id = self.ids.next(MergeId);
            self.merge(id, kept, absorbed, link, event);
            return;
        }
        // Of the members to whom the identities first belonged: it stays about the right ones when merges are undone.
        let identities = [link.kept, link.absorbed].into_iter().zip(names).map(|(member, name)| {
            json!({"member": member, "kind": name.kind, "value": name.value, "verified": name.verified})
        });
        self.effects.suggestions.push(Suggestion {
            workspace: self.book.workspace,
            one: link.kept.min(link.absorbed),
            other: link.kept.max(link.absorbed),
            reason: link.reason,
            identities: identities.collect(),
            are_kept_apart,
            message_id: event.message_id.clone(),
            source: event.source.clone(),
            at: self.now,
        });
    }

    /// An operator says that two members are one.
    fn merge_by_command(&mut self, other: MemberId, event: &Event) {
        let (member, other) = (self.member, self.people.current(other));
        let is_there = self.people.get(other).is_some_and(|other| other.workspace == self.book.workspace);
        if other == member || !is_there {
            return;
        }
        let named = event.properties_value().get("merge").and_then(Value::as_str).and_then(|id| id.parse().ok());
        let id = named.unwrap_or_else(|| self.ids.next(MergeId));
        let link = Link {
            kept: self.standing_origin(member),
            absorbed: self.standing_origin(other),
            reason: "by an operator",
        };
        self.merge(id, member, other, link, event);
    }

    /// Moves everything of `absorbed` to `kept`. Facts stay with their identities, so what the
    /// profile shows follows by itself.
    fn merge(&mut self, id: MergeId, kept: MemberId, absorbed: MemberId, link: Link, event: &Event) {
        let Some(gone) = self.people.remove(absorbed) else { return };
        let workspace = self.book.workspace;
        for identity in &gone.identities {
            self.people.set_owner(workspace, &identity.kind, &identity.value, kept);
            self.people.dirty.identities.remove(&(absorbed, identity.id));
            self.people.dirty.identities.insert((kept, identity.id));
        }
        self.people.dirty.absorbed.insert(absorbed, kept);
        self.people.dirty.members.insert(kept);
        self.effects.merges.push(MergeRow {
            id,
            workspace,
            kept,
            absorbed,
            kept_origin: link.kept,
            absorbed_origin: link.absorbed,
            first_seen: gone.created_at,
            reached: [self.people.get(kept), Some(&gone)]
                .map(|member| member.map(|member| Reached::of(member, self.book)).unwrap_or_default()),
            identities: gone.identities.iter().map(|identity| identity.id).collect(),
            reason: link.reason,
            source: event.message_id.clone(),
            at: self.now,
        });
        for segment in gone.memberships.keys() {
            self.people.dirty.memberships.insert((*segment, absorbed), false);
            if self.book.place_of(*segment).is_some_and(|place| self.book.segments[place].is_successor) {
                continue;
            }
            self.effects.segment_changes.push(crate::pipeline::SegmentChange {
                segment: *segment,
                member: absorbed,
                entered: false,
                at: self.now,
            });
        }
        self.effects.timers.set("segment", absorbed.0, workspace, None);
        self.changes.absorbed.push(absorbed);
        self.keep_reached(kept, &gone);
        self.absorb_state(kept, gone);
    }

    /// What nobody leaves, the one who remains has reached as soon as either had.
    fn keep_reached(&mut self, kept: MemberId, gone: &MemberState) {
        let book = self.book.clone();
        let Some(state) = self.people.get_mut(kept) else { return };
        for (place, is_new) in state.keep_reached(gone, &book) {
            let CompiledSegment { id: segment, is_successor, .. } = book.segments[place];
            self.people.dirty.memberships.insert((segment, kept), true);
            if is_new && !is_successor {
                let change = crate::pipeline::SegmentChange { segment, member: kept, entered: true, at: self.now };
                self.effects.segment_changes.push(change);
            }
            if is_new {
                self.changes.touches.push(Touch::Kept(segment));
            }
        }
    }

    fn absorb_state(&mut self, kept: MemberId, gone: MemberState) {
        if let Some(state) = self.people.get_mut(kept) {
            self.changes.touches.extend(state.absorb(gone, self.book, self.now));
        }
    }
}
