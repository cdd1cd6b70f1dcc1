//! `/api/v1/suppressions`: addresses that get nothing.

use std::sync::Arc;

use api::{ApiResult, Area, Caller, Json, Page, PageQuery, ProblemBody, Query, Verb};
use axum::{extract::State, http::StatusCode};
use base::{Code, Problem, Time};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use people::{
    consent::normal_address,
    privacy::withheld::{self, Withheld},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::suppressions::{self, SuppressionRow};
use crate::Outreach;

/// The routes of suppressions.
pub(super) fn routes(state: Arc<Outreach>) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(list_suppressions, add_suppression, remove_suppression)).with_state(state)
}

/// An address that gets nothing.
#[derive(Debug, Serialize, ToSchema)]
struct Suppression {
    /// Kind of channel.
    channel_kind: String,
    /// The address.
    address: String,
    /// `bounced`, `complained`, `unsubscribed` or `manual`; for a topic, `consent_withdrawn`.
    reason: String,
    /// The delivery or the person that caused it. An erasure (`ers_…`): whoever had the address was erased, and all
    /// that is kept of it is a keyed hash, so it is shown to those only who ask for this address.
    source: String,
    /// About what it gets nothing; `null` for everything. Only withdrawals of somebody who was erased have one here;
    /// they end when the member who has the address now grants his consent.
    topic: Option<String>,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    created_at: Time,
}

impl From<SuppressionRow> for Suppression {
    fn from(row: SuppressionRow) -> Self {
        Suppression {
            channel_kind: row.channel_kind,
            address: row.address,
            reason: row.reason,
            source: row.source,
            topic: None,
            created_at: Time::from_millis(row.created_at),
        }
    }
}

impl Suppression {
    /// What an address does not get because of somebody who had it and was erased.
    fn of_erased(address: &str, withheld: Withheld) -> Suppression {
        Suppression {
            address: normal_address(&withheld.channel_kind, address),
            channel_kind: withheld.channel_kind,
            reason: withheld.reason,
            source: withheld.erasure.to_string(),
            topic: withheld.topic,
            created_at: withheld.since,
        }
    }
}

/// Which suppressions are asked for.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct SuppressionQuery {
    /// Only this address. The last page then also shows what it does not get because of somebody who had it and was
    /// erased; no list shows those otherwise.
    address: Option<String>,
    /// How many items at most (1 to 500, default 50).
    limit: Option<u64>,
    /// The `next` of the page before.
    cursor: Option<String>,
}

/// An address to suppress, or to write to again.
#[derive(Debug, Deserialize, ToSchema, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct SuppressedAddress {
    /// Kind of channel.
    channel_kind: String,
    /// The address.
    address: String,
}

impl SuppressedAddress {
    fn checked(&self, outreach: &Outreach) -> Result<String, Problem> {
        let kind = outreach.registry.kind(&self.channel_kind);
        let kind =
            kind.map_err(|problem| Problem::at(Code::InvalidBody, "channel_kind", problem.detail.unwrap_or_default()))?;
        if !kind.needs_address() {
            return Err(Problem::at(Code::InvalidBody, "channel_kind", "is a kind that needs no address"));
        }
        let address = normal_address(&self.channel_kind, &self.address);
        if address.is_empty() || address.len() > 512 || address.contains('\0') {
            return Err(Problem::at(Code::InvalidBody, "address", "has 1 to 512 characters"));
        }
        Ok(address)
    }
}

/// Lists addresses that get nothing.
#[utoipa::path(get, path = "/api/v1/suppressions", tag = "suppressions", params(SuppressionQuery),
    responses((status = 200, body = Page<Suppression>), (status = 400, body = ProblemBody)))]
