//! Reading what is known of the members of a batch: a few statements, each of which goes to one place of an index per
//! member.

use std::collections::HashMap;

use base::{
    Time,
    ids::{JourneyId, MemberId, RunId, WorkspaceId},
};
use sea_orm::{DbErr, FromQueryResult};
use store::{Sql, Tx};

use super::{
    runs::{Entered, MemberRuns, Plan, Run, began_at},
    tallies::Side,
};

#[derive(FromQueryResult)]
struct RunRow {
    id: i64,
    workspace_id: i64,
    journey_id: i64,
    version: i64,
    member_id: i64,
    origin_member_id: i64,
    entry_key: String,
    state: String,
    step: Option<String>,
    entered_at: i64,
    step_at: i64,
    wake_at: Option<i64>,
    arriving: i64,
    wait_json: Option<String>,
    told: Option<i64>,
    ended_at: Option<i64>,
    goal_at: Option<i64>,
    goal_until: Option<i64>,
    trace_length: i64,
    entry_json: String,
    began_on: i64,
    drawn_at_share: i64,
    side: i64,
}

#[derive(FromQueryResult)]
struct EnteredRow {
    member_id: i64,
    journey_id: i64,
    entry_key: String,
    last_entered: i64,
    recent_json: String,
}

#[derive(FromQueryResult)]
struct PlanRow {
    member_id: i64,
    journey_id: i64,
    due_at: i64,
    occasion: String,
    last_occasion: String,
}

#[derive(FromQueryResult)]
struct TimerRow {
    subject: i64,
    due_at: i64,
}

const RUN: &str =
    "j.id, j.workspace_id, j.journey_id, j.version, j.member_id, j.origin_member_id, j.entry_key, j.state,
    j.step, j.entered_at, j.step_at, j.wake_at, j.arriving, j.wait_json, j.told, j.ended_at, j.goal_at,
    j.goal_until, j.trace_length, j.entry_json, COALESCE(j.moved_from, j.version) AS began_on, j.drawn_at_share, j.side";

/// Reads what is known of these members; goals that could be reached before `now` only are left out. Plans are read
/// when there are any.
pub(super) async fn load(
    tx: &Tx,
    members: &[MemberId],
    now: Time,
    has_plans: bool,
) -> Result<HashMap<MemberId, MemberRuns>, DbErr> {
    let keys: Vec<(i64,)> = members.iter().map(|id| (id.0,)).collect();
    let mut found: HashMap<MemberId, MemberRuns> = members.iter().map(|id| (*id, MemberRuns::default())).collect();
    let rows: Vec<RunRow> = tx
        .all_rows(
            &format!(
                "SELECT {RUN} FROM {{rows}} JOIN journey_runs j ON j.member_id = CAST(r.value->>0 AS BIGINT)
                 WHERE j.state = 'active'
                 UNION ALL
                 SELECT {RUN} FROM {{rows}} JOIN journey_runs j ON j.member_id = CAST(r.value->>0 AS BIGINT)
                 WHERE j.goal_until > $2 AND j.state <> 'active'"
            ),
            &keys,
            vec![now.millis().into()],
        )
        .await?;
    for row in rows {
        found.entry(MemberId(row.member_id)).or_default().runs.push(row.into());
    }
    found.values_mut().for_each(|member| member.runs.sort_unstable_by_key(|run| run.id));
    let rows: Vec<EnteredRow> = tx
        .all_rows(
            "SELECT e.member_id, e.journey_id, e.entry_key, e.last_entered, e.recent_json
             FROM {rows} JOIN journey_entries e ON e.member_id = CAST(r.value->>0 AS BIGINT)",
            &keys,
            Vec::new(),
        )
        .await?;
    for row in rows {
        let recent: Vec<i64> = serde_json::from_str(&row.recent_json).unwrap_or_default();
        let entered = Entered {
            last: Time::from_millis(row.last_entered),
            recent: recent.into_iter().map(Time::from_millis).collect(),
        };
        let member = found.entry(MemberId(row.member_id)).or_default();
        member.entered.entry((JourneyId(row.journey_id), row.entry_key)).or_default().absorb(entered);
    }
    if has_plans {
        let rows: Vec<PlanRow> = tx
            .all_rows(
                "SELECT p.member_id, p.journey_id, p.due_at, p.occasion, p.last_occasion
                 FROM {rows} JOIN journey_plans p ON p.member_id = CAST(r.value->>0 AS BIGINT)",
                &keys,
                Vec::new(),
            )
            .await?;
        for row in rows {
            let plan = Plan { due_at: Time::from_millis(row.due_at), occasion: row.occasion, last: row.last_occasion };
            found.entry(MemberId(row.member_id)).or_default().plans.insert(JourneyId(row.journey_id), plan);
        }
    }
    // With another join SQLite would go through all journey timers for each member: that one kind has very many is
    // not known to it. A cross join keeps the order in which it is written.
    let rows: Vec<TimerRow> = tx
        .all_rows(
            "SELECT t.subject, t.due_at
             FROM {rows} CROSS JOIN timers t WHERE t.kind = 'journey' AND t.subject = CAST(r.value->>0 AS BIGINT)",
            &keys,
            Vec::new(),
        )
        .await?;
    for row in rows {
        found.entry(MemberId(row.subject)).or_default().timer = Some(Time::from_millis(row.due_at));
    }
    Ok(found)
}

impl From<RunRow> for Run {
    fn from(row: RunRow) -> Run {
        let entered_at = Time::from_millis(row.entered_at);
        let entry = serde_json::from_str(&row.entry_json).unwrap_or_default();
        let mut run = Run {
            id: RunId(row.id),
            workspace: WorkspaceId(row.workspace_id),
            journey: JourneyId(row.journey_id),
            version: row.version,
            member: MemberId(row.member_id),
            origin: MemberId(row.origin_member_id),
            key: row.entry_key,
            state: state_word(&row.state),
            step: row.step,
            entered_at,
            step_at: Time::from_millis(row.step_at),
            wake_at: row.wake_at.map(Time::from_millis),
            arriving: row.arriving == 1,
            wait: row.wait_json.and_then(|json| serde_json::from_str(&json).ok()),
            told: row.told,
            ended_at: row.ended_at.map(Time::from_millis),
            // Why it ended stays as it is written.
            end_reason: None,
            goal_at: row.goal_at.map(Time::from_millis),
            goal_until: row.goal_until.map(Time::from_millis),
            trace_length: row.trace_length,
            began_at: began_at(&entry).unwrap_or(entered_at),
            entry: row.entry_json.into(),
            is_new: false,
            indexed: (MemberId(row.member_id), state_word(&row.state), row.goal_until.map(Time::from_millis)),
            began_on: row.began_on,
            drawn_at_share: row.drawn_at_share,
            side: Side::of_number(row.side),
            counted: None,
        };
        run.counted = Some(run.counted_as());
        run
    }
}

const STATES: [&str; 6] = ["active", "completed", "exited", "held_out", "failed", "stopped"];

fn state_word(state: &str) -> &'static str {
    STATES.into_iter().find(|word| *word == state).unwrap_or("stopped")
}
