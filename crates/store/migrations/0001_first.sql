-- Moments are milliseconds since 1970-01-01 UTC, ids are the numbers behind the prefixed
-- texts, booleans are 0 or 1, and TEXT columns that end in _json hold JSON. The same text
-- runs on SQLite and PostgreSQL; {nr} marks tables that SQLite keeps without a row id.

-- Workspaces, people who log in, keys ------------------------------------------------------
CREATE TABLE workspaces (
  id BIGINT PRIMARY KEY, name TEXT NOT NULL, time_zone TEXT NOT NULL,
  rules_version BIGINT NOT NULL DEFAULT 0, created_at BIGINT NOT NULL
);
CREATE TABLE users (
  id BIGINT PRIMARY KEY, email TEXT NOT NULL UNIQUE, name TEXT NOT NULL, password_hash TEXT NOT NULL,
  created_at BIGINT NOT NULL, disabled_at BIGINT
);
CREATE TABLE user_roles (
  workspace_id BIGINT NOT NULL, user_id BIGINT NOT NULL, role TEXT NOT NULL,
  PRIMARY KEY (workspace_id, user_id)
) {nr};
CREATE TABLE sessions (
  token_hash TEXT NOT NULL, user_id BIGINT NOT NULL, workspace_id BIGINT NOT NULL,
  created_at BIGINT NOT NULL, expires_at BIGINT NOT NULL,
  PRIMARY KEY (token_hash)
) {nr};
CREATE INDEX sessions_by_user ON sessions (user_id);
CREATE TABLE setup_tokens (
  token_hash TEXT NOT NULL, created_at BIGINT NOT NULL, expires_at BIGINT NOT NULL, used_at BIGINT,
  PRIMARY KEY (token_hash)
) {nr};
CREATE TABLE login_failures (
  subject TEXT NOT NULL, failures BIGINT NOT NULL, blocked_until BIGINT NOT NULL, last_at BIGINT NOT NULL,
  PRIMARY KEY (subject)
) {nr};
CREATE TABLE api_keys (
  id BIGINT PRIMARY KEY, workspace_id BIGINT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL,
  secret_hash TEXT NOT NULL UNIQUE, hint TEXT NOT NULL, scopes_json TEXT NOT NULL, role TEXT NOT NULL,
  created_by TEXT NOT NULL, created_at BIGINT NOT NULL, last_used_at BIGINT, revoked_at BIGINT
);
CREATE INDEX api_keys_by_workspace ON api_keys (workspace_id, id);
CREATE TABLE audit_log (
  id BIGINT PRIMARY KEY, workspace_id BIGINT NOT NULL, at BIGINT NOT NULL, actor TEXT NOT NULL,
  action TEXT NOT NULL, target TEXT NOT NULL, detail_json TEXT NOT NULL
);
CREATE INDEX audit_log_by_workspace ON audit_log (workspace_id, id);
CREATE TABLE idempotency_keys (
  workspace_id BIGINT NOT NULL, idempotency_key TEXT NOT NULL, request_hash TEXT NOT NULL,
  status BIGINT NOT NULL, body TEXT NOT NULL, created_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, idempotency_key)
) {nr};
CREATE TABLE secrets (
  name TEXT NOT NULL, nonce TEXT NOT NULL, ciphertext TEXT NOT NULL,
  PRIMARY KEY (name)
) {nr};

