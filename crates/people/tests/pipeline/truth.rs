//! Whatever happens, in whatever order: every segment is at every moment what a naive evaluator
//! finds in the events.
//!
//! A case is the life of one circle: some people who have nothing to do with anybody else. Many circles live beside
//! each other, in a few workspaces of one database and under one clock, which is much cheaper than one after another.
//! Those of one workspace share its rules, and the changes that its operators make to them. Where something is wrong,
//! circles are left out for as long as it stays wrong, and the life of the last one is made as short and simple as it
//! can be.

use std::{
    ops::Range,
    panic::{AssertUnwindSafe, catch_unwind},
};

use base::{Event, Time, rule::Rule};
use people::{
    identity::{IDENTITY_SPLIT, MERGE_UNDONE},
    members::Room,
    segments,
};
use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner},
    tuple::TupleValueTree,
};
use store::{FromQueryResult, Sql};
use tokio::runtime::Runtime;

use super::{
    chance::{self, Happening, Rules},
    support::{
        Bench, DAY, TestDatabase, WORKSPACE,
        naive::{self, Facts},
    },
    village::{Operators, Village, happen, settle, workspace},
};

/// How many live beside each other, and for how long.
struct Crowd {
    workspaces: usize,
    /// In each workspace.
    circles: usize,
    /// Fewest and most happenings.
    life: (usize, usize),
    /// At how many timers it is looked at what the millisecond changes.
    timers: usize,
}

/// Thousands of circles.
const SHORT: Crowd = Crowd { workspaces: 4, circles: 16, life: (5, 8), timers: 1 };
/// Circles to whom much happens.
const LONG: Crowd = Crowd { workspaces: 2, circles: 16, life: (20, 40), timers: 4 };
/// One circle that has the database to itself.
const ALONE: Crowd = Crowd { workspaces: 1, circles: 1, life: (5, 40), timers: 4 };

/// How many [`SHORT`] crowds there are.
const SHORT_ON_SQLITE: u64 = 150;
const SHORT_ON_POSTGRESQL: u64 = 16;
/// How many [`LONG`] crowds.
const LONG_ON_SQLITE: u64 = 2;
const LONG_ON_POSTGRESQL: u64 = 1;
/// How many circles that are [`ALONE`].
const ALONE_ON_SQLITE: u64 = 60;
const ALONE_ON_POSTGRESQL: u64 = 10;

const CASES: usize = (SHORT_ON_SQLITE + SHORT_ON_POSTGRESQL) as usize * SHORT.workspaces * SHORT.circles;
const _: () = assert!(CASES >= 10_000, "ten thousand are promised");

#[test]
fn segments_are_what_a_naive_evaluator_finds_on_sqlite() {
    let crowds = [(ALONE, 0..ALONE_ON_SQLITE), (LONG, 0..LONG_ON_SQLITE)];
    segments_are_what_a_naive_evaluator_finds(async || Some(TestDatabase::sqlite().await), &crowds);
}

/// In two halves, one for each processor.
#[test]
fn segments_of_crowds_are_what_a_naive_evaluator_finds_on_sqlite() {
    let crowds = [(SHORT, 0..SHORT_ON_SQLITE / 2)];
    segments_are_what_a_naive_evaluator_finds(async || Some(TestDatabase::sqlite().await), &crowds);
}

#[test]
fn segments_of_other_crowds_are_what_a_naive_evaluator_finds_on_sqlite() {
    let crowds = [(SHORT, SHORT_ON_SQLITE / 2..SHORT_ON_SQLITE)];
    segments_are_what_a_naive_evaluator_finds(async || Some(TestDatabase::sqlite().await), &crowds);
}

#[test]
fn segments_are_what_a_naive_evaluator_finds_on_postgresql() {
    // Others than on SQLite.
    let crowds = [
        (ALONE, ALONE_ON_SQLITE..ALONE_ON_SQLITE + ALONE_ON_POSTGRESQL),
        (LONG, LONG_ON_SQLITE..LONG_ON_SQLITE + LONG_ON_POSTGRESQL),
        (SHORT, SHORT_ON_SQLITE..SHORT_ON_SQLITE + SHORT_ON_POSTGRESQL),
    ];
    segments_are_what_a_naive_evaluator_finds(async || TestDatabase::postgres().await, &crowds);
}

fn segments_are_what_a_naive_evaluator_finds(
    database: impl AsyncFnOnce() -> Option<TestDatabase>,
    crowds: &[(Crowd, Range<u64>)],
) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let Some(database) = runtime.block_on(database()) else { return };
    let mut failure = None;
    for (crowd, numbers) in crowds {
        let stage = Stage { crowd, chances: Chances::of(crowd), runtime: &runtime, database: &database };
        failure = failure.or_else(|| numbers.clone().find_map(|number| stage.failure(number)));
    }
    runtime.block_on(database.drop_database());
    if let Some(failure) = failure {
        panic!("{failure}");
    }
}

