//! Runs in memory: who is where, and what is to be written.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    time::Duration,
};

use base::{
    Time,
    ids::{ChannelId, DeliveryId, JourneyId, MemberId, RunId, TemplateId, WorkspaceId},
};
use people::identity::Parted;
use sea_orm::{DbErr, FromQueryResult};
use serde_json::Value;
use store::{Sql, Tx};

/// What is counted when somebody is not let in because he has come too often.
pub(super) const TOO_OFTEN: &str = "too_often";

/// One member's way through a journey.
#[derive(Clone, Debug)]
pub(super) struct Run {
    pub(super) id: RunId,
    pub(super) workspace: WorkspaceId,
    pub(super) journey: JourneyId,
    pub(super) version: i64,
    pub(super) member: MemberId,
    pub(super) origin: MemberId,
    pub(super) key: String,
    /// `active`, `completed`, `exited`, `held_out` or `failed`.
    pub(super) state: &'static str,
    pub(super) step: Option<String>,
    pub(super) entered_at: Time,
    pub(super) step_at: Time,
    pub(super) wake_at: Option<Time>,
    pub(super) ended_at: Option<Time>,
    pub(super) end_reason: Option<&'static str>,
    pub(super) goal_at: Option<Time>,
    /// Lines of the trace so far; numbers the messages as well.
    pub(super) trace_length: i64,
    /// What let the member in: the event with its time and properties, or the segment.
    pub(super) entry: Value,
}

impl Run {
    /// When what let the member in happened; an event may arrive much later than that.
    pub(super) fn began_at(&self) -> Time {
        let happened = self.entry.get("timestamp").and_then(Value::as_str).and_then(|text| text.parse().ok());
        happened.unwrap_or(self.entered_at)
    }
}

/// The time over which a member's entries into one journey are counted.
pub(super) const ENTRY_WINDOW: Duration = Duration::from_secs(3_600);

/// What the stage keeps about one member.
#[derive(Clone, Debug, Default)]
pub(super) struct MemberRuns {
    /// Runs that are under way (those ended in this batch stay until it is written).
    pub(super) runs: Vec<Run>,
    /// When he last entered each journey, by correlation key.
    pub(super) last_entered: HashMap<(JourneyId, String), Time>,
    /// When he entered each journey lately: at least all entries of the [`ENTRY_WINDOW`] before the last one.
    pub(super) recent: HashMap<JourneyId, Vec<Time>>,
    /// When the journey timer is set for.
    pub(super) timer: Option<Time>,
}

/// A line of the trace.
#[derive(Clone, Debug)]
pub(super) struct TraceLine {
    pub(super) run: RunId,
    pub(super) journey: JourneyId,
    pub(super) version: i64,
    pub(super) seq: i64,
    pub(super) at: Time,
    pub(super) step: String,
    pub(super) action: &'static str,
    pub(super) detail: Value,
}

/// A message to queue.
#[derive(Clone, Debug)]
pub(super) struct Intent {
    pub(super) id: DeliveryId,
    pub(super) workspace: WorkspaceId,
    pub(super) member: MemberId,
    pub(super) channel: ChannelId,
    pub(super) channel_kind: String,
    /// `None` for a webhook, whose payload is the variables themselves.
    pub(super) template: Option<TemplateId>,
    pub(super) journey: JourneyId,
    pub(super) run: RunId,
    pub(super) step: String,
    pub(super) key: String,
    pub(super) topic: String,
    pub(super) address: String,
    pub(super) variables: Value,
    pub(super) at: Time,
}

/// What the batch has changed.
#[derive(Debug, Default)]
pub(super) struct Changed {
    pub(super) runs: BTreeSet<(MemberId, RunId)>,
    pub(super) trace: Vec<TraceLine>,
    pub(super) intents: Vec<Intent>,
    /// Members who were absorbed, with the one who remains, in the order of the merges.
    pub(super) merged: Vec<(MemberId, MemberId)>,
    /// How often a journey (and version) refused somebody who came too often.
    pub(super) too_often: BTreeMap<(JourneyId, i64), i64>,
}

#[derive(FromQueryResult)]
struct RunRow {
    id: i64,
    workspace_id: i64,
    journey_id: i64,
    version: i64,
    member_id: i64,
    origin_member_id: i64,
    entry_key: String,
    step: Option<String>,
    entered_at: i64,
    step_at: i64,
    wake_at: Option<i64>,
    goal_at: Option<i64>,
    trace_length: i64,
    entry_json: String,
}

