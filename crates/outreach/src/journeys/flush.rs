//! Writing what a batch has changed, with a few statements over many rows.

use std::collections::{BTreeMap, HashMap};

use base::{Time, ids::MemberId};
use people::identity::Parted;
use sea_orm::DbErr;
use serde_json::Value;
use store::{Sql, Tx};

use super::{
    memory::Memory,
    runs::{Changed, Run, TOO_OFTEN},
    tallies,
};

/// Writes what the batch has changed.
pub(super) async fn flush(tx: &Tx, members: &mut Memory, changed: &Changed) -> Result<(), DbErr> {
    flush_merged(tx, changed).await?;
    tallies::give_sides(tx, members, changed).await?;
    flush_runs(tx, members, changed).await?;
    tallies::flush(tx, members, changed).await?;
    flush_entered(tx, members, changed).await?;
    flush_plans(tx, members, changed).await?;
    flush_trace(tx, changed).await?;
    super::ways::flush(tx, &changed.trace).await?;
    super::tasks::flush(tx, changed).await?;
    flush_intents(tx, changed).await
}

/// All runs of those who were absorbed, so that who has been through a journey has been so for good. Their plans are
/// made anew.
async fn flush_merged(tx: &Tx, changed: &Changed) -> Result<(), DbErr> {
    if changed.merged.is_empty() {
        return Ok(());
    }
    let mut kept_of: HashMap<MemberId, MemberId> = HashMap::new();
    // From the last merge to the first, so that each leads to the one who remains in the end.
    for (absorbed, kept) in changed.merged.iter().rev() {
        let remains = kept_of.get(kept).copied().unwrap_or(*kept);
        kept_of.insert(*absorbed, remains);
    }
    let mut rows: Vec<(i64, i64)> = kept_of.into_iter().map(|(absorbed, kept)| (absorbed.0, kept.0)).collect();
    rows.sort_unstable();
    let pairs =
        "(SELECT CAST(r.value->>0 AS BIGINT) AS absorbed, CAST(r.value->>1 AS BIGINT) AS kept FROM {rows}) AS x";
    for table in ["journey_runs", "journey_tasks"] {
        let sql = format!("UPDATE {table} SET member_id = x.kept FROM {pairs} WHERE {table}.member_id = x.absorbed");
        tx.run_rows(&sql, &rows).await?;
    }
    tx.run_rows(
        &format!(
            "INSERT INTO journey_entries (member_id, journey_id, origin_id, entry_key, last_entered, recent_json)
             SELECT x.kept, e.journey_id, e.origin_id, e.entry_key, e.last_entered, e.recent_json
             FROM {pairs} JOIN journey_entries e ON e.member_id = x.absorbed WHERE true
             ON CONFLICT (member_id, journey_id, origin_id, entry_key) DO UPDATE SET last_entered =
               CASE WHEN excluded.last_entered > journey_entries.last_entered
                 THEN excluded.last_entered ELSE journey_entries.last_entered END"
        ),
        &rows,
    )
    .await?;
    for table in ["journey_entries", "journey_plans"] {
        let sql = format!("DELETE FROM {table} WHERE member_id IN (SELECT CAST(r.value->>0 AS BIGINT) FROM {{rows}})");
        tx.run_rows(&sql, &rows).await?;
    }
    Ok(())
}

