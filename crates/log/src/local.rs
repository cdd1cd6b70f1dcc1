//! The log in local files.

use std::fmt;
use std::ops::Range;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, TryAcquireError, oneshot, watch};

use crate::directory::{self, DirectoryLock, MAX_PARTITIONS};
use crate::error::LogError;
use crate::recovery::{OpenReport, recover_partition};
use crate::retention::{self, RetentionPolicy};
use crate::storage::{DiskStorage, Storage};
use crate::tail::{RollPolicy, Tail};
use crate::view::{Place, Shared, lock};
use crate::writer::{AppendRequest, Request, SealRequest, Writer};
use crate::{Erased, EventLog, IsConcerned, NewRecord, Offset, Position, Record, erase, reader, snapshot};

/// What a record counts for beyond its payload: its frame and the bookkeeping in memory.
const RECORD_OVERHEAD: usize = 64;

/// With an age limit, a segment covers at most this part of it, so that records expire about in time.
const SEGMENTS_PER_AGE: i64 = 8;

/// The time, as unix milliseconds. Pass the program's clock.
pub type NowMs = Arc<dyn Fn() -> i64 + Send + Sync>;

/// How a [`LocalLog`] is set up.
#[derive(Clone)]
pub struct LocalLogOptions {
    /// The number of partitions, 1 to 10,000; fixed when the log is created.
    pub partitions: u32,
    /// A segment file is closed when it would become larger. One group of appends is not divided, so a
    /// segment may still be as large as `max_pending_bytes`.
    pub segment_bytes: u64,
    /// [`EventLog::retain`] deletes segments all of whose records are older.
    pub max_age: Option<Duration>,
    /// [`EventLog::retain`] deletes the oldest segments while all partitions together are larger.
    pub max_bytes: Option<u64>,
    /// How much may be queued for writing; more waits in `append`. Also the limit of one call. A record
    /// counts for its payload and 64 bytes. At most 4 GiB.
    pub max_pending_bytes: usize,
    /// How much may wait in `append` for room in the queue; beyond it, calls fail with
    /// [`LogError::Overloaded`].
    pub max_waiting_bytes: usize,
    /// How many segment files readers keep open, each with an index of some 16 KiB.
    pub max_open_files: usize,
    /// Stamps new segments, for retention by age.
    pub now_ms: NowMs,
    /// The file system, which tests replace.
    pub storage: Arc<dyn Storage>,
}

impl Default for LocalLogOptions {
    fn default() -> LocalLogOptions {
        LocalLogOptions {
            partitions: 4,
            segment_bytes: 64 * 1024 * 1024,
            max_age: None,
            max_bytes: None,
            max_pending_bytes: 32 * 1024 * 1024,
            max_waiting_bytes: 128 * 1024 * 1024,
            max_open_files: 64,
            now_ms: Arc::new(system_now_ms),
            storage: Arc::new(DiskStorage),
        }
    }
}

impl fmt::Debug for LocalLogOptions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("LocalLogOptions")
            .field("partitions", &self.partitions)
            .field("segment_bytes", &self.segment_bytes)
            .field("max_age", &self.max_age)
            .field("max_bytes", &self.max_bytes)
            .field("max_pending_bytes", &self.max_pending_bytes)
            .field("max_waiting_bytes", &self.max_waiting_bytes)
            .field("max_open_files", &self.max_open_files)
            .field("storage", &self.storage)
            .finish_non_exhaustive()
    }
}

/// A log in a directory of local files, which it locks.
///
/// Dropping it waits until what is queued is written; [`LocalLog::close`] does so without blocking a
/// thread of the runtime. The asynchronous operations need a tokio runtime.
pub struct LocalLog {
    shared: Arc<Shared>,
    partitions: u32,
    retention: RetentionPolicy,
    now_ms: NowMs,
    room: Arc<Semaphore>,
    max_pending_bytes: usize,
    waiting: AtomicUsize,
    max_waiting_bytes: usize,
    /// `None` when closed.
    queue: Mutex<Option<mpsc::Sender<Request>>>,
    writer: Mutex<Option<JoinHandle<()>>>,
    /// Held by maintenance, so that a snapshot does not lose the files that it copies.
    maintenance: Arc<Mutex<()>>,
    lock: Arc<DirectoryLock>,
}

impl fmt::Debug for LocalLog {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("LocalLog").field("shared", &self.shared).finish_non_exhaustive()
    }
}

