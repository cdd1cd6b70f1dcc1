//! Any list as a file: `…/export` beside the address of the list, with the same query.
//!
//! The file is made by asking the list itself for page after page, on behalf of whoever asked for the file. So it holds
//! what he would see, and a list that learns a new filter needs nothing here. Pages leave as they come: memory is bounded
//! by one of them, however long the list is.

mod lists;

use std::{collections::BTreeMap, io, sync::Arc};

use api::{
    ApiError, ApiResult, Caller, Name,
    csv::{Cell, CsvStyle, file_reply},
};
use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    extract::{Request, State},
    http::{Method, StatusCode, Uri, header},
    response::Response,
    routing::get,
};
use base::{Code, Problem};
use futures::stream;
use serde::Deserialize;
use serde_json::{Value, json};
use store::audit;
use tower::ServiceExt;
use utoipa::{
    PartialSchema,
    openapi::{
        ContentBuilder, OpenApi, OpenApiBuilder, PathsBuilder, ResponseBuilder, ResponsesBuilder,
        path::{HttpMethod, Parameter, PathItem},
    },
};

use crate::{accounts::Accounts, directory::find_names, edge};
use lists::{LISTS, List};

/// The largest page that a list answers, in bytes.
const LARGEST_PAGE: usize = 64 << 20;
/// Parameters of a list that a file has no use for.
const OF_PAGES: [&str; 2] = ["limit", "cursor"];
/// Parameters that are about the file.
const OF_FILES: [&str; 2] = ["bom", "escape_formulas"];

struct Exports {
    accounts: Arc<Accounts>,
    /// The lists themselves.
    lists: Router,
}

/// The addresses of the files of those lists that are there; `lists` has their routes, and `documents` says which.
pub(crate) fn routes(accounts: Arc<Accounts>, lists: Router, documents: &[OpenApi]) -> (Router, OpenApi) {
    let lists = lists.method_not_allowed_fallback(edge::method_not_allowed).fallback(edge::not_found);
    let state = Arc::new(Exports { accounts, lists });
    let mut router = Router::new();
    let mut paths = PathsBuilder::new();
    for list in LISTS {
        let described = documents.iter().find_map(|document| document.paths.paths.get(list.path));
        let Some(described) = described else { continue };
        let path = format!("{}/export", list.path);
        // Where the last part of an address may be a name, there may be one that is called "export".
        let here = get(move |state: State<Arc<Exports>>, caller: Caller, method: Method, uri: Uri| {
            export(state, caller, method, uri, list)
        })
        .fallback(hand_on);
        router = router.route(&path, here);
        if let Some(item) = describe(list, described) {
            paths = paths.path(path, item);
        }
    }
    (router.with_state(state), OpenApiBuilder::new().paths(paths.build()).build())
}

/// What OpenAPI says of a file: what it says of the list, but for its pages.
fn describe(list: &List, described: &PathItem) -> Option<PathItem> {
    let mut operation = described.get.clone()?;
    let parameters = operation.parameters.unwrap_or_default().into_iter();
    let mut parameters: Vec<Parameter> = parameters.filter(|parameter| list.takes(&parameter.name)).collect();
    parameters.extend(<api::csv::CsvQuery as utoipa::IntoParams>::into_params(|| None));
    let file = ResponseBuilder::new()
        .description("The whole list as CSV")
        .content("text/csv", ContentBuilder::new().schema(Some(String::schema())).build())
        .build();
    operation.parameters = Some(parameters);
    operation.responses = ResponsesBuilder::new().response("200", file).build();
    operation.request_body = None;
    operation.summary = Some(format!("The list of {} as a file.", list.name.replace('-', " ")));
    operation.description =
        Some("All of it, with the same filters as the list. It is written down in the audit log.".to_owned());
    Some(PathItem::new(HttpMethod::Get, operation))
}

