//! What publishing would do to those under way, in numbers, before anybody presses the button.

use std::collections::{BTreeMap, BTreeSet};

use base::{Problem, ids::JourneyId};
use sea_orm::{DbErr, FromQueryResult};
use serde::Serialize;
use store::Sql;
use utoipa::ToSchema;

use super::{
    Document,
    echo::steps_behind_changes,
    moving::{self, Mapping, Plan},
    service::{JourneyDto, JourneyError},
    versions::{self, Publication, Running},
};

/// Kinds of steps at which a run can stand; before others, it can until what it has changed is known.
const STANDING_KINDS: [&str; 3] = ["wait", "webhook", "task"];

/// What publishing would do.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Preview {
    /// The revision that would be published.
    pub revision: i64,
    /// The number that the new version would have.
    pub version: i64,
    /// Runs under way now.
    pub under_way: i64,
    /// Of those, runs that would stay on their version.
    pub stay: i64,
    /// Runs that would go on at a step of the new version.
    pub moved: i64,
    /// Runs that would be ended.
    pub ended: i64,
    /// Runs at steps of which the mapping says nothing; while there are any, publishing is refused.
    pub unmapped: i64,
    /// Where the mapping lacks something (`running.move.…`).
    pub unmapped_paths: Vec<String>,
    /// Who stands where, by version and step.
    pub standing: Vec<StandingDto>,
    /// Steps that runs could come to before they are moved, and of which the mapping says nothing. Who does stays on his
    /// version.
    pub may_reach: Vec<PlaceDto>,
    /// Steps of the new version that nobody can come to: neither who enters nor who is moved.
    pub unreached: Vec<String>,
    /// Steps of the new version that nobody of those moved can come to.
    pub unreached_by_moved: Vec<String>,
    /// Messages of this journey that wait to be sent.
    pub queued: Vec<QueuedDto>,
    /// How many of them publishing would cancel.
    pub cancelled: i64,
}

/// Runs that stand at one step.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StandingDto {
    /// The version.
    pub version: i64,
    /// The step.
    pub step: String,
    /// How many.
    pub runs: i64,
    /// `stays`, `moves`, `ends` or `unmapped`.
    pub what: &'static str,
    /// The step of the new version at which they go on.
    pub to: Option<String>,
}

/// A step of a version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct PlaceDto {
    /// The version.
    pub version: i64,
    /// The step.
    pub step: String,
}

/// Messages of one step that wait.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct QueuedDto {
    /// The version of the runs that they belong to.
    pub version: i64,
    /// The step.
    pub step: String,
    /// How many.
    pub messages: i64,
    /// Whether the new version has no such step.
    pub is_removed: bool,
}

#[derive(FromQueryResult)]
struct QueuedRow {
    version: i64,
    step: String,
    messages: i64,
}

