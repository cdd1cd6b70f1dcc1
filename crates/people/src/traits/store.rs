//! Definitions of traits as they are kept.

use std::collections::BTreeMap;

use base::{
    Problem,
    ids::WorkspaceId,
    rule::{EventCondition, Rule},
};
use sea_orm::{DbErr, FromQueryResult};
use serde_json::{Value, json};
use store::Sql;

use super::TraitRule;
use crate::rules::ComputedTrait;

/// A definition.
#[derive(Clone, Debug, FromQueryResult)]
pub(super) struct TraitRow {
    pub name: String,
    pub title: String,
    pub value_type: String,
    pub conflict: String,
    pub computed_json: Option<String>,
    pub state: String,
}

/// All definitions of a workspace, by name.
pub(super) async fn load(db: &impl Sql, workspace: WorkspaceId) -> Result<Vec<TraitRow>, DbErr> {
    db.all(
        "SELECT name, title, value_type, conflict, computed_json, state FROM traits WHERE workspace_id = $1 ORDER BY name",
        vec![workspace.0.into()],
    )
    .await
}

/// How far profiles are decided anew.
#[derive(Clone, Copy, Debug, FromQueryResult)]
pub(super) struct ProgressRow {
    pub done: i64,
    pub total: i64,
}

/// How far the definitions of a workspace that have changed are: the one that is furthest behind.
pub(super) async fn progress(db: &impl Sql, workspace: WorkspaceId) -> Result<Option<ProgressRow>, DbErr> {
    db.one(
        "SELECT CAST(COALESCE(SUM(CASE WHEN m.id <= t.built_to THEN 1 ELSE 0 END), 0) AS BIGINT) AS done,
                COUNT(*) AS total
         FROM members m CROSS JOIN (SELECT MIN(built_to) AS built_to FROM traits
           WHERE workspace_id = $1 AND state IN ('building', 'deleting')) AS t
         WHERE m.workspace_id = $1 AND m.merged_into IS NULL",
        vec![workspace.0.into()],
    )
    .await
}

/// Profiles decided anew and profiles in all, while definitions have changed.
pub(crate) async fn building(db: &impl Sql, workspace: WorkspaceId) -> Result<Option<(i64, i64)>, DbErr> {
    let sql = "SELECT name FROM traits WHERE workspace_id = $1 AND state IN ('building', 'deleting') LIMIT 1";
    let changed: Option<String> = db.scalar(sql, vec![workspace.0.into()]).await?;
    if changed.is_none() {
        return Ok(None);
    }
    Ok(progress(db, workspace).await?.map(|row| (row.done, row.total)))
}

type Definitions = (BTreeMap<String, ComputedTrait>, BTreeMap<String, TraitRule>);

/// The computed traits of a workspace, and how the others are read.
pub(crate) async fn load_book(db: &impl Sql, workspace: WorkspaceId) -> Result<Definitions, DbErr> {
    let (mut computed, mut traits) = (BTreeMap::new(), BTreeMap::new());
    for row in load(db, workspace).await? {
        match row.computed_json.as_deref() {
            Some(text) => {
                let parsed = serde_json::from_str(text).ok().and_then(|json: Value| parse_computed(&json).ok());
                match parsed {
                    Some(parsed) => _ = computed.insert(row.name, parsed),
                    None => tracing::error!("a stored definition of a trait cannot be read"),
                }
            }
            None => _ = traits.insert(row.name.clone(), row.rule()),
        }
    }
    Ok((computed, traits))
}

impl TraitRow {
    /// Whether profiles are as it has them.
    pub(super) fn is_live(&self) -> bool {
        self.state == "live"
    }

    /// How what is said of the trait is read.
    pub(super) fn rule(&self) -> TraitRule {
        if self.state == "deleting" {
            return TraitRule::default();
        }
        TraitRule { value_type: read_word(&self.value_type), conflict: read_word(&self.conflict) }
    }
}

fn read_word<T: serde::de::DeserializeOwned + Default>(word: &str) -> T {
    serde_json::from_value(Value::String(word.to_owned())).unwrap_or_default()
}

/// Reads `{"event", "where", "measure", "property", "within"}`, by the grammar of rules.
pub(super) fn parse_computed(json: &Value) -> Result<ComputedTrait, Problem> {
    let invalid =
        |field: &str, message: &str| Problem::at(base::Code::InvalidBody, format!("computed.{field}"), message);
    let object = json.as_object().ok_or_else(|| invalid("", "must be an object"))?;
    let known = ["event", "where", "measure", "property", "within"];
    if let Some(unknown) = object.keys().find(|key| !known.contains(&key.as_str())) {
        return Err(invalid(&unknown.chars().take(64).collect::<String>(), "is not known here"));
    }
    let word = object.get("measure").and_then(Value::as_str).ok_or_else(|| invalid("measure", "is missing"))?;
    // As a condition, so that there is one grammar.
    let mut test = json!({"op": "gte", "value": 0});
    if let Some(property) = object.get("property") {
        test["property"] = property.clone();
    }
    let mut condition = json!({"event": object.get("event"), word: test});
    for field in ["where", "within"] {
        if let Some(value) = object.get(field).filter(|value| !value.is_null()) {
            condition[field] = value.clone();
        }
    }
    match Rule::parse_at(&condition, "computed")? {
        Rule::Event(EventCondition { filter, measure, within, .. }) => Ok(ComputedTrait { filter, measure, within }),
        _ => Err(invalid("measure", "is not a measure over events")),
    }
}
