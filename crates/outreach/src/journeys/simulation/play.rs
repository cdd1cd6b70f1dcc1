//! Playing a journey over the past of members.

use std::time::Duration;

use base::{
    Code, Time,
    ids::{JourneyId, WorkspaceId},
};
use jiff::tz::TimeZone;
use people::replay::{Limits, MEMBERS_AT_ONCE, Past, Replay, copy_rows, copy_workspace};
use serde_json::Value;
use store::{DbErr, Sql, jobs::JobError};

use super::{
    asked::Asked,
    outbox::{House, SimulatedOutbox, Then},
    outcome::{Members, Outcome},
    reading,
    sample::Sample,
    stage_set::Stages,
    watch::Watch,
};
use crate::Outreach;

/// How much of the past is taken at most; of more events, the members behind them are left out.
const LIMITS: Limits = Limits { history: 400_000, history_bytes: 128 << 20, happened: 200_000 };
/// How large the database of a replay may grow: a journey that everybody enters every day has very many runs.
const MOST_BYTES: i64 = 768 << 20;
const SIZE: &str = "SELECT CAST(page_count * page_size AS BIGINT) FROM pragma_page_count(), pragma_page_size()";
/// Events that are told at a time.
const EVENTS_AT_ONCE: usize = 2_000;
/// How long runs may go on when nothing happens any more, in days.
const DAYS_AFTER: u32 = 90;
const DAY: Duration = Duration::from_secs(86_400);

/// Publishes a document as the first version of the one journey of a replay.
pub(super) async fn publish(
    replay: &Replay,
    workspace: WorkspaceId,
    journey: JourneyId,
    document: &Value,
) -> Result<(), DbErr> {
    let now = replay.now().millis();
    let tx = replay.db().begin().await?;
    tx.run("UPDATE workspaces SET rules_version = rules_version + 1 WHERE id = $1", vec![workspace.0.into()]).await?;
    tx.run(
        "INSERT INTO journeys (id, workspace_id, name, state, draft_json, published_version, created_by, created_at, updated_at)
         VALUES ($1, $2, 'simulated', 'live', $3, 1, 'simulation', $4, $4)",
        vec![journey.0.into(), workspace.0.into(), document.to_string().into(), now.into()],
    )
    .await?;
    tx.run(
        "INSERT INTO journey_versions (journey_id, version, document_json, published_at, published_by)
         VALUES ($1, 1, $2, $3, 'simulation')",
        vec![journey.0.into(), document.to_string().into(), now.into()],
    )
    .await?;
    tx.commit().await
}

/// Lets nobody in any more; who is under way goes on.
async fn close_entry(replay: &Replay) -> Result<(), DbErr> {
    let tx = replay.db().begin().await?;
    tx.run("UPDATE workspaces SET rules_version = rules_version + 1", vec![]).await?;
    tx.run("UPDATE journeys SET published_version = NULL", vec![]).await?;
    tx.commit().await
}

