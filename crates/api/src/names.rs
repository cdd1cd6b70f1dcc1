//! What things are called: the words that stand in the place of ids.

use serde::Serialize;
use utoipa::ToSchema;

/// What something is called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Name {
    /// What it is: `member`, `segment`, `group`, `journey`, `template`, `channel`, `task`, `import`, `user` or `key`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// What tells it from others of that name: of a member an address or another identity, of a user the address, of a
    /// key its beginning and end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// The member who stands for this one since they became one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub into: Option<String>,
    /// Whether it has been deleted, revoked or removed; it keeps its name.
    pub gone: bool,
}

impl Name {
    /// The name of something that is there.
    pub fn of(kind: &str, name: impl Into<String>) -> Name {
        Name { kind: kind.to_owned(), name: name.into(), hint: None, into: None, gone: false }
    }
}

/// A pattern of `LIKE`, with `!` before what is meant literally, that finds a text within others in lower case.
pub fn part_pattern(text: &str) -> String {
    let literal = text.trim().to_lowercase().replace('!', "!!").replace('%', "!%").replace('_', "!_");
    format!("%{literal}%")
}
