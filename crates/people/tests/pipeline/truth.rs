//! Whatever happens, in whatever order: every segment is at every moment what a naive evaluator
//! finds in the events.

use base::{EventKind, Time, ids::SegmentId};
use people::{
    groups::{GROUP_JOINED, GROUP_LEFT},
    identity::{MEMBERS_MERGED, MERGE_UNDONE},
    members::Room,
};
use proptest::{
    prelude::*,
    test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner},
};
use serde_json::{Value, json, value::to_raw_value};

use super::support::{Bench, DAY, HOUR, MINUTE, TestDatabase, both, naive, user, visitor};

const CITIES: [&str; 3] = ["Berlin", "Bonn", "上海"];

#[derive(Clone, Debug)]
pub enum Who {
    User(u8),
    Visitor(u8),
    Both(u8, u8),
    /// A member by his id, also one who was absorbed.
    Member(u8),
}

/// Something that members, operators or the clock do.
#[derive(Clone, Debug)]
pub enum Happening {
    Identify {
        who: Who,
        traits: Value,
        shift: i64,
    },
    Track {
        who: Who,
        name: &'static str,
        amount: Option<i64>,
        shift: i64,
    },
    Tag {
        who: Who,
        name: &'static str,
        tag: &'static str,
    },
    Group {
        who: Who,
        joined: bool,
        shift: i64,
    },
    Pass(i64),
    /// An operator makes two members one.
    Merge {
        kept: u8,
        absorbed: u8,
    },
    /// He undoes one of the merges, whoever made it.
    Undo(u8),
}

fn who() -> impl Strategy<Value = Who> {
    prop_oneof![
        4 => (0u8..3).prop_map(Who::User),
        3 => (0u8..3).prop_map(Who::Visitor),
        2 => (0u8..3, 0u8..3).prop_map(|(user, visitor)| Who::Both(user, visitor)),
        1 => (0u8..8).prop_map(Who::Member),
    ]
}

/// How much earlier (or, a little, later) than now something happened.
pub fn shift() -> impl Strategy<Value = i64> {
    prop_oneof![
        5 => Just(0i64),
        2 => -3 * HOUR..0,
        2 => -3 * DAY..0,
        1 => -40 * DAY..0,
        2 => 1..10 * MINUTE,
    ]
}

pub fn traits() -> impl Strategy<Value = Value> {
    prop_oneof![
        (0..3usize).prop_map(|city| json!({"city": CITIES[city]})),
        (0..5i64).prop_map(|level| json!({"level": level})),
        (0..3usize, 0..5i64).prop_map(|(city, level)| json!({"city": CITIES[city], "level": level})),
    ]
}

pub fn happening() -> impl Strategy<Value = Happening> {
    let names = prop::sample::select(vec!["Order Completed", "Page Read"]);
    let tags = prop::sample::select(vec!["vip", "new", "old"]);
    let words = prop::sample::select(vec!["Tag Added", "Tag Added", "Tag Removed"]);
    prop_oneof![
        2 => (who(), traits(), shift()).prop_map(|(who, traits, shift)| Happening::Identify { who, traits, shift }),
        6 => (who(), names, prop::option::weighted(0.8, -2i64..10), shift())
            .prop_map(|(who, name, amount, shift)| Happening::Track { who, name, amount, shift }),
        2 => (who(), words, tags).prop_map(|(who, name, tag)| Happening::Tag { who, name, tag }),
        1 => (who(), any::<bool>(), shift()).prop_map(|(who, joined, shift)| Happening::Group { who, joined, shift }),
        1 => (0u8..8, 0u8..8).prop_map(|(kept, absorbed)| Happening::Merge { kept, absorbed }),
        2 => (0u8..8).prop_map(Happening::Undo),
        1 => Just(Happening::Pass(HOUR)),
        2 => (1..90 * MINUTE).prop_map(Happening::Pass),
        1 => (HOUR..30 * HOUR).prop_map(Happening::Pass),
    ]
}

