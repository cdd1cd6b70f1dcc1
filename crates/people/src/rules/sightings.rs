//! What has been seen in a workspace that a rule could ask for. Nothing here reads everybody: names stand in small tables or
//! are leapt to through an index, and what events and profiles say is seen in samples of the newest, or in the columns of
//! previews where there are any.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, HashMap},
};

use base::{
    Time,
    ids::{GroupId, SegmentId, WorkspaceId},
    rule::each_value,
};
use sea_orm::{DbErr, FromQueryResult};
use serde_json::{Map, Value};
use store::Sql;

use super::{STRANGER, words::RuleWord};
use crate::{
    PeopleState,
    identity::{IDENTITY_SPLIT, MEMBERS_MERGED, MERGE_UNDONE},
    privacy::MEMBER_ERASED,
    tags::{self, TAG_ADDED, TAG_EXPIRY_SETTLED, TAG_REMOVED},
};

/// Events among which those of a name are looked for, the newest.
const NEWEST_EVENTS: i64 = 20_000;
/// Events of one name whose properties are looked at.
const OF_ONE_NAME: i64 = 50;
/// Members whose traits are looked at, the newest.
const NEWEST_MEMBERS: i64 = 300;
/// Members among whom a rare event is looked for.
const OF_RARE_EVENTS: i64 = 2_000;
const EXAMPLES: usize = 3;
/// How deep properties in properties are named.
const DEEPEST: usize = 3;
/// Names of events by which Hearth carries out what an operator does; no brand means them.
const COMMANDS: [&str; 7] =
    [TAG_ADDED, TAG_REMOVED, TAG_EXPIRY_SETTLED, MEMBERS_MERGED, MERGE_UNDONE, IDENTITY_SPLIT, MEMBER_ERASED];

/// Who asks for words of which workspace, and what is to be in them.
pub(super) struct Asking<'a> {
    pub(super) state: &'a PeopleState,
    pub(super) workspace: WorkspaceId,
    pub(super) search: &'a str,
}

/// Words, and whether they are all there are.
type Words = (Vec<RuleWord>, bool);

#[derive(FromQueryResult)]
struct EventRow {
    name: String,
    seen: i64,
    last_at: Option<i64>,
}

#[derive(FromQueryResult)]
struct TextRow {
    text: String,
}

#[derive(FromQueryResult)]
struct SegmentRow {
    id: i64,
    name: String,
    item_key: Option<String>,
    size: i64,
    state: String,
}

#[derive(FromQueryResult)]
struct GroupRow {
    id: i64,
    group_key: String,
}

#[derive(FromQueryResult)]
struct TraitRow {
    name: String,
    title: String,
    value_type: String,
    is_computed: i64,
}

