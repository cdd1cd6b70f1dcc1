//! What a template may say about the member it goes to.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet, hash_map::Entry},
    sync::Arc,
};

use base::{
    Time,
    ids::{ChannelId, MemberId, WorkspaceId},
    rule::Rule,
};
use people::{
    members::{MemberState, load_members},
    rules::{RuleBook, asking_book, evaluate, profile_books},
};
use serde_json::{Map, Value as Json, json};
use store::{DbErr, FromQueryResult, Sql};

use super::AskingBooks;
use crate::{Outreach, templates::TEST_PAGE};

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
    members: HashMap<i64, Reader>,
    workspaces: HashMap<i64, Json>,
    /// What the rules of a template say of a member, by both.
    rules: HashMap<(i64, i64), Json>,
    now: Time,
}

/// A member as templates see him.
struct Reader {
    /// His id now, which differs from the one that the message names when he was absorbed.
    present: MemberId,
    described: Json,
    language: &'static str,
    zone: String,
}

/// A message whose template may ask rules.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked {
    pub workspace: WorkspaceId,
    pub member: MemberId,
    pub template: i64,
    pub revision: i64,
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
        let workspaces = load_workspaces(db, loaded.iter().map(|member| member.workspace.0).collect()).await?;
        let by_id: HashMap<i64, &MemberState> = loaded.iter().map(|member| (member.id.0, member)).collect();
        let reader = |way: &WayRow| {
            let member = by_id.get(&way.id)?;
            let book = books.get(&member.workspace)?;
            let reader = Reader {
                present: member.id,
                described: described(member, book, now),
                language: short_tag(member.language(book)),
                zone: member.time_zone(book).iana_name().unwrap_or("UTC").to_owned(),
            };
            Some((way.start_id, reader))
        };
        let members = ways.iter().filter_map(reader).collect();
        Ok(Audience { members, workspaces, rules: HashMap::new(), now })
    }

    /// Asks the rules of the templates of messages.
    pub(super) async fn ask_rules(
        &mut self,
        outreach: &Outreach,
        messages: impl Iterator<Item = Asked>,
    ) -> Result<(), DbErr> {
        let db = outreach.db.read();
        let mut by_revision: BTreeMap<(WorkspaceId, i64, i64), Vec<MemberId>> = BTreeMap::new();
        for asked in messages {
            by_revision.entry((asked.workspace, asked.template, asked.revision)).or_default().push(asked.member);
        }
        let mut standings = HashMap::new();
        for ((workspace, template, revision), members) in by_revision {
            let rules = outreach.renderer.rules(template, revision);
            if rules.is_empty() {
                continue;
            }
            if let Entry::Vacant(unknown) = standings.entry(workspace) {
                unknown.insert(AskingBooks::standing(db, workspace).await?);
            }
            let standing = (workspace, &standings[&workspace]);
            let book = outreach.asking.book(db, standing, (template, revision), &rules).await?;
            self.ask(db, book, (template, rules.as_slice()), &members).await?;
        }
        Ok(())
    }

    /// Asks the rules of one template of members.
    async fn ask(
        &mut self,
        db: &impl Sql,
        book: Arc<RuleBook>,
        (template, rules): (i64, &[(String, Rule)]),
        members: &[MemberId],
    ) -> Result<(), DbErr> {
        let present: HashSet<MemberId> =
            members.iter().filter_map(|member| Some(self.members.get(&member.0)?.present)).collect();
        let mut present: Vec<MemberId> = present.into_iter().collect();
        present.sort_unstable();
        let books = HashMap::from([(book.workspace, book.clone())]);
        let loaded = load_members(db, &present, &books, self.now).await?;
        let loaded: HashMap<MemberId, &MemberState> = loaded.iter().map(|member| (member.id, member)).collect();
        for id in members {
            let member = self.members.get(&id.0).and_then(|reader| loaded.get(&reader.present));
            let mut answers = Map::new();
            for (name, _) in rules {
                let holds = member
                    .zip(book.other(name))
                    .is_some_and(|(member, condition)| evaluate(condition, &book, member, self.now).holds);
                answers.insert(name.clone(), holds.into());
            }
            self.rules.insert((template, id.0), Json::Object(answers));
        }
        Ok(())
    }

    /// The variables of one message, made of a template for a member.
    pub(super) fn context(
        &self,
        workspace: WorkspaceId,
        (member, template): (MemberId, i64),
        variables: Map<String, Json>,
        unsubscribe_url: &str,
        physical_address: &str,
    ) -> Json {
        let mut context = variables;
        let reader = self.members.get(&member.0);
        let described = reader.map_or_else(|| json!({"id": member}), |reader| reader.described.clone());
        context.insert("member".to_owned(), described);
        context.insert("language".to_owned(), reader.map_or("en", |reader| reader.language).into());
        context.insert("time_zone".to_owned(), reader.map_or("UTC", |reader| &reader.zone).into());
        context.insert("now".to_owned(), json!(self.now));
        if let Some(rules) = self.rules.get(&(template, member.0)) {
            context.insert("rules".to_owned(), rules.clone());
        }
        let named = self.workspaces.get(&workspace.0).cloned().unwrap_or_else(|| json!({"id": workspace}));
        context.insert("workspace".to_owned(), named);
        context.insert("channel".to_owned(), json!({"physical_address": physical_address}));
        context.insert("unsubscribe_url".to_owned(), unsubscribe_url.into());
        // One page is for both: what else the member may choose stands there as well.
        context.insert("preferences_url".to_owned(), unsubscribe_url.into());
        Json::Object(context)
    }
}

