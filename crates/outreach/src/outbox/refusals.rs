//! For which rows there is a reason not to send them, whatever hour it is and however much their members got.

use std::collections::{HashMap, HashSet};

use base::{
    Time,
    ids::{MemberId, WorkspaceId},
};
use channels::Form;
use people::consent::{self, Check};
use store::{DbErr, FromQueryResult, Sql, Tx};

use super::{Outbox, claim::Candidate, policy::Rules};

/// Why a row is not sent: the state it gets, and the reason.
pub(super) type Refusal = (&'static str, &'static str);

#[derive(FromQueryResult)]
pub(super) struct VersionRow {
    id: i64,
    workspace_id: i64,
    channel_kind: String,
    pub version: i64,
}

impl Outbox {
    /// Why a candidate is not sent, as far as the message itself tells.
    pub(super) fn refusal(
        &self,
        candidate: &Candidate,
        versions: &HashMap<i64, VersionRow>,
        rules: &Rules,
        now: Time,
    ) -> Option<Refusal> {
        let row = &candidate.row;
        if row.is_stopped == 1 {
            return Some(("cancelled", "journey_stopped"));
        }
        if candidate.live.workspace != WorkspaceId(row.workspace_id) || candidate.live.kind != row.channel_kind {
            return Some(("suppressed", "channel_missing"));
        }
        let (queued_at, expires_at) = (Time::from_millis(row.queued_at), row.expires_at.map(Time::from_millis));
        let (deadline, reason) = rules.deadline(queued_at, expires_at, self.outreach.settings.stale_after);
        if now >= deadline {
            return Some(("expired", reason));
        }
        let Ok(kind) = self.outreach.registry.kind(&row.channel_kind) else {
            return Some(("suppressed", "channel_missing"));
        };
        if kind.needs_address() {
            if row.address.trim().is_empty() {
                return Some(("suppressed", "no_address"));
            }
            if people::identity::normalise(&row.channel_kind, &row.address).is_none() {
                return Some(("suppressed", "invalid_address"));
            }
        }
        let is_free_form = kind.form() == Form::Payload && row.template_id == 0;
        let template = versions
            .get(&row.template_id)
            .filter(|template| template.workspace_id == row.workspace_id && template.channel_kind == row.channel_kind);
        if template.is_none() && !is_free_form {
            return Some(("suppressed", "template_missing"));
        }
        None
    }
}

/// What is asked about consent, one question for each candidate.
pub(super) fn checks(candidates: &[Candidate]) -> Vec<Check> {
    candidates
        .iter()
        .map(|candidate| Check {
            workspace: WorkspaceId(candidate.row.workspace_id),
            member: MemberId(candidate.row.member_id),
            channel_kind: candidate.row.channel_kind.clone(),
            // A test goes to who asked for it, whatever the member wants.
            topic: match crate::templates::is_test(&candidate.row.topic, candidate.row.member_id) {
                true => consent::TRANSACTIONAL.to_owned(),
                false => candidate.row.topic.clone(),
            },
            address: candidate.row.address.clone(),
            requires_consent: candidate.live.options.requires_consent,
        })
        .collect()
}

/// The templates of candidates that are there, by id.
pub(super) async fn template_versions(tx: &Tx, candidates: &[Candidate]) -> Result<HashMap<i64, VersionRow>, DbErr> {
    let wanted: HashSet<(i64,)> = candidates.iter().map(|candidate| (candidate.row.template_id,)).collect();
    let wanted: Vec<(i64,)> = wanted.into_iter().collect();
    let rows: Vec<VersionRow> = tx
        .all_rows(
            "SELECT t.id, t.workspace_id, t.channel_kind, t.revision AS version FROM {rows}
             JOIN templates t ON t.id = CAST(r.value->>0 AS BIGINT) WHERE t.deleted_at IS NULL",
            &wanted,
            Vec::new(),
        )
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}