impl Asking<'_> {
    fn has(&self, text: &str) -> bool {
        self.search.is_empty() || text.to_lowercase().contains(&self.search.to_lowercase())
    }

    /// Names of events, those first of which there are most among the newest.
    pub(super) async fn events(&self) -> Result<Words, DbErr> {
        let rows: Vec<EventRow> = self
            .state
            .db
            .read()
            .all(
                "SELECT n.name, COALESCE(s.seen, 0) AS seen, s.last_at
                 FROM event_names n LEFT JOIN (
                   SELECT x.name_id, COUNT(*) AS seen, MAX(x.happened_at) AS last_at
                   FROM (SELECT name_id, happened_at FROM events ORDER BY id DESC LIMIT $2) AS x GROUP BY x.name_id) AS s
                   ON s.name_id = n.id
                 WHERE n.workspace_id = $1",
                vec![self.workspace.0.into(), NEWEST_EVENTS.into()],
            )
            .await?;
        let mut rows: Vec<EventRow> =
            rows.into_iter().filter(|row| !COMMANDS.contains(&row.name.as_str()) && self.has(&row.name)).collect();
        rows.sort_by(|one, other| (Reverse(one.seen), &one.name).cmp(&(Reverse(other.seen), &other.name)));
        let word =
            |row: EventRow| RuleWord { last_at: row.last_at.map(Time::from_millis), ..RuleWord::named(row.name) };
        Ok((rows.into_iter().map(word).collect(), true))
    }

    /// What the newest events of a name say; of a rare one, what some of the newest members' events say.
    async fn properties_seen(&self, event: &str) -> Result<Vec<Map<String, Value>>, DbErr> {
        let db = self.state.db.read();
        let sql = "SELECT id FROM event_names WHERE workspace_id = $1 AND name = $2";
        let name: Option<i64> = db.scalar(sql, vec![self.workspace.0.into(), event.into()]).await?;
        let Some(name) = name else { return Ok(Vec::new()) };
        let mut rows: Vec<TextRow> = db
            .all(
                "SELECT e.properties_json AS text
                 FROM (SELECT x.id FROM (SELECT id, name_id FROM events ORDER BY id DESC LIMIT $2) AS x
                       WHERE x.name_id = $1 ORDER BY x.id DESC LIMIT $3) AS s JOIN events e ON e.id = s.id
                 ORDER BY e.id DESC",
                vec![name.into(), NEWEST_EVENTS.into(), OF_ONE_NAME.into()],
            )
            .await?;
        if rows.is_empty() {
            rows = db
                .all(
                    "SELECT e.properties_json AS text
                     FROM (SELECT id FROM members WHERE workspace_id = $1 ORDER BY id DESC LIMIT $2) AS m
                     CROSS JOIN identities i CROSS JOIN events e
                     WHERE i.member_id = m.id AND e.identity_id = i.id AND e.name_id = $3 LIMIT $4",
                    vec![self.workspace.0.into(), OF_RARE_EVENTS.into(), name.into(), OF_ONE_NAME.into()],
                )
                .await?;
        }
        Ok(rows.iter().map(|row| serde_json::from_str(&row.text).unwrap_or_default()).collect())
    }

    /// The properties that events of a name have had.
    pub(super) async fn properties(&self, event: &str) -> Result<Words, DbErr> {
        let mut seen = Seen::default();
        for properties in self.properties_seen(event).await? {
            seen.add_all(&properties, "", DEEPEST);
        }
        Ok((seen.into_words(|name| self.has(name)), false))
    }

    /// The values that a property of events has had.
    pub(super) async fn values_of_property(&self, event: &str, property: &str) -> Result<Words, DbErr> {
        let mut seen = Seen::default();
        for properties in self.properties_seen(event).await? {
            each_value(&properties, property, &mut |value| seen.add_value(value, 1));
        }
        Ok((seen.into_values(|text| self.has(text), false), false))
    }

    /// What the newest members say of themselves.
    async fn traits_said(&self) -> Result<Vec<Map<String, Value>>, DbErr> {
        // By members, since identities have no index by workspace and id.
        let rows: Vec<TextRow> = self
            .state
            .db
            .read()
            .all(
                "SELECT i.traits_json AS text
                 FROM (SELECT id FROM members WHERE workspace_id = $1 ORDER BY id DESC LIMIT $2) AS m
                 CROSS JOIN identities i WHERE i.member_id = m.id",
                vec![self.workspace.0.into(), NEWEST_MEMBERS.into()],
            )
            .await?;
        let said = |row: &TextRow| crate::members::read_traits(&row.text);
        Ok(rows.iter().map(|row| said(row).into_iter().map(|(name, fact)| (name, fact.value)).collect()).collect())
    }

    /// Traits: those that are defined, and those that members have.
    pub(super) async fn traits(&self) -> Result<Words, DbErr> {
        let defined: Vec<TraitRow> = self
            .state
            .db
            .read()
            .all(
                "SELECT name, title, value_type, CAST(CASE WHEN computed_json IS NULL THEN 0 ELSE 1 END AS BIGINT) AS is_computed
                 FROM traits WHERE workspace_id = $1 AND state <> 'deleting'",
                vec![self.workspace.0.into()],
            )
            .await?;
        let mut seen = Seen::default();
        for traits in self.traits_said().await? {
            seen.add_all(&traits, "", DEEPEST);
        }
        let known = self.state.columns.trait_names(self.workspace);
        let is_whole = known.is_some();
        known.into_iter().flatten().for_each(|name| seen.add_name(name));
        for row in &defined {
            seen.add_name(row.name.clone());
        }
        let defined: HashMap<&str, &TraitRow> = defined.iter().map(|row| (row.name.as_str(), row)).collect();
        let title_of = |name: &str| defined.get(name).map(|row| row.title.clone()).filter(|title| !title.is_empty());
        let words = seen.into_words(|name| self.has(name) || title_of(name).is_some_and(|title| self.has(&title)));
        let with_definition = |mut word: RuleWord| {
            let row = defined.get(word.name.as_str());
            word.title = title_of(&word.name);
            word.defined = Some(row.is_some());
            word.computed = Some(row.is_some_and(|row| row.is_computed != 0));
            if let Some(row) = row.filter(|row| row.value_type != "any") {
                word.types = vec![row.value_type.clone()];
            }
            word
        };
        Ok((words.into_iter().map(with_definition).collect(), is_whole))
    }

    /// The values of a trait, those first that most members have.
    pub(super) async fn values_of_trait(&self, name: &str) -> Result<Words, DbErr> {
        let head = name.split('.').next().unwrap_or(name);
        let columns = &self.state.columns;
        let kept = columns.values_of(self.workspace, name).map(|values| (name, values));
        let kept = kept.or_else(|| columns.values_of(self.workspace, head).map(|values| (head, values)));
        let mut seen = Seen::default();
        let is_whole = kept.is_some();
        match kept {
            Some((column, values)) => {
                for (value, uses) in values {
                    let traits = Map::from_iter([(column.to_owned(), value)]);
                    each_value(&traits, name, &mut |value| seen.add_value(value, i64::from(uses)));
                }
            }
            None => {
                for traits in self.traits_said().await? {
                    each_value(&traits, name, &mut |value| seen.add_value(value, 1));
                }
            }
        }
        Ok((seen.into_values(|text| self.has(text), is_whole), is_whole))
    }

    /// Tags that begin with the text.
    pub(super) async fn tags(&self, limit: usize) -> Result<Words, DbErr> {
        let db = self.state.db.read();
        let rows = tags::names_in_use(db, self.workspace, self.search, "", limit as i64 + 1).await?;
        let numbers = self.state.columns.tag_numbers(self.workspace);
        let word = |row: tags::TagRow| {
            let put_on = numbers.as_ref().map(|numbers| numbers.get(&row.name).copied().unwrap_or(0));
            RuleWord {
                members: match row.kind.as_deref() {
                    Some("dynamic") => Some(row.given_to),
                    _ => put_on,
                },
                kind: Some(row.kind.unwrap_or_else(|| "static".to_owned())),
                ..RuleWord::named(row.name)
            }
        };
        Ok((rows.into_iter().map(word).collect(), true))
    }

    /// Life-cycle stages, from the lowest.
    pub(super) async fn stages(&self) -> Result<Words, DbErr> {
        let sql = "kind = 'stage' AND position IS NOT NULL ORDER BY position";
        let rungs = self.segment_rows(sql).await?;
        let stranger = RuleWord { key: Some(STRANGER.to_owned()), ..RuleWord::named(crate::stages::STRANGERS_NAME) };
        let word = |row: SegmentRow| RuleWord { key: row.item_key, ..RuleWord::named(row.name) };
        let words = std::iter::once(stranger).chain(rungs.into_iter().map(word));
        let is_meant = |word: &RuleWord| self.has(&word.name) || word.key.as_deref().is_some_and(|key| self.has(key));
        Ok((words.filter(is_meant).collect(), true))
    }

    /// Segments, by their names.
    pub(super) async fn segments(&self) -> Result<Words, DbErr> {
        let rows = self.segment_rows("kind = 'segment' ORDER BY name, id").await?;
        let word = |row: SegmentRow| RuleWord {
            key: Some(SegmentId(row.id).to_string()),
            members: Some(row.size),
            state: Some(if row.state == "live" { "live" } else { "building" }.to_owned()),
            ..RuleWord::named(row.name)
        };
        Ok((rows.into_iter().map(word).filter(|word| self.has(&word.name)).collect(), true))
    }

    async fn segment_rows(&self, which: &str) -> Result<Vec<SegmentRow>, DbErr> {
        let sql = format!(
            "SELECT id, name, item_key, size, state FROM segments WHERE workspace_id = $1 AND deleted_at IS NULL AND {which}"
        );
        self.state.db.read().all(&sql, vec![self.workspace.0.into()]).await
    }

    /// Groups, by the ids that their senders give them.
    pub(super) async fn groups(&self) -> Result<Words, DbErr> {
        let rows: Vec<GroupRow> = self
            .state
            .db
            .read()
            .all(
                "SELECT id, group_key FROM groups WHERE workspace_id = $1 ORDER BY group_key LIMIT 10000",
                vec![self.workspace.0.into()],
            )
            .await?;
        let word =
            |row: GroupRow| RuleWord { key: Some(GroupId(row.id).to_string()), ..RuleWord::named(row.group_key) };
        Ok((rows.into_iter().map(word).filter(|word| self.has(&word.name)).collect(), true))
    }
}