/// Works out what publishing would do. A mapping that names steps that do not exist is refused, as publishing refuses it.
pub async fn preview(
    db: &impl Sql,
    journey: &JourneyDto,
    document: &Document,
    publication: &Publication,
) -> Result<Preview, JourneyError> {
    let none = Mapping::new();
    let (mapping, moves) = match &publication.running {
        Running::Stay => (&none, false),
        Running::Move(mapping) => (mapping, true),
    };
    let plan = Plan::load(db, journey, document, mapping).await?;
    if let Some(first) = plan.unknown().first() {
        let detail = format!("{}: {}", first.path, first.message);
        return Err(Problem { errors: plan.unknown(), ..Problem::with(base::Code::InvalidBody, detail) }.into());
    }
    let standing: Vec<StandingDto> = plan
        .standing
        .iter()
        .map(|row| {
            let (what, to) = match mapping.get(&row.step) {
                _ if !moves => ("stays", None),
                None => ("unmapped", None),
                Some(None) => ("ends", None),
                Some(Some(step)) => ("moves", Some(step.clone())),
            };
            StandingDto { version: row.version, step: row.step.clone(), runs: row.runs, what, to }
        })
        .collect();
    let sum = |what: &str| standing.iter().filter(|row| row.what == what).map(|row| row.runs).sum::<i64>();
    let targets: Vec<&str> = standing.iter().filter_map(|row| row.to.as_deref()).collect();
    let by_moved = reached(document, &targets);
    let by_anybody = reached(document, &[targets.as_slice(), &[document.start.as_str()]].concat());
    let without = |reached: &BTreeSet<&str>| -> Vec<String> {
        document.steps.keys().filter(|step| !reached.contains(step.as_str())).cloned().collect()
    };
    let queued = queued(db, journey.id, document).await?;
    let cancelled = queued.iter().filter(|row| publication.cancel_queued && row.is_removed);
    Ok(Preview {
        revision: journey.revision,
        version: versions::next_version(db, journey.id).await?,
        under_way: plan.standing.iter().map(|row| row.runs).sum(),
        stay: sum("stays"),
        moved: sum("moves"),
        ended: sum("ends"),
        unmapped: sum("unmapped"),
        unmapped_paths: if moves {
            plan.unmapped().keys().map(|step| moving::path(step)).collect()
        } else {
            Vec::new()
        },
        may_reach: if moves { may_reach(&plan, mapping) } else { Vec::new() },
        unreached: without(&by_anybody),
        unreached_by_moved: if moves { without(&by_moved) } else { Vec::new() },
        cancelled: cancelled.map(|row| row.messages).sum(),
        standing,
        queued,
    })
}

/// Steps that can be come to from these, themselves included.
fn reached<'a>(document: &'a Document, from: &[&str]) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut ahead: Vec<&str> = from.to_vec();
    while let Some(name) = ahead.pop() {
        let Some((name, step)) = document.steps.get_key_value(name) else { continue };
        if reached.insert(name.as_str()) {
            ahead.extend(step.ways());
        }
    }
    reached
}

/// Steps at which runs could stand soon and which the mapping does not name.
fn may_reach(plan: &Plan<'_>, mapping: &Mapping) -> Vec<PlaceDto> {
    let mut from: BTreeMap<i64, Vec<&str>> = BTreeMap::new();
    for row in &plan.standing {
        from.entry(row.version).or_default().push(&row.step);
    }
    let mut found = Vec::new();
    for (version, steps) in from {
        let Some(json) = plan.old.get(&version) else { continue };
        let Ok(document) = Document::parse(json) else { continue };
        let behind_changes = steps_behind_changes(&document);
        let kind = |step: &str| json["steps"][step]["type"].as_str().unwrap_or_default().to_owned();
        let missing = reached(&document, &steps)
            .into_iter()
            .filter(|step| !mapping.contains_key(*step) && !steps.contains(step))
            .filter(|step| STANDING_KINDS.contains(&kind(step).as_str()) || behind_changes.contains(step))
            .map(|step| PlaceDto { version, step: step.to_owned() });
        found.extend(missing);
    }
    found
}

async fn queued(db: &impl Sql, journey: JourneyId, document: &Document) -> Result<Vec<QueuedDto>, DbErr> {
    let rows: Vec<QueuedRow> = db
        .all(
            "SELECT COALESCE(r.version, 0) AS version, d.step, COUNT(*) AS messages
             FROM deliveries d LEFT JOIN journey_runs r ON r.id = d.run_id
             WHERE d.journey_id = $1 AND d.state = 'queued'
             GROUP BY COALESCE(r.version, 0), d.step ORDER BY 1, 2",
            vec![journey.0.into()],
        )
        .await?;
    let dto = |row: QueuedRow| QueuedDto {
        is_removed: !document.steps.contains_key(&row.step),
        version: row.version,
        step: row.step,
        messages: row.messages,
    };
    Ok(rows.into_iter().map(dto).collect())
}
