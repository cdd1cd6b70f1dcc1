//! The second stage: keeps the event, its traits, and when the member was last seen.

use std::collections::{BTreeMap, BTreeSet};

use base::{Event, EventKind, ids::IdentityId};
use serde_json::Map;
use store::dead_letters::DeadLetter;

use super::{Identity, MemberState, WorkingSet, state::json_bytes};
use crate::{
    identity::Names,
    pipeline::{EventRow, Poison, Stage, Turn},
    rules::{RuleBook, Touch},
    traits::{Manner, Misfit, Saying, Told, ToldTrait, with_operations},
};

/// Most traits that one identity keeps.
const MAX_TRAITS: usize = 1_000;
/// How much they may take, in bytes: each event of a member reads and writes all of them.
const MAX_TRAITS_BYTES: usize = 256 << 10;

/// Keeps events and traits.
#[derive(Debug, Default)]
pub struct ProfileStage;

impl Stage for ProfileStage {
    fn name(&self) -> &'static str {
        "profile"
    }

    fn check(&self, event: &Event, book: &RuleBook, people: &WorkingSet) -> Result<(), Poison> {
        if event.kind != EventKind::Identify {
            return Ok(());
        }
        let told = Told::of(event).ok_or_else(|| Poison {
            code: base::Code::InvalidField,
            message: "traits_operations in the context is not a list of operations".to_owned(),
        })?;
        let Some(identity) = identity_of(event, book, people) else { return Ok(()) };
        check_room(identity, &told)
    }

    fn apply(&mut self, turn: &mut Turn<'_>) -> Result<(), Poison> {
        let Some(mut event) = turn.event().cloned() else { return Ok(()) };
        let Some(identity) = turn.identity else { return Ok(()) };
        let (now, book) = (turn.now, turn.book.clone());
        let member_id = turn.member;
        let member = turn.member_mut()?;
        let mut touches = Vec::new();

        // A fact that Hearth makes (a message was sent, a journey set a trait) does not mean that the member was here.
        let by_member = !matches!(event.kind, EventKind::Command)
            && !event.source.starts_with("journey:")
            && (event.kind != EventKind::Delivery || event.name.ends_with("Clicked") || event.name.ends_with("Opened"));
        let happened = event.timestamp.min(event.received_at);
        if by_member && happened > member.last_seen_at {
            member.last_seen_at = happened;
            turn.people.dirty.members.insert(member_id);
        }
        let member = turn.member_mut()?;
        member.count_event(&book, &event, now);
        touches.push(Touch::Event(event.name.clone()));

        if event.kind == EventKind::Identify {
            let told = Told::of(&event).unwrap_or_default();
            let clears = told.clears;
            let (taken, refused) = take_told(member, &book, identity, &event, told, &mut touches);
            turn.people.dirty.identities.insert((member_id, identity));
            turn.effects.letters.extend(letter_of(&event, &refused, Misfit::WrongType));
            turn.effects.letters.extend(letter_of(&event, &refused, Misfit::TooLong));
            // Whoever reads the event again finds the operations that took effect, and a letter brings its own.
            if refused.iter().any(|(one, _)| matches!(one.manner, Manner::By(_))) {
                event.context = with_operations(&event.context, clears, taken.iter());
            }
        }
        turn.changes.touches.extend(touches);
        turn.effects.events.push(EventRow { event, identity });
        Ok(())
    }
}

/// What the profile does not take in, and why.
type Refused = (ToldTrait, Misfit);

/// Takes what an event tells of traits into the member, and notes what may change by that; returns the operations that
/// took effect, and all that the profile does not take in.
fn take_told(
    member: &mut MemberState,
    book: &RuleBook,
    identity: IdentityId,
    event: &Event,
    told: Told,
    touches: &mut Vec<Touch>,
) -> (Vec<ToldTrait>, Vec<Refused>) {
    let moments = (event.timestamp, event.received_at);
    if told.clears {
        touches.extend(member.clear_traits(identity, &book.traits).into_iter().map(Touch::Trait));
        touches.extend(member.past.clear(moments, identity).into_iter().map(Touch::Trait));
    }
    let (mut operations, mut refused) = (Vec::new(), Vec::new());
    for one in told.traits {
        let is_operation = matches!(one.manner, Manner::By(_));
        let read = book.rule_of(&one.name).and_then(|rule| {
            let value = if is_operation { Some(one.value.clone()) } else { rule.value_type.read(&one.value) };
            Some((rule, value?))
        });
        let Some((rule, value)) = read else {
            // Nobody misses what would not have counted.
            if one.manner != Manner::Once || !member.traits().contains_key(&one.name) {
                refused.push((one, Misfit::WrongType));
            }
            continue;
        };
        let (at, source) = (event.timestamp, event.source.clone());
        let saying = Saying { manner: one.manner, value: value.clone(), at, source };
        let changes = match member.say(identity, &one.name, saying, rule) {
            Ok(changes) => changes,
            Err(misfit) => {
                refused.push((one, misfit));
                continue;
            }
        };
        // Said late, it may change what was, though not what is.
        let changes_past = member.past.say(book, &one.name, moments, identity, &value, one.manner);
        if changes || changes_past {
            touches.push(Touch::Trait(one.name.clone()));
        }
        if is_operation {
            operations.push(one);
        }
    }
    (operations, refused)
}

