//! Connections to the outside: the [`Channel`] trait, the registry of kinds, and one folder per kind.
//!
//! Invariants: an adapter knows nothing of members, consent or the ledger; it turns one
//! [`Message`] into one [`Outcome`], and says honestly what it does not know. All outbound
//! addresses pass the [`guard`].

mod attempt;
mod config;
pub mod email;
pub mod guard;
pub mod reach;
mod reason;
mod trial;
pub mod webhook;

use std::{collections::HashMap, sync::Arc, time::Duration};

use async_trait::async_trait;
use base::{
    Code, Problem, Time,
    ids::{ChannelId, DeliveryId},
};
use serde_json::Value as Json;

pub use attempt::{Answer, Attempt, Attempted, Later, Room};
pub use trial::{TestStep, Trying};

/// A message that is ready to be handed over.
#[derive(Clone, Debug)]
pub struct Message {
    /// The row in the ledger; also the idempotency key where a platform takes one.
    pub delivery: DeliveryId,
    /// Sixteen hexadecimal digits that only the sender can make of the delivery. A report that comes back with
    /// them is about a message that was really sent; whoever merely knows a delivery's id cannot forge one.
    pub seal: String,
    /// Where to: an e-mail address; empty for a kind that has one fixed destination.
    pub address: String,
    /// What.
    pub content: Content,
}

/// What is sent.
#[derive(Clone, Debug)]
pub enum Content {
    /// An e-mail.
    Email {
        /// Subject line.
        subject: String,
        /// Plain-text part.
        text: String,
        /// HTML part; empty for a plain-text mail.
        html: String,
        /// For RFC 8058: the address that takes the one-click POST. `None` for
        /// transactional mail.
        unsubscribe_url: Option<String>,
    },
    /// A JSON payload.
    Json {
        /// What happened, such as `journey.step`.
        event_type: String,
        /// The payload.
        body: Json,
    },
}

/// What became of one attempt to hand a message over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The other side took it. `provider_id` is its name for the message, if it told.
    Accepted {
        /// The other side's name for the message.
        provider_id: Option<String>,
    },
    /// It was certainly not taken, and a later attempt may succeed.
    Retry {
        /// Why, for the ledger.
        reason: String,
        /// How long the other side wants to be left alone, if it told.
        after: Option<Duration>,
    },
    /// The other side refused this address or message for good. `suppress` when the address
    /// itself does not work and shall not be tried again by later messages.
    Refused {
        /// Why, for the ledger.
        reason: String,
        /// Whether the address itself does not work.
        suppress: bool,
    },
    /// Not at this moment, and nothing was tried: the channel keeps to a limit. It costs no attempt.
    NotNow {
        /// The reason in the ledger while it waits: `warm_up`, `domain_rate` or `account_limit`.
        reason: &'static str,
        /// When it may be tried again.
        retry_after: Duration,
    },
    /// The channel itself cannot send (login refused, configuration wrong): certainly not
    /// taken, nothing wrong with the message.
    Broken {
        /// Why, for the ledger.
        reason: String,
    },
    /// It may or may not have been taken. Never sent again by guess.
    Unknown {
        /// Why, for the ledger.
        reason: String,
    },
}

/// One configured connection.
///
/// What the outbox does with an outcome:
///
/// | outcome | the message | the channel |
/// |---|---|---|
/// | `Accepted` | is accepted | works |
/// | `Retry`, [`Later::Temporary`] | is tried again in minutes, later in hours | works |
/// | `Retry`, [`Later::Throttled`] | is tried again when it was asked for, and soon after | rests for as long as it was asked |
/// | `Retry`, [`Later::Unreachable`] | is tried again soon | rests after several on end |
/// | `Refused` | has failed | works |
/// | `Broken` | waits; the attempt does not count | rests at once |
/// | `Unknown` | is never sent again by guess; with [`Channel::idempotent`] it is a `Retry` | as if unreachable |
/// | `NotNow` | waits; the attempt does not count | nothing was learnt |
///
/// A channel that rests is tried with one message after a pause that gets longer each time. Messages that were claimed
/// for it and had not been given to it wait again, without an attempt being counted.
#[async_trait]
pub trait Channel: Send + Sync + 'static {
    /// Hands one message over. Never panics, always returns within a bounded time.
    async fn send(&self, message: &Message) -> Outcome;

    /// Hands one message over and tells all there is to tell of it; this is what the outbox calls. A channel that knows
    /// more than an [`Outcome`] implements this, and [`Channel::send`] by it.
    async fn attempt(&self, message: &Message, _attempt: &Attempt) -> Attempted {
        self.send(message).await.into()
    }

    /// Tries the connection without sending anything; says exactly what failed.
    async fn test(&self) -> Result<(), Problem>;

    /// The same step by step, with how long each took; whoever looks on sees where it ended. Sends nothing.
    async fn try_out(&self) -> Vec<TestStep> {
        let problem = self.test().await.err().map(|problem| problem.detail.unwrap_or_default());
        vec![TestStep {
            path: String::new(),
            what: Trying::Request,
            target: String::new(),
            problem,
            took: Duration::ZERO,
        }]
    }

    /// Whether the other side drops a repeated message by its id, so that an unknown outcome
    /// may be tried again.
    fn idempotent(&self) -> bool {
        false
    }

    /// How much it may be given.
    fn pace(&self) -> Pace;

    /// How many messages it takes at present by plans of its own; `None` when it has none. It is asked before messages
    /// are claimed, so that no more are claimed than can go. Cheap, and does not wait.
    fn room(&self) -> Option<Room> {
        None
    }
    /// How the ways are by which it sends, when it has several; what an operator looks at.
    fn ways(&self) -> Vec<Way> {
        Vec::new()
    }

    /// Where reports about its messages arrive by themselves, if there is such a place.
    fn mailbox(&self) -> Option<Arc<dyn Mailbox>> {
        None
    }
}

