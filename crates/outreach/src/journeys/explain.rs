//! "Why did she get, or not get, this?" — the decision trail of one member in one journey, or of one message.
//!
//! Traces, histories and the audit log are read and put into words here; nothing is kept for it.

use std::collections::BTreeSet;

use base::{
    Time,
    ids::{DeliveryId, JourneyId, MemberId, RunId, WorkspaceId},
};
use sea_orm::DbErr;
use serde::Serialize;
use serde_json::{Value, json};
use store::Sql;
use utoipa::ToSchema;

use super::{
    absence,
    explain_messages::{self, Message, Past},
    explain_rows::{self, Deed, Person, RunRow, TraceRow},
    naming::{Mentioned, Names},
    service::JourneyDto,
    versions,
    words::{Line, Sayer, Words, actions, happenings, moments},
};

/// Runs of which a trail tells, from the last one back.
pub(super) const MOST_RUNS: usize = 20;
/// Lines of a trail.
pub(super) const MOST_LINES: usize = 500;

/// The decision trail, in order.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Explanation {
    /// `mem_…`
    #[schema(value_type = String)]
    pub member: MemberId,
    /// `jrn_…`, when a journey was asked for or sent the message.
    #[schema(value_type = Option<String>)]
    pub journey: Option<JourneyId>,
    /// `dlv_…`, when a message was asked for.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivery: Option<DeliveryId>,
    /// The time zone in which the sentences tell times: the member's, else the workspace's.
    pub time_zone: String,
    /// Whether there is more than is shown: of the last 20 runs, the last 500 lines.
    pub cut: bool,
    /// What was decided, in order of time.
    pub trail: Vec<TrailLine>,
}

/// One decision.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TrailLine {
    /// When it was decided.
    #[schema(value_type = String, format = DateTime)]
    pub at: Time,
    /// What: `entered`, `waiting`, `branched`, `queued`, `sending`, `accepted`, `suppressed`, `paused` …; `not_entered`
    /// for what did not come about, `now` for what holds at the moment.
    pub what: String,
    /// At which step, if at one.
    pub step: String,
    /// In which run, when the member had several.
    #[schema(value_type = Option<String>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run: Option<RunId>,
    /// The run's correlation key, when the member had several runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Particulars for programs.
    #[schema(value_type = Object)]
    pub detail: Value,
    /// The same in English.
    pub en: String,
    /// The same in Chinese.
    pub zh: String,
}

impl TrailLine {
    pub(super) fn new(at: Time, what: &str, step: &str, detail: Value, words: Words) -> TrailLine {
        TrailLine {
            at,
            what: what.to_owned(),
            step: step.to_owned(),
            run: None,
            key: None,
            detail,
            en: words.en,
            zh: close_up(&words.zh),
        }
    }
}

/// Chinese without spaces beside signs that are wide already, and before a percent sign.
pub(super) fn close_up(zh: &str) -> String {
    let is_wide = |letter: char| "“”（），。：；、".contains(letter);
    let mut shown = String::with_capacity(zh.len());
    let mut letters = zh.chars().peekable();
    while let Some(letter) = letters.next() {
        let after_wide = shown.chars().next_back().is_some_and(is_wide);
        let before_wide = letters.peek().is_some_and(|next| is_wide(*next) || *next == '%');
        if letter != ' ' || !(after_wide || before_wide) {
            shown.push(letter);
        }
    }
    shown
}

/// Puts together what happened to a member in a journey: his runs, their messages, and what was done to the journey
/// meanwhile; or why there is no run, or no further one.
pub(super) async fn of_journey(
    db: &impl Sql,
    workspace: WorkspaceId,
    person: &Person,
    journey: &JourneyDto,
    now: Time,
) -> Result<Explanation, DbErr> {
    let mut runs = explain_rows::runs(db, journey.id, person.id, MOST_RUNS + 1).await?;
    let mut cut = runs.len() > MOST_RUNS;
    runs.truncate(MOST_RUNS);
    let mut trace = explain_rows::trace(db, &runs, MOST_LINES + 1).await?;
    cut |= trace.len() > MOST_LINES;
    trace.truncate(MOST_LINES);
    trace.reverse();
    let documents = versions::documents(db, journey.id, &versions_of(&runs, &trace)).await?;
    let deeds = explain_rows::deeds(db, workspace, journey.id, &runs).await?;
    let past = explain_messages::of(db, workspace, &deliveries_of(&trace), now).await?;
    let mut mentioned = Mentioned::default();
    documents.values().for_each(|document| mentioned.note(&document.to_string()));
    trace.iter().for_each(|line| mentioned.note(&line.detail_json));
    deeds.iter().for_each(|deed| mentioned.note(&deed.actor));
    past.mention(&mut mentioned);
    let names = Names::load(db, workspace, &mentioned).await?;
    let sayer = Sayer { names: &names, zone: &person.zone };

    let mut trail: Vec<TrailLine> =
        deeds.iter().filter(|deed| concerns(deed, &runs)).map(|deed| deed_line(deed, &sayer)).collect();
    for run in runs.iter().rev() {
        let several = (runs.len() > 1).then_some(run);
        let id = run.id;
        let lines = || trace.iter().filter(move |line| line.run_id == id);
        // Each line is told by the version on which the run was then.
        let mut version = lines().find_map(|line| line.moved("from_version")).unwrap_or(run.version);
        for line in lines() {
            version = line.moved("to_version").unwrap_or(version);
            trail.push(trace_line(line, documents.get(&version), several, &past, &sayer));
        }
    }
    trail.extend(past.lines(&sayer));
    trail.extend(absence::why_not_entered(db, workspace, person, journey, now).await?);
    Ok(finish(person, Some(journey.id), None, cut || past.is_cut, trail, now))
}

