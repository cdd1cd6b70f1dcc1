//! From which side members are found: the narrowest that the filter names.
//!
//! Whoever asks for the newest fifty of a filter should not wait for the database to gather all. So the ids of one side (a
//! segment, a stage, a tag that few carry) are read from the newest on, and each is asked for the rest of the filter. A
//! common tag is asked of each member; a rare one is a list that is read as a whole, since looking for one of its few
//! carriers among everybody would take longest of all.

use base::ids::{MemberId, WorkspaceId};
use sea_orm::{DbErr, FromQueryResult};
use store::{Sql, Value};

use super::super::filter::MemberFilter;
use crate::{groups::members_sql, rules::STRANGER};

/// A part of a statement; each `?` stands for the next of its values.
#[derive(Clone, Debug, Default)]
pub(super) struct Part {
    pub sql: String,
    pub values: Vec<Value>,
}

impl Part {
    pub(super) fn of(sql: impl Into<String>, values: Vec<Value>) -> Part {
        Part { sql: sql.into(), values }
    }

    /// Adds another part behind this one.
    pub(super) fn add(&mut self, other: Part) {
        self.sql += &other.sql;
        self.values.extend(other.values);
    }

    /// The text with numbered parameters, the first of them `first`, and their values.
    pub(super) fn numbered(self, first: usize) -> (String, Vec<Value>) {
        let mut sql = String::with_capacity(self.sql.len() + 2 * self.values.len());
        for (place, piece) in self.sql.split('?').enumerate() {
            if place > 0 {
                sql += &format!("${}", first + place - 1);
            }
            sql += piece;
        }
        (sql, self.values)
    }
}

/// Where ids come from, newest first.
#[derive(Debug)]
pub(super) enum Source {
    /// All members of the workspace.
    Everybody,
    /// The members of a segment, of this one.
    Segment(i64),
    /// These, newest first.
    These(Vec<MemberId>),
}

/// How members are found that a filter is about.
#[derive(Debug)]
pub(super) struct Plan {
    pub workspace: WorkspaceId,
    pub source: Source,
    /// The same side as a condition on a member `m` that begins with ` AND `; empty for everybody.
    pub of_source: Part,
    /// What is asked of each member `m` besides, each beginning with ` AND `.
    pub conditions: Part,
}

/// What a side of the filter is, before it is decided from which one members are found.
struct Side {
    /// How many there are, at most.
    size: i64,
    from: Start,
    /// The same as a condition on a member `m`.
    condition: Part,
}

enum Start {
    Segment(i64),
    /// A query for ids of members, which may name one twice.
    Query(Part),
    /// Too many to begin with.
    Nowhere,
}

/// For what members are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// For some of them, newest first.
    Some,
    /// To count them all.
    Count,
}

impl Plan {
    /// The plan for a filter, where what more than `few` carry or belong to is asked of each member. `None` when it is about
    /// nobody.
    pub(super) async fn of(
        db: &impl Sql,
        workspace: WorkspaceId,
        filter: &MemberFilter,
        (purpose, few): (Purpose, i64),
    ) -> Result<Option<Plan>, DbErr> {
        let mut sides = Vec::new();
        let mut conditions = Part::default();
        if let Some(segment) = filter.segment {
            match segment_side(db, workspace, segment.0).await? {
                Some(side) => sides.push(side),
                None => return Ok(None),
            }
        }
        if let Some(stage) = &filter.stage {
            let rungs = rungs(db, workspace).await?;
            let own = rungs.iter().position(|rung| rung.item_key == *stage);
            match own {
                Some(place) => sides.push(in_segment(rungs[place].id, rungs[place].size)),
                None if stage == STRANGER => {}
                None => return Ok(None),
            }
            let above = &rungs[own.map_or(0, |place| place + 1)..];
            if !above.is_empty() {
                let ids: Vec<String> = above.iter().map(|rung| rung.id.to_string()).collect();
                let ids = ids.join(", ");
                conditions.sql += &format!(
                    " AND NOT EXISTS (SELECT 1 FROM segment_members x WHERE x.member_id = m.id AND x.segment_id IN ({ids}))"
                );
            }
        }
        if let Some(group) = filter.group {
            sides.push(group_side(db, group.0, few).await?);
        }
        let mut hidden = Part::default();
        for (tag, is_shown) in
            filter.tag.iter().map(|tag| (tag, true)).chain(filter.carries.iter().map(|tag| (tag, false)))
        {
            let carried = Carried::find(db, workspace, tag, few).await?;
            if is_shown && carried.is_exclusive {
                hidden.add(Part::of(" AND NOT EXISTS (", vec![]));
                hidden.add(hidden_by_another(workspace, tag));
                hidden.add(Part::of(")", vec![]));
            }
            match carried.side(workspace, tag, purpose) {
                Some(side) => sides.push(side),
                None => return Ok(None),
            }
        }
        for tag in &filter.not_tag {
            let carried = Carried::find(db, workspace, tag, few).await?;
            let Some(side) = carried.side(workspace, tag, purpose) else { continue };
            conditions.add(Part::of(" AND NOT (", vec![]));
            conditions.add(side.condition);
            if carried.is_exclusive {
                conditions.add(Part::of(" AND NOT EXISTS (", vec![]));
                conditions.add(hidden_by_another(workspace, tag));
                conditions.add(Part::of(")", vec![]));
            }
            conditions.add(Part::of(")", vec![]));
        }
        for (operator, moment) in [(">=", filter.created_from), ("<", filter.created_to)] {
            if let Some(moment) = moment {
                conditions.add(Part::of(format!(" AND m.created_at {operator} ?"), vec![moment.millis().into()]));
            }
        }
        let (source, of_source) = choose(db, &mut sides).await?;
        let mut all = Part::default();
        for side in sides {
            all.add(Part::of(" AND ", vec![]));
            all.add(side.condition);
        }
        all.add(conditions);
        if let Some(text) = filter.wanted_text() {
            all.add(Part::of(" AND ", vec![]));
            all.add(text_condition(text));
        }
        // On the few who remain.
        all.add(hidden);
        Ok(Some(Plan { workspace, source, of_source, conditions: all }))
    }
}

