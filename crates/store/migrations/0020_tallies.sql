-- Which side of its journey's comparison a run stands for: 0 none, since its member had come before; 1 those addressed;
-- 2 those left out at the entrance. And the share of the workspace's holdout when it began, in millionths. Neither changes.
ALTER TABLE journey_runs ADD COLUMN side BIGINT NOT NULL DEFAULT 0;
ALTER TABLE journey_runs ADD COLUMN drawn_at_share BIGINT NOT NULL DEFAULT 0;
UPDATE journey_runs SET drawn_at_share =
    COALESCE((SELECT w.holdout_millionths FROM workspaces w WHERE w.id = journey_runs.workspace_id), 0)
  WHERE workspace_id IN (SELECT w.id FROM workspaces w WHERE w.holdout_millionths > 0);
UPDATE journey_runs SET side = CASE WHEN state = 'held_out' AND NOT EXISTS (SELECT 1 FROM journey_trace t
    WHERE t.run_id = journey_runs.id AND t.action = 'held_out' AND t.step <> '') THEN 2 ELSE 1 END
  WHERE id IN (SELECT MIN(id) FROM journey_runs GROUP BY journey_id, origin_member_id);
CREATE INDEX journey_runs_first ON journey_runs (journey_id, origin_member_id) WHERE side > 0;

-- How many runs there are of each kind, kept in the transactions that change runs. The step is empty for who is not under
-- way; began_on is the version on which a run began.
CREATE TABLE journey_tallies (
  journey_id BIGINT NOT NULL, version BIGINT NOT NULL, began_on BIGINT NOT NULL, drawn_at_share BIGINT NOT NULL,
  side BIGINT NOT NULL, state TEXT NOT NULL, step TEXT NOT NULL, has_goal BIGINT NOT NULL, runs BIGINT NOT NULL,
  PRIMARY KEY (journey_id, version, began_on, drawn_at_share, side, state, step, has_goal)
) {nr};
INSERT INTO journey_tallies (journey_id, version, began_on, drawn_at_share, side, state, step, has_goal, runs)
  SELECT journey_id, version, COALESCE(moved_from, version), drawn_at_share, side, state,
    CASE WHEN state = 'active' THEN COALESCE(step, '') ELSE '' END, CASE WHEN goal_at IS NULL THEN 0 ELSE 1 END, COUNT(*)
  FROM journey_runs GROUP BY 1, 2, 3, 4, 5, 6, 7, 8;

-- How many runs began in each quarter of an hour since 1970; the days of every time zone begin at one.
CREATE TABLE journey_arrivals (
  journey_id BIGINT NOT NULL, quarter BIGINT NOT NULL, began_on BIGINT NOT NULL, held_out BIGINT NOT NULL,
  runs BIGINT NOT NULL,
  PRIMARY KEY (journey_id, quarter, began_on, held_out)
) {nr};
INSERT INTO journey_arrivals (journey_id, quarter, began_on, held_out, runs)
  SELECT journey_id, entered_at / 900000, COALESCE(moved_from, version), CASE WHEN state = 'held_out' THEN 1 ELSE 0 END,
    COUNT(*)
  FROM journey_runs GROUP BY 1, 2, 3, 4;

-- Members whose runs were changed by somebody else than the pipeline, which then reads them anew.
CREATE TABLE journey_touched (member_id BIGINT PRIMARY KEY);
