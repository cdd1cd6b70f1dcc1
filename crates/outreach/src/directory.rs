//! What there is in outreach, by name: names in the place of ids, and choices for pickers.

use api::{Name, part_pattern};
use base::ids::{ChannelId, JourneyId, TaskId, TemplateId, WorkspaceId};
use sea_orm::{DbErr, FromQueryResult};
use serde::Serialize;
use store::Sql;
use utoipa::ToSchema;

/// A channel to choose. How it is set up is for administrators.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ChannelChoice {
    /// `chn_…`
    #[schema(value_type = String)]
    pub id: ChannelId,
    /// `email`, `webhook` …
    pub kind: String,
    /// What operators call it.
    pub name: String,
    /// `active` or `paused`.
    pub state: String,
}

/// A template to choose.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TemplateChoice {
    /// `tpl_…`
    #[schema(value_type = String)]
    pub id: TemplateId,
    /// Its name.
    pub name: String,
    /// The kind of channels for which it is.
    pub channel_kind: String,
}

/// A journey to choose.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct JourneyChoice {
    /// `jrn_…`
    #[schema(value_type = String)]
    pub id: JourneyId,
    /// Its name.
    pub name: String,
    /// `draft`, `live`, `paused` or `stopped`.
    pub state: String,
}

/// Something of outreach that has a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NamedThing {
    /// A journey.
    Journey,
    /// A template.
    Template,
    /// A channel.
    Channel,
    /// A task, by its title.
    Task,
}

#[derive(FromQueryResult)]
struct NameRow {
    id: i64,
    name: String,
    is_gone: i64,
}

/// A row of a table of things that can be chosen; what it has no column for is empty.
#[derive(FromQueryResult)]
struct ChoiceRow {
    id: i64,
    name: String,
    kind: String,
    state: String,
}

impl NamedThing {
    fn table(self) -> &'static str {
        match self {
            NamedThing::Journey => "journeys",
            NamedThing::Template => "templates",
            NamedThing::Channel => "channels",
            NamedThing::Task => "journey_tasks",
        }
    }

    /// The word for it in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            NamedThing::Journey => "journey",
            NamedThing::Template => "template",
            NamedThing::Channel => "channel",
            NamedThing::Task => "task",
        }
    }

    /// As its ids are written.
    pub fn id(self, number: i64) -> String {
        match self {
            NamedThing::Journey => JourneyId(number).to_string(),
            NamedThing::Template => TemplateId(number).to_string(),
            NamedThing::Channel => ChannelId(number).to_string(),
            NamedThing::Task => TaskId(number).to_string(),
        }
    }
}

/// The names of these things of a workspace, by the numbers behind their ids.
pub async fn names(
    db: &impl Sql,
    workspace: WorkspaceId,
    thing: NamedThing,
    ids: &[i64],
) -> Result<Vec<(i64, Name)>, DbErr> {
    let keys: Vec<(i64,)> = ids.iter().map(|id| (*id,)).collect();
    let columns = match thing {
        NamedThing::Task => "t.title AS name, CAST(0 AS BIGINT) AS is_gone",
        _ => "t.name, CAST(CASE WHEN t.deleted_at IS NULL THEN 0 ELSE 1 END AS BIGINT) AS is_gone",
    };
    let sql = format!(
        "SELECT t.id, {columns} FROM {{rows}} CROSS JOIN {} t
         WHERE t.id = CAST(r.value->>0 AS BIGINT) AND t.workspace_id = $2",
        thing.table()
    );
    let rows: Vec<NameRow> = db.all_rows(&sql, &keys, vec![workspace.0.into()]).await?;
    let named = |row: NameRow| (row.id, Name { gone: row.is_gone != 0, ..Name::of(thing.as_str(), row.name) });
    Ok(rows.into_iter().map(named).collect())
}

/// Channels whose names hold this text, by name.
pub async fn channel_choices(
    db: &impl Sql,
    workspace: WorkspaceId,
    search: &str,
    most: u64,
) -> Result<Vec<ChannelChoice>, DbErr> {
    let rows = choices(db, workspace, ("channels", "kind", "state"), search, most).await?;
    let choice =
        |row: ChoiceRow| ChannelChoice { id: ChannelId(row.id), kind: row.kind, name: row.name, state: row.state };
    Ok(rows.into_iter().map(choice).collect())
}

/// Templates whose names hold this text, by name.
pub async fn template_choices(
    db: &impl Sql,
    workspace: WorkspaceId,
    search: &str,
    most: u64,
) -> Result<Vec<TemplateChoice>, DbErr> {
    let rows = choices(db, workspace, ("templates", "channel_kind", "''"), search, most).await?;
    let choice = |row: ChoiceRow| TemplateChoice { id: TemplateId(row.id), name: row.name, channel_kind: row.kind };
    Ok(rows.into_iter().map(choice).collect())
}

/// Journeys whose names hold this text, by name.
pub async fn journey_choices(
    db: &impl Sql,
    workspace: WorkspaceId,
    search: &str,
    most: u64,
) -> Result<Vec<JourneyChoice>, DbErr> {
    let rows = choices(db, workspace, ("journeys", "''", "state"), search, most).await?;
    let choice = |row: ChoiceRow| JourneyChoice { id: JourneyId(row.id), name: row.name, state: row.state };
    Ok(rows.into_iter().map(choice).collect())
}

async fn choices(
    db: &impl Sql,
    workspace: WorkspaceId,
    (table, kind, state): (&str, &str, &str),
    search: &str,
    most: u64,
) -> Result<Vec<ChoiceRow>, DbErr> {
    db.all(
        &format!(
            "SELECT id, name, {kind} AS kind, {state} AS state FROM {table}
             WHERE workspace_id = $1 AND deleted_at IS NULL AND LOWER(name) LIKE $2 ESCAPE '!'
             ORDER BY name, id LIMIT $3"
        ),
        vec![workspace.0.into(), part_pattern(search).into(), (most as i64).into()],
    )
    .await
}
