//! Whom a simulation takes.

use std::collections::HashSet;

use base::ids::{MemberId, WorkspaceId};
use people::rules::EventAnswers;
use store::{DbErr, FromQueryResult, Sql};

use super::asked::Asked;

/// A prime, small enough that products fit 64 bits on either database.
const PRIME: i64 = 2_147_483_647;
/// Bits of an id that keep ids of one millisecond apart, and how much later than its id an event may have arrived.
const LOW_BITS: u32 = 21;
const MARGIN: i64 = 86_400_000;

/// Members in the order in which they are to be taken, and of how many they are a sample.
pub(super) struct Sample {
    pub(super) members: Vec<MemberId>,
    pub(super) of: i64,
}

#[derive(FromQueryResult)]
struct IdRow {
    id: i64,
}

/// First those to whom something happened in that time, then the others; each in the order of a hash of their ids, so that
/// the same question always takes the same members. Histories tell to whom something happened, where there are some.
pub(super) async fn sample(
    db: &impl Sql,
    histories: Option<&dyn EventAnswers>,
    workspace: WorkspaceId,
    asked: &Asked,
) -> Result<Sample, DbErr> {
    let segment = asked.segment.map_or(0, |segment| segment.0);
    let in_segment = |member: &str| {
        format!(
            "($2 = 0 OR EXISTS (SELECT 1 FROM segment_members s WHERE s.segment_id = $2 AND s.member_id = {member}))"
        )
    };
    let members = format!(
        "SELECT m.id FROM members m WHERE m.workspace_id = $1 AND m.merged_into IS NULL AND {}",
        in_segment("m.id")
    );
    let of: Option<i64> =
        db.scalar(&format!("SELECT COUNT(*) FROM ({members}) AS m"), vec![workspace.0.into(), segment.into()]).await?;
    // Ids of events are given when they arrive, so the table is read from about there on.
    let first_id = (asked.from.millis() - MARGIN).max(0) << LOW_BITS;
    let active = format!(
        "SELECT DISTINCT i.member_id AS id FROM events e JOIN identities i ON i.id = e.identity_id
         WHERE e.workspace_id = $1 AND e.id >= $4 AND e.received_at >= $5 AND e.received_at < $6 AND {}",
        in_segment("i.member_id")
    );
    let wanted = i64::from(asked.members);
    let told = match histories {
        Some(histories) => histories.active(workspace, asked.from, asked.to).await,
        None => None,
    };
    let mut sample: Vec<MemberId> = match told {
        Some(mut active) => {
            if let Some(segment) = asked.segment {
                let members = people::segments::member_ids(db, workspace, segment).await?.unwrap_or_default();
                let members: HashSet<MemberId> = members.into_iter().collect();
                active.retain(|member| members.contains(member));
            }
            active.sort_unstable_by_key(|member| (hash(member.0), *member));
            active.truncate(asked.members as usize);
            active
        }
        None => {
            let values = vec![
                workspace.0.into(),
                segment.into(),
                wanted.into(),
                first_id.into(),
                asked.from.millis().into(),
                asked.to.millis().into(),
            ];
            let active: Vec<IdRow> = db.all(&in_order_of_hash(&active), values).await?;
            active.into_iter().map(|row| MemberId(row.id)).collect()
        }
    };
    if sample.len() < asked.members as usize {
        let most = wanted + sample.len() as i64;
        let values = vec![workspace.0.into(), segment.into(), most.into()];
        let others: Vec<IdRow> = db.all(&in_order_of_hash(&members), values).await?;
        let taken: HashSet<MemberId> = sample.iter().copied().collect();
        sample.extend(others.into_iter().map(|row| MemberId(row.id)).filter(|id| !taken.contains(id)));
        sample.truncate(asked.members as usize);
    }
    Ok(Sample { members: sample, of: of.unwrap_or_default() })
}

/// By what [`in_order_of_hash`] sorts.
fn hash(id: i64) -> i64 {
    let once = (id % PRIME * 48_271 + 16_807) % PRIME;
    (once * once % PRIME * 48_271 + 16_807) % PRIME
}

/// The first `$3` of these ids, in the order of two rounds of multiplication and squaring modulo a prime.
fn in_order_of_hash(ids: &str) -> String {
    let mixed = |x: &str| format!("(({x} * {x}) % {PRIME} * 48271 + 16807) % {PRIME}");
    format!(
        "SELECT id FROM (SELECT id, {} AS h FROM
           (SELECT id, (id % {PRIME} * 48271 + 16807) % {PRIME} AS g FROM ({ids}) AS w) AS x) AS y
         ORDER BY h, id LIMIT $3",
        mixed("g")
    )
}
