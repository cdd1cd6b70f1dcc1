//! Looking for a text: first those whom an index names by the beginning of an identity, then all others, from the newest on.

use base::ids::{MemberId, WorkspaceId};
use sea_orm::DbErr;
use store::{Sql, Value};

use super::plan::{IdRow, Part};
use crate::identity::KINDS;

/// What is looked for in what is known of members: the text in lower case, and where it is a telephone number as people
/// write it, also its digits.
pub(super) fn patterns(text: &str) -> Vec<String> {
    let mut texts = vec![text.to_lowercase()];
    if is_number(text) {
        texts.push(text.chars().filter(|letter| letter.is_ascii_digit() || *letter == '+').collect());
    }
    texts.dedup();
    texts.into_iter().map(|text| format!("%{}%", escaped(&text))).collect()
}

fn is_number(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    digits >= 7 && text.chars().all(|letter| letter.is_ascii_digit() || "+-() ".contains(letter))
}

fn escaped(text: &str) -> String {
    text.replace('!', "!!").replace('%', "!%").replace('_', "!_")
}

/// The members who have an identity that begins with the text, newest first; nobody when they are more than `most`, which
/// names nobody. Also the member whose id it is.
pub(super) async fn named(
    db: &impl Sql,
    workspace: WorkspaceId,
    text: &str,
    most: i64,
) -> Result<Vec<MemberId>, DbErr> {
    let kinds: Vec<String> = KINDS.iter().map(|kind| format!("'{}'", kind.name)).collect();
    let kinds = kinds.join(", ");
    let mut beginnings = vec![text.to_owned(), text.to_lowercase()];
    beginnings.dedup();
    let mut query = Part::of("SELECT DISTINCT x.member_id AS id FROM (", vec![]);
    for (place, beginning) in beginnings.iter().enumerate() {
        let between = if place == 0 { "" } else { " UNION ALL " };
        // The pattern sees to it that nothing else is found where texts have another order.
        let sql = format!(
            "{between}SELECT * FROM (SELECT member_id FROM identities WHERE workspace_id = ? AND kind IN ({kinds})
               AND value >= ? AND value < ? AND value LIKE ? ESCAPE '!' LIMIT ?) AS y"
        );
        let values: Vec<Value> = vec![
            workspace.0.into(),
            beginning.as_str().into(),
            format!("{beginning}\u{10ffff}").into(),
            format!("{}%", escaped(beginning)).into(),
            (most + 1).into(),
        ];
        query.add(Part::of(sql, values));
    }
    query.add(Part::of(") AS x", vec![]));
    let (sql, values) = query.numbered(1);
    let rows: Vec<IdRow> = db.all(&sql, values).await?;
    let mut named: Vec<MemberId> = match rows.len() as i64 > most {
        true => Vec::new(),
        false => rows.into_iter().map(|row| MemberId(row.id)).collect(),
    };
    named.extend(text.parse::<MemberId>());
    named.sort_unstable_by(|one, other| other.cmp(one));
    named.dedup();
    Ok(named)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_found_however_it_is_written() {
        assert_eq!(patterns("138 0013-8000"), ["%138 0013-8000%", "%13800138000%"]);
        assert_eq!(patterns("13800138000"), ["%13800138000%"]);
        assert_eq!(patterns("100%_!"), ["%100!%!_!!%"]);
        assert_eq!(patterns("2026-01"), ["%2026-01%"], "too short for a number");
    }
}
