//! What bounces and complaints lead to, as a channel's configuration says.

use base::Problem;
use serde::Deserialize;
use serde_json::{Map, Value as Json};

use crate::config::within;

/// What reports about messages lead to. The field `bounces` of a channel's configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BouncePolicy {
    /// The address does not exist, or does not any more.
    pub hard: Hard,
    /// The mailbox is full, the server cannot just now.
    pub soft: Soft,
    /// The other side does not want what we send: content, reputation, authentication.
    pub blocked: Blocked,
    /// The reader declared the message to be spam.
    pub complaint: Complaint,
}

/// What a lasting bounce leads to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hard {
    /// The address gets nothing any more.
    #[default]
    Suppress,
    /// It is merely written down.
    Note,
}

/// What passing bounces lead to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Soft {
    /// After so many messages that bounced, the address gets nothing any more; 0 for never.
    pub after: i64,
    /// Within so many days.
    pub within_days: i64,
}

impl Default for Soft {
    fn default() -> Soft {
        Soft { after: 3, within_days: 30 }
    }
}

/// What being blocked leads to. The address is not at fault and is never suppressed for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Blocked {
    /// After so many messages that were blocked on one day, the channel pauses until somebody has looked; 0 for never.
    pub pause_after: i64,
}

/// What a complaint leads to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Complaint {
    /// The address gets nothing any more, and the member's consent to everything but transactional mail is withdrawn.
    #[default]
    Withdraw,
    /// The address gets nothing any more.
    Suppress,
}

impl BouncePolicy {
    /// The policy in a channel's configuration; the usual one for a channel that says nothing, of whatever kind.
    pub fn of(config: &Map<String, Json>) -> BouncePolicy {
        let policy = config.get("bounces").cloned().and_then(|policy| serde_json::from_value(policy).ok());
        policy.unwrap_or_default()
    }

    /// Checks the numbers.
    pub(super) fn check(&self) -> Result<(), Problem> {
        within("bounces.soft.after", self.soft.after, 0, 100)?;
        within("bounces.soft.within_days", self.soft.within_days, 1, 365)?;
        within("bounces.blocked.pause_after", self.blocked.pause_after, 0, 1_000_000)
    }
}
