//! What is wrong with a document in the making: all of it at once, each at its place, and what may be wrong although it
//! could be published.

use std::collections::BTreeSet;

use base::{Problem, ids::WorkspaceId};
use sea_orm::{DbErr, FromQueryResult};
use serde::Serialize;
use serde_json::Value;
use store::Sql;
use utoipa::ToSchema;

use super::{
    Awaited, Document, Entry, Happening, StepAction, Until, Wait, WaitStep,
    references::Known,
    starters::TO_FILL_IN,
    states,
    words::{self, problems::in_words},
};
use crate::templates::known_traits;

/// Problems that are told of one document.
const MOST: usize = 100;
/// Topics of which every member knows what they are, described or not.
const PLAIN_TOPICS: [&str; 2] = ["marketing", people::consent::TRANSACTIONAL];

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ProblemLevel {
    /// The draft cannot be published like this.
    Error,
    /// It can, and may not do what is meant.
    Warning,
}

/// Something about a document that keeps it from being published, or may be wrong.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct JourneyProblem {
    /// Where, from the root: `document.steps.mail.template`.
    pub path: String,
    /// The step, if it is about one.
    pub step: Option<String>,
    /// A stable code: one of those of problems, or of a warning `unreachable_step`, `event_never_seen`,
    /// `trait_never_seen`, `topic_not_described`, `channel_paused`, `template_unfinished`, `goal_missing`.
    pub code: String,
    /// How bad it is.
    pub level: ProblemLevel,
    /// What is wrong, as problems say it.
    pub message: String,
    /// The same as sentences for people.
    pub words: states::Words,
}

impl JourneyProblem {
    fn new(draft: &Value, path: &str, code: &str, level: ProblemLevel, words: words::Words) -> JourneyProblem {
        let step = step_of(draft, path).map(str::to_owned);
        let (path, code, message) = (path.to_owned(), code.to_owned(), words.en.clone());
        JourneyProblem { path, step, code, level, message, words: words.into() }
    }
}

/// The step that a path is about. Names may contain dots, so it is the longest that fits.
fn step_of<'a>(draft: &'a Value, path: &str) -> Option<&'a str> {
    let rest = path.strip_prefix("document.steps.").or_else(|| path.strip_prefix("document.layout."))?;
    let is_meant =
        |name: &&str| rest.strip_prefix(*name).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']));
    draft.get("steps")?.as_object()?.keys().map(String::as_str).filter(is_meant).max_by_key(|name| name.len())
}

/// Everything that is wrong or may be wrong with a document, errors first.
pub(super) async fn examine(
    db: &impl Sql,
    workspace: WorkspaceId,
    draft: &Value,
) -> Result<Vec<JourneyProblem>, DbErr> {
    let (document, mut problems) = Document::examine(draft);
    let known = Known::load(db, workspace, &document).await?;
    // What kind of channel an id stands for is known only here.
    let feeding = document.feeding(&|channel| known.kind_of(channel).map(str::to_owned));
    for problem in known.problems(&document).into_iter().chain(feeding) {
        if !problems.has(&problem) {
            problems.note(problem);
        }
    }
    let problems = problems.into_inner();
    let mut found: Vec<JourneyProblem> = problems.iter().map(|problem| error(draft, problem)).collect();
    found.extend(warnings(db, workspace, (draft, &document), &known).await?);
    found.truncate(MOST);
    Ok(found)
}

fn error(draft: &Value, problem: &Problem) -> JourneyProblem {
    let (path, code, message) = match problem.errors.first() {
        Some(error) => (error.path.as_str(), error.code, error.message.as_str()),
        None => ("document", problem.code.as_str(), problem.detail.as_deref().unwrap_or(problem.code.title())),
    };
    let words = in_words(path, message);
    JourneyProblem { message: message.to_owned(), ..JourneyProblem::new(draft, path, code, ProblemLevel::Error, words) }
}

#[derive(FromQueryResult)]
struct TextRow {
    text: String,
}

