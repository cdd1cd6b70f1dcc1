-- goal_until: until when the goal of a run is noted although the run has ended. The indexes hold what is open, so that a
-- member's history costs nothing.
ALTER TABLE journey_runs ADD COLUMN goal_until BIGINT;
CREATE INDEX journey_runs_active ON journey_runs (member_id) WHERE state = 'active';
CREATE INDEX journey_runs_active_versions ON journey_runs (journey_id, version) WHERE state = 'active';
CREATE INDEX journey_runs_in_order ON journey_runs (journey_id, id);
CREATE INDEX journey_runs_goals ON journey_runs (member_id, goal_until) WHERE goal_until IS NOT NULL;
CREATE INDEX journey_runs_goal_versions ON journey_runs (journey_id, version, goal_until) WHERE goal_until IS NOT NULL;

-- When a member last entered a journey, by correlation key: one row is what re-entry asks, however many runs there were
-- and however long they are kept. origin_id is the member who entered, as he was then, so that merges can be undone.
CREATE TABLE journey_entries (
  member_id BIGINT NOT NULL, journey_id BIGINT NOT NULL, origin_id BIGINT NOT NULL, entry_key TEXT NOT NULL,
  last_entered BIGINT NOT NULL, recent_json TEXT NOT NULL,
  PRIMARY KEY (member_id, journey_id, origin_id, entry_key)
) {nr};
INSERT INTO journey_entries (member_id, journey_id, origin_id, entry_key, last_entered, recent_json)
  SELECT member_id, journey_id, origin_member_id, entry_key, MAX(entered_at), '[]'
  FROM journey_runs GROUP BY member_id, journey_id, origin_member_id, entry_key;

-- When members enter journeys by a date of theirs or by a schedule, and what the occasion is called.
CREATE TABLE journey_plans (
  member_id BIGINT NOT NULL, journey_id BIGINT NOT NULL, due_at BIGINT NOT NULL, occasion TEXT NOT NULL,
  last_occasion TEXT NOT NULL,
  PRIMARY KEY (member_id, journey_id)
) {nr};
-- The version for which everybody's entries are planned, and up to which member they are.
CREATE TABLE journey_planning (
  journey_id BIGINT PRIMARY KEY, version BIGINT NOT NULL, planned_to BIGINT NOT NULL, done BIGINT NOT NULL
);

-- What journeys give people of the team to do.
CREATE TABLE journey_tasks (
  id BIGINT PRIMARY KEY, workspace_id BIGINT NOT NULL, member_id BIGINT NOT NULL, journey_id BIGINT NOT NULL,
  run_id BIGINT NOT NULL, step TEXT NOT NULL, title TEXT NOT NULL, note TEXT NOT NULL, assignee TEXT NOT NULL,
  outcomes_json TEXT NOT NULL, state TEXT NOT NULL, opened_at BIGINT NOT NULL, due_at BIGINT, closed_at BIGINT,
  closed_by TEXT, outcome TEXT, remark TEXT
);
CREATE INDEX journey_tasks_by_state ON journey_tasks (workspace_id, state, id);
CREATE INDEX journey_tasks_by_member ON journey_tasks (member_id, id);
CREATE INDEX journey_tasks_by_run ON journey_tasks (run_id);
CREATE INDEX journey_tasks_by_journey ON journey_tasks (journey_id, id);
