//! What a bulk change would do, in numbers: the decisions of the tag stage (`stage.rs`) over what members carry now. A test
//! holds both against each other.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, HashMap},
    time::Duration,
};

use base::{
    Code,
    ids::{MemberId, WorkspaceId},
};
use sea_orm::{DbErr, FromQueryResult};
use serde::Serialize;
use store::Sql;
use utoipa::ToSchema;

use super::{
    super::{TagRule, load_book, stage::MAX_TAGS},
    BulkChange,
};
use crate::{PeopleState, identity};

/// For so long members are looked at one after the other; the rest is estimated.
const PATIENCE: Duration = Duration::from_secs(4);

/// What a bulk change would do.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct BulkPreview {
    /// How many members it is about.
    members: i64,
    /// Whether the following numbers are exact: every one was looked at. Else they are estimated from those who were.
    exact: bool,
    /// How many members were looked at.
    checked: i64,
    /// Whose tags would be others, or would end at another moment.
    would_change: i64,
    /// Who have what is to be added already, and nothing of what is to be removed.
    unchanged: i64,
    /// Of whom something would be refused.
    refused: i64,
    /// The latter by the code of the reason.
    refusals: BTreeMap<String, i64>,
    /// How many of those who were named are left out since they have become one with another who is named.
    excluded: i64,
}

#[derive(FromQueryResult)]
struct CarriedRow {
    member: i64,
    identity: i64,
    kind: String,
    tag: Option<String>,
    expires_at: Option<i64>,
}

#[derive(FromQueryResult)]
struct NumberRow {
    member: i64,
    tags: i64,
}

/// What a member carries of the tags that a change concerns.
#[derive(Default)]
struct Carries {
    /// His strongest identity, to which tags are added.
    strongest: Option<(Reverse<u8>, i64)>,
    /// By identity and tag, when it comes off.
    tags: HashMap<(i64, String), Option<i64>>,
    /// How many different tags he has in all.
    in_all: i64,
}

/// What would become of a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Changed,
    Unchanged,
    Refused,
}

/// Looks at the members of a change, as many as there is time for.
pub(super) async fn preview(
    state: &PeopleState,
    workspace: WorkspaceId,
    change: &BulkChange,
    excluded: i64,
) -> Result<BulkPreview, DbErr> {
    let db = state.db.read();
    let book = load_book(db, workspace).await?;
    let started = state.clock.monotonic();
    let (mut before, mut checked) = (i64::MAX, 0);
    let (mut would_change, mut unchanged, mut refused) = (0, 0, 0);
    let mut is_whole = false;
    while !is_whole && state.clock.monotonic().saturating_sub(started) <= PATIENCE {
        let ids = change.next_members(db, workspace, before).await?;
        let carried = carried(db, change, &book, &ids).await?;
        for id in &ids {
            let nothing = Carries::default();
            match outcome(change, &book, carried.get(&id.0).unwrap_or(&nothing)) {
                Outcome::Changed => would_change += 1,
                Outcome::Unchanged => unchanged += 1,
                Outcome::Refused => refused += 1,
            }
        }
        checked += ids.len() as i64;
        before = ids.last().map_or(before, |id| id.0);
        is_whole = ids.is_empty();
    }
    // Members come and go while they are counted.
    let members = if is_whole { checked } else { change.total.max(checked) };
    let scaled = |number: i64| match checked {
        0 => 0,
        checked => (number as f64 * members as f64 / checked as f64).round() as i64,
    };
    let (would_change, refused) = (scaled(would_change), scaled(refused));
    let unchanged = if is_whole { unchanged } else { (members - would_change - refused).max(0) };
    let refusals = (refused > 0).then(|| (Code::TooManyTags.as_str().to_owned(), refused)).into_iter().collect();
    Ok(BulkPreview { members, exact: is_whole, checked, would_change, unchanged, refused, refusals, excluded })
}

/// What these members carry of the tags that a change concerns.
async fn carried(
    db: &impl Sql,
    change: &BulkChange,
    book: &BTreeMap<String, TagRule>,
    ids: &[MemberId],
) -> Result<HashMap<i64, Carries>, DbErr> {
    let keys: Vec<(i64,)> = ids.iter().map(|id| (id.0,)).collect();
    let excluded = change.add.iter().filter_map(|tag| book.get(tag)).flat_map(|rule| &rule.excludes);
    let concerned: BTreeSet<&String> = change.add.iter().chain(&change.remove).chain(excluded).collect();
    // $1 are the members.
    let named: Vec<String> = (0..concerned.len()).map(|place| format!("${}", place + 2)).collect();
    let rows: Vec<CarriedRow> = db
        .all_rows(
            &format!(
                "SELECT i.member_id AS member, i.id AS identity, i.kind, t.tag, t.expires_at
                 FROM {{rows}} CROSS JOIN identities i
                 LEFT JOIN member_tags t ON t.identity_id = i.id AND t.tag IN ({})
                 WHERE i.member_id = CAST(r.value->>0 AS BIGINT)",
                named.join(", ")
            ),
            &keys,
            concerned.into_iter().map(|tag| tag.as_str().into()).collect(),
        )
        .await?;
    let mut carried: HashMap<i64, Carries> = HashMap::new();
    for row in rows {
        let carries = carried.entry(row.member).or_default();
        let strength = (Reverse(identity::priority(&row.kind)), row.identity);
        if carries.strongest.is_none_or(|strongest| strength < strongest) {
            carries.strongest = Some(strength);
        }
        if let Some(tag) = row.tag {
            carries.tags.insert((row.identity, tag), row.expires_at);
        }
    }
    if change.add.is_empty() {
        return Ok(carried);
    }
    let numbers: Vec<NumberRow> = db
        .all_rows(
            "SELECT i.member_id AS member, COUNT(DISTINCT t.tag) AS tags
             FROM {rows} CROSS JOIN identities i CROSS JOIN member_tags t
             WHERE i.member_id = CAST(r.value->>0 AS BIGINT) AND t.identity_id = i.id AND t.source <> 'snapshot'
             GROUP BY i.member_id",
            &keys,
            Vec::new(),
        )
        .await?;
    for row in numbers {
        carried.entry(row.member).or_default().in_all = row.tags;
    }
    Ok(carried)
}

/// What a change would do to a member: what is to be removed goes before what is to be added comes.
fn outcome(change: &BulkChange, book: &BTreeMap<String, TagRule>, carries: &Carries) -> Outcome {
    let has = |tag: &String| carries.tags.keys().any(|(_, carried)| carried == tag);
    let removed: BTreeSet<&String> = change.remove.iter().filter(|tag| has(tag)).collect();
    let new: BTreeSet<&String> = change.add.iter().filter(|tag| !has(tag) || removed.contains(tag)).collect();
    let after = carries.in_all - removed.len() as i64 + new.len() as i64;
    if !new.is_empty() && after > MAX_TAGS as i64 {
        return Outcome::Refused;
    }
    let is_changed_by = |tag: &String| {
        let rule = book.get(tag);
        let ends = change.expires_at.map(|end| end.millis());
        let own = carries.strongest.and_then(|(_, identity)| carries.tags.get(&(identity, tag.clone())));
        let stays = match own {
            // One that is added again ends anew, counted from then.
            Some(end) => *end == ends && (ends.is_some() || rule.is_none_or(|rule| rule.expires_after.is_none())),
            None => false,
        };
        !stays || rule.is_some_and(|rule| rule.excludes.iter().any(has))
    };
    match !removed.is_empty() || change.add.iter().any(is_changed_by) {
        true => Outcome::Changed,
        false => Outcome::Unchanged,
    }
}