fn operator() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["eq", "ne", "gt", "gte", "lt", "lte"])
}

fn event_condition() -> impl Strategy<Value = Value> {
    let name = prop::sample::select(vec!["Order Completed", "Page Read"]);
    let window = prop::sample::select(vec![None, Some("PT1H"), Some("P1D"), Some("P2D"), Some("P1M")]);
    let measure = prop::sample::select(vec![
        "",
        "count",
        "count",
        "sum",
        "avg",
        "min",
        "max",
        "distinct",
        "first",
        "last",
        "most_frequent",
    ]);
    let filter = prop::option::weighted(0.3, (operator(), 0i64..8));
    (name, window, measure, operator(), 0i64..6, filter).prop_map(|(name, window, measure, op, value, filter)| {
        let mut rule = json!({"event": name});
        match measure {
            "" => {}
            "count" => rule["count"] = json!({"op": op, "value": value}),
            "distinct" => rule["distinct"] = json!({"property": "amount", "op": op, "value": value / 2}),
            other => rule[other] = json!({"property": "amount", "op": op, "value": value * 2}),
        }
        if let Some((op, value)) = filter {
            rule["where"] = json!([{"property": "amount", "op": op, "value": value}]);
        }
        if let Some(window) = window {
            rule["within"] = json!(window);
        }
        rule
    })
}

fn sequence() -> impl Strategy<Value = Value> {
    let step = prop_oneof![
        prop::sample::select(vec![json!("Order Completed"), json!("Page Read")]),
        (operator(), 0i64..8).prop_map(|(op, value)| {
            json!({"event": "Order Completed", "where": [{"property": "amount", "op": op, "value": value}]})
        }),
    ];
    let window = prop::sample::select(vec![None, Some("PT1H"), Some("P1D"), Some("P2D")]);
    (prop::collection::vec(step, 2..=4), window).prop_map(|(steps, window)| {
        let mut rule = json!({ "sequence": steps });
        if let Some(window) = window {
            rule["within"] = json!(window);
        }
        rule
    })
}

fn rule() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        6 => event_condition(),
        2 => sequence(),
        1 => Just(json!({"trait": "city", "op": "icontains", "value": "ER"})),
        1 => (operator(), 0i64..5).prop_map(|(op, value)| json!({"trait": "level", "op": op, "value": value})),
        1 => Just(json!({"trait": "city", "op": "in", "value": ["Bonn", "上海"]})),
        1 => Just(json!({"trait": "city", "op": "prefix", "value": "B"})),
        1 => any::<bool>().prop_map(|wanted| json!({"trait": "city", "op": "exists", "value": wanted})),
        2 => prop::sample::select(vec!["vip", "new", "old", "hot"]).prop_map(|tag| json!({"tag": tag})),
        1 => prop::sample::select(vec!["stranger", "buyer", "repeat"]).prop_map(|stage| json!({"stage": stage})),
        1 => (operator(), 0i64..4).prop_map(|(op, value)| json!({"trait": "orders", "op": op, "value": value})),
        1 => Just(json!({"group": naive::GROUP.to_string()})),
    ];
    let tree = leaf.prop_recursive(3, 10, 3, |inner| {
        let period = prop::sample::select(vec!["PT1H", "P1D", "P3D"]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(|rules| json!({"all": rules})),
            prop::collection::vec(inner.clone(), 1..4).prop_map(|rules| json!({"any": rules})),
            inner.clone().prop_map(|rule| json!({"not": rule})),
            (inner, period).prop_map(|(rule, period)| json!({"been": rule, "for": period})),
        ]
    });
    // Some are refused: a "been" in another, or what nobody can be.
    tree.prop_filter("is a rule", |rule| base::rule::Rule::parse(rule).is_ok())
}

