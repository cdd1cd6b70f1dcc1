//! Who is calling and what he may do.

use std::{fmt, str::FromStr};

use axum::{extract::FromRequestParts, http::request::Parts};
use base::{Code, Problem, ids::WorkspaceId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ApiError;

/// What a user may do in a workspace; each role may do everything that the one below may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Looks at people, segments, journeys and deliveries.
    Viewer,
    /// Also saves segments.
    Analyst,
    /// Also changes people, templates, journeys and sends.
    Operator,
    /// Also channels, keys, users and settings.
    Admin,
    /// Also other owners, and the workspace itself.
    Owner,
}

/// A part of the product that scopes speak of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Area {
    /// Members, identities, tags, consent.
    People,
    /// Segments.
    Segments,
    /// Templates, journeys, deliveries, suppressions.
    Outreach,
    /// Sending events in, dead letters.
    Ingest,
    /// Channels, keys, users, audit, jobs.
    Settings,
}

/// Looking or changing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verb {
    /// Looking.
    Read,
    /// Changing.
    Write,
}

impl Role {
    /// Whether the role includes this.
    pub fn allows(self, area: Area, verb: Verb) -> bool {
        let needed = match (area, verb) {
            (Area::Settings, _) => Role::Admin,
            (_, Verb::Read) => Role::Viewer,
            (Area::Segments, Verb::Write) => Role::Analyst,
            (Area::People | Area::Outreach | Area::Ingest, Verb::Write) => Role::Operator,
        };
        self >= needed
    }

    /// The word in the database and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Viewer => "viewer",
            Role::Analyst => "analyst",
            Role::Operator => "operator",
            Role::Admin => "admin",
            Role::Owner => "owner",
        }
    }
}

impl FromStr for Role {
    type Err = Problem;
    fn from_str(text: &str) -> Result<Self, Problem> {
        Ok(match text {
            "viewer" => Role::Viewer,
            "analyst" => Role::Analyst,
            "operator" => Role::Operator,
            "admin" => Role::Admin,
            "owner" => Role::Owner,
            _ => {
                return Err(Problem::at(Code::InvalidBody, "role", "is not owner, admin, operator, analyst or viewer"));
            }
        })
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Area {
    /// Every area.
    pub const ALL: [Area; 5] = [Area::People, Area::Segments, Area::Outreach, Area::Ingest, Area::Settings];

    /// The word in scopes.
    pub fn as_str(self) -> &'static str {
        match self {
            Area::People => "people",
            Area::Segments => "segments",
            Area::Outreach => "outreach",
            Area::Ingest => "ingest",
            Area::Settings => "settings",
        }
    }
}

impl Verb {
    fn as_str(self) -> &'static str {
        match self {
            Verb::Read => "read",
            Verb::Write => "write",
        }
    }
}

/// Whether `text` is a scope: `*`, `people:read`, `settings:write` …
pub fn is_scope(text: &str) -> bool {
    text == "*"
        || Area::ALL.iter().any(|area| {
            [Verb::Read, Verb::Write].iter().any(|verb| text == format!("{}:{}", area.as_str(), verb.as_str()))
        })
}

/// The authenticated caller of a request. The server's authentication layer puts him into the
/// request; asking for a `Caller` without one answers 401.
#[derive(Clone, Debug)]
pub struct Caller {
    /// In whose data he works.
    pub workspace: WorkspaceId,
    /// `user:usr_…` or `key:key_…`, as the audit log writes it.
    pub actor: String,
    /// His role there; a key has the role of its creator.
    pub role: Role,
    /// Scopes of a key; `None` for a user, who has all that his role has.
    pub scopes: Option<Vec<String>>,
}

impl Caller {
    /// Fails with 403 unless role and scopes allow it. A write scope includes reading.
    pub fn require(&self, area: Area, verb: Verb) -> Result<(), Problem> {
        let wanted = format!("{}:{}", area.as_str(), verb.as_str());
        if !self.role.allows(area, verb) {
            return Err(Problem::with(Code::Forbidden, format!("the role {} does not include {wanted}", self.role)));
        }
        let Some(scopes) = &self.scopes else { return Ok(()) };
        let write = format!("{}:write", area.as_str());
        if scopes.iter().any(|scope| *scope == "*" || *scope == wanted || (verb == Verb::Read && *scope == write)) {
            return Ok(());
        }
        Err(Problem::with(Code::Forbidden, format!("the key lacks the scope {wanted}")))
    }
}

impl Caller {
    /// All that he may do, as scopes: `people:read`, `people:write` …
    pub fn rights(&self) -> Vec<String> {
        let all = Area::ALL.into_iter().flat_map(|area| [(area, Verb::Read), (area, Verb::Write)]);
        let his = all.filter(|(area, verb)| self.require(*area, *verb).is_ok());
        his.map(|(area, verb)| format!("{}:{}", area.as_str(), verb.as_str())).collect()
    }

    /// Fails with 403 for a key that may not do all that its role may: whoever makes users or gives them passwords
    /// could sign in as one of them and leave the key's scopes behind.
    pub fn require_all_scopes(&self) -> Result<(), Problem> {
        match &self.scopes {
            Some(scopes) if !scopes.iter().any(|scope| scope == "*") => {
                Err(Problem::with(Code::Forbidden, "this needs a user who has signed in, or a key with the scope *"))
            }
            _ => Ok(()),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        parts.extensions.get::<Caller>().cloned().ok_or(ApiError(Problem::new(Code::Unauthenticated)))
    }
}
