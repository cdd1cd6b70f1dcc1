//! Playing scenarios.

use std::{collections::BTreeSet, time::Duration};

use base::{
    Code, Period, Problem, Time,
    ids::{JourneyId, MemberId, RunId, WorkspaceId},
    rule::Rule,
};
use jiff::{civil, tz::TimeZone};
use people::{members::Foretold, privacy::Marks, replay::Replay};
use serde::Serialize;
use store::{DbErr, FromQueryResult, Sql};

use super::{
    Came, Difference, Scenario, ScenarioFile,
    expected::differences,
    happening::{self, before},
    names::{Named, named},
};
use crate::{
    journeys::{
        Document,
        simulation::{
            outbox::{House, SimulatedOutbox},
            play::publish,
            reading::{messages_of, trails},
            stage_set::Stages,
        },
    },
    outbox::{STALE_AFTER, policy::Policy},
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
    policy: Policy,
    told: Vec<Told>,
}

/// When everything in a scenario happens.
struct Told {
    at: Time,
    moments: Vec<Time>,
    until: Time,
    /// When he got each of the messages of others.
    received: Vec<Time>,
}

#[derive(FromQueryResult)]
struct RunRow {
    id: i64,
    state: String,
    has_goal: i64,
}

#[derive(FromQueryResult)]
struct IdRow {
    id: i64,
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
        let policy = policy_of(file, &named)?;
        let scenarios = file.scenarios.iter().enumerate();
        let told: Result<Vec<Told>, Problem> =
            scenarios.map(|(place, scenario)| told_of(scenario, &format!("scenarios[{place}]"), &zone)).collect();
        Ok(Read { told: told?, zone, zone_name, named, policy })
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
        let marks = Marks::new([0; 32]);
        let house = House { registry: None, marks: &marks, stale_after: STALE_AFTER };
        let mut outbox = SimulatedOutbox::open(&replay, WORKSPACE, house).await?;
        let members = members(&replay).await?;
        for (received, at) in scenario.member.received.iter().zip(&told.received) {
            members.iter().for_each(|member| outbox.note_sent(*member, &received.channel, &received.topic, *at));
        }
        for (happening, moment) in scenario.events.iter().zip(&told.moments) {
            replay.move_to(*moment);
            replay.settle().await?;
            // What is due at the moment itself goes after what happens then.
            outbox.run_to(&replay, moment.minus(Duration::from_millis(1))).await?;
            let events = happening::events(&replay, happening).await?;
            replay.tell(&events).await?;
            replay.settle().await?;
            let until_now = moment.plus(Duration::from_millis(1));
            outbox.learn_pauses(replay.db().read(), WORKSPACE, &members, until_now).await?;
            outbox.run_to(&replay, *moment).await?;
        }
        replay.move_to(told.until);
        replay.settle().await?;
        outbox.run_to(&replay, told.until).await?;
        Ok(came(&replay).await?)
    }

    /// A workspace with what the file has.
    async fn settle(&self, replay: &Replay) -> Result<(), DbErr> {
        let tx = replay.db().begin().await?;
        tx.run(
            "INSERT INTO workspaces (id, name, time_zone, created_at) VALUES ($1, 'scenario', $2, 0)",
            vec![WORKSPACE.0.into(), self.zone_name.as_str().into()],
        )
        .await?;
        tx.run(
            "INSERT INTO outbox_policies (workspace_id, revision, policy_json, updated_at, updated_by)
             VALUES ($1, 1, $2, 0, 'scenario')",
            vec![WORKSPACE.0.into(), serde_json::to_string(&self.policy).unwrap_or_default().into()],
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

/// The policy of the file, which may name the kinds of channels that the document has.
fn policy_of(file: &ScenarioFile, named: &Named) -> Result<Policy, Problem> {
    let Some(policy) = &file.policy else { return Ok(Policy::default()) };
    let policy: Policy = serde_json::from_value(policy.clone()).map_err(|error| wrong("policy", &error.to_string()))?;
    let kinds: BTreeSet<&str> = named.channels.values().map(String::as_str).filter(|kind| *kind != "webhook").collect();
    policy.check(&kinds.into_iter().collect::<Vec<&str>>())?;
    Ok(policy)
}

/// The one whom the scenario is about.
async fn members(replay: &Replay) -> Result<Vec<MemberId>, DbErr> {
    let rows: Vec<IdRow> = replay.db().read().all("SELECT id FROM members", vec![]).await?;
    Ok(rows.into_iter().map(|row| MemberId(row.id)).collect())
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
        for (field, moment) in [("at", &message.at), ("sent_at", &message.sent_at)] {
            if let Some(moment) = moment {
                read(moment, format!("{path}.expect.messages[{place}].{field}"))?;
            }
        }
    }
    let until = match &scenario.advance {
        None => now,
        Some(text) => period(text, format!("{path}.advance"))?.after(now, zone),
    };
    let mut received = Vec::with_capacity(scenario.member.received.len());
    for (place, message) in scenario.member.received.iter().enumerate() {
        let path = format!("{path}.member.received[{place}].at");
        let got_at = read(&message.at, path.clone())?;
        if got_at > at {
            return Err(wrong(path, "is later than the beginning of the scenario"));
        }
        received.push(got_at);
    }
    Ok(Told { at, moments, until, received })
}

/// RFC 3339, or a date and time of the zone.
fn moment(text: &str, zone: &TimeZone) -> Option<Time> {
    text.parse::<Time>().ok().or_else(|| {
        let zoned = text.parse::<civil::DateTime>().ok()?.to_zoned(zone.clone()).ok()?;
        Some(Time::from_millis(zoned.timestamp().as_millisecond()))
    })
}

async fn came(replay: &Replay) -> Result<Came, DbErr> {
    let db = replay.db().read();
    let runs: Vec<RunRow> = db
        .all(
            "SELECT id, state, CAST(goal_at IS NOT NULL AS BIGINT) AS has_goal FROM journey_runs ORDER BY entered_at, id",
            vec![],
        )
        .await?;
    let keys: Vec<(i64,)> = runs.iter().map(|run| (run.id,)).collect();
    let mut trails = trails(db, &keys, MOST_LINES).await?;
    let mut messages_of = messages_of(db, &keys, MOST_LINES).await?;
    let (mut trail, mut steps, mut messages) = (Vec::new(), Vec::<String>::new(), Vec::new());
    for run in &runs {
        let lines = trails.remove(&RunId(run.id)).unwrap_or_default();
        let mut of_run: Vec<String> =
            lines.iter().map(|line| line.step.clone()).filter(|step| !step.is_empty()).collect();
        of_run.dedup();
        steps.extend(of_run);
        trail.extend(lines);
        messages.extend(messages_of.remove(&run.id).unwrap_or_default());
    }
    messages.sort_by_key(|message| message.queued_at);
    let tags: Vec<TagRow> = db.all("SELECT DISTINCT tag FROM member_tags", vec![]).await?;
    Ok(Came {
        entered: runs.iter().any(|run| run.state != "held_out"),
        ended: runs.last().map(|run| run.state.clone()),
        steps,
        messages,
        tags: tags.into_iter().map(|row| row.tag).collect::<BTreeSet<_>>(),
        goal: runs.iter().any(|run| run.has_goal != 0),
        trail,
    })
}

fn wrong(path: impl Into<String>, message: &str) -> Problem {
    Problem::at(Code::InvalidBody, path, message)
}
