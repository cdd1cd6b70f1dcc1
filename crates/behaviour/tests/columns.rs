//! What was written is what is asked: on disk, in memory, in one file or many, after a crash.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{collections::BTreeMap, fs, path::Path, sync::atomic::AtomicBool};

use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::{Float64Type, Int32Type, Int64Type, TimestampMillisecondType};
use hearth_behaviour::{Columns, Engine, Error, Hit, Memory, Row, Rows, Selection, Steps, kernels::funnel::Funnel};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use proptest::prelude::*;

/// 30 January 2026, so that some weeks lie in three months.
const BEGIN: i64 = 1_769_731_200_000;
const DAY: i64 = 86_400_000;

#[derive(Clone, Debug)]
struct Happened {
    owner: i64,
    time: i64,
    name: u32,
}

fn happened() -> impl Strategy<Value = Happened> {
    // Every third hour, so that some happens at one moment.
    (1_i64..40, 0_i64..300, 0_u32..5).prop_map(|(owner, hour, name)| Happened {
        owner: owner << 21,
        time: BEGIN + hour * 3 * 3_600_000,
        name,
    })
}

fn name(number: u32) -> String {
    format!("Event {number}")
}

fn rows(events: &[Happened], first_id: i64) -> Rows {
    let mut rows = Rows::default();
    for (event, id) in events.iter().zip(first_id..) {
        let (name, properties) = (name(event.name), format!(r#"{{"n": {id}, "odd": [{id}]}}"#));
        rows.push(Row {
            owner: event.owner,
            time: event.time,
            id,
            identity: event.owner + 1,
            name: &name,
            properties: &properties,
        });
    }
    rows
}

fn steps_of(name: &str) -> Steps {
    match name {
        "Event 0" => 0b001,
        "Event 1" => 0b010,
        // This can be the second step as well as the third.
        "Event 2" => 0b110,
        _ => 0,
    }
}

fn funnel() -> Funnel {
    Funnel { steps: 3, window: 5 * DAY, ..Funnel::default() }
}

/// Everybody's history, sorted the plain way.
fn naive(events: &[Happened], from: i64, to: i64) -> Vec<u64> {
    let mut histories: BTreeMap<i64, Vec<(i64, usize, Steps)>> = BTreeMap::new();
    for (place, event) in events.iter().enumerate() {
        let steps = steps_of(&name(event.name));
        if steps != 0 && event.time >= from && event.time < to {
            histories.entry(event.owner).or_default().push((event.time, place, steps));
        }
    }
    let mut reached = vec![0; 3];
    for mut history in histories.into_values() {
        history.sort_unstable();
        let hits: Vec<Hit> =
            history.into_iter().map(|(time, _, steps)| Hit { time, steps, group: 0, value: 0.0 }).collect();
        for members in &mut reached[..funnel().depth(&hits)] {
            *members += 1;
        }
    }
    reached
}

fn ask(engine: &Engine, from: i64, to: i64) -> Vec<u64> {
    try_to_ask(engine, from, to).unwrap()
}

fn try_to_ask(engine: &Engine, from: i64, to: i64) -> Result<Vec<u64>, Error> {
    let reached = engine.ask(&Selection::of_names(from, to, &steps_of), &funnel(), &AtomicBool::new(false))?;
    Ok(reached.members)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn an_answer_does_not_depend_on_how_the_events_lie(
        events in prop::collection::vec(happened(), 1..400),
        pieces in 1_usize..5,
        from in 0_i64..20,
        days in 1_i64..30,
        most_bytes in prop::sample::select(vec![0_usize, 3_000, 1 << 30]),
    ) {
        let (from, to) = (BEGIN + from * DAY, BEGIN + (from + days) * DAY);
        let expected = naive(&events, from, to);
        let directory = tempfile::tempdir().unwrap();
        let mut done = 0;
        for piece in events.chunks(events.len().div_ceil(pieces)) {
            // Opened anew each time, as after the end of a process.
            let columns = Columns::open(directory.path()).unwrap();
            prop_assert_eq!(columns.manifest().cursors.first().copied().unwrap_or_default(), done as u64);
            columns.add(&rows(piece, 1 + done as i64), vec![(done + piece.len()) as u64]).unwrap();
            done += piece.len();
        }
        let memory = Memory::new(most_bytes);
        let engine = Engine::new(Columns::open(directory.path()).unwrap(), &memory);
        prop_assert_eq!(ask(&engine, from, to), expected.clone(), "in several files");
        prop_assert_eq!(ask(&engine, from, to), expected.clone(), "from memory");
        prop_assert!(memory.bytes() <= most_bytes, "{} bytes are kept", memory.bytes());
        engine.compact(2).unwrap();
        prop_assert_eq!(ask(&engine, from, to), expected, "in one file for each bucket and month");
        let parts = engine.columns().manifest().parts.clone();
        prop_assert_eq!(parts.iter().map(|part| part.rows).sum::<u64>(), events.len() as u64);
        prop_assert_eq!(files(directory.path()).len(), parts.len());
    }
}

/// All files of columns below a directory.
fn files(directory: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|extension| extension == "parquet") {
            found.push(path);
        }
    }
    found
}

