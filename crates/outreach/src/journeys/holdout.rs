//! The share of a workspace's members whom no journey addresses, and what addressing the others brought about.
//!
//! Who is left out follows from the workspace's salt and the member alone. Another share keeps the salt, so that everybody
//! stays on his side as far as the new share allows; only a reshuffle draws anew.

use base::{
    Code, IdSource, Problem, Time,
    ids::{MemberId, WorkspaceId},
};
use sea_orm::{DbErr, FromQueryResult};
use serde::{Deserialize, Serialize};
use store::{Sql, Tx};
use utoipa::ToSchema;

use super::{chance, lift::Lift};
use crate::statistics::proportions::Arm;

/// The largest share that may be left out.
const MOST: f64 = 0.5;
const MILLION: f64 = 1_000_000.0;
/// Members that one query of the report looks at.
const MEMBERS_AT_ONCE: i64 = 10_000;
const DAY: i64 = 86_400_000;
/// The longest time that a report covers.
const MOST_DAYS: i64 = 400;

/// The share of members whom nothing addresses.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Holdout {
    /// The share, from 0 to 0.5.
    pub share: f64,
    /// Since when it is so.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub since: Option<Time>,
}

/// Another share.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HoldoutChange {
    /// The share, from 0 to 0.5, kept to a millionth.
    pub share: f64,
    /// Whether it is drawn anew who is left out. Reports of journeys then mix both draws.
    #[serde(default)]
    pub reshuffle: bool,
}

#[derive(FromQueryResult)]
struct SettingRow {
    holdout_millionths: i64,
    holdout_salt: i64,
    holdout_changed_at: Option<i64>,
}

async fn setting(db: &impl Sql, workspace: WorkspaceId) -> Result<SettingRow, DbErr> {
    let row = db
        .one(
            "SELECT holdout_millionths, holdout_salt, holdout_changed_at FROM workspaces WHERE id = $1",
            vec![workspace.0.into()],
        )
        .await?;
    Ok(row.unwrap_or(SettingRow { holdout_millionths: 0, holdout_salt: 0, holdout_changed_at: None }))
}

/// The present share.
pub async fn get(db: &impl Sql, workspace: WorkspaceId) -> Result<Holdout, DbErr> {
    let row = setting(db, workspace).await?;
    Ok(Holdout { share: row.holdout_millionths as f64 / MILLION, since: row.holdout_changed_at.map(Time::from_millis) })
}

/// Refuses shares that cannot be meant.
pub fn check(change: &HoldoutChange) -> Result<i64, Problem> {
    if !(0.0..=MOST).contains(&change.share) {
        return Err(Problem::at(Code::InvalidBody, "share", format!("must be a number from 0 to {MOST}")));
    }
    Ok((change.share * MILLION).round() as i64)
}

/// Sets the share, within a change of rules. What is as it was already stays untouched; then this gives false.
pub async fn set(
    tx: &Tx,
    ids: &IdSource,
    workspace: WorkspaceId,
    millionths: i64,
    reshuffle: bool,
    now: Time,
) -> Result<bool, DbErr> {
    let row = setting(tx, workspace).await?;
    let is_drawn_anew = reshuffle || row.holdout_salt == 0;
    if millionths == row.holdout_millionths && !is_drawn_anew {
        return Ok(false);
    }
    let salt = if is_drawn_anew { new_salt(ids, row.holdout_salt) } else { row.holdout_salt };
    tx.run(
        "UPDATE workspaces SET holdout_millionths = $2, holdout_salt = $3, holdout_changed_at = $4 WHERE id = $1",
        vec![workspace.0.into(), millionths.into(), salt.into(), now.millis().into()],
    )
    .await?;
    Ok(true)
}

/// Neither 0, which says that there is none yet, nor the one before.
fn new_salt(ids: &IdSource, before: i64) -> i64 {
    loop {
        let mut bytes = [0; 8];
        ids.fill(&mut bytes);
        let salt = i64::from_le_bytes(bytes);
        if salt != 0 && salt != before {
            return salt;
        }
    }
}

/// What came of addressing everybody but the holdout, over a time.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct HoldoutReport {
    /// The share that is left out.
    pub share: f64,
    /// Since when it is so; members may have been on the other side before.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub since: Option<Time>,
    /// The event that counts.
    pub goal_event: String,
    /// From when it counts.
    #[schema(value_type = String, format = DateTime)]
    pub from: Time,
    /// Until when it counts; this moment not included.
    #[schema(value_type = String, format = DateTime)]
    pub to: Time,
    /// Both sides: members known before `to`, and those of them to whom the event happened.
    pub lift: Lift,
}

