//! What happened to whom, for whoever keeps it in another form: the events that the pipeline has taken, in the order of the
//! log, each with the identity and the member to whom that first belonged, its *home*.
//!
//! A home never changes, whoever becomes one with whom; who has moved since is told beside it ([`Histories::moves`]).

use std::{collections::BTreeSet, sync::Arc};

use base::ids::{EventId, MemberId, WorkspaceId};
use log::{EventLog, LogError};
use sea_orm::{DbErr, FromQueryResult};
use serde::Deserialize;
use store::{Db, Sql, Tx};
use tokio::sync::watch;

pub use crate::pipeline::Regrouped;
use crate::pipeline::{CONSUMER, Progress};

/// Records that are read at once from a partition, and in all.
const OF_A_PARTITION: usize = 4_000;
const AT_ONCE: usize = 8_000;
const READ_BYTES: usize = 4 << 20;

/// An event that the pipeline has taken.
#[derive(Clone, Debug, FromQueryResult)]
pub struct TakenEvent {
    /// Its id, which sorts by arrival.
    pub id: i64,
    /// Whose data it is.
    pub workspace_id: i64,
    /// The identity to which it belongs.
    pub identity_id: i64,
    /// The member to whom that first belonged.
    pub home_id: i64,
    /// When it happened, in milliseconds since 1970.
    pub happened_at: i64,
    /// What happened.
    pub name: String,
    /// A JSON object.
    pub properties_json: String,
}

/// An identity, and whose it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromQueryResult)]
pub struct OwnedIdentity {
    /// Whose data it is.
    pub workspace_id: i64,
    /// The identity.
    pub identity_id: i64,
    /// The member to whom it first belonged.
    pub home_id: i64,
    /// The member to whom it belongs.
    pub member_id: i64,
}

/// Events, and how far in the log they reach.
#[derive(Clone, Debug, Default)]
pub struct Taken {
    /// The events, with the place of each in the log: partition and offset.
    pub events: Vec<((u32, u64), TakenEvent)>,
    /// The next record of each partition.
    pub cursors: Vec<u64>,
}

/// Why events cannot be told.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// The log does not reach back so far any more, or not as far as the cursors: the table of events has to be read anew.
    #[error("the log does not have what comes next")]
    OutOfReach,
    /// The log cannot be read.
    #[error(transparent)]
    Log(LogError),
    /// The database cannot be read.
    #[error(transparent)]
    Database(#[from] DbErr),
}

/// Tells what the pipeline has taken.
#[derive(Clone)]
pub struct Histories {
    /// The database.
    pub db: Db,
    /// The log.
    pub log: Arc<dyn EventLog>,
    /// How far the pipeline is.
    pub progress: Progress,
}

/// What is needed of a record to find its event.
#[derive(Deserialize)]
struct Told {
    id: EventId,
}

#[derive(FromQueryResult)]
struct IdRow {
    id: i64,
}

const COLUMNS: &str = "e.id, e.workspace_id, e.identity_id,
    COALESCE(i.home_member_id, i.origin_member_id) AS home_id, e.happened_at, n.name, e.properties_json";

impl Histories {
    /// Changes with every commit of the pipeline.
    pub fn commits(&self) -> watch::Receiver<u64> {
        self.progress.subscribe()
    }

    /// How far the pipeline is: the next record of each partition.
    pub fn reached(&self) -> Vec<u64> {
        self.progress.cursors()
    }

    /// Who has got identities since a moment that was given before, 0 for the beginning; and the moment for the next time.
    pub fn regrouped_since(&self, moment: u64) -> (u64, Regrouped) {
        self.progress.regrouped_since(moment)
    }

    /// All workspaces.
    pub async fn workspaces(&self) -> Result<Vec<WorkspaceId>, DbErr> {
        let rows: Vec<IdRow> = self.db.read().all("SELECT id FROM workspaces ORDER BY id", Vec::new()).await?;
        Ok(rows.into_iter().map(|row| WorkspaceId(row.id)).collect())
    }

