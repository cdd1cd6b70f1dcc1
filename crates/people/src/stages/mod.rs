//! Life-cycle stages: the ladder from stranger to fan.
//!
//! A rung of the ladder is a segment ([`crate::segments`]) with a key and a place. A member is in the highest rung that he
//! has reached, and a stranger when he has reached none. Nobody falls back, unless the rung says so: then it is his only
//! for as long as its rule holds. What a member has reached is a function of his facts: it held at some moment. So it is
//! found however late a fact arrives, and when a merge is undone both have what is theirs.
//!
//! A changed ladder is built beside the present one and takes its place as a whole.

mod counted;
mod ladder;
mod routes;
mod transitions;

use base::ids::WorkspaceId;
use sea_orm::DbErr;
use store::Sql;

pub use ladder::ensure_ladder;
pub(crate) use ladder::{coming_ladder, switch_draft};
pub use routes::routes;

/// What people read where somebody has reached no stage.
pub(crate) const STRANGERS_NAME: &str = "陌生人 Stranger";

/// Key and name of each rung, from the lowest.
pub(crate) async fn rung_names(db: &impl Sql, workspace: WorkspaceId) -> Result<Vec<(String, String)>, DbErr> {
    Ok(ladder::live_rungs(db, workspace).await?.into_iter().map(|rung| (rung.item_key, rung.name)).collect())
}

/// How many members stand on each rung; 0 is that of strangers. It reads all members.
pub(crate) async fn members_on_rungs(db: &impl Sql, workspace: WorkspaceId) -> Result<Vec<(i64, i64)>, DbErr> {
    let standings = transitions::standings(db, workspace).await?;
    Ok(standings.into_iter().map(|row| (row.position, row.members)).collect())
}

/// Members evaluated and members in all, while a new ladder is being built.
pub(crate) async fn building(db: &impl Sql, workspace: WorkspaceId) -> Result<Option<(i64, i64)>, DbErr> {
    Ok(ladder::building(db, workspace).await?.map(|row| (row.built, row.to_build)))
}
