-- A segment may stand behind something else: a dynamic tag (its key is the tag), a life-cycle stage (its key is the stage,
-- its position the rung of the ladder), or be the new rule of another segment until it takes that one's place.
ALTER TABLE segments ADD COLUMN kind TEXT NOT NULL DEFAULT 'segment';
ALTER TABLE segments ADD COLUMN item_key TEXT;
ALTER TABLE segments ADD COLUMN position BIGINT;
ALTER TABLE segments ADD COLUMN keeps BIGINT NOT NULL DEFAULT 0;
ALTER TABLE segments ADD COLUMN replaces BIGINT;
ALTER TABLE segments ADD COLUMN built BIGINT NOT NULL DEFAULT 0;
ALTER TABLE segments ADD COLUMN to_build BIGINT NOT NULL DEFAULT 0;
-- What both members had reached for good before a merge, and when each was last here: events may be gone when it is undone.
ALTER TABLE merges ADD COLUMN reached_json TEXT;
CREATE INDEX segments_by_replaced ON segments (replaces) WHERE replaces IS NOT NULL;

-- Changes stand with their members; the history of a segment is read from its index alone.
CREATE TABLE segment_changes_by_id (
  id BIGINT NOT NULL, segment_id BIGINT NOT NULL, member_id BIGINT NOT NULL, entered BIGINT NOT NULL,
  changed_at BIGINT NOT NULL,
  PRIMARY KEY (member_id, id)
) {nr};
INSERT INTO segment_changes_by_id SELECT id, segment_id, member_id, entered, changed_at FROM segment_changes;
DROP TABLE segment_changes;
ALTER TABLE segment_changes_by_id RENAME TO segment_changes;
CREATE INDEX segment_changes_by_segment ON segment_changes (segment_id, id, entered, changed_at);

-- The ladder of stages that is being built, until all of its rungs are: {"stages": [{"key", "name", "segment", …}]}.
CREATE TABLE stage_drafts (workspace_id BIGINT PRIMARY KEY, ladder_json TEXT NOT NULL, created_by TEXT NOT NULL, created_at BIGINT NOT NULL);

-- What is settled about tags beforehand.
CREATE TABLE tags (
  workspace_id BIGINT NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL, group_id BIGINT, description TEXT NOT NULL,
  expires_after TEXT, segment_id BIGINT, model TEXT, created_by TEXT NOT NULL, created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, name)
) {nr};
CREATE TABLE tag_groups (
  id BIGINT PRIMARY KEY, workspace_id BIGINT NOT NULL, name TEXT NOT NULL, exclusive BIGINT NOT NULL,
  created_at BIGINT NOT NULL, UNIQUE (workspace_id, name)
);
ALTER TABLE member_tags ADD COLUMN expires_at BIGINT;

-- What is settled about traits: their type, which of several values counts, or how they are computed.
CREATE TABLE traits (
  workspace_id BIGINT NOT NULL, name TEXT NOT NULL, title TEXT NOT NULL, value_type TEXT NOT NULL, conflict TEXT NOT NULL,
  computed_json TEXT, state TEXT NOT NULL DEFAULT 'live', built_to BIGINT NOT NULL DEFAULT 0, created_by TEXT NOT NULL,
  created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, name)
) {nr};

-- Groups that members belong to, as events tell it, with the last word about each identity and the history.
CREATE TABLE groups (
  id BIGINT PRIMARY KEY, workspace_id BIGINT NOT NULL, group_key TEXT NOT NULL, about_json TEXT NOT NULL,
  created_at BIGINT NOT NULL, UNIQUE (workspace_id, group_key)
);
CREATE TABLE group_members (
  identity_id BIGINT NOT NULL, group_id BIGINT NOT NULL, workspace_id BIGINT NOT NULL, joined BIGINT NOT NULL,
  changed_at BIGINT NOT NULL,
  PRIMARY KEY (identity_id, group_id)
) {nr};
CREATE INDEX group_members_by_group ON group_members (group_id, joined);
CREATE TABLE group_changes (
  id BIGINT PRIMARY KEY, identity_id BIGINT NOT NULL, group_id BIGINT NOT NULL, joined BIGINT NOT NULL,
  changed_at BIGINT NOT NULL
);
CREATE INDEX group_changes_by_identity ON group_changes (identity_id, group_id, changed_at);