#[derive(FromQueryResult)]
struct EnteredRow {
    member_id: i64,
    journey_id: i64,
    entry_key: String,
    last_entered: i64,
}

#[derive(FromQueryResult)]
struct RecentRow {
    member_id: i64,
    journey_id: i64,
    entered_at: i64,
}

#[derive(FromQueryResult)]
struct TimerRow {
    subject: i64,
    due_at: i64,
}

/// Reads what is known of these members, in four queries.
pub(super) async fn load(tx: &Tx, members: &[MemberId]) -> Result<HashMap<MemberId, MemberRuns>, DbErr> {
    let keys: Vec<(i64,)> = members.iter().map(|id| (id.0,)).collect();
    let mut found: HashMap<MemberId, MemberRuns> = members.iter().map(|id| (*id, MemberRuns::default())).collect();
    let rows: Vec<RunRow> = tx
        .all_rows(
            "SELECT j.id, j.workspace_id, j.journey_id, j.version, j.member_id, j.origin_member_id, j.entry_key, j.step,
                    j.entered_at, j.step_at, j.wake_at, j.goal_at, j.trace_length, j.entry_json
             FROM {rows} JOIN journey_runs j ON j.member_id = CAST(r.value->>0 AS BIGINT)
             WHERE j.state = 'active' ORDER BY j.id",
            &keys,
            Vec::new(),
        )
        .await?;
    for row in rows {
        found.entry(MemberId(row.member_id)).or_default().runs.push(Run {
            id: RunId(row.id),
            workspace: WorkspaceId(row.workspace_id),
            journey: JourneyId(row.journey_id),
            version: row.version,
            member: MemberId(row.member_id),
            origin: MemberId(row.origin_member_id),
            key: row.entry_key,
            state: "active",
            step: row.step,
            entered_at: Time::from_millis(row.entered_at),
            step_at: Time::from_millis(row.step_at),
            wake_at: row.wake_at.map(Time::from_millis),
            ended_at: None,
            end_reason: None,
            goal_at: row.goal_at.map(Time::from_millis),
            trace_length: row.trace_length,
            entry: serde_json::from_str(&row.entry_json).unwrap_or_default(),
        });
    }
    let rows: Vec<EnteredRow> = tx
        .all_rows(
            "SELECT j.member_id, j.journey_id, j.entry_key, MAX(j.entered_at) AS last_entered
             FROM {rows} JOIN journey_runs j ON j.member_id = CAST(r.value->>0 AS BIGINT)
             GROUP BY j.member_id, j.journey_id, j.entry_key",
            &keys,
            Vec::new(),
        )
        .await?;
    for row in rows {
        let runs = found.entry(MemberId(row.member_id)).or_default();
        runs.last_entered.insert((JourneyId(row.journey_id), row.entry_key), Time::from_millis(row.last_entered));
    }
    let rows: Vec<RecentRow> = tx
        .all_rows(
            "WITH latest (member_id, journey_id, at) AS (
               SELECT j.member_id, j.journey_id, MAX(j.entered_at)
               FROM {rows} JOIN journey_runs j ON j.member_id = CAST(r.value->>0 AS BIGINT)
               GROUP BY j.member_id, j.journey_id)
             SELECT j.member_id, j.journey_id, j.entered_at FROM latest l
             JOIN journey_runs j ON j.member_id = l.member_id AND j.journey_id = l.journey_id
               AND j.entered_at > l.at - $2",
            &keys,
            vec![(ENTRY_WINDOW.as_millis() as i64).into()],
        )
        .await?;
    for row in rows {
        let recent = &mut found.entry(MemberId(row.member_id)).or_default().recent;
        recent.entry(JourneyId(row.journey_id)).or_default().push(Time::from_millis(row.entered_at));
    }
    let rows: Vec<TimerRow> = tx
        .all_rows(
            "SELECT subject, due_at FROM timers
             WHERE kind = 'journey' AND subject IN (SELECT CAST(r.value->>0 AS BIGINT) FROM {rows})",
            &keys,
            Vec::new(),
        )
        .await?;
    for row in rows {
        found.entry(MemberId(row.subject)).or_default().timer = Some(Time::from_millis(row.due_at));
    }
    Ok(found)
}

