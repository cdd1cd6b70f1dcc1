//! What a template may say about the member it goes to.

use std::collections::HashMap;

use base::{
    Time,
    ids::{MemberId, WorkspaceId},
};
use people::{
    members::{MemberState, load_members},
    rules::{RuleBook, profile_books},
};
use serde_json::{Map, Value as Json, json};
use store::{DbErr, FromQueryResult, Sql};

use crate::Outreach;

#[derive(FromQueryResult)]
struct WayRow {
    start_id: i64,
    id: i64,
    workspace_id: i64,
}

#[derive(FromQueryResult)]
struct WorkspaceRow {
    id: i64,
    name: String,
}

/// Who gets messages, by the member that the message names; one who was absorbed reads as the
/// member he is now.
pub(super) struct Audience {
    members: HashMap<i64, Json>,
    workspaces: HashMap<i64, Json>,
}

impl Audience {
    /// Loads members and their workspaces, many at once.
    pub(super) async fn load(db: &impl Sql, members: &[i64], now: Time) -> Result<Audience, DbErr> {
        let keys: Vec<(i64,)> = members.iter().map(|id| (*id,)).collect();
        let ways: Vec<WayRow> = db
            .all_rows(
                "SELECT m.id AS start_id, COALESCE(m.merged_into, m.id) AS id, m.workspace_id
                 FROM {rows} JOIN members m ON m.id = CAST(r.value->>0 AS BIGINT)",
                &keys,
                Vec::new(),
            )
            .await?;
        let mut present: Vec<MemberId> = ways.iter().map(|way| MemberId(way.id)).collect();
        present.sort_unstable();
        present.dedup();
        let mut workspaces: Vec<WorkspaceId> = ways.iter().map(|way| WorkspaceId(way.workspace_id)).collect();
        workspaces.sort_unstable();
        workspaces.dedup();
        let books = profile_books(db, &workspaces).await?;
        let loaded = load_members(db, &present, &books, now).await?;
        let workspaces = load_workspaces(db, &loaded).await?;
        let by_id: HashMap<i64, &MemberState> = loaded.iter().map(|member| (member.id.0, member)).collect();
        let described = |way: &WayRow| {
            let member = by_id.get(&way.id)?;
            Some((way.start_id, described(member, books.get(&member.workspace)?, now)))
        };
        let members = ways.iter().filter_map(described).collect();
        Ok(Audience { members, workspaces })
    }

    /// The variables of one message.
    pub(super) fn context(
        &self,
        workspace: WorkspaceId,
        member: MemberId,
        variables: Map<String, Json>,
        unsubscribe_url: &str,
        physical_address: &str,
    ) -> Json {
        let mut context = variables;
        let described = self.members.get(&member.0).cloned().unwrap_or_else(|| json!({"id": member}));
        context.insert("member".to_owned(), described);
        let named = self.workspaces.get(&workspace.0).cloned().unwrap_or_else(|| json!({"id": workspace}));
        context.insert("workspace".to_owned(), named);
        context.insert("channel".to_owned(), json!({"physical_address": physical_address}));
        context.insert("unsubscribe_url".to_owned(), unsubscribe_url.into());
        Json::Object(context)
    }
}

async fn load_workspaces(db: &impl Sql, members: &[MemberState]) -> Result<HashMap<i64, Json>, DbErr> {
    let mut ids: Vec<(i64,)> = members.iter().map(|member| (member.workspace.0,)).collect();
    ids.sort_unstable();
    ids.dedup();
    let rows: Vec<WorkspaceRow> = db
        .all_rows(
            "SELECT w.id, w.name FROM {rows} JOIN workspaces w ON w.id = CAST(r.value->>0 AS BIGINT)",
            &ids,
            Vec::new(),
        )
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, json!({"id": WorkspaceId(row.id), "name": row.name}))).collect())
}

/// The member's traits, and over them what a trait cannot change: `id`, `traits`, `tags`, `stage`, `email`.
fn described(member: &MemberState, book: &RuleBook, now: Time) -> Json {
    let traits = member.profile(book, now);
    let mut fields = traits.clone();
    fields.insert("traits".to_owned(), Json::Object(traits));
    fields.insert("id".to_owned(), json!(member.id));
    fields.insert("tags".to_owned(), json!(member.shown_tags(book)));
    fields.insert("stage".to_owned(), json!(member.stage(book)));
    fields.insert("email".to_owned(), json!(member.address("email")));
    Json::Object(fields)
}

/// The variables of a preview; `None` when there is no such member in the workspace.
pub(crate) async fn preview_context(
    outreach: &Outreach,
    workspace: WorkspaceId,
    member: Option<MemberId>,
    variables: Map<String, Json>,
) -> Result<Option<Json>, DbErr> {
    let unsubscribe_url = format!("{}/u/preview", outreach.settings.public_url);
    let Some(member) = member else {
        let nobody = Audience { members: HashMap::new(), workspaces: HashMap::new() };
        let given = variables.get("member").cloned();
        let mut context = nobody.context(workspace, MemberId(0), variables, &unsubscribe_url, "");
        context["member"] = given.unwrap_or_else(|| json!({}));
        return Ok(Some(context));
    };
    let found: Option<i64> = outreach
        .db
        .read()
        .scalar("SELECT id FROM members WHERE workspace_id = $1 AND id = $2", vec![workspace.0.into(), member.0.into()])
        .await?;
    if found.is_none() {
        return Ok(None);
    }
    let audience = Audience::load(outreach.db.read(), &[member.0], outreach.clock.now()).await?;
    Ok(Some(audience.context(workspace, member, variables, &unsubscribe_url, "")))
}