/// One of several ways by which a channel sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// What it is called in the configuration.
    pub name: String,
    /// Why it rests; `None` when nothing is known to be wrong.
    pub problem: Option<String>,
    /// Until when it rests.
    pub rests_until: Option<Time>,
}

/// A place where mail about messages arrives.
#[async_trait]
pub trait Mailbox: Send + Sync {
    /// The mails behind `after`, oldest first, no more than a page of them; an empty page means that there are none.
    /// Changes nothing in the mailbox.
    ///
    /// Errors: [`Code::ChannelTestFailed`] with the step that failed.
    async fn read(&self, after: MailboxPosition) -> Result<MailboxPage, Problem>;

    /// Waits until mail may have come since the last reading, for `most` at the longest; false at once where nobody tells
    /// of new mail, or the last reading left no connection. May be given up at any time.
    ///
    /// Errors: [`Code::ChannelTestFailed`] when the connection was lost.
    async fn watch(&self, most: Duration) -> Result<bool, Problem>;

    /// How long to wait between two readings where nobody tells of new mail.
    fn every(&self) -> Duration;
}

/// How far a mailbox has been read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MailboxPosition {
    /// Which numbering of mails the position belongs to (`UIDVALIDITY` of RFC 3501). Another one begins anew.
    pub numbering: i64,
    /// The last mail that was read; 0 for none.
    pub last: i64,
}

/// Mails that were read.
#[derive(Clone, Debug, Default)]
pub struct MailboxPage {
    /// With their numbers, in order; `None` for one that the server could not give. A mail is cut off at a megabyte.
    pub mails: Vec<(i64, Option<Vec<u8>>)>,
    /// The numbering that they have.
    pub numbering: i64,
}

/// Counts what leaves on a day, so that the count outlives the process.
#[async_trait]
pub trait DayCounts: Send + Sync {
    /// The day that it is where the channel's workspace is.
    async fn today(&self, channel: ChannelId) -> Result<Day, String>;

    /// Takes up to `wanted` of the `most` that may leave by one way on a day; says how many it got.
    async fn take(&self, channel: ChannelId, way: &str, day: i64, most: i64, wanted: i64) -> Result<i64, String>;
}

/// A day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day {
    /// Days since 1970-01-01.
    pub number: i64,
    /// When it ends.
    pub ends_at: Time,
}

/// How much a channel may be given.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pace {
    /// Messages per second.
    pub per_second: f64,
    /// Messages under way at the same time.
    pub concurrency: usize,
}

/// What the messages of a kind are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    /// A subject, a text and perhaps HTML, whose links are tracked: [`Content::Email`].
    Letter,
    /// A JSON payload, which needs no template: [`Content::Json`].
    Payload,
}

/// A kind of channel: reads configurations and connects.
pub trait ChannelKind: Send + Sync + 'static {
    /// The word in the `kind` column.
    fn kind(&self) -> &'static str;
    /// What people call it, in English and in Chinese.
    fn names(&self) -> (&'static str, &'static str) {
        (self.kind(), self.kind())
    }
    /// A configuration to begin with; secrets are left out.
    fn example(&self) -> Json {
        Json::Object(serde_json::Map::new())
    }
    /// What its messages are made of.
    fn form(&self) -> Form;
    /// Whether a message needs an address of the member, which is his identity of this kind. A kind
    /// without sends everything to one place.
    fn needs_address(&self) -> bool;
    /// Fields of the configuration that say where the secrets are sent. When one of them changes, the
    /// secrets have to be given anew, so that nobody has them sent elsewhere who does not know them.
    fn destination_fields(&self) -> &'static [&'static str];
    /// Names of configuration fields that are kept encrypted and never shown again. A field of an object inside is
    /// written `mailbox.password`; one of the elements of a list, which are told apart by some of their own fields,
    /// `accounts[name].password` or `dkim[domain,selector].private_key`. The same goes for `destination_fields`, which
    /// concern the secrets that stand beside them.
    fn secret_fields(&self) -> &'static [&'static str];
    /// Makes a channel from a configuration with its secrets filled in. Checks everything that can
    /// be checked without the network.
    fn connect(&self, config: &Json) -> Result<Arc<dyn Channel>, Problem>;

    /// The same for a channel that is kept, which may count under its id what it sends.
    fn connect_kept(&self, channel: ChannelId, config: &Json) -> Result<Arc<dyn Channel>, Problem> {
        let _ = channel;
        self.connect(config)
    }
}

/// The kinds that this program knows; the list itself stands in `hearth`.
#[derive(Clone, Default)]
pub struct Registry {
    kinds: HashMap<&'static str, Arc<dyn ChannelKind>>,
}

impl Registry {
    /// A registry of these kinds.
    pub fn new(kinds: Vec<Arc<dyn ChannelKind>>) -> Registry {
        Registry { kinds: kinds.into_iter().map(|kind| (kind.kind(), kind)).collect() }
    }

    /// The names of all kinds, sorted.
    pub fn kinds(&self) -> Vec<&'static str> {
        let mut kinds: Vec<&str> = self.kinds.keys().copied().collect();
        kinds.sort_unstable();
        kinds
    }

    /// The kind with this name.
    pub fn kind(&self, name: &str) -> Result<&Arc<dyn ChannelKind>, Problem> {
        let unknown =
            || Problem::at(Code::InvalidChannel, "kind", format!("is not one of {}", self.kinds().join(", ")));
        self.kinds.get(name).ok_or_else(unknown)
    }
}
