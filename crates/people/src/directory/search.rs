//! Finding members by a line of text, fast enough to do it while somebody types, however many members there are.

use std::collections::HashSet;

use api::part_pattern;
use base::ids::{MemberId, WorkspaceId};
use sea_orm::{DbErr, FromQueryResult};
use store::Sql;

use super::member_names;
use crate::identity::KINDS;

/// How many of the newest members are looked through for a text that no identity begins with: about 40 ms.
const WINDOW: i64 = 20_000;

/// A member who was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberFound {
    /// Who he is.
    pub id: MemberId,
    /// What he is called.
    pub name: String,
    /// What tells him from others of that name.
    pub hint: Option<String>,
    /// By what he was found: `id`, the kind of the identity that begins so, or `text`.
    pub why: String,
}

/// Members who were found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MembersFound {
    /// The best first.
    pub members: Vec<MemberFound>,
    /// Whether there are more.
    pub more: bool,
    /// Whether all members were looked through.
    pub is_complete: bool,
}

#[derive(FromQueryResult)]
struct FoundRow {
    member_id: i64,
    kind: String,
}

#[derive(FromQueryResult)]
struct WindowRow {
    id: i64,
}

/// Members whose id this is, one of whose identities begins so, or, among the newest, in whom the text stands anywhere.
pub async fn find_members_named(
    db: &impl Sql,
    workspace: WorkspaceId,
    text: &str,
    most: u64,
) -> Result<MembersFound, DbErr> {
    let mut found: Vec<(MemberId, String)> = Vec::new();
    if let Ok(id) = text.parse::<MemberId>() {
        found.push((id, "id".to_owned()));
    }
    let wanted = most as usize + 1;
    found.extend(beginning_so(db, workspace, text, wanted).await?);
    let mut is_complete = true;
    if !is_enough(&found, wanted) {
        let (holding, looked_at_all) = among_the_newest(db, workspace, text, wanted).await?;
        found.extend(holding);
        is_complete = looked_at_all;
    }
    let mut seen = HashSet::new();
    found.retain(|(id, _)| seen.insert(*id));
    let more = found.len() > most as usize;
    found.truncate(most as usize);
    let ids: Vec<MemberId> = found.iter().map(|(id, _)| *id).collect();
    let names = member_names(db, workspace, &ids).await?;
    let members = found.into_iter().filter_map(|(id, why)| {
        let (_, name) = names.iter().find(|(named, _)| *named == id)?;
        Some(MemberFound { id, name: name.name.clone(), hint: name.hint.clone(), why })
    });
    Ok(MembersFound { members: members.collect(), more, is_complete })
}

fn is_enough(found: &[(MemberId, String)], wanted: usize) -> bool {
    found.iter().map(|(id, _)| id).collect::<HashSet<_>>().len() >= wanted
}

/// Whose identities begin with a text: a range of the index of identities for each kind. They come in whatever order they
/// are found: to sort them, all that begin so would have to be read.
async fn beginning_so(
    db: &impl Sql,
    workspace: WorkspaceId,
    text: &str,
    wanted: usize,
) -> Result<Vec<(MemberId, String)>, DbErr> {
    let mut found = Vec::new();
    let kinds: Vec<String> = KINDS.iter().map(|kind| format!("'{}'", kind.name)).collect();
    // Addresses are kept in small letters, ids as they were sent; a phone number may be written without its country.
    let mut starts = vec![text.to_owned()];
    let small = text.to_lowercase();
    if small != text {
        starts.push(small);
    }
    for start in starts {
        let rows: Vec<FoundRow> = db
            .all(
                &format!(
                    "SELECT member_id, kind FROM identities
                     WHERE workspace_id = $1 AND kind IN ({}) AND value >= $2 AND value < $3 LIMIT $4",
                    kinds.join(", ")
                ),
                vec![
                    workspace.0.into(),
                    start.as_str().into(),
                    format!("{start}\u{10ffff}").into(),
                    (wanted as i64).into(),
                ],
            )
            .await?;
        found.extend(rows.into_iter().map(|row| (MemberId(row.member_id), row.kind)));
    }
    Ok(found)
}

/// In whom of the newest members the text stands, and whether those are all there are.
async fn among_the_newest(
    db: &impl Sql,
    workspace: WorkspaceId,
    text: &str,
    wanted: usize,
) -> Result<(Vec<(MemberId, String)>, bool), DbErr> {
    const NEWEST: &str =
        "SELECT m.id FROM members m WHERE m.workspace_id = $1 AND m.merged_into IS NULL ORDER BY m.id DESC";
    let rows: Vec<WindowRow> = db
        .all(
            &format!(
                "SELECT w.id FROM ({NEWEST} LIMIT {WINDOW}) AS w
                 WHERE EXISTS (SELECT 1 FROM identities i WHERE i.member_id = w.id AND i.search_text LIKE $2 ESCAPE '!')
                 LIMIT $3"
            ),
            vec![workspace.0.into(), part_pattern(text).into(), (wanted as i64).into()],
        )
        .await?;
    let older: Option<i64> = db.scalar(&format!("{NEWEST} LIMIT 1 OFFSET {WINDOW}"), vec![workspace.0.into()]).await?;
    let mut found: Vec<(MemberId, String)> =
        rows.into_iter().map(|row| (MemberId(row.id), "text".to_owned())).collect();
    found.sort_unstable_by_key(|(id, _)| std::cmp::Reverse(*id));
    Ok((found, older.is_none()))
}
