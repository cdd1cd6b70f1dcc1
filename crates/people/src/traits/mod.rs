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
//!
//! An operation (add this number, append that element) changes what the same identity said before, in the order of the
//! log, so that merges and partings never count one twice or lose one. One that does not fit what is there is not part of
//! the event that is kept, but waits in the dead letters as well.

mod definition;
mod operation;
mod rebuild;
mod routes;
mod said;
mod saying;
mod store;
mod told;

pub use definition::{Conflict, TraitRule, ValueType};
pub use operation::{Misfit, Operation};
pub(crate) use rebuild::Rebuilder;
pub use routes::routes;
pub use saying::{Manner, Saying};
pub(crate) use store::{building, load_book};
pub(crate) use told::{MAY_TELL_SQL, Told, ToldTrait, with_operations};
