//! Queries and plans give what the engine gives.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{collections::BTreeMap, sync::atomic::AtomicBool};

use jiff::tz::TimeZone;
use proptest::prelude::*;
use serde_json::json;

use super::{
    plan::{KernelKind, KernelSpec, KernelTable, PeriodsSpec},
    *,
};
use crate::{
    columns::Columns,
    hot::Memory,
    kernels::{
        funnel::{Funnel, Mode},
        retention::{Back, Cohorts, Retention},
        trend::Trend,
    },
    periods::{Periods, Unit},
    rows::{Row, Rows},
    selection::{Selection, Steps, Tests},
    standing::Move,
};

/// 30 January 2026, so that some weeks lie in three months.
const BEGIN: i64 = 1_769_731_200_000;
const DAY: i64 = 86_400_000;
const LIMITS: Limits = Limits { time: Duration::from_secs(60), memory: 64 << 20, rows: 10_000 };

fn rows(events: &[(i64, i64, u32)], first: i64) -> Rows {
    let mut rows = Rows::default();
    for ((owner, hour, name), id) in events.iter().zip(first..) {
        let properties = match id % 3 {
            0 => format!(r#"{{"n": {id}, "color": "red", "odd": [{id}]}}"#),
            1 => format!(r#"{{"n": "{id}", "color": "blue"}}"#),
            _ => "{}".to_owned(),
        };
        rows.push(Row {
            owner: owner << 21,
            time: BEGIN + hour * 3 * 3_600_000,
            id,
            identity: (owner << 21) + 1,
            name: &format!("Event {name}"),
            properties: &properties,
        });
    }
    rows
}

fn steps_of(name: &str) -> Steps {
    match name {
        "Event 0" => 0b001,
        "Event 1" => 0b010,
        "Event 2" => 0b110,
        _ => 0,
    }
}

fn names() -> BTreeMap<String, Steps> {
    (0..3).map(|number| format!("Event {number}")).map(|name| (name.clone(), steps_of(&name))).collect()
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

fn query(engine: &Engine, query: &str) -> Result<Answer, SqlError> {
    let sql = Sql::new(2).unwrap();
    runtime().block_on(sql.run(engine, Vec::new(), query.to_owned(), LIMITS))
}

/// The sums of a plan's partial answers.
fn planned(spec: &KernelSpec, columns: &Columns) -> BTreeMap<(i64, i64), i64> {
    // As whoever sends it does.
    let spec: KernelSpec = serde_json::from_value(serde_json::to_value(spec).unwrap()).unwrap();
    let table: Arc<dyn TableProvider> = Arc::new(KernelTable::new(spec, columns));
    // More partitions than buckets have files, so that a planner that divides them would be found out.
    let summed =
        answer(vec![("asked".to_owned(), table)], 7, "SELECT a, b, SUM(value) FROM asked GROUP BY a, b", LIMITS);
    let found = runtime().block_on(summed).unwrap();
    let number = |value: &Value| value.as_i64().unwrap();
    found.rows.iter().map(|row| ((number(&row[0]), number(&row[1])), number(&row[2]))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn a_kernel_above_a_scan_answers_as_the_engine_does(
        slices in prop::collection::vec(prop::collection::vec((1_i64..40, 0_i64..300, 0_u32..5), 1..80), 1..4),
        mode in prop::sample::select(vec![Mode::Ordered, Mode::Strict, Mode::Any]),
        filters in any::<bool>(),
    ) {
        let directory = tempfile::tempdir().unwrap();
        let columns = Columns::open(directory.path()).unwrap();
        let mut first = 1;
        for (slice, nth) in slices.iter().zip(1_u64..) {
            columns.add(&rows(slice, first), vec![nth]).unwrap();
            first += slice.len() as i64;
        }
        let memory = Memory::new(1 << 20);
        let engine = Engine::new(Columns::open(directory.path()).unwrap(), &memory);
        let (from, to) = (BEGIN + 2 * DAY, BEGIN + 33 * DAY);
        let comparisons = json!([{"property": "color", "op": "eq", "value": "red"}]);
        let tests = if filters { vec![(0b011, comparisons)] } else { Vec::new() };
        let read = |(steps, list): &(Steps, Value)| Tests {
            steps: *steps,
            comparisons: base::rule::Comparison::parse_list(Some(list), "tests").unwrap(),
        };
        let selection = Selection {
            tests: tests.iter().map(read).collect(),
            ..Selection::of_names(from, to, &steps_of)
        };
        let spec = |kernel| KernelSpec { from, to, names: names(), any: 0, tests: tests.clone(), kernel };
        let open = AtomicBool::new(false);

        let funnel = Funnel { steps: 3, window: 5 * DAY, mode, ..Funnel::default() };
        let told = engine.ask(&selection, &funnel, &open).unwrap().members;
        let sums = planned(&spec(KernelKind::Funnel { steps: 3, window: 5 * DAY, mode, exclusions: Vec::new() }), &columns);
        prop_assert_eq!(sums, (0..).zip(told).map(|(step, members)| ((step, 0), members as i64)).collect());

        let zone = "Asia/Shanghai";
        let periods = PeriodsSpec { from, to, unit: Unit::Week, zone: zone.to_owned(), most: 100 };
        let weeks = Periods::between(from, to, Unit::Week, &TimeZone::get(zone).unwrap(), 100);
        let trend = engine.ask(&selection, &Trend::of_counts(weeks.clone()), &open).unwrap().groups.remove(0);
        let sums = planned(&spec(KernelKind::Trend { periods: periods.clone() }), &columns);
        let told = (0..).zip(trend).flat_map(|(period, cell)| {
            [((period, 0), cell.events as i64), ((period, 1), cell.members as i64)]
        });
        prop_assert_eq!(sums, told.collect());

        let retention = Retention {
            beginning: weeks.len().min(3),
            periods: weeks.clone(),
            until: to,
            followed: 4,
            cohorts: Cohorts::First,
            back: Back::Rolling,
            groups: 0,
        };
        let retained = engine.ask(&selection, &retention, &open).unwrap();
        let sums = planned(&spec(KernelKind::Retention {
            periods,
            beginning: weeks.len().min(3),
            until: to,
            followed: 4,
            cohorts: Cohorts::First,
            back: Back::Rolling,
        }), &columns);
        let mut told = BTreeMap::new();
        for ((cohort, size), returned) in (0..).zip(retained.sizes).zip(retained.returned) {
            told.insert((cohort, -1), size as i64);
            told.extend((0..).zip(returned).map(|(after, members)| ((cohort, after), members as i64)));
        }
        prop_assert_eq!(sums, told);
    }

    #[test]
    fn a_query_sees_each_event_once_with_whom_it_belongs_to(
        on_disk in prop::collection::vec((1_i64..20, 0_i64..300, 0_u32..5), 0..60),
        waiting in prop::collection::vec((1_i64..20, 0_i64..300, 0_u32..5), 0..20),
        moved in prop::option::of((1_i64..20, 1_i64..20)),
    ) {
        let directory = tempfile::tempdir().unwrap();
        let engine = Engine::new(Columns::open(directory.path()).unwrap(), &Memory::new(1 << 20));
        engine.append(rows(&on_disk, 1), vec![1]);
        engine.flush().unwrap();
        engine.append(rows(&waiting, 1 + on_disk.len() as i64), vec![2]);
        if let Some((owner, member)) = moved {
            engine.regroup([Move { owner: owner << 21, identity: (owner << 21) + 1, member: member << 21 }]);
        }
        let whose = |owner: i64| moved.filter(|(from, _)| *from == owner).map_or(owner, |(_, to)| to);
        let all: Vec<(i64, i64, u32)> = on_disk.iter().chain(&waiting).copied().collect();
        let since = 100;
        let mut expected: BTreeMap<(String, String), (i64, f64, i64)> = BTreeMap::new();
        for ((owner, hour, name), id) in all.iter().zip(1_i64..) {
            if *hour >= since {
                let member = base::ids::MemberId(whose(*owner) << 21).to_string();
                let cell = expected.entry((member, format!("Event {name}"))).or_default();
                cell.0 += 1;
                cell.1 += if id % 3 == 0 { id as f64 } else { 0.0 };
                cell.2 += i64::from(id % 3 == 1);
            }
        }
        let since = jiff::Timestamp::from_millisecond(BEGIN + since * 3 * 3_600_000).unwrap();
        let found = query(&engine, &format!(
            "SELECT member_id, event, COUNT(*), SUM(CASE WHEN json_value(properties, 'odd') IS NULL THEN 0
               ELSE CAST(json_value(properties, 'n') AS DOUBLE) END),
               COUNT(CASE WHEN json_value(properties, 'color') = 'blue' THEN 1 END)
             FROM events WHERE time >= '{since}' GROUP BY member_id, event"
        )).unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let found: BTreeMap<(String, String), (i64, f64, i64)> = found
            .rows
            .iter()
            .map(|row| ((text(&row[0]), text(&row[1])), (row[2].as_i64().unwrap(), row[3].as_f64().unwrap(), row[4].as_i64().unwrap())))
            .collect();
        prop_assert_eq!(found, expected);
    }
}

#[test]
fn frequent_properties_have_columns_however_they_lie() {
    let directory = tempfile::tempdir().unwrap();
    let engine = Engine::new(Columns::open(directory.path()).unwrap(), &Memory::new(1 << 20));
    // In the first file nothing is frequent enough for a column but in the second it is.
    engine.append(rows(&[(1, 1, 0), (1, 2, 0)], 2), vec![1]);
    engine.flush().unwrap();
    engine.append(rows(&[(2, 3, 0); 60], 6), vec![2]);
    engine.flush().unwrap();
    engine.append(rows(&[(3, 4, 0)], 300), vec![3]);
    let found =
        query(&engine, r#"SELECT "properties.color", COUNT(*) AS n FROM events GROUP BY 1 ORDER BY 1 NULLS LAST"#);
    let found = found.unwrap();
    assert_eq!(found.columns, [("properties.color".to_owned(), "text"), ("n".to_owned(), "integer")]);
    assert_eq!(found.rows, [[json!("blue"), json!(20)], [json!("red"), json!(22)], [json!(null), json!(21)]]);
}

#[test]
fn a_query_only_reads_and_only_what_it_was_handed() {
    let directory = tempfile::tempdir().unwrap();
    let engine = Engine::new(Columns::open(directory.path()).unwrap(), &Memory::new(1 << 20));
    engine.append(rows(&[(1, 1, 0)], 1), vec![1]);
    let secret = directory.path().join("secret.csv");
    std::fs::write(&secret, "a\n1\n").unwrap();
    let secret = secret.display();
    for refused in [
        "CREATE TABLE t AS SELECT 1".to_owned(),
        "CREATE VIEW v AS SELECT 1".to_owned(),
        "DROP TABLE events".to_owned(),
        "DELETE FROM events".to_owned(),
        "INSERT INTO events SELECT * FROM events".to_owned(),
        "UPDATE events SET event = 'x'".to_owned(),
        format!("COPY events TO '{secret}'"),
        format!("CREATE EXTERNAL TABLE t STORED AS CSV LOCATION '{secret}'"),
        format!("SELECT * FROM '{secret}'"),
        format!("SELECT * FROM read_csv('{secret}')"),
        "SET datafusion.execution.batch_size = 1".to_owned(),
        "SHOW ALL".to_owned(),
        "SHOW TABLES".to_owned(),
        "SELECT * FROM information_schema.df_settings".to_owned(),
        "SELECT 1; SELECT 2".to_owned(),
        "SELECT * FROM members_of_others".to_owned(),
        "SELECT repeat('x', 1000000000)".to_owned(),
        "WITH RECURSIVE t AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM t) SELECT * FROM t".to_owned(),
        "SELEC 1".to_owned(),
        "SELECT nothing FROM events".to_owned(),
    ] {
        let found = query(&engine, &refused);
        assert!(matches!(found, Err(SqlError::Refused(_))), "{refused}: {found:?}");
    }
    let Err(SqlError::Refused(message)) = query(&engine, "SELECT *\nFROM events WHERE )") else {
        panic!("it was taken")
    };
    assert!(message.contains("Line: 2"), "{message}");
    assert_eq!(query(&engine, "SELECT COUNT(*) FROM events").unwrap().rows, [[json!(1)]]);
}

#[test]
fn a_query_ends_at_its_limits() {
    let directory = tempfile::tempdir().unwrap();
    let engine = Engine::new(Columns::open(directory.path()).unwrap(), &Memory::new(1 << 20));
    let sql = Sql::new(2).unwrap();
    let run = |query: &str, limits: Limits| runtime().block_on(sql.run(&engine, Vec::new(), query.to_owned(), limits));
    let numbers = "SELECT value FROM generate_series(1, 100)";
    let few = run(numbers, Limits { rows: 7, ..LIMITS }).unwrap();
    assert!(few.more && few.rows.len() == 7, "{few:?}");
    let all = run(numbers, Limits { rows: 100, ..LIMITS }).unwrap();
    assert!(!all.more && all.rows.len() == 100);
    let hungry = "SELECT value, COUNT(*) FROM generate_series(1, 50000000) GROUP BY value ORDER BY 2 DESC";
    let found = run(hungry, Limits { memory: 1 << 20, ..LIMITS });
    assert!(matches!(found, Err(SqlError::TooLarge(_))), "{found:?}");
    let endless = "SELECT COUNT(*) FROM generate_series(1, 2000000000) a CROSS JOIN generate_series(1, 2000000000) b";
    let found = run(endless, Limits { time: Duration::from_millis(300), ..LIMITS });
    assert!(matches!(found, Err(SqlError::Late)), "{found:?}");
    // Whoever drops the future gives the query up: the threads are free for the next one at once.
    let given_up = async {
        let endless = sql.run(&engine, Vec::new(), endless.to_owned(), LIMITS);
        let _ = tokio::time::timeout(Duration::from_millis(100), endless).await;
    };
    runtime().block_on(given_up);
    assert_eq!(run("SELECT 1", LIMITS).unwrap().rows, [[json!(1)]]);
}

#[test]
fn values_are_told_as_json_has_them() {
    let directory = tempfile::tempdir().unwrap();
    let engine = Engine::new(Columns::open(directory.path()).unwrap(), &Memory::new(1 << 20));
    let found = query(
        &engine,
        "SELECT 9007199254740993, 1.5, true, NULL, 'é', TIMESTAMP '2026-07-01T00:00:00Z', INTERVAL '1 day',
           CAST(1 AS DECIMAL(10, 2)), DATE '2026-07-01', CAST('NaN' AS DOUBLE), 5",
    );
    let row = found.unwrap().rows.remove(0);
    assert_eq!(
        row[..6],
        [
            json!("9007199254740993"),
            json!(1.5),
            json!(true),
            json!(null),
            json!("é"),
            json!("2026-07-01T00:00:00.000Z")
        ]
    );
    assert!(row[6].is_string(), "{row:?}");
    assert_eq!(row[7..], [json!(1.0), json!("2026-07-01"), json!(null), json!(5)]);
}
