//! Everything there is, by name: names in the place of ids, choices for pickers.
//!
//! Each kind of thing is looked up by its own feature; here stands who may see which.

mod choices;
mod names;
mod search;

use std::sync::Arc;

use utoipa_axum::router::OpenApiRouter;

use crate::accounts::Accounts;

pub(crate) use names::find_names;

pub(crate) fn routes(accounts: &Arc<Accounts>) -> OpenApiRouter {
    OpenApiRouter::new()
        .merge(names::routes(accounts.clone()))
        .merge(choices::routes(accounts.clone()))
        .merge(search::routes(accounts.clone()))
}