/// Takes the side from which to begin out of the others.
async fn choose(db: &impl Sql, sides: &mut Vec<Side>) -> Result<(Source, Part), DbErr> {
    let can_begin = sides.iter().enumerate().filter(|(_, side)| !matches!(side.from, Start::Nowhere));
    let narrowest = can_begin.min_by_key(|(_, side)| side.size).map(|(place, _)| place);
    let Some(place) = narrowest else { return Ok((Source::Everybody, Part::default())) };
    let side = sides.swap_remove(place);
    let source = match side.from {
        Start::Nowhere => Source::Everybody,
        Start::Segment(segment) => Source::Segment(segment),
        Start::Query(query) => {
            let (sql, values) = query.numbered(1);
            let rows: Vec<IdRow> = db.all(&sql, values).await?;
            let mut ids: Vec<MemberId> = rows.into_iter().map(|row| MemberId(row.id)).collect();
            ids.sort_unstable_by(|one, other| other.cmp(one));
            ids.dedup();
            Source::These(ids)
        }
    };
    let mut of_source = Part::of(" AND ", vec![]);
    of_source.add(side.condition);
    Ok((source, of_source))
}

#[derive(FromQueryResult)]
pub(super) struct IdRow {
    pub id: i64,
}

fn in_segment(id: i64, size: i64) -> Side {
    let condition = "EXISTS (SELECT 1 FROM segment_members x WHERE x.segment_id = ? AND x.member_id = m.id)";
    Side { size, from: Start::Segment(id), condition: Part::of(condition, vec![id.into()]) }
}

async fn segment_side(db: &impl Sql, workspace: WorkspaceId, id: i64) -> Result<Option<Side>, DbErr> {
    let sql = "SELECT size FROM segments WHERE workspace_id = $1 AND id = $2 AND deleted_at IS NULL";
    let size: Option<i64> = db.scalar(sql, vec![workspace.0.into(), id.into()]).await?;
    Ok(size.map(|size| in_segment(id, size)))
}

#[derive(FromQueryResult)]
struct RungRow {
    id: i64,
    item_key: String,
    size: i64,
}

/// The ladder of stages, from the lowest above strangers.
async fn rungs(db: &impl Sql, workspace: WorkspaceId) -> Result<Vec<RungRow>, DbErr> {
    db.all(
        "SELECT id, item_key, size FROM segments
         WHERE workspace_id = $1 AND kind = 'stage' AND position IS NOT NULL AND deleted_at IS NULL ORDER BY position",
        vec![workspace.0.into()],
    )
    .await
}

async fn group_side(db: &impl Sql, group: i64, few: i64) -> Result<Side, DbErr> {
    let known: Option<i64> = db
        .scalar(
            "SELECT COUNT(*) FROM (SELECT 1 FROM group_members WHERE group_id = $1 LIMIT $2) AS x",
            vec![group.into(), (few + 1).into()],
        )
        .await?;
    let size = known.unwrap_or_default();
    // The last that was told of him and the group, by any of his identities.
    let condition = "1 = (SELECT g.joined FROM identities i CROSS JOIN group_members g
        WHERE i.member_id = m.id AND g.identity_id = i.id AND g.group_id = ?
        ORDER BY g.changed_at DESC, g.identity_id DESC LIMIT 1)";
    let from = match size > few {
        true => Start::Nowhere,
        false => Start::Query(Part::of(
            members_sql("?").replace("SELECT x.member_id", "SELECT x.member_id AS id"),
            vec![group.into()],
        )),
    };
    Ok(Side { size, from, condition: Part::of(condition, vec![group.into()]) })
}

/// Who carries a tag.
struct Carried {
    /// The segment that gives it, if it is dynamic, and how large that is.
    given_by: Option<(i64, i64)>,
    /// On how many identities it was put, as far as there are few.
    put_on: i64,
    /// Whether these are few.
    are_few: bool,
    /// Whether it is one of a set of which a profile shows one.
    is_exclusive: bool,
}