async fn load_workspaces(db: &impl Sql, ids: BTreeSet<i64>) -> Result<HashMap<i64, Json>, DbErr> {
    let ids: Vec<(i64,)> = ids.into_iter().map(|id| (id,)).collect();
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

fn short_tag(language: base::Language) -> &'static str {
    language.choose("zh", "en")
}

/// For whom and with what a message is tried out.
#[derive(Default)]
pub(crate) struct Trial {
    /// Whose data it shows.
    pub member: Option<MemberId>,
    /// Further variables; without a member, `member` and `rules` may be among them.
    pub variables: Map<String, Json>,
    /// Instead of the member's own.
    pub language: Option<base::Language>,
    /// The rules that the template asks.
    pub rules: Vec<(String, Rule)>,
}

/// The variables of a preview; `None` when there is no such member in the workspace.
pub(crate) async fn preview_context(
    outreach: &Outreach,
    workspace: WorkspaceId,
    trial: Trial,
) -> Result<Option<Json>, DbErr> {
    let unsubscribe_url = format!("{}/u/{TEST_PAGE}", outreach.settings.public_url);
    let now = outreach.clock.now();
    // As the workspace's first channel with an address would send it.
    let mut addresses: Vec<(ChannelId, String)> = outreach
        .live
        .all()
        .into_iter()
        .filter(|live| live.workspace == workspace && !live.options.physical_address.is_empty())
        .map(|live| (live.id, live.options.physical_address))
        .collect();
    addresses.sort();
    let address = addresses.into_iter().next().map(|(_, address)| address).unwrap_or_default();
    let mut context = match trial.member {
        None => {
            let workspaces = load_workspaces(outreach.db.read(), BTreeSet::from([workspace.0])).await?;
            let nobody = Audience { members: HashMap::new(), workspaces, rules: HashMap::new(), now };
            let given = trial.variables.get("member").cloned();
            let mut context = nobody.context(workspace, (MemberId(0), 0), trial.variables, &unsubscribe_url, &address);
            context["member"] = given.unwrap_or_else(|| json!({}));
            context
        }
        Some(member) => {
            let sql = "SELECT id FROM members WHERE workspace_id = $1 AND id = $2";
            let found: Option<i64> = outreach.db.read().scalar(sql, vec![workspace.0.into(), member.0.into()]).await?;
            if found.is_none() {
                return Ok(None);
            }
            let mut audience = Audience::load(outreach.db.read(), &[member.0], now).await?;
            if !trial.rules.is_empty() {
                let db = outreach.db.read();
                let book = asking_book(db, workspace, trial.rules.iter().cloned().collect()).await?;
                audience.ask(db, book, (0, trial.rules.as_slice()), &[member]).await?;
            }
            audience.context(workspace, (member, 0), trial.variables, &unsubscribe_url, &address)
        }
    };
    if let Some(language) = trial.language {
        context["language"] = short_tag(language).into();
    }
    Ok(Some(context))
}
