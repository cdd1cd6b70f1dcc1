//! Which members a list, an export or a bulk change is about.

use std::str::FromStr;

use base::{
    Code, Problem, Time,
    ids::{GroupId, SegmentId},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Longest text that is looked for, in characters; SQLite takes no pattern of more than 50,000 bytes.
const MAX_SEARCH: usize = 1_000;
/// Most tags that one question may name.
const MAX_TAGS: usize = 20;

/// Which members; all conditions must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct MemberFilter {
    /// Any part of an identity or of what the traits say, in upper or lower case, at most 1,000 characters; or a whole id.
    pub q: Option<String>,
    /// Only members whose profiles show all of these tags, at most 20.
    pub tag: Vec<String>,
    /// Only members whose profiles show none of these tags, at most 20.
    pub not_tag: Vec<String>,
    /// Only members in this segment (`seg_…`).
    #[schema(value_type = Option<String>)]
    pub segment: Option<SegmentId>,
    /// Only members in this life-cycle stage.
    pub stage: Option<String>,
    /// Only members of this group (`grp_…`).
    #[schema(value_type = Option<String>)]
    pub group: Option<GroupId>,
    /// Only members who were first seen at or after this moment.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub created_from: Option<Time>,
    /// Only members who were first seen before this moment.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub created_to: Option<Time>,
    /// Only members who carry this tag, also behind one that excludes it; for what happens inside.
    #[serde(skip)]
    pub carries: Option<String>,
}

/// The filter in an address, as the documentation shows it.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the parameters are read by hand, since some may be repeated")]
pub(super) struct FilterParams {
    /// Any part of an identity or of what the traits say, in upper or lower case, at most 1,000 characters; or a whole id.
    q: Option<String>,
    /// The same as `q`, by its older name.
    search: Option<String>,
    /// Only members whose profiles show this tag; may be repeated, and all must hold.
    tag: Option<Vec<String>>,
    /// Only members whose profiles do not show this tag; may be repeated.
    not_tag: Option<Vec<String>>,
    /// Only members in this segment (`seg_…`).
    segment: Option<String>,
    /// Only members in this life-cycle stage.
    stage: Option<String>,
    /// Only members of this group (`grp_…`).
    group: Option<String>,
    /// Only members who were first seen at or after this moment.
    created_from: Option<String>,
    /// Only members who were first seen before this moment.
    created_to: Option<String>,
}

impl MemberFilter {
    /// Takes the filter out of the parameters of an address.
    pub(super) fn take(asked: &mut Asked) -> Result<MemberFilter, Problem> {
        let filter = MemberFilter {
            q: asked.text("q")?.or(asked.text("search")?),
            tag: asked.all("tag"),
            not_tag: asked.all("not_tag"),
            segment: asked.read("segment", "must be the id of a segment")?,
            stage: asked.text("stage")?,
            group: asked.read("group", "must be the id of a group")?,
            created_from: asked.read("created_from", "must be a moment such as 2026-03-01T08:00:00Z")?,
            created_to: asked.read("created_to", "must be a moment such as 2026-03-01T08:00:00Z")?,
            carries: None,
        };
        filter.check(Code::InvalidQuery, "")?;
        Ok(filter)
    }

    /// Refuses what no database could be asked; `before` stands before the names of fields.
    pub(crate) fn check(&self, code: Code, before: &str) -> Result<(), Problem> {
        let single = [self.q.as_ref(), self.stage.as_ref()].into_iter().flatten();
        if single.chain(&self.tag).chain(&self.not_tag).any(|text| text.contains('\0')) {
            return Err(Code::NulCharacter.into());
        }
        if self.q.as_deref().is_some_and(|text| text.chars().count() > MAX_SEARCH) {
            return Err(Problem::at(code, format!("{before}q"), "may have at most 1,000 characters"));
        }
        for (field, tags) in [("tag", &self.tag), ("not_tag", &self.not_tag)] {
            if tags.len() > MAX_TAGS {
                return Err(Problem::at(code, format!("{before}{field}"), format!("has more than {MAX_TAGS} tags")));
            }
        }
        Ok(())
    }

    /// What is looked for, if anything is.
    pub(super) fn wanted_text(&self) -> Option<&str> {
        self.q.as_deref().map(str::trim).filter(|text| !text.is_empty())
    }

    /// Whether it is about everybody.
    pub(crate) fn is_empty(&self) -> bool {
        let MemberFilter { q: _, tag, not_tag, segment, stage, group, created_from, created_to, carries } = self;
        self.wanted_text().is_none()
            && tag.is_empty()
            && not_tag.is_empty()
            && segment.is_none()
            && stage.is_none()
            && group.is_none()
            && created_from.is_none()
            && created_to.is_none()
            && carries.is_none()
    }
}

/// The parameters of an address, of which some may be repeated.
pub(super) struct Asked(pub(super) Vec<(String, String)>);

impl Asked {
    /// All values of a parameter.
    pub(super) fn all(&mut self, name: &str) -> Vec<String> {
        let (found, rest) = std::mem::take(&mut self.0).into_iter().partition(|(other, _)| other == name);
        self.0 = rest;
        let found: Vec<(String, String)> = found;
        found.into_iter().map(|(_, value)| value).collect()
    }

    /// The only value of a parameter.
    pub(super) fn text(&mut self, name: &str) -> Result<Option<String>, Problem> {
        let mut found = self.all(name);
        match found.len() {
            0 | 1 => Ok(found.pop()),
            _ => Err(Problem::at(Code::InvalidQuery, name, "may be given once")),
        }
    }

    /// The only value of a parameter, read; `message` says what it must be.
    pub(super) fn read<T: FromStr>(&mut self, name: &str, message: &str) -> Result<Option<T>, Problem> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        text.parse().map(Some).map_err(|_| Problem::at(Code::InvalidQuery, name, message))
    }
}