/// Gives runs back to the member who entered them, when he is parted from the one who had absorbed him.
pub(super) async fn part(tx: &Tx, parted: &Parted) -> Result<(), DbErr> {
    let rows: Vec<(i64, i64, i64)> =
        parted.origins.iter().map(|origin| (origin.0, parted.kept.0, parted.parted.0)).collect();
    let triples = "(SELECT CAST(r.value->>0 AS BIGINT) AS origin, CAST(r.value->>1 AS BIGINT) AS kept,
                           CAST(r.value->>2 AS BIGINT) AS parted FROM {rows}) AS x";
    // Tasks go with their runs, so they go first.
    tx.run_rows(
        &format!(
            "UPDATE journey_tasks SET member_id = x.parted FROM {triples}
             WHERE journey_tasks.member_id = x.kept AND journey_tasks.run_id IN
               (SELECT j.id FROM journey_runs j WHERE j.member_id = x.kept AND j.origin_member_id = x.origin)"
        ),
        &rows,
    )
    .await?;
    tx.run_rows(
        &format!(
            "UPDATE journey_runs SET member_id = x.parted FROM {triples}
             WHERE journey_runs.member_id = x.kept AND journey_runs.origin_member_id = x.origin"
        ),
        &rows,
    )
    .await?;
    tx.run_rows(
        &format!(
            "INSERT INTO journey_entries (member_id, journey_id, origin_id, entry_key, last_entered, recent_json)
             SELECT x.parted, e.journey_id, e.origin_id, e.entry_key, e.last_entered, e.recent_json
             FROM {triples} JOIN journey_entries e ON e.member_id = x.kept AND e.origin_id = x.origin
             WHERE x.parted <> x.kept ON CONFLICT DO NOTHING"
        ),
        &rows,
    )
    .await?;
    tx.run_rows(
        "DELETE FROM journey_entries WHERE (member_id, origin_id) IN
           (SELECT CAST(r.value->>1 AS BIGINT), CAST(r.value->>0 AS BIGINT) FROM {rows}
            WHERE r.value->>1 <> r.value->>2)",
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

async fn flush_runs(tx: &Tx, members: &Memory, changed: &Changed) -> Result<(), DbErr> {
    let runs =
        changed.runs.iter().filter_map(|(member, id)| members.get(*member)?.runs.iter().find(|run| run.id == *id));
    let mut runs: Vec<&Run> = runs.collect();
    runs.sort_unstable_by_key(|run| run.id);
    let (new, known): (Vec<&Run>, Vec<&Run>) = runs.into_iter().partition(|run| run.is_new);
    let moving = |run: &Run| -> Vec<Value> {
        vec![
            run.id.0.into(),
            run.member.0.into(),
            run.state.into(),
            run.step.clone().into(),
            run.step_at.millis().into(),
            run.wake_at.map(Time::millis).into(),
            i64::from(run.arriving).into(),
            run.wait.as_ref().and_then(|wait| serde_json::to_string(wait).ok()).into(),
            run.ended_at.map(Time::millis).into(),
            run.end_reason.map(str::to_owned).into(),
            run.goal_at.map(Time::millis).into(),
            run.goal_until.map(Time::millis).into(),
            run.trace_length.into(),
            run.told.into(),
        ]
    };
    let rows: Vec<Vec<Value>> = new
        .into_iter()
        .map(|run| {
            let mut row = moving(run);
            row.extend([
                run.workspace.0.into(),
                run.journey.0.into(),
                run.version.into(),
                run.origin.0.into(),
                run.key.as_str().into(),
                run.entered_at.millis().into(),
                run.entry.to_string().into(),
                run.drawn_at_share.into(),
                (run.side as i64).into(),
            ]);
            row
        })
        .collect();
    tx.run_rows(
        "INSERT INTO journey_runs (id, member_id, state, step, step_at, wake_at, arriving, wait_json, ended_at,
            end_reason, goal_at, goal_until, trace_length, told, workspace_id, journey_id, version, origin_member_id,
            entry_key, entered_at, entry_json, drawn_at_share, side)
         SELECT CAST(r.value->>0 AS BIGINT), CAST(r.value->>1 AS BIGINT), r.value->>2, r.value->>3,
            CAST(r.value->>4 AS BIGINT), CAST(r.value->>5 AS BIGINT), CAST(r.value->>6 AS BIGINT), r.value->>7,
            CAST(r.value->>8 AS BIGINT), r.value->>9, CAST(r.value->>10 AS BIGINT), CAST(r.value->>11 AS BIGINT),
            CAST(r.value->>12 AS BIGINT), CAST(r.value->>13 AS BIGINT), CAST(r.value->>14 AS BIGINT),
            CAST(r.value->>15 AS BIGINT), CAST(r.value->>16 AS BIGINT), CAST(r.value->>17 AS BIGINT), r.value->>18,
            CAST(r.value->>19 AS BIGINT), r.value->>20, CAST(r.value->>21 AS BIGINT), CAST(r.value->>22 AS BIGINT)
         FROM {rows}",
        &rows,
    )
    .await?;
    // SQLite writes every index again that has a column of the statement, whether it changes or not: most runs only go
    // on, and no index tells of that.
    let (going_on, known): (Vec<&Run>, Vec<&Run>) = known.into_iter().partition(|run| run.indexed == run.indexed_as());
    flush_going_on(tx, &going_on).await?;
    let rows: Vec<Vec<Value>> = known.into_iter().map(moving).collect();
    tx.run_rows(
        "UPDATE journey_runs SET member_id = x.member_id, state = x.state, step = x.step, step_at = x.step_at,
            wake_at = x.wake_at, arriving = x.arriving, wait_json = x.wait_json, ended_at = x.ended_at,
            end_reason = COALESCE(x.end_reason, journey_runs.end_reason), goal_at = x.goal_at,
            goal_until = x.goal_until, trace_length = x.trace_length, told = x.told
         FROM (SELECT CAST(r.value->>0 AS BIGINT) AS id, CAST(r.value->>1 AS BIGINT) AS member_id,
                 r.value->>2 AS state, r.value->>3 AS step, CAST(r.value->>4 AS BIGINT) AS step_at,
                 CAST(r.value->>5 AS BIGINT) AS wake_at, CAST(r.value->>6 AS BIGINT) AS arriving,
                 r.value->>7 AS wait_json, CAST(r.value->>8 AS BIGINT) AS ended_at, r.value->>9 AS end_reason,
                 CAST(r.value->>10 AS BIGINT) AS goal_at, CAST(r.value->>11 AS BIGINT) AS goal_until,
                 CAST(r.value->>12 AS BIGINT) AS trace_length, CAST(r.value->>13 AS BIGINT) AS told
               FROM {rows}) AS x
         WHERE journey_runs.id = x.id",
        &rows,
    )
    .await?;
    Ok(())
}

