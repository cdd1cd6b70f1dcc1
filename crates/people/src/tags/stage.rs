//! The tag stage: carries out "Tag Added" and "Tag Removed", and takes off what has expired.

use base::{Code, Event, EventKind, Time, ids::IdentityId};
use serde_json::{Map, Value};

use super::{TagKind, is_snapshot};
use crate::{
    identity::{Names, keys_of},
    members::{MemberState, TagFact, WorkingSet},
    pipeline::{Poison, Stage, TagChange, Trigger, Turn},
    rules::{RuleBook, Touch},
};

/// The event that puts tags on a member: `{"tags": ["vip"]}`, with `"expires_at"` for tags that come off by themselves. With
/// `"only_new": true` a tag that the member carries already stays as it is.
pub const TAG_ADDED: &str = "Tag Added";
/// The event that takes tags off a member: `{"tags": ["vip"]}`.
pub const TAG_REMOVED: &str = "Tag Removed";
/// The command that lets tags that a member carries come off when their definitions say so: `{"tags": ["vip"]}`.
pub const TAG_EXPIRY_SETTLED: &str = "Tag Expiry Settled";

/// The kind of timer that takes tags off.
const TIMER: &str = "tag";
/// Who takes off what has expired, as the history says it.
const EXPIRY: &str = "expiry";
/// How the source of a command begins that a model gives.
const MODEL: &str = "model:";
/// Most tags that a member can carry.
pub const MAX_TAGS: usize = 500;

/// Adds and removes tags. Only commands count: a brand's own event of the same name does nothing.
#[derive(Debug, Default)]
pub struct TagStage;

impl Stage for TagStage {
    fn name(&self) -> &'static str {
        "tag"
    }

    fn check(&self, event: &Event, book: &RuleBook, people: &WorkingSet) -> Result<(), Poison> {
        if event.kind != EventKind::Command || !matches!(event.name.as_str(), TAG_ADDED | TAG_REMOVED) {
            return Ok(());
        }
        let tags = tags_of(&event.properties_value());
        for rule in tags.iter().filter_map(|tag| book.tags.get(tag)) {
            let message = match rule.kind {
                TagKind::Dynamic => "a rule gives this tag; it cannot be changed by hand",
                TagKind::Predictive if !event.source.starts_with(MODEL) => "a model gives this tag",
                _ => continue,
            };
            return Err(Poison { code: Code::TagIsDynamic, message: message.to_owned() });
        }
        let Some(member) = about(event, book, people) else { return Ok(()) };
        let new = tags.iter().filter(|tag| !member.has_tag(tag)).count();
        let known = member.tags().into_iter().filter(|tag| !is_snapshot(tag)).count();
        match event.name == TAG_ADDED && new > 0 && known + new > MAX_TAGS {
            true => {
                Err(Poison { code: Code::TooManyTags, message: format!("a member can have at most {MAX_TAGS} tags") })
            }
            false => Ok(()),
        }
    }

    fn apply(&mut self, turn: &mut Turn<'_>) -> Result<(), Poison> {
        match turn.trigger {
            Trigger::Timer { kind } if kind == TIMER => {
                take_off_expired(turn)?;
                set_timer(turn)
            }
            Trigger::Timer { .. } => Ok(()),
            Trigger::Event(event) => {
                let event = event.clone();
                let is_command = event.kind == EventKind::Command;
                let before = next_expiry(turn.member()?);
                match event.name.as_str() {
                    TAG_ADDED if is_command => add(turn, &event)?,
                    TAG_REMOVED if is_command => {
                        for tag in tags_of(&event.properties_value()) {
                            remove(turn, &tag, event.timestamp, &event.source)?;
                        }
                    }
                    TAG_EXPIRY_SETTLED if is_command => {
                        for tag in tags_of(&event.properties_value()) {
                            settle(turn, &tag)?;
                        }
                    }
                    _ => {}
                }
                for absorbed in turn.changes.absorbed.clone() {
                    turn.effects.timers.set(TIMER, absorbed.0, turn.book.workspace, None);
                }
                if let Some(parted) = turn.changes.parted.clone() {
                    for member in [parted.kept, parted.parted] {
                        let expiry = turn.people.get(member).and_then(next_expiry);
                        turn.effects.timers.set(TIMER, member.0, turn.book.workspace, expiry);
                    }
                }
                match next_expiry(turn.member()?) == before && turn.changes.absorbed.is_empty() {
                    true => Ok(()),
                    false => set_timer(turn),
                }
            }
        }
    }
}

/// The member whom a command is about, if he is there: an import names him by an id of the brand's, or by an account.
fn about<'p>(event: &Event, book: &RuleBook, people: &'p WorkingSet) -> Option<&'p MemberState> {
    if let Some(member) = event.member {
        return people.get(people.current(member));
    }
    let mut keys = Names::of(event, book.home).main.into_iter().chain(keys_of(event, book.home));
    let owner = keys.find_map(|(kind, id)| people.known_owner(event.workspace, &kind, &id));
    people.get(people.current(owner?))
}

