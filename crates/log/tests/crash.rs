//! Killed anywhere: what was acknowledged is there, in order, and nothing else but a beginning of what was
//! in flight.

#![allow(clippy::unwrap_used, reason = "these are tests")]

mod support;

use hearth_log::{EventLog, LocalLog, NewRecord};
use proptest::prelude::*;
use support::faults::{EIO, ENOSPC, Op};
use support::{Bench, contents, record};

const PARTITIONS: u32 = 3;

/// What each partition must hold.
type Model = Vec<Vec<Vec<u8>>>;

fn add(model: &mut Model, records: &[NewRecord]) {
    for record in records {
        model[record.partition as usize].push(record.payload.to_vec());
    }
}

async fn read_all(log: &LocalLog) -> Model {
    let mut all = Model::new();
    for partition in 0..PARTITIONS {
        all.push(contents(log, partition).await);
    }
    all
}

/// Each partition holds what was acknowledged, and then a beginning of what was in flight.
fn assert_survived(found: &Model, acknowledged: &Model, in_flight: &[NewRecord]) {
    let mut all = acknowledged.clone();
    add(&mut all, in_flight);
    for ((found, acknowledged), all) in found.iter().zip(acknowledged).zip(&all) {
        assert!(found.len() >= acknowledged.len(), "acknowledged records were lost");
        assert!(all.starts_with(found), "something else is in the log than was appended");
    }
}

/// A small generator with a seed, so that a failure can be repeated.
fn chooser(mut seed: u64) -> impl FnMut(u64) -> u64 {
    move |below| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    }
}

fn workload(round: u32) -> Vec<NewRecord> {
    (0..round % 5 + 1).map(|n| record((round + n) % PARTITIONS, format!("{round} {n} {}", "y".repeat(30)))).collect()
}

#[tokio::test]
async fn killed_at_every_single_change_of_the_disk_and_again_while_going_on() {
    for changes in 0..400 {
        let mut choose = chooser(changes);
        let bench = Bench::new(PARTITIONS, 250);
        let mut acknowledged = vec![Vec::new(); PARTITIONS as usize];
        let (log, _) = bench.open();
        bench.storage.die_after(changes as usize);
        let mut in_flight = Vec::new();
        for round in 0..20 {
            in_flight = workload(round);
            if log.append(in_flight.clone()).await.is_err() {
                break;
            }
            add(&mut acknowledged, &in_flight);
            in_flight.clear();
        }
        let finished = !bench.storage.is_dead();
        assert_eq!(read_all(&log).await, acknowledged, "a failed append is not visible");
        drop(log);
        bench.storage.crash(&mut choose);
        let (log, _) = bench.open();
        let found = read_all(&log).await;
        assert_survived(&found, &acknowledged, &in_flight);

        let more = workload(100);
        log.append(more.clone()).await.unwrap();
        let mut expected = found;
        add(&mut expected, &more);
        assert_eq!(read_all(&log).await, expected);
        drop(log);
        bench.storage.crash(&mut choose);
        assert_eq!(read_all(&bench.open().0).await, expected, "after {changes} changes");
        if finished {
            assert!(changes > 100, "the workload has more changes than that");
            return;
        }
    }
    panic!("the workload never finished");
}

#[derive(Clone, Debug)]
enum Step {
    /// Calls made at the same time; each record is (partition, length).
    Append(Vec<Vec<(u32, usize)>>),
    Reopen,
    Fail {
        op: Op,
        pass: usize,
        code: i32,
    },
    Crash {
        changes: usize,
        seed: u64,
        records: Vec<(u32, usize)>,
    },
}

fn records() -> impl Strategy<Value = Vec<(u32, usize)>> {
    prop::collection::vec((0..PARTITIONS, prop_oneof![4 => 0..60_usize, 1 => 0..5_000_usize]), 1..8)
}

fn step() -> impl Strategy<Value = Step> {
    let op = prop_oneof![Just(Op::Write), Just(Op::Sync), Just(Op::Rename), Just(Op::SyncDir), Just(Op::Create)];
    prop_oneof![
        6 => prop::collection::vec(records(), 1..4).prop_map(Step::Append),
        2 => Just(Step::Reopen),
        2 => (op, 0..4_usize, prop_oneof![Just(EIO), Just(ENOSPC)])
            .prop_map(|(op, pass, code)| Step::Fail { op, pass, code }),
        2 => (0..20_usize, any::<u64>(), records())
            .prop_map(|(changes, seed, records)| Step::Crash { changes, seed, records }),
    ]
}

/// Every payload is unlike every other, so that a mix-up shows.
fn make(records: &[(u32, usize)], serial: &mut u64) -> Vec<NewRecord> {
    let one = |(partition, len): &(u32, usize)| {
        *serial += 1;
        record(*partition, format!("{serial} {}", "z".repeat(*len)))
    };
    records.iter().map(one).collect()
}

async fn run(steps: Vec<Step>, segment_bytes: u64) {
    let bench = Bench::new(PARTITIONS, segment_bytes);
    let mut model: Model = vec![Vec::new(); PARTITIONS as usize];
    let mut serial = 0;
    let mut log = bench.open().0;
    for step in steps {
        match step {
            Step::Append(calls) => {
                let calls: Vec<_> = calls.iter().map(|records| make(records, &mut serial)).collect();
                // In the order of the calls, since all of them find room in the queue at once.
                let mut futures: Vec<support::Boxed<_>> =
                    calls.iter().map(|records| log.append(records.clone())).collect();
                let mut done: Vec<_> = futures.iter_mut().map(support::poll_once).collect();
                for (n, future) in futures.into_iter().enumerate() {
                    let result = match std::mem::replace(&mut done[n], std::task::Poll::Pending) {
                        std::task::Poll::Ready(result) => result,
                        std::task::Poll::Pending => future.await,
                    };
                    if let Ok(positions) = result {
                        for (position, record) in positions.iter().zip(&calls[n]) {
                            let partition = &mut model[record.partition as usize];
                            assert_eq!(position.offset, partition.len() as u64);
                            partition.push(record.payload.to_vec());
                        }
                    }
                }
            }
            Step::Fail { op, pass, code } => bench.storage.fail(op, pass, 1, code),
            Step::Reopen => {
                bench.storage.heal();
                drop(log);
                let (reopened, report) = bench.open();
                assert_eq!(report.torn, []);
                log = reopened;
            }
            Step::Crash { changes, seed, records } => {
                bench.storage.heal();
                bench.storage.die_after(changes);
                let records = make(&records, &mut serial);
                let in_flight = match log.append(records.clone()).await {
                    Ok(_) => {
                        add(&mut model, &records);
                        Vec::new()
                    }
                    Err(_) => records,
                };
                drop(log);
                bench.storage.crash(chooser(seed));
                log = bench.open().0;
                let found = read_all(&log).await;
                assert_survived(&found, &model, &in_flight);
                model = found;
            }
        }
        assert_eq!(read_all(&log).await, model);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 250, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn behaves_like_lists_through_faults_reopens_and_crashes(
        steps in prop::collection::vec(step(), 1..25),
        segment_bytes in prop_oneof![Just(150_u64), Just(2_000), Just(1 << 20)],
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(run(steps, segment_bytes));
    }
}