/// What chance draws from.
struct Chances {
    rules: BoxedStrategy<Rules>,
    passes: BoxedStrategy<Vec<i64>>,
    life: BoxedStrategy<Vec<Happening>>,
}

impl Chances {
    fn of(crowd: &Crowd) -> Chances {
        let (fewest, most) = crowd.life;
        Chances {
            rules: chance::settled().boxed(),
            passes: prop::collection::vec(chance::pass(), most).boxed(),
            life: prop::collection::vec(chance::happening(), fewest..=most).boxed(),
        }
    }
}

/// What chance draws for a number: the same whenever it is asked.
fn drawn<S: Strategy>(strategy: &S, number: [u64; 4]) -> S::Tree {
    strategy.new_tree(&mut runner(number)).unwrap()
}

fn runner(number: [u64; 4]) -> TestRunner {
    let seed: Vec<u8> = number.iter().flat_map(|part| part.to_le_bytes()).collect();
    let config = Config { failure_persistence: None, max_shrink_iters: 300, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &seed))
}

/// Where a crowd lives.
struct Stage<'a> {
    crowd: &'a Crowd,
    chances: Chances,
    runtime: &'a Runtime,
    database: &'a TestDatabase,
}

/// A workspace and a circle in it, by their numbers.
type Seat = (usize, usize);

impl Stage<'_> {
    /// What is wrong in the crowd of this number, if anything.
    fn failure(&self, number: u64) -> Option<String> {
        let Crowd { workspaces, circles, .. } = *self.crowd;
        let everybody: Vec<Seat> =
            (0..workspaces).flat_map(|workspace| (0..circles).map(move |circle| (workspace, circle))).collect();
        let mut wrong = self.outcome(number, &everybody).err()?;
        let mut company = everybody.clone();
        for seat in everybody {
            let without: Vec<Seat> = company.iter().copied().filter(|other| *other != seat).collect();
            if let Err(still_wrong) = self.outcome(number, &without) {
                (company, wrong) = (without, still_wrong);
            }
        }
        if let [seat] = company[..]
            && let Err(smallest) = self.make_small(number, seat)
        {
            return Some(format!("crowd {number}: {smallest}"));
        }
        Some(format!("crowd {number}: {wrong}\n{:#?}\n{:?}", self.villages(number, &company), self.passes(number)))
    }

    fn outcome(&self, number: u64, seats: &[Seat]) -> Result<(), String> {
        let (villages, passes) = (self.villages(number, seats), self.passes(number));
        // A panic counts like any other failure.
        match catch_unwind(AssertUnwindSafe(|| self.live(&villages, &passes))) {
            Ok(outcome) => outcome.map_err(|wrong| wrong.to_string()),
            Err(_) => Err("it panicked".to_owned()),
        }
    }

    /// Looks for the smallest life that goes wrong like that of one circle.
    fn make_small(&self, number: u64, seat: Seat) -> Result<(), String> {
        let Chances { rules, passes, life } = &self.chances;
        let tree = TupleValueTree::new((
            drawn(rules, rules_of(number, seat.0)),
            drawn(passes, passes_of(number)),
            drawn(life, life_of(number, seat)),
        ));
        let outcome = runner(passes_of(number)).run_one(tree, |(rules, passes, life)| {
            let village = Village { rules, circles: vec![life] };
            self.live(&[village], &passes)
        });
        outcome.map(|_| ()).map_err(|failure| failure.to_string())
    }

    fn villages(&self, number: u64, seats: &[Seat]) -> Vec<Village> {
        let mut villages = Vec::new();
        for workspace in 0..self.crowd.workspaces {
            let inhabitants = seats.iter().filter(|seat| seat.0 == workspace);
            let circles: Vec<Vec<Happening>> =
                inhabitants.map(|seat| drawn(&self.chances.life, life_of(number, *seat)).current()).collect();
            if !circles.is_empty() {
                let rules = drawn(&self.chances.rules, rules_of(number, workspace)).current();
                villages.push(Village { rules, circles });
            }
        }
        villages
    }

    fn passes(&self, number: u64) -> Vec<i64> {
        drawn(&self.chances.passes, passes_of(number)).current()
    }

    fn live(&self, villages: &[Village], passes: &[i64]) -> Result<(), TestCaseError> {
        self.runtime.block_on(live(self.database, villages, passes, self.crowd.timers))
    }
}

fn rules_of(number: u64, workspace: usize) -> [u64; 4] {
    [1, number, workspace as u64, 0]
}

fn passes_of(number: u64) -> [u64; 4] {
    [2, number, 0, 0]
}

fn life_of(number: u64, (workspace, circle): Seat) -> [u64; 4] {
    [3, number, workspace as u64, circle as u64]
}

