//! `/api/v1/search`: one line of text, and everything that it may mean.

use std::sync::Arc;

use api::{ApiResult, Area, Caller, Json, Query, Verb};
use axum::extract::State;
use base::ids::{DeliveryId, EventId, ImportId, JobId, RunId, TaskId};
use people::directory::MembersFound;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::choices::checked_search;
use crate::accounts::{Accounts, named};

const MOST: u64 = 20;
const USUALLY: u64 = 5;

pub(super) fn routes(accounts: Arc<Accounts>) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(search)).with_state(accounts)
}

/// What is looked for.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct SearchQuery {
    /// A name, an address, a phone number, an id, or a part of one; at most 200 characters.
    q: String,
    /// How many of each kind at most (1 to 20, default 5).
    limit: Option<u64>,
}

/// What was found.
#[derive(Serialize, ToSchema)]
struct SearchBody {
    /// By kind; a kind of which nothing was found is left out.
    groups: Vec<SearchGroup>,
}

/// What was found of one kind.
#[derive(Serialize, ToSchema)]
struct SearchGroup {
    /// `members`, `segments`, `journeys`, `templates`, `channels`, `tags`, `users`; or for an id that names one thing
    /// `deliveries`, `runs`, `jobs`, `imports`, `tasks`, `events`.
    kind: String,
    /// The best first.
    items: Vec<SearchItem>,
    /// Whether there are more than are shown.
    more: bool,
    /// Whether all there are were looked through; of very many members only the newest are.
    complete: bool,
}

/// Something that was found.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct SearchItem {
    /// Its id; of a tag the tag.
    id: String,
    /// What it is called.
    name: String,
    /// What tells it from others.
    hint: Option<String>,
    /// By what it was found: `id`, `name`, `text`, or the kind of identity, such as `phone`.
    why: String,
}

/// Looks for a text among everything that the caller may see.
#[utoipa::path(get, path = "/api/v1/search", tag = "directory", params(SearchQuery),
    responses((status = 200, description = "What was found, by kind", body = SearchBody)))]
async fn search(
    State(accounts): State<Arc<Accounts>>,
    caller: Caller,
    Query(query): Query<SearchQuery>,
) -> ApiResult<Json<SearchBody>> {
    let text = checked_search(&query.q)?;
    let limit = query.limit.unwrap_or(USUALLY).clamp(1, MOST);
    if text.is_empty() {
        return Ok(Json(SearchBody { groups: Vec::new() }));
    }
    let mut groups: Vec<SearchGroup> = jump(text, &caller).into_iter().collect();
    let (db, workspace) = (accounts.db.read(), caller.workspace);
    let may_see = |area: Area| caller.require(area, Verb::Read).is_ok();
    if may_see(Area::People) {
        groups.push(of_members(people::directory::find_members_named(db, workspace, text, limit).await?));
        let tags = people::directory::tag_choices(db, workspace, text, limit + 1).await?;
        let item = |tag: people::directory::TagChoice| named_item(tag.tag.clone(), tag.tag, None);
        groups.push(of_kind("tags", tags.into_iter().map(item), limit));
    }
    if may_see(Area::Segments) {
        let segments = people::directory::segment_choices(db, workspace, text, limit + 1).await?;
        let items = segments.into_iter().map(|segment| named_item(segment.id.to_string(), segment.name, None));
        groups.push(of_kind("segments", items, limit));
    }
    if may_see(Area::Outreach) {
        let journeys = outreach::directory::journey_choices(db, workspace, text, limit + 1).await?;
        let items = journeys.into_iter().map(|it| named_item(it.id.to_string(), it.name, Some(it.state)));
        groups.push(of_kind("journeys", items, limit));
        let templates = outreach::directory::template_choices(db, workspace, text, limit + 1).await?;
        let items = templates.into_iter().map(|it| named_item(it.id.to_string(), it.name, Some(it.channel_kind)));
        groups.push(of_kind("templates", items, limit));
    }
    if may_see(Area::Settings) {
        let channels = outreach::directory::channel_choices(db, workspace, text, limit + 1).await?;
        let items = channels.into_iter().map(|it| named_item(it.id.to_string(), it.name, Some(it.kind)));
        groups.push(of_kind("channels", items, limit));
        let users = named::user_choices(db, workspace, text, limit + 1).await?;
        let items = users.into_iter().map(|user| named_item(user.id.to_string(), user.name, Some(user.email)));
        groups.push(of_kind("users", items, limit));
    }
    groups.retain(|group| !group.items.is_empty() || !group.complete);
    Ok(Json(SearchBody { groups }))
}

fn named_item(id: String, name: String, hint: Option<String>) -> SearchItem {
    SearchItem { id, name, hint, why: "name".to_owned() }
}

/// A group of what was asked for with one more than is shown.
fn of_kind(kind: &str, found: impl Iterator<Item = SearchItem>, limit: u64) -> SearchGroup {
    let mut items: Vec<SearchItem> = found.collect();
    let more = items.len() as u64 > limit;
    items.truncate(limit as usize);
    SearchGroup { kind: kind.to_owned(), items, more, complete: true }
}

fn of_members(found: MembersFound) -> SearchGroup {
    let item = |member: people::directory::MemberFound| SearchItem {
        id: member.id.to_string(),
        name: member.name,
        hint: member.hint,
        why: member.why,
    };
    SearchGroup {
        kind: "members".to_owned(),
        items: found.members.into_iter().map(item).collect(),
        more: found.more,
        complete: found.is_complete,
    }
}

/// Where an id leads whose kind has no names. Whether there is such a thing is found on its own page.
fn jump(text: &str, caller: &Caller) -> Option<SearchGroup> {
    let kinds: [(&str, Area, bool); 6] = [
        ("deliveries", Area::Outreach, text.parse::<DeliveryId>().is_ok()),
        ("runs", Area::Outreach, text.parse::<RunId>().is_ok()),
        ("tasks", Area::Outreach, text.parse::<TaskId>().is_ok()),
        ("imports", Area::Ingest, text.parse::<ImportId>().is_ok()),
        ("jobs", Area::Settings, text.parse::<JobId>().is_ok()),
        ("events", Area::People, text.parse::<EventId>().is_ok()),
    ];
    let (kind, ..) = kinds.into_iter().find(|(_, area, is_it)| *is_it && caller.require(*area, Verb::Read).is_ok())?;
    let item = SearchItem { id: text.to_owned(), name: text.to_owned(), hint: None, why: "id".to_owned() };
    Some(SearchGroup { kind: kind.to_owned(), items: vec![item], more: false, complete: true })
}
