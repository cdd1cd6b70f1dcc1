//! Members whose runs somebody else than the pipeline has changed: the journey stage forgets those, and only those.
//!
//! They are noted in the transaction of the change, between two batches, and read at the beginning of the next one, which
//! takes the notes away when it is committed.

use base::ids::{JourneyId, MemberId};
use sea_orm::{DbErr, FromQueryResult};
use store::{Sql, Tx};

use super::{ending::UnderWay, memory::Memory};

/// Of more members than this everybody is forgotten.
const MOST: i64 = 20_000;

#[derive(FromQueryResult)]
struct MemberRow {
    member_id: i64,
}

/// Notes the members of these runs.
pub(super) async fn note(tx: &Tx, runs: &[UnderWay]) -> Result<(), DbErr> {
    let members: Vec<(i64,)> = runs.iter().map(|run| (run.member_id,)).collect();
    tx.run_rows(
        "INSERT INTO journey_touched (member_id) SELECT CAST(r.value->>0 AS BIGINT) FROM {rows} WHERE true
         ON CONFLICT (member_id) DO NOTHING",
        &members,
    )
    .await?;
    Ok(())
}

/// Notes the members who are under way in a journey by runs after one and up to another.
pub(super) async fn note_between(tx: &Tx, journey: JourneyId, after: i64, last: i64) -> Result<(), DbErr> {
    tx.run(
        "INSERT INTO journey_touched (member_id) SELECT DISTINCT member_id FROM journey_runs
         WHERE journey_id = $1 AND state = 'active' AND id > $2 AND id <= $3 ON CONFLICT (member_id) DO NOTHING",
        vec![journey.0.into(), after.into(), last.into()],
    )
    .await?;
    Ok(())
}

/// Forgets whom others have changed. Gives how many that were.
pub(super) async fn forget(tx: &Tx, members: &mut Memory) -> Result<usize, DbErr> {
    let touched: Vec<MemberRow> = tx.all("SELECT member_id FROM journey_touched LIMIT $1", vec![MOST.into()]).await?;
    if touched.is_empty() {
        return Ok(0);
    }
    if touched.len() as i64 == MOST {
        members.forget();
    }
    for row in &touched {
        members.forget_member(MemberId(row.member_id));
    }
    tx.run("DELETE FROM journey_touched", Vec::new()).await?;
    Ok(touched.len())
}
