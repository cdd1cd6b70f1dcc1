//! Erasing records: their bytes are gone, their places and everybody else's records stay, whatever happens meanwhile.

#![allow(clippy::unwrap_used, reason = "these are tests")]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use hearth_log::{Erased, EventLog, IsConcerned, LocalLog, LogError};
use proptest::prelude::*;
use support::faults::{EIO, ENOSPC, Op};
use support::{Bench, append, contents, contents_from, record};

fn about(who: &'static str) -> IsConcerned {
    Arc::new(move |_, payload| payload.windows(who.len()).any(|part| part == who.as_bytes()))
}

/// Erases to the end, step by step; the sum of what the steps did.
async fn erase_all(log: &LocalLog, partition: u32, upto: u64, is_concerned: &IsConcerned) -> Result<Erased, LogError> {
    let mut sum = Erased { next: log.range(partition).start, ..Erased::default() };
    while sum.next < upto.min(log.range(partition).end) {
        let step = log.erase(partition, sum.next, upto, is_concerned.clone()).await?;
        assert!(step.next > sum.next, "each step comes further");
        sum.next = step.next;
        sum.records += step.records;
        sum.unreadable += step.unreadable;
        sum.copies += step.copies;
    }
    Ok(sum)
}

/// Whether any file of the log holds these bytes.
fn on_disk(dir: &Path, bytes: &[u8]) -> bool {
    fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).any(|path| match path.is_dir() {
        true => on_disk(&path, bytes),
        false => fs::read(&path).unwrap().windows(bytes.len()).any(|part| part == bytes),
    })
}

async fn anna_and_ben(log: &LocalLog, count: usize) -> Vec<Vec<u8>> {
    let mut expected = Vec::new();
    for n in 0..count {
        let who = if n % 3 == 0 { "anna" } else { "ben" };
        let payload = format!("{who} {n}");
        append(log, 0, &payload).await.unwrap();
        expected.push(if who == "anna" { Vec::new() } else { payload.into_bytes() });
    }
    expected
}

#[tokio::test]
async fn what_is_erased_is_in_no_file_and_everything_else_keeps_its_place() {
    let bench = Bench::new(1, 200);
    let (log, _) = bench.open();
    let mut expected = anna_and_ben(&log, 30).await;
    let before = bench.segments(0).len();
    assert!(before > 3 && on_disk(&bench.root(), b"anna"));
    let erased = erase_all(&log, 0, 30, &about("anna")).await.unwrap();
    assert_eq!((erased.next, erased.records, erased.unreadable), (30, 10, 0));
    assert_eq!(contents(&log, 0).await, expected);
    assert!(!on_disk(&bench.root(), b"anna"));
    assert_eq!(append(&log, 0, "carl").await.unwrap().offset, 30);
    expected.push(b"carl".to_vec());
    assert_eq!(contents(&log, 0).await, expected);
    drop(log);
    let (log, report) = bench.open();
    assert_eq!((report.records, report.torn, report.damaged), (31, vec![], vec![]));
    assert_eq!(contents(&log, 0).await, expected);
    let erased = erase_all(&log, 0, 31, &about("anna")).await.unwrap();
    assert_eq!(erased.records, 0, "nobody is asked about a record that is gone");
}

#[tokio::test]
async fn the_bounds_are_kept_within_a_segment() {
    let bench = Bench::new(1, 1 << 20);
    let (log, _) = bench.open();
    for n in 0..10 {
        append(&log, 0, format!("anna {n}")).await.unwrap();
    }
    let step = log.erase(0, 3, 7, about("anna")).await.unwrap();
    assert_eq!((step.next, step.records), (7, 4));
    let left: Vec<bool> = contents(&log, 0).await.iter().map(|payload| !payload.is_empty()).collect();
    assert_eq!(left, [true, true, true, false, false, false, false, true, true, true]);
    let step = log.erase(0, 10, 20, about("anna")).await.unwrap();
    assert_eq!((step.next, step.records), (10, 0), "there is nothing yet");
    assert!(matches!(log.erase(1, 0, 1, about("anna")).await, Err(LogError::UnknownPartition { .. })));
}