async fn list_suppressions(
    State(outreach): State<Arc<Outreach>>,
    caller: Caller,
    Query(query): Query<SuppressionQuery>,
) -> ApiResult<Json<Page<Suppression>>> {
    caller.require(Area::Outreach, Verb::Read)?;
    if query.address.as_deref().is_some_and(|address| address.contains('\0')) {
        return Err(Problem::at(Code::InvalidQuery, "address", "contains the NUL character").into());
    }
    let limit = PageQuery { limit: query.limit, cursor: None }.limit();
    let (kind, after) = read_cursor(query.cursor.as_deref())?;
    let db = outreach.db.read();
    if let Some(address) = query.address.as_deref() {
        let forms: Vec<(&str, String)> =
            outreach.registry.kinds().into_iter().map(|kind| (kind, normal_address(kind, address))).collect();
        let rows = suppressions::find(db, caller.workspace, &forms).await?;
        let mut items: Vec<Suppression> = rows.into_iter().map(Suppression::from).collect();
        // Because of somebody who had it and was erased.
        let asked: Vec<(&str, &str)> = forms.iter().map(|(kind, address)| (*kind, address.as_str())).collect();
        let of_erased = withheld::find(db, &outreach.marks, caller.workspace, &asked).await?;
        items.extend(of_erased.into_iter().map(|withheld| Suppression::of_erased(address, withheld)));
        return Ok(Json(Page { items, next: None }));
    }
    let mut rows = suppressions::list(db, caller.workspace, (&kind, &after), limit + 1).await?;
    let more = rows.len() as u64 > limit;
    rows.truncate(limit as usize);
    let next = rows.last().filter(|_| more).map(write_cursor);
    Ok(Json(Page { items: rows.into_iter().map(Suppression::from).collect(), next }))
}

fn write_cursor(row: &SuppressionRow) -> String {
    URL_SAFE_NO_PAD.encode(format!("{}\n{}", row.channel_kind, row.address))
}

fn read_cursor(cursor: Option<&str>) -> Result<(String, String), Problem> {
    let Some(cursor) = cursor else { return Ok(Default::default()) };
    URL_SAFE_NO_PAD
        .decode(cursor)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .filter(|text| !text.contains('\0'))
        .and_then(|text| text.split_once('\n').map(|(kind, address)| (kind.to_owned(), address.to_owned())))
        .ok_or(Problem::new(Code::InvalidCursor))
}

/// Keeps all messages of a kind away from an address.
#[utoipa::path(post, path = "/api/v1/suppressions", tag = "suppressions", request_body = SuppressedAddress,
    responses((status = 201, body = Suppression), (status = 409, body = ProblemBody), (status = 422, body = ProblemBody)))]
async fn add_suppression(
    State(outreach): State<Arc<Outreach>>,
    caller: Caller,
    Json(body): Json<SuppressedAddress>,
) -> ApiResult<(StatusCode, Json<Suppression>)> {
    caller.require(Area::Outreach, Verb::Write)?;
    let row = SuppressionRow {
        address: body.checked(&outreach)?,
        channel_kind: body.channel_kind,
        reason: "manual".to_owned(),
        source: caller.actor.clone(),
        created_at: outreach.clock.now().millis(),
    };
    let tx = outreach.db.begin().await?;
    if !suppressions::add(&tx, caller.workspace, &row).await? {
        return Err(Code::AlreadyExists.into());
    }
    let detail = json!({"channel_kind": row.channel_kind});
    outreach.audit(&tx, &caller, "suppression.added", &row.address, detail).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(row.into())))
}

/// Lets messages of a kind go to an address again.
#[utoipa::path(delete, path = "/api/v1/suppressions", tag = "suppressions", params(SuppressedAddress),
    responses((status = 204), (status = 404, body = ProblemBody), (status = 422, body = ProblemBody)))]
async fn remove_suppression(
    State(outreach): State<Arc<Outreach>>,
    caller: Caller,
    Query(query): Query<SuppressedAddress>,
) -> ApiResult<StatusCode> {
    caller.require(Area::Outreach, Verb::Write)?;
    let address = query.checked(&outreach)?;
    let tx = outreach.db.begin().await?;
    let (marks, kind) = (&outreach.marks, &query.channel_kind);
    if !suppressions::remove(&tx, marks, caller.workspace, kind, &address, None).await? {
        return Err(Code::NotFound.into());
    }
    let detail = json!({"channel_kind": query.channel_kind});
    outreach.audit(&tx, &caller, "suppression.removed", &address, detail).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
