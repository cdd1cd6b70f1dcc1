//! Who may be written to at moments that a replay may have passed already.

use base::{
    Time,
    ids::{MemberId, WorkspaceId},
};
use people::{
    consent::{self, Check, normal_address},
    privacy::Marks,
    replay::{Replay, rewind_consents},
};
use store::{DbErr, Sql};

/// For each check the reason for which its message must not go out at its moment. A member is asked about one moment.
pub(super) async fn refusals_then(
    replay: &Replay,
    workspace: WorkspaceId,
    marks: &Marks,
    checks: &[(Check, Time)],
) -> Result<Vec<Option<&'static str>>, DbErr> {
    let mut moments: Vec<(MemberId, Time)> = checks.iter().map(|(check, at)| (check.member, *at)).collect();
    moments.sort_unstable();
    moments.dedup();
    let addresses: Vec<(i64, &str, String, i64)> = checks
        .iter()
        .map(|(check, at)| {
            let address = normal_address(&check.channel_kind, &check.address);
            (workspace.0, check.channel_kind.as_str(), address, at.millis())
        })
        .collect();
    // Never committed: what is asked about is over.
    let tx = replay.db().begin().await?;
    rewind_consents(&tx, &moments).await?;
    tx.run_rows(
        "DELETE FROM suppressions WHERE (workspace_id, channel_kind, address) IN
           (SELECT x.workspace_id, x.channel_kind, x.address
            FROM {rows} JOIN suppressions x ON x.workspace_id = CAST(r.value->>0 AS BIGINT)
              AND x.channel_kind = r.value->>1 AND x.address = r.value->>2
            WHERE x.created_at > CAST(r.value->>3 AS BIGINT))",
        &addresses,
    )
    .await?;
    let checks: Vec<Check> = checks.iter().map(|(check, _)| check.clone()).collect();
    let refusals = consent::refusals(&tx, marks, &checks).await;
    tx.rollback().await?;
    refusals
}
