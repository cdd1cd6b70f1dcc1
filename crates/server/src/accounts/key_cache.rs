//! Looking up keys without asking the database each time.
//!
//! A key that was found is believed for five seconds, so a revoked one works that long at most in
//! other processes (in this one it stops at once). That there is no such key is believed for one
//! second, and a key is asked for anew when it is not in the cache, so a new key works at once.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use api::{Caller, Role};
use async_trait::async_trait;
use base::{
    Clock,
    ids::{KeyId, WorkspaceId},
};
use sha2::{Digest, Sha256};
use store::{Db, DbErr, FromQueryResult, Sql};

use super::hex;
use crate::ingest::{WriteKey, WriteKeys};

const FRESH: Duration = Duration::from_secs(5);
const FRESH_ABSENCE: Duration = Duration::from_secs(1);
const ENTRIES: usize = 10_000;
const LONGEST_SECRET: usize = 128;

/// The keys that were used lately. Share one per process.
#[derive(Debug)]
pub struct KeyCache {
    db: Db,
    clock: Arc<dyn Clock>,
    entries: Mutex<HashMap<[u8; 32], Entry>>,
    /// Uses that are not in the database yet: number of the key, milliseconds.
    uses: Mutex<HashMap<i64, i64>>,
}

#[derive(Clone, Debug)]
struct Entry {
    fresh_until: Duration,
    key: Option<Known>,
}

#[derive(Clone, Debug)]
struct Known {
    id: KeyId,
    workspace: WorkspaceId,
    /// For write keys.
    trusted: bool,
    /// For API keys.
    caller: Option<Caller>,
}

#[derive(FromQueryResult)]
struct KeyRow {
    id: i64,
    workspace_id: i64,
    kind: String,
    role: String,
    scopes_json: String,
    trusted: i64,
}

#[derive(FromQueryResult)]
struct IdRow {
    id: i64,
}

impl KeyCache {
    /// An empty cache.
    pub fn new(db: Db, clock: Arc<dyn Clock>) -> KeyCache {
        KeyCache { db, clock, entries: Mutex::default(), uses: Mutex::default() }
    }

    /// The write key with this secret (`wk_…`).
    pub async fn write_key(&self, secret: &str) -> Result<Option<WriteKey>, DbErr> {
        if !secret.starts_with("wk_") {
            return Ok(None);
        }
        let found = self.find(secret).await?;
        let found = found.filter(|key| key.caller.is_none());
        Ok(found.map(|key| WriteKey { id: key.id, workspace: key.workspace, trusted: key.trusted }))
    }

    /// Who calls with the API key with this secret (`hk_…`).
    pub async fn api_key(&self, secret: &str) -> Result<Option<Caller>, DbErr> {
        if !secret.starts_with("hk_") {
            return Ok(None);
        }
        Ok(self.find(secret).await?.and_then(|key| key.caller))
    }

    /// Writes down when keys were last used. Call it about once a minute, and at the end.
    pub async fn write_uses(&self) -> Result<(), DbErr> {
        let uses: Vec<(i64, i64)> = lock(&self.uses).drain().collect();
        if uses.is_empty() {
            return Ok(());
        }
        match self.try_write_uses(&uses).await {
            Ok(()) => Ok(()),
            Err(error) => {
                let mut waiting = lock(&self.uses);
                for (key, at) in uses {
                    waiting.entry(key).or_insert(at);
                }
                Err(error)
            }
        }
    }

    /// Forgets what is cached, so that a change counts at once in this process.
    pub fn clear(&self) {
        lock(&self.entries).clear();
    }

    async fn try_write_uses(&self, uses: &[(i64, i64)]) -> Result<(), DbErr> {
        let tx = self.db.begin().await?;
        tx.run_rows(
            "UPDATE api_keys SET last_used_at = used.at
             FROM (SELECT CAST(r.value->>0 AS BIGINT) AS id, CAST(r.value->>1 AS BIGINT) AS at FROM {rows}) AS used
             WHERE api_keys.id = used.id AND COALESCE(api_keys.last_used_at, 0) < used.at",
            uses,
        )
        .await?;
        tx.commit().await
    }

    async fn find(&self, secret: &str) -> Result<Option<Known>, DbErr> {
        if secret.len() > LONGEST_SECRET {
            return Ok(None);
        }
        let hash: [u8; 32] = Sha256::digest(secret.as_bytes()).into();
        let cached = lock(&self.entries).get(&hash).filter(|entry| entry.fresh_until > self.clock.monotonic()).cloned();
        let key = match cached {
            Some(entry) => entry.key,
            None => self.load(hash).await?,
        };
        if let Some(key) = &key {
            lock(&self.uses).insert(key.id.0, self.clock.now().millis());
        }
        Ok(key)
    }

    async fn load(&self, hash: [u8; 32]) -> Result<Option<Known>, DbErr> {
        let row: Option<KeyRow> = self
            .db
            .read()
            .one(
                "SELECT id, workspace_id, kind, role, scopes_json, trusted FROM api_keys
                 WHERE secret_hash = $1 AND revoked_at IS NULL",
                vec![hex(&hash).into()],
            )
            .await?;
        let key = row.and_then(KeyRow::into_known);
        let now = self.clock.monotonic();
        let fresh_until = now + if key.is_some() { FRESH } else { FRESH_ABSENCE };
        let mut entries = lock(&self.entries);
        make_room(&mut entries, now);
        entries.insert(hash, Entry { fresh_until, key: key.clone() });
        Ok(key)
    }
}

#[async_trait]
impl WriteKeys for KeyCache {
    async fn write_key(&self, secret: &str) -> Result<Option<WriteKey>, DbErr> {
        KeyCache::write_key(self, secret).await
    }

    async fn trusted(&self, keys: &[KeyId]) -> Result<HashSet<KeyId>, DbErr> {
        let keys: Vec<(i64,)> = keys.iter().map(|key| (key.0,)).collect();
        let rows: Vec<IdRow> = self
            .db
            .read()
            .all_rows(
                "SELECT k.id FROM {rows} JOIN api_keys k ON k.id = CAST(r.value->>0 AS BIGINT)
                 WHERE k.revoked_at IS NULL AND (k.kind <> 'write' OR k.trusted <> 0)",
                &keys,
                Vec::new(),
            )
            .await?;
        Ok(rows.into_iter().map(|row| KeyId(row.id)).collect())
    }
}

impl KeyRow {
    fn into_known(self) -> Option<Known> {
        let (id, workspace, trusted) = (KeyId(self.id), WorkspaceId(self.workspace_id), self.trusted != 0);
        let caller = match self.kind.as_str() {
            "write" => None,
            _ => Some(Caller {
                workspace,
                actor: format!("key:{id}"),
                role: self.role.parse::<Role>().ok()?,
                scopes: Some(serde_json::from_str(&self.scopes_json).ok()?),
            }),
        };
        Some(Known { id, workspace, trusted, caller })
    }
}

/// Somebody who tries many wrong keys must neither fill the memory nor push out the right ones for long.
fn make_room(entries: &mut HashMap<[u8; 32], Entry>, now: Duration) {
    if entries.len() < ENTRIES {
        return;
    }
    entries.retain(|_, entry| entry.fresh_until > now && entry.key.is_some());
    if entries.len() >= ENTRIES {
        entries.clear();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
