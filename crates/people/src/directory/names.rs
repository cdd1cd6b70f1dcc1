//! The names of members, segments and groups.

use std::collections::{BTreeMap, HashMap};

use api::Name;
use base::ids::{GroupId, MemberId, SegmentId, WorkspaceId};
use sea_orm::{DbErr, FromQueryResult};
use serde_json::Value;
use store::Sql;

use crate::{groups::group_name, identity::Kind};

/// Traits that say what a member is called, the best first.
const NAME_TRAITS: [&str; 4] = ["name", "nickname", "display_name", "displayName"];
const FIRST_NAMES: [&str; 2] = ["first_name", "firstName"];
const LAST_NAMES: [&str; 2] = ["last_name", "lastName"];

/// All traits of which names are made.
pub(crate) fn name_traits() -> impl Iterator<Item = &'static str> {
    NAME_TRAITS.into_iter().chain(FIRST_NAMES).chain(LAST_NAMES)
}

#[derive(FromQueryResult)]
struct MemberRow {
    id: i64,
    merged_into: Option<i64>,
}

#[derive(FromQueryResult)]
struct IdentityRow {
    member_id: i64,
    kind: String,
    value: String,
    traits_json: String,
}

#[derive(FromQueryResult)]
struct SegmentRow {
    id: i64,
    name: String,
    is_gone: i64,
}

#[derive(FromQueryResult)]
struct GroupRow {
    id: i64,
    group_key: String,
    about_json: String,
}

/// What is known of a member's name.
#[derive(Default)]
struct Known {
    /// By trait: the latest text, and when it was said.
    said: BTreeMap<String, (i64, String)>,
    /// The value of the strongest identity, and of the one after it.
    identities: Vec<(u8, String)>,
}

/// The names of members of this workspace; who was absorbed has that of the one who stands for him.
pub async fn member_names(
    db: &impl Sql,
    workspace: WorkspaceId,
    ids: &[MemberId],
) -> Result<Vec<(MemberId, Name)>, DbErr> {
    let keys: Vec<(i64,)> = ids.iter().map(|id| (id.0,)).collect();
    let members: Vec<MemberRow> = db
        .all_rows(
            "SELECT m.id, m.merged_into FROM {rows} CROSS JOIN members m
             WHERE m.id = CAST(r.value->>0 AS BIGINT) AND m.workspace_id = $2",
            &keys,
            vec![workspace.0.into()],
        )
        .await?;
    let mut standing: Vec<(i64,)> = members.iter().map(|row| (row.merged_into.unwrap_or(row.id),)).collect();
    standing.sort_unstable();
    standing.dedup();
    let identities: Vec<IdentityRow> = db
        .all_rows(
            "SELECT i.member_id, i.kind, i.value, i.traits_json FROM {rows} CROSS JOIN identities i
             WHERE i.member_id = CAST(r.value->>0 AS BIGINT) AND i.workspace_id = $2",
            &standing,
            vec![workspace.0.into()],
        )
        .await?;
    let mut known: HashMap<i64, Known> = HashMap::new();
    for row in identities {
        known.entry(row.member_id).or_default().learn(&row);
    }
    let named = members.into_iter().map(|row| {
        let stands_for_him = row.merged_into.unwrap_or(row.id);
        let (name, hint) = known.get(&stands_for_him).map(Known::name).unwrap_or_default();
        let into = row.merged_into.map(|kept| MemberId(kept).to_string());
        let name = if name.is_empty() { MemberId(row.id).to_string() } else { name };
        (MemberId(row.id), Name { hint, into, ..Name::of("member", name) })
    });
    Ok(named.collect())
}

impl Known {
    fn learn(&mut self, row: &IdentityRow) {
        self.identities.push((Kind::named(&row.kind).priority, row.value.clone()));
        // `{"name": [value, set_at, source]}`; of each trait what was said last counts.
        let traits: BTreeMap<String, Value> = serde_json::from_str(&row.traits_json).unwrap_or_default();
        for name in NAME_TRAITS.iter().chain(&FIRST_NAMES).chain(&LAST_NAMES) {
            let Some(fact) = traits.get(*name) else { continue };
            let Some(text) = fact[0].as_str().map(str::trim).filter(|text| !text.is_empty()) else { continue };
            let at = fact[1].as_i64().unwrap_or_default();
            if self.said.get(*name).is_none_or(|(before, _)| *before <= at) {
                self.said.insert((*name).to_owned(), (at, text.to_owned()));
            }
        }
    }

    /// The name, and what tells the member from others of that name.
    fn name(&self) -> (String, Option<String>) {
        let mut identities: Vec<&(u8, String)> = self.identities.iter().collect();
        identities.sort_by(|one, other| other.0.cmp(&one.0).then_with(|| one.1.cmp(&other.1)));
        let mut values = identities.into_iter().map(|(_, value)| value.clone());
        // An address says more to people than the number under which a shop keeps somebody.
        let readable = self.identities.iter().map(|(_, value)| value).find(|value| value.contains('@')).cloned();
        let strongest = values.next();
        match self.said_name() {
            Some(name) => {
                let hint = readable.or(strongest).filter(|hint| *hint != name);
                (name, hint)
            }
            None => {
                let name = readable.or(strongest.clone()).unwrap_or_default();
                let hint = strongest.into_iter().chain(values).find(|value| *value != name);
                (name, hint)
            }
        }
    }

