//! What a simulation has brought about, read from its database.

use std::collections::{BTreeMap, HashMap};

use base::{
    Time,
    ids::{MemberId, RunId, TemplateId},
};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{DbErr, FromQueryResult, Sql};
use utoipa::ToSchema;

use super::refusals::Refused;

/// So many runs are shown whole, and so many lines of each.
const SAMPLE_RUNS: i64 = 20;
const SAMPLE_LINES: i64 = 200;
/// Days begin with one of these in every zone; in milliseconds.
const QUARTER: i64 = 900_000;

/// What a journey did.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub(super) struct Outcome {
    /// Whom it was simulated with.
    pub(super) members: Members,
    /// What they did between the two moments.
    pub(super) events: usize,
    /// Runs that began, without those that were held out.
    pub(super) entered: i64,
    /// Runs that were held out.
    pub(super) held_out: i64,
    /// How often somebody was not let in, by reason, as far as it is counted.
    pub(super) refused: BTreeMap<String, i64>,
    /// What became of each step.
    pub(super) steps: BTreeMap<String, StepOutcome>,
    /// What would be queued.
    pub(super) messages: Vec<Messages>,
    /// How many runs reached the goal.
    pub(super) goal: Goal,
    /// How runs stand at the end: completed, exited, failed, active …
    pub(super) ended: BTreeMap<String, i64>,
    /// What happened after the second moment, when only time passed.
    pub(super) after_to: AfterTo,
    /// Some runs, whole.
    pub(super) sample_runs: Vec<SampleRun>,
}

/// Whom a simulation took.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub(super) struct Members {
    /// So many.
    pub(super) sampled: usize,
    /// Of so many.
    pub(super) of: i64,
    /// Whether there were to be more, and their events were too many.
    pub(super) fewer_than_asked: bool,
}

/// What became of a step.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub(super) struct StepOutcome {
    /// Runs that came to it.
    pub(super) reached: i64,
    /// Runs that stand there at the end.
    pub(super) waiting_at_end: i64,
    /// How often it went which way: `case_0`, `else`, `way_1`, `waited`, `met`, `timed_out`, `skipped: channel_missing` …
    pub(super) ways: BTreeMap<String, i64>,
}

/// Messages of one step.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub(super) struct Messages {
    /// The step.
    pub(super) step: String,
    /// The kind of channel.
    pub(super) channel: String,
    /// The template; none for a webhook.
    #[schema(value_type = Option<String>)]
    pub(super) template: Option<TemplateId>,
    /// How many.
    pub(super) count: i64,
    /// When the first was queued.
    #[schema(value_type = String, format = DateTime)]
    pub(super) first: Time,
    /// When the last was.
    #[schema(value_type = String, format = DateTime)]
    pub(super) last: Time,
    /// How many on each day of the workspace's calendar.
    pub(super) by_day: Vec<Day>,
    /// How many of them the outbox would not send, by reason: for want of an address, or of consent. Caps and quiet hours are
    /// not looked at.
    pub(super) would_be_refused: BTreeMap<String, i64>,
}

/// Messages of one day.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub(super) struct Day {
    /// The day.
    pub(super) day: String,
    /// How many.
    pub(super) count: i64,
}

/// How many runs reached the goal.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub(super) struct Goal {
    /// So many of those who entered.
    pub(super) reached: i64,
    /// As a share of them; none when nobody entered.
    pub(super) share: Option<f64>,
    /// So many of those who were held out.
    pub(super) held_out_reached: i64,
}

/// What happened when nothing but time passed.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub(super) struct AfterTo {
    /// How far time went on.
    #[schema(value_type = String, format = DateTime)]
    pub(super) until: Time,
    /// Runs that ended then.
    pub(super) ended: i64,
    /// Messages that were queued then.
    pub(super) messages: i64,
}

/// One run.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub(super) struct SampleRun {
    /// Whose.
    #[schema(value_type = String)]
    pub(super) member: MemberId,
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    pub(super) entered_at: Time,
    /// How it stands at the end.
    pub(super) state: String,
    /// What it did, in order.
    pub(super) trail: Vec<TrailLine>,
}

/// One thing that a run did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TrailLine {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Time,
    /// At which step; empty for the run as a whole.
    pub step: String,
    /// What, as in the trace of a live run.
    pub action: String,
    /// Details.
    #[schema(value_type = Object)]
    pub detail: Value,
}

