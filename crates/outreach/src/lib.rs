//! Outreach: what goes out to members and what becomes of it.
//!
//! Entry points: [`Outreach`] is what every part shares; [`outbox::Outbox`] sends what the
//! pipeline has queued in `deliveries`; [`api_routes`] are for people and programs with a
//! key, [`public_routes`] for members and mail servers.
//!
//! Invariants: a row of the ledger is committed as `sending` before anything leaves the house, and
//! what is not known for certain is never sent again. A message that is not sent is a row with
//! its reason. Templates can neither read files nor run for long. A link in a message changes
//! nothing when it is merely fetched.

pub mod channel_config;
pub mod directory;
pub mod email;
pub mod home;
pub mod journeys;
pub mod live;
pub mod outbox;
pub mod privacy;
mod search;
pub mod statistics;
pub mod templates;
pub mod topics;
pub mod tracking;
pub mod views;

use std::{fmt::Display, sync::Arc, time::Duration};

use api::Caller;
use base::{Clock, IdSource, ids::WorkspaceId};
use people::privacy::Marks;
use sea_orm::DbBackend;
use serde_json::Value;
use store::{Db, DbErr, Secrets, Sql, Tx};
use tokio::sync::Notify;
use utoipa_axum::router::OpenApiRouter;

/// What an installation decides about outreach.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where members reach this server, such as `https://hearth.example.com`; no slash at the end.
    pub public_url: String,
    /// A hit on a link or an image this soon after the message was accepted is a scanner's.
    pub scanner_window: Duration,
    /// A message that waited longer than this is not sent any more.
    pub stale_after: Duration,
    /// Which addresses outside may be asked whether they answer.
    pub guard: channels::guard::Guard,
    /// After a small transaction, how long more may gather for the next: what comes in a steady stream then costs the
    /// database less.
    pub gathering: Duration,
}

impl Settings {
    /// The usual settings: hits within 10 s are a scanner's, messages are sent for 72 h, and nothing gathers.
    pub fn new(public_url: &str) -> Settings {
        Settings {
            public_url: public_url.trim_end_matches('/').to_owned(),
            scanner_window: tracking::SCANNER_WINDOW,
            stale_after: outbox::STALE_AFTER,
            guard: channels::guard::Guard::strict(),
            gathering: Duration::ZERO,
        }
    }
}

/// What every part of outreach shares.
pub struct Outreach {
    /// The database.
    pub db: Db,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Ids and randomness.
    pub ids: IdSource,
    /// Secrets at rest.
    pub secrets: Secrets,
    /// Kinds of channels.
    pub registry: channels::Registry,
    /// What the installation decided.
    pub settings: Settings,
    /// Wakes the outbox; the pipeline calls `notify_one` after it has committed new deliveries.
    pub wake: Arc<Notify>,
    /// Told after facts were put into `emitted_events`, for the task that appends them to the log.
    pub emitted: Arc<Notify>,
    /// Told after the rules of a workspace were changed, for the pipeline to read them anew.
    pub rules_changed: Arc<Notify>,
    /// Compiled templates.
    pub renderer: templates::Renderer,
    /// The rules that templates ask.
    pub asking: outbox::AskingBooks,
    /// Connected channels.
    pub live: channel_config::LiveChannels,
    /// How much each channel may be given.
    pub gates: outbox::Gates,
    /// Knows the addresses of the erased that get nothing.
    pub marks: Marks,
    /// Signs tracked links.
    pub signer: tracking::Signer,
    /// Numbers of tracked addresses.
    pub links: tracking::LinkBook,
    /// Who fetched what a moment ago.
    pub visitors: tracking::Visitors,
}

impl Outreach {
    /// Puts the parts together.
    pub fn new(
        db: Db,
        clock: Arc<dyn Clock>,
        ids: IdSource,
        secrets: Secrets,
        registry: channels::Registry,
        settings: Settings,
    ) -> Arc<Outreach> {
        let signer = tracking::Signer::new(secrets.key().derive("tracking"));
        let marks = Marks::of_installation(secrets.key());
        Arc::new(Outreach {
            db,
            clock,
            ids,
            secrets,
            registry,
            settings,
            wake: Arc::new(Notify::new()),
            emitted: Arc::new(Notify::new()),
            rules_changed: Arc::new(Notify::new()),
            renderer: templates::Renderer::new(),
            asking: outbox::AskingBooks::default(),
            live: channel_config::LiveChannels::default(),
            gates: outbox::Gates::default(),
            marks,
            signer,
            links: tracking::LinkBook::default(),
            visitors: tracking::Visitors::default(),
        })
    }

    /// A transaction that changes what the pipeline keeps in memory about a workspace. The version of its rules
    /// is changed first, which waits for the batch under way: the next batch sees the change, and none
    /// is half in it. When it is committed, `rules_changed` is to be told.
    pub(crate) async fn begin_rules_change(&self, workspace: WorkspaceId) -> Result<Tx, DbErr> {
        let tx = self.db.begin().await?;
        change_rules(&tx, workspace).await?;
        Ok(tx)
    }

    /// A transaction that changes what the pipeline works with, between two of its batches, and leaves the rules as they
    /// are. Whom it changes is to be noted, so that the pipeline forgets them.
    pub(crate) async fn begin_between_batches(&self, workspace: WorkspaceId) -> Result<Tx, DbErr> {
        let tx = self.db.begin().await?;
        if self.db.backend() == DbBackend::Postgres {
            // As the pipeline does for a batch; SQLite has one writer anyway.
            let sql = "SELECT id FROM workspaces WHERE id = $1 FOR NO KEY UPDATE";
            tx.scalar::<i64>(sql, vec![workspace.0.into()]).await?;
        }
        Ok(tx)
    }

    /// One line of the audit log, in the transaction of the change. `detail` holds no secrets.
    pub(crate) async fn audit(
        &self,
        tx: &Tx,
        caller: &Caller,
        action: &str,
        target: impl Display,
        detail: Value,
    ) -> Result<(), DbErr> {
        let (now, target) = (self.clock.now(), target.to_string());
        store::audit::record(tx, &self.ids, now, caller.workspace, &caller.actor, action, &target, detail).await
    }
}

/// Has the pipeline read the rules of a workspace anew, and forget all whom it has in memory.
pub(crate) async fn change_rules(tx: &Tx, workspace: WorkspaceId) -> Result<(), DbErr> {
    tx.run("UPDATE workspaces SET rules_version = rules_version + 1 WHERE id = $1", vec![workspace.0.into()]).await?;
    Ok(())
}

/// REST for people and programs with a key.
pub fn api_routes(state: Arc<Outreach>) -> OpenApiRouter {
    OpenApiRouter::new()
        .merge(templates::routes(state.clone()))
        .merge(channel_config::routes(state.clone()))
        .merge(topics::routes(state.clone()))
        .merge(email::routes(state.clone()))
        .merge(outbox::routes(state))
}

/// Links, images, unsubscribe pages and inbound hooks; nobody signs in for these.
pub fn public_routes(state: Arc<Outreach>) -> OpenApiRouter {
    tracking::routes(state)
}