/// Writes what the batch has changed.
pub(super) async fn flush(tx: &Tx, members: &HashMap<MemberId, MemberRuns>, changed: &Changed) -> Result<(), DbErr> {
    flush_merged(tx, changed).await?;
    flush_runs(tx, members, changed).await?;
    flush_trace(tx, changed).await?;
    super::ways::flush(tx, &changed.trace).await?;
    flush_intents(tx, changed).await
}

/// All runs of those who were absorbed, so that who has been through a journey has been so for good.
async fn flush_merged(tx: &Tx, changed: &Changed) -> Result<(), DbErr> {
    let mut kept_of: HashMap<MemberId, MemberId> = HashMap::new();
    // From the last merge to the first, so that each leads to the one who remains in the end.
    for (absorbed, kept) in changed.merged.iter().rev() {
        let remains = kept_of.get(kept).copied().unwrap_or(*kept);
        kept_of.insert(*absorbed, remains);
    }
    let mut rows: Vec<(i64, i64)> = kept_of.into_iter().map(|(absorbed, kept)| (absorbed.0, kept.0)).collect();
    rows.sort_unstable();
    tx.run_rows(
        "UPDATE journey_runs SET member_id = x.kept
         FROM (SELECT CAST(r.value->>0 AS BIGINT) AS absorbed, CAST(r.value->>1 AS BIGINT) AS kept FROM {rows}) AS x
         WHERE journey_runs.member_id = x.absorbed",
        &rows,
    )
    .await?;
    Ok(())
}

/// Gives runs back to the member who entered them, when he is parted from the one who had absorbed him.
pub(super) async fn part(tx: &Tx, parted: &Parted) -> Result<(), DbErr> {
    let rows: Vec<(i64, i64, i64)> =
        parted.origins.iter().map(|origin| (origin.0, parted.kept.0, parted.parted.0)).collect();
    tx.run_rows(
        "UPDATE journey_runs SET member_id = x.parted
         FROM (SELECT CAST(r.value->>0 AS BIGINT) AS origin, CAST(r.value->>1 AS BIGINT) AS kept,
                      CAST(r.value->>2 AS BIGINT) AS parted FROM {rows}) AS x
         WHERE journey_runs.member_id = x.kept AND journey_runs.origin_member_id = x.origin",
        &rows,
    )
    .await?;
    let both = [(parted.kept.0,), (parted.parted.0,)];
    tx.run_rows(
        "DELETE FROM timers WHERE kind = 'journey' AND subject IN (SELECT CAST(r.value->>0 AS BIGINT) FROM {rows})",
        &both,
    )
    .await?;
    tx.run_rows(
        "INSERT INTO timers (kind, subject, workspace_id, due_at)
         SELECT 'journey', j.member_id, j.workspace_id, MIN(j.wake_at)
         FROM {rows} JOIN journey_runs j ON j.member_id = CAST(r.value->>0 AS BIGINT)
         WHERE j.state = 'active' AND j.wake_at IS NOT NULL GROUP BY j.member_id, j.workspace_id",
        &both,
    )
    .await?;
    Ok(())
}

async fn flush_runs(tx: &Tx, members: &HashMap<MemberId, MemberRuns>, changed: &Changed) -> Result<(), DbErr> {
    let runs =
        changed.runs.iter().filter_map(|(member, id)| members.get(member)?.runs.iter().find(|run| run.id == *id));
    let rows: Vec<Vec<Value>> = runs
        .map(|run| {
            vec![
                run.id.0.into(),
                run.workspace.0.into(),
                run.journey.0.into(),
                run.version.into(),
                run.member.0.into(),
                run.origin.0.into(),
                run.key.as_str().into(),
                run.state.into(),
                run.step.clone().into(),
                run.entered_at.millis().into(),
                run.step_at.millis().into(),
                run.wake_at.map(Time::millis).into(),
                run.ended_at.map(Time::millis).into(),
                run.end_reason.map(str::to_owned).into(),
                run.goal_at.map(Time::millis).into(),
                run.trace_length.into(),
                run.entry.to_string().into(),
            ]
        })
        .collect();
    tx.run_rows(
        "INSERT INTO journey_runs (id, workspace_id, journey_id, version, member_id, origin_member_id, entry_key, state,
            step, entered_at, step_at, wake_at, ended_at, end_reason, goal_at, trace_length, entry_json)
         SELECT CAST(r.value->>0 AS BIGINT), CAST(r.value->>1 AS BIGINT), CAST(r.value->>2 AS BIGINT),
            CAST(r.value->>3 AS BIGINT), CAST(r.value->>4 AS BIGINT), CAST(r.value->>5 AS BIGINT), r.value->>6,
            r.value->>7, r.value->>8, CAST(r.value->>9 AS BIGINT), CAST(r.value->>10 AS BIGINT),
            CAST(r.value->>11 AS BIGINT), CAST(r.value->>12 AS BIGINT), r.value->>13, CAST(r.value->>14 AS BIGINT),
            CAST(r.value->>15 AS BIGINT), r.value->>16
         FROM {rows} WHERE true
         ON CONFLICT (id) DO UPDATE SET member_id = excluded.member_id, state = excluded.state, step = excluded.step,
            step_at = excluded.step_at, wake_at = excluded.wake_at, ended_at = excluded.ended_at,
            end_reason = excluded.end_reason, goal_at = excluded.goal_at, trace_length = excluded.trace_length",
        &rows,
    )
    .await?;
    Ok(())
}

