-- Whom a snapshot is to have, until it is made: those behind a number of an answer, who are in no segment.
CREATE TABLE snapshot_members (
  segment_id BIGINT NOT NULL, member_id BIGINT NOT NULL,
  PRIMARY KEY (segment_id, member_id)
) {nr};
CREATE INDEX snapshot_members_member ON snapshot_members (member_id);
-- Questions put side by side, and numbers that are to be reached by a day.
CREATE TABLE boards (
  id BIGINT PRIMARY KEY, workspace_id BIGINT NOT NULL, name TEXT NOT NULL, body_json TEXT NOT NULL, version BIGINT NOT NULL,
  created_by TEXT NOT NULL, created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL
);
CREATE INDEX boards_workspace ON boards (workspace_id, id);
CREATE TABLE goals (
  id BIGINT PRIMARY KEY, workspace_id BIGINT NOT NULL, name TEXT NOT NULL, body_json TEXT NOT NULL, version BIGINT NOT NULL,
  created_by TEXT NOT NULL, created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL
);
CREATE INDEX goals_workspace ON goals (workspace_id, id);
-- Queries in SQL that were asked.
CREATE TABLE queries (
  id BIGINT PRIMARY KEY, workspace_id BIGINT NOT NULL, asked_by TEXT NOT NULL, query TEXT NOT NULL, ran_at BIGINT NOT NULL,
  took_ms BIGINT NOT NULL, row_count BIGINT, error TEXT
);
CREATE INDEX queries_workspace ON queries (workspace_id, id);
