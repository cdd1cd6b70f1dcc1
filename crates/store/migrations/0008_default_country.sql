-- The country (ISO 3166-1 alpha-2) in which phone numbers without a code are. Workspaces that were there before have
-- none until somebody says so: what they know stays as it is.
ALTER TABLE workspaces ADD COLUMN default_country TEXT;
