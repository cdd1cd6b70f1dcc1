//! What a crash or a bad medium leaves, and what opening makes of it.

#![allow(clippy::unwrap_used, reason = "these are tests")]

mod support;

use std::fs;
use std::path::Path;

use hearth_log::{EventLog, LocalLog, LogError, TornReason};
use support::{Bench, append, contents, copy_log, record};

const HEADER: usize = 40;
const FRAME: usize = 20;

fn payload(n: usize) -> Vec<u8> {
    format!("{{\"n\":{n},\"x\":\"{}\"}}", "x".repeat(n % 4)).into_bytes()
}

/// A closed log of one partition and one segment with `count` records; the segment's bytes, and where
/// each frame begins and the last one ends.
async fn small_log(bench: &Bench, count: usize) -> (Vec<u8>, Vec<usize>) {
    let (log, _) = bench.open();
    let mut starts = vec![HEADER];
    for n in 0..count {
        append(&log, 0, payload(n)).await.unwrap();
        starts.push(starts[n] + FRAME + payload(n).len());
    }
    drop(log);
    let bytes = fs::read(bench.last_segment(0)).unwrap();
    assert_eq!(bytes.len(), starts[count]);
    (bytes, starts)
}

/// Opens what is there, checks that it holds the first `count` records, goes on from there, and checks
/// that another opening finds nothing to complain about.
async fn continues_after(bench: &Bench, log: LocalLog, count: usize) {
    assert_eq!(log.range(0), 0..count as u64);
    append(&log, 0, "next").await.unwrap();
    drop(log);
    let (log, report) = bench.open();
    assert_eq!(report.torn, []);
    let mut expected: Vec<_> = (0..count).map(payload).collect();
    expected.push(b"next".to_vec());
    assert_eq!(contents(&log, 0).await, expected);
}

#[tokio::test]
async fn a_tail_torn_at_any_byte_is_cut_to_the_last_whole_record() {
    let bench = Bench::new(1, 1 << 20);
    let (bytes, starts) = small_log(&bench, 5).await;
    for cut in starts[1]..=bytes.len() {
        fs::write(bench.last_segment(0), &bytes[..cut]).unwrap();
        let whole = starts.iter().filter(|start| **start <= cut).count() - 1;
        let (log, report) = bench.open();
        if starts.contains(&cut) {
            assert_eq!(report.torn, [], "cut at {cut}");
        } else {
            let torn = &report.torn[0];
            assert_eq!(torn.reason, TornReason::Partial, "cut at {cut}");
            assert_eq!((torn.partition, torn.offset), (0, whole as u64));
            assert_eq!(torn.bytes_cut, (cut - starts[whole]) as u64);
            assert_eq!((torn.records_follow, &torn.kept), (false, &None));
        }
        continues_after(&bench, log, whole).await;
    }
}

#[tokio::test]
async fn a_tail_of_zeros_from_any_byte_is_cut_to_the_last_whole_record() {
    let bench = Bench::new(1, 1 << 20);
    let (bytes, starts) = small_log(&bench, 5).await;
    for cut in starts[1]..=bytes.len() {
        let mut torn = bytes.clone();
        torn[cut..].fill(0);
        torn.extend([0; 100]);
        fs::write(bench.last_segment(0), &torn).unwrap();
        let whole = starts.iter().filter(|start| **start <= cut).count() - 1;
        let (log, report) = bench.open();
        assert_eq!(report.torn.len(), 1, "cut at {cut}");
        assert_eq!(report.torn[0].offset, whole as u64, "cut at {cut}");
        assert!(!report.torn[0].records_follow);
        if starts.contains(&cut) {
            assert_eq!(report.torn[0].reason, TornReason::Zeros);
        }
        continues_after(&bench, log, whole).await;
    }
}

