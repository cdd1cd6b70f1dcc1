//! `/api/v1/journeys/starters`: journeys to begin with.

use std::collections::BTreeSet;

use api::{ApiResult, Area, Caller, Json, Path, ProblemBody, Query, Verb};
use axum::{extract::State, http::StatusCode};
use base::{
    Code, Language, Problem,
    ids::{ChannelId, WorkspaceId},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{DbErr, Sql};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Needs, Starter, letter,
    making::{Making, Replacements, StarterThing},
    starter, starters,
};
use crate::{
    journeys::{
        checking::seen_events,
        routes::{JourneysState, check_name},
        service::JourneyDto,
    },
    templates::known_traits,
};

/// The routes of starters.
pub(in crate::journeys) fn routes() -> OpenApiRouter<JourneysState> {
    OpenApiRouter::new().routes(routes!(list_starters)).routes(routes!(make_of_starter))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct StartersQuery {
    /// `zh` or `en`; what is read where the workspace is when left out.
    lang: Option<String>,
}

/// A journey to begin with.
#[derive(Debug, Serialize, ToSchema)]
struct JourneyStarter {
    /// By which it is made: `POST /api/v1/journeys/starters/{key}`.
    key: String,
    /// Its name.
    name: String,
    /// What it does, in a sentence.
    description: String,
    /// `zh` or `en`: the language in which all of this is.
    lang: &'static str,
    /// What it needs to do anything.
    needs: StarterNeeds,
    /// What of that is not there yet.
    lacks: StarterLacks,
    /// Segments that are made for it.
    segments: Vec<StarterSegmentInfo>,
    /// Templates that are made for it.
    templates: Vec<StarterTemplateInfo>,
    /// The document. What has no id yet is named `segment:KEY`, `template:KEY` and `channel:email`.
    #[schema(value_type = Object)]
    document: Value,
}

/// What a starter needs.
#[derive(Debug, Serialize, ToSchema)]
struct StarterNeeds {
    /// Events that it waits for or asks about.
    events: Vec<String>,
    /// Traits of members.
    traits: Vec<String>,
    /// Topics that its messages are about.
    topics: Vec<String>,
}

/// What of that is not there.
#[derive(Debug, Serialize, ToSchema)]
struct StarterLacks {
    /// Events that have never come in.
    events: Vec<String>,
    /// Traits that none of the newest members has.
    traits: Vec<String>,
    /// Topics that are not described.
    topics: Vec<String>,
    /// Whether there is no channel for e-mail.
    channel: bool,
}

/// A segment of a starter.
#[derive(Debug, Serialize, ToSchema)]
struct StarterSegmentInfo {
    /// By which the document names it.
    key: String,
    /// Its name.
    name: String,
    /// Its rule.
    #[schema(value_type = Object)]
    rule: Value,
}

/// A template of a starter.
#[derive(Debug, Serialize, ToSchema)]
struct StarterTemplateInfo {
    /// By which the document names it.
    key: String,
    /// Its name.
    name: String,
    /// Its subject line.
    subject: String,
}

/// The starters.
#[derive(Debug, Serialize, ToSchema)]
struct JourneyStarters {
    /// Each of them.
    items: Vec<JourneyStarter>,
}

/// Journeys to begin with, and what they need.
#[utoipa::path(get, path = "/api/v1/journeys/starters", tag = "journeys", params(StartersQuery),
    responses((status = 200, body = JourneyStarters), (status = "4XX", body = ProblemBody)))]
async fn list_starters(
    State(state): State<JourneysState>,
    caller: Caller,
    Query(query): Query<StartersQuery>,
) -> ApiResult<Json<JourneyStarters>> {
    caller.require(Area::Outreach, Verb::Read)?;
    let db = state.outreach.db.read();
    let language = language(db, caller.workspace, query.lang.as_deref()).await?;
    let there = There::load(db, caller.workspace, &starters()).await?;
    Ok(Json(JourneyStarters { items: starters().iter().map(|starter| shown(starter, language, &there)).collect() }))
}

/// How to make a journey of a starter.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct StarterChoice {
    /// `zh` or `en`; what is read where the workspace is when left out.
    lang: Option<String>,
    /// What the journey is to be called.
    name: Option<String>,
    /// By which channel (`chn_…`) it is to send; the workspace's e-mail when left out.
    #[schema(value_type = Option<String>)]
    channel: Option<ChannelId>,
    /// Segments and templates to take instead of those that would be made, by their keys.
    #[serde(default)]
    replace: Replacements,
}

/// A journey that was made of a starter.
#[derive(Serialize, ToSchema)]
struct MadeOfStarter {
    /// The draft, with what keeps it from being published.
    #[serde(flatten)]
    journey: JourneyDto,
    /// What it refers to: made now, or there before under the same name.
    things: Vec<StarterThing>,
}

