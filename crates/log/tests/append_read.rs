//! What every user of the log relies on, while nothing goes wrong.

#![allow(clippy::unwrap_used, reason = "these are tests")]

mod support;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::Poll;

use hearth_log::{EventLog, LocalLog, LogError, Position};
use support::faults::Op;
use support::{Appending, Bench, Boxed, append, contents, contents_from, poll_once, record};

#[tokio::test]
async fn records_come_back_as_appended_with_dense_offsets() {
    let bench = Bench::new(3, 1 << 20);
    let (log, _) = bench.open();
    assert_eq!((log.partitions(), log.range(1)), (3, 0..0));
    let positions = log.append(vec![record(1, "a"), record(0, "b"), record(1, ""), record(1, "c")]).await.unwrap();
    let expected = [(1, 0), (0, 0), (1, 1), (1, 2)];
    assert_eq!(positions, expected.map(|(partition, offset)| Position { partition, offset }));
    assert_eq!(contents(&log, 1).await, [&b"a"[..], b"", b"c"]);
    assert_eq!(contents(&log, 0).await, [b"b"]);
    assert_eq!(contents(&log, 2).await, Vec::<Vec<u8>>::new());
    assert_eq!(log.append(Vec::new()).await.unwrap(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_appends_keep_the_order_of_each_caller_and_lose_nothing() {
    let bench = Bench::new(2, 4096);
    let (log, _) = bench.open();
    let log = Arc::new(log);
    let mut callers = Vec::new();
    for caller in 0..8 {
        let log = Arc::clone(&log);
        callers.push(tokio::spawn(async move {
            for round in 0..25 {
                let records = (0..10).map(|n| record(n % 2, format!("{caller} {round:02} {n}")));
                let positions = log.append(records.collect()).await.unwrap();
                assert!(positions.is_sorted_by_key(|position| position.offset));
            }
        }));
    }
    for caller in callers {
        caller.await.unwrap();
    }
    for partition in 0..2 {
        let payloads = contents(&log, partition).await;
        assert_eq!(payloads.len(), 8 * 25 * 5);
        for caller in 0..8 {
            let prefix = format!("{caller} ");
            let own: Vec<_> = payloads.iter().filter(|payload| payload.starts_with(prefix.as_bytes())).collect();
            assert_eq!(own.len(), 25 * 5);
            assert!(own.is_sorted());
        }
    }
}

#[tokio::test]
async fn a_reopened_log_continues_where_it_ended_across_many_segments() {
    let bench = Bench::new(1, 150);
    let mut expected = Vec::new();
    for round in 0..5 {
        let (log, report) = bench.open();
        assert_eq!(report.records, expected.len() as u64);
        assert_eq!((report.torn, report.damaged_headers), (vec![], vec![]));
        for n in 0..10 {
            let payload = format!("record {round} {n}").into_bytes();
            let position = append(&log, 0, &payload).await.unwrap();
            assert_eq!(position.offset, expected.len() as u64);
            expected.push(payload);
        }
        assert_eq!(contents(&log, 0).await, expected);
    }
    assert!(bench.segments(0).len() > 5, "the test is about several segments");
    let (log, _) = bench.open();
    for from in 0..=expected.len() {
        assert_eq!(contents_from(&log, 0, from as u64).await, expected[from..]);
    }
}

#[tokio::test]
async fn reads_stop_at_their_limits_but_give_at_least_one_record() {
    let bench = Bench::new(1, 1 << 20);
    let (log, _) = bench.open();
    log.append((0..20).map(|_| record(0, [b'x'; 100])).collect()).await.unwrap();
    let count = async |from, records, bytes| log.read(0, from, records, bytes).await.unwrap().len();
    assert_eq!(count(0, 5, 10_000).await, 5);
    assert_eq!(count(0, 100, 350).await, 3);
    assert_eq!(count(0, 100, 10_000).await, 20);
    assert_eq!(count(7, 0, 0).await, 1);
    assert_eq!(count(20, 10, 10_000).await, 0);
    assert_eq!(count(1_000, 10, 10_000).await, 0);
}

#[tokio::test]
async fn records_larger_than_every_buffer_and_far_apart_offsets_are_found() {
    let bench = Bench::new(1, 3 << 20);
    let (log, _) = bench.open();
    let payload = |n: usize| vec![n as u8; if n % 50 == 7 { 700_000 } else { 1 + n * 37 % 5_000 }];
    for group in 0..10 {
        let records = (0..50).map(|n| record(0, payload(group * 50 + n)));
        log.append(records.collect()).await.unwrap();
    }
    // Backwards, so that the index is used before and after the walk reached a place.
    for n in (0..500).rev().step_by(3) {
        let batch = log.read(0, n as u64, 2, usize::MAX).await.unwrap();
        for (step, record) in batch.iter().enumerate() {
            assert_eq!(record.payload, payload(n + step), "record {n} + {step}");
        }
    }
}

#[tokio::test]
async fn a_subscriber_sees_a_change_for_every_commit_and_none_for_a_failure() {
    let bench = Bench::new(1, 1 << 20);
    let (log, _) = bench.open();
    let mut commits = log.subscribe();
    assert!(!commits.has_changed().unwrap());
    append(&log, 0, "a").await.unwrap();
    assert!(commits.has_changed().unwrap());
    assert_eq!(*commits.borrow_and_update(), 1);
    bench.storage.fail(Op::Write, 0, 1, support::faults::EIO);
    append(&log, 0, "b").await.unwrap_err();
    assert!(!commits.has_changed().unwrap());
}

#[tokio::test]
async fn nothing_is_visible_before_it_is_synced_and_what_queues_shares_one_commit() {
    let bench = Bench::new(2, 1 << 20);
    let (log, _) = bench.open();
    append(&log, 0, "before").await.unwrap();
    append(&log, 1, "before").await.unwrap();
    bench.storage.close_gate();
    let mut first: Appending<'_> = Box::pin(append(&log, 0, "first"));
    assert!(poll_once(&mut first).is_pending());
    bench.storage.wait_until_at_gate();
    assert_eq!(log.range(0), 0..1);
    assert!(log.read(0, 1, 10, 10).await.unwrap().is_empty());

    let mut queued: Vec<Appending<'_>> =
        (0..100).map(|n| Box::pin(append(&log, n % 2, "queued")) as Appending<'_>).collect();
    for future in &mut queued {
        assert!(poll_once(future).is_pending());
    }
    let (commits, syncs) = (*log.subscribe().borrow(), bench.storage.count(Op::Sync));
    bench.storage.open_gate();
    first.await.unwrap();
    for future in queued {
        future.await.unwrap();
    }
    assert_eq!(*log.subscribe().borrow(), commits + 2, "one for the first, one for all others");
    assert_eq!(bench.storage.count(Op::Sync), syncs + 3, "one for the first, one per partition");
    assert_eq!(log.range(0), 0..52);
}

#[tokio::test]
async fn a_call_that_was_given_up_while_queued_is_not_written() {
    let bench = Bench::new(1, 1 << 20);
    let (log, _) = bench.open();
    bench.storage.close_gate();
    let mut first: Appending<'_> = Box::pin(append(&log, 0, "first"));
    assert!(poll_once(&mut first).is_pending());
    bench.storage.wait_until_at_gate();
    let mut second: Appending<'_> = Box::pin(append(&log, 0, "second"));
    assert!(poll_once(&mut second).is_pending());
    drop(second);
    bench.storage.open_gate();
    first.await.unwrap();
    append(&log, 0, "third").await.unwrap();
    assert_eq!(contents(&log, 0).await, [&b"first"[..], b"third"]);
}

#[tokio::test]
async fn a_full_queue_makes_callers_wait_and_too_many_waiting_ones_fail() {
    let mut bench = Bench::new(1, 1 << 20);
    bench.options.max_pending_bytes = 2_000;
    bench.options.max_waiting_bytes = 1_500;
    let (log, _) = bench.open();
    bench.storage.close_gate();
    let mut first: Appending<'_> = Box::pin(append(&log, 0, [1; 900]));
    assert!(poll_once(&mut first).is_pending());
    bench.storage.wait_until_at_gate();
    let mut second: Appending<'_> = Box::pin(append(&log, 0, [2; 900]));
    let mut third: Appending<'_> = Box::pin(append(&log, 0, [3; 900]));
    let mut fourth: Appending<'_> = Box::pin(append(&log, 0, [4; 900]));
    assert!(poll_once(&mut second).is_pending());
    assert!(poll_once(&mut third).is_pending());
    assert!(matches!(poll_once(&mut fourth), Poll::Ready(Err(LogError::Overloaded))));
    // A call that gives up waiting makes place for another one to wait.
    drop(third);
    let mut fifth: Appending<'_> = Box::pin(append(&log, 0, [5; 900]));
    assert!(poll_once(&mut fifth).is_pending());
    bench.storage.open_gate();
    let (first, second, fifth) = tokio::join!(first, second, fifth);
    assert_eq!([first, second, fifth].map(|position| position.unwrap().offset), [0, 1, 2]);
    assert_eq!(contents(&log, 0).await, [[1; 900], [2; 900], [5; 900]]);
}

#[tokio::test]
async fn a_call_beyond_the_bound_or_to_no_partition_is_refused_whole() {
    let mut bench = Bench::new(2, 1 << 20);
    bench.options.max_pending_bytes = 1_000;
    let (log, _) = bench.open();
    let error = append(&log, 0, [0; 2_000]).await.unwrap_err();
    assert!(matches!(error, LogError::TooLarge { bytes: 2_064, limit: 1_000 }));
    let error = log.append(vec![record(0, "a"), record(2, "b")]).await.unwrap_err();
    assert!(matches!(error, LogError::UnknownPartition { partition: 2, partitions: 2 }));
    let error = log.read(2, 0, 1, 1).await.unwrap_err();
    assert!(matches!(error, LogError::UnknownPartition { partition: 2, partitions: 2 }));
    assert_eq!((log.range(0), log.range(2)), (0..0, 0..0));
}

#[tokio::test]
async fn a_closed_log_refuses_appends_and_still_reads() {
    let bench = Bench::new(1, 1 << 20);
    let (log, _) = bench.open();
    bench.storage.close_gate();
    let mut queued: Appending<'_> = Box::pin(append(&log, 0, "queued"));
    assert!(poll_once(&mut queued).is_pending());
    bench.storage.wait_until_at_gate();
    let mut closing: Boxed<'_, ()> = Box::pin(log.close());
    assert!(poll_once(&mut closing).is_pending(), "closing waits for the writer");
    bench.storage.open_gate();
    closing.await;
    queued.await.unwrap();
    assert!(matches!(append(&log, 0, "late").await, Err(LogError::Closed)));
    assert_eq!(contents(&log, 0).await, [b"queued"]);
    log.close().await;
}

#[tokio::test]
async fn a_directory_belongs_to_one_log_at_a_time() {
    let bench = Bench::new(1, 1 << 20);
    let (log, _) = bench.open();
    let second = LocalLog::open(&bench.root(), bench.options.clone());
    assert!(matches!(second, Err(LogError::Locked)));
    drop(log);
    bench.open();
}

#[tokio::test]
async fn another_number_of_partitions_is_reported_and_changes_nothing() {
    let bench = Bench::new(3, 1 << 20);
    let (log, _) = bench.open();
    append(&log, 2, "kept").await.unwrap();
    drop(log);
    for asked in [1, 2, 4, 64] {
        let mut options = bench.options.clone();
        options.partitions = asked;
        let error = LocalLog::open(&bench.root(), options).unwrap_err();
        assert!(matches!(error, LogError::PartitionsChanged { found: 3, asked: other } if other == asked));
    }
    let mut options = bench.options.clone();
    options.partitions = 0;
    assert!(matches!(LocalLog::open(&bench.root(), options), Err(LogError::Io(_))));
    assert_eq!(contents(&bench.open().0, 2).await, [b"kept"]);
}

#[tokio::test]
async fn more_segments_than_open_files_are_read_by_many_at_once() {
    let mut bench = Bench::new(1, 200);
    bench.options.max_open_files = 2;
    let (log, _) = bench.open();
    let log = Arc::new(log);
    for n in 0..60 {
        append(&log, 0, format!("record {n:04}")).await.unwrap();
    }
    assert!(bench.segments(0).len() > 5);
    let mut readers = Vec::new();
    for start in 0..10 {
        let log = Arc::clone(&log);
        readers.push(tokio::spawn(async move {
            let payloads = contents_from(&log, 0, start).await;
            assert_eq!(payloads.len() as u64, 60 - start);
            assert_eq!(payloads[0], format!("record {start:04}").into_bytes());
        }));
    }
    for reader in readers {
        reader.await.unwrap();
    }
}

#[tokio::test]
async fn an_age_limit_closes_segments_by_age_so_that_quiet_logs_expire_too() {
    let mut bench = Bench::new(1, 1 << 20);
    bench.options.max_age = Some(std::time::Duration::from_secs(80));
    let (log, _) = bench.open();
    append(&log, 0, "a").await.unwrap();
    bench.now_ms.fetch_add(9_999, Ordering::SeqCst);
    append(&log, 0, "b").await.unwrap();
    assert_eq!(bench.segments(0).len(), 1);
    bench.now_ms.fetch_add(1, Ordering::SeqCst);
    append(&log, 0, "c").await.unwrap();
    assert_eq!(bench.segments(0).len(), 2);
    assert_eq!(contents(&log, 0).await, [b"a", b"b", b"c"]);
}