/// Runs of which nothing has changed that an index holds.
async fn flush_going_on(tx: &Tx, runs: &[&Run]) -> Result<(), DbErr> {
    let rows: Vec<Vec<Value>> = runs
        .iter()
        .map(|run| {
            vec![
                run.id.0.into(),
                run.step.clone().into(),
                run.step_at.millis().into(),
                run.wake_at.map(Time::millis).into(),
                i64::from(run.arriving).into(),
                run.wait.as_ref().and_then(|wait| serde_json::to_string(wait).ok()).into(),
                run.goal_at.map(Time::millis).into(),
                run.trace_length.into(),
                run.told.into(),
            ]
        })
        .collect();
    tx.run_rows(
        "UPDATE journey_runs SET step = x.step, step_at = x.step_at, wake_at = x.wake_at, arriving = x.arriving,
            wait_json = x.wait_json, goal_at = x.goal_at, trace_length = x.trace_length, told = x.told
         FROM (SELECT CAST(r.value->>0 AS BIGINT) AS id, r.value->>1 AS step, CAST(r.value->>2 AS BIGINT) AS step_at,
                 CAST(r.value->>3 AS BIGINT) AS wake_at, CAST(r.value->>4 AS BIGINT) AS arriving,
                 r.value->>5 AS wait_json, CAST(r.value->>6 AS BIGINT) AS goal_at,
                 CAST(r.value->>7 AS BIGINT) AS trace_length, CAST(r.value->>8 AS BIGINT) AS told
               FROM {rows}) AS x
         WHERE journey_runs.id = x.id",
        &rows,
    )
    .await?;
    Ok(())
}