#[tokio::test]
async fn any_damaged_byte_of_a_group_with_records_behind_it_is_cut_but_kept_and_reported() {
    let bench = Bench::new(1, 1 << 20);
    let (first, starts) = small_log(&bench, 1).await;
    let (log, _) = bench.open();
    log.append((1..6).map(|n| record(0, payload(n))).collect()).await.unwrap();
    drop(log);
    let bytes = fs::read(bench.last_segment(0)).unwrap();
    assert_eq!(bytes[..starts[1]], first);
    let (second, third) = (starts[1] + FRAME + payload(1).len(), starts[1] + 2 * FRAME + 2 * payload(1).len() + 1);
    for damaged in starts[1]..third {
        let mut bad = bytes.clone();
        bad[damaged] ^= 0x10;
        let segment = bench.last_segment(0);
        fs::write(&segment, &bad).unwrap();
        let (whole, start) = if damaged < second { (1, starts[1]) } else { (2, second) };
        let (log, report) = bench.open();
        assert_eq!(report.damaged, []);
        let torn = &report.torn[0];
        assert!(torn.records_follow, "byte {damaged}");
        assert_eq!(torn.offset, whole as u64);
        let kept = torn.kept.clone().unwrap();
        assert!(kept.to_str().unwrap().contains(&format!(".log.torn-{whole}")));
        assert_eq!(fs::read(&kept).unwrap(), bad[start..], "byte {damaged}");
        continues_after(&bench, log, whole).await;
        // It begins a new segment, for the damaged one is not to be trusted.
        fs::remove_file(bench.last_segment(0)).unwrap();
        assert_eq!(bench.last_segment(0), segment);
    }
}

#[tokio::test]
async fn damage_to_records_that_a_later_group_proves_durable_costs_only_these_records() {
    let bench = Bench::new(1, 1 << 20);
    let (bytes, starts) = small_log(&bench, 6).await;
    for damaged in starts[1]..starts[3] {
        let mut bad = bytes.clone();
        bad[damaged] ^= 0x10;
        // Behind them, the group in flight is torn, too.
        bad.extend([9; 13]);
        let segment = bench.last_segment(0);
        fs::write(&segment, &bad).unwrap();
        let lost = if damaged < starts[2] { 1 } else { 2 };
        for opened in 0..3 {
            let (log, report) = bench.open();
            assert_eq!(report.torn, [], "byte {damaged}");
            if opened < 2 {
                assert_eq!(report.damaged.len(), 1, "byte {damaged}");
                assert_eq!((&report.damaged[0].segment, &report.damaged[0].offsets), (&segment, &(lost..lost + 1)));
                assert_eq!(fs::read(&segment).unwrap(), bad, "nothing is cut");
            }
            let readable = async |offset| match log.read(0, offset, 1, 1).await {
                Ok(records) => records[0].payload == payload(offset as usize),
                Err(LogError::Corrupt { offset: at, .. }) => at != offset,
                Err(error) => panic!("{error:?}"),
            };
            for offset in 0..6 {
                assert_eq!(readable(offset).await, offset != lost, "byte {damaged}, record {offset}");
            }
            if opened > 0 {
                assert_eq!(append(&log, 0, payload(5 + opened)).await.unwrap().offset, 5 + opened as u64);
            }
        }
        fs::remove_file(bench.last_segment(0)).unwrap();
        assert_eq!(bench.last_segment(0), segment);
    }
}

#[tokio::test]
async fn a_damaged_last_record_is_a_torn_tail() {
    let bench = Bench::new(1, 1 << 20);
    let (bytes, starts) = small_log(&bench, 4).await;
    for damaged in starts[3]..bytes.len() {
        let mut bad = bytes.clone();
        bad[damaged] ^= 0x01;
        fs::write(bench.last_segment(0), &bad).unwrap();
        let (log, report) = bench.open();
        assert_eq!((report.torn.len(), report.torn[0].kept.is_some()), (1, false), "byte {damaged}");
        continues_after(&bench, log, 3).await;
    }
}

#[tokio::test]
async fn a_second_copy_of_cut_bytes_does_not_replace_the_first() {
    let bench = Bench::new(1, 1 << 20);
    let (log, _) = bench.open();
    log.append((0..4).map(|n| record(0, payload(n))).collect()).await.unwrap();
    drop(log);
    let mut bad = fs::read(bench.last_segment(0)).unwrap();
    bad[HEADER + FRAME] ^= 1;
    let mut kept = Vec::new();
    for _ in 0..3 {
        fs::write(bench.last_segment(0), &bad).unwrap();
        kept.extend(bench.open().1.torn.pop().unwrap().kept);
    }
    assert_eq!(kept.len(), 3);
    assert!(kept.iter().all(|path| fs::read(path).unwrap() == bad[HEADER..]));
}

