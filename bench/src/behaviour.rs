//! Questions about members' histories, beside ClickHouse on the same events.

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::atomic::AtomicBool,
};

use anyhow::{Context, ensure};
use base::{
    Clock,
    rule::{Measure, Operator, Test},
};
use behaviour::{
    Columns, Engine, Kernel, MemberSet, Memory, Move, Periods, Row, Rows, Selection, Steps, Unit,
    kernels::{
        active::Active,
        funnel::Funnel,
        path::{Anchor, Paths},
        retention::{Back, Cohorts, RETURN, Retained, Retention, START},
        rule::{Condition, Holding, Holds},
    },
};
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use crate::figures::Figures;

/// 1 July 2026, and 90 days later.
const FROM: i64 = 1_782_864_000_000;
const DAY: i64 = 86_400_000;
const DAYS: i64 = 90;
/// Events that are written at once.
const FLUSH: usize = 1_000_000;
/// Memory for columns.
const KEPT: usize = 6 << 30;
const NAMES: [&str; 10] = [
    "Product Viewed",
    "Page Viewed",
    "Product Added",
    "Message Posted",
    "Email Opened",
    "Checkout Started",
    "Email Link Clicked",
    "Order Completed",
    "Group Joined",
    "Points Earned",
];
const STEPS: [&str; 4] = ["Product Viewed", "Product Added", "Checkout Started", "Order Completed"];

/// Writes the events, asks both, and compares.
pub fn measure(events: usize, members: i64, clock: &dyn Clock, figures: &mut Figures) -> anyhow::Result<()> {
    let directory = tempfile::tempdir()?;
    let columns = Columns::open(&directory.path().join("columns"))?;
    let (mut writing, mut random) = (0.0, Random(0x5eed));
    let mut done = 0;
    while done < events {
        let rows = rows(done, events, members, &mut random);
        done += rows.len();
        let began = clock.monotonic();
        columns.add(&rows, vec![done as u64])?;
        writing += (clock.monotonic() - began).as_secs_f64();
    }
    figures.at_least("behaviour: flush", events as f64 / writing, 500_000.0, "events/s");
    let began = clock.monotonic();
    columns.compact(2)?;
    let compacting = (clock.monotonic() - began).as_secs_f64();
    figures.yardstick("— flush and compaction together", events as f64 / (writing + compacting), "events/s");
    let ours: u64 = columns.manifest().parts.iter().map(|part| part.bytes).sum();

    let memory = Memory::new(KEPT);
    let engine = Engine::new(columns, &memory);
    let reference = reference(directory.path(), events)?;
    figures.below("behaviour: disk", ours as f64 / 1e6, reference["disk"].as_f64().unwrap_or_default() / 1e6, "MB");

    let mut question = Question { engine: &engine, reference: &reference, clock, figures };
    question.ask("funnel", (20.0, Some(5.0)), range(0, DAYS, &step_of), &funnel(), |answer| answer.members)?;
    let dates =
        |answer: Retained| [vec![answer.sizes[0]], [7, 14, 21].map(|k| answer.returned[0][k]).to_vec()].concat();
    question.ask("retention", (15.0, Some(4.0)), range(0, 22, &|_| START | RETURN), &retention(), dates)?;
    question.ask("active", (15.0, Some(5.0)), range(0, DAYS, &|_| 1), &active(), |answer| {
        answer.members[..DAYS as usize].to_vec()
    })?;
    question.ask("paths", (15.0, None), range(28, 42, &number_of), &PATHS, |answer| {
        let mut members: Vec<u64> = answer.members.into_values().collect();
        members.sort_unstable_by(|one, other| other.cmp(one));
        members
    })?;
    let sixty_days = Selection { value: Some("revenue"), ..range(DAYS - 60, DAYS, &is_order) };
    question.ask("bought", (4.0, None), sixty_days, &bought(), |answer| {
        let those = |place: usize| {
            let sure = answer[place].iter().filter(|(_, holds)| *holds == Holds::Yes);
            sure.map(|(member, _)| *member).collect::<MemberSet>()
        };
        let (twice, enough) = (those(0), those(1));
        vec![twice.iter().filter(|member| enough.contains(*member)).count() as u64]
    })?;
    figures.yardstick("behaviour: columns in memory", memory.bytes() as f64 / 1e6, "MB");
    merges(&engine, members, clock, figures)?;
    eight_at_once(engine, clock, figures)
}

fn range<'q>(from: i64, to: i64, steps_of: &'q (dyn Fn(&str) -> Steps + Sync)) -> Selection<'q> {
    Selection::of_names(FROM + from * DAY, FROM + to * DAY, steps_of)
}

