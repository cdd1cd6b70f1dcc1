//! `/api/v1/names`: what ids stand for, many at once.

use std::{collections::BTreeMap, sync::Arc};

use api::{ApiResult, Area, Caller, Json, Name, Verb};
use axum::extract::State;
use base::{
    Code, Problem,
    ids::{
        ChannelId, GroupId, ImportId, ImportMappingId, JourneyId, KeyId, MemberId, SegmentId, TaskId, TemplateId,
        UserId,
    },
};
use outreach::directory::NamedThing;
use serde::{Deserialize, Serialize};
use store::DbErr;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    accounts::{Accounts, named},
    ingest::imports,
};

const MOST: usize = 500;

pub(super) fn routes(accounts: Arc<Accounts>) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(show_names)).with_state(accounts)
}

/// Ids whose names are wanted.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NamesWanted {
    /// At most 500 ids of members, segments, groups, journeys, templates, channels, tasks, imports, mappings, users and
    /// keys; also as the audit log names those who act: `user:usr_…`, `key:key_…`, `journey:jrn_…`, `import:imp_…`.
    ids: Vec<String>,
}

/// The names of what there is.
#[derive(Serialize, ToSchema)]
struct Names {
    /// By the id that was asked for. What is not there, or not for the caller to see, is left out.
    names: BTreeMap<String, Name>,
}

/// What was asked for: each text, and the id in it.
struct Asked<'a> {
    texts: Vec<(&'a str, &'a str)>,
}

/// Says what ids stand for. It changes nothing; it is a POST because five hundred ids do not fit an address.
#[utoipa::path(post, path = "/api/v1/names", tag = "directory", request_body = NamesWanted,
    responses((status = 200, description = "The names of those that are there", body = Names)))]
async fn show_names(
    State(accounts): State<Arc<Accounts>>,
    caller: Caller,
    Json(wanted): Json<NamesWanted>,
) -> ApiResult<Json<Names>> {
    if wanted.ids.len() > MOST {
        return Err(Problem::at(Code::InvalidBody, "ids", format!("has more than {MOST} entries")).into());
    }
    Ok(Json(Names { names: find_names(&accounts, &caller, &wanted.ids).await? }))
}

/// The names of those of these ids that are there and that a caller may see, each by the text that was asked for.
pub(crate) async fn find_names(
    accounts: &Accounts,
    caller: &Caller,
    ids: &[String],
) -> Result<BTreeMap<String, Name>, DbErr> {
    let asked = Asked::read(ids);
    let mut found: BTreeMap<String, Name> = BTreeMap::new();
    let may_see = |area: Area| caller.require(area, Verb::Read).is_ok();
    let (db, workspace) = (accounts.db.read(), caller.workspace);
    if may_see(Area::People) {
        let members = people::directory::member_names(db, workspace, &asked.of::<MemberId>()).await?;
        found.extend(members.into_iter().map(|(id, name)| (id.to_string(), name)));
        let groups = people::directory::group_names(db, workspace, &asked.of::<GroupId>()).await?;
        found.extend(groups.into_iter().map(|(id, name)| (id.to_string(), name)));
    }
    if may_see(Area::Segments) {
        let segments = people::directory::segment_names(db, workspace, &asked.of::<SegmentId>()).await?;
        found.extend(segments.into_iter().map(|(id, name)| (id.to_string(), name)));
    }
    if may_see(Area::Outreach) {
        let things = [
            (NamedThing::Journey, asked.numbers(|id: JourneyId| id.0)),
            (NamedThing::Template, asked.numbers(|id: TemplateId| id.0)),
            (NamedThing::Channel, asked.numbers(|id: ChannelId| id.0)),
            (NamedThing::Task, asked.numbers(|id: TaskId| id.0)),
        ];
        for (thing, ids) in things {
            let named = outreach::directory::names(db, workspace, thing, &ids).await?;
            found.extend(named.into_iter().map(|(id, name)| (thing.id(id), name)));
        }
    }
    if may_see(Area::Ingest) {
        found.extend(imports::names(db, workspace, &asked.of::<ImportId>(), &asked.of::<ImportMappingId>()).await?);
    }
    found.extend(accounts_of(accounts, caller, &asked).await?);
    Ok(asked.answer(&found))
}

/// Names of users and keys, which everybody may see who works in the workspace.
async fn accounts_of(accounts: &Accounts, caller: &Caller, asked: &Asked<'_>) -> Result<Vec<(String, Name)>, DbErr> {
    let (db, workspace) = (accounts.db.read(), caller.workspace);
    let mut found = named::user_names(db, workspace, &asked.of::<UserId>()).await?;
    found.extend(named::key_names(db, workspace, &asked.of::<KeyId>()).await?);
    Ok(found)
}

impl<'a> Asked<'a> {
    /// The ids in these texts; an actor's stands behind the colon.
    fn read(texts: &'a [String]) -> Asked<'a> {
        let id_in = |text: &'a str| text.split_once(':').map_or(text, |(_, id)| id);
        Asked { texts: texts.iter().map(|text| (text.as_str(), id_in(text))).collect() }
    }

    fn of<Id: std::str::FromStr>(&self) -> Vec<Id> {
        self.texts.iter().filter_map(|(_, id)| id.parse().ok()).collect()
    }

    fn numbers<Id: std::str::FromStr>(&self, number: impl Fn(Id) -> i64) -> Vec<i64> {
        self.of::<Id>().into_iter().map(number).collect()
    }

    /// The names by what was asked for.
    fn answer(&self, found: &BTreeMap<String, Name>) -> BTreeMap<String, Name> {
        let named = self.texts.iter().filter_map(|(text, id)| Some(((*text).to_owned(), found.get(*id)?.clone())));
        named.collect()
    }
}
