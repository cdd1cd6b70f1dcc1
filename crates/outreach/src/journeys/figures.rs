//! What a journey has done, in figures: entries, steps, messages, and what it brought about.

use std::collections::{BTreeMap, BTreeSet};

use base::{
    Time,
    ids::{JourneyId, WorkspaceId},
};
use jiff::tz::TimeZone;
use sea_orm::{DbErr, FromQueryResult};
use serde::Serialize;
use store::Sql;
use utoipa::ToSchema;

use super::{
    lift::{self, Lift},
    runs::TOO_OFTEN,
    service::JourneyDto,
    versions,
};
use crate::statistics::proportions::Arm;

/// Days of entries that a report shows.
const DAYS: i64 = 90;
const DAY: i64 = 86_400_000;
/// Entries are counted by quarters of an hour, since the days of every time zone begin at one.
const QUARTER: i64 = 900_000;
/// Actions that lead out of a step, of which there is one kind at most.
const WAYS_OUT: [&str; 8] = ["waited", "met", "timed_out", "answered", "task_expired", "moved", "exited", "failed"];

/// What a journey has done so far.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct JourneyReport {
    /// `jrn_…`
    #[schema(value_type = String)]
    pub id: JourneyId,
    /// `draft`, `live`, `paused`, `finishing` or `stopped`.
    pub state: String,
    /// The version that members enter.
    pub published_version: Option<i64>,
    /// The version that the figures are of; `null` for all.
    pub version: Option<i64>,
    /// Runs begun.
    pub entered: i64,
    /// Runs by state: active, completed, exited, held_out, failed. Their sum is `entered`.
    pub runs: BTreeMap<String, i64>,
    /// Runs whose goal was reached.
    pub goals: i64,
    /// How often a journey's own doing did not let somebody in who had come twenty times within the hour.
    pub too_often: i64,
    /// Entries by day, of the last 90 days on which there were any.
    pub entries: Vec<DayOfEntries>,
    /// By step: members waiting there now, how often each thing happened there, and its messages.
    pub steps: BTreeMap<String, StepReport>,
    /// Messages by state.
    pub deliveries: BTreeMap<String, i64>,
    /// Messages in all.
    pub messages: Messages,
    /// Those addressed beside those left out.
    pub lift: Lift,
    /// The same for each version, by the one on which members began.
    pub lift_by_version: Vec<VersionLift>,
}

/// What a version brought about.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct VersionLift {
    /// The version.
    pub version: i64,
    /// Both sides.
    pub lift: Lift,
}

/// Entries of one day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct DayOfEntries {
    /// The day in the workspace's time zone, as `2026-03-26`.
    pub day: String,
    /// Other runs begun.
    pub treated: i64,
    /// Runs begun that were left out, by the workspace, the journey or a step of it.
    pub held_out: i64,
}

/// What happened at one step.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct StepReport {
    /// How often runs came to it, those that were moved there included; `null` for a holdout, which notes only whom it
    /// leaves out.
    pub entered: Option<i64>,
    /// Members who wait there now.
    pub waiting: i64,
    /// By action (waiting, waited, branched, queued, tagged …): how often.
    pub happened: BTreeMap<String, i64>,
    /// By way out (waited, timed_out, `case 0`, `else`, `way 1`, `outcome done` …): how often it was taken.
    pub ways: BTreeMap<String, i64>,
    /// Its messages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub messages: Option<Messages>,
}

/// Messages, and what became of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Messages {
    /// Asked for. The sum of `states`.
    pub queued: i64,
    /// By their state now.
    pub states: BTreeMap<String, i64>,
    /// Taken by the other side.
    pub accepted: i64,
    /// Reported as delivered.
    pub delivered: i64,
    /// Opened by somebody, not by a scanner.
    pub opened: i64,
    /// With a link that somebody followed.
    pub clicked: i64,
}

#[derive(FromQueryResult)]
struct RunsRow {
    state: String,
    number: i64,
    goals: i64,
}

#[derive(FromQueryResult)]
struct StepCountRow {
    version: i64,
    step: String,
    action: String,
    number: i64,
}

#[derive(FromQueryResult)]
struct CountRow {
    step: String,
    word: String,
    number: i64,
}

#[derive(FromQueryResult)]
struct MessagesRow {
    step: String,
    state: String,
    number: i64,
    accepted: i64,
    delivered: i64,
    opened: i64,
    clicked: i64,
}

#[derive(FromQueryResult)]
struct EntriesRow {
    quarter: i64,
    held_out: i64,
    number: i64,
}