async fn flush_entered(tx: &Tx, members: &Memory, changed: &Changed) -> Result<(), DbErr> {
    let entered = changed.entered.iter().filter_map(|(member, journey, key)| {
        let entered = members.get(*member)?.entered.get(&(*journey, key.clone()))?;
        let recent: Vec<i64> = entered.recent.iter().map(|at| at.millis()).collect();
        let recent = serde_json::to_string(&recent).unwrap_or_default();
        Some((member.0, journey.0, key.as_str(), entered.last.millis(), recent))
    });
    let rows: Vec<(i64, i64, &str, i64, String)> = entered.collect();
    tx.run_rows(
        "INSERT INTO journey_entries (member_id, journey_id, origin_id, entry_key, last_entered, recent_json)
         SELECT CAST(r.value->>0 AS BIGINT), CAST(r.value->>1 AS BIGINT), CAST(r.value->>0 AS BIGINT), r.value->>2,
                CAST(r.value->>3 AS BIGINT), r.value->>4 FROM {rows} WHERE true
         ON CONFLICT (member_id, journey_id, origin_id, entry_key)
         DO UPDATE SET last_entered = excluded.last_entered, recent_json = excluded.recent_json",
        &rows,
    )
    .await?;
    let rows: Vec<(i64, i64, &str)> =
        changed.forgotten.iter().map(|(member, journey, key)| (member.0, journey.0, key.as_str())).collect();
    tx.run_rows(
        "DELETE FROM journey_entries WHERE (member_id, journey_id, entry_key) IN
           (SELECT CAST(r.value->>0 AS BIGINT), CAST(r.value->>1 AS BIGINT), r.value->>2 FROM {rows})",
        &rows,
    )
    .await?;
    Ok(())
}

async fn flush_plans(tx: &Tx, members: &Memory, changed: &Changed) -> Result<(), DbErr> {
    let (mut kept, mut dropped) = (Vec::new(), Vec::new());
    for (member, journey) in &changed.plans {
        match members.get(*member).and_then(|runs| runs.plans.get(journey)) {
            Some(plan) => {
                kept.push((member.0, journey.0, plan.due_at.millis(), plan.occasion.as_str(), plan.last.as_str()))
            }
            None => dropped.push((member.0, journey.0)),
        }
    }
    tx.run_rows(
        "INSERT INTO journey_plans (member_id, journey_id, due_at, occasion, last_occasion)
         SELECT CAST(r.value->>0 AS BIGINT), CAST(r.value->>1 AS BIGINT), CAST(r.value->>2 AS BIGINT), r.value->>3,
                r.value->>4 FROM {rows} WHERE true
         ON CONFLICT (member_id, journey_id) DO UPDATE SET due_at = excluded.due_at, occasion = excluded.occasion,
            last_occasion = excluded.last_occasion",
        &kept,
    )
    .await?;
    tx.run_rows(
        "DELETE FROM journey_plans WHERE (member_id, journey_id) IN
           (SELECT CAST(r.value->>0 AS BIGINT), CAST(r.value->>1 AS BIGINT) FROM {rows})",
        &dropped,
    )
    .await?;
    Ok(())
}

async fn flush_trace(tx: &Tx, changed: &Changed) -> Result<(), DbErr> {
    let mut rows: Vec<(i64, i64, i64, &str, &str, String)> = changed
        .trace
        .iter()
        .filter(|line| line.is_kept())
        .map(|line| (line.run.0, line.seq, line.at.millis(), line.step.as_str(), line.action, line.detail.to_string()))
        .collect();
    // In the order of the table.
    rows.sort_unstable_by_key(|(run, seq, ..)| (*run, *seq));
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
                intent.priority.into(),
                intent.expires_at.map(Time::millis).into(),
                intent.options.to_string().into(),
            ]
        })
        .collect();
    tx.run_rows(
        "INSERT INTO deliveries (id, workspace_id, member_id, channel_id, channel_kind, template_id, journey_id, run_id,
            step, intent_key, topic, address, variables_json, state, queued_at, next_attempt_at, priority, expires_at,
            options_json)
         SELECT CAST(r.value->>0 AS BIGINT), CAST(r.value->>1 AS BIGINT), CAST(r.value->>2 AS BIGINT),
            CAST(r.value->>3 AS BIGINT), r.value->>4, CAST(r.value->>5 AS BIGINT), CAST(r.value->>6 AS BIGINT),
            CAST(r.value->>7 AS BIGINT), r.value->>8, r.value->>9, r.value->>10, r.value->>11, r.value->>12, 'queued',
            CAST(r.value->>13 AS BIGINT), CAST(r.value->>13 AS BIGINT), CAST(r.value->>14 AS BIGINT),
            CAST(r.value->>15 AS BIGINT), r.value->>16
         FROM {rows} WHERE true
         ON CONFLICT (intent_key) DO NOTHING",
        &rows,
    )
    .await?;
    Ok(())
}
