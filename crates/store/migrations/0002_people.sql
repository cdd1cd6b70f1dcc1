-- The history of tags: every adding and removing, on the identity that it concerns.
CREATE TABLE tag_changes (
  id BIGINT PRIMARY KEY, identity_id BIGINT NOT NULL, tag TEXT NOT NULL, added BIGINT NOT NULL,
  changed_at BIGINT NOT NULL, source TEXT NOT NULL
);
CREATE INDEX tag_changes_by_identity ON tag_changes (identity_id, tag, changed_at);