#[tokio::test]
async fn a_last_segment_without_records_is_replaced() {
    let bench = Bench::new(1, 100);
    let (log, _) = bench.open();
    for n in 0..6 {
        append(&log, 0, payload(n)).await.unwrap();
    }
    drop(log);
    let header = fs::read(bench.last_segment(0)).unwrap()[..HEADER].to_vec();
    for len in [0, 1, 39, 40] {
        let empty = bench.last_segment(0).with_file_name("00000000000000000006.log");
        let mut bytes = header.clone();
        bytes[16] = 6;
        let checksum = crc32c::crc32c(&bytes[..36]).to_le_bytes();
        bytes[36..].copy_from_slice(&checksum);
        fs::write(&empty, &bytes[..len]).unwrap();
        // What was being created.
        fs::write(empty.with_extension("new"), b"half a header").unwrap();
        let (log, report) = bench.open();
        assert_eq!(report.torn, [], "length {len}");
        assert_eq!(log.range(0), 0..6);
        append(&log, 0, "next").await.unwrap();
        drop(log);
        let (log, report) = bench.open();
        assert_eq!(report.damaged_headers, []);
        assert_eq!(contents(&log, 0).await.len(), 7);
        assert_eq!(bench.last_segment(0), empty);
    }
}

#[tokio::test]
async fn an_only_segment_without_records_still_carries_the_next_offset() {
    let bench = Bench::new(1, 100);
    bench.open();
    let path = bench.root().join("p0000/00000000000000000042.log");
    fs::write(&path, b"").unwrap();
    assert_eq!(bench.open().0.range(0), 42..42);
    let target = bench.dir.path().join("copy");
    let (log, _) = bench.open();
    log.snapshot(&target).await.unwrap();
    assert_eq!(append(&log, 0, "a").await.unwrap().offset, 42);
    let copy = LocalLog::open(&target, bench.options.clone()).unwrap().0;
    assert_eq!(copy.range(0), 42..42);
}

