//! What histories say of everybody is what the evaluator finds of each member.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use async_trait::async_trait;
use base::{
    Event, Time,
    ids::{MemberId, WorkspaceId},
    rule::Rule,
};
use hearth_insight::{Everybody, Insight, Keeper};
use jiff::tz::TimeZone;
use people::{
    groups::GroupStage,
    histories::Histories,
    identity::IdentifyStage,
    members::{Columns, ProfileStage},
    pipeline::Stage,
    rules::{EventAnswers, EventQuestion, Exceptions, Holds},
    segments::{self, SegmentStage},
    tags::TagStage,
};
use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use serde_json::{Value, json};
use testing::{Bench, DAY, HOUR, WORKSPACE, both, on_every_database, user, visitor};

const ROUNDS: usize = 12;
const RULES: usize = 60;

fn stages() -> Vec<Box<dyn Stage>> {
    vec![
        Box::new(IdentifyStage),
        Box::new(ProfileStage),
        Box::new(GroupStage::default()),
        Box::new(TagStage),
        Box::new(SegmentStage::default()),
    ]
}

/// Who does something: a user, a visitor, or one who says that he is both.
#[derive(Clone, Copy, Debug)]
enum Who {
    User(u8),
    Visitor(u8),
    Both(u8, u8),
}

/// Something that happened so many half hours ago; one that is ahead of its time when there are fewer than none.
#[derive(Clone, Debug)]
struct Deed {
    who: Who,
    name: &'static str,
    half_hours_ago: i64,
    properties: Value,
}

fn value() -> impl Strategy<Value = Value> {
    prop::sample::select(vec![
        json!(1),
        json!(2),
        json!(0.1),
        json!(0.2),
        json!(0.3),
        json!(29.95),
        json!(-3.5),
        json!(9_007_199_254_740_993_i64),
        json!(1e300),
        json!("red"),
        json!("Red wine"),
        json!(true),
        json!(null),
        json!(["red", 2]),
        json!({"b": 2, "c": "red"}),
        json!([{"b": 0.1}, {"b": 3}]),
    ])
}

fn properties() -> impl Strategy<Value = Value> {
    let name = prop::sample::select(vec!["a", "a", "a.b", "n"]);
    prop::collection::vec((name, value()), 0..3)
        .prop_map(|fields| Value::Object(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()))
}

fn deed() -> impl Strategy<Value = Deed> {
    let who = prop_oneof![
        5 => (0..6_u8).prop_map(Who::User),
        3 => (0..4_u8).prop_map(Who::Visitor),
        1 => (0..6_u8, 0..4_u8).prop_map(|(user, visitor)| Who::Both(user, visitor)),
    ];
    let name = prop::sample::select(vec!["Read", "Bought", "Left"]);
    // Many at one moment, so that there are ties.
    let ago = prop_oneof![4 => 0..12_i64, 2 => (0..200_i64).prop_map(|days| days * 48), 1 => -4..0_i64];
    (who, name, ago, properties()).prop_map(|(who, name, half_hours_ago, properties)| Deed {
        who,
        name,
        half_hours_ago,
        properties,
    })
}

fn filter() -> impl Strategy<Value = Value> {
    let name = prop::sample::select(vec!["Read", "Bought", "Left"]);
    let test = (
        prop::sample::select(vec!["a", "a.b", "n"]),
        prop::sample::select(vec![
            ("eq", json!("red")),
            ("ne", json!("red")),
            ("gte", json!(0.3)),
            ("lt", json!(2)),
            ("eq", json!(9_007_199_254_740_993_i64)),
            ("exists", json!(true)),
            ("exists", json!(false)),
            ("icontains", json!("RED")),
            ("in", json!(["red", 2])),
        ]),
    );
    (name, prop::option::weighted(0.4, test)).prop_map(|(name, test)| match test {
        Some((property, (op, value))) => {
            json!({"event": name, "where": [{"property": property, "op": op, "value": value}]})
        }
        None => json!({"event": name}),
    })
}

fn rule() -> impl Strategy<Value = Value> {
    let within =
        || prop::option::weighted(0.7, prop::sample::select(vec!["PT1H", "PT90M", "P1D", "P7D", "P1M", "P6M"]));
    let measure = prop::sample::select(vec!["count", "sum", "avg", "min", "max", "distinct", "first", "last"]);
    let op = prop::sample::select(vec!["eq", "ne", "gt", "gte", "lt", "lte"]);
    let wanted =
        prop::sample::select(vec![json!(0), json!(1), json!(2), json!(0.3), json!(0.6), json!(30.55), json!(3)]);
    let event = (filter(), measure, prop::sample::select(vec!["a", "a.b", "n"]), (op, wanted), within()).prop_map(
        |(mut filter, measure, property, (op, value), within)| {
            filter[measure] = match measure {
                "count" => json!({"op": op, "value": value}),
                _ => json!({"property": property, "op": op, "value": value}),
            };
            if let Some(within) = within {
                filter["within"] = json!(within);
            }
            filter
        },
    );
    let sequence = (prop::collection::vec(filter(), 2..4), within()).prop_map(|(steps, within)| match within {
        Some(within) => json!({"sequence": steps, "within": within}),
        None => json!({"sequence": steps}),
    });
    let leaf = prop_oneof![
        6 => event,
        4 => sequence,
        1 => prop::sample::select(vec!["vip", "old"]).prop_map(|tag| json!({"tag": tag})),
    ];
    let tree = leaf.prop_recursive(2, 6, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(|rules| json!({"all": rules})),
            prop::collection::vec(inner.clone(), 2..4).prop_map(|rules| json!({"any": rules})),
            inner.clone().prop_map(|rule| json!({"not": rule})),
            inner.prop_map(|rule| json!({"been": rule, "for": "PT2H"})),
        ]
    });
    tree.prop_filter("is a rule", |rule| Rule::parse(rule).is_ok())
}