    /// The next events behind these cursors that the pipeline has taken; none when there are none.
    pub async fn after(&self, cursors: &[u64]) -> Result<Taken, HistoryError> {
        let reached = self.reached();
        let (mut next, mut records) = (cursors.to_vec(), Vec::new());
        next.resize(reached.len(), 0);
        for (partition, (next, end)) in (0_u32..).zip(next.iter_mut().zip(&reached)) {
            if *next > *end {
                return Err(HistoryError::OutOfReach);
            }
            let before = records.len();
            while *next < *end && records.len() < AT_ONCE && records.len() - before < OF_A_PARTITION {
                let most = OF_A_PARTITION.min((*end - *next) as usize);
                let read = match self.log.read(partition, *next, most, READ_BYTES).await {
                    Err(LogError::Expired { .. }) => return Err(HistoryError::OutOfReach),
                    // The pipeline has noted it and gone on.
                    Err(LogError::Corrupt { .. }) => {
                        *next += 1;
                        continue;
                    }
                    read => read.map_err(HistoryError::Log)?,
                };
                let Some(last) = read.last().map(|record| record.offset.min(*end - 1)) else { break };
                for record in read.into_iter().filter(|record| record.offset < *end && !record.is_erased()) {
                    if let Ok(Told { id }) = serde_json::from_slice(&record.payload) {
                        records.push((id.0, (partition, record.offset)));
                    }
                }
                *next = last + 1;
            }
        }
        // What was refused, or told before, is not in the table.
        records.sort_unstable();
        records.dedup_by_key(|(id, _)| *id);
        let ids: Vec<(i64,)> = records.iter().map(|(id, _)| (*id,)).collect();
        let sql = format!(
            "SELECT {COLUMNS} FROM {{rows}} JOIN events e ON e.id = CAST(r.value->>0 AS BIGINT)
             JOIN identities i ON i.id = e.identity_id JOIN event_names n ON n.id = e.name_id"
        );
        let mut events: Vec<TakenEvent> = match ids.is_empty() {
            true => Vec::new(),
            false => self.db.read().all_rows(&sql, &ids, Vec::new()).await?,
        };
        events.sort_unstable_by_key(|event| event.id);
        let place = |event: &TakenEvent| {
            let found = records.binary_search_by_key(&event.id, |(id, _)| *id);
            found.map_or((0, 0), |found| records[found].1)
        };
        let events = events.into_iter().map(|event| (place(&event), event)).collect();
        Ok(Taken { events, cursors: next })
    }

    /// Identities of a workspace that belong to another member than their home.
    pub async fn moves(&self, workspace: WorkspaceId) -> Result<Vec<OwnedIdentity>, DbErr> {
        self.db
            .read()
            .all(
                "SELECT workspace_id, id AS identity_id, COALESCE(home_member_id, origin_member_id) AS home_id, member_id
                 FROM identities
                 WHERE workspace_id = $1 AND member_id <> COALESCE(home_member_id, origin_member_id)",
                vec![workspace.0.into()],
            )
            .await
    }

    /// All identities of some members, whoever's they were first; of members who are others by now, those of the others.
    pub async fn identities_of(&self, members: BTreeSet<MemberId>) -> Result<Vec<OwnedIdentity>, DbErr> {
        let mut open: Vec<(i64,)> = members.into_iter().map(|member| (member.0,)).collect();
        let mut found: Vec<OwnedIdentity> = Vec::new();
        while !open.is_empty() {
            let sql = "SELECT i.workspace_id, i.id AS identity_id,
                              COALESCE(i.home_member_id, i.origin_member_id) AS home_id, i.member_id
                       FROM {rows} JOIN identities i ON i.member_id = CAST(r.value->>0 AS BIGINT)";
            let identities: Vec<OwnedIdentity> = self.db.read().all_rows(sql, &open, Vec::new()).await?;
            let seen: BTreeSet<i64> = identities.iter().map(|identity| identity.member_id).collect();
            found.extend(identities);
            open.retain(|(member,)| !seen.contains(member));
            if !open.is_empty() {
                let sql = "SELECT DISTINCT m.merged_into AS id FROM {rows} JOIN members m ON m.id = CAST(r.value->>0 AS BIGINT)
                           WHERE m.merged_into IS NOT NULL";
                let others: Vec<IdRow> = self.db.read().all_rows(sql, &open, Vec::new()).await?;
                open = others.into_iter().map(|row| (row.id,)).collect();
            }
        }
        Ok(found)
    }

    /// All events that there are, as they are at one moment.
    pub async fn whole(&self) -> Result<Whole, DbErr> {
        let snapshot = self.db.snapshot().await?;
        let cursors = store::cursors::load(&snapshot, CONSUMER, self.log.partitions()).await?;
        Ok(Whole { snapshot, cursors })
    }
}

/// All events at one moment.
pub struct Whole {
    snapshot: Tx,
    /// How far in the log they reach.
    pub cursors: Vec<u64>,
}

impl Whole {
    /// About how many of them are of a workspace.
    pub async fn count(&self, workspace: WorkspaceId) -> Result<i64, DbErr> {
        let sql = "SELECT COUNT(*) FROM events WHERE workspace_id = $1";
        Ok(self.snapshot.scalar(sql, vec![workspace.0.into()]).await?.unwrap_or_default())
    }

    /// The next events of a workspace behind an id, by id; none when there are no more.
    pub async fn after(&self, workspace: WorkspaceId, id: i64, most: i64) -> Result<Vec<TakenEvent>, DbErr> {
        let sql = format!(
            "SELECT {COLUMNS} FROM events e JOIN identities i ON i.id = e.identity_id JOIN event_names n ON n.id = e.name_id
             WHERE e.workspace_id = $1 AND e.id > $2 ORDER BY e.id LIMIT $3"
        );
        self.snapshot.all(&sql, vec![workspace.0.into(), id.into(), most.into()]).await
    }
}
