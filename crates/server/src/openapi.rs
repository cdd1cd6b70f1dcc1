//! The OpenAPI document, put together from what the features say about their routes.

use std::collections::BTreeSet;

use api::ProblemBody;
use axum::{
    Router,
    extract::Path,
    http::{HeaderValue, header},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use base::{Code, Problem};
use bytes::Bytes;
use std::sync::Arc;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        Components, Content, ContentBuilder, InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder, Ref, RefOr,
        ResponseBuilder, Schema, Server,
        path::{Operation, PathItem},
        security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
        tag::TagBuilder,
    },
};

const DOCUMENT: &str = "/api/openapi.json";
const BEARER: &str = "bearer";
const COOKIE: &str = "cookie";
const WRITE_KEY: &str = "write_key";
const DESCRIPTION: &str = "\
Errors are RFC 9457 problems (`application/problem+json`) with a stable `code`, and a `help` that says what to do.

Lists are `{\"items\": [], \"next\": cursor}`: pass `next` as `cursor` to get the next page; it is `null` at the end.

A POST may carry an `Idempotency-Key` (1 to 255 characters). The same request with the same key within 24 hours gets \
the first one's reply, with the header `Idempotency-Replayed: true`, and nothing happens a second time.

Times are RFC 3339 in UTC with milliseconds. Ids have a prefix and sort by the time of their creation.";

/// What Swagger UI needs: its scripts from here, styles that it writes itself, and its images in data URLs.
const CSP_OF_BROWSER: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
                              img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; \
                              form-action 'none'; frame-ancestors 'none'";

/// Two features that gave one name to two different schemas. One of them is wrong in the document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaCollision(pub String);

/// The document of the whole program, from the parts that need a caller and those that do not.
pub(crate) fn assemble(api: Vec<OpenApi>, public: Vec<OpenApi>) -> (OpenApi, Vec<SchemaCollision>) {
    let mut document = OpenApiBuilder::new()
        .info(
            InfoBuilder::new()
                .title("Hearth")
                .version(env!("CARGO_PKG_VERSION"))
                .description(Some(DESCRIPTION))
                .license(Some(LicenseBuilder::new().name("Apache-2.0").identifier(Some("Apache-2.0")).build()))
                .build(),
        )
        .build();
    let mut collisions = Vec::new();
    for part in api {
        add(&mut document, part, &mut collisions);
    }
    for mut part in public {
        // No caller is needed, unless the route itself says so.
        for operation in part.paths.paths.values_mut().flat_map(operations) {
            operation.1.security.get_or_insert_with(|| vec![SecurityRequirement::default()]);
        }
        add(&mut document, part, &mut collisions);
    }
    document.servers = Some(vec![Server::new("/")]);
    document.security =
        Some([BEARER, COOKIE].map(|scheme| SecurityRequirement::new(scheme, Vec::<String>::new())).to_vec());
    complete_components(document.components.get_or_insert_with(Components::new));
    complete_operations(&mut document);
    (document, collisions)
}

/// The document as it is written to a file: with line breaks, and one at the end.
pub fn openapi_text(document: &OpenApi) -> Result<String, serde_json::Error> {
    Ok(format!("{}\n", document.to_pretty_json()?))
}

fn add(document: &mut OpenApi, part: OpenApi, collisions: &mut Vec<SchemaCollision>) {
    if let (Some(known), Some(new)) = (&document.components, &part.components) {
        for (name, schema) in &new.schemas {
            if known.schemas.get(name).is_some_and(|other| other != schema) {
                collisions.push(SchemaCollision(name.clone()));
            }
        }
    }
    document.merge(part);
}

fn complete_components(components: &mut Components) {
    let mut parts_of_problems = Vec::new();
    ProblemBody::schemas(&mut parts_of_problems);
    components.schemas.extend(parts_of_problems);
    components.schemas.insert("ProblemBody".to_owned(), schema_of_problems());
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("ProblemBody"))).build();
    let problem = ResponseBuilder::new()
        .description("What went wrong, and what to do about it")
        .content("application/problem+json", content)
        .build();
    components.responses.insert("Problem".to_owned(), RefOr::T(problem));
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("hk_…")
        .description(Some("An API key, made in the settings or with `hearth key create --kind api`"))
        .build();
    let cookie = ApiKeyValue::with_description("hearth_session", "The session of a user who has signed in");
    components.security_schemes.insert(BEARER.to_owned(), SecurityScheme::Http(bearer));
    let write_key = HttpBuilder::new()
        .scheme(HttpAuthScheme::Basic)
        .description(Some(
            "A write key (`wk_…`) as the user name, without a password; as a bearer token or as `writeKey` in the body \
             it is as good",
        ))
        .build();
    components.security_schemes.insert(WRITE_KEY.to_owned(), SecurityScheme::Http(write_key));
    components.security_schemes.insert(COOKIE.to_owned(), SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
}

