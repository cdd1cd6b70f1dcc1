//! Tracked addresses and their numbers.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Mutex, MutexGuard, PoisonError},
};

use base::{IdSource, ids::WorkspaceId};
use store::{Db, DbErr, FromQueryResult, Sql};

const KEPT: usize = 20_000;

/// Numbers of addresses, with the recent ones in memory.
#[derive(Default)]
pub struct LinkBook {
    known: Mutex<HashMap<(i64, String), i64>>,
}

#[derive(FromQueryResult)]
struct LinkRow {
    id: i64,
    workspace_id: i64,
    url: String,
}

impl LinkBook {
    /// The numbers of addresses; those that are new get one.
    pub async fn numbers(
        &self,
        db: &Db,
        ids: &IdSource,
        wanted: &BTreeSet<(WorkspaceId, String)>,
    ) -> Result<HashMap<(WorkspaceId, String), i64>, DbErr> {
        let mut numbers = HashMap::with_capacity(wanted.len());
        let mut missing: Vec<(i64, i64, &str)> = Vec::new();
        {
            let known = self.lock();
            for (workspace, url) in wanted {
                match known.get(&(workspace.0, url.clone())) {
                    Some(number) => {
                        numbers.insert((*workspace, url.clone()), *number);
                    }
                    None => missing.push((ids.next_number(), workspace.0, url)),
                }
            }
        }
        if missing.is_empty() {
            return Ok(numbers);
        }
        let tx = db.begin().await?;
        tx.run_rows(
            "INSERT INTO links (id, workspace_id, url)
             SELECT CAST(r.value->>0 AS BIGINT), CAST(r.value->>1 AS BIGINT), r.value->>2 FROM {rows} WHERE true
             ON CONFLICT (workspace_id, url) DO NOTHING",
            &missing,
        )
        .await?;
        let rows: Vec<LinkRow> = tx
            .all_rows(
                "SELECT l.id, l.workspace_id, l.url FROM {rows}
                 JOIN links l ON l.workspace_id = CAST(r.value->>1 AS BIGINT) AND l.url = r.value->>2",
                &missing,
                Vec::new(),
            )
            .await?;
        tx.commit().await?;
        let mut known = self.lock();
        if known.len() + rows.len() > KEPT {
            known.clear();
        }
        for row in rows {
            known.insert((row.workspace_id, row.url.clone()), row.id);
            numbers.insert((WorkspaceId(row.workspace_id), row.url), row.id);
        }
        Ok(numbers)
    }

    /// The address with a number.
    pub async fn url(db: &impl Sql, workspace: WorkspaceId, link: i64) -> Result<Option<String>, DbErr> {
        db.scalar("SELECT url FROM links WHERE workspace_id = $1 AND id = $2", vec![workspace.0.into(), link.into()])
            .await
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<(i64, String), i64>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
