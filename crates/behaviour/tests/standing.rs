//! Whatever is on disk, in memory or on its way, and whoever is one member with whom: each event counts once, for him to
//! whom it belongs.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    collections::{BTreeMap, HashMap},
    sync::atomic::AtomicBool,
};

use hearth_behaviour::{
    Columns, Engine, Gone, Memory, Move, Row, Rows, Selection, Steps,
    kernels::path::{Anchor, MOST_DEPTH, Paths},
};
use proptest::prelude::*;

/// 30 January 2026, so that two weeks lie in two months.
const BEGIN: i64 = 1_769_731_200_000;
const HOUR: i64 = 3_600_000;

#[derive(Clone, Copy, Debug)]
struct Happened {
    owner: i64,
    identity: i64,
    hour: i64,
    name: u16,
}

#[derive(Clone, Debug)]
enum Deed {
    /// Events arrive.
    Arrive(Vec<Happened>),
    /// All of an owner's events belong to another.
    Merge(i64, i64),
    /// Those of one identity do.
    Part(i64, i64, i64),
    /// The same, told by itself.
    PartOne(i64, i64, i64),
    /// Everything belongs to whom it belonged first.
    Undo,
    Flush,
    /// Where at least so many files can be put together.
    Compact(usize),
    /// Nothing of an identity of this owner is to be left.
    Remove(i64, i64),
    Restart,
}

fn happened() -> impl Strategy<Value = Happened> {
    (1_i64..12, 0_i64..3, 0_i64..200, 1_u16..5).prop_map(|(owner, identity, hour, name)| Happened {
        owner,
        identity: owner * 10 + identity,
        hour,
        name,
    })
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        4 => prop::collection::vec(happened(), 1..40).prop_map(Deed::Arrive),
        2 => (1_i64..12, 1_i64..12).prop_map(|(from, to)| Deed::Merge(from, to)),
        2 => (1_i64..12, 0_i64..3, 1_i64..12).prop_map(|(owner, identity, to)| Deed::Part(owner, owner * 10 + identity, to)),
        6 => (1_i64..12, 0_i64..3, 1_i64..12)
            .prop_map(|(owner, identity, to)| Deed::PartOne(owner, owner * 10 + identity, to)),
        1 => Just(Deed::Undo),
        2 => Just(Deed::Flush),
        1 => (2_usize..5).prop_map(Deed::Compact),
        1 => (1_i64..12, 0_i64..3).prop_map(|(owner, identity)| Deed::Remove(owner, owner * 10 + identity)),
        1 => Just(Deed::Restart),
    ]
}

fn number_of(name: &str) -> Steps {
    name.strip_prefix("Event ").and_then(|number| number.parse().ok()).unwrap_or_default()
}

const PATHS: Paths = Paths { anchor: Anchor::Beginning, depth: 6, collapses: false };