/// Which time a report covers: what was asked for, else since the holdout is as it is, at most thirty days back.
pub async fn period(
    db: &impl Sql,
    workspace: WorkspaceId,
    from: Option<Time>,
    to: Option<Time>,
    now: Time,
) -> Result<Result<(Time, Time), Problem>, DbErr> {
    let to = to.unwrap_or(now);
    let from = match from {
        Some(from) => from,
        None => {
            let since = setting(db, workspace).await?.holdout_changed_at.unwrap_or(0);
            Time::from_millis(since.max(to.millis() - 30 * DAY).min(to.millis() - 1))
        }
    };
    if from >= to {
        return Ok(Err(Problem::at(Code::InvalidQuery, "from", "must be before \"to\"")));
    }
    if to - from > MOST_DAYS * DAY {
        return Ok(Err(Problem::at(
            Code::InvalidQuery,
            "from",
            format!("is more than {MOST_DAYS} days before \"to\""),
        )));
    }
    Ok(Ok((from, to)))
}

#[derive(FromQueryResult)]
struct MemberRow {
    id: i64,
    converted: i64,
}

/// Counts both sides, some thousand members at a time.
pub async fn report(
    db: &impl Sql,
    workspace: WorkspaceId,
    goal_event: &str,
    (from, to): (Time, Time),
) -> Result<HoldoutReport, DbErr> {
    let setting = setting(db, workspace).await?;
    let share = setting.holdout_millionths as f64 / MILLION;
    let name: Option<i64> = db
        .scalar(
            "SELECT id FROM event_names WHERE workspace_id = $1 AND name = $2",
            vec![workspace.0.into(), goal_event.into()],
        )
        .await?;
    let (mut treated, mut held_out) = (Arm::default(), Arm::default());
    let mut after = i64::MIN;
    loop {
        let rows: Vec<MemberRow> = db
            .all(
                "SELECT m.id, CAST(CASE WHEN EXISTS (SELECT 1 FROM identities i JOIN events e ON e.identity_id = i.id
                     WHERE i.member_id = m.id AND e.name_id = $3 AND e.happened_at >= $4 AND e.happened_at < $5)
                   THEN 1 ELSE 0 END AS BIGINT) AS converted
                 FROM members m
                 WHERE m.workspace_id = $1 AND m.id > $2 AND m.merged_into IS NULL AND m.created_at < $5
                 ORDER BY m.id LIMIT $6",
                vec![
                    workspace.0.into(),
                    after.into(),
                    name.unwrap_or(0).into(),
                    from.millis().into(),
                    to.millis().into(),
                    MEMBERS_AT_ONCE.into(),
                ],
            )
            .await?;
        for row in &rows {
            let is_held_out = chance::of_workspace(setting.holdout_salt, MemberId(row.id)) < share;
            let arm = if is_held_out { &mut held_out } else { &mut treated };
            arm.members += 1;
            arm.converted += row.converted;
        }
        match rows.last() {
            Some(last) if rows.len() as i64 == MEMBERS_AT_ONCE => after = last.id,
            _ => break,
        }
    }
    Ok(HoldoutReport {
        share,
        since: setting.holdout_changed_at.map(Time::from_millis),
        goal_event: goal_event.to_owned(),
        from,
        to,
        lift: Lift::of(treated, held_out),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_larger_share_leaves_everybody_out_who_was_left_out_before() {
        let out = |salt: i64, share: f64| -> Vec<i64> {
            (1..20_000).filter(|id| chance::of_workspace(salt, MemberId(*id << 21)) < share).collect()
        };
        let (small, large, other) = (out(7, 0.05), out(7, 0.1), out(8, 0.05));
        assert!(small.iter().all(|id| large.contains(id)));
        for (found, share) in [(&small, 0.05), (&large, 0.1), (&other, 0.05)] {
            let found = found.len() as f64 / 20_000.0;
            assert!((found - share).abs() < 0.01, "{found} is far from {share}");
        }
        let common = small.iter().filter(|id| other.contains(id)).count();
        assert!(common < small.len() / 5, "another salt draws anew, {common} of {}", small.len());
    }

    #[test]
    fn a_share_that_cannot_be_meant_is_refused() {
        let change = |share| check(&HoldoutChange { share, reshuffle: false });
        assert_eq!(change(0.05).unwrap(), 50_000);
        for share in [-0.1, 0.51, f64::NAN, f64::INFINITY] {
            assert_eq!(change(share).unwrap_err().errors[0].path, "share");
        }
    }
}
