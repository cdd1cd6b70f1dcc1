//! Appends to the log what transactions emitted.
//!
//! A fact that a stage or the outbox makes is first a row in the same transaction as its cause,
//! and then a record in the log. If the process dies between append and removal, the fact is
//! appended again; its message id is the same, so the pipeline drops the second.

use std::{sync::Arc, time::Duration};

use base::{Clock, Event, event::partition_of};
use log::{EventLog, NewRecord};
use store::Db;
use tokio::sync::Notify;

const AT_ONCE: u64 = 2_000;
/// After an append, how long more facts may gather: each append costs the disk twice.
const GATHERING: Duration = Duration::from_millis(20);
const PAUSE_AFTER_ERROR: Duration = Duration::from_secs(1);

/// The task that closes the loop.
pub struct Emitter {
    db: Db,
    log: Arc<dyn EventLog>,
    clock: Arc<dyn Clock>,
    wake: Arc<Notify>,
}

impl Emitter {
    /// `wake` is to be notified after every commit that emitted something.
    pub fn new(db: Db, log: Arc<dyn EventLog>, clock: Arc<dyn Clock>, wake: Arc<Notify>) -> Emitter {
        Emitter { db, log, clock, wake }
    }

    /// Appends what is waiting; returns how many events.
    pub async fn drain(&self) -> anyhow::Result<usize> {
        let mut appended = 0;
        loop {
            let waiting = store::emitted::take(self.db.read(), AT_ONCE).await?;
            if waiting.is_empty() {
                return Ok(appended);
            }
            let records = waiting.iter().map(|(_, record)| self.record(record)).collect::<Result<Vec<_>, _>>()?;
            appended += records.len();
            // The log must not know of what a power cut could still undo.
            self.db.make_durable().await?;
            self.log.append(records).await?;
            let tx = self.db.begin_replayable().await?;
            let ids: Vec<i64> = waiting.iter().map(|(id, _)| *id).collect();
            store::emitted::remove(&tx, &ids).await?;
            tx.commit().await?;
            // Whoever emitted more meanwhile has woken us for it.
            if waiting.len() < AT_ONCE as usize {
                return Ok(appended);
            }
        }
    }

    /// A fact arrives when it is appended, however long ago its cause was: a replay, which goes by the moments of
    /// arrival, then takes it where it was taken the first time.
    fn record(&self, record: &str) -> anyhow::Result<NewRecord> {
        let event = Event { received_at: self.clock.now(), ..Event::from_record(record.as_bytes())? };
        let partition = partition_of(event.workspace, &event.partition_key(), self.log.partitions());
        Ok(NewRecord { partition, payload: event.to_record().into() })
    }

    /// Drains whenever woken, until `shutdown` completes. After an error (a full disk) it tries
    /// again after a moment.
    pub async fn run(self, shutdown: impl Future<Output = ()>) {
        tokio::pin!(shutdown);
        loop {
            let pause = match self.drain().await {
                Ok(0) => None,
                Ok(_) => Some(GATHERING),
                Err(error) => {
                    tracing::error!(error = format!("{error:#}"), "emitted events cannot be appended yet");
                    Some(PAUSE_AFTER_ERROR)
                }
            };
            if let Some(pause) = pause {
                tokio::select! {
                    () = self.clock.sleep(pause) => {}
                    () = &mut shutdown => return,
                }
                continue;
            }
            tokio::select! {
                () = self.wake.notified() => {}
                () = &mut shutdown => return,
            }
        }
    }
}
