//! Segments: rules whose membership follows the facts, live and exact.

mod build;
mod routes;
mod service;
mod stage;

pub use build::Builder;
pub use routes::routes;
pub use service::{SegmentDto, load_sources};
pub use stage::SegmentStage;