/// The schema of problems, which names every code there is.
fn schema_of_problems() -> RefOr<Schema> {
    let mut schema = ProblemBody::schema();
    if let RefOr::T(Schema::Object(object)) = &mut schema
        && let Some(RefOr::T(Schema::Object(code))) = object.properties.get_mut("code")
    {
        code.enum_values = Some(Code::ALL.iter().map(|code| code.as_str().into()).collect());
    }
    schema
}

fn complete_operations(document: &mut OpenApi) {
    let mut tags = BTreeSet::new();
    for (path, item) in &mut document.paths.paths {
        for (method, operation) in operations(item) {
            operation.operation_id = Some(operation_id(method, path));
            let problem = || RefOr::Ref(Ref::from_response_name("Problem"));
            operation.responses.responses.entry("default".to_owned()).or_insert_with(problem);
            // Every failure is a problem with its own media type, however the route described it, unless it speaks
            // another protocol, whose failures have forms of their own.
            for (status, response) in &mut operation.responses.responses {
                if status.starts_with(['4', '5'])
                    && let RefOr::T(response) = response
                    && response.content.get("application/json").is_some_and(is_problem)
                    && let Some(content) = response.content.swap_remove("application/json")
                {
                    response.content.insert("application/problem+json".to_owned(), content);
                }
            }
            tags.extend(operation.tags.iter().flatten().cloned());
        }
    }
    document.tags = Some(tags.into_iter().map(|tag| TagBuilder::new().name(tag).build()).collect());
}

fn is_problem(content: &Content) -> bool {
    match &content.schema {
        Some(RefOr::Ref(schema)) => schema.ref_location.ends_with("/ProblemBody"),
        _ => true,
    }
}

fn operations(item: &mut PathItem) -> Vec<(&'static str, &mut Operation)> {
    let all = [
        ("get", &mut item.get),
        ("post", &mut item.post),
        ("put", &mut item.put),
        ("patch", &mut item.patch),
        ("delete", &mut item.delete),
        ("head", &mut item.head),
        ("options", &mut item.options),
    ];
    all.into_iter().filter_map(|(method, operation)| Some((method, operation.as_mut()?))).collect()
}

/// An id that is unique because method and path are, and that stays when code moves:
/// `post_journeys_by_id_publish`.
fn operation_id(method: &str, path: &str) -> String {
    let mut id = method.to_owned();
    for segment in path.trim_start_matches("/api/v1").split('/').filter(|segment| !segment.is_empty()) {
        id.push('_');
        match segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
            Some(parameter) => id.push_str(&format!("by_{}", parameter.trim_start_matches('*'))),
            None => id.push_str(&segment.replace(|c: char| !c.is_ascii_alphanumeric(), "_")),
        }
    }
    id
}

/// `/api/openapi.json`, and the API browser at `/api/docs/`, which needs nothing from outside.
pub(crate) fn routes(document: &OpenApi) -> Router {
    let text = match document.to_json() {
        Ok(text) => Bytes::from(text),
        Err(error) => {
            tracing::error!(%error, "the OpenAPI document cannot be written");
            Bytes::new()
        }
    };
    let show = move || async move { ([(header::CONTENT_TYPE, "application/json")], text) };
    Router::new()
        .route(DOCUMENT, get(show))
        .route("/api/docs", get(|| async { Redirect::to("/api/docs/") }))
        .route("/api/docs/", get(|| async { browser_file("") }))
        .route("/api/docs/{file}", get(|Path(file): Path<String>| async move { browser_file(&file) }))
}

fn browser_file(name: &str) -> Response {
    let config = utoipa_swagger_ui::Config::from(DOCUMENT).validator_url("none").display_request_duration(true);
    let file = match utoipa_swagger_ui::serve(name, Arc::new(config)) {
        Ok(Some(file)) => file,
        Ok(None) => return problem(Code::NotFound),
        Err(error) => {
            tracing::error!(%error, "the API browser cannot be shown");
            return problem(Code::Internal);
        }
    };
    let mut response = file.bytes.into_owned().into_response();
    let headers = response.headers_mut();
    if let Ok(kind) = HeaderValue::from_str(&file.content_type) {
        headers.insert(header::CONTENT_TYPE, kind);
    }
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(CSP_OF_BROWSER));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=3600"));
    response
}

fn problem(code: Code) -> Response {
    api::ApiError(Problem::new(code)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_are_called_after_method_and_path() {
        assert_eq!(operation_id("post", "/api/v1/journeys/{id}/publish"), "post_journeys_by_id_publish");
        assert_eq!(operation_id("get", "/healthz"), "get_healthz");
        assert_eq!(operation_id("get", "/t/{token}"), "get_t_by_token");
    }
}
