-- extra_json: what a template has beside its first three parts: preheader, MJML, other languages, rules. includes_json:
-- the names of the partials that it puts in itself. revision: counts up with every save and with every change of a
-- partial that it puts in, so that whoever keeps it compiled knows when to compile anew.
ALTER TABLE templates ADD COLUMN extra_json TEXT NOT NULL DEFAULT '{}';
ALTER TABLE templates ADD COLUMN includes_json TEXT NOT NULL DEFAULT '[]';
ALTER TABLE templates ADD COLUMN revision BIGINT NOT NULL DEFAULT 0;
UPDATE templates SET revision = version;

-- What was saved, version by version. A template that was saved before this table has its present version only.
CREATE TABLE template_versions (
  template_id BIGINT NOT NULL, version BIGINT NOT NULL, name TEXT NOT NULL, channel_kind TEXT NOT NULL,
  subject TEXT NOT NULL, body_text TEXT NOT NULL, body_html TEXT NOT NULL, extra_json TEXT NOT NULL,
  saved_at BIGINT NOT NULL, saved_by TEXT NOT NULL,
  PRIMARY KEY (template_id, version)
) {nr};
INSERT INTO template_versions (template_id, version, name, channel_kind, subject, body_text, body_html, extra_json,
  saved_at, saved_by)
SELECT id, version, name, channel_kind, subject, body_text, body_html, '{}', updated_at, '' FROM templates;

-- Pieces that templates put in by name.
CREATE TABLE template_partials (
  id BIGINT PRIMARY KEY, workspace_id BIGINT NOT NULL, name TEXT NOT NULL, body_text TEXT NOT NULL,
  body_html TEXT NOT NULL, body_mjml TEXT NOT NULL, includes_json TEXT NOT NULL, version BIGINT NOT NULL,
  created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL,
  UNIQUE (workspace_id, name)
);