impl LocalLog {
    /// Opens the log in `dir`, or creates one there.
    ///
    /// Scans the last segment of each partition and cuts what a crash left half-written; see
    /// [`OpenReport`]. Blocks for as long as reading these files takes.
    pub fn open(dir: &Path, options: LocalLogOptions) -> Result<(LocalLog, OpenReport), LogError> {
        if options.partitions == 0 || options.partitions > MAX_PARTITIONS {
            let message = format!("a log has 1 to {MAX_PARTITIONS} partitions");
            return Err(LogError::Io(std::io::Error::new(std::io::ErrorKind::InvalidInput, message)));
        }
        std::fs::create_dir_all(dir)?;
        let lock = Arc::new(DirectoryLock::take(dir)?);
        directory::prepare(dir, options.partitions)?;

        let max_age_ms = options.max_age.map(|age| i64::try_from(age.as_millis()).unwrap_or(i64::MAX));
        let roll = RollPolicy {
            segment_bytes: options.segment_bytes,
            segment_age_ms: max_age_ms.map(|age| (age / SEGMENTS_PER_AGE).max(1)),
        };
        let mut report = OpenReport::default();
        let mut views = Vec::new();
        let mut tails = Vec::new();
        for partition in 0..options.partitions {
            let storage = Arc::clone(&options.storage);
            let found = recover_partition(dir, storage.as_ref(), partition, &mut report)?;
            let (end, root) = (found.view.end, dir.to_path_buf());
            tails.push(Tail::new(partition, root, storage, roll, end, found.active));
            views.push(found.view);
        }

        let shared = Arc::new(Shared::new(dir.to_path_buf(), options.storage, views, options.max_open_files));
        let (queue, requests) = mpsc::channel();
        let writer = Writer {
            shared: Arc::clone(&shared),
            tails,
            now_ms: Arc::clone(&options.now_ms),
            lock: Arc::clone(&lock),
            failing: false,
        };
        let thread = thread::Builder::new().name("hearth-log".to_owned());
        let writer = thread.spawn(move || writer.run(requests))?;
        let max_pending_bytes = options.max_pending_bytes.min(u32::MAX as usize).min(Semaphore::MAX_PERMITS);
        let log = LocalLog {
            shared,
            partitions: options.partitions,
            retention: RetentionPolicy { max_age_ms, max_bytes: options.max_bytes },
            now_ms: options.now_ms,
            room: Arc::new(Semaphore::new(max_pending_bytes)),
            max_pending_bytes,
            waiting: AtomicUsize::new(0),
            max_waiting_bytes: options.max_waiting_bytes,
            queue: Mutex::new(Some(queue)),
            writer: Mutex::new(Some(writer)),
            maintenance: Arc::default(),
            lock,
        };
        Ok((log, report))
    }

    /// Writes what is queued and takes no more: later appends fail with [`LogError::Closed`]. Reading goes
    /// on; the directory stays locked until the log is dropped.
    pub async fn close(&self) {
        if let Some(writer) = self.end_queue() {
            let joined = tokio::task::spawn_blocking(move || writer.join()).await;
            report_panic(matches!(joined, Ok(Ok(()))));
        }
    }

    fn end_queue(&self) -> Option<JoinHandle<()>> {
        self.room.close();
        drop(lock(&self.queue).take());
        lock(&self.writer).take()
    }

    fn check(&self, partition: u32) -> Result<(), LogError> {
        let partitions = self.partitions;
        if partition < partitions { Ok(()) } else { Err(LogError::UnknownPartition { partition, partitions }) }
    }

    /// Waits for `bytes` of the queue's bound.
    async fn room_for(&self, bytes: usize) -> Result<OwnedSemaphorePermit, LogError> {
        let limit = self.max_pending_bytes;
        let permits = match u32::try_from(bytes) {
            Ok(permits) if bytes <= limit => permits,
            _ => return Err(LogError::TooLarge { bytes, limit }),
        };
        match Arc::clone(&self.room).try_acquire_many_owned(permits) {
            Ok(room) => return Ok(room),
            Err(TryAcquireError::Closed) => return Err(LogError::Closed),
            Err(TryAcquireError::NoPermits) => {}
        }
        let _waiting = Waiting::begin(&self.waiting, bytes, self.max_waiting_bytes)?;
        let room = Arc::clone(&self.room).acquire_many_owned(permits).await;
        room.map_err(|_| LogError::Closed)
    }

    fn ask_writer(&self, request: Request) -> Result<(), LogError> {
        let sent = lock(&self.queue).as_ref().is_some_and(|queue| queue.send(request).is_ok());
        if sent { Ok(()) } else { Err(LogError::Closed) }
    }

