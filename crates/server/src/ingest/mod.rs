//! Ingest: how events get in.
//!
//! Entry points: [`public_routes`] is the Segment HTTP API (`POST /v1/{identify,track,page,screen,group,alias,batch}`),
//! and beside it what the SDKs of PostHog, Mixpanel, Amplitude and Sensors Analytics send (`dialects/`), which
//! authenticate by write key themselves; [`api_routes`] is `POST /api/v1/events` and the dead letters,
//! behind the server's authentication; [`imports`] turns files into the same records.
//!
//! | file | does |
//! |---|---|
//! | `routes.rs`, `schema.rs` | the addresses, and what OpenAPI says about them |
//! | `credentials.rs`, `body.rs`, `rate.rs` | the key, the body within its bounds, the rate of a key |
//! | `envelope.rs`, `fields.rs`, `object.rs`, `scan.rs`, `moment.rs` | reading: borrowed from the text, without trees |
//! | `dialects/` | other protocols: their envelopes, their records translated into those of the API, their replies |
//! | `normalise.rs` | one record of the API to one record of the log |
//! | `accept.rs`, `refusal.rs`, `reply.rs` | the service: bury the refused, append the rest, reply |
//! | `letter.rs`, `dead_letters.rs` | what is kept of refused records; listing and replaying them |
//! | `imports/` | files with many rows |
//!
//! Invariants: a request is answered 200 only when every one of its records is durable in the log
//! or kept as a dead letter (but for dry runs), for 30 days (`housekeeping.rs`). One request is one `append`, and records and letters together have a bound
//! (`accept.rs`), whatever a batch shares. No database is touched for records that are accepted. Nothing here looks at what an event means,
//! and duplicates are found by the pipeline, exactly, in its own transaction.

mod accept;
mod body;
mod credentials;
mod dead_letters;
mod dialects;
mod envelope;
mod fields;
pub mod imports;
mod letter;
mod meter;
mod moment;
mod normalise;
mod object;
mod rate;
mod refusal;
mod reply;
mod routes;
mod scan;
pub mod schema;
#[cfg(test)]
mod tests;

use std::sync::{Arc, atomic::AtomicBool};

use base::{Clock, IdSource};
use log::EventLog;
use store::Db;

pub use body::MAX_BATCH_BYTES;
pub use credentials::{WriteKey, WriteKeys};
pub use meter::{Meter, MeterReading, MinuteOfIngest, SourceOfIngest};
pub use normalise::MAX_EVENT_BYTES;
pub use rate::{RateLimit, RateLimiter};
pub use routes::{api_routes, public_routes};

/// What the ways in share.
pub struct IngestState {
    /// For dead letters.
    pub db: Db,
    /// Where accepted events go.
    pub log: Arc<dyn EventLog>,
    /// Who may send to `/v1`.
    pub write_keys: Arc<dyn WriteKeys>,
    /// The time of arrival.
    pub clock: Arc<dyn Clock>,
    /// The ids of events and dead letters.
    pub ids: IdSource,
    /// Set while the pipeline is too far behind to take more; requests then get 503 `overloaded`.
    pub pressure: Arc<AtomicBool>,
    /// How much a key may send.
    pub limiter: RateLimiter,
    /// How much of a key is kept of what is refused ([`RateLimit::LETTERS`]).
    pub letters: RateLimiter,
    /// Counts what comes in, for people who look.
    pub meter: Arc<Meter>,
}