/// Names with what was seen of them, and values with how often.
#[derive(Default)]
struct Seen {
    names: BTreeMap<String, (BTreeSet<&'static str>, Vec<Value>, usize)>,
    values: HashMap<String, (Value, i64)>,
}

impl Seen {
    fn add_name(&mut self, name: String) {
        self.names.entry(name).or_default();
    }

    /// Adds what an object has, and what is in that.
    fn add_all(&mut self, object: &Map<String, Value>, before: &str, deeper: usize) {
        for (name, value) in object.iter().filter(|(_, value)| !value.is_null()) {
            let path = format!("{before}{name}");
            let (types, examples, seen) = self.names.entry(path.clone()).or_default();
            *seen += 1;
            types.insert(type_of(value));
            if examples.len() < EXAMPLES && !value.is_object() && !value.is_array() && !examples.contains(value) {
                examples.push(value.clone());
            }
            if deeper == 0 {
                continue;
            }
            let path = format!("{path}.");
            match value {
                Value::Object(inner) => self.add_all(inner, &path, deeper - 1),
                Value::Array(list) => {
                    list.iter().filter_map(Value::as_object).for_each(|inner| self.add_all(inner, &path, deeper - 1));
                }
                _ => {}
            }
        }
    }

    /// Adds a value; of a list, what is in it.
    fn add_value(&mut self, value: &Value, times: i64) {
        match value {
            Value::Array(list) => list.iter().for_each(|value| self.add_value(value, times)),
            Value::Object(_) | Value::Null => {}
            value => self.values.entry(value.to_string()).or_insert_with(|| (value.clone(), 0)).1 += times,
        }
    }

