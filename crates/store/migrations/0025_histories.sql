-- Histories are kept by the member to whom an identity first belonged, whatever becomes of it later; NULL while that is
-- origin_member_id.
ALTER TABLE identities ADD COLUMN home_member_id BIGINT;
-- Who belongs to another member than his history says.
CREATE INDEX identities_moved ON identities (workspace_id, id)
  WHERE member_id <> COALESCE(home_member_id, origin_member_id);
