-- Files that were uploaded to be imported. How far one is stands in its job, and in `imports` under the fingerprint of
-- file and mapping, which knows it when the process has died.
CREATE TABLE import_files (
  id BIGINT PRIMARY KEY, workspace_id BIGINT NOT NULL, name TEXT NOT NULL, bytes BIGINT NOT NULL,
  content_hash TEXT NOT NULL, detected_json TEXT NOT NULL, mapping_json TEXT, preview_job_id BIGINT, job_id BIGINT,
  created_by TEXT NOT NULL, created_at BIGINT NOT NULL, file_deleted_at BIGINT
);
CREATE INDEX import_files_by_workspace ON import_files (workspace_id, id);

-- What the columns of such files mean, saved under a name to be used again.
CREATE TABLE import_mappings (
  id BIGINT PRIMARY KEY, workspace_id BIGINT NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL, mapping_json TEXT NOT NULL,
  created_by TEXT NOT NULL, created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL,
  UNIQUE (workspace_id, name)
);
