//! Groups that somebody should look after.

use base::{
    Time,
    ids::{GroupId, WorkspaceId, first_number_at},
};
use sea_orm::{DbErr, FromQueryResult};
use serde::Serialize;
use std::collections::HashMap;
use std::time::Duration;
use store::Sql;
use utoipa::ToSchema;

use crate::groups::group_name;

/// How many groups are looked at: the newest.
const LOOKED_AT: i64 = 50;
/// Groups larger than this are organisations rather than rooms; nobody looks after them by name.
const LARGEST: i64 = 5_000;
/// Groups that are named.
const NAMED: usize = 6;
const WEEK: Duration = Duration::from_secs(7 * 86_400);

/// A group that needs care.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct GroupInNeed {
    /// `grp_…`
    #[schema(value_type = String)]
    pub id: GroupId,
    /// What it is called.
    pub name: String,
    /// How many belong to it.
    pub members: i64,
    /// How many of them did something within the last seven days.
    pub active_7d: i64,
    /// How many came in within the last seven days.
    pub joined_7d: i64,
    /// How many left within the last seven days.
    pub left_7d: i64,
    /// `quiet`: hardly anybody is active. `leaving`: more leave than come.
    pub why: String,
}

#[derive(FromQueryResult)]
struct GroupRow {
    id: i64,
    group_key: String,
    about_json: String,
}

#[derive(FromQueryResult)]
struct CountRow {
    group_id: i64,
    members: i64,
    active: i64,
}

#[derive(FromQueryResult)]
struct ChangeRow {
    group_id: i64,
    joined: i64,
    number: i64,
}

#[derive(FromQueryResult)]
struct SmallRow {
    group_id: i64,
}

/// The groups of a workspace that need care most, at most six.
pub async fn groups_in_need(db: &impl Sql, workspace: WorkspaceId, now: Time) -> Result<Vec<GroupInNeed>, DbErr> {
    let groups: Vec<GroupRow> = db
        .all(
            "SELECT id, group_key, about_json FROM groups WHERE workspace_id = $1 ORDER BY id DESC LIMIT $2",
            vec![workspace.0.into(), LOOKED_AT.into()],
        )
        .await?;
    let keys: Vec<(i64,)> = groups.iter().map(|group| (group.id,)).collect();
    // Looks no further than the largest that would be counted.
    let small: Vec<SmallRow> = db
        .all_rows(
            &format!(
                "SELECT CAST(r.value->>0 AS BIGINT) AS group_id FROM {{rows}}
                 WHERE NOT EXISTS (SELECT 1 FROM group_members m WHERE m.group_id = CAST(r.value->>0 AS BIGINT)
                                   AND m.joined = 1 LIMIT 1 OFFSET {LARGEST})"
            ),
            &keys,
            Vec::new(),
        )
        .await?;
    let keys: Vec<(i64,)> = small.into_iter().map(|row| (row.group_id,)).collect();
    let week_ago = now.minus(WEEK);
    let counts: Vec<CountRow> = db
        .all_rows(
            "SELECT m.group_id, COUNT(DISTINCT p.id) AS members,
               COUNT(DISTINCT CASE WHEN p.last_seen_at >= $2 THEN p.id ELSE NULL END) AS active
             FROM {rows} CROSS JOIN group_members m CROSS JOIN identities i CROSS JOIN members p
             WHERE m.group_id = CAST(r.value->>0 AS BIGINT) AND m.joined = 1 AND i.id = m.identity_id
               AND p.id = i.member_id
             GROUP BY m.group_id",
            &keys,
            vec![week_ago.millis().into()],
        )
        .await?;
    let changes: Vec<ChangeRow> = db
        .all(
            "SELECT c.group_id, c.joined, COUNT(*) AS number FROM group_changes c JOIN groups g ON g.id = c.group_id
             WHERE c.id >= $2 AND c.changed_at >= $3 AND g.workspace_id = $1 GROUP BY c.group_id, c.joined",
            vec![workspace.0.into(), first_number_at(week_ago).into(), week_ago.millis().into()],
        )
        .await?;
    let changed: HashMap<(i64, bool), i64> =
        changes.into_iter().map(|row| ((row.group_id, row.joined == 1), row.number)).collect();
    let counts: HashMap<i64, CountRow> = counts.into_iter().map(|row| (row.group_id, row)).collect();
    let mut in_need: Vec<GroupInNeed> = groups
        .into_iter()
        .filter_map(|group| {
            let count = counts.get(&group.id)?;
            let moved = |joined: bool| changed.get(&(group.id, joined)).copied().unwrap_or_default();
            let (joined_7d, left_7d) = (moved(true), moved(false));
            let why = why(count.members, count.active, joined_7d, left_7d)?;
            Some(GroupInNeed {
                id: GroupId(group.id),
                name: group_name(&group.about_json).unwrap_or(group.group_key),
                members: count.members,
                active_7d: count.active,
                joined_7d,
                left_7d,
                why: why.to_owned(),
            })
        })
        .collect();
    // Where more leave comes first, then where most are quiet.
    in_need.sort_by_key(|group| {
        (std::cmp::Reverse(group.left_7d - group.joined_7d), std::cmp::Reverse(group.members - group.active_7d))
    });
    in_need.truncate(NAMED);
    Ok(in_need)
}

/// Why a group needs care, if it does.
fn why(members: i64, active: i64, joined: i64, left: i64) -> Option<&'static str> {
    if left >= 3 && left > joined {
        return Some("leaving");
    }
    (members >= 5 && active * 10 < members).then_some("quiet")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_needs_care_when_more_leave_than_come_or_hardly_anybody_is_there() {
        assert_eq!(why(100, 50, 2, 3), Some("leaving"));
        assert_eq!(why(100, 50, 3, 3), None);
        assert_eq!(why(100, 9, 0, 0), Some("quiet"));
        assert_eq!(why(100, 10, 0, 0), None);
        assert_eq!(why(4, 0, 0, 2), None, "a few friends are no room");
    }
}
