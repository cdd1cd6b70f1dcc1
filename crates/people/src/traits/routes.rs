//! `/api/v1/traits`.

use std::sync::Arc;

use api::{ApiResult, Area, Caller, Json, Page, Path, ProblemBody, Verb};
use axum::{extract::State, http::StatusCode};
use base::{
    Code, Problem,
    rule::{Comparison, Rule, Test},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::Sql;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Conflict, TraitRule, ValueType,
    store::{self as definitions, TraitRow, parse_computed},
};
use crate::{
    PeopleState,
    segments::{Reference, begin_change, finish_change, preview, rebuild_dependents, users_of},
};

const MOST_DEFINITIONS: usize = 1_000;
const MAX_NAME_BYTES: usize = 200;

/// The routes of this feature.
pub fn routes(state: Arc<PeopleState>) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(list_traits)).routes(routes!(put_trait, delete_trait)).with_state(state)
}

/// What is settled about a trait.
#[derive(Serialize, ToSchema)]
struct TraitDto {
    /// Its name.
    name: String,
    /// As people read it.
    title: String,
    /// What its values are.
    value_type: ValueType,
    /// Which of several values the profile shows.
    conflict: Conflict,
    /// How it is computed, if it is.
    #[schema(value_type = Option<Object>)]
    computed: Option<Value>,
    /// `building` while profiles are decided anew after a change, `deleting` while they are before it goes, `live` otherwise.
    state: String,
    /// How far that is.
    #[serde(skip_serializing_if = "Option::is_none")]
    building: Option<TraitBuilding>,
}

/// How far profiles are decided anew.
#[derive(Clone, Copy, Serialize, ToSchema)]
struct TraitBuilding {
    /// Members who are.
    done: i64,
    /// Members in all.
    total: i64,
}

impl TraitDto {
    fn of(row: TraitRow, building: Option<TraitBuilding>) -> TraitDto {
        let rule = row.rule();
        TraitDto {
            building: building.filter(|_| !row.is_live()),
            name: row.name,
            title: row.title,
            value_type: rule.value_type,
            conflict: rule.conflict,
            computed: row.computed_json.and_then(|text| serde_json::from_str(&text).ok()),
            state: row.state,
        }
    }
}

/// What is to be settled about a trait.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TraitDefinition {
    /// As people read it, at most 200 characters.
    #[serde(default)]
    title: String,
    /// What its values are; not for computed ones.
    #[serde(default)]
    value_type: ValueType,
    /// Which of several values the profile shows; not for computed ones.
    #[serde(default)]
    conflict: Conflict,
    /// How it is computed: `{"event", "where", "measure", "property", "within"}`, the measure being one of count, sum, avg, min,
    /// max, distinct, first, last and most_frequent.
    #[schema(value_type = Option<Object>)]
    computed: Option<Value>,
    /// Whether a computed trait may take the place of what was said under its name: profiles show what is computed, and
    /// what was said again once the definition is deleted.
    #[serde(default)]
    replace: bool,
}

/// Traits of which anything is settled.
#[utoipa::path(get, path = "/api/v1/traits", tag = "traits",
    responses((status = 200, body = Page<TraitDto>), (status = "4XX", body = ProblemBody)))]
async fn list_traits(State(state): State<Arc<PeopleState>>, caller: Caller) -> ApiResult<Json<Page<TraitDto>>> {
    caller.require(Area::People, Verb::Read)?;
    let db = state.db.read();
    let rows = definitions::load(db, caller.workspace).await?;
    let building = match rows.iter().all(TraitRow::is_live) {
        true => None,
        false => definitions::progress(db, caller.workspace).await?,
    };
    let building = building.map(|row| TraitBuilding { done: row.done, total: row.total });
    Ok(Json(Page { items: rows.into_iter().map(|row| TraitDto::of(row, building)).collect(), next: None }))
}

/// Settles what a trait is. When its type or the rule for several values changes, all profiles are decided anew, from what
/// was said of them, in the background. A computed trait hides what was said under its name, so it is refused
/// while profiles show that, unless it is to `replace` it.
#[utoipa::path(put, path = "/api/v1/traits/{name}", tag = "traits", params(("name" = String, Path,)),
    request_body = TraitDefinition,
    responses((status = 204), (status = "4XX", body = ProblemBody)))]
