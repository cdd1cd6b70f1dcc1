-- What was done to one thing, and what waits among the refused records, without reading all of them.
CREATE INDEX audit_log_by_target ON audit_log (workspace_id, target, id);
CREATE INDEX dead_letters_waiting ON dead_letters (workspace_id, code, id) WHERE replayed_at IS NULL;
-- Who reached the goal of a journey on a day.
CREATE INDEX journey_runs_by_goal ON journey_runs (journey_id, goal_at) WHERE goal_at IS NOT NULL;
