//! Channels as they are configured: one row per connection, its secrets apart and encrypted.
//!
//! The configuration of a channel is a JSON object. Some of its fields speak to the outbox and not to
//! the adapter: `requires_consent`, `track_links`, `track_opens`, `physical_address`, `burst`, and the secret
//! `hook_secret` with which the provider signs what it reports back.
//!
//! Invariants: a secret field never leaves the house again, readers get [`HIDDEN`] in its place; a
//! configuration is checked by the adapter before it is saved.

mod live;
mod routes;
mod secrets;
mod store;
mod trial;

pub(crate) use self::store::{check_size, fill_secrets, get, hook_secret, put_secrets, take_secrets, update};
pub(crate) use live::connect;
pub use live::{Health, Live, LiveChannels, Options};
pub use routes::routes;
pub(crate) use routes::secret_failed;

/// What stands in the place of a secret; sent back unchanged, it keeps the secret as it is.
pub const HIDDEN: &str = "•••";

/// The secret with which inbound hooks are signed.
pub const HOOK_SECRET: &str = "hook_secret";