-- Time and work ----------------------------------------------------------------------------
CREATE TABLE timers (
  kind TEXT NOT NULL, subject BIGINT NOT NULL, workspace_id BIGINT NOT NULL, due_at BIGINT NOT NULL,
  PRIMARY KEY (kind, subject)
) {nr};
CREATE INDEX timers_by_due ON timers (due_at);
CREATE TABLE jobs (
  id BIGINT PRIMARY KEY, workspace_id BIGINT NOT NULL, kind TEXT NOT NULL, unique_key TEXT UNIQUE,
  state TEXT NOT NULL, payload_json TEXT NOT NULL, done BIGINT NOT NULL DEFAULT 0, total BIGINT NOT NULL DEFAULT 0,
  checkpoint_json TEXT, result_json TEXT, error TEXT, attempts BIGINT NOT NULL DEFAULT 0,
  run_at BIGINT NOT NULL, lease_until BIGINT NOT NULL DEFAULT 0, cancel_requested BIGINT NOT NULL DEFAULT 0,
  created_by TEXT NOT NULL, created_at BIGINT NOT NULL, started_at BIGINT, ended_at BIGINT
);
CREATE INDEX jobs_by_state ON jobs (state, run_at);
CREATE INDEX jobs_by_workspace ON jobs (workspace_id, id);

-- The pipeline -----------------------------------------------------------------------------
CREATE TABLE cursors (
  consumer TEXT NOT NULL, part BIGINT NOT NULL, next_offset BIGINT NOT NULL,
  PRIMARY KEY (consumer, part)
) {nr};
CREATE TABLE emitted_events (id BIGINT PRIMARY KEY, record TEXT NOT NULL);
CREATE TABLE message_ids (hash BIGINT PRIMARY KEY, proof BIGINT NOT NULL, day BIGINT NOT NULL);
CREATE TABLE dead_letters (
  id BIGINT PRIMARY KEY, workspace_id BIGINT NOT NULL, source TEXT NOT NULL, code TEXT NOT NULL,
  message TEXT NOT NULL, payload TEXT NOT NULL, received_at BIGINT NOT NULL, replayed_at BIGINT
);
CREATE INDEX dead_letters_by_workspace ON dead_letters (workspace_id, id);

-- People -----------------------------------------------------------------------------------
CREATE TABLE members (
  id BIGINT PRIMARY KEY, workspace_id BIGINT NOT NULL, created_at BIGINT NOT NULL, last_seen_at BIGINT NOT NULL,
  stage TEXT, merged_into BIGINT
);
CREATE INDEX members_by_workspace ON members (workspace_id, id);
CREATE INDEX members_by_merge ON members (merged_into) WHERE merged_into IS NOT NULL;
-- Traits are kept with the identity that gave them: {"name": [value, set_at, source]}.
-- origin_member_id never changes, so that a merge can be undone.
CREATE TABLE identities (
  id BIGINT PRIMARY KEY, workspace_id BIGINT NOT NULL, kind TEXT NOT NULL, value TEXT NOT NULL,
  member_id BIGINT NOT NULL, origin_member_id BIGINT NOT NULL, verified BIGINT NOT NULL,
  traits_json TEXT NOT NULL, created_at BIGINT NOT NULL, search_text TEXT NOT NULL DEFAULT '',
  UNIQUE (workspace_id, kind, value)
);
CREATE INDEX identities_by_member ON identities (member_id);
CREATE TABLE member_tags (
  identity_id BIGINT NOT NULL, tag TEXT NOT NULL, workspace_id BIGINT NOT NULL,
  added_at BIGINT NOT NULL, source TEXT NOT NULL,
  PRIMARY KEY (identity_id, tag)
) {nr};
CREATE INDEX member_tags_by_tag ON member_tags (workspace_id, tag);
CREATE TABLE merges (
  id BIGINT PRIMARY KEY, workspace_id BIGINT NOT NULL, kept_member_id BIGINT NOT NULL,
  absorbed_member_id BIGINT NOT NULL, identities_json TEXT NOT NULL, reason TEXT NOT NULL,
  source TEXT NOT NULL, merged_at BIGINT NOT NULL, undone_at BIGINT
);
CREATE INDEX merges_by_kept ON merges (kept_member_id);
CREATE INDEX merges_by_absorbed ON merges (absorbed_member_id);
CREATE TABLE consents (
  identity_id BIGINT NOT NULL, channel_kind TEXT NOT NULL, topic TEXT NOT NULL, workspace_id BIGINT NOT NULL,
  granted BIGINT NOT NULL, decided_at BIGINT NOT NULL, source TEXT NOT NULL, proof_json TEXT NOT NULL,
  PRIMARY KEY (identity_id, channel_kind, topic)
) {nr};
CREATE TABLE event_names (
  id BIGINT PRIMARY KEY, workspace_id BIGINT NOT NULL, name TEXT NOT NULL,
  UNIQUE (workspace_id, name)
);
CREATE TABLE events (
  id BIGINT PRIMARY KEY, workspace_id BIGINT NOT NULL, identity_id BIGINT NOT NULL, name_id BIGINT NOT NULL,
  kind TEXT NOT NULL, happened_at BIGINT NOT NULL, received_at BIGINT NOT NULL, message_id TEXT NOT NULL,
  source TEXT NOT NULL, properties_json TEXT NOT NULL, context_json TEXT NOT NULL
);
CREATE INDEX events_by_identity ON events (identity_id, name_id, happened_at);

