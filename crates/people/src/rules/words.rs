//! Words that rules may ask for, to choose from while one is written: `/api/v1/rule-words`.

use std::sync::Arc;

use api::{ApiResult, Area, Caller, Json, ProblemBody, Query, Verb};
use axum::extract::State;
use base::{Code, Problem, Time};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::sightings;
use crate::PeopleState;

const MOST: usize = 200;
const USUALLY: usize = 50;

/// The routes of this part.
pub fn routes(state: Arc<PeopleState>) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(list_rule_words)).with_state(state)
}

/// What can be chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum WordKind {
    /// Names of events.
    Events,
    /// Properties of events of one name.
    Properties,
    /// Traits of members.
    Traits,
    /// Values of a trait, or of a property of events.
    Values,
    /// Tags.
    Tags,
    /// Life-cycle stages.
    Stages,
    /// Segments.
    Segments,
    /// Groups.
    Groups,
}

/// Which words.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct WordsQuery {
    /// `events`, `properties` (of `event`), `traits`, `values` (of `trait`, or of `event` and `property`), `tags`, `stages`,
    /// `segments` or `groups`.
    #[param(inline)]
    of: WordKind,
    /// Only words with this text in them, in upper or lower case; of tags, those that begin with it.
    search: Option<String>,
    /// The name of the events.
    event: Option<String>,
    /// A property of these events.
    property: Option<String>,
    /// The trait.
    r#trait: Option<String>,
    /// How many at most (1 to 200, default 50).
    limit: Option<usize>,
}

/// Words to choose from.
#[derive(Debug, Serialize, ToSchema)]
struct RuleWords {
    /// The words.
    items: Vec<RuleWord>,
    /// Whether these are all: `false` when there are more, and where only samples were looked at.
    complete: bool,
}

/// A word that a rule may ask for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
pub(crate) struct RuleWord {
    /// How people read it: the name of the event, the property, the trait, the tag, the stage, the segment or the group, and
    /// of a value its text.
    pub(crate) name: String,
    /// What a rule writes for it, where that is something else: the key of a stage, the id of a segment or a group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) key: Option<String>,
    /// What a trait is called by people, where that is settled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) title: Option<String>,
    /// What the values are that were seen: `text`, `number`, `boolean`, `date`, `list` or `object`; of a defined trait what it
    /// is defined to be.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) types: Vec<String>,
    /// Some of the values that were seen, the latest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) examples: Vec<Value>,
    /// The value itself, where values were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) value: Option<Value>,
    /// How many members have it, where that is known without counting.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) members: Option<i64>,
    /// Who gives a tag: `static`, `dynamic` or `predictive`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) kind: Option<String>,
    /// Whether a trait is defined.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) defined: Option<bool>,
    /// Whether a trait is computed from events.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) computed: Option<bool>,
    /// `building` or `live`, of a segment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) state: Option<String>,
    /// When the latest of the events was seen, as far as it is among the newest.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(crate) last_at: Option<Time>,
}

impl RuleWord {
    pub(crate) fn named(name: impl Into<String>) -> RuleWord {
        RuleWord { name: name.into(), ..RuleWord::default() }
    }
}

/// Events, properties, traits, values, tags, stages, segments and groups to choose from while a rule is written. Names of
/// events, tags, stages, segments and groups are all there are; properties and values of events are those of the newest
/// events, and traits and their values are those of all members once somebody has previewed a rule, else of the newest.
#[utoipa::path(get, path = "/api/v1/rule-words", tag = "segments", params(WordsQuery),
    responses((status = 200, body = RuleWords), (status = "4XX", body = ProblemBody)))]
async fn list_rule_words(
    State(state): State<Arc<PeopleState>>,
    caller: Caller,
    Query(query): Query<WordsQuery>,
) -> ApiResult<Json<RuleWords>> {
    caller.require(Area::Segments, Verb::Read)?;
    caller.require(Area::People, Verb::Read)?;
    let texts = [&query.search, &query.event, &query.property, &query.r#trait];
    if texts.into_iter().flatten().any(|text| text.contains('\0')) {
        return Err(Code::NulCharacter.into());
    }
    let limit = query.limit.unwrap_or(USUALLY).clamp(1, MOST);
    let search = query.search.as_deref().map(str::trim).unwrap_or_default();
    let needs = |name: &'static str, value: &Option<String>| {
        value.clone().ok_or_else(|| Problem::at(Code::InvalidQuery, name, "is missing"))
    };
    let words = sightings::Asking { state: &state, workspace: caller.workspace, search };
    let (mut items, is_whole) = match query.of {
        WordKind::Events => words.events().await?,
        WordKind::Properties => words.properties(&needs("event", &query.event)?).await?,
        WordKind::Traits => words.traits().await?,
        WordKind::Values => match (&query.r#trait, &query.event) {
            (Some(name), _) => words.values_of_trait(name).await?,
            (None, Some(event)) => words.values_of_property(event, &needs("property", &query.property)?).await?,
            (None, None) => return Err(Problem::at(Code::InvalidQuery, "trait", "is missing").into()),
        },
        WordKind::Tags => words.tags(limit).await?,
        WordKind::Stages => words.stages().await?,
        WordKind::Segments => words.segments().await?,
        WordKind::Groups => words.groups().await?,
    };
    let complete = is_whole && items.len() <= limit;
    items.truncate(limit);
    Ok(Json(RuleWords { items, complete }))
}