fn step_of(name: &str) -> Steps {
    STEPS.iter().position(|step| *step == name).map_or(0, |step| 1 << step)
}

fn number_of(name: &str) -> Steps {
    NAMES.iter().position(|known| *known == name).map_or(0, |place| place as u32 + 1)
}

fn is_order(name: &str) -> Steps {
    Steps::from(name == "Order Completed")
}

fn days(from: i64, to: i64) -> Periods {
    Periods::between(FROM + from * DAY, FROM + to * DAY, Unit::Day, &TimeZone::UTC, 1_000)
}

fn funnel() -> Funnel {
    Funnel { steps: STEPS.len(), window: 7 * DAY, ..Funnel::default() }
}

fn retention() -> Retention {
    Retention {
        periods: days(0, 22),
        beginning: 1,
        until: i64::MAX,
        followed: 22,
        cohorts: Cohorts::First,
        back: Back::Exact,
        groups: 0,
    }
}

fn active() -> Active {
    Active { periods: days(0, DAYS) }
}

const PATHS: Paths = Paths { anchor: Anchor::Beginning, depth: 5, collapses: false };

/// At least twice, and for more than 50.
fn bought() -> Holding {
    let condition = |measure: Measure, operator: Operator, wanted: Value| Condition {
        measure,
        test: Test::Compare(operator, wanted),
        otherwise: false,
    };
    let twice = condition(Measure::Count, Operator::Gte, json!(2));
    let enough = condition(Measure::Sum("revenue".to_owned()), Operator::Gt, json!(50));
    Holding { conditions: vec![twice, enough] }
}

/// While a tenth of the members have become one with another, two more do: how long the next answer takes.
fn merges(engine: &Engine, members: i64, clock: &dyn Clock, figures: &mut Figures) -> anyhow::Result<()> {
    let merged = |number: i64| {
        let (from, to) = (members / 2 + number, members / 4 + number);
        Move { owner: from << 21 | 7, identity: from << 21 | 9, member: to << 21 | 7 }
    };
    let ask = || -> anyhow::Result<f64> {
        let began = clock.monotonic();
        engine.ask(&range(0, DAYS, &step_of), &funnel(), &AtomicBool::new(false))?;
        Ok((clock.monotonic() - began).as_secs_f64())
    };
    engine.regroup((0..members / 10).map(merged));
    figures.yardstick("behaviour: funnel, the first after a tenth of the members were merged", ask()?, "s");
    figures.yardstick("— the next", ask()?, "s");
    let mut slowest: f64 = 0.0;
    for number in members / 10..members / 10 + 5 {
        engine.regroup_some([merged(number)]);
        slowest = slowest.max(ask()?);
    }
    figures.yardstick("— the next after one more merge, slowest of 5", slowest, "s");
    engine.regroup([]);
    Ok(())
}

/// Eight questions at once, with little memory for columns: how much the process takes for them.
fn eight_at_once(engine: Engine, clock: &dyn Clock, figures: &mut Figures) -> anyhow::Result<()> {
    const LITTLE: usize = 256 << 20;
    let directory = engine.columns().directory().to_owned();
    drop(engine);
    let memory = Memory::new(LITTLE);
    let engine = Engine::new(Columns::open(&directory)?, &memory);
    let before = resident("VmRSS:")?;
    std::fs::write("/proc/self/clear_refs", "5")?;
    let began = clock.monotonic();
    let ask = |question: usize| -> Result<(), behaviour::Error> {
        let never = AtomicBool::new(false);
        match question % 4 {
            0 => engine.ask(&range(0, DAYS, &step_of), &funnel(), &never).map(drop),
            1 => engine.ask(&range(0, 22, &|_| START | RETURN), &retention(), &never).map(drop),
            2 => engine.ask(&range(0, DAYS, &|_| 1), &active(), &never).map(drop),
            _ => {
                let selection = Selection { value: Some("revenue"), ..range(DAYS - 60, DAYS, &is_order) };
                engine.ask(&selection, &bought(), &never).map(drop)
            }
        }
    };
    std::thread::scope(|scope| {
        let asked: Vec<_> = (0..8).map(|question| scope.spawn(move || ask(question))).collect();
        asked.into_iter().try_for_each(|asked| asked.join().unwrap_or(Err(behaviour::Error::GivenUp)))
    })?;
    figures.yardstick(
        "behaviour: 8 questions at once, with 268 MB for columns",
        (clock.monotonic() - began).as_secs_f64(),
        "s",
    );
    figures.below("— columns in memory", memory.bytes() as f64 / 1e6, LITTLE as f64 / 1e6, "MB");
    figures.yardstick("— what the process took more meanwhile", (resident("VmHWM:")? - before) / 1e6, "MB");
    Ok(())
}

