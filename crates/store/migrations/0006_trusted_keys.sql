-- Whether a write key belongs to a server that may vouch for verified addresses. Those that were there before may stand in
-- pages and apps, so none of them may.
ALTER TABLE api_keys ADD COLUMN trusted BIGINT NOT NULL DEFAULT 0;
