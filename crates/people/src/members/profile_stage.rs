//! The second stage: keeps the event, its traits, and when the member was last seen.

use base::EventKind;

use super::TraitFact;
use crate::{
    pipeline::{EventRow, Poison, Stage, Turn},
    rules::Touch,
};

/// Most traits that one identity keeps.
const MAX_TRAITS: usize = 1_000;

/// Keeps events and traits.
#[derive(Debug, Default)]
pub struct ProfileStage;

impl Stage for ProfileStage {
    fn name(&self) -> &'static str {
        "profile"
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
        if by_member && event.timestamp > member.last_seen_at {
            member.last_seen_at = event.timestamp.min(now);
            turn.people.dirty.members.insert(member_id);
        }
        let member = turn.member_mut()?;
        member.count_event(&book, &event, now);
        touches.push(Touch::Event(event.name.clone()));

        if event.kind == EventKind::Identify {
            let traits = event.properties_value();
            let known = member.identities.iter().find(|i| i.id == identity).map_or(0, |i| i.traits.len());
            if known + traits.len() > MAX_TRAITS && traits.keys().any(|name| !has_trait(member, identity, name)) {
                return Err(Poison {
                    code: base::Code::TooManyProperties,
                    message: format!("a member can have at most {MAX_TRAITS} traits"),
                });
            }
            for (name, value) in traits {
                let fact = TraitFact { value, at: event.timestamp, source: event.source.clone() };
                if member.set_trait(identity, &name, fact) {
                    touches.push(Touch::Trait(name));
                }
            }
            turn.people.dirty.identities.insert((member_id, identity));
        }
        turn.changes.touches.extend(touches);
        turn.effects.events.push(EventRow { event, identity });
        Ok(())
    }
}

fn has_trait(member: &super::MemberState, identity: base::ids::IdentityId, name: &str) -> bool {
    member.identities.iter().any(|i| i.id == identity && i.traits.contains_key(name))
}
