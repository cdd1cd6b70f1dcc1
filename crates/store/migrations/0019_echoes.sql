-- told: the last change that a run has said of its member and that has not come back through the log yet, by the number of
-- its line in the trace.
ALTER TABLE journey_runs ADD COLUMN told BIGINT;

-- Plans of journeys that let nobody in any more are deleted when they are stopped.
CREATE INDEX journey_plans_by_journey ON journey_plans (journey_id, member_id);
DELETE FROM journey_plans WHERE journey_id NOT IN
  (SELECT id FROM journeys WHERE state IN ('live', 'paused') AND deleted_at IS NULL);
