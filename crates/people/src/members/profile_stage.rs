//! The second stage: keeps the event, its traits, and when the member was last seen.

use base::{Event, EventKind};
use serde_json::{Map, Value};
use store::dead_letters::DeadLetter;

use super::{Identity, TraitFact, WorkingSet, state::json_bytes};
use crate::{
    pipeline::{EventRow, Poison, Stage, Turn},
    rules::{RuleBook, Touch},
    traits::said_once,
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

    fn check(&self, event: &Event, _book: &RuleBook, people: &WorkingSet) -> Result<(), Poison> {
        if event.kind != EventKind::Identify {
            return Ok(());
        }
        let Some(identity) = identity_of(event, people) else { return Ok(()) };
        let said = event.properties_value();
        let new = said.keys().filter(|name| !identity.traits.contains_key(*name)).count();
        if new > 0 && identity.traits.len() + new > MAX_TRAITS {
            let message = format!("a member can have at most {MAX_TRAITS} traits");
            return Err(Poison { code: base::Code::TooManyTraits, message });
        }
        let (stays, goes): (Vec<_>, Vec<_>) = identity.traits.iter().partition(|(name, _)| !said.contains_key(*name));
        let known = |traits: Vec<(&String, &TraitFact)>| {
            traits.into_iter().map(|(name, fact)| name.len() + json_bytes(&fact.value)).sum::<usize>()
        };
        let (stays, goes) = (known(stays), known(goes));
        let comes: usize = said.iter().map(|(name, value)| name.len() + json_bytes(value)).sum();
        match comes > goes && stays + comes > MAX_TRAITS_BYTES {
            true => Err(Poison {
                code: base::Code::TraitsTooLarge,
                message: format!("the traits of a member can take at most {} KB", MAX_TRAITS_BYTES >> 10),
            }),
            false => Ok(()),
        }
    }

    fn apply(&mut self, turn: &mut Turn<'_>) -> Result<(), Poison> {
        let Some(event) = turn.event().cloned() else { return Ok(()) };
        let Some(identity) = turn.identity else { return Ok(()) };
        let (now, book) = (turn.now, turn.book.clone());
        let member_id = turn.member;
        let member = turn.member_mut()?;
        let mut touches = Vec::new();

        // A fact that Hearth makes (a message was sent) does not mean that the member was here.
        let by_member = !matches!(event.kind, EventKind::Command)
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
            let mut misfits = Vec::new();
            let names_once = said_once(event.context.get());
            for (name, value) in event.properties_value() {
                let once = names_once.contains(&name);
                let Some(value) = book.read_trait(&name, &value) else {
                    // Nobody misses what would not have counted.
                    if !once || !member.traits().contains_key(&name) {
                        misfits.push((name, value));
                    }
                    continue;
                };
                if once && value.is_null() {
                    continue;
                }
                // Said late, it may change what was, though not what is.
                let moments = (event.timestamp, event.received_at);
                let changes_past = member.past.say(&book, &name, moments, identity, &value, once);
                let fact = TraitFact { value, at: event.timestamp, source: event.source.clone(), once };
                if member.set_trait(identity, &name, fact, book.conflict_of(&name)) || changes_past {
                    touches.push(Touch::Trait(name));
                }
            }
            turn.people.dirty.identities.insert((member_id, identity));
            if let Some(letter) = letter_of(&event, misfits) {
                turn.effects.letters.push(letter);
            }
        }
        turn.changes.touches.extend(touches);
        turn.effects.events.push(EventRow { event, identity });
        Ok(())
    }
}

/// What the profile does not take in is kept, as an event of its own that can be sent again once the definition is
/// another.
fn letter_of(event: &Event, misfits: Vec<(String, Value)>) -> Option<DeadLetter> {
    let names: Vec<&str> = misfits.iter().map(|(name, _)| name.as_str()).collect();
    let message = format!("not of the type that its definition says, or computed: {}", names.join(", "));
    if misfits.is_empty() {
        return None;
    }
    let rest = Map::from_iter(misfits);
    let properties = serde_json::value::to_raw_value(&rest).ok()?;
    let message_id = format!("{}-traits", event.message_id);
    let event = Event { properties, message_id, ..event.clone() };
    Some(DeadLetter {
        workspace: event.workspace,
        source: "pipeline".to_owned(),
        code: base::Code::WrongTraitType,
        message,
        payload: String::from_utf8_lossy(&event.to_record()).into_owned(),
    })
}

/// The identity to which the event's facts will belong, if it is known already.
fn identity_of<'a>(event: &Event, people: &'a WorkingSet) -> Option<&'a Identity> {
    let (kind, value) = match (&event.user_id, &event.anonymous_id, event.member) {
        (Some(user), _, _) => ("user_id", user),
        (None, Some(anonymous), _) => ("anonymous_id", anonymous),
        (None, None, member) => return people.get(people.current(member?))?.primary_identity(),
    };
    let value = crate::identity::normalise(kind, value)?;
    let member = people.known_owner(event.workspace, kind, &value)?;
    people.get(member)?.identities.iter().find(|identity| identity.kind == kind && identity.value == value)
}
