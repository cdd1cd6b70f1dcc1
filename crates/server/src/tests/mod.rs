//! The whole front of the house, through the real router, on every database there is.

mod administration;
mod edge;
mod health;
mod idempotency;
mod keys;
mod pages;
mod roles;
mod serving;
mod sessions;
mod setup;
mod support;
mod throttle;
mod users;
