//! The whole front of the house, through the real router, on every database there is.

mod administration;
mod app;
mod directory;
mod edge;
mod exports;
mod health;
mod home;
mod idempotency;
mod keys;
mod live;
mod openapi;
mod roles;
mod serving;
mod sessions;
mod setup;
mod support;
mod things;
mod throttle;
mod users;
