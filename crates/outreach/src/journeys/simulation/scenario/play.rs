//! Playing scenarios.

use std::collections::{BTreeSet, HashMap};

use base::{
    Code, Period, Problem, Time,
    ids::{JourneyId, RunId, WorkspaceId},
    rule::Rule,
};
use jiff::{civil, tz::TimeZone};
use people::{members::Foretold, privacy::Marks, replay::Replay};
use serde::Serialize;
use store::{DbErr, FromQueryResult, Sql};

use super::{
    Came, CameMessage, Difference, Scenario, ScenarioFile,
    expected::differences,
    happening::{self, before},
    names::{Named, named},
};
use crate::journeys::{
    Document,
    simulation::{outcome::trails, play::publish, refusals::Refused, stage_set::Stages},
};

pub(super) const WORKSPACE: WorkspaceId = WorkspaceId(1);
pub(super) const JOURNEY: JourneyId = JourneyId(1);
/// Lines of a run that are read.
const MOST_LINES: i64 = 20_000;

/// How a scenario went.
#[derive(Clone, Debug, Serialize)]
pub struct ScenarioOutcome {
    /// Its name.
    pub name: String,
    /// Whether everything came as expected.
    pub passed: bool,
    /// What came otherwise.
    pub differences: Vec<Difference>,
    /// What came.
    pub came: Came,
}

/// Plays all scenarios of a file, one after the other. A problem names the path in the file of what cannot be read.
pub async fn run_all(file: &ScenarioFile, stages: Stages) -> anyhow::Result<Result<Vec<ScenarioOutcome>, Problem>> {
    let read = match Read::of(file) {
        Ok(read) => read,
        Err(problem) => return Ok(Err(problem)),
    };
    let mut outcomes = Vec::with_capacity(file.scenarios.len());
    for (scenario, told) in file.scenarios.iter().zip(&read.told) {
        let came = read.play(scenario, told, stages).await?;
        let differences = differences(&scenario.expect, &came, |text| moment(text, &read.zone));
        outcomes.push(ScenarioOutcome {
            name: scenario.name.clone(),
            passed: differences.is_empty(),
            differences,
            came,
        });
    }
    Ok(Ok(outcomes))
}

/// A file that was checked.
struct Read {
    zone: TimeZone,
    zone_name: String,
    named: Named,
    told: Vec<Told>,
}

/// When everything in a scenario happens.
struct Told {
    at: Time,
    moments: Vec<Time>,
    until: Time,
}

#[derive(FromQueryResult)]
struct RunRow {
    id: i64,
    state: String,
    has_goal: i64,
}

#[derive(FromQueryResult)]
struct MessageRow {
    id: i64,
    step: String,
    queued_at: i64,
}

#[derive(FromQueryResult)]
struct TagRow {
    tag: String,
}

impl Read {
    fn of(file: &ScenarioFile) -> Result<Read, Problem> {
        let zone_name = file.zone.clone().unwrap_or_else(|| "UTC".to_owned());
        let zone = TimeZone::get(&zone_name).map_err(|_| wrong("zone", "is not a time zone"))?;
        let named = named(file);
        Document::parse(&named.document)?;
        for (name, id) in file.segments.keys().zip(named.segments.values()) {
            Rule::parse_at(id, &format!("segments.{name}"))?;
        }
        let scenarios = file.scenarios.iter().enumerate();
        let told: Result<Vec<Told>, Problem> =
            scenarios.map(|(place, scenario)| told_of(scenario, &format!("scenarios[{place}]"), &zone)).collect();
        Ok(Read { told: told?, zone, zone_name, named })
    }

    async fn play(&self, scenario: &Scenario, told: &Told, stages: Stages) -> anyhow::Result<Came> {
        let mut replay = Replay::at(told.at).await?;
        self.settle(&replay).await?;
        replay.begin(stages(), Foretold::default()).await?;
        let before = before(&replay, scenario)?;
        replay.tell(&before).await?;
        replay.settle().await?;
        publish(&replay, WORKSPACE, JOURNEY, &self.named.document).await?;
        replay.settle().await?;
        let (marks, mut refused) = (Marks::new([0; 32]), Refused::default());
        let mut reasons: HashMap<i64, &'static str> = HashMap::new();
        for (happening, moment) in scenario.events.iter().zip(&told.moments) {
            replay.move_to(*moment);
            replay.settle().await?;
            let events = happening::events(&replay, happening).await?;
            replay.tell(&events).await?;
            replay.settle().await?;
            reasons.extend(refused.look(&replay, WORKSPACE, None, &marks).await?);
        }
        replay.move_to(told.until);
        replay.settle().await?;
        reasons.extend(refused.look(&replay, WORKSPACE, None, &marks).await?);
        Ok(came(&replay, &reasons).await?)
    }

