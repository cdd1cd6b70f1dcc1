-- The history of tags: every adding and removing, on the identity that it concerns.
CREATE TABLE tag_changes (
  id BIGINT PRIMARY KEY, identity_id BIGINT NOT NULL, tag TEXT NOT NULL, added BIGINT NOT NULL,
  changed_at BIGINT NOT NULL, source TEXT NOT NULL
);
CREATE INDEX tag_changes_by_identity ON tag_changes (identity_id, tag, changed_at);

-- A merge links the two members to whom the identities that led to it first belonged. Who is one person now is what the
-- links that were not undone connect, so merges can be undone in any order.
ALTER TABLE merges ADD COLUMN kept_origin_id BIGINT NOT NULL DEFAULT 0;
ALTER TABLE merges ADD COLUMN absorbed_origin_id BIGINT NOT NULL DEFAULT 0;
ALTER TABLE merges ADD COLUMN undone_by TEXT;
UPDATE merges SET kept_origin_id = kept_member_id, absorbed_origin_id = absorbed_member_id;
CREATE INDEX merges_by_kept_origin ON merges (kept_origin_id);
CREATE INDEX merges_by_absorbed_origin ON merges (absorbed_origin_id);
CREATE INDEX merges_by_workspace ON merges (workspace_id, id);

-- Pairs of members whom an operator has parted: no machine makes them one again.
CREATE TABLE kept_apart (
  workspace_id BIGINT NOT NULL, one_id BIGINT NOT NULL, other_id BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, one_id, other_id)
) {nr};

-- Two members who may be one person, for an operator to decide.
CREATE TABLE merge_suggestions (
  id BIGINT PRIMARY KEY, workspace_id BIGINT NOT NULL, one_id BIGINT NOT NULL, other_id BIGINT NOT NULL,
  reason TEXT NOT NULL, evidence_json TEXT NOT NULL, state TEXT NOT NULL, suggested_at BIGINT NOT NULL,
  decided_at BIGINT, decided_by TEXT,
  UNIQUE (workspace_id, one_id, other_id)
);
CREATE INDEX merge_suggestions_by_state ON merge_suggestions (workspace_id, state, id);
