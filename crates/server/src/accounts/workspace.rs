//! The workspace's own settings.

use std::sync::Arc;

use api::{ApiResult, Area, Caller, Json, Verb};
use axum::extract::State;
use base::{Code, IdSource, Problem, Time, ids::WorkspaceId};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{DbErr, FromQueryResult, Sql, Tx, audit};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{AccountError, Accounts, checked_name};

/// What the workspace is called until somebody names it.
pub(crate) const DEFAULT_NAME: &str = "Hearth";
/// Where its days begin until somebody says so.
pub(crate) const DEFAULT_TIME_ZONE: &str = "UTC";

pub(crate) fn routes(accounts: Arc<Accounts>) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(get_workspace, change_workspace)).with_state(accounts)
}

/// A brand's isolated data, as it is shown.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WorkspaceBody {
    /// `wrk_…`
    #[schema(value_type = String)]
    pub id: WorkspaceId,
    /// The brand.
    pub name: String,
    /// The IANA time zone in which days begin and calendar durations count.
    #[schema(example = "Asia/Shanghai")]
    pub time_zone: String,
    /// The country (ISO 3166-1 alpha-2) of phone numbers that come in without a code; none where they stay rows of
    /// digits.
    #[schema(example = "CN")]
    pub default_country: Option<String>,
    /// Where Hearth is reached, as its configuration says; none where it does not say so, and the address by which one
    /// came is as good as any.
    #[schema(example = "https://hearth.example.com")]
    pub public_url: Option<String>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Time,
}

/// What to change about the workspace.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct WorkspaceChange {
    /// The brand, 1 to 200 characters.
    name: Option<String>,
    /// An IANA time zone.
    #[schema(example = "Asia/Shanghai")]
    time_zone: Option<String>,
    /// The country (ISO 3166-1 alpha-2) of phone numbers that come in without a code; an empty text for none. It
    /// concerns what comes in from now on: identities that are there stay as they are.
    #[schema(example = "CN")]
    default_country: Option<String>,
}

#[derive(FromQueryResult)]
struct WorkspaceRow {
    id: i64,
    name: String,
    time_zone: String,
    default_country: Option<String>,
    created_at: i64,
}

/// Shows the workspace's settings.
#[utoipa::path(get, path = "/api/v1/workspace", tag = "workspace",
    responses((status = 200, description = "The settings", body = WorkspaceBody)))]
async fn get_workspace(State(accounts): State<Arc<Accounts>>, caller: Caller) -> ApiResult<Json<WorkspaceBody>> {
    caller.require(Area::Settings, Verb::Read)?;
    Ok(Json(find(&accounts, accounts.db.read(), caller.workspace).await?))
}

/// Changes the workspace's settings. In a new time zone, segments with calendar windows are evaluated over history
/// anew, with progress, and change at one moment.
#[utoipa::path(patch, path = "/api/v1/workspace", tag = "workspace", request_body = WorkspaceChange,
    responses((status = 200, description = "The settings, changed", body = WorkspaceBody)))]
async fn change_workspace(
    State(accounts): State<Arc<Accounts>>,
    caller: Caller,
    Json(change): Json<WorkspaceChange>,
) -> ApiResult<Json<WorkspaceBody>> {
    caller.require(Area::Settings, Verb::Write)?;
    let name = change.name.map(|name| checked_name("name", &name)).transpose()?;
    let time_zone = change.time_zone.map(|zone| checked_time_zone("time_zone", &zone)).transpose()?;
    let country = change.default_country.map(|country| checked_country("default_country", &country)).transpose()?;
    let tx = accounts.db.begin().await?;
    let before = find(&accounts, &tx, caller.workspace).await?;
    tx.run(
        "UPDATE workspaces SET name = COALESCE($2, name), time_zone = COALESCE($3, time_zone),
           default_country = NULLIF(COALESCE($4, default_country), ''), rules_version = rules_version + 1
         WHERE id = $1",
        vec![
            caller.workspace.0.into(),
            name.clone().into(),
            time_zone.clone().into(),
            country.map(str::to_owned).into(),
        ],
    )
    .await?;
    let detail = json!({ "name": name, "time_zone": time_zone, "default_country": country });
    let target = caller.workspace.to_string();
    let now = accounts.clock.now();
    audit::record(&tx, &accounts.ids, now, caller.workspace, &caller.actor, "workspace.changed", &target, detail)
        .await?;
    let changed = find(&accounts, &tx, caller.workspace).await?;
    if changed.time_zone != before.time_zone {
        people::segments::rebuild_calendars(&tx, &accounts.ids, caller.workspace, (&caller.actor, now)).await?;
    }
    tx.commit().await?;
    accounts.rules_changed.notify_one();
    Ok(Json(changed))
}

