//! One attempt to hand a message over: what the adapter is told of it, and what it tells afterwards.

use std::time::Duration;

use serde_json::Value as Json;

use crate::Outcome;

/// What an adapter is told of an attempt beside the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Attempts so far, this one included; those that were given back are not counted.
    pub number: i64,
    /// Whether somebody waits for what the other side answers. Only then the adapter reads and returns it.
    pub wants_answer: bool,
    /// The higher, the earlier it goes, also where the adapter itself puts messages off; 50 is normal.
    pub priority: i64,
}

impl Default for Attempt {
    /// The first attempt of a normal message for whose answer nobody waits.
    fn default() -> Attempt {
        Attempt { number: 1, wants_answer: false, priority: 50 }
    }
}

/// What an attempt came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Attempted {
    /// What became of the message.
    pub outcome: Outcome,
    /// What kind of "later" it is; says something only of [`Outcome::Retry`].
    pub later: Later,
    /// What the other side answered, if [`Attempt::wants_answer`] and it did.
    pub answer: Option<Answer>,
    /// Which of several ways the message took (an account, a region), in the operator's word; for the history.
    pub through: Option<String>,
}

/// Why a message that was certainly not taken is tried again, which decides how soon, how often, and whether the
/// whole channel rests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Later {
    /// The other side is well and does not want this message now, such as a greylisting server. Nobody else waits.
    Temporary,
    /// The other side gets too much from us. The channel rests for as long as it was asked to.
    Throttled,
    /// Nobody is there: no connection, no answer in time, or one that says that nobody is served (HTTP 502, 503,
    /// 504). Several of these on end and the outbox leaves the channel alone for a while.
    Unreachable,
}

impl Later {
    /// The word for it in metrics and in the history.
    pub fn word(self) -> &'static str {
        match self {
            Later::Temporary => "temporary",
            Later::Throttled => "throttled",
            Later::Unreachable => "unreachable",
        }
    }
}

/// What the other side answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The status of HTTP, or what corresponds to it.
    pub status: u16,
    /// What it said; or, in words for the history, why it could not be read.
    pub body: Result<Json, String>,
}

/// How many messages a channel takes at present by plans of its own, such as the day of a warm-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// So many may be under way at present.
    pub messages: usize,
    /// When there are none: how soon to ask again.
    pub ask_again: Duration,
    /// When there are none: why, as of [`Outcome::NotNow`].
    pub reason: &'static str,
}

impl From<Outcome> for Attempted {
    /// An outcome by itself. Another side that says when to come back was there and spoke of this message; one that
    /// does not was not reached.
    fn from(outcome: Outcome) -> Attempted {
        let later = match &outcome {
            Outcome::Retry { after: Some(_), .. } => Later::Temporary,
            _ => Later::Unreachable,
        };
        Attempted { outcome, later, answer: None, through: None }
    }
}
