//! Life-cycle stages: the ladder from stranger to fan.
//!
//! A rung of the ladder is a segment ([`crate::segments`]) with a key and a place. A member is in the highest rung that he
//! has reached, and a stranger when he has reached none. Nobody falls back, unless the rung says so: then it is his only
//! for as long as its rule holds. What a member has reached is a function of his facts: it held at some moment. So it is
//! found however late a fact arrives, and when a merge is undone both have what is theirs.
//!
//! A changed ladder is built beside the present one and takes its place as a whole.

mod counted;
mod ladder;
mod routes;
mod transitions;

pub use ladder::ensure_ladder;
pub(crate) use ladder::{coming_ladder, switch_draft};
pub(crate) use routes::NAME_OF_STRANGERS;
pub use routes::routes;