/// A request that is not for a file, but about something that is called "export".
async fn hand_on(State(state): State<Arc<Exports>>, request: Request) -> Response {
    match state.lists.clone().oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

async fn export(
    State(state): State<Arc<Exports>>,
    caller: Caller,
    method: Method,
    uri: Uri,
    list: &'static List,
) -> ApiResult<Response> {
    if let Some((area, verb)) = list.needs {
        caller.require(area, verb)?;
    }
    let (style, query) = style_and_query(uri.query().unwrap_or_default(), list)?;
    let path = uri.path().strip_suffix("/export").ok_or(Problem::new(Code::NotFound))?.to_owned();
    let asking = Asking { state: state.clone(), caller: caller.clone(), path, query, list };
    // What is wrong with the query shows before the file begins.
    let first = match asking.page(None).await? {
        Ok(page) => page,
        Err(refusal) => return Ok(refusal),
    };
    // Who merely asks whether he may have it takes nothing along.
    if method == Method::GET {
        write_down(&state.accounts, &caller, list, &asking.path).await?;
    }
    let file_name = format!("{}.csv", list.name);
    let body = Body::from_stream(pieces(asking, style, first));
    Ok(file_reply(body, "text/csv; charset=utf-8", &file_name))
}

async fn write_down(accounts: &Accounts, caller: &Caller, list: &List, path: &str) -> ApiResult<()> {
    let (now, detail) = (accounts.clock.now(), json!({ "list": path }));
    let tx = accounts.db.begin().await?;
    let (ids, workspace) = (&accounts.ids, caller.workspace);
    audit::record(&tx, ids, now, workspace, &caller.actor, "list.exported", list.name, detail).await?;
    tx.commit().await?;
    Ok(())
}

/// How the file is to be written, and the rest of the query, which is for the list.
fn style_and_query(query: &str, list: &List) -> Result<(CsvStyle, String), Problem> {
    let mut style = api::csv::CsvQuery::default();
    let mut rest = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        if !list.takes(&name) {
            continue;
        }
        if !OF_FILES.contains(&name.as_ref()) {
            rest.append_pair(&name, &value);
            continue;
        }
        let is_wanted = value.parse::<bool>();
        let is_wanted =
            is_wanted.map_err(|_| Problem::with(Code::InvalidQuery, format!("{name}: is neither true nor false")))?;
        match name.as_ref() {
            "bom" => style.bom = Some(is_wanted),
            _ => style.escape_formulas = Some(is_wanted),
        }
    }
    Ok((style.into(), rest.finish()))
}

/// A page of a list, whatever stands in it.
#[derive(Deserialize)]
struct AnyPage {
    items: Vec<Value>,
    next: Option<String>,
}

impl List {
    /// Whether whoever wants the file may say this parameter.
    fn takes(&self, parameter: &str) -> bool {
        !OF_PAGES.contains(&parameter) && self.always.is_none_or(|(name, _)| name != parameter)
    }
}

/// Whoever asks the list.
struct Asking {
    state: Arc<Exports>,
    caller: Caller,
    path: String,
    query: String,
    list: &'static List,
}

impl Asking {
    /// The question for a page.
    fn question(&self, cursor: Option<&str>) -> Result<Request, Problem> {
        let mut query = url::form_urlencoded::Serializer::new(self.query.clone());
        query.append_pair("limit", &self.list.at_once.to_string());
        query.extend_pairs(self.list.always);
        if let Some(cursor) = cursor {
            query.append_pair("cursor", cursor);
        }
        let request = Request::builder()
            .method(Method::GET)
            .uri(format!("{}?{}", self.path, query.finish()))
            .header(header::ACCEPT, "application/json")
            .extension(self.caller.clone())
            .body(Body::empty());
        request.map_err(|_| Problem::new(Code::InvalidPath))
    }

    /// A page of the list, or the reply with which it refuses.
    async fn page(&self, cursor: Option<&str>) -> ApiResult<Result<AnyPage, Response>> {
        let request = self.question(cursor)?;
        let response = match self.state.lists.clone().oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        };
        if response.status() != StatusCode::OK {
            return Ok(Err(response));
        }
        let body = to_bytes(response.into_body(), LARGEST_PAGE).await.map_err(|_| Problem::new(Code::Internal))?;
        Ok(Ok(serde_json::from_slice(&body).map_err(|_| Problem::new(Code::Internal))?))
    }

    /// The rows of a page.
    async fn rows(&self, page: &AnyPage, style: CsvStyle) -> ApiResult<String> {
        let mut ids: Vec<String> = Vec::new();
        for column in self.list.named {
            ids.extend(page.items.iter().filter_map(|item| Some(field(item, column)?.as_str()?.to_owned())));
        }
        ids.sort_unstable();
        ids.dedup();
        let names = find_names(&self.state.accounts, &self.caller, &ids).await?;
        let mut text = String::new();
        for item in &page.items {
            style.write_row(&mut text, self.list.columns.iter().flat_map(|column| self.cells(item, column, &names)));
        }
        Ok(text)
    }

    /// What stands in a column, and behind it the name where it is an id.
    fn cells(&self, item: &Value, column: &str, names: &BTreeMap<String, Name>) -> Vec<Cell> {
        let value = field(item, column);
        let mut cells = vec![value.map_or(Cell::Empty, cell)];
        if self.list.named.contains(&column) {
            let name = value.and_then(Value::as_str).and_then(|id| names.get(id));
            cells.push(name.map_or(Cell::Empty, |name| Cell::Text(name.name.clone())));
        }
        cells
    }
}

