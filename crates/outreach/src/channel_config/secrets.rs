//! Where the secrets of a configuration stand, and the fields that say where they are sent.
//!
//! A kind names them by patterns: `password`, `mailbox.password`, `accounts[name].password` for each element of a list.
//! Elements are told apart by fields of their own, so that a secret stays with its element when the list is reordered.

use base::{Code, Problem};
use channels::ChannelKind;
use serde_json::{Map, Value as Json};

use super::{HIDDEN, HOOK_SECRET};

/// A secret field of one configuration.
pub(crate) struct Place {
    /// Its JSON path, such as `accounts[0].password`.
    pub path: String,
    /// Its name among the channel's secrets, such as `accounts/main/password`; the same wherever the element stands.
    pub name: String,
    /// Its JSON pointer.
    pointer: String,
    /// The pattern of the object that it stands in.
    container: String,
    /// The pointer of that object.
    parent: String,
    /// The object's name: that of the secret without its last part.
    owner: String,
}

impl Place {
    pub fn value<'a>(&self, config: &'a Json) -> Option<&'a Json> {
        config.pointer(&self.pointer)
    }

    pub fn value_mut<'a>(&self, config: &'a mut Json) -> Option<&'a mut Json> {
        config.pointer_mut(&self.pointer)
    }

    /// Whether the secret stands for what is kept.
    pub fn is_hidden(&self, config: &Json) -> bool {
        self.value(config).and_then(Json::as_str) == Some(HIDDEN)
    }

    /// Takes the field away.
    pub fn remove(&self, config: &mut Json) {
        let field = self.pointer.rsplit('/').next().unwrap_or_default().to_owned();
        if let Some(Json::Object(parent)) = config.pointer_mut(&self.parent) {
            parent.remove(&field);
        }
    }
}

/// All secret fields that a configuration has, given or `null`.
pub(crate) fn places(kind: &dyn ChannelKind, config: &Json) -> Vec<Place> {
    let mut patterns = kind.secret_fields().to_vec();
    if !patterns.contains(&HOOK_SECRET) {
        patterns.push(HOOK_SECRET);
    }
    let found = patterns.into_iter().flat_map(|pattern| places_of(pattern, config));
    found.filter(|place| place.value(config).is_some()).collect()
}

/// Refuses to send a secret that nobody has shown to know to another place than before: where it stays as it is, the
/// fields beside it that say where it goes must, too. A secret without such fields is sent nowhere.
pub(crate) fn check_destinations(
    kind: &dyn ChannelKind,
    before: &Map<String, Json>,
    after: &Map<String, Json>,
) -> Result<(), Problem> {
    let (before, after) = (Json::Object(before.clone()), Json::Object(after.clone()));
    let old = places(kind, &before);
    for place in places(kind, &after).iter().filter(|place| place.is_hidden(&after)) {
        let same = |other: &&Place| other.container == place.container && other.owner == place.owner;
        let was = old.iter().find(same).map(|place| place.parent.clone());
        for destination in kind.destination_fields() {
            let (container, field) = destination.rsplit_once('.').unwrap_or(("", destination));
            if container != place.container || place.name == HOOK_SECRET {
                continue;
            }
            let value = |config: &Json, parent: &str| config.pointer(&format!("{parent}/{field}")).cloned();
            let moved = match &was {
                Some(parent) => value(&before, parent) != value(&after, &place.parent),
                None => false,
            };
            if moved {
                return Err(Problem::at(
                    Code::InvalidChannel,
                    format!("config.{}", place.path),
                    format!("must be given anew, since \"{field}\" changes"),
                ));
            }
        }
    }
    Ok(())
}

fn places_of(pattern: &str, config: &Json) -> Vec<Place> {
    let Some((container, field)) = pattern.rsplit_once('.') else {
        return vec![Place {
            path: pattern.to_owned(),
            name: pattern.to_owned(),
            pointer: format!("/{pattern}"),
            container: String::new(),
            parent: String::new(),
            owner: String::new(),
        }];
    };
    let place = |path: String, owner: String, parent: String| Place {
        path: format!("{path}.{field}"),
        name: format!("{owner}/{field}"),
        pointer: format!("{parent}/{field}"),
        container: container.to_owned(),
        parent,
        owner,
    };
    let Some((list, keys)) = container.strip_suffix(']').and_then(|rest| rest.split_once('[')) else {
        return vec![place(container.to_owned(), container.to_owned(), format!("/{container}"))];
    };
    let elements = config.get(list).and_then(Json::as_array).map_or(&[][..], Vec::as_slice);
    let named = elements.iter().enumerate().map(|(at, element)| {
        let text = |key: &str| element.get(key).and_then(Json::as_str).unwrap_or_default();
        let who: Vec<&str> = keys.split(',').map(text).collect();
        place(format!("{list}[{at}]"), format!("{list}/{}", who.join("/")), format!("/{list}/{at}"))
    });
    named.collect()
}
