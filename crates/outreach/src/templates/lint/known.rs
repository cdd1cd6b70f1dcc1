//! What templates can ask for: what every message has, the traits of members, and the properties of the events with which
//! journeys begin that send the template.

use std::collections::{BTreeMap, BTreeSet};

use ::store::{DbErr, FromQueryResult, Sql};
use base::ids::{TemplateId, WorkspaceId};
use serde_json::{Map, Value};

use super::Linter;
use crate::{
    journeys::{Document, Entry, Happening, StepAction},
    templates::{content::Parts, variables},
};

/// Members whose traits are looked at for names of traits.
const SAMPLE: i64 = 300;
/// Events among which those of a name are looked for, the newest.
const NEWEST: i64 = 20_000;
/// Events of one name whose properties are looked at.
const OF_ONE_NAME: i64 = 50;
/// Journeys that are looked at, the newest, and names of events with which they begin.
const JOURNEYS: i64 = 50;
const NAMES: usize = 10;
/// What templates can ask for, beside the traits of members.
const ROOTS: &[&str] = &[
    "body",
    "channel",
    "confirm_url",
    "event",
    "journey",
    "language",
    "member",
    "now",
    "preferences_url",
    "rules",
    "time_zone",
    "unsubscribe_url",
    "workspace",
];
const OF_MEMBER: &[&str] = &["id", "traits", "tags", "stage", "email"];
/// Variables that are always there.
const CERTAIN: &[&str] = &[
    "channel",
    "confirm_url",
    "language",
    "now",
    "preferences_url",
    "rules",
    "time_zone",
    "unsubscribe_url",
    "workspace",
];

/// What is known in a workspace that a template could ask for.
#[derive(Clone, Debug, Default)]
pub(in crate::templates) struct Known {
    /// Names of traits that members have.
    pub traits: BTreeSet<String>,
    /// The events with which journeys begin that send the template, where any such event has been seen.
    pub events: Vec<Begins>,
}

/// An event with which a journey begins.
#[derive(Clone, Debug)]
pub(in crate::templates) struct Begins {
    /// What the journey is called.
    pub journey: String,
    /// The name of the event.
    pub event: String,
    /// The properties that events of this name have had.
    pub properties: BTreeSet<String>,
}

#[derive(FromQueryResult)]
struct TextRow {
    text: String,
}

/// What is known, as far as samples and definitions tell. Which events there are depends on the template.
pub(in crate::templates) async fn known(
    db: &impl Sql,
    workspace: WorkspaceId,
    template: Option<TemplateId>,
) -> Result<Known, DbErr> {
    let events = match template {
        Some(template) => events_of(db, workspace, template).await?,
        None => Vec::new(),
    };
    Ok(Known { traits: known_traits(db, workspace).await?, events })
}

/// Names of traits that are defined, or that the newest members have.
pub(crate) async fn known_traits(db: &impl Sql, workspace: WorkspaceId) -> Result<BTreeSet<String>, DbErr> {
    let defined: Vec<TextRow> =
        db.all("SELECT name AS text FROM traits WHERE workspace_id = $1", vec![workspace.0.into()]).await?;
    let said = newest_traits(db, workspace).await?;
    let mut names: BTreeSet<String> = defined.into_iter().map(|row| row.text).collect();
    names.extend(said.into_iter().flat_map(|traits| traits.into_iter().map(|(name, _)| name)));
    Ok(names)
}

/// What was said of the newest members: `[value, set_at, source]` by the name of the trait, for each of their identities.
pub(in crate::templates) async fn newest_traits(
    db: &impl Sql,
    workspace: WorkspaceId,
) -> Result<Vec<Map<String, Value>>, DbErr> {
    let said: Vec<TextRow> = db
        .all(
            // By the newest members; there is no order in which identities could be read.
            "SELECT i.traits_json AS text
             FROM (SELECT id FROM members WHERE workspace_id = $1 ORDER BY id DESC LIMIT $2) AS m
             CROSS JOIN identities i WHERE i.member_id = m.id",
            vec![workspace.0.into(), SAMPLE.into()],
        )
        .await?;
    Ok(said.into_iter().map(|row| serde_json::from_str(&row.text).unwrap_or_default()).collect())
}

/// The events with which journeys begin that send a template, by their drafts and by what is published.
async fn events_of(db: &impl Sql, workspace: WorkspaceId, template: TemplateId) -> Result<Vec<Begins>, DbErr> {
    let found = entry_events(db, workspace, Some(template)).await?;
    let names: BTreeSet<&str> = found.iter().map(|(_, event)| event.as_str()).collect();
    let mut seen: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (name, properties) in newest_events(db, workspace, names).await? {
        seen.entry(name).or_default().extend(properties.into_iter().map(|(name, _)| name));
    }
    let begins = found.into_iter().filter_map(|(journey, event)| {
        let properties = seen.get(&event)?.clone();
        Some(Begins { journey, event, properties })
    });
    Ok(begins.collect())
}

