//! Topics: what members may be written to about, and whether a consent has to be confirmed (double opt-in).
//!
//! A topic has a row when it is described; messages and consents may name others. Where a topic asks for confirmation, the
//! [`OptInStage`] answers a consent that anybody could have given in somebody's name with one message to the address
//! itself; only the button behind its link makes the consent count (`tracking/confirm.rs`).

mod opt_in;
mod routes;

pub use opt_in::OptInStage;
pub use routes::routes;
