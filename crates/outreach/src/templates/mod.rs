//! Templates: message bodies with variables.
//!
//! A template has a subject, a text and an HTML form; each save makes the next version. A template
//! for a webhook has only a text, which renders to JSON.
//!
//! Invariants: rendering needs neither network nor files, and ends within a bounded amount of
//! work and output whatever the template says (see [`guard`]).

mod engine;
pub mod guard;
mod render;
mod routes;
mod store;
mod tokens;

pub(crate) use self::store::{TemplateRow, load_many};
pub(crate) use render::without_panic;
pub use render::{Body, Rendered, Renderer};
pub use routes::routes;