/// The events with which journeys begin, each with the name of the journey: those that send the template, or all.
pub(in crate::templates) async fn entry_events(
    db: &impl Sql,
    workspace: WorkspaceId,
    template: Option<TemplateId>,
) -> Result<BTreeSet<(String, String)>, DbErr> {
    #[derive(FromQueryResult)]
    struct JourneyRow {
        name: String,
        draft: String,
        published: Option<String>,
    }
    let pattern = template.map_or("%".to_owned(), |template| format!("%{template}%"));
    let rows: Vec<JourneyRow> = db
        .all(
            "SELECT j.name AS name, j.draft_json AS draft, v.document_json AS published
             FROM journeys j LEFT JOIN journey_versions v ON v.journey_id = j.id AND v.version = j.published_version
             WHERE j.workspace_id = $1 AND j.deleted_at IS NULL AND j.state <> 'stopped'
               AND (j.draft_json LIKE $2 OR v.document_json LIKE $2)
             ORDER BY j.id DESC LIMIT $3",
            vec![workspace.0.into(), pattern.into(), JOURNEYS.into()],
        )
        .await?;
    let mut found: BTreeSet<(String, String)> = BTreeSet::new();
    for row in rows {
        for document in [Some(row.draft), row.published].into_iter().flatten() {
            if let Some(event) = entry_event(&document, template) {
                found.insert((row.name.clone(), event));
            }
        }
    }
    Ok(found)
}

/// The event with which a journey begins, if it sends the template.
fn entry_event(document: &str, template: Option<TemplateId>) -> Option<String> {
    // A draft in the making tells as much as can be read of it.
    let document = Document::read_part(&serde_json::from_str(document).ok()?);
    let sends =
        |action: &StepAction| matches!(action, StepAction::Send { template: sent, .. } if Some(*sent) == template);
    match document.entry {
        Entry::Happening(Happening::Event(trigger))
            if template.is_none() || document.steps.values().any(|step| sends(&step.action)) =>
        {
            Some(trigger.event)
        }
        _ => None,
    }
}

/// The properties of the newest events of these names, event by event, as far as they are among the newest of all.
pub(in crate::templates) async fn newest_events(
    db: &impl Sql,
    workspace: WorkspaceId,
    names: BTreeSet<&str>,
) -> Result<Vec<(String, Map<String, Value>)>, DbErr> {
    #[derive(FromQueryResult)]
    struct EventRow {
        name: String,
        properties: String,
    }
    let names: Vec<(&str,)> = names.into_iter().take(NAMES).map(|name| (name,)).collect();
    let rows: Vec<EventRow> = db
        .all_rows(
            "SELECT n.name AS name, e.properties_json AS properties
             FROM (SELECT x.id, x.name_id, ROW_NUMBER() OVER (PARTITION BY x.name_id ORDER BY x.id DESC) AS nth
                   FROM (SELECT id, name_id FROM events ORDER BY id DESC LIMIT $3) AS x
                   WHERE x.name_id IN (SELECT n.id FROM {rows} CROSS JOIN event_names n
                                       WHERE n.workspace_id = $2 AND n.name = r.value->>0)) AS s
             JOIN events e ON e.id = s.id JOIN event_names n ON n.id = s.name_id
             WHERE s.nth <= $4",
            &names,
            vec![workspace.0.into(), NEWEST.into(), OF_ONE_NAME.into()],
        )
        .await?;
    Ok(rows.into_iter().map(|row| (row.name, serde_json::from_str(&row.properties).unwrap_or_default())).collect())
}

impl Linter<'_> {
    pub(super) fn variables(&mut self, before: &str, parts: &Parts) {
        for (name, source) in parts.named() {
            let path = format!("{before}{name}");
            for asked in variables::asked(source).unwrap_or_default() {
                let place = Some((asked.line, asked.column));
                let variable = &asked.path;
                self.property(&path, variable, place);
                if !self.is_known(variable) {
                    let en = format!("Nothing is known as \"{variable}\"");
                    let zh = format!("没有名为“{variable}”的变量");
                    self.warn(("unknown_variable", "warning"), path.clone(), place, en, zh);
                } else if asked.is_bare && !CERTAIN.contains(&variable.split('.').next().unwrap_or_default()) {
                    let en = format!(
                        "\"{variable}\" may be missing; say what to write then: {{{{ {variable}|fallback(\"…\") }}}}"
                    );
                    let zh = format!("“{variable}”可能缺失，请给出备用文字：{{{{ {variable}|fallback(\"…\") }}}}");
                    self.warn(("missing_fallback", "hint"), path.clone(), place, en, zh);
                }
            }
            self.braces(&path, source);
        }
    }

    /// Tells of a property that no event has had with which a journey begins that sends the template.
    fn property(&mut self, path: &str, variable: &str, place: Option<(usize, usize)>) {
        let mut names = variable.split('.');
        let (Some("event"), Some(name)) = (names.next(), names.next()) else { return };
        let known = self.known;
        for Begins { journey, event, properties } in &known.events {
            if !properties.contains(name) {
                let en =
                    format!("No \"{event}\", with which the journey \"{journey}\" begins, has had a \"{name}\" so far");
                let zh = format!("旅程“{journey}”由事件“{event}”触发，但该事件至今没有出现过属性“{name}”");
                self.warn(("unknown_property", "warning"), path.to_owned(), place, en, zh);
            }
        }
    }

    fn is_known(&self, path: &str) -> bool {
        let mut names = path.split('.');
        let root = names.next().unwrap_or_default();
        match (root, names.next()) {
            ("member", Some("traits")) => names.next().is_none_or(|name| self.known.traits.contains(name)),
            ("member", Some(name)) => OF_MEMBER.contains(&name) || self.known.traits.contains(name),
            ("rules", Some(_)) if self.is_piece => true,
            ("rules", Some(name)) => self.content.extra.rules.contains_key(name),
            ("workspace", Some(name)) => ["id", "name"].contains(&name),
            ("channel", Some(name)) => name == "physical_address",
            _ => ROOTS.contains(&root),
        }
    }
}
