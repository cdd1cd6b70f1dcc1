//! Which identities an event names.

use std::borrow::Cow;

use base::{Event, EventKind, ids::MemberId};
use serde_json::Value;

use super::{
    MEMBERS_MERGED,
    external::{ExternalId, external_ids},
    kinds::{Kind, Reach},
    normalise_in,
    phone::Home,
    priority,
};

/// An identity by kind and normalised value.
pub(crate) type Key = (Cow<'static, str>, String);

/// By what an event says who it is about.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    /// The identity to which the event's facts belong: the brand's own id; or what somebody who is trusted says of the
    /// person; or the id of a visitor; or else the strongest account or device.
    pub(crate) main: Option<Key>,
    /// The id of the device or visitor beside it.
    pub(crate) visitor: Option<String>,
    /// Further ids, `main` perhaps among them.
    pub(crate) external: Vec<Key>,
}

impl Names {
    /// The names in an event.
    pub(crate) fn of(event: &Event, home: Home) -> Names {
        let user = event.user_id.as_deref().and_then(|value| key_of("user_id", value, home));
        let visitor = event.anonymous_id.as_deref().and_then(|value| key_of("anonymous_id", value, home));
        let external = external_keys(event, home);
        let of_person = || strongest(&external, |kind| kind.reach == Reach::Person).filter(|_| event.trusted);
        let any = || strongest(&external, |_| true);
        let main = user.or_else(of_person).or_else(|| visitor.clone()).or_else(any);
        let visitor = visitor.filter(|visitor| main.as_ref() != Some(visitor)).map(|(_, value)| value);
        Names { main, visitor, external }
    }
}

/// The identities that an event names. Phone numbers without a code are of the country `home`.
pub(crate) fn keys_of(event: &Event, home: Home) -> Vec<Key> {
    let mut keys = Vec::with_capacity(2);
    let mut add = |kind: &'static str, value: Option<&str>| {
        keys.extend(value.and_then(|value| key_of(kind, value, home)));
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
    keys.extend(external_keys(event, home));
    keys
}

/// The member whom a command names beside the one it is about.
pub(crate) fn others_of(event: &Event) -> Option<MemberId> {
    match event.kind == EventKind::Command && event.name == MEMBERS_MERGED {
        true => event.properties_value().get("with")?.as_str()?.parse().ok(),
        false => None,
    }
}

/// Whether what an event says of an identity of this kind proves it: of accounts, that is whatever somebody says who is
/// trusted; that addresses were verified is said in traits.
pub(crate) fn vouches_for(event: &Event, kind: &str) -> bool {
    let kind = Kind::named(kind);
    event.trusted && kind.is_external() && kind.can_be_verified
}

/// The strongest account or device of a kind that is wanted; of several of one priority the one with the smallest
/// value.
fn strongest(external: &[Key], is_wanted: impl Fn(&Kind) -> bool) -> Option<Key> {
    let fitting = external.iter().filter(|(kind, _)| {
        let kind = Kind::named(kind);
        kind.is_external() && is_wanted(kind)
    });
    let order = |one: &&Key, other: &&Key| priority(&other.0).cmp(&priority(&one.0)).then_with(|| one.1.cmp(&other.1));
    fitting.min_by(order).cloned()
}

/// Nothing of what cannot be read: who sends it is told so before it comes here. A command has them when it comes from
/// the row of an import.
fn external_keys(event: &Event, home: Home) -> Vec<Key> {
    if event.kind == EventKind::Delivery {
        return Vec::new();
    }
    let ids = external_ids(&event.context).unwrap_or_default();
    ids.into_iter()
        .filter_map(|ExternalId { kind, value }| {
            let value = normalise_in(&kind, &value, home)?;
            Some((kind, value))
        })
        .collect()
}

fn key_of(kind: &'static str, value: &str, home: Home) -> Option<Key> {
    normalise_in(kind, value, home).map(|value| (Cow::Borrowed(kind), value))
}
