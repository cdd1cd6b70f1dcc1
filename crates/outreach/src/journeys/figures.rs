//! What a journey has done, in figures: entries, steps, messages, and what it brought about.

use std::collections::{BTreeMap, BTreeSet};

use base::{
    Time,
    ids::{JourneyId, WorkspaceId},
};
use sea_orm::{DbErr, FromQueryResult};
use serde::Serialize;
use store::Sql;
use utoipa::ToSchema;

use super::{
    arrivals::{self, DayOfEntries},
    lift::{self, Lift, Stratum},
    runs::TOO_OFTEN,
    service::JourneyDto,
    tallies::{self, Tally},
    versions,
};

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
    /// Messages by state; `null` when they were not asked for.
    pub deliveries: Option<BTreeMap<String, i64>>,
    /// Messages in all; `null` when they were not asked for.
    pub messages: Option<Messages>,
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
    /// Its messages, when they were asked for.
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

/// What a report is to tell.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// Of one version only.
    pub version: Option<i64>,
    /// Whether messages are counted. They are what takes long: runs are counted as they change.
    pub messages: bool,
}

/// Tells what a journey has done, over all its versions or on one.
pub async fn report(
    db: &impl Sql,
    workspace: WorkspaceId,
    journey: &JourneyDto,
    asked: Asked,
    now: Time,
) -> Result<JourneyReport, DbErr> {
    let id = journey.id.0;
    let version = asked.version;
    let values = || vec![id.into(), version.into()];
    let tallies = tallies::of(db, journey.id).await?;
    let mut runs: BTreeMap<String, i64> = BTreeMap::new();
    let mut goals = 0;
    for tally in tallies.iter().filter(|tally| version.is_none_or(|version| version == tally.version)) {
        *runs.entry(tally.state.clone()).or_default() += tally.runs;
        goals += tally.has_goal * tally.runs;
    }
    let counted: Vec<StepCountRow> = db
        .all(
            "SELECT version, step, action, happened AS number FROM journey_counts
             WHERE journey_id = $1 AND (CAST($2 AS BIGINT) IS NULL OR version = $2)",
            values(),
        )
        .await?;
    let too_often = counted.iter().filter(|row| row.step.is_empty() && row.action == TOO_OFTEN);
    let too_often = too_often.map(|row| row.number).sum();
    let steps = steps(db, journey, asked, &counted, &tallies).await?;
    let messages = asked.messages.then(|| {
        let mut messages = Messages::default();
        steps.values().filter_map(|step| step.messages.as_ref()).for_each(|step| messages.add(step));
        messages
    });
    let mut members = lift::strata(&tallies);
    members.retain(|stratum| version.is_none_or(|version| version == stratum.version));
    let goals_of = goals_of(db, journey, version, &members).await?;
    let lift = lift_of(&members, &goals_of);
    let lift_by_version = members
        .chunk_by(|one, other| one.version == other.version)
        .map(|members| VersionLift { version: members[0].version, lift: lift_of(members, &goals_of) })
        .collect();
    Ok(JourneyReport {
        id: journey.id,
        state: journey.state.clone(),
        published_version: journey.published_version,
        version,
        entered: runs.values().sum(),
        goals,
        runs,
        too_often,
        entries: arrivals::by_day(db, workspace, journey.id, version, now).await?,
        steps,
        deliveries: messages.as_ref().map(|messages| messages.states.clone()),
        messages,
        lift,
        lift_by_version,
    })
}

/// What is known of these members; `goals_of` has the versions that have a goal, and whether that has no end.
fn lift_of(members: &[Stratum], goals_of: &BTreeMap<i64, bool>) -> Lift {
    if goals_of.is_empty() {
        return Lift::without_goal(&members.iter().map(Stratum::both).collect::<Vec<_>>());
    }
    let lift = Lift::of_strata(members, |version| goals_of.contains_key(&version));
    let is_endless = members.iter().any(|stratum| goals_of.get(&stratum.version) == Some(&true));
    if is_endless { lift.of_unlike_times() } else { lift }
}

/// Those that have a goal of the versions of these members, and of the one that is asked for or present; true for a goal
/// without an end.
async fn goals_of(
    db: &impl Sql,
    journey: &JourneyDto,
    version: Option<i64>,
    members: &[Stratum],
) -> Result<BTreeMap<i64, bool>, DbErr> {
    let versions = members.iter().map(|stratum| stratum.version);
    let versions: BTreeSet<i64> = versions.chain(version.or(journey.published_version)).collect();
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
    asked: Asked,
    counted: &[StepCountRow],
    tallies: &[Tally],
) -> Result<BTreeMap<String, StepReport>, DbErr> {
    let version = asked.version;
    let values = || vec![journey.id.0.into(), version.into()];
    let ways: Vec<CountRow> = db
        .all(
            "SELECT step, way AS word, CAST(SUM(happened) AS BIGINT) AS number FROM journey_ways
             WHERE journey_id = $1 AND (CAST($2 AS BIGINT) IS NULL OR version = $2) GROUP BY step, way",
            values(),
        )
        .await?;
    let messages = if asked.messages { messages(db, journey.id, version).await? } else { Vec::new() };
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
    let standing = tallies.iter().filter(|tally| !tally.step.is_empty());
    for tally in standing.filter(|tally| version.is_none_or(|version| version == tally.version)) {
        steps.entry(tally.step.clone()).or_default().waiting += tally.runs;
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

/// Messages by step and state.
async fn messages(db: &impl Sql, journey: JourneyId, version: Option<i64>) -> Result<Vec<MessagesRow>, DbErr> {
    let of_version = match version {
        None => "FROM deliveries d WHERE d.journey_id = $1 AND CAST($2 AS BIGINT) IS NULL",
        Some(_) => {
            "FROM deliveries d JOIN journey_runs r ON r.id = d.run_id WHERE d.journey_id = $1 AND r.version = $2"
        }
    };
    db.all(
        &format!(
            "SELECT d.step, d.state, COUNT(*) AS number, COUNT(d.accepted_at) AS accepted,
                   COUNT(d.delivered_at) AS delivered, COUNT(d.opened_at) AS opened, COUNT(d.clicked_at) AS clicked
                 {of_version} GROUP BY d.step, d.state"
        ),
        vec![journey.0.into(), version.into()],
    )
    .await
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