#[tokio::test]
async fn after_retention_an_erasure_goes_on_at_what_is_left() {
    let mut bench = Bench::new(1, 1);
    bench.options.max_bytes = Some(0);
    let (log, _) = bench.open();
    anna_and_ben(&log, 10).await;
    log.retain(&[7], 0).await.unwrap();
    let step = log.erase(0, 0, 10, about("anna")).await.unwrap();
    assert_eq!((step.next, step.records), (7, 0));
    let erased = erase_all(&log, 0, 10, &about("anna")).await.unwrap();
    assert_eq!(erased.records, 1);
    assert_eq!(contents(&log, 0).await, [b"ben 7".to_vec(), b"ben 8".to_vec(), vec![]]);
}

#[tokio::test]
async fn a_snapshot_from_before_keeps_its_bytes_and_one_from_after_has_none() {
    let bench = Bench::new(1, 200);
    let (log, _) = bench.open();
    let expected = anna_and_ben(&log, 30).await;
    let (old, new) = (bench.dir.path().join("old"), bench.dir.path().join("new"));
    log.snapshot(&old).await.unwrap();
    erase_all(&log, 0, 30, &about("anna")).await.unwrap();
    log.snapshot(&new).await.unwrap();
    assert!(on_disk(&old, b"anna") && !on_disk(&new, b"anna"));
    let (copy, _) = LocalLog::open(&new, bench.options.clone()).unwrap();
    assert_eq!(contents(&copy, 0).await, expected);
    let (copy, _) = LocalLog::open(&old, bench.options.clone()).unwrap();
    assert!(contents(&copy, 0).await.iter().all(|payload| !payload.is_empty()));
}

#[tokio::test]
async fn a_record_that_cannot_be_read_goes_as_well_and_those_behind_it_stay() {
    let bench = Bench::new(1, 400);
    let (log, _) = bench.open();
    let mut expected = anna_and_ben(&log, 40).await;
    drop(log);
    // Of the first segment, the payload of the third record is damaged, and the copy of a torn tail lies beside it.
    let path = bench.segments(0)[0].clone();
    let mut bytes = fs::read(&path).unwrap();
    let at = bytes.windows(5).position(|part| part == b"ben 2").unwrap();
    bytes[at] = b'B';
    fs::write(&path, bytes).unwrap();
    fs::write(path.with_extension("log.torn-5"), "anna was here").unwrap();
    let (log, _) = bench.open();
    assert!(matches!(log.read(0, 2, 1, 1).await, Err(LogError::Corrupt { offset: 2, .. })));
    let erased = erase_all(&log, 0, 40, &about("anna")).await.unwrap();
    assert_eq!((erased.unreadable, erased.copies), (1, 1));
    expected[2] = Vec::new();
    assert_eq!(contents(&log, 0).await, expected);
    assert!(!on_disk(&bench.root(), b"anna"));
}

#[tokio::test]
async fn a_disk_that_fails_leaves_every_record_readable_and_the_next_attempt_succeeds() {
    for op in [Op::Create, Op::Write, Op::Sync, Op::Rename, Op::SyncDir] {
        for code in [EIO, ENOSPC] {
            let bench = Bench::new(1, 200);
            let (log, _) = bench.open();
            let expected = anna_and_ben(&log, 20).await;
            bench.storage.fail(op, 1, 1, code);
            let failed = erase_all(&log, 0, 20, &about("anna")).await;
            assert!(failed.is_err(), "{op:?}");
            for (payload, wanted) in contents(&log, 0).await.iter().zip(&expected) {
                assert!(payload == wanted || payload.starts_with(b"anna"), "{op:?}");
            }
            erase_all(&log, 0, 20, &about("anna")).await.unwrap();
            assert_eq!(contents(&log, 0).await, expected);
            append(&log, 0, "carl").await.unwrap();
            drop(log);
            bench.storage.crash(|below| below - 1);
            let (log, _) = bench.open();
            assert_eq!(contents_from(&log, 0, 0).await[..20], expected);
        }
    }
}

