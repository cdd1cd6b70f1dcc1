//! What the tests share.

#![allow(dead_code, clippy::unwrap_used, reason = "each test file uses a part; these are tests")]

pub mod faults;

use std::fs;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use hearth_log::{EventLog, LocalLog, LocalLogOptions, LogError, NewRecord, OpenReport, Position};

use faults::FaultyStorage;

/// A log in a temporary directory, on a file system that can be made to fail, with its own time.
pub struct Bench {
    pub dir: tempfile::TempDir,
    pub storage: Arc<FaultyStorage>,
    pub now_ms: Arc<AtomicI64>,
    pub options: LocalLogOptions,
}

impl Bench {
    pub fn new(partitions: u32, segment_bytes: u64) -> Bench {
        let storage = Arc::new(FaultyStorage::default());
        let now_ms = Arc::new(AtomicI64::new(1_000_000));
        let clock = Arc::clone(&now_ms);
        let options = LocalLogOptions {
            partitions,
            segment_bytes,
            now_ms: Arc::new(move || clock.load(Ordering::SeqCst)),
            storage: Arc::clone(&storage) as _,
            ..LocalLogOptions::default()
        };
        Bench { dir: tempfile::tempdir().unwrap(), storage, now_ms, options }
    }

    pub fn root(&self) -> PathBuf {
        self.dir.path().join("log")
    }

    pub fn open(&self) -> (LocalLog, OpenReport) {
        LocalLog::open(&self.root(), self.options.clone()).unwrap()
    }

    /// The segment files of a partition, by name.
    pub fn segments(&self, partition: u32) -> Vec<PathBuf> {
        let dir = self.root().join(format!("p{partition:04}"));
        let paths = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
        let mut segments: Vec<_> = paths.filter(|path| path.extension().is_some_and(|e| e == "log")).collect();
        segments.sort();
        segments
    }

    pub fn last_segment(&self, partition: u32) -> PathBuf {
        self.segments(partition).pop().unwrap()
    }
}

pub fn record(partition: u32, payload: impl AsRef<[u8]>) -> NewRecord {
    NewRecord { partition, payload: Bytes::copy_from_slice(payload.as_ref()) }
}

/// Appends one record on its own.
pub async fn append(log: &LocalLog, partition: u32, payload: impl AsRef<[u8]>) -> Result<Position, LogError> {
    Ok(log.append(vec![record(partition, payload)]).await?[0])
}

/// Everything that can be read of a partition, from its first retained record, in small steps.
pub async fn contents(log: &LocalLog, partition: u32) -> Vec<Vec<u8>> {
    contents_from(log, partition, log.range(partition).start).await
}

pub async fn contents_from(log: &LocalLog, partition: u32, from: u64) -> Vec<Vec<u8>> {
    let end = log.range(partition).end;
    let mut next = from;
    let mut payloads = Vec::new();
    loop {
        let batch = log.read(partition, next, 7, 10_000).await.unwrap();
        if batch.is_empty() {
            assert!(next >= end, "reads reach the end");
            return payloads;
        }
        for record in batch {
            assert_eq!((record.partition, record.offset), (partition, next));
            payloads.push(record.payload.to_vec());
            next += 1;
        }
    }
}

pub type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// An append of one record under way.
pub type Appending<'a> = Boxed<'a, Result<Position, LogError>>;

/// Polls a future once, without a runtime to wake it.
pub fn poll_once<T>(future: &mut Boxed<'_, T>) -> Poll<T> {
    future.as_mut().poll(&mut Context::from_waker(Waker::noop()))
}

/// Copies a closed log.
pub fn copy_log(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy_log(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}
