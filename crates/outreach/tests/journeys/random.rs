//! Whatever a journey is like, whatever members and operators do and whenever the process dies: the ledger is the
//! interpreter's.

use std::{
    collections::BTreeMap,
    hash::{BuildHasher, Hasher, RandomState},
};

use jiff::tz::TimeZone;
use people::{members::Room, pipeline::RunnerOptions};
use proptest::{
    prelude::*,
    test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner},
};
use serde_json::{Value, json};

use super::{
    drawing::{DAYS, Deed, Wish, Wished, deed, document, mapping, segments, wish},
    interpreter::{Happening, Journey, Order, Ordered, Person, Running, What, World, orders::State},
    replay::{Mishap, Replay},
    support::{Bench, DAY, HOUR, MINUTE, START, TestDatabase},
};

/// How many cases are tried on each database, unless this variable says otherwise.
const CASES: &str = "HEARTH_TEST_JOURNEY_CASES";
/// The number of the first case, from which everything in it follows; the others have the numbers behind it. When it is
/// not given, chance chooses it, and a failure tells which it was.
const SEED: &str = "HEARTH_TEST_JOURNEY_SEED";
/// So many rounds go well before the mishaps begin again.
const PEACE: usize = 4;
/// How long a case is made smaller, in milliseconds.
const SHRINKING: u32 = 60_000;
const ZONES: [&str; 4] = ["Europe/Berlin", "Pacific/Kiritimati", "Pacific/Honolulu", "Asia/Shanghai"];

/// One case.
#[derive(Clone, Debug)]
struct Case {
    documents: Vec<Value>,
    /// What each does when, with how late it arrives. Two and two have a zone in common.
    members: Vec<Vec<Deed>>,
    zones: [usize; 2],
    /// Which of two turns out to be the other as well, and when.
    merges: Vec<(usize, i64)>,
    wishes: Vec<Wish>,
    /// What goes wrong in the rounds that come, from the first again after the last and some peace.
    mishaps: Vec<Mishap>,
    batch: (usize, usize, usize, usize),
    repeated: bool,
}

fn mishap() -> impl Strategy<Value = Mishap> {
    prop_oneof![
        6 => Just(Mishap::None),
        1 => Just(Mishap::Restart),
        1 => (1..60usize).prop_map(Mishap::Killed),
    ]
}

fn case() -> impl Strategy<Value = Case> {
    let members = prop::collection::vec(prop::collection::vec(deed(), 1..14), 1..5);
    (
        prop::collection::vec(document(), 1..3),
        (members, [0..ZONES.len(), 0..ZONES.len()]),
        prop::collection::vec((0..4usize, 2..DAYS * 24 - 24), 0..3),
        prop::collection::vec(wish(), 0..6),
        prop::collection::vec(mishap(), 1..30),
        (1..8usize, 1..6usize, 1..4usize, 1..4usize),
        any::<bool>(),
    )
        .prop_map(|(documents, (members, zones), merges, wishes, mishaps, batch, repeated)| Case {
            documents,
            members,
            zones,
            merges,
            wishes,
            mishaps,
            batch,
            repeated,
        })
}

fn world(case: &Case) -> World {
    let journey = |document: &Value| Journey { document: document.clone(), published: START };
    World {
        zone: TimeZone::get("Europe/Berlin").unwrap(),
        segments: segments(),
        journeys: case.documents.iter().map(journey).collect(),
        orders: orders(case),
        // At seconds of their own, so that nothing that is for two who have become one comes at one moment.
        answers: |person| {
            let delay = 3 * HOUR + 1_000 * person.number as i64;
            (person.number % 4 < 2).then(|| (delay, json!({"score": 10 * person.number})))
        },
        deeds: |person| {
            let outcome = (person.number % 4 == 1).then(|| "yes".to_owned());
            (person.number % 4 > 0).then_some((7 * HOUR + 1_000 * person.number as i64, outcome))
        },
    }
}

/// What operators do: of what they wish, that which can be done to a journey as it is then. Each has a minute of its own.
fn orders(case: &Case) -> Vec<Order> {
    let mut wishes: BTreeMap<i64, (usize, Option<&Wished>)> = BTreeMap::new();
    for (place, wish) in case.wishes.iter().enumerate() {
        let (at, journey) =
            (START + wish.hour * HOUR + (47 + 2 * place as i64) * MINUTE, wish.journey % case.documents.len());
        wishes.insert(at, (journey, Some(&wish.what)));
        if let Wished::Pause { hours } = wish.what {
            // Then it is to go on.
            wishes.insert(at + hours * HOUR + MINUTE, (journey, None));
        }
    }
    let mut states = vec![State::Live; case.documents.len()];
    let mut orders = Vec::new();
    for (at, (journey, wished)) in wishes {
        let state = &mut states[journey];
        let what = match (wished, *state) {
            (Some(Wished::Publish { document, places }), _) => {
                *state = State::Live;
                let running = match places {
                    Some(places) => Running::Move(mapping(document, places)),
                    None => Running::Stay,
                };
                Ordered::Publish { journey, document: document.clone(), running }
            }
            (Some(Wished::Pause { .. }), State::Live) => {
                *state = State::Paused;
                Ordered::Pause(journey)
            }
            (None, State::Paused) => {
                *state = State::Live;
                Ordered::Resume(journey)
            }
            (Some(Wished::Stop { finish: true }), State::Live | State::Paused) => {
                *state = State::Finishing;
                Ordered::Stop { journey, finish: true }
            }
            (Some(Wished::Stop { finish: false }), State::Live | State::Paused | State::Finishing) => {
                *state = State::Stopped;
                Ordered::Stop { journey, finish: false }
            }
            (Some(Wished::Holdout { share, reshuffle }), _) => {
                Ordered::Holdout { share: *share, reshuffle: *reshuffle }
            }
            (Some(Wished::Pause { .. } | Wished::Stop { .. }) | None, _) => continue,
        };
        orders.push(Order { at, what });
    }
    orders
}

