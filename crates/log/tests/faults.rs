//! A disk that fails: nothing half-done is visible, and the log goes on by itself.

#![allow(clippy::unwrap_used, reason = "these are tests")]

mod support;

use std::fs;

use hearth_log::{EventLog, LogError};
use support::faults::{EDQUOT, EIO, ENOSPC, Op};
use support::{Bench, append, contents, record};

/// A group of records for all three partitions, larger than a write buffer.
fn group(name: &str) -> Vec<hearth_log::NewRecord> {
    (0..300).map(|n| record(n % 3, format!("{name} {n:04} {}", "x".repeat(4_000)))).collect()
}

/// Fails one append in every way that `op` can fail in it; each time the log must be as before, heal, and
/// be the same after reopening.
async fn survives(op: Op, code: i32, also: &[(Op, usize)]) {
    for (segment_bytes, prior) in [(64 << 20, 1), (64 << 20, 0), (1_000, 1)] {
        for nth in 0..50 {
            let bench = Bench::new(3, segment_bytes);
            let (log, _) = bench.open();
            let mut expected = vec![Vec::new(); 3];
            for _ in 0..prior {
                for partition in 0..3 {
                    append(&log, partition, "prior").await.unwrap();
                    expected[partition as usize].push(b"prior".to_vec());
                }
            }
            bench.storage.fail(op, nth, 1, code);
            for (op, times) in also {
                bench.storage.fail(*op, 0, *times, EIO);
            }
            let result = log.append(group("failing")).await;
            let never_reached = result.is_ok();
            match result {
                Ok(_) => group("failing").iter().for_each(|record| {
                    expected[record.partition as usize].push(record.payload.to_vec());
                }),
                Err(LogError::DiskFull) => assert!([ENOSPC, EDQUOT].contains(&code)),
                Err(LogError::Io(error)) => assert_eq!(error.raw_os_error(), Some(EIO)),
                Err(error) => panic!("{error:?}"),
            }
            bench.storage.heal();
            for partition in 0..3 {
                assert_eq!(contents(&log, partition).await, expected[partition as usize], "{op:?} {nth}");
            }
            log.append(group("healed")).await.unwrap();
            group("healed").iter().for_each(|record| {
                expected[record.partition as usize].push(record.payload.to_vec());
            });
            for round in 0..2 {
                let (range, expected) = (0..3, &expected);
                for partition in range {
                    assert_eq!(contents(&log, partition).await, expected[partition as usize], "{op:?} {nth} {round}");
                }
            }
            drop(log);
            let (log, report) = bench.open();
            assert_eq!(report.torn, []);
            for partition in 0..3 {
                assert_eq!(contents(&log, partition).await, expected[partition as usize], "{op:?} {nth}, reopened");
            }
            if never_reached {
                assert!(nth > 0, "{op:?} was never reached");
                break;
            }
            assert!(nth < 49, "there are fewer operations than that in one append");
        }
    }
}

#[tokio::test]
async fn a_disk_that_is_full_at_any_write_loses_nothing_and_heals() {
    survives(Op::Write, ENOSPC, &[]).await;
}

#[tokio::test]
async fn a_full_quota_is_a_full_disk_also_when_only_the_sync_notices() {
    survives(Op::Sync, EDQUOT, &[]).await;
}

#[tokio::test]
async fn a_failed_sync_of_any_partition_undoes_all_of_them() {
    survives(Op::Sync, EIO, &[]).await;
}

#[tokio::test]
async fn a_failed_write_that_cannot_be_cut_off_is_never_visible() {
    survives(Op::Write, EIO, &[(Op::SetLen, 9), (Op::Remove, 9)]).await;
}

#[tokio::test]
async fn a_failed_sync_that_cannot_be_cut_off_is_never_visible() {
    survives(Op::Sync, EIO, &[(Op::SetLen, 9), (Op::Remove, 9)]).await;
}

