//! The log of a replay: one partition in memory, which forgets what was read.

use std::{
    collections::VecDeque,
    ops::Range,
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use log::{Erased, EventLog, IsConcerned, LogError, NewRecord, Offset, Position, Record};
use tokio::sync::watch;

/// Records that wait to be read.
pub(super) struct Feed {
    waiting: Mutex<Waiting>,
    appended: watch::Sender<u64>,
}

#[derive(Default)]
struct Waiting {
    /// The offset of the first that is still there.
    first: Offset,
    records: VecDeque<NewRecord>,
}

impl Feed {
    pub(super) fn new() -> Feed {
        Feed { waiting: Mutex::default(), appended: watch::Sender::new(0) }
    }

    /// Forgets what stands before this offset.
    pub(super) fn forget_before(&self, offset: Offset) {
        let mut waiting = self.lock();
        while waiting.first < offset && waiting.records.pop_front().is_some() {
            waiting.first += 1;
        }
    }

    /// The offset behind the last record.
    pub(super) fn end(&self) -> Offset {
        self.lock().end()
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    fn end(&self) -> Offset {
        self.first + self.records.len() as u64
    }
}

#[async_trait]
impl EventLog for Feed {
    fn partitions(&self) -> u32 {
        1
    }

    async fn append(&self, records: Vec<NewRecord>) -> Result<Vec<Position>, LogError> {
        let mut waiting = self.lock();
        let from = waiting.end();
        waiting.records.extend(records);
        let positions = (from..waiting.end()).map(|offset| Position { partition: 0, offset }).collect();
        self.appended.send_modify(|commits| *commits += 1);
        Ok(positions)
    }

    async fn read(
        &self,
        partition: u32,
        from: Offset,
        max_records: usize,
        max_bytes: usize,
    ) -> Result<Vec<Record>, LogError> {
        let waiting = self.lock();
        if from < waiting.first {
            return Err(LogError::Expired { first: waiting.first });
        }
        let (mut found, mut bytes) = (Vec::new(), 0);
        for (place, record) in waiting.records.iter().enumerate().skip((from - waiting.first) as usize) {
            if found.len() >= max_records || (bytes >= max_bytes && !found.is_empty()) {
                break;
            }
            bytes += record.payload.len();
            found.push(Record { partition, offset: waiting.first + place as u64, payload: record.payload.clone() });
        }
        Ok(found)
    }

    fn range(&self, partition: u32) -> Range<Offset> {
        let waiting = self.lock();
        if partition == 0 { waiting.first..waiting.end() } else { 0..0 }
    }

    fn subscribe(&self) -> watch::Receiver<u64> {
        self.appended.subscribe()
    }

    async fn retain(&self, _floor: &[Offset], _now_ms: i64) -> Result<u64, LogError> {
        Ok(0)
    }

    async fn erase(
        &self,
        _partition: u32,
        _from: Offset,
        _upto: Offset,
        _is_concerned: IsConcerned,
    ) -> Result<Erased, LogError> {
        Err(LogError::Closed)
    }

    async fn snapshot(&self, _dir: &Path) -> Result<(), LogError> {
        Err(LogError::Closed)
    }
}