async fn live(
    database: &TestDatabase,
    villages: &[Village],
    passes: &[i64],
    timers: usize,
) -> Result<(), TestCaseError> {
    let mut bench = super::support::bench(database).await;
    // Everybody is packed after every batch.
    bench.options.room = Room { ready: 0, packed_bytes: 1 << 20 };
    bench.restart().await;
    settle(&bench, villages).await;
    let operators = Operators::of(&bench);
    let mut facts = check(&mut bench, "the beginning").await?;
    let rounds = villages.iter().flat_map(|village| &village.circles).map(Vec::len).max().unwrap_or_default();
    for round in 0..rounds {
        let mut events = Vec::new();
        for (place, village) in villages.iter().enumerate() {
            let workspace = workspace(place);
            if round == rounds / 2 {
                let late = village.rules.segments.last().unwrap();
                operators.add_segment(workspace, late).await;
            }
            let edits =
                village.rules.edits.iter().filter(|(when, _)| when.index(passes.len()).min(rounds - 1) == round);
            for (_, edit) in edits {
                operators.change(workspace, edit, village.rules.segments.len()).await;
            }
            events.extend(happen(&bench, &facts, workspace, village, round));
        }
        for batch in batches(events) {
            bench.take(&batch).await;
        }
        facts = check(&mut bench, &format!("round {round}")).await?;
        if let Some(pass) = passes.get(round).filter(|pass| **pass > 0) {
            bench.advance(*pass);
            facts = check(&mut bench, &format!("round {round} and {pass} ms")).await?;
        }
    }
    // Nothing happens to anybody any more; time goes on, to just before and upon timers.
    for _ in 0..timers {
        let Some(due) = store::timers::next_due(bench.db.read()).await.unwrap() else { break };
        bench.clock.set(Time::from_millis(due.millis() - 1));
        check(&mut bench, "time went on to just before a timer").await?;
        bench.clock.set(due);
        check(&mut bench, "time went on to a timer").await?;
    }
    for pass in [2 * DAY, 50 * DAY] {
        bench.advance(pass);
        check(&mut bench, "much time").await?;
    }
    Ok(())
}

/// Lets the pipeline come to rest, and compares all that it has made of everybody with what the facts say.
async fn check(bench: &mut Bench, after: &str) -> Result<Facts, TestCaseError> {
    bench.idle().await;
    let now = bench.now();
    let facts = Facts::read(&bench.db).await;
    let (actual, expected) = (naive::actual(&bench.db).await, facts.memberships(now));
    let missing: Vec<_> = expected.difference(&actual).collect();
    let wrong: Vec<_> = actual.difference(&expected).collect();
    let is_true = missing.is_empty() && wrong.is_empty();
    prop_assert!(is_true, "(segment, member): missing {missing:?}, wrong {wrong:?}, at {now} after {after}");
    let wrong_sizes = "SELECT COUNT(*) FROM segments s WHERE s.deleted_at IS NULL AND s.size <>
        (SELECT COUNT(*) FROM segment_members m WHERE m.segment_id = s.id)";
    prop_assert_eq!(bench.number(wrong_sizes).await, 0, "sizes after {}", after);
    let (actual, expected) = facts.members();
    prop_assert_eq!(actual, expected, "who is one member, after {}", after);
    let (actual, expected) = facts.traits();
    prop_assert_eq!(actual, expected, "what was said of traits, after {}", after);
    let refused = bench.texts("SELECT code || ': ' || message AS text FROM dead_letters").await;
    prop_assert!(refused.is_empty(), "refused after {after}: {refused:?}");
    check_preview(bench, after).await?;
    Ok(facts)
}

/// What a preview says of a segment that is there already is what the segment is.
async fn check_preview(bench: &Bench, after: &str) -> Result<(), TestCaseError> {
    let sql = "SELECT rule_json, size FROM segments
        WHERE workspace_id = $1 AND kind = 'segment' AND state = 'live' AND deleted_at IS NULL ORDER BY id DESC LIMIT 1";
    let newest: Option<SegmentRow> = bench.db.read().one(sql, vec![WORKSPACE.0.into()]).await.unwrap();
    let Some(SegmentRow { rule_json, size }) = newest else { return Ok(()) };
    let rule = Rule::parse(&serde_json::from_str(&rule_json).unwrap()).unwrap();
    let found = segments::preview(&bench.db, &bench.clock.shared(), &bench.columns, WORKSPACE, &rule, 1).await;
    prop_assert_eq!(found.unwrap().size, size, "the preview of {} after {}", rule_json, after);
    Ok(())
}

#[derive(FromQueryResult)]
struct SegmentRow {
    rule_json: String,
    size: i64,
}

/// Each event that parts members cuts the batch in two. A few do so; many come after the others.
fn batches(events: Vec<Event>) -> Vec<Vec<Event>> {
    let parts_members = |event: &Event| matches!(event.name.as_str(), MERGE_UNDONE | IDENTITY_SPLIT);
    let batches = match events.iter().filter(|event| parts_members(event)).count() {
        0..=2 => vec![events],
        _ => {
            let (parting, others): (Vec<Event>, Vec<Event>) = events.into_iter().partition(parts_members);
            vec![others, parting]
        }
    };
    batches.into_iter().filter(|batch| !batch.is_empty()).collect()
}