    fn said_name(&self) -> Option<String> {
        let said = |names: &[&str]| names.iter().find_map(|name| self.said.get(*name)).map(|(_, text)| text.clone());
        if let Some(name) = said(&NAME_TRAITS) {
            return Some(name);
        }
        match (said(&FIRST_NAMES), said(&LAST_NAMES)) {
            (Some(first), Some(last)) if is_chinese(&first) && is_chinese(&last) => Some(format!("{last}{first}")),
            (Some(first), Some(last)) => Some(format!("{first} {last}")),
            (first, last) => first.or(last),
        }
    }
}

/// Whether a name is written as Chinese ones are, with the family name first and no blank between.
fn is_chinese(name: &str) -> bool {
    name.chars().all(|c| matches!(c, '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{323af}'))
}

/// The names of segments of this workspace.
pub async fn segment_names(
    db: &impl Sql,
    workspace: WorkspaceId,
    ids: &[SegmentId],
) -> Result<Vec<(SegmentId, Name)>, DbErr> {
    let keys: Vec<(i64,)> = ids.iter().map(|id| (id.0,)).collect();
    let rows: Vec<SegmentRow> = db
        .all_rows(
            "SELECT s.id, s.name, CAST(CASE WHEN s.deleted_at IS NULL THEN 0 ELSE 1 END AS BIGINT) AS is_gone
             FROM {rows} CROSS JOIN segments s
             WHERE s.id = CAST(r.value->>0 AS BIGINT) AND s.workspace_id = $2",
            &keys,
            vec![workspace.0.into()],
        )
        .await?;
    let named = |row: SegmentRow| (SegmentId(row.id), Name { gone: row.is_gone != 0, ..Name::of("segment", row.name) });
    Ok(rows.into_iter().map(named).collect())
}

/// The names of groups of this workspace.
pub async fn group_names(
    db: &impl Sql,
    workspace: WorkspaceId,
    ids: &[GroupId],
) -> Result<Vec<(GroupId, Name)>, DbErr> {
    let keys: Vec<(i64,)> = ids.iter().map(|id| (id.0,)).collect();
    let rows: Vec<GroupRow> = db
        .all_rows(
            "SELECT g.id, g.group_key, g.about_json FROM {rows} CROSS JOIN groups g
             WHERE g.id = CAST(r.value->>0 AS BIGINT) AND g.workspace_id = $2",
            &keys,
            vec![workspace.0.into()],
        )
        .await?;
    let named = |row: GroupRow| {
        let name = group_name(&row.about_json).unwrap_or_else(|| row.group_key.clone());
        let hint = (name != row.group_key).then_some(row.group_key);
        (GroupId(row.id), Name { hint, ..Name::of("group", name) })
    };
    Ok(rows.into_iter().map(named).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn name_of(identities: &[(&str, &str, Value)]) -> (String, Option<String>) {
        let mut known = Known::default();
        for (kind, value, traits) in identities {
            let row = IdentityRow {
                member_id: 1,
                kind: (*kind).to_owned(),
                value: (*value).to_owned(),
                traits_json: traits.to_string(),
            };
            known.learn(&row);
        }
        known.name()
    }

    #[test]
    fn a_member_is_called_as_he_was_named_last_and_told_apart_by_his_address() {
        let shop = ("user_id", "u-17", json!({"name": ["Wei", 5, "s"]}));
        let mail = ("email", "wei@example.com", json!({"name": ["张伟", 9, "s"], "city": ["上海", 1, "s"]}));
        assert_eq!(name_of(&[shop, mail]), ("张伟".to_owned(), Some("wei@example.com".to_owned())));
        let parts = json!({"first_name": ["伟", 1, "s"], "last_name": ["张", 1, "s"]});
        assert_eq!(name_of(&[("user_id", "7", parts)]), ("张伟".to_owned(), Some("7".to_owned())));
        let parts = json!({"firstName": ["Ada", 1, "s"], "lastName": ["King", 1, "s"]});
        assert_eq!(name_of(&[("user_id", "7", parts)]), ("Ada King".to_owned(), Some("7".to_owned())));
    }

    #[test]
    fn who_has_no_name_is_called_by_what_people_can_read() {
        let odd = json!({"name": [{"first": 1}, 1, "s"], "nickname": ["  ", 1, "s"]});
        assert_eq!(
            name_of(&[("user_id", "u-17", odd), ("email", "wei@example.com", json!({}))]),
            ("wei@example.com".to_owned(), Some("u-17".to_owned()))
        );
        assert_eq!(name_of(&[("anonymous_id", "a-1", json!({}))]), ("a-1".to_owned(), None));
        assert_eq!(name_of(&[]), (String::new(), None));
    }
}
