//! The behaviour engine: the events of all members, kept so that one pass answers questions about each member's history.
//!
//! A database regroups all events by person for every question. Here they lie in that order: by bucket of members, month,
//! member and time, in files of Parquet that anybody can read, and in memory as compact columns. A question is a *kernel*,
//! which is handed each member's history once.
//!
//! # What is where
//!
//! | file | holds |
//! |---|---|
//! | `rows.rs` | events on their way in |
//! | `properties.rs` | which properties have a column of their own |
//! | `part.rs`, `read.rs` | one file of columns |
//! | `compact.rs` | several files become one |
//! | `manifest.rs` | which files count, and how far in the log they reach |
//! | `columns.rs` | [`Columns`]: all of it on disk |
//! | `chunk.rs`, `facet.rs`, `hot.rs` | columns in memory, and how many of them are kept |
//! | `selection.rs` | what a question looks at |
//! | `scan.rs`, `history.rs` | the pass over histories, and the trait [`Kernel`] |
//! | `standing.rs`, `overlay.rs`, `gathered.rs` | who is one member with whom by now; what lies over the columns |
//! | `engine.rs` | [`Engine`]: takes events in, and asks all buckets on all cores |
//! | `parallel.rs` | work that is divided among threads |
//! | `periods.rs`, `month.rs` | calendars |
//! | `kernels/` | one file for each kind of question |
//! | `sql/` | SQL over the same events and over other tables |
//!
//! # Invariants
//!
//! - A file is complete and on the disk before the manifest names it, and is never changed afterwards.
//! - The manifest holds the cursors of the log beside the files, so no event is in the columns twice or not at all.
//! - The bucket of a member and the order within a file never change: they are part of the form of the files.
//! - An event stays with the member to whom its identity first belonged. Who is one member with whom is known beside the
//!   columns, and true in the next answer.
//! - A question sees one state: what is on disk, what waits for it, and who is who, each event once.
//! - Partial answers of different members add up in any order, so buckets are independent.

mod chunk;
mod columns;
mod compact;
mod engine;
mod error;
mod facet;
mod gathered;
mod history;
mod hot;
pub mod kernels;
mod manifest;
mod month;
mod overlay;
mod parallel;
mod part;
mod periods;
mod properties;
mod read;
mod rows;
mod scan;
mod selection;
pub mod sql;
mod standing;

pub use columns::{BUCKETS, Columns, Gone, Version, bucket_of};
pub use engine::Engine;
pub use error::Error;
pub use history::{History, Hit};
pub use hot::Memory;
pub use manifest::{Manifest, PartEntry};
pub use month::{Month, MonthSpan};
pub use periods::{Periods, Unit};
pub use properties::Scalar;
pub use properties::{Catalogue, Kind};
pub use rows::{Row, Rows};
pub use scan::Kernel;
pub use selection::{Grouping, MemberSet, MemberValues, Selection, Steps, Tests};
pub use standing::Move;
