//! Where state lives: one code base over SQLite (the embedded default) and PostgreSQL.
//!
//! Entry points: [`Db::open`] connects and migrates; [`Db::read`] is for queries, [`Db::begin`]
//! for transactions that write; [`Sql`] runs SQL on either. The same SQL text runs on both
//! back ends; the few differences are written `{rows}` (see [`Sql::run_rows`]).
//!
//! Invariants: SQLite has one writer connection and many readers, all in WAL mode; a write
//! transaction takes the write lock when it begins, so it never fails half-way for want of it.

pub mod audit;
mod checkpoint;
pub mod clock;
pub mod cursors;
pub mod db;
pub mod dead_letters;
pub mod emitted;
pub mod jobs;
mod migrate;
pub mod secrets;
pub mod sql;
pub mod timers;

pub use clock::{SimulatedClock, SystemClock};
pub use db::{Db, Tx};
pub use sea_orm::{DbErr, FromQueryResult, Value};
pub use secrets::{Key, Secrets};
pub mod views;

pub use sql::{Sql, Writes, is_disk_full, is_unique_violation};