#[derive(FromQueryResult)]
struct DefinedRow {
    segment_id: Option<i64>,
    size: Option<i64>,
    exclusive: Option<i64>,
}

impl Carried {
    async fn find(db: &impl Sql, workspace: WorkspaceId, tag: &str, few: i64) -> Result<Carried, DbErr> {
        let defined: Option<DefinedRow> = db
            .one(
                "SELECT t.segment_id, s.size, g.exclusive FROM tags t LEFT JOIN segments s ON s.id = t.segment_id
                 LEFT JOIN tag_groups g ON g.id = t.group_id WHERE t.workspace_id = $1 AND t.name = $2",
                vec![workspace.0.into(), tag.into()],
            )
            .await?;
        let put_on: Option<i64> = db
            .scalar(
                "SELECT COUNT(*) FROM (SELECT 1 FROM member_tags WHERE workspace_id = $1 AND tag = $2 LIMIT $3) AS x",
                vec![workspace.0.into(), tag.into(), (few + 1).into()],
            )
            .await?;
        let given_by = defined.as_ref().and_then(|row| Some((row.segment_id?, row.size.unwrap_or_default())));
        let is_exclusive = defined.is_some_and(|row| row.exclusive == Some(1));
        let put_on = put_on.unwrap_or_default();
        Ok(Carried { given_by, put_on, are_few: put_on <= few, is_exclusive })
    }

    /// The members who carry it; `None` when nobody does.
    fn side(&self, workspace: WorkspaceId, tag: &str, purpose: Purpose) -> Option<Side> {
        let carriers = Part::of(
            "SELECT i.member_id AS id FROM member_tags t CROSS JOIN identities i
             WHERE t.workspace_id = ? AND t.tag = ? AND i.id = t.identity_id",
            vec![workspace.0.into(), tag.into()],
        );
        let is_put_on = match purpose == Purpose::Count && !self.are_few {
            // Whoever counts has to see all of them anyway.
            true => {
                let mut condition = Part::of("m.id IN (", vec![]);
                condition.add(carriers.clone());
                condition.add(Part::of(")", vec![]));
                condition
            }
            false => Part::of(
                "EXISTS (SELECT 1 FROM identities i CROSS JOIN member_tags t
                         WHERE i.member_id = m.id AND t.identity_id = i.id AND t.tag = ?)",
                vec![tag.into()],
            ),
        };
        match (self.given_by, self.put_on) {
            (None, 0) => None,
            (Some((segment, size)), 0) => Some(in_segment(segment, size)),
            (None, few) if self.are_few => Some(Side { size: few, from: Start::Query(carriers), condition: is_put_on }),
            (None, many) => Some(Side { size: many, from: Start::Nowhere, condition: is_put_on }),
            // Put on by hand before a rule gave it.
            (Some((segment, _)), many) => {
                let mut condition = Part::of("(", vec![]);
                condition.add(is_put_on);
                condition.add(Part::of(" OR ", vec![]));
                condition.add(in_segment(segment, 0).condition);
                condition.add(Part::of(")", vec![]));
                Some(Side { size: many, from: Start::Nowhere, condition })
            }
        }
    }
}

/// What hides a tag of member `m`: one that excludes it and was put on later than it ever was, by the order of
/// [`MemberState::shows_tag`](super::super::MemberState::shows_tag).
fn hidden_by_another(workspace: WorkspaceId, tag: &str) -> Part {
    Part::of(
        "SELECT 1 FROM identities i JOIN member_tags u ON u.identity_id = i.id
         JOIN tags other ON other.workspace_id = ? AND other.name = u.tag
         JOIN tags own ON own.workspace_id = ? AND own.name = ? AND own.group_id = other.group_id
         JOIN tag_groups g ON g.id = own.group_id AND g.exclusive = 1
         WHERE i.member_id = m.id AND u.tag <> ? AND NOT EXISTS (
           SELECT 1 FROM identities j JOIN member_tags t ON t.identity_id = j.id
           WHERE j.member_id = m.id AND t.tag = ?
             AND (t.added_at > u.added_at OR (t.added_at = u.added_at AND t.tag > u.tag)))",
        vec![workspace.0.into(), workspace.0.into(), tag.into(), tag.into(), tag.into()],
    )
}

/// Whether the text stands anywhere in an identity of member `m` or in what his traits say, or is his id.
fn text_condition(text: &str) -> Part {
    let patterns = super::search::patterns(text);
    let likes = vec!["i.search_text LIKE ? ESCAPE '!'"; patterns.len()].join(" OR ");
    let mut condition = Part::of(
        format!("EXISTS (SELECT 1 FROM identities i WHERE i.member_id = m.id AND ({likes}))"),
        patterns.into_iter().map(Value::from).collect(),
    );
    if let Ok(id) = text.parse::<MemberId>() {
        condition =
            Part::of(format!("(m.id = ? OR {})", condition.sql), [vec![id.0.into()], condition.values].concat());
    }
    condition
}