    /// Runs file operations where they may block.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Shared) -> Result<T, LogError> + Send + 'static,
    ) -> Result<T, LogError> {
        let shared = Arc::clone(&self.shared);
        match tokio::task::spawn_blocking(move || work(&shared)).await {
            Ok(result) => result,
            Err(error) if error.is_cancelled() => Err(LogError::Closed),
            Err(error) => Err(LogError::Io(std::io::Error::other(error))),
        }
    }

    /// Runs file operations that exclude each other, and that keep the directory locked even if the
    /// caller goes away.
    async fn maintain<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Shared) -> Result<T, LogError> + Send + 'static,
    ) -> Result<T, LogError> {
        let alone = Arc::clone(&self.maintenance);
        let held = Arc::clone(&self.lock);
        self.blocking(move |shared| {
            let _held = held;
            let _alone = lock(&alone);
            work(shared)
        })
        .await
    }
}

impl Drop for LocalLog {
    fn drop(&mut self) {
        if let Some(writer) = self.end_queue() {
            report_panic(writer.join().is_ok());
        }
    }
}

#[async_trait::async_trait]
impl EventLog for LocalLog {
    fn partitions(&self) -> u32 {
        self.partitions
    }

    async fn append(&self, records: Vec<NewRecord>) -> Result<Vec<Position>, LogError> {
        if records.is_empty() {
            return Ok(Vec::new());
        }
        let mut bytes = 0;
        for record in &records {
            self.check(record.partition)?;
            bytes += record.payload.len() + RECORD_OVERHEAD;
        }
        let room = self.room_for(bytes).await?;
        let (reply, answer) = oneshot::channel();
        self.ask_writer(Request::Append(AppendRequest { records, reply, room }))?;
        answer.await.unwrap_or(Err(LogError::Closed))
    }

    async fn read(
        &self,
        partition: u32,
        from: Offset,
        max_records: usize,
        max_bytes: usize,
    ) -> Result<Vec<Record>, LogError> {
        self.check(partition)?;
        match self.shared.locate(partition, from) {
            Place::Ahead => return Ok(Vec::new()),
            Place::Expired(first) => return Err(LogError::Expired { first }),
            Place::In { .. } => {}
        }
        self.blocking(move |shared| reader::read(shared, partition, from, max_records, max_bytes)).await
    }

    fn range(&self, partition: u32) -> Range<Offset> {
        self.shared.view().get(partition as usize).map_or(0..0, |view| view.range())
    }

    fn subscribe(&self) -> watch::Receiver<u64> {
        self.shared.commits.subscribe()
    }

    async fn retain(&self, floor: &[Offset], now_ms: i64) -> Result<u64, LogError> {
        let (policy, floor) = (self.retention, floor.to_vec());
        self.maintain(move |shared| retention::retain(shared, policy, &floor, now_ms)).await
    }

    async fn erase(
        &self,
        partition: u32,
        from: Offset,
        upto: Offset,
        is_concerned: IsConcerned,
    ) -> Result<Erased, LogError> {
        self.check(partition)?;
        let upto = upto.min(self.range(partition).end);
        if from < upto && erase::is_in_last_segment(&self.shared, partition, from) {
            let (reply, sealed) = oneshot::channel();
            self.ask_writer(Request::Seal(SealRequest { partition, reply }))?;
            sealed.await.map_err(|_| LogError::Closed)?;
        }
        self.maintain(move |shared| erase::erase(shared, partition, from, upto, &is_concerned)).await
    }

    async fn snapshot(&self, dir: &Path) -> Result<(), LogError> {
        let (dir, now_ms) = (dir.to_path_buf(), (self.now_ms)());
        self.maintain(move |shared| snapshot::snapshot(shared, &dir, now_ms)).await
    }
}

/// A call's share of what waits for room.
struct Waiting<'a> {
    total: &'a AtomicUsize,
    bytes: usize,
}

impl Waiting<'_> {
    fn begin(total: &AtomicUsize, bytes: usize, limit: usize) -> Result<Waiting<'_>, LogError> {
        let before = total.fetch_add(bytes, Ordering::Relaxed);
        let waiting = Waiting { total, bytes };
        if before.saturating_add(bytes) > limit { Err(LogError::Overloaded) } else { Ok(waiting) }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.total.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

fn report_panic(ended_well: bool) {
    if !ended_well {
        tracing::error!("the log's writer thread panicked");
    }
}

/// The system's clock, for programs that pass none.
#[expect(
    clippy::disallowed_methods,
    reason = "the default of `LocalLogOptions::now_ms`, which callers with a Clock replace"
)]
fn system_now_ms() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
