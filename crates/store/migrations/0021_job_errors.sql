-- The stable code of why a job failed; the text beside it is English.
ALTER TABLE jobs ADD COLUMN error_code TEXT;
UPDATE jobs SET error_code = 'internal' WHERE error IS NOT NULL;
-- How a simulation ended stands with it, so that it is known when its job is gone.
ALTER TABLE journey_simulations ADD COLUMN state TEXT;
ALTER TABLE journey_simulations ADD COLUMN error TEXT;
ALTER TABLE journey_simulations ADD COLUMN error_code TEXT;
UPDATE journey_simulations SET
  state = COALESCE((SELECT j.state FROM jobs j WHERE j.id = journey_simulations.id),
                   CASE WHEN result_json IS NULL THEN 'failed' ELSE 'done' END),
  error = (SELECT j.error FROM jobs j WHERE j.id = journey_simulations.id),
  error_code = (SELECT j.error_code FROM jobs j WHERE j.id = journey_simulations.id)
WHERE ended_at IS NOT NULL;