#[tokio::test]
async fn killed_at_every_single_change_of_the_disk_no_record_is_lost_and_the_erasure_can_be_done_again() {
    for changes in 0..200 {
        let bench = Bench::new(1, 200);
        let (log, _) = bench.open();
        let expected = anna_and_ben(&log, 20).await;
        bench.storage.die_after(changes);
        let outcome = erase_all(&log, 0, 20, &about("anna")).await;
        let finished = outcome.is_ok() && !bench.storage.is_dead();
        drop(log);
        let mut seed = changes as u64;
        bench.storage.crash(|below| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (seed >> 33) % below
        });
        let (log, report) = bench.open();
        assert_eq!((report.torn, report.damaged, report.damaged_headers), (vec![], vec![], vec![]));
        let found = contents(&log, 0).await;
        assert_eq!(found.len(), 20);
        for (payload, wanted) in found.iter().zip(&expected) {
            assert!(payload == wanted || (payload.starts_with(b"anna") && !finished), "after {changes} changes");
        }
        erase_all(&log, 0, 20, &about("anna")).await.unwrap();
        assert_eq!(contents(&log, 0).await, expected);
        drop(log);
        assert!(!on_disk(&bench.root(), b"anna"));
        if finished {
            assert!(changes > 10, "there are more changes than that");
            return;
        }
    }
    panic!("the erasure never finished");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn readers_and_writers_go_on_meanwhile() {
    let bench = Bench::new(1, 2_000);
    let (log, _) = bench.open();
    for round in 0..200 {
        let who = if round % 2 == 0 { "anna" } else { "ben" };
        log.append(vec![record(0, format!("{who} {round}"))]).await.unwrap();
    }
    let log = Arc::new(log);
    let writer = tokio::spawn({
        let log = log.clone();
        async move {
            for round in 200..600 {
                log.append(vec![record(0, format!("ben {round}"))]).await.unwrap();
            }
        }
    });
    let reader = tokio::spawn({
        let log = log.clone();
        async move {
            for _ in 0..30 {
                let mut next = 0;
                while next < 600 {
                    for found in log.read(0, next, 50, 100_000).await.unwrap() {
                        assert_eq!(found.offset, next);
                        let wanted = if next < 200 && next % 2 == 0 { "anna" } else { "ben" };
                        let is_right = found.payload == format!("{wanted} {next}");
                        assert!(is_right || (wanted == "anna" && found.is_erased()), "{found:?}");
                        next += 1;
                    }
                    tokio::task::yield_now().await;
                }
            }
        }
    });
    let erased = erase_all(&log, 0, 200, &about("anna")).await.unwrap();
    assert_eq!(erased.records, 100);
    writer.await.unwrap();
    reader.await.unwrap();
    let found = contents(&log, 0).await;
    assert_eq!(found.len(), 600);
    assert_eq!(found.iter().filter(|payload| payload.is_empty()).count(), 100);
}

#[tokio::test]
async fn an_erasure_that_could_not_be_made_durable_fails_and_lasts_when_done_again() {
    for is_repeated in [false, true] {
        let bench = Bench::new(1, 100);
        let (log, _) = bench.open();
        let expected = anna_and_ben(&log, 9).await;
        bench.storage.fail(Op::SyncDir, 0, 1, EIO);
        assert!(log.erase(0, 0, 1, about("anna")).await.is_err());
        if is_repeated {
            erase_all(&log, 0, 9, &about("anna")).await.unwrap();
        }
        drop(log);
        bench.storage.crash(|_| 0);
        let (log, _) = bench.open();
        let found = contents(&log, 0).await;
        match is_repeated {
            true => assert_eq!(found, expected),
            false => assert_eq!(found[0], b"anna 0", "a loss of power brought the old file back"),
        }
    }
}

