-- Why a message that is queued is not tried before next_attempt_at; null when it waits for its turn, or for another attempt.
ALTER TABLE deliveries ADD COLUMN waits_for TEXT;

-- The queue of a channel is read by priority, and within one priority in the order of what is due.
CREATE INDEX deliveries_queued_by_priority ON deliveries (channel_id, priority, next_attempt_at, id) WHERE state = 'queued';
DROP INDEX deliveries_queued;
-- What waits for a member, for places under his frequency caps.
CREATE INDEX deliveries_queued_by_member ON deliveries (member_id) WHERE state = 'queued';
-- What has left for a member, by when: only the period of a cap is read, however much he ever got.
CREATE INDEX deliveries_by_contact ON deliveries (member_id, claimed_at) WHERE claimed_at IS NOT NULL;
-- What may expire while nothing else happens to it.
CREATE INDEX deliveries_expiring ON deliveries (expires_at) WHERE state = 'queued' AND expires_at IS NOT NULL;
CREATE INDEX deliveries_undated ON deliveries (workspace_id, queued_at) WHERE state = 'queued' AND expires_at IS NULL;

-- What the policy keeps waiting, for when the policy is changed.
CREATE INDEX deliveries_held ON deliveries (workspace_id, id) WHERE state = 'queued' AND waits_for IS NOT NULL;

-- What a workspace decided about when and how often members are written to. wake_from: after a change, what was kept
-- waiting is looked at again in slices, and this is how far that has come; null when it is done.
CREATE TABLE outbox_policies (
  workspace_id BIGINT PRIMARY KEY, revision BIGINT NOT NULL, policy_json TEXT NOT NULL, updated_at BIGINT NOT NULL,
  updated_by TEXT NOT NULL, wake_from BIGINT
);
