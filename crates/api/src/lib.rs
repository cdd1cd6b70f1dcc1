//! The door kit: what every feature's `routes.rs` needs and nothing more. Who is calling
//! ([`Caller`]), what he may do ([`Role`], [`Area`]), bodies and queries that fail as problems
//! ([`Json`], [`Query`], [`Path`]), lists with cursors ([`Page`]), files for spreadsheets ([`csv`]), what pages watch
//! ([`LiveTopic`]), and [`ApiError`].
//!
//! Invariant: no feature and no business rule lives here.

mod caller;
pub mod csv;
mod error;
mod extract;
mod live;
mod names;
mod page;

pub use caller::{Area, Caller, Role, Verb, is_scope};
pub use error::{ApiError, ApiResult, ErrorWords, ProblemBody, ProblemOfField, ProblemWords};
pub use extract::{Json, Path, Query, unread_body};
pub use live::LiveTopic;
pub use names::{Name, part_pattern};
pub use page::{Page, PageQuery, cursor};