#[derive(Clone, Debug)]
enum Step {
    Append(Vec<usize>),
    /// Whose records, and up to which tenth of the log.
    Erase(u8, u64),
    Reopen,
    Fail(Op, usize),
    Crash(usize, u64),
}

fn step() -> impl Strategy<Value = Step> {
    let op = prop_oneof![Just(Op::Write), Just(Op::Sync), Just(Op::Rename), Just(Op::SyncDir), Just(Op::Create)];
    prop_oneof![
        4 => prop::collection::vec(1..80_usize, 1..10).prop_map(Step::Append),
        3 => (0..4_u8, 1..=10_u64).prop_map(|(who, tenths)| Step::Erase(who, tenths)),
        1 => Just(Step::Reopen),
        1 => (op, 0..5_usize).prop_map(|(op, pass)| Step::Fail(op, pass)),
        1 => (0..12_usize, any::<u64>()).prop_map(|(changes, seed)| Step::Crash(changes, seed)),
    ]
}

async fn run(steps: Vec<Step>, segment_bytes: u64) {
    let bench = Bench::new(1, segment_bytes);
    let mut log = bench.open().0;
    let mut model: Vec<Vec<u8>> = Vec::new();
    // What an erasure that failed had erased, and a loss of power may bring back: nobody was told that it is gone.
    let mut unsettled: BTreeMap<usize, Vec<u8>> = BTreeMap::new();
    let mut serial = 0_u8;
    for step in steps {
        match step {
            Step::Append(lengths) => {
                bench.storage.heal();
                for length in lengths {
                    serial = serial.wrapping_add(1);
                    let payload = vec![serial; length];
                    append(&log, 0, &payload).await.unwrap();
                    model.push(payload);
                }
            }
            Step::Erase(who, tenths) => {
                let upto = model.len() as u64 * tenths / 10;
                let is_his: IsConcerned = Arc::new(move |_, payload: &[u8]| payload[0] % 4 == who);
                let outcome = erase_all(&log, 0, upto, &is_his).await;
                let found = contents(&log, 0).await;
                for (offset, (payload, was)) in found.iter().zip(&mut model).enumerate() {
                    let is_asked = (offset as u64) < upto && !was.is_empty() && was[0] % 4 == who;
                    let may_stay = !is_asked || outcome.is_err();
                    assert!((payload == was && may_stay) || (is_asked && payload.is_empty()));
                    if payload != was {
                        unsettled.insert(offset, was.clone());
                    }
                    *was = payload.clone();
                }
                if outcome.is_ok() && upto > 0 {
                    unsettled.clear();
                }
            }
            Step::Reopen => {
                bench.storage.heal();
                drop(log);
                log = bench.open().0;
            }
            Step::Fail(op, pass) => bench.storage.fail(op, pass, 1, EIO),
            Step::Crash(changes, mut seed) => {
                bench.storage.heal();
                bench.storage.die_after(changes);
                let everything: IsConcerned = Arc::new(|offset, _| offset % 2 == 0);
                let _ = erase_all(&log, 0, model.len() as u64, &everything).await;
                drop(log);
                bench.storage.crash(|below| {
                    seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                    (seed >> 33) % below
                });
                log = bench.open().0;
                let found = contents(&log, 0).await;
                assert_eq!(found.len(), model.len());
                for (offset, (payload, was)) in found.iter().zip(&mut model).enumerate() {
                    let is_back = unsettled.get(&offset) == Some(payload);
                    assert!(payload == was || is_back || (offset % 2 == 0 && payload.is_empty()));
                    *was = payload.clone();
                }
                unsettled.clear();
            }
        }
        assert_eq!(contents(&log, 0).await, model);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn behaves_like_a_list_of_which_some_are_blank(
        steps in prop::collection::vec(step(), 1..25),
        segment_bytes in prop_oneof![Just(100_u64), Just(500), Just(1 << 20)],
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(run(steps, segment_bytes));
    }
}
