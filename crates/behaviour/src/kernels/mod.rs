//! What is computed of each member's history: one file for each kind of question.

pub mod active;
pub mod funnel;
pub mod path;
pub mod retention;