#[derive(FromQueryResult)]
struct StateRow {
    state: String,
    step: String,
    n: i64,
    goals: i64,
}

#[derive(FromQueryResult)]
struct ReachedRow {
    step: String,
    n: i64,
}

#[derive(FromQueryResult)]
struct WayRow {
    step: String,
    action: String,
    word: Option<String>,
    n: i64,
}

#[derive(FromQueryResult)]
struct MessageRow {
    step: String,
    channel_kind: String,
    template_id: i64,
    quarter: i64,
    n: i64,
    first_at: i64,
    last_at: i64,
}

#[derive(FromQueryResult)]
struct RunRow {
    id: i64,
    member_id: i64,
    entered_at: i64,
    state: String,
}

#[derive(FromQueryResult)]
struct LineRow {
    run_id: i64,
    at: i64,
    step: String,
    action: String,
    detail_json: String,
}

/// Reads what happened. `db` is the database of the replay, which is SQLite and has one journey; `to` is the moment after which
/// only time passed.
pub(super) async fn read(db: &impl Sql, zone: &TimeZone, to: Time, refused: &Refused) -> Result<Outcome, DbErr> {
    let mut outcome = Outcome::default();
    read_runs(db, &mut outcome).await?;
    read_steps(db, &mut outcome).await?;
    outcome.messages = read_messages(db, zone, refused).await?;
    let count = async |sql: &str| -> Result<i64, DbErr> {
        let found: Option<i64> = db.scalar(sql, vec![to.millis().into()]).await?;
        Ok(found.unwrap_or_default())
    };
    outcome.after_to.ended = count("SELECT COUNT(*) FROM journey_runs WHERE ended_at > $1").await?;
    outcome.after_to.messages =
        count("SELECT COUNT(*) FROM deliveries WHERE journey_id IS NOT NULL AND queued_at > $1").await?;
    outcome.sample_runs = read_sample(db).await?;
    Ok(outcome)
}

async fn read_runs(db: &impl Sql, outcome: &mut Outcome) -> Result<(), DbErr> {
    let rows: Vec<StateRow> = db
        .all(
            "SELECT state, COALESCE(step, '') AS step, COUNT(*) AS n, COUNT(goal_at) AS goals FROM journey_runs
             GROUP BY state, COALESCE(step, '')",
            vec![],
        )
        .await?;
    for state in ["completed", "exited", "failed", "active"] {
        outcome.ended.insert(state.to_owned(), 0);
    }
    for row in rows {
        if row.state == "held_out" {
            outcome.held_out += row.n;
            outcome.goal.held_out_reached += row.goals;
            continue;
        }
        outcome.entered += row.n;
        outcome.goal.reached += row.goals;
        if row.state == "active" {
            outcome.steps.entry(row.step).or_default().waiting_at_end += row.n;
        }
        *outcome.ended.entry(row.state).or_default() += row.n;
    }
    outcome.goal.share = (outcome.entered > 0).then(|| outcome.goal.reached as f64 / outcome.entered as f64);
    Ok(())
}

async fn read_steps(db: &impl Sql, outcome: &mut Outcome) -> Result<(), DbErr> {
    let reached: Vec<ReachedRow> = db
        .all("SELECT step, COUNT(DISTINCT run_id) AS n FROM journey_trace WHERE step <> '' GROUP BY step", vec![])
        .await?;
    for row in reached {
        outcome.steps.entry(row.step).or_default().reached = row.n;
    }
    let ways: Vec<WayRow> = db
        .all(
            "SELECT step, action, word, COUNT(*) AS n FROM (
               SELECT step, action, CAST(CASE action
                 WHEN 'branched' THEN detail_json->>'case' WHEN 'split' THEN detail_json->>'way'
                 WHEN 'task_done' THEN detail_json->>'outcome' WHEN 'skipped' THEN detail_json->>'reason'
                 END AS TEXT) AS word
               FROM journey_trace WHERE step <> '') AS t
             GROUP BY step, action, word",
            vec![],
        )
        .await?;
    for row in ways {
        let way = match (row.action.as_str(), row.word) {
            ("branched", Some(case)) => format!("case_{case}"),
            ("branched", None) => "else".to_owned(),
            ("split", Some(way)) => format!("way_{way}"),
            ("task_done" | "skipped", Some(word)) => format!("{}: {word}", row.action),
            // What begins a step is no way out of it.
            ("waiting" | "queued" | "task_opened" | "tagged" | "set" | "moved", _) => continue,
            (action, _) => action.to_owned(),
        };
        *outcome.steps.entry(row.step).or_default().ways.entry(way).or_default() += row.n;
    }
    let refused: Vec<WayRow> = db
        .all(
            "SELECT step, action, CAST(NULL AS TEXT) AS word, SUM(happened) AS n FROM journey_counts c
             WHERE step = '' AND NOT EXISTS (SELECT 1 FROM journey_trace t WHERE t.step = '' AND t.action = c.action)
             GROUP BY step, action",
            vec![],
        )
        .await?;
    outcome.refused = refused.into_iter().map(|row| (row.action, row.n)).collect();
    Ok(())
}