/// What the process has in memory, in bytes.
fn resident(what: &str) -> anyhow::Result<f64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix(what)).context("the system does not tell of memory")?;
    let kilobytes: f64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kilobytes * 1024.0)
}

/// Asks both, compares the answers and then the times.
struct Question<'b> {
    engine: &'b Engine,
    reference: &'b Value,
    clock: &'b dyn Clock,
    figures: &'b mut Figures,
}

impl Question<'_> {
    fn ask<K: Kernel>(
        &mut self,
        name: &str,
        (hot_target, cold_target): (f64, Option<f64>),
        selection: Selection<'_>,
        kernel: &K,
        numbers: impl Fn(K::Partial) -> Vec<u64>,
    ) -> anyhow::Result<()> {
        let ask = || -> anyhow::Result<(f64, Vec<u64>)> {
            let began = self.clock.monotonic();
            let answer = self.engine.ask(&selection, kernel, &AtomicBool::new(false))?;
            Ok(((self.clock.monotonic() - began).as_secs_f64(), numbers(answer)))
        };
        let (mut cold, mut hot) = (f64::MAX, f64::MAX);
        for _ in 0..3 {
            self.engine.forget();
            cold = cold.min(ask()?.0);
        }
        let mut answer = Vec::new();
        for _ in 0..5 {
            let (seconds, said) = ask()?;
            (hot, answer) = (hot.min(seconds), said);
        }
        let theirs = &self.reference[name];
        let expected: Vec<u64> = serde_json::from_value(theirs["answer"].clone())?;
        ensure!(answer == expected, "{name}: {answer:?} is not {expected:?}");
        let seconds = theirs["seconds"].as_f64().context("ClickHouse gives no time")?;
        self.figures.yardstick(&format!("ClickHouse: {name}"), seconds, "s");
        self.figures.yardstick(&format!("behaviour: {name}, hot"), hot, "s");
        self.figures.at_least("— times as fast", seconds / hot, hot_target, "×");
        self.figures.yardstick(&format!("behaviour: {name}, cold"), cold, "s");
        match cold_target {
            Some(target) => self.figures.at_least("— times as fast", seconds / cold, target, "×"),
            None => self.figures.yardstick("— times as fast", seconds / cold, "×"),
        }
        Ok(())
    }
}

/// What ClickHouse says of the same files.
fn reference(directory: &Path, events: usize) -> anyhow::Result<Value> {
    let python = std::env::var("HEARTH_PYTHON").context("HEARTH_PYTHON names the Python with chdb")?;
    let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("chdb_behaviour.py");
    let done = Command::new(python)
        .arg(script)
        .arg(directory.join("columns"))
        .arg(directory.join("clickhouse"))
        .arg(events.to_string())
        .args([FROM.to_string(), (FROM + DAYS * DAY).to_string()])
        .args(STEPS)
        .output()?;
    ensure!(done.status.success(), "ClickHouse failed: {}", String::from_utf8_lossy(&done.stderr));
    Ok(serde_json::from_slice(&done.stdout)?)
}

/// The next events in the order in which they arrive, some late; a few members do most.
fn rows(done: usize, events: usize, members: i64, random: &mut Random) -> Rows {
    let mut rows = Rows::default();
    let mut properties = String::new();
    for number in done..events.min(done + FLUSH) {
        let happened = FROM + (number as i128 * i128::from(DAYS * DAY) / events as i128) as i64;
        let late = if random.below(50) == 0 { random.below(3 * DAY as u64) as i64 } else { random.below(1_000) as i64 };
        let share = random.below(1 << 30) as f64 / (1 << 30) as f64;
        let member = 1 + (share * share * members as f64) as i64;
        let name = NAMES[(random.below(10).min(random.below(10))) as usize];
        properties.clear();
        if name == "Order Completed" {
            properties.push_str(&format!("{{\"revenue\":{}.{:02}}}", 5 + random.below(200), random.below(100)));
        } else {
            properties.push_str(&format!("{{\"page\":\"/p/{}\"}}", random.below(2_000)));
        }
        rows.push(Row {
            owner: member << 21 | 7,
            time: (happened - late).max(FROM),
            id: number as i64 + (1 << 40),
            identity: member << 21 | 9,
            name,
            properties: &properties,
        });
    }
    rows
}

/// Marsaglia's xorshift64, so that every run has the same events.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % bound
    }
}
