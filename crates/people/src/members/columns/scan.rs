//! Reading all members of a workspace once, with nothing but what their profiles show.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use base::{
    Time,
    ids::{IdentityId, MemberId, WorkspaceId},
};
use sea_orm::{DbErr, FromQueryResult};
use serde_json::{Map, Value};
use store::{Db, Sql};

use super::{
    ShownTrait,
    table::{Limits, Rules, Table},
};
use crate::{
    members::{Identity, MemberState, TagFact, load::read_traits},
    rules::RuleBook,
};

const MEMBERS_AT_ONCE: i64 = 20_000;

#[derive(FromQueryResult)]
struct MemberRow {
    id: i64,
}

#[derive(FromQueryResult)]
struct IdentityRow {
    id: i64,
    member_id: i64,
    traits_json: String,
}

#[derive(FromQueryResult)]
struct TagRow {
    identity_id: i64,
    tag: String,
    added_at: i64,
}

/// Some members, in the order of their ids.
struct Page {
    members: Vec<MemberRow>,
    identities: Vec<IdentityRow>,
    tags: Vec<TagRow>,
}

/// The columns of a workspace as the database has them.
pub(super) async fn build(db: &Db, book: &Arc<RuleBook>, limits: Limits) -> Result<Table, DbErr> {
    let mut table = Table::new(Rules::of(book), limits);
    let mut after = i64::MIN;
    loop {
        let page = Page::read(db, book.workspace, after).await?;
        let Some(last) = page.members.last() else { return Ok(table) };
        after = last.id;
        let book = book.clone();
        table = super::aside(move || {
            page.into_members(&book).for_each(|member| table.put(&member, &book));
            table
        })
        .await?;
    }
}

/// What profiles show of one trait, as the database has it.
pub(super) async fn shown(db: &Db, book: &Arc<RuleBook>, name: &str) -> Result<ShownTrait, DbErr> {
    let (mut shown, mut known) = (ShownTrait::default(), HashMap::new());
    let mut after = i64::MIN;
    loop {
        let page = Page::read(db, book.workspace, after).await?;
        let Some(last) = page.members.last() else { return Ok(shown) };
        after = last.id;
        let (book, name) = (book.clone(), name.to_owned());
        (shown, known) = super::aside(move || {
            for member in page.into_members(&book) {
                let Some(value) = member.traits().get(&name) else { continue };
                let place = *known.entry(value.to_string()).or_insert_with(|| {
                    shown.values.push(value.clone());
                    shown.values.len() as u32 - 1
                });
                shown.members.push((member.id, place));
            }
            (shown, known)
        })
        .await?;
    }
}

/// All traits that the profiles of members with ids in a range show, both ends included.
pub(super) async fn traits(
    db: &Db,
    book: &RuleBook,
    (first, last): (MemberId, MemberId),
) -> Result<Vec<(MemberId, Map<String, Value>)>, DbErr> {
    let identities: Vec<IdentityRow> = db
        .read()
        .all(
            "SELECT id, member_id, traits_json FROM identities WHERE member_id >= $1 AND member_id <= $2",
            vec![first.0.into(), last.0.into()],
        )
        .await?;
    let mut ids: Vec<i64> = identities.iter().map(|row| row.member_id).collect();
    ids.sort_unstable();
    ids.dedup();
    let members = ids.into_iter().map(|id| MemberRow { id }).collect();
    let page = Page { members, identities, tags: Vec::new() };
    Ok(page.into_members(book).map(|member| (member.id, member.traits().clone())).collect())
}

impl Page {
    async fn read(db: &Db, workspace: WorkspaceId, after: i64) -> Result<Page, DbErr> {
        let members: Vec<MemberRow> = db
            .read()
            .all(
                "SELECT id FROM members WHERE workspace_id = $1 AND id > $2 AND merged_into IS NULL
                 ORDER BY id LIMIT $3",
                vec![workspace.0.into(), after.into(), MEMBERS_AT_ONCE.into()],
            )
            .await?;
        let mut identities: Vec<IdentityRow> = Vec::new();
        let mut tags: Vec<TagRow> = Vec::new();
        if let (Some(first), Some(last)) = (members.first(), members.last()) {
            // A condition on the workspace might lead the database to an index that is no help here.
            let range = || vec![first.id.into(), last.id.into()];
            identities = db
                .read()
                .all(
                    "SELECT id, member_id, traits_json FROM identities WHERE member_id >= $1 AND member_id <= $2",
                    range(),
                )
                .await?;
            tags = db
                .read()
                .all(
                    "SELECT t.identity_id, t.tag, t.added_at
                     FROM identities i JOIN member_tags t ON t.identity_id = i.id
                     WHERE i.member_id >= $1 AND i.member_id <= $2",
                    range(),
                )
                .await?;
        }
        Ok(Page { members, identities, tags })
    }

    /// Members with nothing but what their profiles show.
    fn into_members(self, book: &RuleBook) -> impl Iterator<Item = MemberState> {
        let mut tags: HashMap<i64, BTreeMap<String, TagFact>> = HashMap::new();
        for row in self.tags {
            let fact = TagFact { at: Time::from_millis(row.added_at), source: String::new(), expires_at: None };
            tags.entry(row.identity_id).or_default().insert(row.tag, fact);
        }
        let member = |row: &MemberRow| (row.id, MemberState::new(MemberId(row.id), book.workspace, Time::EPOCH));
        let mut members: HashMap<i64, MemberState> = self.members.iter().map(member).collect();
        for row in self.identities {
            let Some(member) = members.get_mut(&row.member_id) else { continue };
            member.add_identity(Identity {
                id: IdentityId(row.id),
                kind: String::new(),
                value: String::new(),
                verified: false,
                origin: member.id,
                created_at: Time::EPOCH,
                traits: read_traits(&row.traits_json),
                tags: tags.remove(&row.id).unwrap_or_default(),
                groups: BTreeMap::new(),
            });
        }
        let in_order = self.members.into_iter().filter_map(move |row| members.remove(&row.id));
        in_order.map(|mut member| {
            member.refresh_traits(&book.traits);
            member
        })
    }
}