async fn flush_trace(tx: &Tx, changed: &Changed) -> Result<(), DbErr> {
    let rows: Vec<(i64, i64, i64, &str, &str, String)> = changed
        .trace
        .iter()
        .map(|line| (line.run.0, line.seq, line.at.millis(), line.step.as_str(), line.action, line.detail.to_string()))
        .collect();
    tx.run_rows(
        "INSERT INTO journey_trace (run_id, seq, at, step, action, detail_json)
         SELECT CAST(r.value->>0 AS BIGINT), CAST(r.value->>1 AS BIGINT), CAST(r.value->>2 AS BIGINT), r.value->>3,
                r.value->>4, r.value->>5 FROM {rows}",
        &rows,
    )
    .await?;
    let mut counts: BTreeMap<(i64, i64, &str, &str), i64> = BTreeMap::new();
    for line in &changed.trace {
        *counts.entry((line.journey.0, line.version, line.step.as_str(), line.action)).or_default() += 1;
    }
    for ((journey, version), times) in &changed.too_often {
        counts.insert((journey.0, *version, "", TOO_OFTEN), *times);
    }
    let rows: Vec<(i64, i64, &str, &str, i64)> =
        counts.into_iter().map(|((journey, version, step, action), n)| (journey, version, step, action, n)).collect();
    tx.run_rows(
        "INSERT INTO journey_counts (journey_id, version, step, action, happened)
         SELECT CAST(r.value->>0 AS BIGINT), CAST(r.value->>1 AS BIGINT), r.value->>2, r.value->>3,
                CAST(r.value->>4 AS BIGINT) FROM {rows} WHERE true
         ON CONFLICT (journey_id, version, step, action)
         DO UPDATE SET happened = journey_counts.happened + excluded.happened",
        &rows,
    )
    .await?;
    Ok(())
}

async fn flush_intents(tx: &Tx, changed: &Changed) -> Result<(), DbErr> {
    let rows: Vec<Vec<Value>> = changed
        .intents
        .iter()
        .map(|intent| {
            vec![
                intent.id.0.into(),
                intent.workspace.0.into(),
                intent.member.0.into(),
                intent.channel.0.into(),
                intent.channel_kind.as_str().into(),
                intent.template.map_or(0, |template| template.0).into(),
                intent.journey.0.into(),
                intent.run.0.into(),
                intent.step.as_str().into(),
                intent.key.as_str().into(),
                intent.topic.as_str().into(),
                intent.address.as_str().into(),
                intent.variables.to_string().into(),
                intent.at.millis().into(),
            ]
        })
        .collect();
    tx.run_rows(
        "INSERT INTO deliveries (id, workspace_id, member_id, channel_id, channel_kind, template_id, journey_id, run_id,
            step, intent_key, topic, address, variables_json, state, queued_at, next_attempt_at)
         SELECT CAST(r.value->>0 AS BIGINT), CAST(r.value->>1 AS BIGINT), CAST(r.value->>2 AS BIGINT),
            CAST(r.value->>3 AS BIGINT), r.value->>4, CAST(r.value->>5 AS BIGINT), CAST(r.value->>6 AS BIGINT),
            CAST(r.value->>7 AS BIGINT), r.value->>8, r.value->>9, r.value->>10, r.value->>11, r.value->>12, 'queued',
            CAST(r.value->>13 AS BIGINT), CAST(r.value->>13 AS BIGINT)
         FROM {rows} WHERE true
         ON CONFLICT (intent_key) DO NOTHING",
        &rows,
    )
    .await?;
    Ok(())
}
