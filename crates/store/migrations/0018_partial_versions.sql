-- What was saved of a partial, version by version. One that was saved before this table has its present version only.
CREATE TABLE template_partial_versions (
  partial_id BIGINT NOT NULL, version BIGINT NOT NULL, body_text TEXT NOT NULL, body_html TEXT NOT NULL,
  body_mjml TEXT NOT NULL, saved_at BIGINT NOT NULL, saved_by TEXT NOT NULL,
  PRIMARY KEY (partial_id, version)
) {nr};
INSERT INTO template_partial_versions (partial_id, version, body_text, body_html, body_mjml, saved_at, saved_by)
SELECT id, version, body_text, body_html, body_mjml, updated_at, '' FROM template_partials;
