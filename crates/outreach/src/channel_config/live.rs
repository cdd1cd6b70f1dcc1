//! Channels as they are connected, kept in step with their rows.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use ::store::{Db, DbErr, FromQueryResult, Secrets, Sql, secrets::SecretError};
use base::{
    Problem, Time,
    ids::{ChannelId, WorkspaceId},
};
use channels::{Channel, ChannelKind, Registry, webhook::Secret};
use serde_json::{Map, Value as Json};

use super::{
    HOOK_SECRET,
    store::{self, ChannelRow},
};

/// What the configuration says to the outbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Whether a member who never decided is not written to.
    pub requires_consent: bool,
    /// Whether links are rewritten, so that clicks are seen.
    pub track_links: bool,
    /// Whether an invisible image tells of openings.
    pub track_opens: bool,
    /// The brand's postal address, for templates; empty if none is configured.
    pub physical_address: String,
    /// Messages that may go at once after a quiet time; `None` for what is usual at the channel's pace.
    pub burst: Option<u32>,
}

/// Fields of the configuration that speak to the outbox.
const OUTBOX_FIELDS: &[&str] =
    &["requires_consent", "track_links", "track_opens", "physical_address", "burst", HOOK_SECRET];
/// The largest burst that can be configured.
const MAX_BURST: u64 = 10_000;

/// One channel, connected.
#[derive(Clone)]
pub struct Live {
    /// Its id.
    pub id: ChannelId,
    /// Whose it is.
    pub workspace: WorkspaceId,
    /// Its kind.
    pub kind: String,
    /// `active` or `paused`.
    pub state: String,
    /// Which version of the row this is.
    pub updated_at: i64,
    /// What the configuration says to the outbox.
    pub options: Options,
    /// The adapter, or why there is none.
    pub channel: Result<Arc<dyn Channel>, String>,
}

/// Why a channel does not send at the moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// What it said.
    pub problem: String,
    /// When it is tried again; `None` when it first has to be changed.
    pub retry_at: Option<Time>,
}

/// All channels, connected.
#[derive(Default)]
pub struct LiveChannels {
    channels: Mutex<HashMap<i64, Live>>,
    health: Mutex<HashMap<i64, Health>>,
}

#[derive(FromQueryResult)]
struct StampRow {
    id: i64,
    updated_at: i64,
}

impl LiveChannels {
    /// Brings the channels in step with their rows: connects what is new or changed, in this or any
    /// other process. True when a channel is gone. A channel that cannot be connected says so in its health
    /// and keeps nobody else waiting.
    pub async fn refresh(&self, db: &Db, secrets: &Secrets, registry: &Registry) -> Result<bool, DbErr> {
        let stamps: Vec<StampRow> =
            db.read().all("SELECT id, updated_at FROM channels WHERE deleted_at IS NULL", Vec::new()).await?;
        let gone = self.forget_all_but(&stamps);
        let changed: Vec<(i64,)> = {
            let known = lock(&self.channels);
            stamps
                .iter()
                .filter(|stamp| known.get(&stamp.id).is_none_or(|live| live.updated_at != stamp.updated_at))
                .map(|stamp| (stamp.id,))
                .collect()
        };
        if changed.is_empty() {
            return Ok(gone);
        }
        let rows: Vec<ChannelRow> = db
            .read()
            .all_rows(
                "SELECT c.id, c.workspace_id, c.kind, c.name, c.config_json, c.state, c.created_at, c.updated_at
                 FROM {rows} JOIN channels c ON c.id = CAST(r.value->>0 AS BIGINT)",
                &changed,
                Vec::new(),
            )
            .await?;
        for row in rows {
            let channel = match registry.kind(&row.kind) {
                Err(problem) => Err(problem.to_string()),
                Ok(kind) => match store::with_secrets(db.read(), secrets, kind.as_ref(), &row).await {
                    Ok(config) => connect_kept(kind.as_ref(), row.id, config).map_err(|problem| problem.to_string()),
                    Err(SecretError::Database(error)) => return Err(error),
                    Err(error) => Err(error.to_string()),
                },
            };
            let health = channel.as_ref().err().map(|problem| {
                tracing::error!(channel = %ChannelId(row.id), problem, "the channel cannot be connected");
                Health { problem: problem.clone(), retry_at: None }
            });
            let live = Live {
                id: ChannelId(row.id),
                workspace: WorkspaceId(row.workspace_id),
                options: options(&row.config()),
                kind: row.kind,
                state: row.state,
                updated_at: row.updated_at,
                channel,
            };
            self.set_connected(live.id, health);
            lock(&self.channels).insert(row.id, live);
        }
        Ok(gone)
    }