/// The file, page by page. When a list fails on the way, the file is cut off, so that nobody takes a part for the whole.
fn pieces(asking: Asking, style: CsvStyle, first: AnyPage) -> impl stream::Stream<Item = io::Result<Bytes>> {
    let begun = style.begin(headers(asking.list).iter().map(String::as_str));
    stream::try_unfold(Some((asking, first, begun)), move |state| async move {
        let Some((asking, page, mut text)) = state else { return Ok(None) };
        text += &asking.rows(&page, style).await.map_err(cut_off)?;
        let next = match page.next {
            None => None,
            Some(cursor) => match asking.page(Some(&cursor)).await.map_err(cut_off)? {
                Ok(page) => Some((asking, page, String::new())),
                Err(refusal) => return Err(io::Error::other(format!("the list answered {}", refusal.status()))),
            },
        };
        Ok(Some((Bytes::from(text), next)))
    })
}

fn cut_off(error: ApiError) -> io::Error {
    tracing::warn!(problem = error.0.code.as_str(), "a file of a list was cut off");
    io::Error::other(error.0.code.as_str())
}

/// The names of the columns.
fn headers(list: &List) -> Vec<String> {
    let mut headers = Vec::new();
    for column in list.columns {
        headers.push((*column).to_owned());
        if list.named.contains(column) {
            headers.push(format!("{column}_name"));
        }
    }
    headers
}

/// A field of an item; `name.en` is one of a field.
fn field<'v>(item: &'v Value, column: &str) -> Option<&'v Value> {
    column.split('.').try_fold(item, |value, name| value.get(name)).filter(|value| !value.is_null())
}

fn cell(value: &Value) -> Cell {
    match value {
        Value::Null => Cell::Empty,
        Value::Bool(truth) => Cell::Bool(*truth),
        Value::Number(number) => Cell::Number(number.clone()),
        Value::String(text) if text.is_empty() => Cell::Empty,
        Value::String(text) => Cell::Text(text.clone()),
        Value::Array(list) if list.iter().all(Value::is_string) => {
            Cell::Text(list.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(";"))
        }
        other => Cell::Text(other.to_string()),
    }
}

/// Which columns of files the OpenAPI document of all routes does not know, as list and column: none, or a field has
/// another name than here.
pub fn unknown_columns(document: &Value) -> Vec<String> {
    let mut unknown = Vec::new();
    for list in LISTS {
        let operation = &document["paths"][list.path]["get"];
        let page = resolved(document, &operation["responses"]["200"]["content"]["application/json"]["schema"]);
        let item = resolved(document, &page["properties"]["items"]["items"]);
        for column in list.columns {
            if !knows(document, item, column) {
                unknown.push(format!("{} {column}", list.path));
            }
        }
    }
    unknown
}

/// Whether things of this schema may have such a field; `name.en` is a field of a field.
fn knows(document: &Value, schema: &Value, column: &str) -> bool {
    let schema = resolved(document, schema);
    let (name, rest) = column.split_once('.').map_or((column, None), |(name, rest)| (name, Some(rest)));
    if let Some(found) = schema["properties"].get(name) {
        return rest.is_none_or(|rest| knows(document, found, rest));
    }
    // One of several forms, or nothing instead.
    let mut forms = ["oneOf", "anyOf", "allOf"].into_iter().filter_map(|word| schema[word].as_array()).flatten();
    forms.any(|form| knows(document, form, column))
}

/// The schema to which a reference leads.
fn resolved<'d>(document: &'d Value, schema: &'d Value) -> &'d Value {
    match schema["$ref"].as_str().and_then(|reference| reference.strip_prefix('#')) {
        Some(pointer) => document.pointer(pointer).unwrap_or(schema),
        None => schema,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_about_the_file_does_not_reach_the_list() {
        let list = |path: &str| LISTS.iter().find(|list| list.path == path).unwrap();
        let jobs = list("/api/v1/jobs");
        let (style, query) = style_and_query("bom=false&state=open&cursor=x&limit=1&q=a%26b", jobs).unwrap();
        assert!(!style.has_bom && style.escapes_formulas);
        assert_eq!(query, "state=open&q=a%26b");
        assert_eq!(style_and_query("bom=perhaps", jobs).unwrap_err().code, Code::InvalidQuery);
        let journeys = list("/api/v1/journeys");
        assert_eq!(style_and_query("fields=all&state=live", journeys).unwrap().1, "state=live", "always summaries");
    }

    #[test]
    fn lists_are_texts_and_what_is_deeper_is_json() {
        assert_eq!(cell(&json!(["a", "b"])), Cell::Text("a;b".to_owned()));
        assert_eq!(cell(&json!({"a": [1]})), Cell::Text(r#"{"a":[1]}"#.to_owned()));
        assert_eq!(cell(&json!("")), Cell::Empty);
        let item = json!({"name": {"en": "News"}, "why": null});
        assert_eq!(field(&item, "name.en"), Some(&json!("News")));
        assert_eq!((field(&item, "why.code"), field(&item, "nothing")), (None, None));
    }
}