/// Counts what a journey has done, over all its versions or on one.
pub async fn report(
    db: &impl Sql,
    workspace: WorkspaceId,
    journey: &JourneyDto,
    version: Option<i64>,
    now: Time,
) -> Result<JourneyReport, DbErr> {
    let id = journey.id.0;
    let values = || vec![id.into(), version.into()];
    let runs: Vec<RunsRow> = db
        .all(
            "SELECT state, COUNT(*) AS number, COUNT(goal_at) AS goals FROM journey_runs
             WHERE journey_id = $1 AND (CAST($2 AS BIGINT) IS NULL OR version = $2) GROUP BY state",
            values(),
        )
        .await?;
    let counted: Vec<StepCountRow> = db
        .all(
            "SELECT version, step, action, happened AS number FROM journey_counts
             WHERE journey_id = $1 AND (CAST($2 AS BIGINT) IS NULL OR version = $2)",
            values(),
        )
        .await?;
    let too_often = counted.iter().filter(|row| row.step.is_empty() && row.action == TOO_OFTEN);
    let too_often = too_often.map(|row| row.number).sum();
    let steps = steps(db, journey, version, &counted).await?;
    let mut messages = Messages::default();
    for step in steps.values().filter_map(|step| step.messages.as_ref()) {
        messages.add(step);
    }
    let arms = lift::arms(db, journey.id).await?;
    let (treated, held_out) = match version {
        None => lift::together(&arms),
        Some(version) => arms.get(&version).copied().unwrap_or_default(),
    };
    let goals_of = goals(db, journey, &arms).await?;
    let has_goal = version.map_or(!goals_of.is_empty(), |number| goals_of.contains_key(&number));
    let is_endless =
        version.map_or(goals_of.values().any(|endless| *endless), |number| goals_of.get(&number) == Some(&true));
    let lift = warned(Lift::of_goal(treated, held_out, has_goal), is_endless);
    let lift_by_version = arms
        .into_iter()
        .filter(|(number, _)| version.is_none_or(|version| version == *number))
        .map(|(version, (treated, held_out))| VersionLift {
            version,
            lift: warned(
                Lift::of_goal(treated, held_out, goals_of.contains_key(&version)),
                goals_of.get(&version) == Some(&true),
            ),
        })
        .collect();
    Ok(JourneyReport {
        id: journey.id,
        state: journey.state.clone(),
        published_version: journey.published_version,
        version,
        entered: runs.iter().map(|row| row.number).sum(),
        goals: runs.iter().map(|row| row.goals).sum(),
        runs: runs.into_iter().map(|row| (row.state, row.number)).collect(),
        too_often,
        entries: entries(db, workspace, journey.id, version, now).await?,
        steps,
        deliveries: messages.states.clone(),
        messages,
        lift,
        lift_by_version,
    })
}

fn warned(lift: Lift, is_endless: bool) -> Lift {
    if is_endless { lift.of_unlike_times() } else { lift }
}

/// The versions among these, and the present one, that have a goal; true for a goal without an end.
async fn goals(
    db: &impl Sql,
    journey: &JourneyDto,
    arms: &BTreeMap<i64, (Arm, Arm)>,
) -> Result<BTreeMap<i64, bool>, DbErr> {
    let versions: BTreeSet<i64> = arms.keys().copied().chain(journey.published_version).collect();
    let versions: Vec<i64> = versions.into_iter().collect();
    let documents = versions::documents(db, journey.id, &versions).await?;
    let with_goal = documents.into_iter().filter(|(_, document)| document["goal"].is_object());
    Ok(with_goal.map(|(version, document)| (version, document["goal"]["within"].is_null())).collect())
}

impl Messages {
    fn add(&mut self, other: &Messages) {
        self.queued += other.queued;
        self.accepted += other.accepted;
        self.delivered += other.delivered;
        self.opened += other.opened;
        self.clicked += other.clicked;
        for (state, number) in &other.states {
            *self.states.entry(state.clone()).or_default() += number;
        }
    }
}

