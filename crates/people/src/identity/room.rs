//! How many identities a member can have. Whatever is done for a member costs as much as he has of them, so an id that
//! many people share, such as that of a guest account, would in the end hold up everybody.

use std::collections::BTreeSet;

use base::{Code, Event, EventKind, ids::MemberId};
use serde_json::Value;

use super::{
    normalise,
    stage::{keys_of, others_of},
};
use crate::{
    members::{Identity, WorkingSet},
    pipeline::Poison,
};

/// Most identities that a member can have.
const MAX_IDENTITIES: usize = 1_000;

/// Fails when an event would give a member more identities than he can have. Of a member who is full, every event is
/// welcome that brings nobody new.
pub(super) fn check(event: &Event, people: &WorkingSet) -> Result<(), Poison> {
    let keys: Vec<Key> = keys_of(event)
        .into_iter()
        .map(|(kind, value)| Key { owner: people.known_owner(event.workspace, kind, &value), kind, value })
        .collect();
    let named = event.member.into_iter().chain(others_of(event)).map(|member| people.current(member));
    let known: BTreeSet<MemberId> = keys.iter().filter_map(|key| key.owner).chain(named).collect();
    // More than this cannot come together, and mostly it is not much.
    let most = keys.len() + known.iter().map(|id| identities(people, *id).len()).sum::<usize>();
    if most <= MAX_IDENTITIES || !would_overflow(event, &keys, people) {
        return Ok(());
    }
    let message = format!("a member can have at most {MAX_IDENTITIES} identities; many people seem to share one");
    Err(Poison { code: Code::TooManyIdentities, message })
}

/// An identity that an event names, and whose it is.
struct Key {
    kind: &'static str,
    value: String,
    owner: Option<MemberId>,
}

/// Whether the member whom the event is about would gain identities and then have too many.
fn would_overflow(event: &Event, keys: &[Key], people: &WorkingSet) -> bool {
    let member = member_of(event, keys, people);
    let mut together: BTreeSet<MemberId> = member.into_iter().collect();
    together.extend(others_of(event).map(|other| people.current(other)));
    let previous = event.previous_id.as_deref().and_then(|previous| normalise("user_id", previous));
    let is_previous = |key: &Key| event.kind == EventKind::Alias && Some(&key.value) == previous.as_ref();
    let knows_previous = keys.iter().any(|key| is_previous(key) && key.owner.is_some());
    let mut new = 0;
    for key in keys {
        match key.owner {
            Some(owner) if joins(event, key, owner, people) => _ = together.insert(owner),
            Some(_) => {}
            // An alias that nobody has is taken for a visitor's id.
            None if is_previous(key) && (knows_previous || key.kind != "anonymous_id") => {}
            None => new += 1,
        }
    }
    let total = new + together.iter().map(|id| identities(people, *id).len()).sum::<usize>();
    (new > 0 || together.len() > 1) && total > MAX_IDENTITIES
}

/// The member whom the event is about, if he is known: a visitor who says who he is stays who he was, unless the device
/// is that of somebody who is known.
fn member_of(event: &Event, keys: &[Key], people: &WorkingSet) -> Option<MemberId> {
    let named = |kind: &str, value: &Option<String>| {
        let value = normalise(kind, value.as_deref()?)?;
        keys.iter().find(|key| key.kind == kind && key.value == value)
    };
    match (named("user_id", &event.user_id), named("anonymous_id", &event.anonymous_id)) {
        (Some(user), None) => user.owner,
        (None, Some(visitor)) => visitor.owner,
        (Some(user), Some(visitor)) => user.owner.or(visitor.owner.filter(|owner| is_anonymous(people, *owner))),
        (None, None) => event.member.map(|member| people.current(member)),
    }
}

/// Whether an identity that an event names would bring its owner along.
fn joins(event: &Event, key: &Key, owner: MemberId, people: &WorkingSet) -> bool {
    match key.kind {
        "anonymous_id" => is_anonymous(people, owner),
        "email" | "phone" => {
            let verified = event.properties_value().get(&format!("{}_verified", key.kind)).and_then(Value::as_bool);
            let is_it = |identity: &&Identity| identity.kind == key.kind && identity.value == key.value;
            verified == Some(true) && identities(people, owner).iter().find(is_it).is_some_and(|found| found.verified)
        }
        _ => true,
    }
}

fn is_anonymous(people: &WorkingSet, id: MemberId) -> bool {
    identities(people, id).iter().all(|identity| identity.kind == "anonymous_id")
}

fn identities(people: &WorkingSet, id: MemberId) -> &[Identity] {
    people.get(id).map_or(&[][..], |member| &member.identities)
}
