//! What the home page says about outreach: messages of the day, journeys under way, what went out or was held back without
//! anybody, and what waits for somebody.
//!
//! Everything is a range of an index or a table that is counted as it changes.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use base::{
    Time,
    ids::{ChannelId, JourneyId, WorkspaceId, first_number_at},
};
use sea_orm::{DbErr, FromQueryResult};
use serde::Serialize;
use store::Sql;
use utoipa::ToSchema;

use crate::{
    journeys::QUARTER,
    outbox::{PART, queue_lengths},
};

/// Journeys that are named: those with most members under way.
const NAMED: usize = 12;
/// A message waits no longer than this before it is sent, so what was sent on a day was asked for since.
const LONGEST_WAIT: Duration = Duration::from_secs(8 * 86_400);

/// A journey that runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct JourneyToday {
    /// `jrn_…`
    #[schema(value_type = String)]
    pub id: JourneyId,
    /// Its name.
    pub name: String,
    /// `live` or `paused`.
    pub state: String,
    /// How many members are on their way.
    pub under_way: i64,
    /// How many came in today.
    pub entered_today: i64,
    /// How many reached its goal today.
    pub goals_today: i64,
}

/// What outreach did between two moments.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DoneAlone {
    /// Messages that were handed over.
    pub sent: i64,
    /// Tasks that journeys gave to people.
    pub tasks_opened: i64,
    /// Messages that were not to be sent, by reason.
    pub refused: BTreeMap<String, i64>,
}

/// Tasks that wait.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TasksWaiting {
    /// All of them.
    pub open: i64,
    /// Those that should be done by now.
    pub overdue: i64,
}

/// A channel that somebody should look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelInNeed {
    /// Which.
    pub id: ChannelId,
    /// What operators call it.
    pub name: String,
    /// What the other side said.
    pub problem: String,
}

#[derive(FromQueryResult)]
struct JourneyRow {
    id: i64,
    name: String,
    state: String,
    under_way: i64,
}

#[derive(FromQueryResult)]
struct IdRow {
    id: i64,
}

#[derive(FromQueryResult)]
struct NumberRow {
    id: i64,
    number: i64,
}

#[derive(FromQueryResult)]
struct ReasonRow {
    reason: String,
    number: i64,
}

#[derive(FromQueryResult)]
struct TasksRow {
    open: i64,
    overdue: i64,
}

#[derive(FromQueryResult)]
struct ChannelRow {
    id: i64,
    name: String,
    problem: String,
}

/// How many messages were handed over between two moments.
pub async fn messages_sent(db: &impl Sql, workspace: WorkspaceId, from: Time, to: Time) -> Result<i64, DbErr> {
    let sent: Option<i64> = db
        .scalar(
            "SELECT COUNT(*) FROM deliveries
             WHERE workspace_id = $1 AND state IN ('accepted', 'delivered', 'bounced') AND id >= $2 AND id < $3
               AND accepted_at >= $4 AND accepted_at < $5",
            vec![
                workspace.0.into(),
                first_number_at(from.minus(LONGEST_WAIT)).into(),
                first_number_at(to).into(),
                from.millis().into(),
                to.millis().into(),
            ],
        )
        .await?;
    Ok(sent.unwrap_or_default())
}

/// The journeys of a workspace that run, those with most members under way first.
pub async fn journeys_today(db: &impl Sql, workspace: WorkspaceId, since: Time) -> Result<Vec<JourneyToday>, DbErr> {
    let rows: Vec<JourneyRow> = db
        .all(
            "SELECT j.id, j.name, j.state, CAST(COALESCE((SELECT SUM(t.runs) FROM journey_tallies t
               WHERE t.journey_id = j.id AND t.state = 'active'), 0) AS BIGINT) AS under_way
             FROM journeys j WHERE j.workspace_id = $1 AND j.deleted_at IS NULL AND j.state IN ('live', 'paused')
             ORDER BY under_way DESC, j.id DESC LIMIT $2",
            vec![workspace.0.into(), (NAMED as i64).into()],
        )
        .await?;
    let keys: Vec<(i64,)> = rows.iter().map(|row| (row.id,)).collect();
    let entered: Vec<NumberRow> = db
        .all_rows(
            "SELECT a.journey_id AS id, CAST(SUM(a.runs) AS BIGINT) AS number FROM {rows} CROSS JOIN journey_arrivals a
             WHERE a.journey_id = CAST(r.value->>0 AS BIGINT) AND a.quarter >= $2 GROUP BY a.journey_id",
            &keys,
            vec![since.millis().div_euclid(QUARTER).into()],
        )
        .await?;
    let goals: Vec<NumberRow> = db
        .all_rows(
            "SELECT g.journey_id AS id, COUNT(*) AS number FROM {rows} CROSS JOIN journey_runs g
             WHERE g.journey_id = CAST(r.value->>0 AS BIGINT) AND g.goal_at IS NOT NULL AND g.goal_at >= $2
             GROUP BY g.journey_id",
            &keys,
            vec![since.millis().into()],
        )
        .await?;
    let by_journey =
        |rows: Vec<NumberRow>| rows.into_iter().map(|row| (row.id, row.number)).collect::<HashMap<i64, i64>>();
    let (entered, goals) = (by_journey(entered), by_journey(goals));
    let journey = |row: JourneyRow| JourneyToday {
        id: JourneyId(row.id),
        name: row.name,
        state: row.state,
        under_way: row.under_way,
        entered_today: entered.get(&row.id).copied().unwrap_or_default(),
        goals_today: goals.get(&row.id).copied().unwrap_or_default(),
    };
    Ok(rows.into_iter().map(journey).collect())
}

