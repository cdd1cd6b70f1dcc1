-- Keyed hashes of addresses that get nothing, of people who were erased. With no topic it is a suppression and covers
-- everything; with a topic, or '*', a consent that was withdrawn.
CREATE TABLE withheld (
  workspace_id BIGINT NOT NULL, mark TEXT NOT NULL, topic TEXT NOT NULL, channel_kind TEXT NOT NULL, reason TEXT NOT NULL,
  since BIGINT NOT NULL, erasure_id BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, mark, topic)
) {nr};
