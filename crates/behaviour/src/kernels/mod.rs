//! What is computed of each member's history: one file for each kind of question.

pub mod active;
pub mod attribution;
pub mod funnel;
pub mod lifecycle;
pub mod members;
pub mod path;
pub mod retention;
pub mod rule;
pub mod spread;
pub mod trend;
