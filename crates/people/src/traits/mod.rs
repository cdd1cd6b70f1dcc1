//! Traits: what is known about members, who may say what, and what Hearth computes from their events.
//!
//! A trait needs no definition. With one it has a type, and a rule for what the profile shows when several things were
//! said of it; or it is computed, and then nobody can say it. A computed trait is no state: wherever a rule asks for
//! it, the question about the events stands in its place, and whoever looks at a member gets the value of that moment.
//!
//! A value of the wrong type is not taken into the profile; the event that brought it stays in the history, and the
//! value waits in the dead letters for a better definition.
//!
//! What is said only for who has none is kept like everything else that is said, and stands behind whatever was said
//! plainly. So it shows again when that was another's after all, and the order in which things arrive does not matter.

mod definition;
mod once;
mod rebuild;
mod routes;
mod store;

pub use definition::{Conflict, TraitRule, ValueType};
pub(crate) use once::said_once;
pub(crate) use rebuild::Rebuilder;
pub use routes::routes;
pub(crate) use store::load_book;
