//! `/api/v1/topics`.

use std::sync::Arc;

use api::{ApiResult, Area, Caller, Json, Page, Path, ProblemBody, Verb};
use axum::{extract::State, http::StatusCode};
use base::{Code, Problem, ids::TemplateId};
use people::consent::{ALL_TOPICS, TRANSACTIONAL, is_topic, topics, topics::Topic};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::Sql;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::Outreach;

const MOST_NAME: usize = 100;
const MOST_DESCRIPTION: usize = 500;

/// The routes of this feature.
pub fn routes(state: Arc<Outreach>) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(list_topics)).routes(routes!(put_topic, delete_topic)).with_state(state)
}

/// A text in both languages.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Bilingual {
    /// English.
    en: String,
    /// Chinese.
    zh: String,
}

impl From<(String, String)> for Bilingual {
    fn from((en, zh): (String, String)) -> Bilingual {
        Bilingual { en, zh }
    }
}

/// What members may be written to about.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct TopicDto {
    /// By which messages and consents name it.
    topic: String,
    /// As members read it.
    name: Bilingual,
    /// What it is about.
    description: Bilingual,
    /// Whether the preference page shows it to everybody; one that is not shown is seen by those who have got a message
    /// about it.
    shown: bool,
    /// Its place on the page; the smallest is first.
    position: i64,
    /// Whether a consent counts only once it is confirmed from the address itself.
    double_opt_in: bool,
    /// The message that asks to confirm; its variable `confirm_url` leads to the button.
    #[schema(value_type = Option<String>)]
    confirm_template: Option<TemplateId>,
}

impl From<Topic> for TopicDto {
    fn from(topic: Topic) -> TopicDto {
        TopicDto {
            topic: topic.topic,
            name: topic.name.into(),
            description: topic.description.into(),
            shown: topic.is_shown,
            position: topic.position,
            double_opt_in: topic.confirm_template.is_some(),
            confirm_template: topic.confirm_template,
        }
    }
}

/// A topic to describe.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TopicChange {
    /// As members read it, 1 to 100 characters in each language.
    name: Bilingual,
    /// What it is about, at most 500 characters in each language.
    #[serde(default)]
    description: Option<Bilingual>,
    /// Whether the preference page shows it to everybody.
    #[serde(default = "yes")]
    shown: bool,
    /// Its place on the page.
    #[serde(default)]
    position: i64,
    /// Whether a consent counts only once it is confirmed; then `confirm_template` is needed.
    #[serde(default)]
    double_opt_in: bool,
    /// A template for e-mail in which `confirm_url` stands.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    confirm_template: Option<TemplateId>,
}

fn yes() -> bool {
    true
}

/// The topics that are described.
#[utoipa::path(get, path = "/api/v1/topics", tag = "topics",
    responses((status = 200, body = Page<TopicDto>), (status = "4XX", body = ProblemBody)))]
async fn list_topics(State(state): State<Arc<Outreach>>, caller: Caller) -> ApiResult<Json<Page<TopicDto>>> {
    caller.require(Area::Outreach, Verb::Read)?;
    let items = topics::topics(state.db.read(), caller.workspace).await?;
    Ok(Json(Page { items: items.into_iter().map(TopicDto::from).collect(), next: None }))
}

/// Describes a topic. When it begins to ask for confirmation, consents that were only claimed, in a page, no longer count
/// until they are confirmed; what members, operators and imports decided stays as it is.
#[utoipa::path(put, path = "/api/v1/topics/{topic}", tag = "topics",
    params(("topic" = String, Path, description = "The topic, such as news")),
    request_body = TopicChange,
    responses((status = 200, body = TopicDto), (status = "4XX", body = ProblemBody)))]
async fn put_topic(
    State(state): State<Arc<Outreach>>,
    caller: Caller,
    Path(topic): Path<String>,
    Json(change): Json<TopicChange>,
) -> ApiResult<Json<TopicDto>> {
    caller.require(Area::Outreach, Verb::Write)?;
    let topic = read_topic(topic, change)?;
    let tx = state.begin_rules_change(caller.workspace).await?;
    let before = topics::topics(&tx, caller.workspace).await?;
    if before.len() >= topics::MOST_TOPICS && !before.iter().any(|known| known.topic == topic.topic) {
        let message = format!("there are {} topics already, which is the most", topics::MOST_TOPICS);
        return Err(Problem::at(Code::InvalidBody, "topic", message).into());
    }
    if let Some(template) = topic.confirm_template {
        let kind: Option<String> = tx
            .scalar(
                "SELECT channel_kind FROM templates WHERE id = $1 AND workspace_id = $2 AND deleted_at IS NULL",
                vec![template.0.into(), caller.workspace.0.into()],
            )
            .await?;
        if kind.as_deref() != Some("email") {
            let message = format!("there is no template {template} for email");
            return Err(Problem::at(Code::UnknownReference, "confirm_template", message).into());
        }
    }
    topics::put(&tx, caller.workspace, &topic, state.clock.now()).await?;
    let detail = json!({"double_opt_in": topic.confirm_template.is_some(), "shown": topic.is_shown});
    state.audit(&tx, &caller, "topic.described", &topic.topic, detail).await?;
    tx.commit().await?;
    state.rules_changed.notify_one();
    Ok(Json(topic.into()))
}

fn read_topic(topic: String, change: TopicChange) -> Result<Topic, Problem> {
    if !is_topic(&topic) || topic == ALL_TOPICS || topic == TRANSACTIONAL {
        let message = "has 1 to 100 bytes without control characters, and is not \"*\" or \"transactional\"";
        return Err(Problem::at(Code::InvalidBody, "topic", message));
    }
    let description = change.description.unwrap_or(Bilingual { en: String::new(), zh: String::new() });
    for (path, text, least, most) in [
        ("name.en", &change.name.en, 1, MOST_NAME),
        ("name.zh", &change.name.zh, 1, MOST_NAME),
        ("description.en", &description.en, 0, MOST_DESCRIPTION),
        ("description.zh", &description.zh, 0, MOST_DESCRIPTION),
    ] {
        let length = text.trim().chars().count();
        if length < least || length > most || text.contains('\0') {
            return Err(Problem::at(Code::InvalidBody, path, format!("has {least} to {most} characters")));
        }
    }
    if change.double_opt_in && change.confirm_template.is_none() {
        let message = "is the message that asks to confirm; without it nobody could";
        return Err(Problem::at(Code::InvalidBody, "confirm_template", message));
    }
    Ok(Topic {
        topic,
        name: (change.name.en, change.name.zh),
        description: (description.en, description.zh),
        is_shown: change.shown,
        position: change.position,
        confirm_template: change.confirm_template.filter(|_| change.double_opt_in),
    })
}

/// Forgets the description of a topic. Consents about it stay, and no longer have to be confirmed.
#[utoipa::path(delete, path = "/api/v1/topics/{topic}", tag = "topics",
    params(("topic" = String, Path, description = "The topic")),
    responses((status = 204), (status = "4XX", body = ProblemBody)))]
async fn delete_topic(
    State(state): State<Arc<Outreach>>,
    caller: Caller,
    Path(topic): Path<String>,
) -> ApiResult<StatusCode> {
    caller.require(Area::Outreach, Verb::Write)?;
    let tx = state.begin_rules_change(caller.workspace).await?;
    if !topics::delete(&tx, caller.workspace, &topic).await? {
        return Err(Code::NotFound.into());
    }
    state.audit(&tx, &caller, "topic.deleted", &topic, json!({})).await?;
    tx.commit().await?;
    state.rules_changed.notify_one();
    Ok(StatusCode::NO_CONTENT)
}
