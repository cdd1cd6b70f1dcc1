//! Reading what a simulation has brought about from its database.

use std::collections::{BTreeMap, HashMap};

use base::{
    Time,
    ids::{MemberId, RunId, TemplateId},
};
use jiff::tz::TimeZone;
use store::{DbErr, FromQueryResult, Sql};

use super::{
    outbox::SimulatedOutbox,
    outcome::{Day, Messages, Outcome, SampleMessage, SampleRun, TrailLine},
};

/// So many runs are shown whole, and so many lines of each.
const SAMPLE_RUNS: i64 = 20;
const SAMPLE_LINES: i64 = 200;
/// Days begin with one of these in every zone; in milliseconds.
const QUARTER: i64 = 900_000;

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
struct FateRow {
    run_id: i64,
    step: String,
    queued_at: i64,
    state: String,
    reason: Option<String>,
    waits_for: Option<String>,
    claimed_at: Option<i64>,
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
pub(super) async fn read(
    db: &impl Sql,
    zone: &TimeZone,
    to: Time,
    outbox: &SimulatedOutbox<'_>,
) -> Result<Outcome, DbErr> {
    let mut outcome = Outcome::default();
    read_runs(db, &mut outcome).await?;
    read_steps(db, &mut outcome).await?;
    outcome.messages = read_messages(db, zone, outbox).await?;
    outcome.messages_of_others = outbox.others;
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
            ("branched", Some(case)) => format!("case {case}"),
            ("branched", None) => "else".to_owned(),
            ("split", Some(way)) => format!("way {way}"),
            ("task_done", Some(outcome)) => format!("outcome {outcome}"),
            ("skipped", Some(reason)) => format!("skipped: {reason}"),
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

async fn read_messages(db: &impl Sql, zone: &TimeZone, outbox: &SimulatedOutbox<'_>) -> Result<Vec<Messages>, DbErr> {
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
            messages.push(Messages {
                step: row.step,
                channel: row.channel_kind,
                template,
                count: 0,
                first: Time::from_millis(row.first_at),
                last: Time::from_millis(row.last_at),
                by_day: Vec::new(),
                sent: 0,
                first_sent: None,
                last_sent: None,
                put_off: BTreeMap::new(),
                would_be_refused: BTreeMap::new(),
                waiting_at_end: 0,
            });
        }
        let Some(of) = messages.last_mut() else { continue };
        of.count += row.n;
        of.last = Time::from_millis(row.last_at);
        let day = Time::from_millis(row.quarter * QUARTER).timestamp().to_zoned(zone.clone()).date().to_string();
        match of.by_day.last_mut().filter(|last| last.day == day) {
            Some(last) => last.count += row.n,
            None => of.by_day.push(Day { day, count: row.n, sent: 0 }),
        }
    }
    for of in &mut messages {
        let template = of.template.map_or(0, |template| template.0);
        let is_same = |(step, kind, id): &(String, String, i64)| {
            (step.as_str(), kind.as_str(), *id) == (of.step.as_str(), of.channel.as_str(), template)
        };
        if let Some((_, figures)) = outbox.figures().iter().find(|(key, _)| is_same(key)) {
            of.add(figures);
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
    let mut messages = messages_of(db, &keys, SAMPLE_LINES).await?;
    Ok(runs
        .into_iter()
        .map(|run| SampleRun {
            member: MemberId(run.member_id),
            entered_at: Time::from_millis(run.entered_at),
            state: run.state,
            trail: trails.remove(&RunId(run.id)).unwrap_or_default(),
            messages: messages.remove(&run.id).unwrap_or_default(),
        })
        .collect())
}

/// What became of the first messages of these runs.
pub(super) async fn messages_of(
    db: &impl Sql,
    runs: &[(i64,)],
    at_most: i64,
) -> Result<HashMap<i64, Vec<SampleMessage>>, DbErr> {
    let rows: Vec<FateRow> = db
        .all_rows(
            "SELECT run_id, step, queued_at, state, reason, waits_for, claimed_at FROM (
               SELECT d.*, ROW_NUMBER() OVER (PARTITION BY d.run_id ORDER BY d.queued_at, d.id) AS nth FROM deliveries d
               WHERE d.run_id IN (SELECT CAST(r.value->>0 AS BIGINT) FROM {rows})) AS x
             WHERE nth <= $2 ORDER BY run_id, nth",
            runs,
            vec![at_most.into()],
        )
        .await?;
    let mut messages: HashMap<i64, Vec<SampleMessage>> = HashMap::new();
    for row in rows {
        let is_refused = !matches!(row.state.as_str(), "queued" | "accepted");
        messages.entry(row.run_id).or_default().push(SampleMessage {
            step: row.step,
            queued_at: Time::from_millis(row.queued_at),
            sent_at: row.claimed_at.map(Time::from_millis),
            put_off: row.waits_for,
            refused: row.reason.filter(|_| is_refused),
        });
    }
    Ok(messages)
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