#[tokio::test]
async fn a_damaged_header_is_reported_and_costs_no_record() {
    for (segment, byte) in [(0, 0), (0, 25), (1, 38), (2, 3), (2, 17)] {
        let bench = Bench::new(1, 200);
        let (log, _) = bench.open();
        for n in 0..12 {
            append(&log, 0, payload(n)).await.unwrap();
        }
        drop(log);
        let segments = bench.segments(0);
        assert_eq!(segments.len(), 3);
        let mut bytes = fs::read(&segments[segment]).unwrap();
        bytes[byte] ^= 0x40;
        fs::write(&segments[segment], bytes).unwrap();
        let (log, report) = bench.open();
        assert_eq!(report.torn, []);
        assert_eq!(report.damaged_headers[0].segment, segments[segment]);
        append(&log, 0, payload(12)).await.unwrap();
        assert_eq!(contents(&log, 0).await, (0..13).map(payload).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn files_of_another_version_or_place_are_refused_and_left_alone() {
    let bench = Bench::new(2, 200);
    let (bytes, _) = small_log(&bench, 3).await;
    let segment = bench.last_segment(0);
    let refused = |what: &str| match LocalLog::open(&bench.root(), bench.options.clone()) {
        Err(LogError::Corrupt { reason, .. }) => assert!(reason.contains(what), "{reason}"),
        other => panic!("expected a refusal because of {what}, not {other:?}"),
    };

    let mut newer = bytes.clone();
    newer[8] = 2;
    fs::write(&segment, &newer).unwrap();
    refused("unknown version 2");
    assert_eq!(fs::read(&segment).unwrap(), newer);

    fs::write(&segment, &bytes).unwrap();
    let elsewhere = bench.root().join("p0001/00000000000000000000.log");
    fs::copy(&segment, &elsewhere).unwrap();
    refused("partition 0");
    fs::remove_file(elsewhere).unwrap();

    let meta = bench.root().join("log.meta");
    fs::write(&meta, "hearth-log 2\npartitions 2\n").unwrap();
    refused("version");
    fs::write(&meta, "hearth-log 1\n").unwrap();
    refused("number of partitions");
    fs::remove_file(&meta).unwrap();
    refused("log.meta is missing");
    fs::write(&meta, "hearth-log 1\npartitions 2\n").unwrap();
    fs::remove_dir_all(bench.root().join("p0001")).unwrap();
    refused("directory is missing");
}

/// Two sealed segments and a last one, with the bytes of the first.
async fn sealed_log(bench: &Bench) -> (Vec<u8>, Vec<usize>) {
    let (log, _) = bench.open();
    for group in 0..3 {
        let records = (0..10).map(|n| record(0, payload(group * 10 + n)));
        log.append(records.collect()).await.unwrap();
    }
    drop(log);
    assert_eq!(bench.segments(0).len(), 3);
    let mut starts = vec![HEADER];
    (0..10).for_each(|n| starts.push(starts[n] + FRAME + payload(n).len()));
    (fs::read(&bench.segments(0)[0]).unwrap(), starts)
}

#[tokio::test]
async fn damage_in_a_sealed_segment_is_reported_at_its_record_and_hides_no_other() {
    let bench = Bench::new(1, 300);
    let (bytes, starts) = sealed_log(&bench).await;
    for damaged in starts[4]..starts[5] {
        let mut bad = bytes.clone();
        bad[damaged] ^= 0x04;
        fs::write(&bench.segments(0)[0], &bad).unwrap();
        let (log, report) = bench.open();
        assert_eq!(report.torn, [], "a sealed segment is never cut");
        let before = log.read(0, 0, 100, 100_000).await.unwrap();
        assert_eq!(before.len(), 4, "what is good before the damage is delivered, byte {damaged}");
        let error = log.read(0, 4, 100, 100_000).await.unwrap_err();
        assert!(matches!(error, LogError::Corrupt { partition: 0, offset: 4, .. }), "{error}");
        for from in 5..30 {
            let behind = log.read(0, from, 100, 100_000).await.unwrap();
            assert_eq!(behind.len() as u64, 30 - from, "from {from}, byte {damaged}");
            assert_eq!(behind[0].payload, payload(from as usize));
        }
    }
}

#[tokio::test]
async fn a_sealed_segment_that_was_cut_short_is_corrupt_and_not_the_end_of_the_log() {
    let bench = Bench::new(1, 300);
    let (bytes, starts) = sealed_log(&bench).await;
    for cut in [starts[7], starts[7] + 3, starts[7] + 20] {
        fs::write(&bench.segments(0)[0], &bytes[..cut]).unwrap();
        let (log, _) = bench.open();
        assert_eq!(log.range(0), 0..30);
        assert_eq!(log.read(0, 0, 100, 100_000).await.unwrap().len(), 7);
        for lost in 7..10 {
            let error = log.read(0, lost, 100, 100_000).await.unwrap_err();
            assert!(matches!(error, LogError::Corrupt { offset, .. } if offset == lost), "{error}");
        }
        assert_eq!(log.read(0, 10, 100, 100_000).await.unwrap().len(), 20);
    }
    fs::write(&bench.segments(0)[0], &bytes[..HEADER]).unwrap();
    let refused = LocalLog::open(&bench.root(), bench.options.clone());
    assert!(matches!(refused, Err(LogError::Corrupt { partition: 0, offset: 0, .. })));
}

#[tokio::test]
async fn leftovers_behind_the_end_of_a_sealed_segment_mean_nothing() {
    let bench = Bench::new(1, 300);
    let (bytes, starts) = sealed_log(&bench).await;
    // The first segment goes on with records of an append that failed before the second was begun.
    let mut longer = bytes.clone();
    let failed = b"failed";
    longer.extend((failed.len() as u32).to_le_bytes());
    let body = [&10u64.to_le_bytes()[..], &[0; 4], failed].concat();
    longer.extend(crc32c::crc32c(&body).to_le_bytes());
    longer.extend(body);
    longer.extend(&bytes[starts[3]..]);
    fs::write(&bench.segments(0)[0], &longer).unwrap();
    let (log, report) = bench.open();
    assert_eq!(report.torn, []);
    assert_eq!(contents(&log, 0).await, (0..30).map(payload).collect::<Vec<_>>());
    let target = bench.dir.path().join("copy");
    log.snapshot(&target).await.unwrap();
    let copy = LocalLog::open(&target, bench.options.clone()).unwrap().0;
    assert_eq!(contents(&copy, 0).await, (0..30).map(payload).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_copied_directory_opens_as_the_same_log() {
    let bench = Bench::new(1, 300);
    sealed_log(&bench).await;
    let target = bench.dir.path().join("copy");
    copy_log(&bench.root(), Path::new(&target));
    let copy = LocalLog::open(&target, bench.options.clone()).unwrap().0;
    assert_eq!(contents(&copy, 0).await, (0..30).map(payload).collect::<Vec<_>>());
}
