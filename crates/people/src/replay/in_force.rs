//! What is in force, folded from histories that were copied.

use base::{Time, ids::WorkspaceId};
use sea_orm::DbErr;
use store::{Sql, Tx};

/// Brings it into force in a replay: tags, groups, consents, when members were last here, and the timers of tags that are to
/// come off. `expiries` says when: identity, tag and moment.
pub(super) async fn bring(
    tx: &Tx,
    workspace: WorkspaceId,
    since: Time,
    expiries: &[(i64, String, i64)],
) -> Result<(), DbErr> {
    tx.run(
        "INSERT INTO member_tags (identity_id, tag, workspace_id, added_at, source)
         SELECT c.identity_id, c.tag, $1, c.changed_at, c.source FROM tag_changes c
         WHERE c.added = 1 AND NOT EXISTS (SELECT 1 FROM tag_changes d WHERE d.identity_id = c.identity_id
           AND d.tag = c.tag AND (d.changed_at > c.changed_at OR (d.changed_at = c.changed_at AND d.id > c.id)))",
        vec![workspace.0.into()],
    )
    .await?;
    tx.run_rows(
        "UPDATE member_tags SET expires_at = d.first_expiry
         FROM (SELECT r.value->>0 AS expiring, r.value->>1 AS expiring_tag, MIN(r.value->>2) AS first_expiry
               FROM {rows} GROUP BY r.value->>0, r.value->>1) AS d
         WHERE member_tags.identity_id = d.expiring AND member_tags.tag = d.expiring_tag",
        expiries,
    )
    .await?;
    tx.run(
        "INSERT OR REPLACE INTO group_members (identity_id, group_id, workspace_id, joined, changed_at)
         SELECT identity_id, group_id, $1, joined, changed_at FROM group_changes ORDER BY changed_at, id",
        vec![workspace.0.into()],
    )
    .await?;
    // What was merely claimed comes first, so that every decision takes its place.
    tx.run(
        "INSERT OR REPLACE INTO consents (identity_id, channel_kind, topic, workspace_id, granted, decided_at, source,
                                          proof_json, claimed)
         SELECT identity_id, channel_kind, topic, workspace_id, granted, decided_at, source, proof_json, claimed
         FROM consent_changes ORDER BY claimed DESC, decided_at, id",
        vec![],
    )
    .await?;
    // Who was here since was here before, too: when, his events tell.
    tx.run(
        "UPDATE members SET last_seen_at = COALESCE((SELECT MAX(MIN(e.happened_at, e.received_at))
           FROM identities i JOIN events e ON e.identity_id = i.id
           WHERE i.member_id = members.id AND e.kind NOT IN ('command', 'delivery')), created_at)
         WHERE last_seen_at >= $1",
        vec![since.millis().into()],
    )
    .await?;
    tx.run(
        "INSERT INTO timers (kind, subject, workspace_id, due_at)
         SELECT 'tag', i.member_id, i.workspace_id, MIN(t.expires_at)
         FROM member_tags t JOIN identities i ON i.id = t.identity_id WHERE t.expires_at IS NOT NULL
         GROUP BY i.member_id, i.workspace_id",
        vec![],
    )
    .await?;
    Ok(())
}
