//! `/api/v1/templates`.

mod bodies;
mod partial_versions;
mod partials;
mod templates;
mod tries;
mod variables;
mod versions;

use std::sync::Arc;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::Outreach;

/// The template routes.
pub fn routes(state: Arc<Outreach>) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(templates::list_templates, templates::create_template))
        .routes(routes!(tries::lint_template))
        .routes(routes!(tries::preview_new_template))
        .routes(routes!(variables::list_variables))
        .routes(routes!(partials::list_partials, partials::create_partial))
        .routes(routes!(partials::get_partial, partials::replace_partial, partials::delete_partial))
        .routes(routes!(partial_versions::list_partial_versions))
        .routes(routes!(partial_versions::get_partial_version))
        .routes(routes!(partial_versions::restore_partial_version))
        .routes(routes!(
            templates::get_template,
            templates::replace_template,
            templates::change_template,
            templates::delete_template
        ))
        .routes(routes!(tries::preview_template))
        .routes(routes!(tries::test_template))
        .routes(routes!(versions::list_versions))
        .routes(routes!(versions::get_version))
        .routes(routes!(versions::restore_version))
        .routes(routes!(versions::compare_versions))
        .with_state(state)
}
