-- revision: grows with every change of the draft, so that two who change it at once notice each other. queued_stay: what
-- was queued before the journey was stopped is still sent.
ALTER TABLE journeys ADD COLUMN revision BIGINT NOT NULL DEFAULT 1;
ALTER TABLE journeys ADD COLUMN queued_stay BIGINT NOT NULL DEFAULT 0;

-- The version that a run began on, once it has been moved to another.
ALTER TABLE journey_runs ADD COLUMN moved_from BIGINT;
CREATE INDEX deliveries_queued_by_journey ON deliveries (journey_id, id) WHERE state = 'queued';

-- How often each way out of a step was taken, where a step has several of one kind: cases, shares, outcomes.
CREATE TABLE journey_ways (
  journey_id BIGINT NOT NULL, version BIGINT NOT NULL, step TEXT NOT NULL, way TEXT NOT NULL,
  happened BIGINT NOT NULL,
  PRIMARY KEY (journey_id, version, step, way)
) {nr};

-- Since when the share of members whom nothing addresses is what it is.
ALTER TABLE workspaces ADD COLUMN holdout_changed_at BIGINT;
