-- Simulations of journeys: what was asked, and what came of it. The id is that of the job.
CREATE TABLE journey_simulations (
  id BIGINT PRIMARY KEY, workspace_id BIGINT NOT NULL, journey_id BIGINT NOT NULL, asked_json TEXT NOT NULL,
  result_json TEXT, created_by TEXT NOT NULL, created_at BIGINT NOT NULL, ended_at BIGINT
);
CREATE INDEX journey_simulations_by_journey ON journey_simulations (journey_id, id);