    /// A workspace with what the file has.
    async fn settle(&self, replay: &Replay) -> Result<(), DbErr> {
        let tx = replay.db().begin().await?;
        tx.run(
            "INSERT INTO workspaces (id, name, time_zone, created_at) VALUES ($1, 'scenario', $2, 0)",
            vec![WORKSPACE.0.into(), self.zone_name.as_str().into()],
        )
        .await?;
        let segments: Vec<(i64, i64, String)> =
            self.named.segments.iter().map(|(id, rule)| (id.0, WORKSPACE.0, rule.to_string())).collect();
        tx.run_rows(
            "INSERT INTO segments (id, workspace_id, name, rule_json, state, created_by, created_at, updated_at)
             SELECT r.value->>0, r.value->>1, 'segment', r.value->>2, 'building', 'scenario', 0, 0 FROM {rows}",
            &segments,
        )
        .await?;
        let channels: Vec<(i64, i64, &str)> =
            self.named.channels.iter().map(|(id, kind)| (id.0, WORKSPACE.0, kind.as_str())).collect();
        tx.run_rows(
            "INSERT INTO channels (id, workspace_id, kind, name, config_json, state, created_at, updated_at)
             SELECT r.value->>0, r.value->>1, r.value->>2, r.value->>2, '{}', 'active', 0, 0 FROM {rows}",
            &channels,
        )
        .await?;
        let templates: Vec<(i64, i64, &str)> =
            self.named.templates.iter().map(|(id, kind)| (id.0, WORKSPACE.0, kind.as_str())).collect();
        tx.run_rows(
            "INSERT INTO templates (id, workspace_id, name, channel_kind, subject, body_text, body_html, version,
                                    created_at, updated_at)
             SELECT r.value->>0, r.value->>1, 'template', r.value->>2, '', '', '', 1, 0, 0 FROM {rows}",
            &templates,
        )
        .await?;
        tx.commit().await
    }
}

fn told_of(scenario: &Scenario, path: &str, zone: &TimeZone) -> Result<Told, Problem> {
    let read = |text: &str, path: String| {
        moment(text, zone).ok_or_else(|| wrong(path, "is neither RFC 3339 nor a date and time"))
    };
    let period = |text: &str, path: String| text.parse::<Period>().map_err(|error| wrong(path, &error.to_string()));
    let at = read(&scenario.at, format!("{path}.at"))?;
    let mut now = at;
    let mut moments = Vec::with_capacity(scenario.events.len());
    for (place, happening) in scenario.events.iter().enumerate() {
        let path = format!("{path}.events[{place}]");
        let next = match (&happening.at, &happening.after) {
            (Some(_), Some(_)) => return Err(wrong(path, "has both \"at\" and \"after\"")),
            (Some(at), None) => read(at, format!("{path}.at"))?,
            (None, Some(after)) => period(after, format!("{path}.after"))?.after(now, zone),
            (None, None) => now,
        };
        if next < now {
            return Err(wrong(format!("{path}.at"), "is earlier than what happened before"));
        }
        if !happening.says_something() {
            return Err(wrong(path, "has no event, traits, add_tags, remove_tags, enter, task or answer"));
        }
        now = next;
        moments.push(next);
    }
    for (place, message) in scenario.expect.messages.iter().flatten().enumerate() {
        if let Some(at) = &message.at {
            read(at, format!("{path}.expect.messages[{place}].at"))?;
        }
    }
    let until = match &scenario.advance {
        None => now,
        Some(text) => period(text, format!("{path}.advance"))?.after(now, zone),
    };
    Ok(Told { at, moments, until })
}

/// RFC 3339, or a date and time of the zone.
fn moment(text: &str, zone: &TimeZone) -> Option<Time> {
    text.parse::<Time>().ok().or_else(|| {
        let zoned = text.parse::<civil::DateTime>().ok()?.to_zoned(zone.clone()).ok()?;
        Some(Time::from_millis(zoned.timestamp().as_millisecond()))
    })
}

async fn came(replay: &Replay, reasons: &HashMap<i64, &'static str>) -> Result<Came, DbErr> {
    let db = replay.db().read();
    let runs: Vec<RunRow> = db
        .all(
            "SELECT id, state, CAST(goal_at IS NOT NULL AS BIGINT) AS has_goal FROM journey_runs ORDER BY entered_at, id",
            vec![],
        )
        .await?;
    let keys: Vec<(i64,)> = runs.iter().map(|run| (run.id,)).collect();
    let mut trails = trails(db, &keys, MOST_LINES).await?;
    let (mut trail, mut steps) = (Vec::new(), Vec::<String>::new());
    for run in &runs {
        let lines = trails.remove(&RunId(run.id)).unwrap_or_default();
        let mut of_run: Vec<String> =
            lines.iter().map(|line| line.step.clone()).filter(|step| !step.is_empty()).collect();
        of_run.dedup();
        steps.extend(of_run);
        trail.extend(lines);
    }
    let messages: Vec<MessageRow> =
        db.all("SELECT id, step, queued_at FROM deliveries ORDER BY queued_at, id", vec![]).await?;
    let tags: Vec<TagRow> = db.all("SELECT DISTINCT tag FROM member_tags", vec![]).await?;
    Ok(Came {
        entered: runs.iter().any(|run| run.state != "held_out"),
        ended: runs.last().map(|run| run.state.clone()),
        steps,
        messages: messages
            .into_iter()
            .map(|row| CameMessage {
                step: row.step,
                at: Time::from_millis(row.queued_at),
                refused: reasons.get(&row.id).map(|reason| (*reason).to_owned()),
            })
            .collect(),
        tags: tags.into_iter().map(|row| row.tag).collect::<BTreeSet<_>>(),
        goal: runs.iter().any(|run| run.has_goal != 0),
        trail,
    })
}

fn wrong(path: impl Into<String>, message: &str) -> Problem {
    Problem::at(Code::InvalidBody, path, message)
}
