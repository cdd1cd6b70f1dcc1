//! How many identities a member can have. Whatever is done for a member costs as much as he has of them, so an id that
//! many people share, such as that of a guest account, would in the end hold up everybody. Of accounts and devices, of
//! which one event may bring many, he can have fewer: nobody has so many whose ids stay the same.

use std::collections::BTreeSet;

use base::{Code, Event, EventKind, ids::MemberId};
use serde_json::Value;

use super::{
    Home, Key, Kind, Names, Reach,
    claims::names_nobody_else,
    keys::{keys_of, others_of, vouches_for},
    normalise,
};
use crate::{
    members::{Identity, WorkingSet},
    pipeline::Poison,
};

/// Most identities that a member can have.
const MAX_IDENTITIES: usize = 1_000;
/// How many of them can be accounts and devices.
const MAX_ACCOUNTS: usize = 200;

/// Fails when an event would give a member more identities than he can have. Of a member who is full, every event is
/// welcome that brings nobody new. `names` are those of the event.
pub(super) fn check(event: &Event, names: &Names, home: Home, people: &WorkingSet) -> Result<(), Poison> {
    let mut keys = keys_of(event, home);
    // An address may stand both in the traits and among the further ids.
    keys.sort_unstable();
    keys.dedup();
    let keys: Vec<Brought> = keys
        .into_iter()
        .map(|key| Brought { owner: people.known_owner(event.workspace, &key.0, &key.1), key })
        .collect();
    let named = event.member.into_iter().chain(others_of(event)).map(|member| people.current(member));
    let known: BTreeSet<MemberId> = keys.iter().filter_map(|brought| brought.owner).chain(named).collect();
    // More than this cannot come together, and mostly it is less than the smaller of the two bounds.
    let most = keys.len() + known.iter().map(|id| identities(people, *id).len()).sum::<usize>();
    if most <= MAX_ACCOUNTS {
        return Ok(());
    }
    let message = match count_after(event, names, &keys, people) {
        Some(count) if count.all > MAX_IDENTITIES => {
            format!("a member can have at most {MAX_IDENTITIES} identities; many people seem to share one")
        }
        Some(count) if count.accounts > MAX_ACCOUNTS => {
            format!("a member can have at most {MAX_ACCOUNTS} accounts and devices")
        }
        _ => return Ok(()),
    };
    Err(Poison { code: Code::TooManyIdentities, message })
}

/// An identity that an event names, and whose it is.
struct Brought {
    key: Key,
    owner: Option<MemberId>,
}

#[derive(Default)]
struct Count {
    all: usize,
    /// Accounts and devices.
    accounts: usize,
}

impl Count {
    fn add(&mut self, kind: &str) {
        self.all += 1;
        self.accounts += usize::from(Kind::named(kind).is_external());
    }
}

/// How many identities the member whom the event is about would have; nothing when he gains none. Where two may become
/// one or not, they count as one.
fn count_after(event: &Event, names: &Names, keys: &[Brought], people: &WorkingSet) -> Option<Count> {
    let member = member_of(event, names, people);
    let mut together: BTreeSet<MemberId> = member.into_iter().collect();
    together.extend(others_of(event).map(|other| people.current(other)));
    let previous = event.previous_id.as_deref().filter(|_| event.kind == EventKind::Alias);
    let previous = previous.and_then(|previous| normalise("user_id", previous));
    let is_previous = |Brought { key: (kind, value), .. }: &Brought| {
        matches!(kind.as_ref(), "user_id" | "anonymous_id") && Some(value) == previous.as_ref()
    };
    let knows_previous = keys.iter().any(|brought| is_previous(brought) && brought.owner.is_some());
    let mut count = Count::default();
    for brought in keys {
        let (kind, _) = &brought.key;
        match brought.owner {
            Some(owner) => {
                if !together.contains(&owner) && joins(event, names, &brought.key, owner, member, people) {
                    together.insert(owner);
                }
            }
            // An alias that nobody has is taken for a visitor's id.
            None if is_previous(brought) && (knows_previous || kind != "anonymous_id") => {}
            None => count.add(kind),
        }
    }
    if count.all == 0 && together.len() < 2 {
        return None;
    }
    for identity in together.iter().flat_map(|id| identities(people, *id)) {
        count.add(&identity.kind);
    }
    Some(count)
}

/// The member whom the event is about, if he is known: a visitor who says who he is stays who he was, unless the device
/// is that of somebody who is known. Whom an account beside a new id proves joins him ([`joins`]).
fn member_of(event: &Event, names: &Names, people: &WorkingSet) -> Option<MemberId> {
    let Some((kind, value)) = &names.main else {
        return event.member.map(|member| people.current(member));
    };
    let visitor = || {
        let visitor = people.known_owner(event.workspace, "anonymous_id", names.visitor.as_deref()?)?;
        is_anonymous(people, visitor).then_some(visitor)
    };
    people.known_owner(event.workspace, kind, value).or_else(visitor)
}

/// Whether an identity that an event names would bring its owner along; `of` is the member whom the event is about, if
/// he is known.
fn joins(event: &Event, names: &Names, key: &Key, owner: MemberId, of: Option<MemberId>, people: &WorkingSet) -> bool {
    let (kind, value) = key;
    let is_verified = || {
        let is_it = |identity: &&Identity| identity.kind == *kind && identity.value == *value;
        identities(people, owner).iter().find(is_it).is_some_and(|found| found.verified)
    };
    let is_hardly_known = |id| people.get(id).is_some_and(|member| names_nobody_else(member, kind, value));
    match kind.as_ref() {
        "anonymous_id" => is_anonymous(people, owner),
        "email" | "phone" => {
            let verified = event.properties_value().get(&format!("{kind}_verified")).and_then(Value::as_bool);
            event.kind == EventKind::Identify && verified == Some(true) && is_verified()
        }
        "user_id" => true,
        _ => {
            let is_proof = vouches_for(event, kind) && is_verified();
            let says_no_more = |main: &Key| main == key || Kind::named(&main.0).reach != Reach::Person;
            let is_stranger = || names.main.as_ref().is_none_or(says_no_more) && of.is_none_or(is_hardly_known);
            is_proof && (is_hardly_known(owner) || is_stranger())
        }
    }
}

fn is_anonymous(people: &WorkingSet, id: MemberId) -> bool {
    identities(people, id).iter().all(|identity| Kind::named(&identity.kind).reach == Reach::Device)
}

fn identities(people: &WorkingSet, id: MemberId) -> &[Identity] {
    people.get(id).map_or(&[][..], |member| &member.identities)
}
