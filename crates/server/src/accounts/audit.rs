//! Reading the audit log. Lines are written with [`store::audit::record`].

use std::sync::Arc;

use api::{ApiResult, Area, Caller, Json, Page, PageQuery, Query, Verb};
use axum::extract::State;
use base::{
    Code, Problem, Time,
    ids::{AuditId, first_number_at},
};
use serde::{Deserialize, Serialize};
use store::{FromQueryResult, Sql};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::Accounts;

pub(crate) fn routes(accounts: Arc<Accounts>) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(list_audit)).with_state(accounts)
}

/// One change that somebody made.
#[derive(Serialize, ToSchema)]
pub struct AuditLine {
    /// `aud_…`
    #[schema(value_type = String)]
    id: AuditId,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Time,
    /// `user:usr_…`, `key:key_…`, or a part of the program.
    actor: String,
    /// What was done: a word and a verb in the past tense, such as `key.created`.
    action: String,
    /// The id of what was changed.
    target: String,
    /// What is new.
    #[schema(value_type = Object)]
    detail: serde_json::Value,
}

#[derive(FromQueryResult)]
struct AuditRow {
    id: i64,
    at: i64,
    actor: String,
    action: String,
    target: String,
    detail_json: String,
}

/// Which lines are asked for.
#[derive(Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct AuditQuery {
    /// Only by this actor.
    actor: Option<String>,
    /// Only this action.
    action: Option<String>,
    /// Only about this id.
    target: Option<String>,
    /// Only from this moment on.
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<Time>,
    /// Only before this moment.
    #[param(value_type = Option<String>, format = DateTime)]
    to: Option<Time>,
    /// How many items at most (1 to 500, default 50).
    limit: Option<u64>,
    /// The `next` of the page before.
    cursor: Option<String>,
}

/// Lists changes, newest first.
#[utoipa::path(get, path = "/api/v1/audit", tag = "audit", params(AuditQuery),
    responses((status = 200, description = "One page of changes", body = Page<AuditLine>)))]
async fn list_audit(
    State(accounts): State<Arc<Accounts>>,
    caller: Caller,
    Query(query): Query<AuditQuery>,
) -> ApiResult<Json<Page<AuditLine>>> {
    caller.require(Area::Settings, Verb::Read)?;
    let AuditQuery { actor, action, target, from, to, limit, cursor } = query;
    if [&actor, &action, &target].into_iter().flatten().any(|text| text.contains('\0')) {
        return Err(Problem::with(Code::InvalidQuery, "a filter contains the NUL character").into());
    }
    let page = PageQuery { limit, cursor };
    // Ids sort by time, so a span of time is a range of them.
    let since = from.map_or(0, first_number_at);
    let before = page.position(i64::MAX)?.min(to.map_or(i64::MAX, first_number_at));
    let mut values = vec![caller.workspace.0.into(), since.into(), before.into()];
    let mut conditions = String::new();
    for (column, wanted) in [("actor", actor), ("action", action), ("target", target)] {
        if let Some(wanted) = wanted.filter(|wanted| !wanted.is_empty()) {
            values.push(wanted.into());
            conditions += &format!(" AND {column} = ${}", values.len());
        }
    }
    values.push((page.limit() as i64 + 1).into());
    let sql = format!(
        "SELECT id, at, actor, action, target, detail_json FROM audit_log
         WHERE workspace_id = $1 AND id >= $2 AND id < $3{conditions} ORDER BY id DESC LIMIT ${}",
        values.len()
    );
    let rows: Vec<AuditRow> = accounts.db.read().all(&sql, values).await?;
    Ok(Json(Page::from_rows(rows, page.limit(), |row| row.id, AuditRow::into_line)))
}

impl AuditRow {
    fn into_line(self) -> AuditLine {
        AuditLine {
            id: AuditId(self.id),
            at: Time::from_millis(self.at),
            actor: self.actor,
            action: self.action,
            target: self.target,
            detail: serde_json::from_str(&self.detail_json).unwrap_or_default(),
        }
    }
}
