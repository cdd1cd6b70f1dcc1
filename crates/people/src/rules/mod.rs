//! Live rules: every rule that must stay true to the moment, compiled into one book.
//!
//! Conditions on events are split into a *selection* (which events, and which number of each) and a
//! *question* about it (how many within 30 days). Selections that several rules share are kept
//! once per member. Each evaluation also says when its answer may change by itself.

mod book;
mod evaluate;
mod occurrences;

pub use book::{BookSource, CompiledRule, RuleBook, Selection, Touch};
pub(crate) use evaluate::sooner;
pub use evaluate::{Verdict, evaluate};
pub use occurrences::{Aggregate, Occurrences};
