-- Who stands at a step now, the last one first.
CREATE INDEX journey_runs_at_step ON journey_runs (journey_id, step, id) WHERE state = 'active';
-- What is to be done, in the order in which it is due.
CREATE INDEX journey_tasks_due ON journey_tasks (workspace_id, state, due_at, id);
