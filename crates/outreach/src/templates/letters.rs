//! Letters that another part of outreach brings along, such as those of journeys to begin with.

use api::{ApiError, Caller};
use base::ids::TemplateId;
use serde_json::json;
use store::Tx;

use super::{
    Content, Partial, TemplateRow,
    partial_store::{self, PartialRow},
    partials::includes_of,
    store as kept,
};
use crate::Outreach;

/// The kind of channel that letters are for.
const EMAIL: &str = "email";

/// Keeps a partial of MJML unless there is one of this name; whether it was not there.
pub(crate) async fn put_partial_if_missing(
    tx: &Tx,
    (caller, outreach): (&Caller, &Outreach),
    name: &str,
    mjml: &str,
) -> Result<bool, ApiError> {
    let rows = partial_store::partial_rows(tx, caller.workspace).await?;
    if rows.iter().any(|row| row.name == name) {
        return Ok(false);
    }
    let partial = Partial { mjml: mjml.to_owned(), ..Partial::default() };
    let includes = partial.check()?;
    let now = outreach.clock.now().millis();
    let row = PartialRow {
        id: outreach.ids.next(TemplateId).0,
        workspace_id: caller.workspace.0,
        name: name.to_owned(),
        body_text: String::new(),
        body_html: String::new(),
        body_mjml: partial.mjml,
        includes_json: serde_json::to_string(&includes).unwrap_or_default(),
        version: 1,
        created_at: now,
        updated_at: now,
    };
    partial_store::put_partial(tx, &row, &caller.actor).await?;
    outreach.audit(tx, caller, "template.partial_created", name, json!({"version": 1})).await?;
    Ok(true)
}

/// Keeps a letter as a new template.
pub(crate) async fn insert_letter(
    tx: &Tx,
    (caller, outreach): (&Caller, &Outreach),
    id: TemplateId,
    name: &str,
    content: &Content,
) -> Result<(), ApiError> {
    let includes = includes_of(content)?;
    let now = outreach.clock.now().millis();
    let mut row = TemplateRow {
        id: id.0,
        workspace_id: caller.workspace.0,
        name: name.to_owned(),
        channel_kind: EMAIL.to_owned(),
        subject: String::new(),
        body_text: String::new(),
        body_html: String::new(),
        extra_json: String::new(),
        includes_json: String::new(),
        version: 1,
        revision: 1,
        created_at: now,
        updated_at: now,
    };
    row.put(content, &includes);
    kept::insert(tx, &row, &caller.actor).await?;
    outreach.audit(tx, caller, "template.created", id, json!({"name": name, "version": 1})).await?;
    Ok(())
}