async fn warnings(
    db: &impl Sql,
    workspace: WorkspaceId,
    (draft, document): (&Value, &Document),
    known: &Known,
) -> Result<Vec<JourneyProblem>, DbErr> {
    let mut found = Vec::new();
    let mut warn = |path: &str, code: &str, en: String, zh: String| {
        let words = words::Words::new(en, zh);
        found.push(JourneyProblem::new(draft, path, code, ProblemLevel::Warning, words));
    };
    for name in document.graph(draft).unreachable() {
        let path = format!("document.steps.{name}");
        let (en, zh) = ("No way leads to this step.", "没有路径通往此步骤。");
        warn(&path, "unreachable_step", en.to_owned(), zh.to_owned());
    }
    if document.holdout > 0.0 && draft.get("goal").is_none_or(Value::is_null) {
        let en = "Members are left out to measure the effect, but there is no goal to measure it by.";
        let zh = "设置了对照组，但没有目标，无法衡量效果。";
        warn("document.goal", "goal_missing", en.to_owned(), zh.to_owned());
    }
    let events = events_of(document);
    let names: BTreeSet<&str> = events.iter().map(|(_, name)| *name).collect();
    let seen = seen_events(db, workspace, names).await?;
    for (path, name) in events.iter().filter(|(_, name)| !seen.contains(*name)) {
        let en = format!("No “{name}” has come in so far. Check the name, or that it is sent.");
        let zh = format!("至今没有收到过事件“{name}”。请检查名称，或确认已接入该事件。");
        warn(path, "event_never_seen", en, zh);
    }
    let traits = traits_of(document);
    if !traits.is_empty() {
        let known = known_traits(db, workspace).await?;
        for (path, name) in traits.iter().filter(|(_, name)| !known.contains(*name)) {
            let en = format!("None of the newest members has a trait “{name}”.");
            let zh = format!("最近的成员都没有属性“{name}”。");
            warn(path, "trait_never_seen", en, zh);
        }
    }
    for (path, _) in unfinished_templates(db, workspace, document).await? {
        let en = "The template still has a place that is to be filled in: […].".to_owned();
        let zh = "模板中还有待填写的内容：【……】。".to_owned();
        warn(&path, "template_unfinished", en, zh);
    }
    let sql = "SELECT topic AS text FROM topics WHERE workspace_id = $1";
    let topics: Vec<TextRow> = db.all(sql, vec![workspace.0.into()]).await?;
    for (name, step) in &document.steps {
        let path = |field: &str| format!("document.steps.{name}.{field}");
        let (StepAction::Send { channel, .. } | StepAction::Webhook { channel, .. }) = &step.action else { continue };
        if known.is_at_rest(channel) {
            let (en, zh) =
                ("The channel is paused; messages wait until it is resumed.", "渠道已暂停，恢复前消息会等待。");
            warn(&path("channel"), "channel_paused", en.to_owned(), zh.to_owned());
        }
        let StepAction::Send { topic, .. } = &step.action else { continue };
        // Who describes no topic at all does not mean this one either.
        let is_described = topics.is_empty() || topics.iter().any(|row| row.text == *topic);
        if !is_described && !PLAIN_TOPICS.contains(&topic.as_str()) {
            let en =
                format!("The topic “{topic}” is not described, so members cannot find it on their preferences page.");
            let zh = format!("主题“{topic}”尚无说明，成员无法在偏好页面中找到它。");
            warn(&path("topic"), "topic_not_described", en, zh);
        }
    }
    Ok(found)
}

/// The events that the document names, each with its path.
fn events_of(document: &Document) -> Vec<(String, &str)> {
    let mut events = Vec::new();
    if let Entry::Happening(Happening::Event(trigger)) = &document.entry {
        events.push(("document.entry.event".to_owned(), trigger.event.as_str()));
    }
    for (index, exit) in document.exit.iter().enumerate() {
        if let Happening::Event(trigger) = exit {
            events.push((format!("document.exit[{index}].event"), trigger.event.as_str()));
        }
    }
    if let Some(Happening::Event(trigger)) = document.goal.as_ref().map(|goal| &goal.happening) {
        events.push(("document.goal.event".to_owned(), trigger.event.as_str()));
    }
    for (name, step) in &document.steps {
        if let StepAction::Wait(WaitStep { wait: Wait::Event(Awaited { trigger, .. }), .. }) = &step.action {
            events.push((format!("document.steps.{name}.event"), trigger.event.as_str()));
        }
    }
    events
}

/// The traits of which the document wants a date, each with its path.
fn traits_of(document: &Document) -> Vec<(String, &String)> {
    let mut traits = Vec::new();
    if let Entry::Date(date) = &document.entry {
        traits.push(("document.entry.date.trait".to_owned(), &date.name));
    }
    for (name, step) in &document.steps {
        if let StepAction::Wait(WaitStep { wait: Wait::Until(Until::Trait { name: of, .. }), .. }) = &step.action {
            traits.push((format!("document.steps.{name}.until.trait"), of));
        }
    }
    traits
}

#[derive(FromQueryResult)]
struct IdRow {
    id: i64,
}

/// The steps whose templates have places that somebody is to fill in, as those of starters do, each with its template.
async fn unfinished_templates(
    db: &impl Sql,
    workspace: WorkspaceId,
    document: &Document,
) -> Result<Vec<(String, i64)>, DbErr> {
    let sends = document.steps.iter().filter_map(|(name, step)| match &step.action {
        StepAction::Send { template, .. } => Some((format!("document.steps.{name}.template"), template.0)),
        _ => None,
    });
    let sends: Vec<(String, i64)> = sends.collect();
    let ids: BTreeSet<i64> = sends.iter().map(|(_, id)| *id).collect();
    let ids: Vec<(i64,)> = ids.into_iter().map(|id| (id,)).collect();
    let [zh, en] = TO_FILL_IN.map(|place| format!("%{place}%"));
    let rows: Vec<IdRow> = db
        .all_rows(
            "SELECT t.id FROM {rows} CROSS JOIN templates t
             WHERE t.id = CAST(r.value->>0 AS BIGINT) AND t.workspace_id + 0 = $2
               AND (t.extra_json LIKE $3 OR t.extra_json LIKE $4)",
            &ids,
            vec![workspace.0.into(), zh.into(), en.into()],
        )
        .await?;
    Ok(sends.into_iter().filter(|(_, id)| rows.iter().any(|row| row.id == *id)).collect())
}

/// Those of these events that have come in.
pub(super) async fn seen_events(
    db: &impl Sql,
    workspace: WorkspaceId,
    names: BTreeSet<&str>,
) -> Result<BTreeSet<String>, DbErr> {
    let names: Vec<(&str,)> = names.into_iter().map(|name| (name,)).collect();
    let rows: Vec<TextRow> = db
        .all_rows(
            "SELECT n.name AS text FROM {rows} CROSS JOIN event_names n
             WHERE n.workspace_id = $2 AND n.name = r.value->>0",
            &names,
            vec![workspace.0.into()],
        )
        .await?;
    Ok(rows.into_iter().map(|row| row.text).collect())
}
