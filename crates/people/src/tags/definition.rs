//! What is settled about a tag beforehand.

use base::Period;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Who puts a tag on members.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TagKind {
    /// Operators, journeys and imports.
    #[default]
    Static,
    /// A rule: whoever it holds for carries the tag.
    Dynamic,
    /// A model. Nobody else may put it on.
    Predictive,
}

impl TagKind {
    /// The word in the database and in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            TagKind::Static => "static",
            TagKind::Dynamic => "dynamic",
            TagKind::Predictive => "predictive",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<TagKind> {
        [TagKind::Static, TagKind::Dynamic, TagKind::Predictive].into_iter().find(|kind| kind.as_str() == word)
    }
}

/// What is settled about a tag beforehand.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TagRule {
    /// Who puts it on members.
    pub kind: TagKind,
    /// How long after it was put on it comes off by itself.
    pub expires_after: Option<Period>,
    /// The other tags of its set, if it is one of which a member carries only one.
    pub excludes: Vec<String>,
}
