//! Simulations of journeys: the real routes and the real job over a past that the real pipeline has made.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

extern crate hearth_outreach as outreach;

#[path = "simulation/asking.rs"]
mod asking;
#[path = "simulation/echoes.rs"]
mod echoes;
#[path = "simulation/exactness.rs"]
mod exactness;
#[path = "simulation/outbox.rs"]
mod outbox;
#[path = "simulation/past.rs"]
mod past;
#[path = "simulation/workshop.rs"]
mod workshop;