/// The workspace with this id.
pub(crate) async fn find(accounts: &Accounts, db: &impl Sql, id: WorkspaceId) -> Result<WorkspaceBody, AccountError> {
    let sql = "SELECT id, name, time_zone, default_country, created_at FROM workspaces WHERE id = $1";
    let row: Option<WorkspaceRow> = db.one(sql, vec![id.0.into()]).await?;
    let row = row.ok_or(Problem::new(Code::NotFound))?;
    Ok(WorkspaceBody {
        id: WorkspaceId(row.id),
        name: row.name,
        time_zone: row.time_zone,
        default_country: row.default_country,
        public_url: accounts.config.public_url.as_deref().map(|url| url.trim_end_matches('/').to_owned()),
        created_at: Time::from_millis(row.created_at),
    })
}

/// The first workspace, which is made when there is none; `name` and `time_zone` are for that case.
/// The caller has let others [`super::take_turns`].
pub(crate) async fn first_or_new(
    tx: &Tx,
    ids: &IdSource,
    now: Time,
    name: &str,
    time_zone: &str,
) -> Result<WorkspaceId, DbErr> {
    let first: Option<i64> = tx.scalar("SELECT id FROM workspaces ORDER BY id LIMIT 1", vec![]).await?;
    if let Some(first) = first {
        return Ok(WorkspaceId(first));
    }
    let id = ids.next(WorkspaceId);
    tx.run(
        "INSERT INTO workspaces (id, name, time_zone, default_country, created_at) VALUES ($1, $2, $3, $4, $5)",
        vec![
            id.0.into(),
            name.into(),
            time_zone.into(),
            country_of_zone(time_zone).map(str::to_owned).into(),
            now.millis().into(),
        ],
    )
    .await?;
    people::stages::ensure_ladder(tx, ids, id, now).await?;
    Ok(id)
}

/// The country in which people have this time zone, where there is no doubt and the brand hardly expects to be asked.
fn country_of_zone(time_zone: &str) -> Option<&'static str> {
    (time_zone == "Asia/Shanghai").then_some("CN")
}

/// The proper spelling of a country's code; an empty text for none.
fn checked_country(path: &str, code: &str) -> Result<&'static str, Problem> {
    if code.is_empty() {
        return Ok("");
    }
    let unknown = || Problem::at(Code::InvalidBody, path, "is not a country such as CN (ISO 3166-1 alpha-2)");
    people::identity::country(code).map(|country| country.alpha2).ok_or_else(unknown)
}

/// The proper spelling of an IANA time zone.
pub(crate) fn checked_time_zone(path: &str, name: &str) -> Result<String, Problem> {
    let unknown = || Problem::at(Code::InvalidBody, path, "is not an IANA time zone such as Asia/Shanghai");
    let zone = jiff::tz::TimeZone::get(name).map_err(|_| unknown())?;
    zone.iana_name().map(str::to_owned).ok_or_else(unknown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_zones_are_those_of_the_iana_database() {
        assert_eq!(checked_time_zone("time_zone", "Asia/Shanghai").unwrap(), "Asia/Shanghai");
        assert_eq!(checked_time_zone("time_zone", "UTC").unwrap(), "UTC");
        for wrong in ["", "Mars/Olympus", "../../etc/passwd", "+08:00", "UTC\0"] {
            assert!(checked_time_zone("time_zone", wrong).is_err(), "{wrong:?}");
        }
    }
}
