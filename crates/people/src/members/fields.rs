//! Which parts of members a list shows, so that a page of wide profiles stays light.

use serde_json::{Map, Value};

use super::service::MemberDto;

/// The traits of which the name of a member is made, as SDKs and imports call them.
const NAMES: [&str; 11] = [
    "name",
    "nickname",
    "display_name",
    "displayName",
    "full_name",
    "fullName",
    "first_name",
    "firstName",
    "last_name",
    "lastName",
    "username",
];

/// What a member is called, if he said it.
pub(crate) fn name_of(traits: &Map<String, Value>) -> Option<String> {
    let said = |name: &str| traits.get(name).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty());
    let whole = ["name", "nickname", "display_name", "displayName", "full_name", "fullName", "username"];
    if let Some(name) = whole.into_iter().find_map(said) {
        return Some(name.to_owned());
    }
    let part = |names: [&str; 2]| names.into_iter().find_map(said);
    let (first, last) = (part(["first_name", "firstName"]), part(["last_name", "lastName"]));
    let parts: Vec<&str> = [first, last].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

/// The parts that are wanted.
#[derive(Debug, Default)]
pub(super) struct Fields {
    traits: Wanted,
    identities: Wanted,
    tags: bool,
    segments: bool,
    consent: bool,
}

/// Which of several.
#[derive(Debug, Default)]
struct Wanted {
    all: bool,
    names: Vec<String>,
}

impl Wanted {
    fn has(&self, name: &str) -> bool {
        self.all || self.names.iter().any(|wanted| wanted == name)
    }
}

impl Fields {
    /// Reads names between commas. A name that is no part of its own is a kind of identity and, since addresses may stand
    /// in either, a trait.
    pub(super) fn read(text: &str) -> Fields {
        let mut fields = Fields::default();
        for name in text.split(',').map(str::trim).filter(|name| !name.is_empty()) {
            match name {
                "id" | "stage" | "stage_since" | "created_at" | "last_seen_at" => {}
                "name" => fields.traits.names.extend(NAMES.map(str::to_owned)),
                "tags" => fields.tags = true,
                "segments" => fields.segments = true,
                "consent" => fields.consent = true,
                "traits" => fields.traits.all = true,
                "identities" => fields.identities.all = true,
                name => match (name.strip_prefix("traits."), name.strip_prefix("identities.")) {
                    (Some(name), _) => fields.traits.names.push(name.to_owned()),
                    (_, Some(kind)) => fields.identities.names.push(kind.to_owned()),
                    _ => {
                        fields.traits.names.push(name.to_owned());
                        fields.identities.names.push(name.to_owned());
                    }
                },
            }
        }
        fields
    }

    /// Empties what is not wanted.
    pub(super) fn cut(&self, member: &mut MemberDto) {
        member.traits.retain(|name, _| self.traits.has(name));
        member.identities.retain(|identity| self.identities.has(&identity.kind));
        if !self.tags {
            member.tags.clear();
        }
        if !self.segments {
            member.segments.clear();
            member.segments_since.clear();
        }
        if !self.consent {
            member.consent.clear();
        }
    }
}