fn tags_of(properties: &Map<String, Value>) -> Vec<String> {
    let list = properties.get("tags").and_then(Value::as_array);
    list.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn next_expiry(member: &MemberState) -> Option<Time> {
    member.identities.iter().flat_map(|identity| identity.tags.values()).filter_map(|fact| fact.expires_at).min()
}

fn set_timer(turn: &mut Turn<'_>) -> Result<(), Poison> {
    let expiry = next_expiry(turn.member()?);
    turn.effects.timers.set(TIMER, turn.member.0, turn.book.workspace, expiry);
    Ok(())
}

fn add(turn: &mut Turn<'_>, event: &Event) -> Result<(), Poison> {
    let Some(identity) = turn.identity else { return Ok(()) };
    let (member_id, book, at) = (turn.member, turn.book.clone(), event.timestamp);
    let properties = event.properties_value();
    let only_new = properties.get("only_new").and_then(Value::as_bool).unwrap_or(false);
    let asked = properties.get("expires_at").and_then(Value::as_str).and_then(|text| text.parse::<Time>().ok());
    for tag in tags_of(&properties) {
        if only_new && turn.member()?.has_tag(&tag) {
            continue;
        }
        let rule = book.tags.get(&tag);
        for other in rule.map_or(&[][..], |rule| &rule.excludes) {
            remove(turn, other, at, &event.source)?;
        }
        let settled = rule.and_then(|rule| rule.expires_after.as_ref()).map(|period| period.after(at, &book.zone));
        let expires_at = asked.or(settled);
        let had_it = turn.member()?.has_tag(&tag);
        turn.people.dirty.tags.insert((identity, tag.clone()), (member_id, true));
        // Another identity of the member may carry it as well: should they be parted, each keeps his own.
        let Some(target) = turn.member_mut()?.identity_mut(identity) else { continue };
        if let Some(fact) = target.tags.get_mut(&tag) {
            fact.expires_at = expires_at;
            continue;
        }
        target.tags.insert(tag.clone(), TagFact { at, source: event.source.clone(), expires_at });
        note(turn, &book, identity, &tag, (true, at, &event.source))?;
        if !had_it {
            turn.changes.touches.push(Touch::Tag(tag));
        }
    }
    Ok(())
}

/// Lets a tag end as its definition says, counted from when each identity got it. What should have ended before comes off
/// when the timer has its turn, at once.
fn settle(turn: &mut Turn<'_>, tag: &str) -> Result<(), Poison> {
    let (member_id, book) = (turn.member, turn.book.clone());
    let period = book.tags.get(tag).and_then(|rule| rule.expires_after.as_ref());
    let mut settled = Vec::new();
    for identity in &mut turn.member_mut()?.identities {
        if let Some(fact) = identity.tags.get_mut(tag) {
            fact.expires_at = period.map(|period| period.after(fact.at, &book.zone));
            settled.push(identity.id);
        }
    }
    for identity in settled {
        turn.people.dirty.tags.insert((identity, tag.to_owned()), (member_id, true));
    }
    Ok(())
}

fn remove(turn: &mut Turn<'_>, tag: &str, at: Time, source: &str) -> Result<(), Poison> {
    let carriers: Vec<IdentityId> =
        turn.member()?.identities.iter().filter(|i| i.tags.contains_key(tag)).map(|i| i.id).collect();
    carriers.into_iter().try_for_each(|identity| take_off(turn, identity, tag, at, source))
}

fn take_off_expired(turn: &mut Turn<'_>) -> Result<(), Poison> {
    let now = turn.now;
    let mut expired: Vec<(IdentityId, String)> = Vec::new();
    for identity in &turn.member()?.identities {
        let over = identity.tags.iter().filter(|(_, fact)| fact.expires_at.is_some_and(|expires_at| expires_at <= now));
        expired.extend(over.map(|(tag, _)| (identity.id, tag.clone())));
    }
    expired.into_iter().try_for_each(|(identity, tag)| take_off(turn, identity, &tag, now, EXPIRY))
}

fn take_off(turn: &mut Turn<'_>, identity: IdentityId, tag: &str, at: Time, source: &str) -> Result<(), Poison> {
    let (member_id, book) = (turn.member, turn.book.clone());
    if let Some(identity) = turn.member_mut()?.identity_mut(identity) {
        identity.tags.remove(tag);
    }
    turn.people.dirty.tags.insert((identity, tag.to_owned()), (member_id, false));
    turn.changes.touches.push(Touch::Tag(tag.to_owned()));
    note(turn, &book, identity, tag, (false, at, source))
}

/// Writes a change into the history.
fn note(
    turn: &mut Turn<'_>,
    book: &RuleBook,
    identity: IdentityId,
    tag: &str,
    (added, at, source): (bool, Time, &str),
) -> Result<(), Poison> {
    turn.member_mut()?.past.mark(book, Touch::Tag(tag.to_owned()), at, identity, added);
    let change = TagChange { identity, tag: tag.to_owned(), added, at, source: source.to_owned() };
    turn.effects.tag_changes.push(change);
    Ok(())
}