/// What the profile does not take in for this reason is kept, as an event of its own that can be sent again once the
/// definition or the list is another.
fn letter_of(event: &Event, refused: &[Refused], why: Misfit) -> Option<DeadLetter> {
    let refused: Vec<&ToldTrait> = refused.iter().filter(|(_, misfit)| *misfit == why).map(|(one, _)| one).collect();
    if refused.is_empty() {
        return None;
    }
    let names: BTreeSet<&str> = refused.iter().map(|one| one.name.as_str()).collect();
    let names = names.into_iter().collect::<Vec<_>>().join(", ");
    let (code, part, message) = match why {
        Misfit::WrongType => (
            base::Code::WrongTraitType,
            "traits",
            format!("not of the type that its definition says, or that is there, or computed: {names}"),
        ),
        Misfit::TooLong => (
            base::Code::ListTooLong,
            "lists",
            format!("the list would have more than 1,000 elements or 32 KB: {names}"),
        ),
    };
    let said = refused.iter().filter(|one| !matches!(one.manner, Manner::By(_)));
    let rest: Map<_, _> = said.map(|one| (one.name.clone(), one.value.clone())).collect();
    let properties = serde_json::value::to_raw_value(&rest).ok()?;
    let context = with_operations(&event.context, false, refused.iter().copied());
    let message_id = format!("{}-{part}", event.message_id);
    let event = Event { properties, context, message_id, ..event.clone() };
    Some(DeadLetter {
        workspace: event.workspace,
        source: "pipeline".to_owned(),
        code,
        message,
        payload: String::from_utf8_lossy(&event.to_record()).into_owned(),
    })
}

/// Whether there is room for what an event says: what would take more is refused before anything is changed.
fn check_room(identity: &Identity, told: &Told) -> Result<(), Poison> {
    let known = identity.traits.iter().filter(|_| !told.clears);
    let known: BTreeMap<&str, usize> =
        known.map(|(name, fact)| (name.as_str(), name.len() + json_bytes(&fact.value))).collect();
    let mut after: BTreeMap<&str, usize> = BTreeMap::new();
    for ToldTrait { name, manner, value } in &told.traits {
        let adds = name.len() + json_bytes(value);
        let place = after.entry(name).or_insert_with(|| known.get(name.as_str()).copied().unwrap_or(0));
        *place = match manner {
            Manner::Plainly | Manner::Cleared => adds,
            Manner::Once => adds.max(*place),
            Manner::By(_) => *place + adds,
        };
    }
    let new = after.keys().filter(|name| !known.contains_key(*name)).count();
    if new > 0 && known.len() + new > MAX_TRAITS {
        let message = format!("a member can have at most {MAX_TRAITS} traits");
        return Err(Poison { code: base::Code::TooManyTraits, message });
    }
    let goes: usize = after.keys().filter_map(|name| known.get(name)).sum();
    let comes: usize = after.values().sum();
    if comes > goes && known.values().sum::<usize>() - goes + comes > MAX_TRAITS_BYTES {
        let message = format!("the traits of a member can take at most {} KB", MAX_TRAITS_BYTES >> 10);
        return Err(Poison { code: base::Code::TraitsTooLarge, message });
    }
    Ok(())
}

/// The identity to which the event's facts will belong, if it is known already.
fn identity_of<'a>(event: &Event, book: &RuleBook, people: &'a WorkingSet) -> Option<&'a Identity> {
    let Some((kind, value)) = Names::of(event, book.home).main else {
        return people.get(people.current(event.member?))?.primary_identity();
    };
    let member = people.known_owner(event.workspace, &kind, &value)?;
    people.get(member)?.identities.iter().find(|identity| identity.kind == kind && identity.value == value)
}
