//! What a template can ask for, to choose from.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use ::store::{DbErr, FromQueryResult, Sql};
use api::{ApiResult, Area, Caller, Json, ProblemBody, Query, Verb};
use axum::extract::State;
use base::{
    Code, Problem, Time,
    ids::{TemplateId, WorkspaceId},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};

use crate::{
    Outreach,
    templates::lint::{entry_events, newest_events, newest_traits},
};

/// Characters of an example.
const LONGEST_EXAMPLE: usize = 60;
/// Variables of one group.
const MOST: usize = 300;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct VariablesQuery {
    /// The template (`tpl_…`): the events are those with which its journeys begin. Those of all journeys when left out.
    #[param(value_type = Option<String>)]
    template: Option<TemplateId>,
    /// Of this event instead.
    event: Option<String>,
}

/// What a template can ask for.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TemplateVariables {
    /// Of the member, the event, the workspace, the message itself, and links.
    groups: Vec<VariableGroup>,
}

/// Variables that belong together.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(super) struct VariableGroup {
    /// `member`, `event`, `workspace`, `message` or `links`.
    root: &'static str,
    /// What they are, in English.
    en: &'static str,
    /// The same in Chinese.
    zh: &'static str,
    /// The variables; those of events stand under `events`.
    items: Vec<TemplateVariable>,
    /// Events, each with what it says.
    events: Vec<EventVariables>,
}

/// One variable.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub(super) struct TemplateVariable {
    /// Its names from the root on, with dots between them: `member.name`. Templates write a name that is no word in brackets.
    path: String,
    /// What operators call it, where they call it anything.
    title: Option<String>,
    /// What it is, in English.
    en: String,
    /// The same in Chinese.
    zh: String,
    /// `text`, `number`, `boolean`, `date`, `list`, `object`, or `any` where that is not known.
    #[serde(rename = "type")]
    kind: &'static str,
    /// What it was of somebody; missing where that is not known, or the caller may not see members.
    example: Option<Value>,
    /// Whether it may be missing, so that a fallback should be said.
    may_be_missing: bool,
    /// Filters that go with it, the most useful first.
    filters: Vec<&'static str>,
}

/// What an event says.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EventVariables {
    /// Its name.
    event: String,
    /// A journey that begins with it, if there is one.
    journey: Option<String>,
    /// What it says.
    properties: Vec<TemplateVariable>,
}

/// Tells what a template can ask for, with examples from the newest members and events.
#[utoipa::path(get, path = "/api/v1/templates/variables", tag = "templates", params(VariablesQuery),
    responses((status = 200, body = TemplateVariables), (status = 400, body = ProblemBody)))]
pub(super) async fn list_variables(
    State(outreach): State<Arc<Outreach>>,
    caller: Caller,
    Query(query): Query<VariablesQuery>,
) -> ApiResult<Json<TemplateVariables>> {
    caller.require(Area::Outreach, Verb::Read)?;
    if query.event.as_deref().is_some_and(|event| event.contains('\0') || event.len() > 200) {
        return Err(Problem::at(Code::InvalidQuery, "event", "is not the name of an event").into());
    }
    let shows_examples = caller.require(Area::People, Verb::Read).is_ok();
    let db = outreach.db.read();
    let member = VariableGroup {
        root: "member",
        en: "The member",
        zh: "成员",
        items: of_member(db, caller.workspace).await?,
        ..VariableGroup::default()
    };
    let event = VariableGroup {
        root: "event",
        en: "The event with which the journey began",
        zh: "触发旅程的事件",
        events: of_events(db, caller.workspace, &query).await?,
        ..VariableGroup::default()
    };
    let mut groups = vec![member, event];
    groups.extend(FIXED.iter().map(|(root, en, zh, items)| VariableGroup {
        root,
        en,
        zh,
        items: items.iter().map(fixed).collect(),
        events: Vec::new(),
    }));
    if !shows_examples {
        for group in &mut groups {
            let of_events = group.events.iter_mut().flat_map(|event| &mut event.properties);
            group.items.iter_mut().chain(of_events).for_each(|variable| variable.example = None);
        }
    }
    Ok(Json(TemplateVariables { groups }))
}

type Fixed = (&'static str, &'static str, &'static str, &'static str);

/// What every message has.
#[rustfmt::skip]
const FIXED: &[(&str, &str, &str, &[Fixed])] = &[
    ("workspace", "Your brand", "品牌", &[
        ("workspace.name", "Name of the workspace", "工作区名称", "text"),
        ("channel.physical_address", "Your postal address", "通讯地址", "text"),
    ]),
    ("message", "The message", "消息", &[
        ("language", "The member's language, en or zh", "成员的语言，en 或 zh", "text"),
        ("time_zone", "The member's time zone", "成员的时区", "text"),
        ("now", "When the message is made", "消息生成的时间", "date"),
        ("journey.name", "Name of the journey", "旅程名称", "text"),
    ]),
    ("links", "Links", "链接", &[
        ("unsubscribe_url", "To unsubscribe", "退订", "text"),
        ("preferences_url", "To choose topics and channels", "订阅偏好", "text"),
        ("confirm_url", "To confirm a consent (double opt-in)", "二次确认订阅", "text"),
    ]),
];

fn fixed((path, en, zh, kind): &Fixed) -> TemplateVariable {
    TemplateVariable {
        path: (*path).to_owned(),
        en: (*en).to_owned(),
        zh: (*zh).to_owned(),
        filters: filters(kind),
        kind,
        ..TemplateVariable::default()
    }
}

