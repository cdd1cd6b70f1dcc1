//! Retention and snapshots.

#![allow(clippy::unwrap_used, reason = "these are tests")]

mod support;

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use hearth_log::{EventLog, LocalLog, LogError};
use support::faults::{EIO, Op};
use support::{Bench, append, contents, contents_from, record};

/// One record per segment, one second apart, in each partition.
async fn one_record_per_segment(bench: &Bench, log: &LocalLog, count: usize) {
    for n in 0..count {
        for partition in 0..bench.options.partitions {
            append(log, partition, format!("record {n:03}")).await.unwrap();
        }
        bench.now_ms.fetch_add(1_000, Ordering::SeqCst);
    }
}

fn now(bench: &Bench) -> i64 {
    bench.now_ms.load(Ordering::SeqCst)
}

fn file_bytes(bench: &Bench) -> u64 {
    let partitions = 0..bench.options.partitions;
    let paths = partitions.flat_map(|partition| bench.segments(partition));
    paths.map(|path| fs::metadata(path).unwrap().len()).sum()
}

#[tokio::test]
async fn age_deletes_segments_whose_records_are_all_older() {
    let mut bench = Bench::new(1, 1);
    bench.options.max_age = Some(Duration::from_secs(5));
    let (log, _) = bench.open();
    one_record_per_segment(&bench, &log, 10).await;
    // The record n was written at second n, and its segment was closed a second later; now it is 10.
    assert_eq!(log.retain(&[10], now(&bench)).await.unwrap(), 4 * (40 + 20 + 10));
    assert_eq!(log.range(0), 4..10);
    assert_eq!(bench.segments(0).len(), 6);
    assert_eq!(log.retain(&[10], now(&bench)).await.unwrap(), 0);
    let error = log.read(0, 3, 10, 1_000).await.unwrap_err();
    assert!(matches!(error, LogError::Expired { first: 4 }));
    assert_eq!(contents_from(&log, 0, 4).await[0], b"record 004");

    log.retain(&[10], now(&bench) + 1_000_000).await.unwrap();
    assert_eq!(log.range(0), 9..10, "the last segment stays");
    drop(log);
    let (log, _) = bench.open();
    assert_eq!(log.range(0), 9..10);
    assert_eq!(append(&log, 0, "next").await.unwrap().offset, 10);
}

#[tokio::test]
async fn size_deletes_the_oldest_segments_of_all_partitions() {
    let mut bench = Bench::new(2, 1);
    bench.options.max_bytes = Some(70 * 7);
    let (log, _) = bench.open();
    one_record_per_segment(&bench, &log, 10).await;
    assert_eq!(log.retain(&[10, 10], now(&bench)).await.unwrap(), 70 * 13);
    assert_eq!(file_bytes(&bench), 70 * 7);
    let kept = [log.range(0).start, log.range(1).start];
    assert!(kept == [6, 7] || kept == [7, 6], "both lose their oldest: {kept:?}");
}

#[tokio::test]
async fn nothing_at_or_after_the_floor_is_deleted() {
    let mut bench = Bench::new(3, 150);
    bench.options.max_age = Some(Duration::from_secs(1));
    bench.options.max_bytes = Some(0);
    let (log, _) = bench.open();
    one_record_per_segment(&bench, &log, 20).await;
    let mut last = [0; 3];
    for floor in 0..=20 {
        // The third partition is not named: nobody knows who still needs it.
        log.retain(&[floor, 20 - floor], now(&bench) + 1_000_000).await.unwrap();
        assert!(log.range(0).start <= floor);
        assert!(log.range(1).start <= 20);
        assert_eq!(log.range(2), 0..20);
        last = [0, 1, 2].map(|partition| log.range(partition).start);
        let payloads = contents_from(&log, 0, floor).await;
        assert_eq!(payloads.len() as u64, 20 - floor);
    }
    assert!(last[0] > 15 && last[1] > 15, "the test is about deletion: {last:?}");
}

#[tokio::test]
async fn without_a_policy_everything_stays() {
    let bench = Bench::new(1, 1);
    let (log, _) = bench.open();
    one_record_per_segment(&bench, &log, 5).await;
    assert_eq!(log.retain(&[5], i64::MAX).await.unwrap(), 0);
    assert_eq!(log.range(0), 0..5);
}