    /// Forgets channels that are not there any more; true when there were some.
    fn forget_all_but(&self, there: &[StampRow]) -> bool {
        let there: HashSet<i64> = there.iter().map(|stamp| stamp.id).collect();
        let mut channels = lock(&self.channels);
        let before = channels.len();
        channels.retain(|id, _| there.contains(id));
        lock(&self.health).retain(|id, _| there.contains(id));
        channels.len() < before
    }

    /// All channels, as they were at the last refresh.
    pub fn all(&self) -> Vec<Live> {
        let mut all: Vec<Live> = lock(&self.channels).values().cloned().collect();
        all.sort_by_key(|live| live.id);
        all
    }

    /// One channel, as it was at the last refresh.
    pub fn get(&self, id: ChannelId) -> Option<Live> {
        lock(&self.channels).get(&id.0).cloned()
    }

    /// Notes that a channel does not send at the moment, or that it does again.
    pub fn set_health(&self, id: ChannelId, health: Option<Health>) {
        match health {
            Some(health) => lock(&self.health).insert(id.0, health),
            None => lock(&self.health).remove(&id.0),
        };
    }

    /// Notes why a channel cannot be connected, or that it can. One that rests goes on to rest: that it was changed does
    /// not show yet that it works.
    fn set_connected(&self, id: ChannelId, health: Option<Health>) {
        let mut all = lock(&self.health);
        match health {
            Some(health) => {
                all.insert(id.0, health);
            }
            None if all.get(&id.0).is_some_and(|health| health.retry_at.is_some()) => {}
            None => {
                all.remove(&id.0);
            }
        }
    }

    /// Why a channel does not send at the moment.
    pub fn health(&self, id: ChannelId) -> Option<Health> {
        lock(&self.health).get(&id.0).cloned()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Connects a channel from its whole configuration; checks the fields for the outbox as well.
pub(crate) fn connect(kind: &dyn ChannelKind, config: Map<String, Json>) -> Result<Arc<dyn Channel>, Problem> {
    kind.connect(&without_outbox_fields(config)?)
}

/// The same for a channel that is kept.
fn connect_kept(kind: &dyn ChannelKind, id: i64, config: Map<String, Json>) -> Result<Arc<dyn Channel>, Problem> {
    kind.connect_kept(ChannelId(id), &without_outbox_fields(config)?)
}

/// What is left for the adapter; checks the fields for the outbox.
fn without_outbox_fields(mut config: Map<String, Json>) -> Result<Json, Problem> {
    for field in OUTBOX_FIELDS {
        let Some(value) = config.remove(*field) else { continue };
        let (fits, wanted) = match *field {
            HOOK_SECRET => (
                value.as_str().is_some_and(|text| Secret::parse(text).is_some()),
                "is not whsec_ and the base64 of 24 to 64 bytes",
            ),
            "physical_address" => (value.is_string(), "is not a text"),
            "burst" => (
                value.as_u64().is_some_and(|burst| (1..=MAX_BURST).contains(&burst)),
                "is not a whole number between 1 and 10000",
            ),
            _ => (value.is_boolean(), "is not true or false"),
        };
        if !fits {
            return Err(Problem::at(base::Code::InvalidChannel, format!("config.{field}"), wanted));
        }
    }
    Ok(Json::Object(config))
}

fn options(config: &Map<String, Json>) -> Options {
    let flag = |name: &str, default: bool| config.get(name).and_then(Json::as_bool).unwrap_or(default);
    Options {
        requires_consent: flag("requires_consent", false),
        track_links: flag("track_links", true),
        track_opens: flag("track_opens", true),
        physical_address: config.get("physical_address").and_then(Json::as_str).unwrap_or_default().to_owned(),
        burst: config.get("burst").and_then(Json::as_u64).and_then(|burst| u32::try_from(burst).ok()),
    }
}
