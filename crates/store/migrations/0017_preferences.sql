-- What members may be written to about. A topic that nobody has described is one as well; it has no row.
CREATE TABLE topics (
  workspace_id BIGINT NOT NULL, topic TEXT NOT NULL, name_en TEXT NOT NULL, name_zh TEXT NOT NULL,
  description_en TEXT NOT NULL, description_zh TEXT NOT NULL, is_shown BIGINT NOT NULL, position BIGINT NOT NULL,
  double_opt_in BIGINT NOT NULL, confirm_template_id BIGINT NOT NULL, created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, topic)
) {nr};
-- Until when a member wants nothing, on the identity from which he said so.
CREATE TABLE pauses (
  identity_id BIGINT NOT NULL, workspace_id BIGINT NOT NULL, paused_until BIGINT NOT NULL, said_at BIGINT NOT NULL,
  source TEXT NOT NULL,
  PRIMARY KEY (identity_id)
) {nr};
