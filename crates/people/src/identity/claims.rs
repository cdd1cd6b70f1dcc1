//! What an event says of its member beside the id by which it names him: addresses in the traits, accounts and devices
//! in the context.
//!
//! An identity that nobody has becomes his. One that somebody else has is a proof where both sides are believed, a
//! suggestion otherwise; a device is neither.

use base::{Event, ids::MemberId};
use serde_json::Value;

use super::{
    Key, Kind, Names, Reach,
    keys::vouches_for,
    normalise_in,
    stage::{Link, Named},
    suggestions::{SAME_ADDRESS, VERIFIED_OF_A_CLAIM},
};
use crate::{members::MemberState, pipeline::Turn};

impl Turn<'_> {
    /// An e-mail address or phone number in the traits becomes an identity, unless it is somebody else's; the same
    /// *verified* one makes two members one. What is still said here of that is believed (`vouching.rs`).
    ///
    /// Whoever comes with an address that he has verified and another one only claims does not take it over: he is
    /// suggested, and the suggestion says whose claim is which. An operator splits the address off the one who only
    /// claims it, and accepts the suggestion that the next verified claim then makes; both can be undone. It cannot be
    /// done here, because undoing is exact only as long as the origin of an identity stays: a merge is taken back by
    /// dividing identities by their origins (`parting.rs`). Had the address moved to another origin, a merge that it
    /// came in by would find nothing to give back. To change an origin, what members had reached before the merges
    /// around must be forgotten and all of their segments decided anew, which an event does that is known beforehand to
    /// have a batch of its own; whether this one would is only known once both members are loaded.
    pub(super) fn claim_addresses(&mut self, event: &Event) {
        let traits = event.properties_value();
        for kind in ["email", "phone"] {
            let text = traits.get(kind).and_then(Value::as_str);
            let Some(value) = text.and_then(|text| normalise_in(kind, text, self.book.home)) else { continue };
            let verified = traits.get(&format!("{kind}_verified")).and_then(Value::as_bool).unwrap_or(false);
            self.claim_address(kind, &value, verified, event);
        }
    }

    fn claim_address(&mut self, kind: &str, value: &str, verified: bool, event: &Event) {
        let (member, ours) = (self.member, self.turn_origin());
        match self.owner(kind, value) {
            None => {
                self.add_identity(member, ours, kind, value, verified, event);
            }
            Some(owner) if owner == member => {
                if verified {
                    self.verify(member, kind, value);
                }
            }
            Some(owner) => {
                let theirs = self.origin(owner, kind, value);
                let is_proof = verified && self.is_verified(owner, kind, value);
                // Who is proven by another address as well is perhaps somebody else who reads the same mail.
                let is_safe = is_proof && !self.has_proven_address(member) && !self.differ_on_a_platform(member, owner);
                let reason = match (is_proof, verified) {
                    (true, _) => "same verified address",
                    (false, true) => VERIFIED_OF_A_CLAIM,
                    (false, false) => SAME_ADDRESS,
                };
                let link = Link { kept: ours, absorbed: theirs, reason };
                // Of the one who says it now, as he says it.
                let names = [Named { kind, value, verified }, self.named(owner, kind, value)];
                self.merge_if_safe(member, owner, link, names, is_safe, event);
            }
        }
    }

    /// Further ids become identities of the member, unless they are somebody else's. Two members are made one by an
    /// account of which both were told by somebody who is trusted, if one of them is known by nothing else that names a
    /// person.
    pub(super) fn claim_external(&mut self, external: &[Key], event: &Event) {
        for (kind, value) in external {
            if !Kind::named(kind).is_external() {
                self.claim_address(kind, value, false, event);
                continue;
            }
            let (member, ours, is_vouched_for) = (self.member, self.turn_origin(), vouches_for(event, kind));
            match self.owner(kind, value) {
                None => {
                    self.add_identity(member, ours, kind, value, is_vouched_for, event);
                }
                Some(owner) if owner == member => {
                    if is_vouched_for {
                        self.verify(member, kind, value);
                    }
                }
                Some(_) if Kind::named(kind).reach == Reach::Device => {}
                Some(owner) => self.connect(owner, (kind, value), event),
            }
        }
    }

    /// The member has an account that somebody else has.
    fn connect(&mut self, owner: MemberId, (kind, value): (&str, &str), event: &Event) {
        let (member, ours, theirs) = (self.member, self.turn_origin(), self.origin(owner, kind, value));
        let verified = vouches_for(event, kind);
        let is_proof = verified && self.is_verified(owner, kind, value);
        let (is_hardly_known, is_owner_hardly_known) =
            (self.is_known_only_by(member, kind, value), self.is_known_only_by(owner, kind, value));
        let is_safe = is_proof && (is_hardly_known || is_owner_hardly_known);
        let reason = if is_proof { "same verified account" } else { "same account" };
        let mine = Named { kind, value, verified };
        let other = self.named(owner, kind, value);
        // Who is known keeps his number.
        if is_hardly_known && !is_owner_hardly_known {
            let link = Link { kept: theirs, absorbed: ours, reason };
            self.merge_if_safe(owner, member, link, [other, mine], is_safe, event);
        } else {
            let link = Link { kept: ours, absorbed: theirs, reason };
            self.merge_if_safe(member, owner, link, [mine, other], is_safe, event);
        }
        self.member = self.people.current(self.member);
    }

    /// An id that nobody has yet belongs to whom an account beside it proves.
    pub(super) fn bring_home(&mut self, names: &Names, event: &Event) {
        let Some((kind, value)) = &names.main else { return };
        if self.owner(kind, value).is_some() {
            return;
        }
        // A name that speaks of a person goes to nobody who has another.
        let names_a_person = Kind::named(kind).reach == Reach::Person;
        for (proof, account) in &names.external {
            if !vouches_for(event, proof) || (proof, account) == (kind, value) {
                continue;
            }
            let Some(owner) = self.owner(proof, account).filter(|owner| self.is_verified(*owner, proof, account))
            else {
                continue;
            };
            if names_a_person && !self.is_known_only_by(owner, proof, account) {
                continue;
            }
            let origin = self.origin(owner, proof, account);
            self.add_identity(owner, origin, kind, value, vouches_for(event, kind), event);
            return;
        }
    }

    /// Whether both have accounts on one platform, which are two then.
    fn differ_on_a_platform(&self, one: MemberId, other: MemberId) -> bool {
        let (Some(one), Some(other)) = (self.people.get(one), self.people.get(other)) else { return false };
        let mut accounts = one.identities.iter().map(|identity| Kind::named(&identity.kind));
        accounts.any(|kind| kind.is_platform() && other.identities.iter().any(|identity| identity.kind == kind.name))
    }

    /// Whether nothing else that names a person is known of a member, only devices and accounts in single channels.
    fn is_known_only_by(&self, member: MemberId, kind: &str, value: &str) -> bool {
        self.people.get(member).is_some_and(|member| names_nobody_else(member, kind, value))
    }
}

/// Whether no other identity of a member than this one names a person.
pub(super) fn names_nobody_else(member: &MemberState, kind: &str, value: &str) -> bool {
    member.identities.iter().all(|identity| {
        let is_this = identity.kind == kind && identity.value == value;
        is_this || Kind::named(&identity.kind).reach != Reach::Person
    })
}