/// Makes the draft of a journey of a starter, with the segments and templates that are not there yet by their names.
#[utoipa::path(post, path = "/api/v1/journeys/starters/{key}", tag = "journeys", params(("key" = String, Path,)),
    request_body = StarterChoice,
    responses((status = 201, body = MadeOfStarter), (status = "4XX", body = ProblemBody)))]
async fn make_of_starter(
    State(state): State<JourneysState>,
    caller: Caller,
    Path(key): Path<String>,
    Json(choice): Json<StarterChoice>,
) -> ApiResult<(StatusCode, Json<MadeOfStarter>)> {
    caller.require(Area::Outreach, Verb::Write)?;
    caller.require(Area::Segments, Verb::Write)?;
    let starter = starter(&key).ok_or(Problem::new(Code::NotFound))?;
    let name = choice.name.as_deref().map(check_name).transpose()?;
    let outreach = &state.outreach;
    let language = language(outreach.db.read(), caller.workspace, choice.lang.as_deref()).await?;
    let making = Making { outreach, caller: &caller, language, name, channel: choice.channel, instead: choice.replace };
    // A segment is a rule that the pipeline keeps in memory.
    let tx = outreach.begin_rules_change(caller.workspace).await?;
    let (id, things) = making.make(&tx, &starter).await?;
    tx.commit().await?;
    outreach.rules_changed.notify_one();
    let journey = state.get_examined(&caller, id).await?;
    Ok((StatusCode::CREATED, Json(MadeOfStarter { journey, things })))
}

/// The language that was asked for, or what is read where the workspace is.
async fn language(db: &impl Sql, workspace: WorkspaceId, asked: Option<&str>) -> ApiResult<Language> {
    if let Some(tag) = asked.filter(|tag| !tag.is_empty()) {
        let language = Language::of_tag(tag);
        return Ok(language.ok_or_else(|| Problem::at(Code::InvalidField, "lang", "is not zh or en"))?);
    }
    let zone: Option<String> =
        db.scalar("SELECT time_zone FROM workspaces WHERE id = $1", vec![workspace.0.into()]).await?;
    Ok(zone.as_deref().and_then(Language::of_zone).unwrap_or_default())
}

/// What of all that starters need is there.
struct There {
    events: BTreeSet<String>,
    traits: BTreeSet<String>,
    topics: Vec<String>,
    has_email_channel: bool,
}

impl There {
    async fn load(db: &impl Sql, workspace: WorkspaceId, starters: &[Starter]) -> Result<There, DbErr> {
        let names = starters.iter().flat_map(|starter| starter.needs.events.iter().map(String::as_str)).collect();
        let topics = people::consent::topics::topics(db, workspace).await?;
        let channels = "SELECT COUNT(*) FROM channels
                        WHERE workspace_id = $1 AND kind = 'email' AND deleted_at IS NULL";
        let channels: Option<i64> = db.scalar(channels, vec![workspace.0.into()]).await?;
        Ok(There {
            events: seen_events(db, workspace, names).await?,
            traits: known_traits(db, workspace).await?,
            topics: topics.into_iter().map(|topic| topic.topic).collect(),
            has_email_channel: channels.unwrap_or(0) > 0,
        })
    }
}

fn shown(starter: &Starter, language: Language, there: &There) -> JourneyStarter {
    let Needs { events, traits, topics } = starter.needs.clone();
    let without = |names: &[String], is_there: &dyn Fn(&String) -> bool| -> Vec<String> {
        names.iter().filter(|name| !is_there(name)).cloned().collect()
    };
    JourneyStarter {
        key: starter.key.clone(),
        name: starter.name.in_language(language).to_owned(),
        description: starter.description.in_language(language).to_owned(),
        lang: language.choose("zh", "en"),
        lacks: StarterLacks {
            events: without(&events, &|name| there.events.contains(name)),
            traits: without(&traits, &|name| there.traits.contains(name)),
            topics: without(&topics, &|name| there.topics.contains(name)),
            channel: !there.has_email_channel,
        },
        needs: StarterNeeds { events, traits, topics },
        segments: starter
            .segments
            .iter()
            .map(|segment| StarterSegmentInfo {
                key: segment.key.clone(),
                name: segment.name.in_language(language).to_owned(),
                rule: segment.rule.clone(),
            })
            .collect(),
        templates: starter
            .letters()
            .iter()
            .map(|letter: &letter::Letter| StarterTemplateInfo {
                key: letter.key.clone(),
                name: letter.name.in_language(language).to_owned(),
                subject: letter.subject.in_language(language).to_owned(),
            })
            .collect(),
        document: starter.document(language, &|_| None),
    }
}
