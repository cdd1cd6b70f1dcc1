//! Topics: what members may be written to about, as they are described to them.

use base::{
    Language, Time,
    ids::{TemplateId, WorkspaceId},
};
use sea_orm::{DbErr, FromQueryResult};
use store::{Sql, Tx};

/// A topic that is described.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topic {
    /// By which messages and consents name it.
    pub topic: String,
    /// As members read it, in English and Chinese.
    pub name: (String, String),
    /// What it is about, in English and Chinese; may be empty.
    pub description: (String, String),
    /// Whether the preference page shows it to everybody.
    pub is_shown: bool,
    /// Its place on the page.
    pub position: i64,
    /// The message that asks whoever agreed to confirm it; none when a consent counts at once.
    pub confirm_template: Option<TemplateId>,
}

impl Topic {
    /// The name in a language.
    pub fn name_in(&self, language: Language) -> &str {
        language.choose(&self.name.1, &self.name.0)
    }

    /// The description in a language.
    pub fn description_in(&self, language: Language) -> &str {
        language.choose(&self.description.1, &self.description.0)
    }
}

#[derive(FromQueryResult)]
struct TopicRow {
    topic: String,
    name_en: String,
    name_zh: String,
    description_en: String,
    description_zh: String,
    is_shown: i64,
    position: i64,
    double_opt_in: i64,
    confirm_template_id: i64,
}

impl From<TopicRow> for Topic {
    fn from(row: TopicRow) -> Topic {
        Topic {
            topic: row.topic,
            name: (row.name_en, row.name_zh),
            description: (row.description_en, row.description_zh),
            is_shown: row.is_shown != 0,
            position: row.position,
            confirm_template: (row.double_opt_in != 0).then_some(TemplateId(row.confirm_template_id)),
        }
    }
}

/// Most topics of a workspace.
pub const MOST_TOPICS: usize = 100;

/// The topics of a workspace, in the order of the page.
pub async fn topics(db: &impl Sql, workspace: WorkspaceId) -> Result<Vec<Topic>, DbErr> {
    let rows: Vec<TopicRow> = db
        .all(
            "SELECT topic, name_en, name_zh, description_en, description_zh, is_shown, position, double_opt_in,
                    confirm_template_id
             FROM topics WHERE workspace_id = $1 ORDER BY position, topic",
            vec![workspace.0.into()],
        )
        .await?;
    Ok(rows.into_iter().map(Topic::from).collect())
}

/// Describes a topic, anew or for the first time.
pub async fn put(tx: &Tx, workspace: WorkspaceId, topic: &Topic, now: Time) -> Result<(), DbErr> {
    tx.run(
        "INSERT INTO topics (workspace_id, topic, name_en, name_zh, description_en, description_zh, is_shown, position,
                             double_opt_in, confirm_template_id, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11)
         ON CONFLICT (workspace_id, topic) DO UPDATE SET name_en = excluded.name_en, name_zh = excluded.name_zh,
           description_en = excluded.description_en, description_zh = excluded.description_zh,
           is_shown = excluded.is_shown, position = excluded.position, double_opt_in = excluded.double_opt_in,
           confirm_template_id = excluded.confirm_template_id, updated_at = excluded.updated_at",
        vec![
            workspace.0.into(),
            topic.topic.as_str().into(),
            topic.name.0.as_str().into(),
            topic.name.1.as_str().into(),
            topic.description.0.as_str().into(),
            topic.description.1.as_str().into(),
            i64::from(topic.is_shown).into(),
            topic.position.into(),
            i64::from(topic.confirm_template.is_some()).into(),
            topic.confirm_template.map_or(0, |template| template.0).into(),
            now.millis().into(),
        ],
    )
    .await?;
    Ok(())
}

/// Forgets the description of a topic; consents about it stay. False when there was none.
pub async fn delete(tx: &Tx, workspace: WorkspaceId, topic: &str) -> Result<bool, DbErr> {
    let gone = tx
        .run("DELETE FROM topics WHERE workspace_id = $1 AND topic = $2", vec![workspace.0.into(), topic.into()])
        .await?;
    Ok(gone > 0)
}
