//! Groups that members belong to, as events tell it: a `group` call, "Group Joined" and "Group Left".
//!
//! What is told is a fact of the identity under which it was told, like a tag. A member belongs to a group when the last
//! that was told of it by any of his identities, by its own timestamp, is that he entered: who leaves does so under all
//! his names, in whatever order it is heard. Of several things told at one moment that of the later identity counts, and
//! of one identity that which arrived later.

mod about;
mod routes;
mod stage;

use base::ids::{GroupId, MemberId, WorkspaceId};
use sea_orm::{DbErr, FromQueryResult};
use store::Sql;

pub use routes::routes;
pub use stage::{GROUP_JOINED, GROUP_LEFT, GroupStage};

/// What a group is called, by what is kept of its traits.
pub(crate) fn group_name(about: &str) -> Option<String> {
    let traits = about::About::read(about).into_traits();
    let name = traits.get("name")?.as_str()?.trim();
    (!name.is_empty()).then(|| name.to_owned())
}

/// The present members of a group; `None` when there is no such group.
pub async fn member_ids(db: &impl Sql, workspace: WorkspaceId, group: GroupId) -> Result<Option<Vec<MemberId>>, DbErr> {
    let known: Option<i64> = db
        .scalar("SELECT id FROM groups WHERE id = $1 AND workspace_id = $2", vec![group.0.into(), workspace.0.into()])
        .await?;
    if known.is_none() {
        return Ok(None);
    }
    let rows: Vec<MemberRow> = db.all(&members_sql("$1"), vec![group.0.into()]).await?;
    Ok(Some(rows.into_iter().map(|row| MemberId(row.member_id)).collect()))
}

#[derive(FromQueryResult)]
struct MemberRow {
    member_id: i64,
}

/// SQL that gives the ids of the members of a group; `group` is an expression for its number.
pub(crate) fn members_sql(group: &str) -> String {
    format!(
        "SELECT x.member_id FROM (
           SELECT i.member_id, m.joined,
                  ROW_NUMBER() OVER (PARTITION BY i.member_id ORDER BY m.changed_at DESC, m.identity_id DESC) AS nth
           FROM group_members m JOIN identities i ON i.id = m.identity_id WHERE m.group_id = {group}) AS x
         WHERE x.nth = 1 AND x.joined = 1"
    )
}
