-- Channels that are left alone because nobody is there or they cannot send, as the running process sees it; for whoever looks
-- from another process.
CREATE TABLE channel_breakers (
  channel_id BIGINT PRIMARY KEY, problem TEXT NOT NULL, opened_at BIGINT NOT NULL, retry_at BIGINT NOT NULL,
  openings BIGINT NOT NULL
);
-- Messages whose outcome nobody knows are few and looked for by age.
CREATE INDEX deliveries_unknown ON deliveries (ended_at) WHERE state = 'unknown';