#[derive(FromQueryResult)]
struct TraitRow {
    name: String,
    title: String,
    value_type: String,
}

/// What everybody has beside traits.
const OF_EVERYBODY: &[Fixed] = &[
    ("member.email", "E-mail address", "邮箱", "text"),
    ("member.stage", "Stage", "阶段", "text"),
    ("member.tags", "Tags", "标签", "list"),
    ("member.id", "Id", "编号", "text"),
];

async fn of_member(db: &impl Sql, workspace: WorkspaceId) -> Result<Vec<TemplateVariable>, DbErr> {
    let sql = "SELECT name, title, value_type FROM traits WHERE workspace_id = $1 ORDER BY name";
    let defined: Vec<TraitRow> = db.all(sql, vec![workspace.0.into()]).await?;
    let mut examples: BTreeMap<String, Value> = BTreeMap::new();
    for traits in newest_traits(db, workspace).await? {
        note(&mut examples, traits.into_iter().filter_map(|(name, said)| Some((name, said.get(0)?.clone()))));
    }
    let mut names: BTreeSet<&str> = defined.iter().map(|row| row.name.as_str()).collect();
    names.extend(examples.keys().map(String::as_str));
    let mut items: Vec<TemplateVariable> = OF_EVERYBODY.iter().map(fixed).collect();
    for name in names.into_iter().take(MOST) {
        let definition = defined.iter().find(|row| row.name == name);
        let title = definition.map(|row| row.title.as_str()).filter(|title| !title.is_empty());
        let said = definition.map(|row| row.value_type.as_str()).filter(|kind| *kind != "any");
        items.push(variable("member", name, title, said, examples.get(name)));
    }
    Ok(items)
}

async fn of_events(
    db: &impl Sql,
    workspace: WorkspaceId,
    query: &VariablesQuery,
) -> Result<Vec<EventVariables>, DbErr> {
    let begin: BTreeMap<String, Option<String>> = match &query.event {
        Some(event) => [(event.clone(), None)].into(),
        None => {
            let found = entry_events(db, workspace, query.template).await?;
            found.into_iter().map(|(journey, event)| (event, Some(journey))).collect()
        }
    };
    let mut seen: BTreeMap<String, BTreeMap<String, Value>> = BTreeMap::new();
    for (name, properties) in newest_events(db, workspace, begin.keys().map(String::as_str).collect()).await? {
        note(seen.entry(name).or_default(), properties.into_iter());
    }
    let of_event = |(event, journey): (String, Option<String>)| {
        let seen = seen.remove(&event).unwrap_or_default();
        let properties =
            seen.iter().take(MOST).map(|(name, example)| variable("event", name, None, None, Some(example))).collect();
        EventVariables { event, journey, properties }
    };
    Ok(begin.into_iter().map(of_event).collect())
}

/// Keeps the first value of each name that says anything.
fn note(examples: &mut BTreeMap<String, Value>, said: impl Iterator<Item = (String, Value)>) {
    for (name, value) in said {
        let kept = examples.entry(name).or_insert(Value::Null);
        if kept.is_null() {
            *kept = value;
        }
    }
}

fn variable(
    root: &str,
    name: &str,
    title: Option<&str>,
    said: Option<&str>,
    example: Option<&Value>,
) -> TemplateVariable {
    let kind = said.and_then(named).or(example.and_then(kind_of)).unwrap_or("any");
    let shown = title.unwrap_or(name).to_owned();
    TemplateVariable {
        path: format!("{root}.{name}"),
        title: title.map(str::to_owned),
        en: shown.clone(),
        zh: shown,
        kind,
        example: example.filter(|value| !value.is_null()).map(shortened),
        may_be_missing: true,
        filters: filters(kind),
    }
}

fn named(kind: &str) -> Option<&'static str> {
    ["text", "number", "boolean", "date", "list", "object"].into_iter().find(|known| *known == kind)
}

fn kind_of(value: &Value) -> Option<&'static str> {
    Some(match value {
        Value::Null => return None,
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(text) if is_date(text) => "date",
        Value::String(_) => "text",
        Value::Array(_) => "list",
        Value::Object(_) => "object",
    })
}

fn is_date(text: &str) -> bool {
    text.len() >= 10 && (text.parse::<Time>().is_ok() || text.parse::<jiff::civil::Date>().is_ok())
}

fn filters(kind: &str) -> Vec<&'static str> {
    match kind {
        "number" => vec!["fallback", "number", "money", "percent", "plural"],
        "date" => vec!["fallback", "date"],
        "boolean" | "list" | "object" => vec![],
        _ => vec!["fallback", "truncate", "surname", "given_name", "honorific", "mask"],
    }
}

/// No longer than an example needs to be.
fn shortened(value: &Value) -> Value {
    match value {
        Value::String(text) if text.chars().count() > LONGEST_EXAMPLE => {
            let start: String = text.chars().take(LONGEST_EXAMPLE).collect();
            format!("{start}…").into()
        }
        Value::Array(list) => list.iter().take(3).map(shortened).collect(),
        Value::Object(fields) => {
            let some: Map<String, Value> =
                fields.iter().take(5).map(|(name, value)| (name.clone(), shortened(value))).collect();
            Value::Object(some)
        }
        other => other.clone(),
    }
}
