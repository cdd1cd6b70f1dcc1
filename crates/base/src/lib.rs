//! The words that every room of the house shares: ids, time, events, durations, the rule
//! grammar and problem codes.
//!
//! Invariant: nothing here does I/O, spawns, or reads the clock; everything is a value or a
//! trait that somebody else implements.

pub mod clock;
pub mod event;
pub mod ids;
pub mod language;
pub mod period;
pub mod problem;
pub mod rule;
pub mod time;

pub use clock::Clock;
pub use event::{Event, EventKind};
pub use ids::IdSource;
pub use language::Language;
pub use period::{Period, PeriodError};
pub use problem::{Code, Problem};
pub use time::Time;