async fn read_messages(db: &impl Sql, zone: &TimeZone, refused: &Refused) -> Result<Vec<Messages>, DbErr> {
    let rows: Vec<MessageRow> = db
        .all(
            &format!(
                "SELECT step, channel_kind, template_id, queued_at / {QUARTER} AS quarter, COUNT(*) AS n,
                        MIN(queued_at) AS first_at, MAX(queued_at) AS last_at
                 FROM deliveries WHERE journey_id IS NOT NULL GROUP BY step, channel_kind, template_id, queued_at / {QUARTER}
                 ORDER BY step, channel_kind, template_id, quarter"
            ),
            vec![],
        )
        .await?;
    let mut messages: Vec<Messages> = Vec::new();
    for row in rows {
        let template = (row.template_id != 0).then_some(TemplateId(row.template_id));
        let is_same = |of: &Messages| of.step == row.step && of.channel == row.channel_kind && of.template == template;
        if !messages.last().is_some_and(is_same) {
            let key = (row.step.clone(), row.channel_kind.clone(), row.template_id);
            messages.push(Messages {
                step: row.step,
                channel: row.channel_kind,
                template,
                count: 0,
                first: Time::from_millis(row.first_at),
                last: Time::from_millis(row.last_at),
                by_day: Vec::new(),
                would_be_refused: refused.of(&key),
            });
        }
        let Some(of) = messages.last_mut() else { continue };
        of.count += row.n;
        of.last = Time::from_millis(row.last_at);
        let day = Time::from_millis(row.quarter * QUARTER).timestamp().to_zoned(zone.clone()).date().to_string();
        match of.by_day.last_mut().filter(|last| last.day == day) {
            Some(last) => last.count += row.n,
            None => of.by_day.push(Day { day, count: row.n }),
        }
    }
    Ok(messages)
}

async fn read_sample(db: &impl Sql) -> Result<Vec<SampleRun>, DbErr> {
    let runs: Vec<RunRow> = db
        .all(
            "SELECT id, member_id, entered_at, state FROM journey_runs ORDER BY entered_at, id LIMIT $1",
            vec![SAMPLE_RUNS.into()],
        )
        .await?;
    let keys: Vec<(i64,)> = runs.iter().map(|run| (run.id,)).collect();
    let mut trails = trails(db, &keys, SAMPLE_LINES).await?;
    Ok(runs
        .into_iter()
        .map(|run| SampleRun {
            member: MemberId(run.member_id),
            entered_at: Time::from_millis(run.entered_at),
            state: run.state,
            trail: trails.remove(&RunId(run.id)).unwrap_or_default(),
        })
        .collect())
}

/// The first lines of these runs.
pub(super) async fn trails(
    db: &impl Sql,
    runs: &[(i64,)],
    at_most: i64,
) -> Result<HashMap<RunId, Vec<TrailLine>>, DbErr> {
    let lines: Vec<LineRow> = db
        .all_rows(
            "SELECT t.run_id, t.at, t.step, t.action, t.detail_json
             FROM {rows} JOIN journey_trace t ON t.run_id = CAST(r.value->>0 AS BIGINT) AND t.seq < $2
             ORDER BY t.run_id, t.seq",
            runs,
            vec![at_most.into()],
        )
        .await?;
    let mut trails: HashMap<RunId, Vec<TrailLine>> = HashMap::new();
    for line in lines {
        trails.entry(RunId(line.run_id)).or_default().push(TrailLine {
            at: Time::from_millis(line.at),
            step: line.step,
            action: line.action,
            detail: serde_json::from_str(&line.detail_json).unwrap_or_default(),
        });
    }
    Ok(trails)
}