fn people(case: &Case) -> Vec<Person> {
    let person = |(number, deeds): (usize, &Vec<Deed>)| {
        let name = format!("m{number}");
        let traits = json!({"email": format!("{name}@example.com"), "timezone": ZONES[case.zones[number / 2]]});
        // Of two who may become one each has a second of his own.
        let second = (number % 2) as i64 * 1_000;
        let first = START + MINUTE + second;
        let mut happenings = vec![Happening { received: first, happened: first, what: What::Traits(traits) }];
        for (place, deed) in deeds.iter().enumerate() {
            // And each of what he does a minute, so that nothing else of the member's is due at that moment.
            let received = START + deed.hour * HOUR + (place as i64 + 2) * MINUTE + second;
            let is_event = matches!(deed.what, What::Event { .. });
            let happened = if is_event { received - deed.late * HOUR } else { received };
            let mut what = deed.what.clone();
            if let What::Asked { journey, .. } = &mut what {
                *journey %= case.documents.len();
            }
            happenings.push(Happening { received, happened, what });
        }
        for (place, (kept, hour)) in case.merges.iter().enumerate() {
            let with = kept ^ 1;
            if *kept == number && with < case.members.len() {
                let received = START + hour * HOUR + (17 + place as i64) * MINUTE;
                let what = What::Merged { with: format!("m{with}") };
                happenings.push(Happening { received, happened: received, what });
            }
        }
        happenings.sort_by_key(|happening| happening.received);
        Person { number, name, happenings }
    };
    case.members.iter().enumerate().map(person).collect()
}

/// The number of messages that it came to.
async fn is_as_interpreted(database: &TestDatabase, case: &Case) -> Result<usize, String> {
    let (world, people, end) = (world(case), people(case), START + DAYS * DAY);
    let mut bench = Bench::on(database).await;
    let (batch_events, batch_timers, part, ready) = case.batch;
    bench.options = RunnerOptions { batch_events, batch_timers, part, room: Room { ready, packed_bytes: 2_000 } };
    bench.restart().await;
    let mut replay = Replay::begin(bench, &world, &people).await;
    if case.repeated {
        replay.repeat(5 * HOUR + 30 * MINUTE);
    }
    // A process that dies before each of its steps comes to no rest: the last mishap is followed by some peace.
    let mishap = |round: usize| *case.mishaps.get(round % (case.mishaps.len() + PEACE)).unwrap_or(&Mishap::None);
    replay.until(end, mishap).await;
    let runs = replay.compared(&people, end).await?;
    Ok(runs.iter().map(|run| run.sent.len()).sum())
}

/// Tries cases until one is not as it should be, which is then made as small as it can be.
fn every_journey_is_as_interpreted(database: impl AsyncFnOnce() -> Option<TestDatabase>, usual: u32) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let Some(database) = runtime.block_on(database()) else { return };
    let number = |name: &str| std::env::var(name).ok().and_then(|number| number.parse::<u64>().ok());
    let cases = number(CASES).unwrap_or(usual.into());
    let first = number(SEED).unwrap_or_else(|| RandomState::new().build_hasher().finish() >> 16);
    let sent = std::cell::Cell::new(0);
    for seed in first..first + cases {
        let config = Config {
            cases: 1,
            failure_persistence: None,
            max_shrink_iters: 300,
            max_shrink_time: SHRINKING,
            ..Config::default()
        };
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        let random = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
        let outcome = TestRunner::new_with_rng(config, random).run(&case(), |case| {
            let messages = runtime.block_on(is_as_interpreted(&database, &case)).map_err(TestCaseError::fail)?;
            sent.set(sent.get() + messages);
            Ok(())
        });
        let Err(error) = outcome else { continue };
        runtime.block_on(database.drop_database());
        let again = format!("{SEED}={seed} {CASES}=1 tries it again");
        match error {
            TestError::Fail(reason, case) => {
                let Case { zones, mishaps, batch, repeated, .. } = &case;
                let rest = format!("zones {zones:?}, repeated {repeated}, batches {batch:?}, mishaps {mishaps:?}");
                panic!("{reason}\n{rest}\n{again}");
            }
            TestError::Abort(reason) => panic!("{reason}\n{again}"),
        }
    }
    runtime.block_on(database.drop_database());
    assert!(
        cases < 10 || sent.get() > cases as usize / 4,
        "the cases are too tame: they came to {} messages",
        sent.get()
    );
}

#[test]
fn every_journey_is_as_interpreted_on_sqlite() {
    every_journey_is_as_interpreted(async || Some(TestDatabase::sqlite().await), 96);
}

#[test]
fn every_journey_is_as_interpreted_on_postgresql() {
    every_journey_is_as_interpreted(async || TestDatabase::postgres().await, 12);
}
