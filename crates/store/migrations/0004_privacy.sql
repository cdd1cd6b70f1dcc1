-- Every decision about consent as it was made, never changed again; the table `consents` says what is in force.
CREATE TABLE consent_changes (
  id BIGINT PRIMARY KEY, identity_id BIGINT NOT NULL, workspace_id BIGINT NOT NULL, channel_kind TEXT NOT NULL,
  topic TEXT NOT NULL, granted BIGINT NOT NULL, decided_at BIGINT NOT NULL, source TEXT NOT NULL, proof_json TEXT NOT NULL
);
CREATE INDEX consent_changes_by_identity ON consent_changes (identity_id, id);
INSERT INTO consent_changes (id, identity_id, workspace_id, channel_kind, topic, granted, decided_at, source, proof_json)
SELECT ROW_NUMBER() OVER (ORDER BY decided_at, identity_id, channel_kind, topic), identity_id, workspace_id, channel_kind,
       topic, granted, decided_at, source, proof_json
FROM consents;

-- Erasures of members, and their certificates. While one is under way, subject_json says whom to look for; then it is
-- emptied. `late` counts records that arrived before the erasure and were met after it.
CREATE TABLE erasures (
  id BIGINT PRIMARY KEY, workspace_id BIGINT NOT NULL, member_id BIGINT NOT NULL, state TEXT NOT NULL,
  reason TEXT NOT NULL, requested_by TEXT NOT NULL, requested_at BIGINT NOT NULL, erased_at BIGINT, completed_at BIGINT,
  marks_json TEXT NOT NULL DEFAULT '[]', subject_json TEXT NOT NULL DEFAULT '', counts_json TEXT NOT NULL DEFAULT '{}',
  late BIGINT NOT NULL DEFAULT 0, certificate_json TEXT, certificate_hash TEXT
);
CREATE INDEX erasures_by_workspace ON erasures (workspace_id, id);
CREATE INDEX erasures_by_state ON erasures (state);

-- Keyed hashes of who was erased and when, so that records that arrived before bring nobody back.
CREATE TABLE erased (
  workspace_id BIGINT NOT NULL, mark TEXT NOT NULL, erased_at BIGINT NOT NULL, erasure_id BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, mark)
) {nr};

-- How long events are kept: one row for each name of an event, and '' for all others. No period: for ever.
CREATE TABLE retention (
  workspace_id BIGINT NOT NULL, event TEXT NOT NULL, keep TEXT,
  PRIMARY KEY (workspace_id, event)
) {nr};
-- Events whose time is over, until the pipeline has removed them.
CREATE TABLE expired_events (id BIGINT PRIMARY KEY, identity_id BIGINT NOT NULL);

-- The ledger keeps messages to the erased without saying to whom they went; their links and images lead nowhere.
ALTER TABLE deliveries ADD COLUMN erased_at BIGINT;