/// Rules of four to six segments, of which some refer to an earlier one.
pub fn rules() -> impl Strategy<Value = Vec<Value>> {
    let link = prop::option::weighted(0.3, (0..3u8, any::<prop::sample::Index>()));
    prop::collection::vec((rule(), link), 4..=6).prop_map(|drawn| {
        let link_to = |place: usize, rule: Value, link: Option<(u8, prop::sample::Index)>| match link {
            Some((how, index)) if place > 0 => {
                let other = json!({"segment": SegmentId(1 + index.index(place) as i64).to_string()});
                match how {
                    0 => json!({"all": [rule, other]}),
                    1 => json!({"any": [{"not": other}, rule]}),
                    _ => json!({"any": [rule, {"been": other, "for": "PT2H"}]}),
                }
            }
            _ => rule,
        };
        drawn.into_iter().enumerate().map(|(place, (rule, link))| link_to(place, rule, link)).collect()
    })
}

async fn check(bench: &mut Bench, after: &str) -> Result<(), TestCaseError> {
    bench.idle().await;
    let now = bench.now();
    let (actual, expected) = (naive::actual(&bench.db).await, naive::expected(&bench.db, now).await);
    prop_assert_eq!(actual, expected, "(segment, member), at {} after {}", now, after);
    let wrong_sizes = "SELECT COUNT(*) FROM segments s WHERE s.size <>
        (SELECT COUNT(*) FROM segment_members m WHERE m.segment_id = s.id)";
    prop_assert_eq!(bench.number(wrong_sizes).await, 0, "sizes after {}", after);
    let (actual, expected) = naive::members(&bench.db).await;
    prop_assert_eq!(actual, expected, "who is one member, after {}", after);
    Ok(())
}

/// Lets it happen; `members`: all who ever were, by their ids.
pub async fn happen(bench: &Bench, happening: &Happening, members: &[i64]) {
    let at = |shift: i64| Time::from_millis(bench.now().millis() + shift);
    let named = |who: &Who| match who {
        Who::User(n) => user(&format!("u{n}")),
        Who::Visitor(n) => visitor(&format!("v{n}")),
        Who::Both(n, m) => both(&format!("u{n}"), &format!("v{m}")),
        Who::Member(_) => (None, None),
    };
    let nobody = (None, None);
    let (who, mut event, shift) = match happening {
        Happening::Pass(millis) => return bench.advance(*millis),
        Happening::Merge { kept, absorbed } => {
            let Some(other) = members.get(usize::from(*absorbed) % members.len().max(1)) else { return };
            let with = base::ids::MemberId(*other);
            let mut event = bench.event(EventKind::Command, MEMBERS_MERGED, nobody, Value::Null);
            let merge = bench.ids.next(base::ids::MergeId);
            event.properties = to_raw_value(&json!({"with": with, "merge": merge})).unwrap();
            (&Who::Member(*kept), event, 0)
        }
        Happening::Undo(n) => {
            let merges =
                bench.texts("SELECT CAST(id AS TEXT) AS text FROM merges WHERE undone_at IS NULL ORDER BY id").await;
            let Some(merge) = merges.get(usize::from(*n) % merges.len().max(1)) else { return };
            let merge = base::ids::MergeId(merge.parse().unwrap());
            let event = bench.event(EventKind::Command, MERGE_UNDONE, nobody, json!({ "merge": merge }));
            (&Who::Member(*n), event, 0)
        }
        Happening::Identify { who, traits, shift } => (who, bench.identify(named(who), traits.clone()), *shift),
        Happening::Track { who, name, amount, shift } => {
            let properties = amount.map_or(json!({}), |amount| json!({"amount": amount}));
            (who, bench.track(named(who), name, properties), *shift)
        }
        Happening::Group { who, joined, shift } => {
            let name = if *joined { GROUP_JOINED } else { GROUP_LEFT };
            (who, bench.track(named(who), name, json!({"group_id": "readers"})), *shift)
        }
        Happening::Tag { who, name, tag } => (who, bench.tag(named(who), name, tag), 0),
    };
    if let Who::Member(n) = who {
        let Some(member) = members.get(usize::from(*n) % members.len().max(1)) else { return };
        event.member = Some(base::ids::MemberId(*member));
    }
    event.timestamp = at(shift);
    bench.append(&[event]).await;
}