async fn steps(
    db: &impl Sql,
    journey: &JourneyDto,
    version: Option<i64>,
    counted: &[StepCountRow],
) -> Result<BTreeMap<String, StepReport>, DbErr> {
    let values = || vec![journey.id.0.into(), version.into()];
    let waiting: Vec<CountRow> = db
        .all(
            "SELECT step, '' AS word, COUNT(*) AS number FROM journey_runs
             WHERE journey_id = $1 AND state = 'active' AND step IS NOT NULL
               AND (CAST($2 AS BIGINT) IS NULL OR version = $2) GROUP BY step",
            values(),
        )
        .await?;
    let ways: Vec<CountRow> = db
        .all(
            "SELECT step, way AS word, CAST(SUM(happened) AS BIGINT) AS number FROM journey_ways
             WHERE journey_id = $1 AND (CAST($2 AS BIGINT) IS NULL OR version = $2) GROUP BY step, way",
            values(),
        )
        .await?;
    let of_version = match version {
        None => "FROM deliveries d WHERE d.journey_id = $1 AND CAST($2 AS BIGINT) IS NULL",
        Some(_) => {
            "FROM deliveries d JOIN journey_runs r ON r.id = d.run_id WHERE d.journey_id = $1 AND r.version = $2"
        }
    };
    let messages: Vec<MessagesRow> = db
        .all(
            &format!(
                "SELECT d.step, d.state, COUNT(*) AS number, COUNT(d.accepted_at) AS accepted,
                   COUNT(d.delivered_at) AS delivered, COUNT(d.opened_at) AS opened, COUNT(d.clicked_at) AS clicked
                 {of_version} GROUP BY d.step, d.state"
            ),
            values(),
        )
        .await?;
    let kinds = kinds(db, journey.id, counted).await?;
    let mut steps: BTreeMap<String, StepReport> = BTreeMap::new();
    for row in counted.iter().filter(|row| !row.step.is_empty()) {
        let step = steps.entry(row.step.clone()).or_default();
        *step.happened.entry(row.action.clone()).or_default() += row.number;
        if WAYS_OUT.contains(&row.action.as_str()) {
            *step.ways.entry(row.action.clone()).or_default() += row.number;
        }
        let kind = kinds.get(&(row.version, row.step.clone())).map_or("", String::as_str);
        if begins(kind).contains(&row.action.as_str()) {
            *step.entered.get_or_insert_default() += row.number;
        }
    }
    for row in waiting {
        steps.entry(row.step).or_default().waiting = row.number;
    }
    for row in ways {
        steps.entry(row.step).or_default().ways.insert(row.word, row.number);
    }
    for row in messages {
        let of_state = Messages {
            queued: row.number,
            states: BTreeMap::from([(row.state, row.number)]),
            accepted: row.accepted,
            delivered: row.delivered,
            opened: row.opened,
            clicked: row.clicked,
        };
        steps.entry(row.step).or_default().messages.get_or_insert_default().add(&of_state);
    }
    Ok(steps)
}

/// The types of all steps of the versions of which something was counted.
async fn kinds(
    db: &impl Sql,
    journey: JourneyId,
    counted: &[StepCountRow],
) -> Result<BTreeMap<(i64, String), String>, DbErr> {
    let versions: BTreeSet<i64> = counted.iter().map(|row| row.version).collect();
    let versions: Vec<i64> = versions.into_iter().collect();
    let mut kinds = BTreeMap::new();
    for (version, document) in versions::documents(db, journey, &versions).await? {
        for (name, step) in document["steps"].as_object().into_iter().flatten() {
            let kind = step["type"].as_str().unwrap_or_default().to_owned();
            kinds.insert((version, name.clone()), kind);
        }
    }
    Ok(kinds)
}

/// What is written, exactly once, when a run comes to a step of this type.
fn begins(kind: &str) -> &'static [&'static str] {
    match kind {
        "wait" => &["waiting"],
        "branch" => &["branched"],
        "split" => &["split"],
        "send" | "webhook" => &["queued", "skipped"],
        "tag" => &["tagged"],
        "set" => &["set"],
        "task" => &["task_opened"],
        "exit" => &["completed"],
        _ => &[],
    }
}

/// Runs begun by day, in the workspace's zone.
async fn entries(
    db: &impl Sql,
    workspace: WorkspaceId,
    journey: JourneyId,
    version: Option<i64>,
    now: Time,
) -> Result<Vec<DayOfEntries>, DbErr> {
    let zone: Option<String> =
        db.scalar("SELECT time_zone FROM workspaces WHERE id = $1", vec![workspace.0.into()]).await?;
    let zone = zone.and_then(|name| TimeZone::get(&name).ok()).unwrap_or(TimeZone::UTC);
    let since = Time::from_millis(now.millis() - (DAYS - 1) * DAY).start_of_day(&zone);
    let rows: Vec<EntriesRow> = db
        .all(
            "SELECT entered_at / $2 AS quarter, CAST(CASE WHEN state = 'held_out' THEN 1 ELSE 0 END AS BIGINT) AS held_out,
               COUNT(*) AS number
             FROM journey_runs WHERE journey_id = $1 AND entered_at >= $3
               AND (CAST($4 AS BIGINT) IS NULL OR COALESCE(moved_from, version) = $4)
             GROUP BY 1, 2 ORDER BY 1",
            vec![journey.0.into(), QUARTER.into(), since.millis().into(), version.into()],
        )
        .await?;
    let mut days: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    for row in rows {
        let at = Time::from_millis(row.quarter * QUARTER).timestamp().to_zoned(zone.clone());
        let day = days.entry(at.date().to_string()).or_default();
        *(if row.held_out == 1 { &mut day.1 } else { &mut day.0 }) += row.number;
    }
    let day = |(day, (treated, held_out))| DayOfEntries { day, treated, held_out };
    Ok(days.into_iter().map(day).collect())
}
