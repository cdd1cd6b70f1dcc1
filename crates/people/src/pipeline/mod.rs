//! The pipeline: folds the log into state, exactly once.
//!
//! One [`Runner`] reads all partitions, orders events and due timers by time, and takes each
//! through the visible list of [`Stage`]s. Stages work on members in memory, without I/O; what
//! they changed is written in bulk, together with timers, intents and the cursors, in one
//! transaction. Kill it anywhere: nothing is lost, nothing is done twice.
//!
//! *Now*, for everything that a stage decides, is the moment at which the event arrived or the timer
//! was due, never the wall clock. So the outcome does not depend on how far behind the
//! pipeline is, and a replay of the log gives the same state.

mod dedupe;
mod effects;
mod emitter;
mod flush;
mod input;
mod progress;
mod runner;
mod stage;
mod wake;

pub(crate) use dedupe::hashes as message_hashes;
pub use effects::{BatchTimers, Effects, EventRow, GroupChange, MergeRow, SegmentChange, TagChange};
pub use emitter::Emitter;
pub use progress::{Progress, Regrouped};
pub use runner::{Runner, RunnerOptions, RunnerWakes, Step};
pub use stage::{Changes, Poison, Stage, Trigger, Turn, Work};

/// The name of the pipeline in the table of cursors.
pub const CONSUMER: &str = "pipeline";