/// What rules may ask for beside what members do: a dynamic tag, a set of tags, of which one expires, a computed trait and
/// a group.
pub async fn define(bench: &Bench) {
    let workspace = || super::support::WORKSPACE.0.into();
    bench.segment(naive::HOT.0, &naive::World::hot()).await;
    let hot = naive::HOT.0.into();
    bench.run("UPDATE segments SET kind = 'tag', item_key = 'hot' WHERE id = $1", vec![hot]).await;
    bench
        .run(
            "INSERT INTO tag_groups (id, workspace_id, name, exclusive, created_at) VALUES (5, $1, 'age', 1, 0)",
            vec![workspace()],
        )
        .await;
    for (name, kind, group, expires_after, segment) in [
        ("hot", "dynamic", None, None, Some(naive::HOT.0)),
        ("new", "static", Some(5i64), None, None),
        ("old", "static", Some(5), Some("P2D"), None),
    ] {
        bench
            .run(
                "INSERT INTO tags (workspace_id, name, kind, group_id, description, expires_after, segment_id, created_by,
                                   created_at, updated_at) VALUES ($1, $2, $3, $4, '', $5, $6, 'test', 0, 0)",
                vec![workspace(), name.into(), kind.into(), group.into(), expires_after.into(), segment.into()],
            )
            .await;
    }
    bench
        .run(
            "INSERT INTO traits (workspace_id, name, title, value_type, conflict, computed_json, created_by, created_at,
                                 updated_at) VALUES ($1, 'orders', '', 'any', 'latest', $2, 'test', 0, 0)",
            vec![workspace(), naive::World::orders().to_string().into()],
        )
        .await;
    bench
        .run(
            "INSERT INTO groups (id, workspace_id, group_key, about_json, created_at) VALUES ($1, $2, 'readers', '{}', 0)",
            vec![naive::GROUP.0.into(), workspace()],
        )
        .await;
}

async fn case(database: &TestDatabase, rules: &[Value], stream: &[Happening]) -> Result<(), TestCaseError> {
    let mut bench = super::support::bench(database).await;
    // Everybody is packed after every batch.
    bench.options.room = Room { ready: 0, packed_bytes: 1 << 20 };
    bench.restart().await;
    define(&bench).await;
    // The last segment comes when there is a history already.
    let (late, early) = rules.split_last().unwrap();
    for (index, rule) in early.iter().enumerate() {
        bench.segment(1 + index as i64, rule).await;
    }
    for (index, happening) in stream.iter().enumerate() {
        if index == stream.len() / 2 {
            bench.segment(rules.len() as i64, late).await;
            check(&mut bench, "a new segment").await?;
        }
        let members = bench.texts("SELECT CAST(id AS TEXT) AS text FROM members ORDER BY id").await;
        let members: Vec<i64> = members.iter().map(|id| id.parse().unwrap()).collect();
        happen(&bench, happening, &members).await;
        check(&mut bench, &format!("{index}: {happening:?}")).await?;
    }
    // Nothing happens to anybody any more; time goes on, to just before and upon every timer.
    for _ in 0..4 {
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

fn segments_are_what_a_naive_evaluator_finds(database: impl AsyncFnOnce() -> Option<TestDatabase>, cases: u32) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let Some(database) = runtime.block_on(database()) else { return };
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 300, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let input = (rules(), prop::collection::vec(happening(), 5..=40));
    let outcome = runner.run(&input, |(rules, stream)| runtime.block_on(case(&database, &rules, &stream)));
    runtime.block_on(database.drop_database());
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}

#[test]
fn segments_are_what_a_naive_evaluator_finds_on_sqlite() {
    segments_are_what_a_naive_evaluator_finds(async || Some(TestDatabase::sqlite().await), 200);
}

#[test]
fn segments_are_what_a_naive_evaluator_finds_on_postgresql() {
    segments_are_what_a_naive_evaluator_finds(async || TestDatabase::postgres().await, 30);
}
