-- Whether a write key belongs to a server that may vouch for verified addresses. Those that were there before may stand in
-- pages and apps, so none of them may.
ALTER TABLE api_keys ADD COLUMN trusted BIGINT NOT NULL DEFAULT 0;
-- Whether a consent was only claimed to be given, with a key that is not trusted.
ALTER TABLE consents ADD COLUMN claimed BIGINT NOT NULL DEFAULT 0;
ALTER TABLE consent_changes ADD COLUMN claimed BIGINT NOT NULL DEFAULT 0;
