//! Templates: message bodies with variables.
//!
//! A template has a subject, a preheader, a text and a body in MJML or HTML, in one language or several; each save that
//! changes something makes the next version. A template for a webhook has only a text, which renders to JSON. Templates
//! put in [`partials`], ask rules by name (`rules.vip`), and write amounts, dates and names with [`filters`] of our own.
//!
//! Invariants: rendering needs neither network nor files, and ends within a bounded amount of work and output whatever the
//! template says (see [`guard`]). MJML is compiled once for each revision of a template, never for a message. A message is
//! made with the newest version and the partials as they are when it is made.

mod content;
mod engine;
mod filters;
pub mod guard;
mod letters;
mod links;
mod lint;
mod mjml;
mod mjml_elements;
mod partial_store;
mod partials;
mod pieces;
mod plain_text;
mod render;
mod routes;
mod rule_use;
mod spam;
mod store;
mod test_send;
mod tokens;
mod variables;

pub(crate) use self::{
    partial_store::load_partials,
    store::{TemplateRow, load_many},
};
pub use content::{Content, Extra, Parts};
pub(crate) use letters::{insert_letter, put_partial_if_missing};
pub(crate) use lint::known_traits;
pub use partials::{Partial, Partials};
pub(crate) use render::without_panic;
pub use render::{Rendered, Renderer};
pub use routes::routes;
pub use rule_use::TemplatesUseRules;
pub(crate) use test_send::{TEST_PAGE, as_test, is_test, test_reader};
