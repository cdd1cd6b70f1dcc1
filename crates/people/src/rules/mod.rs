//! Live rules: every rule that must stay true to the moment, compiled into one book.
//!
//! A rule becomes conditions, of which equal ones stand in the book once, however many rules share them. Conditions on
//! events are split into a *selection* (which events, and what of each is remembered) and a *question* about it (how
//! many within 30 days); of a sequence it is remembered how far it has come. A rule is a function of the member's facts
//! and of a moment, so it can be asked of the past as well; each answer also says when it may change by itself.

mod aggregate;
mod book;
mod evaluate;
mod everybody;
mod load;
mod occurrences;
mod sequence;
mod sightings;
mod words;

pub use aggregate::{Aggregate, Amount};
pub use book::{
    BookSource, CompiledSegment, ComputedTrait, Condition, RuleBook, STRANGER, SegmentRole, SegmentSource, Selection,
    Takes, Touch,
};
pub use evaluate::{Answers, Verdict, evaluate};
pub(crate) use evaluate::{computed_value, evaluate_shared, first_held, sooner};
pub(crate) use everybody::{Answer, OfEverybody};
pub use everybody::{Answerer, EventAnswers, EventQuestion, Exceptions, Holds};
pub use load::{asking_book, profile_books};
pub(crate) use load::{load_source, member_book};
pub use occurrences::{Datum, Occurrences};
pub use sequence::{Sequence, SequenceProgress};
pub use words::routes;
