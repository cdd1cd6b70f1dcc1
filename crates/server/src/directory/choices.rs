//! `/api/v1/choices`: what can be chosen from in pickers and filters.

use std::sync::Arc;

use api::{ApiResult, Area, Caller, Json, Query, Verb};
use axum::extract::State;
use base::{Code, Problem};
use outreach::directory::{ChannelChoice, JourneyChoice, TemplateChoice};
use people::directory::{GroupChoice, SegmentChoice, StageChoice, TagChoice, TopicChoice};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::accounts::{
    Accounts,
    named::{self, UserChoice},
};

/// Most of one kind.
const MOST: u64 = 200;
const LONGEST_SEARCH: usize = 200;

pub(super) fn routes(accounts: Arc<Accounts>) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(list_choices)).with_state(accounts)
}

/// Which choices are wanted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ChoicesQuery {
    /// Kinds, with commas between them: `channels`, `templates`, `segments`, `journeys`, `users`, `stages`, `tags`,
    /// `groups`, `topics`.
    #[param(example = "segments,tags")]
    kinds: String,
    /// Only those whose names hold this text.
    search: Option<String>,
}

/// What can be chosen: of each kind that was asked for up to 200, by name; a kind that was not asked for is left out.
#[derive(Default, Serialize, ToSchema)]
struct Choices {
    /// Channels.
    #[serde(skip_serializing_if = "Option::is_none")]
    channels: Option<Vec<ChannelChoice>>,
    /// Templates.
    #[serde(skip_serializing_if = "Option::is_none")]
    templates: Option<Vec<TemplateChoice>>,
    /// Segments.
    #[serde(skip_serializing_if = "Option::is_none")]
    segments: Option<Vec<SegmentChoice>>,
    /// Journeys.
    #[serde(skip_serializing_if = "Option::is_none")]
    journeys: Option<Vec<JourneyChoice>>,
    /// Users who can sign in.
    #[serde(skip_serializing_if = "Option::is_none")]
    users: Option<Vec<UserChoice>>,
    /// Stages, from the lowest.
    #[serde(skip_serializing_if = "Option::is_none")]
    stages: Option<Vec<StageChoice>>,
    /// Tags.
    #[serde(skip_serializing_if = "Option::is_none")]
    tags: Option<Vec<TagChoice>>,
    /// Groups.
    #[serde(skip_serializing_if = "Option::is_none")]
    groups: Option<Vec<GroupChoice>>,
    /// Topics, in the order in which members see them.
    #[serde(skip_serializing_if = "Option::is_none")]
    topics: Option<Vec<TopicChoice>>,
}

/// Lists what can be chosen from: names, without the settings behind them. Whoever may look at a kind of things may
/// choose from them; users and channels are named to everybody.
#[utoipa::path(get, path = "/api/v1/choices", tag = "directory", params(ChoicesQuery),
    responses((status = 200, description = "What there is of these kinds", body = Choices)))]
async fn list_choices(
    State(accounts): State<Arc<Accounts>>,
    caller: Caller,
    Query(query): Query<ChoicesQuery>,
) -> ApiResult<Json<Choices>> {
    let search = checked_search(query.search.as_deref().unwrap_or_default())?;
    let (db, workspace) = (accounts.db.read(), caller.workspace);
    let mut choices = Choices::default();
    for kind in query.kinds.split(',').map(str::trim).filter(|kind| !kind.is_empty()) {
        let area = match kind {
            "channels" | "users" => None,
            "templates" | "journeys" | "topics" => Some(Area::Outreach),
            "segments" | "stages" => Some(Area::Segments),
            "tags" | "groups" => Some(Area::People),
            _ => return Err(unknown(kind).into()),
        };
        if let Some(area) = area {
            caller.require(area, Verb::Read)?;
        }
        match kind {
            "channels" => {
                choices.channels = Some(outreach::directory::channel_choices(db, workspace, search, MOST).await?);
            }
            "templates" => {
                choices.templates = Some(outreach::directory::template_choices(db, workspace, search, MOST).await?);
            }
            "journeys" => {
                choices.journeys = Some(outreach::directory::journey_choices(db, workspace, search, MOST).await?);
            }
            "segments" => {
                choices.segments = Some(people::directory::segment_choices(db, workspace, search, MOST).await?);
            }
            "stages" => choices.stages = Some(people::directory::stage_choices(db, workspace, search).await?),
            "tags" => choices.tags = Some(people::directory::tag_choices(db, workspace, search, MOST).await?),
            "groups" => choices.groups = Some(people::directory::group_choices(db, workspace, search, MOST).await?),
            "topics" => choices.topics = Some(people::directory::topic_choices(db, workspace, search).await?),
            _ => choices.users = Some(named::user_choices(db, workspace, search, MOST).await?),
        }
    }
    Ok(Json(choices))
}

fn unknown(kind: &str) -> Problem {
    let kinds = "channels, templates, segments, journeys, users, stages, tags, groups, topics";
    let shown: String = kind.chars().filter(|c| !c.is_control()).take(40).collect();
    Problem::with(Code::InvalidQuery, format!("kinds: \"{shown}\" is not one of {kinds}"))
}

/// A text to look for, trimmed.
pub(super) fn checked_search(text: &str) -> Result<&str, Problem> {
    let text = text.trim();
    if text.contains('\0') || text.chars().count() > LONGEST_SEARCH {
        let detail = format!("the text to look for has at most {LONGEST_SEARCH} characters and no NUL character");
        return Err(Problem::with(Code::InvalidQuery, detail));
    }
    Ok(text)
}