async fn put_trait(
    State(state): State<Arc<PeopleState>>,
    caller: Caller,
    Path(name): Path<String>,
    Json(definition): Json<TraitDefinition>,
) -> ApiResult<StatusCode> {
    caller.require(Area::People, Verb::Write)?;
    check_name(&name)?;
    if definition.title.chars().count() > 200 || definition.title.contains(char::is_control) {
        return Err(Problem::at(Code::InvalidBody, "title", "may have at most 200 characters").into());
    }
    if let Some(computed) = &definition.computed {
        parse_computed(computed)?;
        if definition.value_type != ValueType::Any || definition.conflict != Conflict::Latest {
            return Err(Problem::at(Code::InvalidBody, "value_type", "is not for computed traits").into());
        }
    }
    if definition.computed.is_some() && !definition.replace {
        check_nothing_said(&state, &caller, &name).await?;
    }
    let tx = begin_change(&state, &caller).await?;
    let known = definitions::load(&tx, caller.workspace).await?;
    let before = known.iter().find(|row| row.name == name);
    if before.is_none() && known.len() >= MOST_DEFINITIONS {
        return Err(
            Problem::with(Code::InvalidBody, format!("there are {MOST_DEFINITIONS} definitions already")).into()
        );
    }
    if before.is_some_and(|before| before.computed_json.is_some() != definition.computed.is_some()) {
        let detail = "a computed trait stays one; delete it to make another of that name";
        return Err(Problem::with(Code::Conflict, detail).into());
    }
    let computed_before = before.and_then(|before| before.computed_json.clone());
    let was = before.map(TraitRow::rule).unwrap_or_default();
    let stays =
        definition.computed.is_some() || (was.value_type, was.conflict) == (definition.value_type, definition.conflict);
    let state_word = if stays { before.map_or("live", |before| before.state.as_str()) } else { "building" };
    let word = |value: Value| value.as_str().unwrap_or_default().to_owned();
    tx.run(
        "INSERT INTO traits (workspace_id, name, title, value_type, conflict, computed_json, state, created_by, created_at,
                             updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)
         ON CONFLICT (workspace_id, name) DO UPDATE SET title = excluded.title, value_type = excluded.value_type,
           conflict = excluded.conflict, computed_json = excluded.computed_json, state = excluded.state,
           built_to = CASE WHEN $10 = 1 THEN traits.built_to ELSE 0 END, updated_at = excluded.updated_at",
        vec![
            caller.workspace.0.into(),
            name.as_str().into(),
            definition.title.trim().into(),
            word(json!(definition.value_type)).into(),
            word(json!(definition.conflict)).into(),
            definition.computed.as_ref().map(Value::to_string).into(),
            state_word.into(),
            caller.actor.as_str().into(),
            state.clock.now().millis().into(),
            i64::from(stays).into(),
        ],
    )
    .await?;
    if definition.computed.as_ref().map(Value::to_string) != computed_before {
        let by = (caller.actor.as_str(), state.clock.now());
        rebuild_dependents(&tx, &state.ids, caller.workspace, &[Reference::Trait(&name)], by).await?;
    }
    let detail =
        json!({"value_type": definition.value_type, "conflict": definition.conflict, "computed": definition.computed});
    finish_change(&state, tx, &caller, "trait.defined", name, detail).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Refuses a new computed trait while profiles show values that were said under its name.
async fn check_nothing_said(state: &PeopleState, caller: &Caller, name: &str) -> ApiResult<()> {
    let known = definitions::load(state.db.read(), caller.workspace).await?;
    if known.iter().any(|row| row.name == name) {
        return Ok(());
    }
    let said = Rule::Trait(Comparison { name: name.to_owned(), test: Test::Exists(true) });
    let found = preview(&state.db, &state.clock, &state.columns, caller.workspace, &said, 0).await?;
    match found.size {
        0 => Ok(()),
        members => {
            let detail = format!("profiles of {members} members show what was said of it; pass replace to hide that");
            Err(Problem::with(Code::InUse, detail).into())
        }
    }
}

/// Deletes what is settled about a trait. A computed one is gone by that, so it is refused while rules ask for it; of
/// others, profiles show again what was said last.
#[utoipa::path(delete, path = "/api/v1/traits/{name}", tag = "traits", params(("name" = String, Path,)),
    responses((status = 204), (status = "4XX", body = ProblemBody)))]
async fn delete_trait(
    State(state): State<Arc<PeopleState>>,
    caller: Caller,
    Path(name): Path<String>,
) -> ApiResult<StatusCode> {
    caller.require(Area::People, Verb::Write)?;
    check_name(&name)?;
    let tx = begin_change(&state, &caller).await?;
    let known = definitions::load(&tx, caller.workspace).await?;
    let row = known.iter().find(|row| row.name == name).ok_or(Problem::new(Code::NotFound))?;
    if row.computed_json.is_some()
        && let Some(user) = users_of(&state, &tx, caller.workspace, Reference::Trait(&name)).await?.first()
    {
        return Err(Problem::with(Code::InUse, format!("{user} asks for it")).into());
    }
    let sql = match row.rule() == TraitRule::default() {
        true => "DELETE FROM traits WHERE workspace_id = $1 AND name = $2",
        // It goes when all profiles are as they would be without it.
        false => "UPDATE traits SET state = 'deleting', built_to = 0 WHERE workspace_id = $1 AND name = $2",
    };
    tx.run(sql, vec![caller.workspace.0.into(), name.as_str().into()]).await?;
    finish_change(&state, tx, &caller, "trait.deleted", name, json!({})).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn check_name(name: &str) -> Result<(), Problem> {
    let is_plain = !name.trim().is_empty() && name.len() <= MAX_NAME_BYTES && !name.contains(char::is_control);
    is_plain.then_some(()).ok_or_else(|| Problem::at(Code::InvalidBody, "name", "must have 1 to 200 bytes"))
}
