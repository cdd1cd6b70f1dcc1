//! A row of the queue, as it is claimed and shown.

use base::{
    Time,
    ids::{MemberId, WorkspaceId},
};
use people::consent::TRANSACTIONAL;
use store::FromQueryResult;

use super::{facts::Subject, judge::Asked, policy::Rules, standing::Named};
use crate::Outreach;

#[derive(Clone, Debug, FromQueryResult)]
pub(super) struct QueuedRow {
    pub id: i64,
    pub workspace_id: i64,
    pub member_id: i64,
    pub channel_id: i64,
    pub channel_kind: String,
    pub template_id: i64,
    pub journey_id: Option<i64>,
    pub run_id: Option<i64>,
    pub step: String,
    pub topic: String,
    pub address: String,
    pub variables_json: String,
    pub options_json: String,
    pub attempts: i64,
    /// Of these, those before a person had it sent again.
    pub attempts_before: i64,
    pub queued_at: i64,
    pub next_attempt_at: i64,
    pub priority: i64,
    pub expires_at: Option<i64>,
    /// What it waited for when it was last looked at.
    pub waits_for: Option<String>,
    pub reason: Option<String>,
    /// 1 when its journey was stopped while an earlier attempt was under way.
    pub is_stopped: i64,
}

pub(super) const COLUMNS: &str = "d.id, d.workspace_id, d.member_id, d.channel_id, d.channel_kind, d.template_id, d.journey_id, \
                       d.run_id, d.step, d.topic, d.address, d.variables_json, d.options_json, d.attempts, d.attempts_before, d.queued_at, \
                       d.next_attempt_at, d.priority, d.expires_at, d.waits_for, d.reason, \
                       CAST(CASE WHEN j.state IN ('stopped', 'deleted') AND j.queued_stay = 0 THEN 1 ELSE 0 END AS BIGINT) AS is_stopped";

impl QueuedRow {
    pub(super) fn subject(&self) -> Subject {
        Subject {
            id: self.id,
            workspace_id: self.workspace_id,
            member_id: self.member_id,
            channel_id: self.channel_id,
            channel_kind: self.channel_kind.clone(),
            template_id: self.template_id,
            journey_id: self.journey_id,
            run_id: self.run_id,
            step: self.step.clone(),
            topic: self.topic.clone(),
            address: self.address.clone(),
            accepted_at: None,
        }
    }

    /// What the judge is asked about it.
    pub(super) fn asked<'a>(&'a self, outreach: &Outreach, rules: &Rules) -> Asked<'a> {
        let queued_at = Time::from_millis(self.queued_at);
        let expires_at = self.expires_at.map(Time::from_millis);
        Asked {
            priority: self.priority,
            channel_kind: &self.channel_kind,
            topic: &self.topic,
            queued_at,
            deadline: rules.deadline(queued_at, expires_at, outreach.settings.stale_after).0,
            is_exempt: self.topic == TRANSACTIONAL
                || crate::templates::is_test(&self.topic, self.member_id)
                || !is_to_people(outreach, &self.channel_kind),
        }
    }

    pub(super) fn named(&self) -> Named {
        (MemberId(self.member_id), WorkspaceId(self.workspace_id))
    }

    /// Where it stands in the queue: the higher its priority, and the longer it is due, the earlier.
    pub(super) fn turn(&self) -> (i64, i64, i64) {
        (-self.priority, self.next_attempt_at, self.id)
    }
}

/// Whether messages of this kind go to people, each to an address of his own, and not all to one system.
pub(super) fn is_to_people(outreach: &Outreach, channel_kind: &str) -> bool {
    outreach.registry.kind(channel_kind).is_ok_and(|kind| kind.needs_address())
}
