//! Tracking: what members and mail servers tell us after a message has left.
//!
//! Links in a message lead through `/t/…`, an invisible image through `/o/…`; `/u/…` is the preference centre, and
//! `/u/confirm/…` confirms a subscription. Providers report bounces and complaints to `/hooks/…`.
//!
//! Invariants: a token is signed and names one delivery and one stored address, so it can neither be
//! guessed nor lead anywhere else. Fetching a link changes no consent. What looks like a
//! scanner is marked on the delivery and not counted.

mod about;
mod confirm;
mod hits;
mod hook_routes;
pub(crate) mod hooks;
mod html;
mod links;
mod page;
mod preference_page;
mod preferences;
mod routes;
mod text;
mod token;
mod unsubscribe;
mod visitors;

use std::time::Duration;

pub(crate) use confirm::confirms;
pub use html::{Edit, Html, apply as apply_html, scan as scan_html};
pub use links::LinkBook;
pub use routes::routes;
pub use text::scan as scan_text;
pub use token::{Purpose, Signer};
pub use visitors::Visitors;

/// A hit this soon after the message was accepted is taken for a scanner's.
pub const SCANNER_WINDOW: Duration = Duration::from_secs(10);

/// The number in the token of the hidden link that no person sees.
pub const HIDDEN_LINK: i64 = 0;

/// The longest address that is tracked, in bytes; longer ones stay as they are.
pub const MAX_URL: usize = 2_000;

/// Whether an address is one that may be stored and led to.
pub fn is_trackable(url: &str) -> bool {
    if url.len() > MAX_URL || url.contains('\0') {
        return false;
    }
    url::Url::parse(url).is_ok_and(|parsed| matches!(parsed.scheme(), "http" | "https") && parsed.host().is_some())
}
