//! Outreach through the real routes on real databases: SQLite, and PostgreSQL when
//! `HEARTH_TEST_POSTGRES_URL` is set. Only the other side of a channel is scripted.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

extern crate hearth_outreach as outreach;

mod answers;
mod breakers;
mod channels_and_templates;
mod consent_and_unsubscribe;
mod counts;
mod email;
mod erasure;
mod full_disk;
mod hooks;
mod house;
mod ledger;
mod links;
mod lists;
mod mail_servers;
#[path = "../../../channels/tests/support/http.rs"]
#[allow(dead_code, reason = "these tests need a part of it")]
mod other_servers;
mod policy;
mod policy_random;
mod preferences;
mod queue;
mod sending;
mod settling;
mod survival;
mod templates;
mod words;
