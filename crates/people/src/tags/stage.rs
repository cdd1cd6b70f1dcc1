//! The tag stage: carries out "Tag Added" and "Tag Removed".

use base::{Code, Event, EventKind};
use serde_json::Value;

use crate::{
    members::{TagFact, WorkingSet},
    pipeline::{Poison, Stage, TagChange, Turn},
    rules::Touch,
};

/// The event that puts tags on a member: `{"tags": ["vip"]}`.
pub const TAG_ADDED: &str = "Tag Added";
/// The event that takes tags off a member: `{"tags": ["vip"]}`.
pub const TAG_REMOVED: &str = "Tag Removed";

const MAX_TAGS: usize = 500;

/// Adds and removes tags. Only commands count: a brand's own event of the same name does nothing.
#[derive(Debug, Default)]
pub struct TagStage;

impl Stage for TagStage {
    fn name(&self) -> &'static str {
        "tag"
    }

    fn check(&self, event: &Event, people: &WorkingSet) -> Result<(), Poison> {
        if event.kind != EventKind::Command || event.name != TAG_ADDED {
            return Ok(());
        }
        let Some(member) = event.member.and_then(|id| people.get(people.current(id))) else { return Ok(()) };
        let new = tags_of(&event.properties_value()).iter().filter(|tag| !member.has_tag(tag)).count();
        match new > 0 && member.tags().len() + new > MAX_TAGS {
            true => {
                Err(Poison { code: Code::TooManyTags, message: format!("a member can have at most {MAX_TAGS} tags") })
            }
            false => Ok(()),
        }
    }

    fn apply(&mut self, turn: &mut Turn<'_>) -> Result<(), Poison> {
        let Some(event) = turn.event().filter(|event| event.kind == EventKind::Command).cloned() else { return Ok(()) };
        let tags = tags_of(&event.properties_value());
        match event.name.as_str() {
            TAG_ADDED => add(turn, &tags, event.timestamp, &event.source),
            TAG_REMOVED => remove(turn, &tags, event.timestamp, &event.source),
            _ => Ok(()),
        }
    }
}

fn tags_of(properties: &serde_json::Map<String, Value>) -> Vec<String> {
    let list = properties.get("tags").and_then(Value::as_array);
    list.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn add(turn: &mut Turn<'_>, tags: &[String], at: base::Time, source: &str) -> Result<(), Poison> {
    let Some(identity) = turn.identity else { return Ok(()) };
    let (member_id, book) = (turn.member, turn.book.clone());
    for tag in tags {
        let member = turn.member_mut()?;
        let had_it = member.has_tag(tag);
        // Another identity of the member may carry it as well: should they be parted, each keeps his own.
        let Some(target) = member.identity_mut(identity).filter(|target| !target.tags.contains_key(tag)) else {
            continue;
        };
        target.tags.insert(tag.clone(), TagFact { at, source: source.to_owned() });
        member.past.tag(&book, tag, at, identity, true);
        let change = TagChange { identity, tag: tag.clone(), added: true, at, source: source.to_owned() };
        turn.effects.tag_changes.push(change);
        turn.people.dirty.tags.insert((identity, tag.clone()), (member_id, true));
        if !had_it {
            turn.changes.touches.push(Touch::Tag(tag.clone()));
        }
    }
    Ok(())
}

fn remove(turn: &mut Turn<'_>, tags: &[String], at: base::Time, source: &str) -> Result<(), Poison> {
    let (member_id, book) = (turn.member, turn.book.clone());
    for tag in tags {
        let member = turn.member_mut()?;
        let mut removed = Vec::new();
        for identity in &mut member.identities {
            if identity.tags.remove(tag).is_some() {
                removed.push(identity.id);
            }
        }
        for identity in removed {
            turn.member_mut()?.past.tag(&book, tag, at, identity, false);
            let change = TagChange { identity, tag: tag.clone(), added: false, at, source: source.to_owned() };
            turn.effects.tag_changes.push(change);
            turn.people.dirty.tags.insert((identity, tag.clone()), (member_id, false));
            turn.changes.touches.push(Touch::Tag(tag.clone()));
        }
    }
    Ok(())
}
