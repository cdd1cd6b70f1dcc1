//! Writing changes into the audit log.

use api::Caller;
use base::ids::AuditId;
use serde_json::Value as Json;
use store::{DbErr, Sql, Tx};

use crate::Outreach;

/// One line of the audit log, in the transaction of the change. `detail` holds no secrets.
pub(crate) async fn record(
    tx: &Tx,
    outreach: &Outreach,
    caller: &Caller,
    action: &str,
    target: impl std::fmt::Display,
    detail: Json,
) -> Result<(), DbErr> {
    tx.run(
        "INSERT INTO audit_log (id, workspace_id, at, actor, action, target, detail_json)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        vec![
            outreach.ids.next(AuditId).0.into(),
            caller.workspace.0.into(),
            outreach.clock.now().millis().into(),
            caller.actor.as_str().into(),
            action.into(),
            target.to_string().into(),
            detail.to_string().into(),
        ],
    )
    .await?;
    Ok(())
}
