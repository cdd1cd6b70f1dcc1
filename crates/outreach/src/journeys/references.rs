//! What a document refers to: segments, stages, groups, templates, channels. A draft may name what is not there; what is
//! published may not.

use base::{
    Code, Problem,
    ids::{ChannelId, TemplateId, WorkspaceId},
    rule::Rule,
};
use people::rules::STRANGER;
use sea_orm::{DbErr, FromQueryResult};
use store::Sql;

use super::{Document, StepAction, service::JourneyError};

/// The kind of channel that a webhook step calls.
const WEBHOOK: &str = "webhook";

#[derive(FromQueryResult)]
struct IdRow {
    id: i64,
}

#[derive(FromQueryResult)]
struct StageRow {
    item_key: String,
}

#[derive(FromQueryResult)]
struct ChannelRow {
    id: i64,
    kind: String,
    state: String,
}

#[derive(FromQueryResult)]
struct TemplateRow {
    id: i64,
    channel_kind: String,
}

/// What a document may refer to.
pub(super) struct Known {
    segments: Vec<IdRow>,
    stages: Vec<StageRow>,
    groups: Vec<IdRow>,
    templates: Vec<TemplateRow>,
    channels: Vec<ChannelRow>,
}

impl Known {
    pub(super) async fn load(db: &impl Sql, workspace: WorkspaceId, document: &Document) -> Result<Known, DbErr> {
        Known::load_for(db, workspace, std::iter::once(document)).await
    }

    /// What these documents may refer to.
    pub(super) async fn load_for(
        db: &impl Sql,
        workspace: WorkspaceId,
        documents: impl Iterator<Item = &Document>,
    ) -> Result<Known, DbErr> {
        let groups = documents.flat_map(|document| document.rules().flat_map(|(_, rule)| rule.groups()));
        let groups: Vec<(i64,)> = groups.map(|id| (id.0,)).collect();
        let of = |columns: &str, table: &str| {
            format!("SELECT {columns} FROM {table} WHERE workspace_id = $1 AND deleted_at IS NULL")
        };
        Ok(Known {
            segments: db.all(&of("id", "segments"), vec![workspace.0.into()]).await?,
            stages: db
                .all(
                    &format!("{} AND kind = 'stage' AND item_key IS NOT NULL", of("item_key", "segments")),
                    vec![workspace.0.into()],
                )
                .await?,
            groups: db
                .all_rows(
                    "SELECT g.id FROM {rows} JOIN groups g ON g.id = CAST(r.value->>0 AS BIGINT)
                     WHERE g.workspace_id + 0 = $2",
                    &groups,
                    vec![workspace.0.into()],
                )
                .await?,
            templates: db.all(&of("id, channel_kind", "templates"), vec![workspace.0.into()]).await?,
            channels: db.all(&of("id, kind, state", "channels"), vec![workspace.0.into()]).await?,
        })
    }

    /// What the document names that does not exist or does not go together, in order.
    pub(super) fn problems(&self, document: &Document) -> Vec<Problem> {
        let mut found = Vec::new();
        for (path, segment) in document.segments() {
            self.rule(&Rule::Segment(segment), &path, &mut found);
        }
        for (name, step) in &document.steps {
            let path = format!("document.steps.{name}");
            match &step.action {
                StepAction::Branch(cases) => {
                    for (index, case) in cases.iter().enumerate() {
                        self.rule(&case.when, &format!("{path}.cases[{index}].when"), &mut found);
                    }
                }
                StepAction::Send { channel, template, .. } => self.send(&path, channel, *template, &mut found),
                StepAction::Webhook { channel, .. } => match self.kind_of(channel) {
                    None => found.push(no_channel(&path, channel)),
                    Some(WEBHOOK) => {}
                    Some(kind) => {
                        let message = format!("channel \"{channel}\" is of the kind {kind}, not {WEBHOOK}");
                        found.push(unknown(&format!("{path}.channel"), message));
                    }
                },
                _ => {}
            }
        }
        found
    }

    /// The kind of a channel that a step names by its id or by its kind.
    pub(super) fn kind_of(&self, channel: &str) -> Option<&str> {
        self.channels_of(channel).next().map(|row| row.kind.as_str())
    }

    /// Whether a step names a channel of which none sends at the moment.
    pub(super) fn is_at_rest(&self, channel: &str) -> bool {
        let mut channels = self.channels_of(channel).peekable();
        channels.peek().is_some() && channels.all(|row| row.state == "paused")
    }

    fn channels_of(&self, channel: &str) -> impl Iterator<Item = &ChannelRow> {
        self.channels.iter().filter(move |row| row.kind == channel || ChannelId(row.id).to_string() == channel)
    }

    fn rule(&self, rule: &Rule, path: &str, found: &mut Vec<Problem>) {
        for id in rule.segments().into_iter().filter(|id| !self.segments.iter().any(|row| row.id == id.0)) {
            found.push(unknown(path, format!("there is no segment {id}")));
        }
        for id in rule.groups().into_iter().filter(|id| !self.groups.iter().any(|row| row.id == id.0)) {
            found.push(unknown(path, format!("there is no group {id}")));
        }
        let is_known = |stage: &&str| *stage == STRANGER || self.stages.iter().any(|row| row.item_key == *stage);
        for stage in rule.stages().into_iter().filter(|stage| !is_known(stage)) {
            found.push(unknown(path, format!("there is no stage \"{stage}\"")));
        }
    }

    fn send(&self, path: &str, channel: &str, template: TemplateId, found: &mut Vec<Problem>) {
        let row = self.templates.iter().find(|row| row.id == template.0);
        let template_path = format!("{path}.template");
        if row.is_none() {
            found.push(unknown(&template_path, format!("there is no template {template}")));
        }
        match (self.kind_of(channel), row) {
            (None, _) => found.push(no_channel(path, channel)),
            (Some(kind), Some(row)) if row.channel_kind != kind => {
                let message = format!("template {template} is for {}, not for {kind}", row.channel_kind);
                found.push(unknown(&template_path, message));
            }
            _ => {}
        }
    }
}

fn no_channel(path: &str, channel: &str) -> Problem {
    unknown(&format!("{path}.channel"), format!("there is no channel \"{channel}\""))
}

fn unknown(path: &str, message: String) -> Problem {
    Problem::at(Code::UnknownReference, path, message)
}

/// Refuses a document that names segments, stages, groups, templates or channels that do not exist or do not go together.
pub(super) async fn check_references(
    db: &impl Sql,
    workspace: WorkspaceId,
    document: &Document,
) -> Result<(), JourneyError> {
    let known = Known::load(db, workspace, document).await?;
    if let Some(problem) = known.problems(document).into_iter().next() {
        return Err(problem.into());
    }
    document.check_feeding(&|channel| known.kind_of(channel).map(str::to_owned))?;
    Ok(())
}