-- Segments ---------------------------------------------------------------------------------
CREATE TABLE segments (
  id BIGINT PRIMARY KEY, workspace_id BIGINT NOT NULL, name TEXT NOT NULL, rule_json TEXT NOT NULL,
  state TEXT NOT NULL, built_to BIGINT NOT NULL DEFAULT 0, size BIGINT NOT NULL DEFAULT 0,
  created_by TEXT NOT NULL, created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL, deleted_at BIGINT
);
CREATE INDEX segments_by_workspace ON segments (workspace_id, id);
CREATE TABLE segment_members (
  segment_id BIGINT NOT NULL, member_id BIGINT NOT NULL, entered_at BIGINT NOT NULL,
  PRIMARY KEY (segment_id, member_id)
) {nr};
CREATE INDEX segment_members_by_member ON segment_members (member_id);
CREATE TABLE segment_changes (
  id BIGINT PRIMARY KEY, segment_id BIGINT NOT NULL, member_id BIGINT NOT NULL,
  entered BIGINT NOT NULL, changed_at BIGINT NOT NULL
);
CREATE INDEX segment_changes_by_segment ON segment_changes (segment_id, id);
CREATE INDEX segment_changes_by_member ON segment_changes (member_id, id);

-- Outreach ---------------------------------------------------------------------------------
CREATE TABLE channels (
  id BIGINT PRIMARY KEY, workspace_id BIGINT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL,
  config_json TEXT NOT NULL, state TEXT NOT NULL, created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL,
  deleted_at BIGINT
);
CREATE INDEX channels_by_workspace ON channels (workspace_id, id);
CREATE TABLE templates (
  id BIGINT PRIMARY KEY, workspace_id BIGINT NOT NULL, name TEXT NOT NULL, channel_kind TEXT NOT NULL,
  subject TEXT NOT NULL, body_text TEXT NOT NULL, body_html TEXT NOT NULL, version BIGINT NOT NULL,
  created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL, deleted_at BIGINT
);
CREATE INDEX templates_by_workspace ON templates (workspace_id, id);
CREATE TABLE journeys (
  id BIGINT PRIMARY KEY, workspace_id BIGINT NOT NULL, name TEXT NOT NULL, state TEXT NOT NULL,
  draft_json TEXT NOT NULL, published_version BIGINT, created_by TEXT NOT NULL,
  created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL, deleted_at BIGINT
);
CREATE INDEX journeys_by_workspace ON journeys (workspace_id, id);
CREATE TABLE journey_versions (
  journey_id BIGINT NOT NULL, version BIGINT NOT NULL, document_json TEXT NOT NULL,
  published_at BIGINT NOT NULL, published_by TEXT NOT NULL,
  PRIMARY KEY (journey_id, version)
) {nr};
CREATE TABLE journey_runs (
  id BIGINT PRIMARY KEY, workspace_id BIGINT NOT NULL, journey_id BIGINT NOT NULL, version BIGINT NOT NULL,
  member_id BIGINT NOT NULL, origin_member_id BIGINT NOT NULL, entry_key TEXT NOT NULL, state TEXT NOT NULL,
  step TEXT, entered_at BIGINT NOT NULL, step_at BIGINT NOT NULL, wake_at BIGINT, ended_at BIGINT,
  end_reason TEXT, goal_at BIGINT, trace_length BIGINT NOT NULL, entry_json TEXT NOT NULL
);
CREATE INDEX journey_runs_by_member ON journey_runs (member_id, journey_id);
CREATE INDEX journey_runs_by_journey ON journey_runs (journey_id, state, id);
CREATE TABLE journey_trace (
  run_id BIGINT NOT NULL, seq BIGINT NOT NULL, at BIGINT NOT NULL, step TEXT NOT NULL,
  action TEXT NOT NULL, detail_json TEXT NOT NULL,
  PRIMARY KEY (run_id, seq)
) {nr};
CREATE TABLE journey_counts (
  journey_id BIGINT NOT NULL, version BIGINT NOT NULL, step TEXT NOT NULL, action TEXT NOT NULL,
  happened BIGINT NOT NULL,
  PRIMARY KEY (journey_id, version, step, action)
) {nr};