/// Everybody's history, sorted the plain way.
fn naive(events: &[Happened], moves: &[Move], from: i64, to: i64) -> HashMap<[u16; MOST_DEPTH], u64> {
    let mut histories: BTreeMap<i64, Vec<(i64, usize, u16)>> = BTreeMap::new();
    for (place, event) in events.iter().enumerate().filter(|(_, event)| (from..to).contains(&event.hour)) {
        let moved = moves.iter().find(|moved| moved.identity == event.identity);
        let member = moved.map_or(event.owner, |moved| moved.member);
        histories.entry(member).or_default().push((event.hour, place, event.name));
    }
    let mut ways = HashMap::new();
    for mut history in histories.into_values() {
        history.sort_unstable();
        let mut way = [0; MOST_DEPTH];
        for (place, (.., name)) in history.into_iter().take(PATHS.depth).enumerate() {
            way[place] = name;
        }
        *ways.entry(way).or_default() += 1;
    }
    ways
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn each_event_counts_once_for_him_to_whom_it_belongs(deeds in prop::collection::vec(deed(), 1..14)) {
        let directory = tempfile::tempdir().unwrap();
        let mut engine = Engine::new(Columns::open(directory.path()).unwrap(), &Memory::new(1 << 20));
        let (mut events, mut moves) = (Vec::<Happened>::new(), Vec::<Move>::new());
        // The log, and how much of it had arrived at the last restart or flush.
        let mut log: Vec<Happened> = Vec::new();
        for deed in deeds {
            match deed.clone() {
                Deed::Arrive(more) => {
                    engine.append(rows(&more, log.len()), vec![(log.len() + more.len()) as u64]);
                    events.extend(&more);
                    log.extend(more);
                }
                Deed::Merge(owner, member) => {
                    moves.retain(|moved| moved.owner != owner);
                    moves.extend((0..3).map(|nth| Move { owner, identity: owner * 10 + nth, member }));
                    engine.regroup(moves.iter().copied());
                }
                Deed::Part(owner, identity, member) | Deed::PartOne(owner, identity, member) => {
                    moves.retain(|moved| moved.identity != identity);
                    moves.push(Move { owner, identity, member });
                    match deed {
                        Deed::PartOne(..) => engine.regroup_some(moves.last().copied()),
                        _ => engine.regroup(moves.iter().copied()),
                    }
                }
                Deed::Undo => {
                    moves.clear();
                    engine.regroup([]);
                }
                Deed::Flush => engine.flush().unwrap(),
                Deed::Compact(least) => engine.compact(least).unwrap(),
                Deed::Remove(owner, identity) => {
                    let is_gone = |event: &Happened| event.identity == identity;
                    let expected = events.iter().filter(|event| is_gone(event)).count();
                    let is = |other: i64, _: i64, _: &str| other == identity;
                    let removed = engine.remove(&Gone { owners: Some([owner].into()), is: &is }).unwrap();
                    prop_assert_eq!(removed, expected as u64);
                    events.retain(|event| !is_gone(event));
                }
                Deed::Restart => {
                    engine = Engine::new(Columns::open(directory.path()).unwrap(), &Memory::new(1 << 20));
                    // What was not on disk is read from the log again.
                    let known = engine.cursors().first().map_or(0, |next| *next as usize);
                    engine.append(rows(&log[known..], known), vec![log.len() as u64]);
                    engine.regroup(moves.iter().copied());
                }
            }
            for (from, to) in [(0, 200), (40, 130)] {
                let selection = Selection::of_names(BEGIN + from * HOUR, BEGIN + to * HOUR, &number_of);
                let ways = engine.ask(&selection, &PATHS, &AtomicBool::new(false)).unwrap();
                prop_assert_eq!(ways.members, naive(&events, &moves, from, to));
            }
        }
    }
}

fn rows(events: &[Happened], before: usize) -> Rows {
    let mut rows = Rows::default();
    for (event, id) in events.iter().zip(1 + before as i64..) {
        let name = format!("Event {}", event.name);
        let time = BEGIN + event.hour * HOUR;
        rows.push(Row { owner: event.owner, time, id, identity: event.identity, name: &name, properties: "{}" });
    }
    rows
}

#[test]
fn files_that_are_given_up_stay_for_whoever_reads_them() {
    let directory = tempfile::tempdir().unwrap();
    let columns = Columns::open(directory.path()).unwrap();
    let event = Happened { owner: 1, identity: 10, hour: 0, name: 1 };
    columns.add(&rows(&[event], 0), vec![1]).unwrap();
    columns.add(&rows(&[event], 1), vec![2]).unwrap();
    let before = columns.manifest();
    let old: Vec<_> = before.parts.iter().map(|part| part.path(directory.path())).collect();
    assert_eq!(columns.compact(2).unwrap(), 1);
    columns.add(&rows(&[event], 2), vec![3]).unwrap();
    columns.compact(2).unwrap();
    assert!(old.iter().all(|path| path.exists()));
    drop(before);
    assert!(!old.iter().any(|path| path.exists()));
    assert!(columns.manifest().parts.iter().all(|part| part.path(directory.path()).exists()));
}
