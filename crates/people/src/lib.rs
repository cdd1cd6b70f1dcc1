//! People: identities, members, consent, tags, segments, and the pipeline that keeps them live.
//!
//! Entry points: [`pipeline::Runner`] folds the log into state; [`rules::RuleBook`] is the
//! compiled form of every live rule; each feature folder has its `routes`.
//!
//! Invariants: only the pipeline's runner changes a member, an identity, a tag or a segment
//! membership. An operator's change is an event in the log like any other ([`commands`]).
//! Facts (traits, tags, events) belong to the identity that gave them, so that a merge never
//! rewrites them.

pub mod commands;
pub mod consent;
pub mod directory;
pub mod groups;
pub mod histories;
pub mod home;
pub mod identity;
pub mod live;
pub mod members;
pub mod pipeline;
pub mod privacy;
pub mod replay;
pub mod rules;
pub mod segments;
pub mod stages;
pub mod tags;
pub mod traits;
pub mod views;

use std::sync::Arc;

use base::{Clock, IdSource};
use store::{Db, DbErr};
use tokio::sync::Notify;

/// What the routes of this room work with.
pub struct PeopleState {
    /// The database.
    pub db: Db,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Where ids come from.
    pub ids: IdSource,
    /// For changes of members.
    pub commands: commands::Commands,
    /// Wakes the pipeline when rules have changed.
    pub rules_changed: Arc<Notify>,
    /// Who else asks rules, so that nothing is deleted under them.
    pub rule_users: Vec<Arc<dyn segments::RuleUser>>,
    /// For previews of rules; the runner tells the same ones of its commits.
    pub columns: Arc<members::Columns>,
    /// What other features add to the timelines of members.
    pub timeline: Vec<members::TimelinePart>,
}

impl PeopleState {
    /// Writes one line of the audit log in a transaction of its own.
    pub(crate) async fn audit(
        &self,
        caller: &api::Caller,
        action: &str,
        target: &str,
        detail: serde_json::Value,
    ) -> Result<(), DbErr> {
        let tx = self.db.begin().await?;
        let now = self.clock.now();
        store::audit::record(&tx, &self.ids, now, caller.workspace, &caller.actor, action, target, detail).await?;
        tx.commit().await
    }
}

/// The routes of this room that need a caller.
pub fn routes(state: Arc<PeopleState>) -> utoipa_axum::router::OpenApiRouter {
    members::routes(state.clone())
        .merge(members::export_routes(state.clone()))
        .merge(identity::routes(state.clone()))
        .merge(groups::routes(state.clone()))
        .merge(tags::routes(state.clone()))
        .merge(consent::routes(consent::ConsentState {
            db: state.db.clone(),
            clock: state.clock.clone(),
            ids: state.ids.clone(),
        }))
        .merge(traits::routes(state.clone()))
        .merge(stages::routes(state.clone()))
        .merge(rules::routes(state.clone()))
        .merge(segments::routes(state))
}
