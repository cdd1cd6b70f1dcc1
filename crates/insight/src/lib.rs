//! Insight: questions about what members do, and the answers.
//!
//! Entry points: [`Insight`] keeps the histories of all workspaces beside the pipeline ([`keeping`]) and answers from them;
//! each kind of question is one file with its route, what is asked, what is answered and what the numbers mean.
//!
//! Invariants: an answer has everything that had taken effect when it was asked for. Nothing here changes a member. What is
//! kept of events can always be made anew from the table of events.

mod answering;
mod attribution;
mod boards;
mod breakdown;
mod distribution;
mod documents;
mod erasing;
mod everybody;
mod formula;
mod funnel;
mod goals;
mod interval;
pub mod keeping;
mod lifecycle;
mod path;
mod people_behind;
mod question;
mod retention;
mod scope;
mod spread;
mod sql;
mod standing;
mod trend;

use std::sync::Arc;

use people::PeopleState;
use utoipa_axum::router::OpenApiRouter;

pub use erasing::HistoriesSection;
pub use everybody::Everybody;
pub use goals::keep_goal;
pub use keeping::{Insight, Keeper};

/// The routes of this room.
pub fn routes(state: Arc<Insight>, people: Arc<PeopleState>) -> OpenApiRouter {
    funnel::routes()
        .merge(retention::routes())
        .merge(trend::routes())
        .merge(path::routes())
        .merge(distribution::routes())
        .merge(interval::routes())
        .merge(lifecycle::routes())
        .merge(attribution::routes())
        .merge(people_behind::routes())
        .merge(standing::routes())
        .merge(boards::routes())
        .merge(goals::routes())
        .merge(sql::routes())
        .with_state(state.clone())
        .merge(people_behind::keeping_routes(state, people))
}
