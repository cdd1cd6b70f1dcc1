//! Privacy: what is kept about a member is shown to him, and erased when he wants it gone.
//!
//! Every feature that keeps something about members is a [`MemberSection`] in one visible list of the house: it says
//! which tables it answers for, how they are exported, and how they are erased.
//!
//! An erasure is an event of the pipeline, alone in its batch (`erase.rs`). In one transaction the state is erased
//! and keyed hashes of who it was are noted; a job does the rest (`job.rs`): the register for later restores, texts
//! that must be read through, the log, the database's free space, and the certificate. What arrived before the erasure
//! and is met later is passed over (`gone.rs`); what arrives later makes a new stranger. A restore erases again by the
//! register (`reapply.rs`). An address that gets nothing is kept as a keyed hash, so that it gets nothing when it comes
//! back (`withheld.rs`).

mod certificate;
mod erase;
mod export;
mod gone;
mod job;
mod marks;
mod needles;
mod own;
mod page;
mod reapply;
mod register;
mod retention;
mod routes;
mod section;
pub mod withheld;

pub(crate) use erase::erases;
pub use erase::{Eraser, MEMBER_ERASED};
pub(crate) use gone::Gone;
pub use job::EraseJob;
pub use marks::Marks;
pub use needles::Needles;
pub use own::sections;
pub use reapply::{Reapplied, reapply};
pub use register::{Entry, REGISTER_FILE, Register, read as read_register};
pub use retention::{KeepsEvents, RetentionJob, enqueue_all as enqueue_retention};
pub use routes::{LogKept, PrivacyState, resume, routes};
pub use section::{Column, ColumnKind, Counts, HisIdentity, MemberSection, Part, PartOf, Subject, column};