#[tokio::test]
async fn a_segment_that_cannot_be_deleted_stays_readable() {
    let mut bench = Bench::new(1, 1);
    bench.options.max_bytes = Some(0);
    let (log, _) = bench.open();
    one_record_per_segment(&bench, &log, 5).await;
    bench.storage.fail(Op::Remove, 2, 1, EIO);
    assert!(matches!(log.retain(&[5], 0).await, Err(LogError::Io(_))));
    assert_eq!(log.range(0), 2..5);
    assert_eq!(contents(&log, 0).await.len(), 3);
    log.retain(&[5], 0).await.unwrap();
    assert_eq!(log.range(0), 4..5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_behind_the_retention_is_told_where_to_go_on() {
    let mut bench = Bench::new(1, 1);
    bench.options.max_bytes = Some(0);
    let (log, _) = bench.open();
    one_record_per_segment(&bench, &log, 50).await;
    let log = Arc::new(log);
    let done = Arc::new(AtomicBool::new(false));
    let reader = tokio::spawn({
        let (log, done) = (Arc::clone(&log), Arc::clone(&done));
        async move {
            let mut next = 0;
            while !(done.load(Ordering::SeqCst) && next == 50) {
                match log.read(0, next, 3, 1_000).await {
                    Ok(batch) => {
                        // Nothing in the loop waits, so let the others run.
                        tokio::task::yield_now().await;
                        for record in batch {
                            assert_eq!(record.payload, format!("record {:03}", record.offset));
                            next = record.offset + 1;
                        }
                    }
                    Err(LogError::Expired { first }) => {
                        assert!(first > next);
                        next = first;
                    }
                    Err(error) => panic!("{error:?}"),
                }
            }
        }
    });
    for floor in 0..=50 {
        log.retain(&[floor], 0).await.unwrap();
    }
    done.store(true, Ordering::SeqCst);
    reader.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_snapshot_while_appending_is_a_beginning_of_the_log_in_every_partition() {
    let bench = Bench::new(3, 2_000);
    let (log, _) = bench.open();
    let log = Arc::new(log);
    let done = Arc::new(AtomicBool::new(false));
    let mut writers = Vec::new();
    for writer in 0..3 {
        let (log, done) = (Arc::clone(&log), Arc::clone(&done));
        writers.push(tokio::spawn(async move {
            let mut round = 0;
            while !done.load(Ordering::SeqCst) {
                // The same record in every partition, so that a snapshot shows one moment.
                let records = (0..3).map(|partition| record(partition, format!("{writer} {round}")));
                log.append(records.collect()).await.unwrap();
                round += 1;
            }
        }));
    }
    let mut lengths = Vec::new();
    for n in 0..8 {
        let mut commits = log.subscribe();
        commits.wait_for(|commits| *commits > n * 30).await.unwrap();
        let target = bench.dir.path().join(format!("copy {n}"));
        log.snapshot(&target).await.unwrap();
        let (copy, report) = LocalLog::open(&target, bench.options.clone()).unwrap();
        assert_eq!((report.torn, report.damaged_headers), (vec![], vec![]));
        let first = contents(&copy, 0).await;
        for partition in 1..3 {
            assert_eq!(contents(&copy, partition).await, first, "all partitions are of one moment");
        }
        lengths.push(first.len());
        let live = contents(&log, 0).await;
        assert_eq!(first, live[..first.len()]);
        // The copy lives on its own.
        append(&copy, 0, "only in the copy").await.unwrap();
    }
    done.store(true, Ordering::SeqCst);
    for writer in writers {
        writer.await.unwrap();
    }
    assert!(lengths.is_sorted() && lengths[0] > 0);
    drop(log);
    let (log, _) = bench.open();
    assert!(!contents(&log, 0).await.contains(&b"only in the copy".to_vec()));
}

#[tokio::test]
async fn a_snapshot_survives_retention_of_the_log_it_was_taken_from() {
    let mut bench = Bench::new(2, 1);
    bench.options.max_bytes = Some(0);
    let (log, _) = bench.open();
    one_record_per_segment(&bench, &log, 10).await;
    let target = bench.dir.path().join("deep/copy");
    log.snapshot(&target).await.unwrap();
    log.retain(&[10, 10], 0).await.unwrap();
    drop(log);
    let (copy, _) = LocalLog::open(&target, bench.options.clone()).unwrap();
    assert_eq!(copy.range(1), 0..10);
    assert_eq!(contents(&copy, 1).await.len(), 10);
}

#[tokio::test]
async fn a_snapshot_does_not_mix_with_another_log() {
    let bench = Bench::new(1, 100);
    let (log, _) = bench.open();
    append(&log, 0, "a").await.unwrap();
    let target = bench.dir.path().join("copy");
    log.snapshot(&target).await.unwrap();
    for dir in [target, bench.root()] {
        match log.snapshot(&dir).await {
            Err(LogError::Io(error)) => assert_eq!(error.kind(), std::io::ErrorKind::AlreadyExists),
            other => panic!("{other:?}"),
        }
    }
}