/// Puts together what happened to one message.
pub(super) async fn of_delivery(
    db: &impl Sql,
    workspace: WorkspaceId,
    person: &Person,
    message: &Message,
    now: Time,
) -> Result<Explanation, DbErr> {
    let past = explain_messages::of(db, workspace, &[DeliveryId(message.id)], now).await?;
    let document = explain_rows::document_of_run(db, message.run_id).await?;
    let mut mentioned = Mentioned::default();
    document.iter().for_each(|document| mentioned.note(&document.to_string()));
    past.mention(&mut mentioned);
    let names = Names::load(db, workspace, &mentioned).await?;
    let sayer = Sayer { names: &names, zone: &person.zone };
    let mut trail = vec![message.queued(document.as_ref(), &sayer)];
    trail.extend(past.lines(&sayer));
    let journey = message.journey_id.map(JourneyId);
    Ok(finish(person, journey, Some(DeliveryId(message.id)), past.is_cut, trail, now))
}

/// In order, no longer than it may be, and with a word about what was left out.
fn finish(
    person: &Person,
    journey: Option<JourneyId>,
    delivery: Option<DeliveryId>,
    mut cut: bool,
    mut trail: Vec<TrailLine>,
    now: Time,
) -> Explanation {
    trail.sort_by_key(|line| line.at);
    if trail.len() > MOST_LINES {
        cut = true;
        trail.drain(..trail.len() - MOST_LINES);
    }
    if cut {
        let at = trail.first().map_or(now, |line| line.at);
        let words = Words::new(
            format!("There is more before this: the last {MOST_RUNS} runs and {MOST_LINES} lines are shown."),
            format!("此前还有更多记录：只显示最近 {MOST_RUNS} 次进程、{MOST_LINES} 行。"),
        );
        trail.insert(0, TrailLine::new(at, "cut", "", json!({"runs": MOST_RUNS, "lines": MOST_LINES}), words));
    }
    let time_zone = person.zone.iana_name().unwrap_or("UTC").to_owned();
    Explanation { member: person.id, journey, delivery, time_zone, cut, trail }
}

/// The versions on which these runs are, or were before they were moved.
fn versions_of(runs: &[RunRow], trace: &[TraceRow]) -> Vec<i64> {
    let before = trace.iter().filter_map(|line| line.moved("from_version"));
    let versions: BTreeSet<i64> = runs.iter().map(|run| run.version).chain(before).collect();
    versions.into_iter().collect()
}

fn deliveries_of(trace: &[TraceRow]) -> Vec<DeliveryId> {
    let named = trace.iter().filter_map(|line| line.detail().get("delivery")?.as_str()?.parse::<DeliveryId>().ok());
    named.collect::<BTreeSet<_>>().into_iter().collect()
}

/// Whether a run was under way when something was done to the journey; what was done at the moment of the entry came
/// before it.
fn concerns(deed: &Deed, runs: &[RunRow]) -> bool {
    let during = |run: &RunRow| run.entered_at < deed.at && run.ended_at.is_none_or(|ended| deed.at <= ended);
    happenings::is_told(&deed.action) && runs.iter().any(during)
}

fn deed_line(deed: &Deed, sayer: &Sayer<'_>) -> TrailLine {
    let mut detail: Value = serde_json::from_str(&deed.detail_json).unwrap_or_default();
    let words = happenings::in_words(&deed.action, &deed.actor, &detail, sayer);
    if let Some(fields) = detail.as_object_mut() {
        fields.insert("by".to_owned(), deed.actor.clone().into());
    }
    let what = deed.action.trim_start_matches("journey.");
    TrailLine::new(Time::from_millis(deed.at), what, "", detail, words)
}

fn trace_line(
    row: &TraceRow,
    document: Option<&Value>,
    run: Option<&RunRow>,
    past: &Past,
    sayer: &Sayer<'_>,
) -> TrailLine {
    let detail = row.detail();
    let line = Line { sayer, step: &row.step, detail: &detail, document };
    let mut words = actions::in_words(&row.action, &line);
    if row.action == "queued"
        && let Some(message) = line.text("delivery").and_then(|id| past.message(&id))
    {
        words = message.queued_by(&line.place(), sayer);
    }
    let mut told = TrailLine::new(Time::from_millis(row.at), &row.action, &row.step, detail.clone(), words);
    told.run = run.map(|run| RunId(run.id));
    told.key = run.map(|run| run.entry_key.clone()).filter(|key| !key.is_empty());
    told
}

/// A moment for sentences elsewhere in this room.
pub(super) fn told(at: Time, person: &Person) -> Words {
    moments::moment(at, &person.zone)
}