/// What happened between two moments without anybody.
pub async fn done_alone(db: &impl Sql, workspace: WorkspaceId, from: Time, to: Time) -> Result<DoneAlone, DbErr> {
    let span = || vec![workspace.0.into(), first_number_at(from).into(), first_number_at(to).into()];
    let tasks: Option<i64> = db
        .scalar(
            "SELECT COUNT(*) FROM journey_tasks WHERE workspace_id = $1 AND id >= $2 AND id < $3
               AND state IN ('open', 'done', 'expired', 'cancelled')",
            span(),
        )
        .await?;
    let refused: Vec<ReasonRow> = db
        .all(
            "SELECT COALESCE(reason, '') AS reason, COUNT(*) AS number FROM deliveries
             WHERE workspace_id = $1 AND state = 'suppressed' AND id >= $2 AND id < $3
               AND ended_at >= $4 AND ended_at < $5
             GROUP BY COALESCE(reason, '')",
            vec![
                workspace.0.into(),
                first_number_at(from.minus(LONGEST_WAIT)).into(),
                first_number_at(to).into(),
                from.millis().into(),
                to.millis().into(),
            ],
        )
        .await?;
    Ok(DoneAlone {
        sent: messages_sent(db, workspace, from, to).await?,
        tasks_opened: tasks.unwrap_or_default(),
        refused: refused.into_iter().map(|row| (row.reason, row.number)).collect(),
    })
}

/// How much could go out of a workspace now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OutboxStanding {
    /// Messages that could go now.
    pub due: i64,
    /// Since when the first of them could have gone, to ten seconds.
    pub oldest: Option<Time>,
}

/// How the queues of a workspace stand.
pub async fn outbox_standing(db: &impl Sql, workspace: WorkspaceId, now: Time) -> Result<OutboxStanding, DbErr> {
    let channels: Vec<IdRow> = db
        .all(
            "SELECT id FROM channels WHERE workspace_id = $1 AND deleted_at IS NULL AND state = 'active'",
            vec![workspace.0.into()],
        )
        .await?;
    let ids: Vec<i64> = channels.into_iter().map(|row| row.id).collect();
    let due = queue_lengths(db, &ids, now).await?.into_values().map(|length| length.due).sum();
    let first: Option<Option<i64>> = db
        .scalar(
            "SELECT CAST(MIN(x.due_part) AS BIGINT) FROM (
               SELECT o.due_part FROM (SELECT channel_id, due_part, number FROM outbox_counts
                 UNION ALL SELECT channel_id, due_part, number FROM outbox_changes) AS o
               JOIN channels c ON c.id = o.channel_id
               WHERE c.workspace_id = $1 AND c.deleted_at IS NULL AND c.state = 'active'
               GROUP BY o.due_part HAVING SUM(o.number) > 0) AS x",
            vec![workspace.0.into()],
        )
        .await?;
    let oldest = first.flatten().map(|part| Time::from_millis(part * PART)).filter(|oldest| *oldest <= now);
    Ok(OutboxStanding { due, oldest })
}

/// Tasks that wait for somebody.
pub async fn tasks_waiting(db: &impl Sql, workspace: WorkspaceId, now: Time) -> Result<TasksWaiting, DbErr> {
    let row: Option<TasksRow> = db
        .one(
            "SELECT COUNT(*) AS open, COUNT(CASE WHEN due_at < $2 THEN 1 ELSE NULL END) AS overdue
             FROM journey_tasks WHERE workspace_id = $1 AND state = 'open'",
            vec![workspace.0.into(), now.millis().into()],
        )
        .await?;
    Ok(row.map_or_else(TasksWaiting::default, |row| TasksWaiting { open: row.open, overdue: row.overdue }))
}

/// Channels that cannot send, or whose mailbox cannot be read.
pub async fn channels_in_need(db: &impl Sql, workspace: WorkspaceId) -> Result<Vec<ChannelInNeed>, DbErr> {
    let rows: Vec<ChannelRow> = db
        .all(
            "SELECT c.id, c.name, COALESCE(b.problem, m.problem, '') AS problem FROM channels c
             LEFT JOIN channel_breakers b ON b.channel_id = c.id
             LEFT JOIN channel_mailboxes m ON m.channel_id = c.id AND m.problem IS NOT NULL
             WHERE c.workspace_id = $1 AND c.deleted_at IS NULL AND c.state = 'active'
               AND (b.channel_id IS NOT NULL OR m.channel_id IS NOT NULL)
             ORDER BY c.name, c.id LIMIT 20",
            vec![workspace.0.into()],
        )
        .await?;
    let channel = |row: ChannelRow| ChannelInNeed { id: ChannelId(row.id), name: row.name, problem: row.problem };
    Ok(rows.into_iter().map(channel).collect())
}