#[tokio::test]
async fn a_segment_that_cannot_be_created_named_or_listed_fails_the_append_only() {
    let fails = async |op: Op, code| {
        for nth in 0..3 {
            let bench = Bench::new(3, 1_000);
            let (log, _) = bench.open();
            for partition in 0..3 {
                append(&log, partition, [b'p'; 900]).await.unwrap();
            }
            bench.storage.fail(op, nth, 1, code);
            log.append(group("failing")).await.unwrap_err();
            for partition in 0..3 {
                assert_eq!(contents(&log, partition).await, [[b'p'; 900]]);
            }
            drop(log);
            let (log, report) = bench.open();
            assert_eq!(report.torn, []);
            for partition in 0..3 {
                assert_eq!(contents(&log, partition).await, [[b'p'; 900]], "{op:?} {nth}, reopened");
            }
            bench.storage.heal();
            log.append(group("healed")).await.unwrap();
            for partition in 0..3 {
                assert_eq!(contents(&log, partition).await.len(), 101);
            }
        }
    };
    fails(Op::Create, ENOSPC).await;
    fails(Op::Rename, EIO).await;
    fails(Op::SyncDir, EIO).await;
}

#[tokio::test]
async fn after_a_failed_sync_the_file_is_never_appended_to_again() {
    let bench = Bench::new(1, 1 << 20);
    let (log, _) = bench.open();
    append(&log, 0, "a").await.unwrap();
    let before = fs::read(bench.last_segment(0)).unwrap();
    bench.storage.fail(Op::Sync, 0, 1, EIO);
    append(&log, 0, "lost").await.unwrap_err();
    append(&log, 0, "b").await.unwrap();
    let segments = bench.segments(0);
    assert_eq!(segments.len(), 2);
    assert_eq!(fs::read(&segments[0]).unwrap(), before, "what failed was cut off");
    // A failed write leaves the page cache sound: the file is used again.
    bench.storage.fail(Op::Write, 0, 1, ENOSPC);
    append(&log, 0, "lost").await.unwrap_err();
    append(&log, 0, "c").await.unwrap();
    assert_eq!(bench.segments(0).len(), 2);
    assert_eq!(contents(&log, 0).await, [b"a", b"b", b"c"]);
}

#[tokio::test]
async fn a_disk_that_stays_full_fails_every_append_at_once_and_none_after() {
    let bench = Bench::new(2, 1 << 20);
    let (log, _) = bench.open();
    append(&log, 0, "before").await.unwrap();
    bench.storage.fail(Op::Write, 0, usize::MAX, ENOSPC);
    for _ in 0..20 {
        let error = log.append(vec![record(0, "no"), record(1, "no")]).await.unwrap_err();
        assert!(matches!(error, LogError::DiskFull));
    }
    assert_eq!(contents(&log, 0).await, [b"before"]);
    bench.storage.heal();
    log.append(vec![record(0, "yes"), record(1, "yes")]).await.unwrap();
    assert_eq!(contents(&log, 0).await, [&b"before"[..], b"yes"]);
    assert_eq!(contents(&log, 1).await, [b"yes"]);
}

#[tokio::test]
async fn what_could_not_be_cut_off_is_not_in_a_snapshot_either() {
    let bench = Bench::new(1, 1 << 20);
    let (log, _) = bench.open();
    append(&log, 0, "a").await.unwrap();
    bench.storage.fail(Op::Sync, 0, 1, EIO);
    bench.storage.fail(Op::SetLen, 0, 1, EIO);
    append(&log, 0, "never").await.unwrap_err();
    assert!(fs::metadata(bench.last_segment(0)).unwrap().len() > 70, "the test is about a leftover");
    let target = bench.dir.path().join("copy");
    log.snapshot(&target).await.unwrap();
    let copy = hearth_log::LocalLog::open(&target, bench.options.clone()).unwrap().0;
    assert_eq!(contents(&copy, 0).await, [b"a"]);
    append(&log, 0, "b").await.unwrap();
    drop(log);
    assert_eq!(contents(&bench.open().0, 0).await, [b"a", b"b"]);
}