fn event_of(bench: &Bench, deed: &Deed) -> Event {
    let name = |kind: char, number: u8| format!("{kind}{number}");
    let timestamp = Time::from_millis(bench.now().millis() - deed.half_hours_ago * HOUR / 2);
    let event = match deed.who {
        Who::Both(one, other) => bench.identify(both(&name('u', one), &name('v', other)), json!({})),
        Who::User(one) => bench.track(user(&name('u', one)), deed.name, deed.properties.clone()),
        Who::Visitor(one) => bench.track(visitor(&name('v', one)), deed.name, deed.properties.clone()),
    };
    Event { timestamp, ..event }
}

/// Counts what it passes on.
struct Counted {
    inner: Arc<Everybody>,
    questions: AtomicUsize,
    perhaps: AtomicUsize,
}

#[async_trait]
impl EventAnswers for Counted {
    async fn answers(
        &self,
        workspace: WorkspaceId,
        zone: &TimeZone,
        questions: Vec<EventQuestion>,
        now: Time,
    ) -> Vec<Option<Exceptions>> {
        let answers = self.inner.answers(workspace, zone, questions, now).await;
        assert!(answers.iter().all(Option::is_some), "everything is told");
        self.questions.fetch_add(answers.len(), Ordering::Relaxed);
        let perhaps = answers.iter().flatten().flatten().filter(|(_, holds)| *holds == Holds::Perhaps).count();
        self.perhaps.fetch_add(perhaps, Ordering::Relaxed);
        answers
    }

    async fn active(&self, workspace: WorkspaceId, from: Time, to: Time) -> Option<Vec<MemberId>> {
        self.inner.active(workspace, from, to).await
    }
}

async fn holders(bench: &Bench, columns: &Columns, rule: &Rule) -> BTreeSet<MemberId> {
    let found = segments::holders(&bench.db, &bench.clock.shared(), columns, WORKSPACE, rule).await;
    found.unwrap().into_iter().collect()
}

#[tokio::test]
async fn what_histories_say_of_everybody_is_what_the_evaluator_finds() {
    on_every_database(async |database| {
        let mut runner = TestRunner::new_with_rng(Config::default(), TestRng::deterministic_rng(RngAlgorithm::ChaCha));
        let (mut asked, mut perhaps) = (0, 0);
        for round in 0..ROUNDS {
            let mut bench = database.bench(stages).await;
            let directory = tempfile::tempdir().unwrap();
            let progress = bench.progress();
            let histories = Histories { db: bench.db.clone(), log: bench.log.clone(), progress };
            let place = (directory.path().to_owned(), 16 << 20);
            let (clock, columns) = (bench.clock.shared(), bench.columns.clone());
            let insight = Insight::new(bench.db.clone(), clock, bench.ids.clone(), columns, histories, Vec::new(), place);
            let insight = insight.unwrap();
            let mut keeper = Keeper::new(insight.clone());
            let counted = Arc::new(Counted {
                inner: insight.everybody(),
                questions: AtomicUsize::new(0),
                perhaps: AtomicUsize::new(0),
            });
            // What happens before the first look, and then a little at a time.
            for part in 0..3 {
                let deeds = prop::collection::vec(deed(), 4..60).new_tree(&mut runner).unwrap().current();
                let mut events: Vec<Event> = deeds.iter().map(|deed| event_of(&bench, deed)).collect();
                events.push(bench.tag(user("u0"), "Tag Added", "vip"));
                bench.take(&events).await;
                bench.settle().await;
                keeper.follow().await.unwrap();
                let plain = Columns::default();
                let told = Columns::default();
                told.ask_events_of(counted.clone());
                for _ in 0..RULES {
                    let rule = rule().new_tree(&mut runner).unwrap().current();
                    let parsed = Rule::parse(&rule).unwrap();
                    let (expected, found) = (holders(&bench, &plain, &parsed).await, holders(&bench, &told, &parsed).await);
                    assert_eq!(found, expected, "round {round}, part {part}: {rule} of {deeds:?}");
                }
                let (from, to) = (Time::from_millis(bench.now().millis() - 5 * DAY), bench.now());
                let active = counted.active(WORKSPACE, from, to).await.expect("it is told");
                let events = "SELECT DISTINCT CAST(i.member_id AS TEXT) AS text FROM events e JOIN identities i ON i.id = e.identity_id";
                let sql = format!(
                    "{events} WHERE e.happened_at >= {} AND e.happened_at < {} ORDER BY 1",
                    from.millis(),
                    to.millis()
                );
                let expected = bench.texts(&sql).await;
                let mut active: Vec<String> = active.into_iter().map(|member| member.0.to_string()).collect();
                active.sort_unstable();
                assert_eq!(active, expected, "round {round}, part {part}");
                bench.advance(if part == 0 { 37 * HOUR / 2 } else { 9 * DAY });
                bench.idle().await;
            }
            asked += counted.questions.load(Ordering::Relaxed);
            perhaps += counted.perhaps.load(Ordering::Relaxed);
        }
        assert!(asked > ROUNDS * RULES, "{asked} questions");
        assert!(perhaps < asked * 4, "of {asked} questions {perhaps} members are left to be asked");
    })
    .await;
}