    fn into_words(self, is_meant: impl Fn(&str) -> bool) -> Vec<RuleWord> {
        let mut found: Vec<_> = self.names.into_iter().filter(|(name, _)| is_meant(name)).collect();
        found.sort_by_key(|(_, (_, _, seen))| Reverse(*seen));
        let word = |(name, (types, examples, _)): (String, (BTreeSet<&'static str>, Vec<Value>, usize))| RuleWord {
            types: types.into_iter().map(str::to_owned).collect(),
            examples,
            ..RuleWord::named(name)
        };
        found.into_iter().map(word).collect()
    }

    fn into_values(self, is_meant: impl Fn(&str) -> bool, are_members: bool) -> Vec<RuleWord> {
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let found = self.values.into_values().map(|(value, uses)| (text(&value), value, uses));
        let mut found: Vec<(String, Value, i64)> = found.filter(|(text, ..)| is_meant(text)).collect();
        found.sort_by(|one, other| (Reverse(one.2), &one.0).cmp(&(Reverse(other.2), &other.0)));
        let word = |(text, value, uses)| RuleWord {
            value: Some(value),
            members: are_members.then_some(uses),
            ..RuleWord::named(text)
        };
        found.into_iter().map(word).collect()
    }
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "any",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(text) if is_date(text) => "date",
        Value::String(_) => "text",
        Value::Array(_) => "list",
        Value::Object(_) => "object",
    }
}

fn is_date(text: &str) -> bool {
    let is_day = text.len() == "2026-01-31".len() && text.parse::<jiff::civil::Date>().is_ok();
    is_day || text.parse::<jiff::Timestamp>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_in_lists_and_objects_is_named_by_its_path() {
        let mut seen = Seen::default();
        let order =
            json!({"total": 12.5, "at": "2026-01-31", "items": [{"sku": "a"}, {"sku": "b", "n": 2}], "note": null});
        seen.add_all(order.as_object().unwrap(), "", DEEPEST);
        let words = seen.into_words(|_| true);
        let short: Vec<(&str, &[String])> = words.iter().map(|word| (word.name.as_str(), &word.types[..])).collect();
        let types = |name: &str| short.iter().find(|(other, _)| *other == name).unwrap().1.join(" ");
        assert_eq!(short.len(), 5, "{short:?}");
        assert_eq!([types("total"), types("at"), types("items")], ["number", "date", "list"]);
        assert_eq!(words.iter().find(|word| word.name == "items.sku").unwrap().examples, [json!("a"), json!("b")]);
    }

    #[test]
    fn the_values_that_most_have_come_first() {
        let mut seen = Seen::default();
        for (value, uses) in [(json!("上海"), 2), (json!(["杭州", "上海"]), 1), (json!(7), 9), (json!({"a": 1}), 100)]
        {
            seen.add_value(&value, uses);
        }
        let values = seen.into_values(|_| true, true);
        let short: Vec<(&str, Option<i64>)> = values.iter().map(|word| (word.name.as_str(), word.members)).collect();
        assert_eq!(short, [("7", Some(9)), ("上海", Some(3)), ("杭州", Some(1))]);
        assert_eq!(values[0].value, Some(json!(7)));
    }
}