/// Plays one document; nothing of it remains but what came of it.
pub(super) async fn play(
    outreach: &Outreach,
    stages: Stages,
    (workspace, asked, document): (WorkspaceId, &Asked, &Value),
    sample: &Sample,
    watch: &mut Watch<'_>,
) -> Result<Outcome, JobError> {
    let from = outreach.db.read();
    let mut replay = Replay::at(asked.from).await?;
    copy_workspace(from, &replay, workspace).await?;
    for table in ["channels", "templates"] {
        let source = format!("{table} x WHERE x.workspace_id = $1 AND x.deleted_at IS NULL");
        copy_rows(from, &replay, table, &source, None, vec![workspace.0.into()]).await?;
    }
    copy_rows(from, &replay, "topics", "topics x WHERE x.workspace_id = $1", None, vec![workspace.0.into()]).await?;
    // The policy of today, as if it had been decided before all of that.
    copy_rows(
        from,
        &replay,
        "outbox_policies",
        "outbox_policies x WHERE x.workspace_id = $1",
        None,
        vec![workspace.0.into()],
    )
    .await?;
    let tx = replay.db().begin().await?;
    tx.run("UPDATE outbox_policies SET updated_at = 0, wake_from = NULL", vec![]).await?;
    tx.commit().await?;
    let house = House {
        registry: Some(&outreach.registry),
        marks: &outreach.marks,
        stale_after: outreach.settings.stale_after,
    };
    let mut outbox = SimulatedOutbox::open(&replay, workspace, house).await?;
    let then = Then { workspace, journey: asked.journey, from: asked.from, to: asked.to };
    let mut past = Past::new(workspace, (asked.from, asked.to), LIMITS);
    let mut fewer_than_asked = false;
    // What this journey itself did is not told again: it does it now.
    let passed_over = format!("journey:{}", asked.journey);
    for some in sample.members.chunks(MEMBERS_AT_ONCE) {
        if !outbox.learn(from, then, some).await? {
            fewer_than_asked = true;
            break;
        }
        let fitted = past.add(from, &replay, some, &passed_over).await?;
        let addresses = "{rows} JOIN identities i ON i.member_id = CAST(r.value->>0 AS BIGINT)
             JOIN suppressions x ON x.workspace_id = i.workspace_id AND x.channel_kind = i.kind AND x.address = i.value
             WHERE x.created_at < $2";
        copy_rows(from, &replay, "suppressions", addresses, Some(some), vec![asked.to.millis().into()]).await?;
        watch.done(some.len()).await?;
        if !fitted {
            fewer_than_asked = true;
            break;
        }
    }
    fewer_than_asked |= past.passed_over > 0;
    past.finish(&replay).await?;
    watch.expect(past.happened.len());
    replay.begin(asked.replies.stages(stages), std::mem::take(&mut past.foretold)).await.map_err(JobError::Fail)?;
    settle(&mut replay, watch).await?;
    publish(&replay, workspace, asked.journey, document).await?;
    settle(&mut replay, watch).await?;

    loop {
        let before = past.happened.told();
        let is_more = past.happened.tell(from, &mut replay, EVENTS_AT_ONCE).await.map_err(JobError::Fail)?;
        settle(&mut replay, watch).await?;
        outbox.run_to(&replay, replay.now()).await?;
        watch.done(past.happened.told() - before).await?;
        if !is_more {
            break;
        }
    }
    replay.move_to(asked.to);
    settle(&mut replay, watch).await?;
    close_entry(&replay).await?;
    settle(&mut replay, watch).await?;
    outbox.run_to(&replay, replay.now()).await?;
    let until = go_on(&mut replay, &mut outbox, asked.to, watch).await?;
    // What waits then waits no longer than its run would have.
    outbox.run_to(&replay, asked.to.plus(DAY * DAYS_AFTER)).await?;

    let mut outcome = reading::read(replay.db().read(), &zone(&replay).await?, asked.to, &outbox).await?;
    if document["goal"].is_null() {
        outcome.goal.share = None;
    }
    outcome.members = Members { sampled: past.members.len(), of: sample.of, fewer_than_asked };
    outcome.events = past.happened.len();
    outcome.after_to.until = until;
    Ok(outcome)
}

/// Lets time pass until no run is under way, or long enough.
async fn go_on(
    replay: &mut Replay,
    outbox: &mut SimulatedOutbox<'_>,
    to: Time,
    watch: &mut Watch<'_>,
) -> Result<Time, JobError> {
    for days in 0..DAYS_AFTER {
        let active: Option<i64> =
            replay.db().read().scalar("SELECT 1 FROM journey_runs WHERE state = 'active' LIMIT 1", vec![]).await?;
        if active.is_none() {
            break;
        }
        replay.move_to(to.plus(DAY * (days + 1)));
        settle(replay, watch).await?;
        outbox.run_to(replay, replay.now()).await?;
    }
    Ok(replay.now())
}

async fn settle(replay: &mut Replay, watch: &mut Watch<'_>) -> Result<(), JobError> {
    loop {
        let is_settled = replay.step().await.map_err(JobError::Fail)?;
        watch.done(0).await?;
        let size: Option<i64> = replay.db().read().scalar(SIZE, vec![]).await?;
        if size.is_some_and(|size| size > MOST_BYTES) {
            let text = "it would take more memory than a simulation may; take fewer members or a shorter time";
            return Err(JobError::fail(Code::SimulationTooLarge, text));
        }
        if is_settled {
            return Ok(());
        }
    }
}

async fn zone(replay: &Replay) -> Result<TimeZone, DbErr> {
    let name: Option<String> = replay.db().read().scalar("SELECT time_zone FROM workspaces LIMIT 1", vec![]).await?;
    Ok(name.and_then(|name| TimeZone::get(&name).ok()).unwrap_or(TimeZone::UTC))
}
