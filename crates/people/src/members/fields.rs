//! Which parts of members a list shows, so that a page of wide profiles stays light.

use super::service::MemberDto;
use crate::directory::name_traits;

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
                "name" => fields.traits.names.extend(name_traits().map(str::to_owned)),
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
