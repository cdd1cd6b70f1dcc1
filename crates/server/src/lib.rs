//! The front of the house: one router for everything that comes in over HTTP.
//!
//! Entry points: [`build_router`] puts the routes of all features, accounts, the admin app and
//! health behind one set of layers; [`serve`] accepts connections; [`housekeeping`] sweeps.
//! [`accounts`] knows who may come in; [`ingest`] takes in events; [`live`] tells open pages what has changed.
//!
//! Invariants: nothing under `/api/v1` but sign-in and set-up answers without credentials, unless
//! a feature's routes were handed over as public; every failure is a problem; no address, body
//! or name reaches the log.

pub mod accounts;
mod address;
mod app;
mod config;
mod directory;
mod edge;
mod exports;
mod health;
mod home;
mod housekeeping;
mod idempotency;
pub mod ingest;
mod jobs;
mod live;
mod openapi;
pub mod privacy;
mod serve;
#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Duration};

use api::LiveTopic;
use axum::{Router, extract::DefaultBodyLimit, middleware};
use base::{Clock, IdSource};
use store::{Db, Secrets};
use tokio::sync::{Notify, watch};
use tower_http::{catch_panic::CatchPanicLayer, decompression::RequestDecompressionLayer};
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

pub use accounts::KeyCache;
pub use address::{Client, Network};
pub use config::{ConfigError, ServerConfig};
pub use exports::unknown_columns;
pub use health::{Disk, Health, RenderMetrics, Vitals};
pub use housekeeping::{housekeeping, sweep};
pub use openapi::openapi_text;
pub use serve::serve;

use accounts::{Accounts, Passwords};

/// What the router is put together from.
pub struct RouterParts {
    /// Where state lives.
    pub db: Db,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Ids and randomness; from entropy in a real process.
    pub ids: IdSource,
    /// The master key, under which kept replies are sealed.
    pub secrets: Secrets,
    /// The `[server]` section, already checked.
    pub config: ServerConfig,
    /// The keys of this process; the ingest routes share it.
    pub keys: Arc<KeyCache>,
    /// Wakes the pipeline when rules have changed, or the zone in which they are read.
    pub rules_changed: Arc<Notify>,
    /// Routes that need a caller.
    pub api: Vec<OpenApiRouter>,
    /// Routes that need none: ingest with write keys, tracked links, hooks, pages. Where such a route
    /// lies under `/api/v1` and credentials are sent along, the handler gets a `Caller` all the same.
    pub public: Vec<OpenApiRouter>,
    /// The files of the admin app; none when it was not built.
    pub app: &'static [web::Asset],
    /// What the program knows about itself.
    pub health: Arc<dyn Health>,
    /// Writes all metrics.
    pub metrics: RenderMetrics,
    /// What pages may watch, besides jobs.
    pub topics: Vec<Arc<dyn LiveTopic>>,
    /// Says that the server is about to stop, which ends what would not end by itself.
    pub closing: watch::Receiver<bool>,
}

/// Puts the one router together, and the OpenAPI document of all its routes.
///
/// # Panics
/// When two features claim the same address and method.
pub fn build_router(parts: RouterParts) -> (Router, OpenApi) {
    let config = Arc::new(parts.config);
    let accounts = Arc::new(Accounts {
        db: parts.db.clone(),
        clock: parts.clock.clone(),
        ids: parts.ids.clone(),
        keys: parts.keys,
        passwords: Passwords::new(parts.ids.clone()),
        config: config.clone(),
        rules_changed: parts.rules_changed,
    });
    let health =
        Arc::new(health::HealthState { accounts: accounts.clone(), health: parts.health, metrics: parts.metrics });

    let mut topics: Vec<Arc<dyn LiveTopic>> =
        vec![Arc::new(live::JobsTopic { db: parts.db.clone() }), Arc::new(live::ImportsTopic { db: parts.db.clone() })];
    topics.extend(parts.topics);
    let live = live::Live::new(accounts.clone(), topics, parts.closing);

    let mut private = vec![
        accounts::routes(&accounts),
        jobs::routes(accounts.clone()),
        directory::routes(&accounts),
        home::routes(accounts.clone()),
        health::private_routes(health.clone()),
        live::routes(live),
    ];
    private.extend(parts.api);
    let (private, mut private_documents) = split(private);
    let (files, document_of_files) = exports::routes(accounts.clone(), private.clone(), &private_documents);
    let private = private.merge(files);
    private_documents.push(document_of_files);
    let (entrance, entrance_documents) = split(vec![accounts::public_routes(&accounts)]);
    let mut public = vec![health::routes(health)];
    public.extend(parts.public);
    let (public, public_documents) = split(public);

    let (document, collisions) = openapi::assemble(private_documents, [entrance_documents, public_documents].concat());
    for collision in collisions {
        tracing::error!(schema = collision.0, "two features gave this name to different schemas");
    }

    // Layers that are added later are further out. Ingest and hooks unpack and limit bodies themselves.
    let rest = private
        .route_layer(middleware::from_fn(accounts::require_caller))
        .merge(entrance)
        .layer(DefaultBodyLimit::max(config.body_limit))
        .layer(RequestDecompressionLayer::new())
        .layer(middleware::from_fn(edge::refuse_encodings));
    let idempotency = Arc::new(idempotency::Idempotency {
        db: parts.db,
        clock: parts.clock.clone(),
        ids: parts.ids.clone(),
        sealing_key: parts.secrets.key().derive("idempotency"),
        body_limit: config.body_limit,
        time_limit: Duration::from_secs(config.request_seconds),
    });
    let edge = edge::Edge {
        clock: parts.clock,
        ids: parts.ids,
        time_limit: Duration::from_secs(config.request_seconds),
        is_https: config.is_https(),
    };
    let trusted: Vec<Network> = config.trusted_proxies.iter().filter_map(|proxy| proxy.parse().ok()).collect();
    let router = rest
        .merge(public)
        .layer(middleware::from_fn_with_state(idempotency, idempotency::once))
        .layer(middleware::from_fn_with_state(accounts, accounts::authenticate))
        .merge(app::routes(parts.app))
        .merge(openapi::routes(&document))
        .method_not_allowed_fallback(edge::method_not_allowed)
        .fallback(edge::not_found)
        .layer(CatchPanicLayer::custom(edge::answer_panic))
        .layer(middleware::from_fn_with_state(edge.clone(), edge::limit_time))
        .layer(middleware::from_fn_with_state(Arc::new(trusted), address::know_client))
        .layer(middleware::from_fn_with_state(edge, edge::observe));
    (router, document)
}

fn split(parts: Vec<OpenApiRouter>) -> (Router, Vec<OpenApi>) {
    let mut router = Router::new();
    let mut documents = Vec::new();
    for part in parts {
        let (routes, document) = part.split_for_parts();
        router = router.merge(routes);
        documents.push(document);
    }
    (router, documents)
}