-- The ledger: one row per message and recipient, which is also the outbox's queue.
CREATE TABLE deliveries (
  id BIGINT PRIMARY KEY, workspace_id BIGINT NOT NULL, member_id BIGINT NOT NULL, channel_id BIGINT NOT NULL,
  channel_kind TEXT NOT NULL, template_id BIGINT NOT NULL, journey_id BIGINT, run_id BIGINT, step TEXT NOT NULL,
  intent_key TEXT NOT NULL UNIQUE, topic TEXT NOT NULL, address TEXT NOT NULL, variables_json TEXT NOT NULL,
  state TEXT NOT NULL, reason TEXT, attempts BIGINT NOT NULL DEFAULT 0, queued_at BIGINT NOT NULL,
  next_attempt_at BIGINT NOT NULL, claimed_at BIGINT, accepted_at BIGINT, delivered_at BIGINT, opened_at BIGINT,
  clicked_at BIGINT, ended_at BIGINT, scanner_hits BIGINT NOT NULL DEFAULT 0, provider_id TEXT, error TEXT
);
CREATE INDEX deliveries_queued ON deliveries (channel_id, next_attempt_at, id) WHERE state = 'queued';
CREATE INDEX deliveries_sending ON deliveries (id) WHERE state = 'sending';
CREATE INDEX deliveries_by_provider ON deliveries (channel_id, provider_id) WHERE provider_id IS NOT NULL;
CREATE INDEX deliveries_by_member ON deliveries (member_id, id);
CREATE INDEX deliveries_by_journey ON deliveries (journey_id, id);
CREATE INDEX deliveries_by_workspace ON deliveries (workspace_id, id);
CREATE TABLE delivery_history (
  id BIGINT PRIMARY KEY, delivery_id BIGINT NOT NULL, at BIGINT NOT NULL, state TEXT NOT NULL, detail TEXT NOT NULL
);
CREATE INDEX delivery_history_by_delivery ON delivery_history (delivery_id, id);
CREATE TABLE links (
  id BIGINT PRIMARY KEY, workspace_id BIGINT NOT NULL, url TEXT NOT NULL,
  UNIQUE (workspace_id, url)
);
CREATE TABLE suppressions (
  workspace_id BIGINT NOT NULL, channel_kind TEXT NOT NULL, address TEXT NOT NULL, reason TEXT NOT NULL,
  source TEXT NOT NULL, created_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, channel_kind, address)
) {nr};
CREATE TABLE imports (
  fingerprint TEXT NOT NULL, rows_done BIGINT NOT NULL, imported BIGINT NOT NULL, rejected BIGINT NOT NULL,
  rejects TEXT NOT NULL, rejects_bytes BIGINT NOT NULL, updated_at BIGINT NOT NULL,
  PRIMARY KEY (fingerprint)
) {nr};
