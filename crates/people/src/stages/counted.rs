//! How many members are on which rung, kept for a while where counting them takes long.

use std::{collections::HashMap, sync::Arc, time::Duration};

use base::{Clock, Time, ids::WorkspaceId};
use sea_orm::DbErr;
use store::Sql;
use tokio::sync::Mutex;

use super::transitions::{StandingRow, standings};

/// What took less is counted anew each time.
const QUICK: Duration = Duration::from_millis(100);
/// For how long the numbers are kept.
const KEPT_FOR: Duration = Duration::from_secs(60);

/// The numbers of a moment.
#[derive(Clone, Debug)]
pub(super) struct Standings {
    pub rows: Arc<Vec<StandingRow>>,
    /// When they were counted.
    pub at: Time,
}

/// What was counted of each workspace.
#[derive(Default)]
pub(super) struct Counted {
    workspaces: std::sync::Mutex<HashMap<WorkspaceId, Arc<Mutex<Option<Kept>>>>>,
}

struct Kept {
    standings: Standings,
    /// How many rungs the ladder had.
    rungs: usize,
    /// Until when they are shown, by the monotonic clock.
    until: Duration,
}

impl Counted {
    /// The numbers of a workspace whose ladder has so many rungs. Of several who ask at once one counts and all are
    /// answered.
    pub(super) async fn standings(
        &self,
        db: &impl Sql,
        clock: &dyn Clock,
        workspace: WorkspaceId,
        rungs: usize,
    ) -> Result<Standings, DbErr> {
        let place = self
            .workspaces
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .entry(workspace)
            .or_default()
            .clone();
        let mut place = place.lock().await;
        let begun = clock.monotonic();
        if let Some(kept) = place.as_ref().filter(|kept| kept.rungs == rungs && begun < kept.until) {
            return Ok(kept.standings.clone());
        }
        let counted = Standings { at: clock.now(), rows: Arc::new(standings(db, workspace).await?) };
        let took = clock.monotonic().saturating_sub(begun);
        let until = clock.monotonic().saturating_add(KEPT_FOR);
        *place = (took >= QUICK).then(|| Kept { standings: counted.clone(), rungs, until });
        Ok(counted)
    }
}
