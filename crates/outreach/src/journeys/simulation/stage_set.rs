//! Which stages a simulation runs.

use people::pipeline::Stage;

/// The stages of the pipeline in their order, the journeys' last: those that run live.
pub type Stages = fn() -> Vec<Box<dyn Stage>>;