fn batches(directory: &Path) -> Vec<RecordBatch> {
    let open =
        |path: &std::path::PathBuf| ParquetRecordBatchReaderBuilder::try_new(fs::File::open(path).unwrap()).unwrap();
    files(directory).iter().flat_map(|path| open(path).build().unwrap()).map(Result::unwrap).collect()
}

#[test]
fn all_that_was_said_can_be_read_from_the_files_by_anybody() {
    let directory = tempfile::tempdir().unwrap();
    let columns = Columns::open(directory.path()).unwrap();
    let events: Vec<Happened> =
        (0..200).map(|n| Happened { owner: n % 7, time: BEGIN + n * 3_600_000, name: (n % 5) as u32 }).collect();
    columns.add(&rows(&events, 1), vec![200]).unwrap();
    let mut said = BTreeMap::new();
    for batch in batches(directory.path()) {
        let column = |name: &str| batch.column_by_name(name).unwrap();
        let ids = column("event").as_primitive::<Int64Type>();
        let members = column("member").as_primitive::<Int64Type>();
        let times = column("time").as_primitive::<TimestampMillisecondType>();
        let names = column("name").as_dictionary::<Int32Type>();
        let names = names.downcast_dict::<arrow::array::StringArray>().unwrap();
        let numbers = column("properties.n").as_primitive::<Float64Type>();
        let rest = column("rest").as_string::<i32>();
        let mut before = (i64::MIN, i64::MIN, i64::MIN);
        for row in 0..batch.num_rows() {
            let key = (members.value(row), times.value(row), ids.value(row));
            assert!(before < key, "the rows are sorted");
            before = key;
            let name = names.into_iter().nth(row).flatten().unwrap().to_owned();
            said.insert(ids.value(row), (key.0, key.1, name, numbers.value(row), rest.value(row).to_owned()));
        }
    }
    assert_eq!(said.len(), events.len());
    for (event, id) in events.iter().zip(1..) {
        let expected = (event.owner, event.time, name(event.name), id as f64, format!(r#"{{"odd":[{id}]}}"#));
        assert_eq!(said[&id], expected);
    }
}

#[test]
fn what_was_not_committed_is_nothing_and_is_removed() {
    let directory = tempfile::tempdir().unwrap();
    let events = [Happened { owner: 1, time: BEGIN, name: 0 }];
    Columns::open(directory.path()).unwrap().add(&rows(&events, 1), vec![1]).unwrap();
    let committed = fs::read(directory.path().join("manifest.json")).unwrap();
    Columns::open(directory.path()).unwrap().add(&rows(&events, 2), vec![2]).unwrap();
    // The process ended after it had written the file and before the manifest named it.
    fs::write(directory.path().join("manifest.json"), committed).unwrap();
    assert_eq!(files(directory.path()).len(), 2);
    let columns = Columns::open(directory.path()).unwrap();
    assert_eq!((columns.manifest().cursors.clone(), files(directory.path()).len()), (vec![1], 1));
    columns.add(&rows(&events, 2), vec![2]).unwrap();
    let engine = Engine::new(columns, &Memory::new(1 << 20));
    assert_eq!(ask(&engine, BEGIN, BEGIN + DAY), [1, 0, 0]);
}

#[test]
fn a_file_that_the_disk_has_changed_is_reported_and_never_counted() {
    let directory = tempfile::tempdir().unwrap();
    let columns = Columns::open(directory.path()).unwrap();
    let events: Vec<Happened> =
        (0..50).map(|n| Happened { owner: 1, time: BEGIN + n * 3_600_000, name: (n % 5) as u32 }).collect();
    columns.add(&rows(&events, 1), vec![50]).unwrap();
    let file = files(directory.path()).remove(0);
    let whole = fs::read(&file).unwrap();
    let engine = Engine::new(Columns::open(directory.path()).unwrap(), &Memory::new(1 << 20));
    let expected = ask(&engine, BEGIN, BEGIN + 9 * DAY);
    for place in (0..whole.len()).step_by(7) {
        let mut changed = whole.clone();
        changed[place] ^= 0x10;
        fs::write(&file, changed).unwrap();
        engine.forget();
        let answer = try_to_ask(&engine, BEGIN, BEGIN + 9 * DAY);
        // A question does not read all columns; what it does not read cannot change its answer.
        match answer {
            Ok(answer) => assert_eq!(answer, expected, "byte {place}"),
            Err(error) => assert!(matches!(error, Error::Damaged { .. }), "byte {place}: {error}"),
        }
        let found = engine.columns().damaged();
        assert_eq!(found.len(), 1, "byte {place}");
        assert!(matches!(found[0].1, Error::Damaged { .. }), "byte {place}: {}", found[0].1);
    }
    fs::write(&file, whole).unwrap();
    engine.forget();
    assert_eq!(ask(&engine, BEGIN, BEGIN + 9 * DAY), expected);
    assert!(engine.columns().damaged().is_empty());
}

#[test]
fn what_failed_can_be_done_again_and_nothing_counts_twice() {
    let directory = tempfile::tempdir().unwrap();
    let engine = Engine::new(Columns::open(directory.path()).unwrap(), &Memory::new(1 << 20));
    let mut cursor = 0;
    let mut arrive = |engine: &Engine, month: i64| {
        let event = |n: i64| Happened { owner: n << 21, time: BEGIN + month * 31 * DAY + n * 60_000, name: 0 };
        let events: Vec<Happened> = (0..40).map(event).collect();
        engine.append(rows(&events, 1 + cursor), vec![(cursor + 40) as u64]);
        cursor += 40;
    };
    let all = || ask(&engine, BEGIN, BEGIN + 99 * DAY)[0];
    for _ in 0..2 {
        arrive(&engine, 0);
        engine.flush().unwrap();
    }
    // A folder cannot be made.
    let month = directory.path().join("bucket=00/month=2026-03");
    arrive(&engine, 1);
    fs::write(&month, "").unwrap();
    for _ in 0..2 {
        assert!(matches!(engine.flush(), Err(Error::Io { .. })));
        assert_eq!((engine.waiting(), all()), (40, 40));
    }
    fs::remove_file(&month).unwrap();
    // The manifest cannot be written.
    let manifest = directory.path().join("manifest.json.new");
    fs::create_dir(&manifest).unwrap();
    for _ in 0..2 {
        assert!(matches!(engine.flush(), Err(Error::Io { .. })));
        assert!(matches!(engine.compact(2), Err(Error::Io { .. })));
        assert_eq!((engine.waiting(), all()), (40, 40));
    }
    fs::remove_dir(&manifest).unwrap();
    engine.flush().unwrap();
    engine.compact(2).unwrap();
    let told = || engine.columns().manifest().parts.iter().map(|part| part.rows).sum::<u64>();
    assert_eq!((engine.waiting(), told(), all()), (0, 120, 40));
    let columns = Columns::open(directory.path()).unwrap();
    assert_eq!(columns.manifest().cursors, [120]);
    assert_eq!(files(directory.path()).len(), columns.manifest().parts.len());
}
