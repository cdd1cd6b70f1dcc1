//! The writer thread: group commit.
//!
//! It takes everything that is queued, writes it with few large writes per partition, syncs each file
//! once, several at a time, and then answers all waiters. While it does, the next group gathers. So a lone
//! append costs one sync, and many at once share it. A group succeeds or fails as a whole.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::thread;

use tokio::sync::{OwnedSemaphorePermit, oneshot};

use crate::directory::DirectoryLock;
use crate::error::{LogError, duplicate};
use crate::local::NowMs;
use crate::tail::Tail;
use crate::view::Shared;
use crate::{NewRecord, Position};

const PARALLEL_SYNCS: usize = 8;

/// What the writer thread is asked for.
pub(crate) enum Request {
    Append(AppendRequest),
    Seal(SealRequest),
}

/// Somebody wants the last segment of a partition to be appended to no more.
pub(crate) struct SealRequest {
    pub partition: u32,
    pub reply: oneshot::Sender<()>,
}

/// One call of `append`, waiting to be written.
pub(crate) struct AppendRequest {
    pub records: Vec<NewRecord>,
    pub reply: oneshot::Sender<Result<Vec<Position>, LogError>>,
    /// Its share of the bound on pending bytes, given back when it is answered.
    pub room: OwnedSemaphorePermit,
}

/// What the writer thread owns.
pub(crate) struct Writer {
    pub shared: Arc<Shared>,
    pub tails: Vec<Tail>,
    pub now_ms: NowMs,
    /// The directory stays locked until the last write is settled.
    pub lock: Arc<DirectoryLock>,
    pub failing: bool,
}

impl Writer {
    /// Writes until the queue is closed and empty.
    pub fn run(mut self, queue: Receiver<Request>) {
        while let Ok(first) = queue.recv() {
            let mut group = Vec::new();
            let mut seals = Vec::new();
            // Bounded, because the requests of a group keep their share of the pending bytes.
            for request in std::iter::once(first).chain(queue.try_iter()) {
                match request {
                    // Nobody waits any more for a call that was dropped.
                    Request::Append(request) if request.reply.is_closed() => {}
                    Request::Append(request) => group.push(request),
                    Request::Seal(request) => seals.push(request),
                }
            }
            if !group.is_empty() {
                self.process(group);
            }
            for SealRequest { partition, reply } in seals {
                self.tails[partition as usize].seal();
                // The caller may have been dropped meanwhile.
                let _ = reply.send(());
            }
        }
        drop(self.lock);
    }

    fn process(&mut self, group: Vec<AppendRequest>) {
        let written = self.write(&group);
        self.note_health(written.as_ref().err());
        match written {
            Ok(positions) => {
                self.commit(&group);
                for (request, positions) in group.into_iter().zip(positions) {
                    answer(request, Ok(positions));
                }
            }
            Err(error) => {
                self.tails.iter_mut().for_each(Tail::roll_back);
                for request in group {
                    answer(request, Err(duplicate(&error).into()));
                }
            }
        }
    }

    /// Stages a group and makes it durable; returns the positions of each request.
    fn write(&mut self, group: &[AppendRequest]) -> io::Result<Vec<Vec<Position>>> {
        let mut bytes = vec![0; self.tails.len()];
        for record in group.iter().flat_map(|request| &request.records) {
            bytes[record.partition as usize] += Tail::frame_len(record.payload.len());
        }
        let now_ms = (self.now_ms)();
        for (tail, bytes) in self.tails.iter_mut().zip(bytes) {
            if bytes > 0 {
                tail.begin(bytes, now_ms)?;
            }
        }
        let mut positions = Vec::with_capacity(group.len());
        for request in group {
            positions.push(self.stage(&request.records)?);
        }
        for tail in self.tails.iter_mut().filter(|tail| tail.is_staged()) {
            tail.flush()?;
        }
        self.sync()?;
        Ok(positions)
    }

    fn stage(&mut self, records: &[NewRecord]) -> io::Result<Vec<Position>> {
        let mut positions = Vec::with_capacity(records.len());
        for NewRecord { partition, payload } in records {
            let offset = self.tails[*partition as usize].push(payload)?;
            positions.push(Position { partition: *partition, offset });
        }
        Ok(positions)
    }

    /// Syncs the files of a group, several at once: with four partitions under load, this gave 1.7 times
    /// the throughput of one after the other (ext4 on a virtual disk, 16 callers with 1,000 records each).
    fn sync(&mut self) -> io::Result<()> {
        let mut staged: Vec<_> = self.tails.iter_mut().filter(|tail| tail.is_staged()).collect();
        let share = staged.len().div_ceil(PARALLEL_SYNCS).max(1);
        let mut shares = staged.chunks_mut(share);
        let own_share = shares.next().unwrap_or_default();
        thread::scope(|scope| {
            let spawn = |share| thread::Builder::new().spawn_scoped(scope, || sync_each(share));
            let others: Vec<_> = shares.map(spawn).collect();
            let mut result = sync_each(own_share);
            for other in others {
                let panicked = |_| Err(io::Error::other("a syncing thread panicked"));
                result = result.and(other.and_then(|thread| thread.join().unwrap_or_else(panicked)));
            }
            result
        })
    }

    /// Makes a durable group visible, in all partitions at once.
    fn commit(&mut self, group: &[AppendRequest]) {
        {
            let mut view = self.shared.change();
            for (tail, view) in self.tails.iter_mut().zip(view.iter_mut()) {
                tail.commit(view);
            }
        }
        self.shared.commits.send_modify(|commits| *commits += 1);

        let records = group.iter().flat_map(|request| &request.records);
        let (count, bytes) =
            records.fold((0, 0), |(count, bytes), record| (count + 1, bytes + record.payload.len() as u64));
        metrics::counter!("hearth_log_appended_records_total").increment(count);
        metrics::counter!("hearth_log_appended_bytes_total").increment(bytes);
    }

    /// Keeps the gauge, and says once when writing begins to fail and once when it works again.
    fn note_health(&mut self, error: Option<&io::Error>) {
        let full = error.is_some_and(|error| matches!(duplicate(error).into(), LogError::DiskFull));
        metrics::gauge!("hearth_log_disk_full").set(if full { 1.0 } else { 0.0 });
        match error {
            Some(error) if !self.failing => {
                tracing::error!(%error, "appending to the log fails; every further append tries again");
            }
            None if self.failing => tracing::info!("appending to the log works again"),
            _ => {}
        }
        self.failing = error.is_some();
    }
}

fn sync_each(tails: &mut [&mut Tail]) -> io::Result<()> {
    tails.iter_mut().try_for_each(|tail| tail.sync())
}

fn answer(request: AppendRequest, result: Result<Vec<Position>, LogError>) {
    let AppendRequest { reply, room, records } = request;
    drop(records);
    drop(room);
    // The caller may have been dropped meanwhile, which is its right.
    let _ = reply.send(result);
}
