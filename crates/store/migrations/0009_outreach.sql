-- A higher priority is sent first: 10 low, 50 normal, 80 high, 100 critical. A message is not sent after it has expired.
-- options_json is what the step asked for beside the message, such as traits that a webhook's answer gives.
ALTER TABLE deliveries ADD COLUMN priority BIGINT NOT NULL DEFAULT 50;
ALTER TABLE deliveries ADD COLUMN expires_at BIGINT;
ALTER TABLE deliveries ADD COLUMN options_json TEXT NOT NULL DEFAULT '{}';

-- The share of members whom no journey and no campaign addresses, in millionths; the salt decides who they are.
ALTER TABLE workspaces ADD COLUMN holdout_millionths BIGINT NOT NULL DEFAULT 0;
ALTER TABLE workspaces ADD COLUMN holdout_salt BIGINT NOT NULL DEFAULT 0;

-- arriving: the run has been put before its step and has not begun it. wait_json: what a run that waits waits for, beside
-- the time in wake_at.
ALTER TABLE journey_runs ADD COLUMN arriving BIGINT NOT NULL DEFAULT 0;
ALTER TABLE journey_runs ADD COLUMN wait_json TEXT;
