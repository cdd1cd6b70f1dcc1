//! What columns say against what the evaluator says of each member.

use std::collections::{BTreeMap, BTreeSet};

use base::{
    Time,
    ids::{IdentityId, SegmentId, WorkspaceId},
    rule::Rule,
};
use jiff::tz::TimeZone;
use proptest::{
    prelude::*,
    test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner},
};
use serde_json::{Value, json};

use super::*;
use crate::{
    members::{Identity, MemberState, Room, TagFact, TraitFact},
    rules::{Answer, Condition, Exceptions, Holds, SegmentRole, SegmentSource, evaluate},
    tags::TagRule,
    traits::{Conflict, TraitRule},
};

const WORKSPACE: WorkspaceId = WorkspaceId(1);
const NOW: Time = Time::EPOCH;
const HOT: SegmentId = SegmentId(51);
const BUYER: SegmentId = SegmentId(41);

/// What was said and done about one member: by identity, with the moment.
#[derive(Clone, Debug)]
struct Facts {
    traits: Vec<(i64, &'static str, Value, i64)>,
    tags: Vec<(i64, &'static str, i64)>,
    was_buyer: bool,
}

fn facts() -> impl Strategy<Value = Facts> {
    let names = prop::sample::select(vec!["city", "city", "age", "a", "a.b", "a.b.c"]);
    let values = prop::sample::select(vec![
        json!("x"),
        json!("X"),
        json!("y"),
        json!(1),
        json!(1.0),
        json!(7),
        json!(true),
        Value::Null,
        json!(["x", 1]),
        json!({"b": "x"}),
        json!({"b": {"c": "x"}, "b.c": 1}),
        json!({"b": [{"c": "y"}, {"c": 1}]}),
        json!([{"b": "x"}, {"b": 1}]),
    ]);
    let tags = prop::sample::select(vec!["vip", "new", "old", "hot", "cold"]);
    let traits = prop::collection::vec((1..=2i64, names, values, 0..4i64), 0..6);
    let tags = prop::collection::vec((1..=2i64, tags, 0..4i64), 0..4);
    (traits, tags, any::<bool>()).prop_map(|(traits, tags, was_buyer)| Facts { traits, tags, was_buyer })
}

fn rule() -> impl Strategy<Value = Value> {
    let names = prop::sample::select(vec!["city", "age", "a", "a.b", "a.b.c", "nobody", "orders"]);
    let test = prop::sample::select(vec![
        ("eq", json!("x")),
        ("ieq", json!("x")),
        ("ne", json!("x")),
        ("eq", json!(1)),
        ("gte", json!(1)),
        ("in", json!(["x", 7])),
        ("nin", json!(["x", 7])),
        ("contains", json!("x")),
        ("exists", json!(true)),
        ("exists", json!(false)),
    ]);
    let tags = prop::sample::select(vec!["vip", "new", "old", "hot", "cold", "nobody"]);
    let leaf = prop_oneof![
        5 => (names, test).prop_map(|(name, (op, value))| json!({"trait": name, "op": op, "value": value})),
        3 => tags.prop_map(|tag| json!({ "tag": tag })),
        1 => prop::sample::select(vec!["stranger", "buyer"]).prop_map(|stage| json!({ "stage": stage })),
        1 => Just(json!({"segment": HOT.to_string()})),
        1 => Just(json!({"event": "Order Completed"})),
        1 => Just(json!({"been": {"tag": "vip"}, "for": "P1D"})),
    ];
    let tree = leaf.prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(|rules| json!({ "all": rules })),
            prop::collection::vec(inner.clone(), 1..4).prop_map(|rules| json!({ "any": rules })),
            inner.prop_map(|rule| json!({ "not": rule })),
        ]
    });
    // Some are refused: what nobody can be.
    tree.prop_filter("is a rule", |rule| Rule::parse(rule).is_ok())
}

/// Limits that are met by a few members, or none.
fn limits() -> impl Strategy<Value = Limits> {
    let few = (0..5usize, 0..5usize, 0..4usize, prop::sample::select(vec![0, 600, 1 << 20]));
    prop_oneof![
        Just(Limits::default()),
        few.prop_map(|(traits, tags, values, bytes)| Limits { bytes, traits, tags, values }),
    ]
}

fn source() -> BookSource {
    let rule = |rule: Value| Rule::parse(&rule).unwrap();
    let hot = rule(json!({"any": [{"trait": "city", "value": "x"}, {"tag": "vip"}]}));
    let excluding = |other: &str| TagRule { excludes: vec![other.to_owned()], ..TagRule::default() };
    let by = |conflict: Conflict| TraitRule { conflict, ..TraitRule::default() };
    let orders = json!({"event": "Order Completed"});
    let Rule::Event(orders) = rule(orders) else { panic!("it asks for an event") };
    BookSource {
        segments: vec![
            SegmentSource {
                role: SegmentRole::Stage("buyer".to_owned(), 1),
                keeps: true,
                ..SegmentSource::plain(BUYER, rule(json!({"tag": "old"})))
            },
            SegmentSource { role: SegmentRole::Tag("hot".to_owned()), ..SegmentSource::plain(HOT, hot) },
        ],
        computed: BTreeMap::from([(
            "orders".to_owned(),
            crate::rules::ComputedTrait { filter: orders.filter, measure: orders.measure, within: None },
        )]),
        traits: BTreeMap::from([("city".to_owned(), by(Conflict::First)), ("age".to_owned(), by(Conflict::Largest))]),
        tags: BTreeMap::from([("new".to_owned(), excluding("old")), ("old".to_owned(), excluding("new"))]),
        ..BookSource::default()
    }
}

/// The book that asks one rule, and where it stands there.
fn book_of(rule: &Value) -> (RuleBook, usize) {
    let rule = Rule::parse(rule).unwrap();
    let book = RuleBook::compile_one(WORKSPACE, TimeZone::UTC, &mut source(), "asked", &rule);
    let condition = book.other("asked").unwrap();
    (book, condition)
}

fn member(id: i64, facts: &Facts, book: &RuleBook) -> MemberState {
    let mut member = MemberState::new(MemberId(id), WORKSPACE, NOW);
    let source = || "test".to_owned();
    for nth in 1..=2 {
        let traits = facts.traits.iter().filter(|(identity, ..)| *identity == nth);
        let tags = facts.tags.iter().filter(|(identity, ..)| *identity == nth);
        let said = |value: &Value, at: i64| TraitFact {
            value: value.clone(),
            at: Time::from_millis(at),
            source: source(),
            once: false,
            operated: None,
        };
        let put_on = |at: i64| TagFact { at: Time::from_millis(at), source: source(), expires_at: None };
        member.add_identity(Identity {
            id: IdentityId(nth),
            kind: "user_id".to_owned(),
            value: nth.to_string(),
            verified: false,
            origin: MemberId(id),
            created_at: NOW,
            traits: traits.map(|(_, name, value, at)| ((*name).to_owned(), said(value, *at))).collect(),
            tags: tags.map(|(_, tag, at)| ((*tag).to_owned(), put_on(*at))).collect(),
            groups: BTreeMap::new(),
        });
    }
    if facts.was_buyer {
        member.memberships.insert(BUYER, NOW);
    }
    member.refresh_traits(&book.traits);
    member
}

type Community = BTreeMap<MemberId, MemberState>;

/// What the evaluator says of everybody where columns cannot; of every third member only that he is to be asked.
fn told_of(community: &Community, book: &RuleBook, condition: usize) -> OfEverybody {
    let answer = |place: usize| {
        let is_kept = match &book.conditions[place] {
            Condition::Kept { .. } => true,
            Condition::Group(_) | Condition::Event { .. } | Condition::Sequence(_) => false,
            _ => return None,
        };
        let otherwise = !is_kept && place.is_multiple_of(2);
        let holds = |member: &MemberState| match is_kept {
            true => member.memberships.contains_key(&BUYER),
            false => evaluate(place, book, member, NOW).holds,
        };
        let exception = |(id, member): (&MemberId, &MemberState)| match holds(member) {
            _ if !is_kept && id.0 % 3 == 0 => Some((*id, Holds::Perhaps)),
            holds if holds == otherwise => None,
            holds => Some((*id, if holds { Holds::Yes } else { Holds::No })),
        };
        let mut exceptions: Exceptions = community.iter().filter_map(exception).collect();
        // Somebody of whom columns know nothing.
        exceptions.push((MemberId(9_999), Holds::Yes));
        Some((place, Answer { otherwise, exceptions }))
    };
    OfEverybody::of((0..=condition).filter_map(answer))
}

/// Nobody is counted for whom the rule does not hold, and nobody for whom it does is passed over; whatever else is told, less
/// is open.
fn check(table: &Table, community: &Community, rule: &Value) -> Result<Found, TestCaseError> {
    let (book, condition) = book_of(rule);
    let found = check_told(table, community, (&book, condition), (rule, &OfEverybody::default()))?;
    let told = told_of(community, &book, condition);
    let told = check_told(table, community, (&book, condition), (rule, &told))?;
    prop_assert!(told.open.len() <= found.open.len(), "{}", rule);
    Ok(found)
}

fn check_told(
    table: &Table,
    community: &Community,
    (book, condition): (&RuleBook, usize),
    (rule, told): (&Value, &OfEverybody),
) -> Result<Found, TestCaseError> {
    let found = table.find(book, condition, told, usize::MAX);
    let holds = |id: &MemberId| community.get(id).is_some_and(|member| evaluate(condition, book, member, NOW).holds);
    let sure: BTreeSet<MemberId> = found.newest.iter().copied().collect();
    prop_assert_eq!(found.sure, sure.len() as i64);
    prop_assert!(found.open.iter().all(|id| !sure.contains(id) && community.contains_key(id)), "{}", rule);
    let asked = found.open.iter().filter(|id| holds(id));
    let size = sure.len() + asked.count();
    prop_assert!(sure.iter().all(holds), "{} is said to hold for too many", rule);
    prop_assert_eq!(size, community.keys().filter(|id| holds(id)).count(), "{}", rule);
    let is_newest_first = |ids: &[MemberId]| ids.windows(2).all(|pair| pair[0] > pair[1]);
    prop_assert!(is_newest_first(&found.newest) && is_newest_first(&found.open));
    let few = table.find(book, condition, told, 3).newest;
    prop_assert_eq!(&few[..], &found.newest[..few.len()]);
    prop_assert_eq!(few.len(), found.newest.len().min(3));
    Ok(found)
}

/// A member by number with other facts than before; none for one who is gone.
type Change = (i64, Option<Facts>);

fn case(limits: Limits, first: &[Facts], changes: &[Change], rules: &[Value]) -> Result<(), TestCaseError> {
    let (book, _) = book_of(&json!({"tag": "vip"}));
    let mut table = Table::new(Rules::of(&book), limits);
    let mut community: Community =
        (1..).zip(first).map(|(id, facts)| (MemberId(id), member(id, facts, &book))).collect();
    community.values().for_each(|member| table.put(member, &book));
    table.fit();
    for rule in rules {
        check(&table, &community, rule)?;
    }
    for (id, facts) in changes {
        match facts {
            Some(facts) => {
                let member = member(*id, facts, &book);
                table.put(&member, &book);
                community.insert(member.id, member);
            }
            None => {
                table.remove(MemberId(*id));
                community.remove(&MemberId(*id));
            }
        }
    }
    for rule in rules {
        check(&table, &community, rule)?;
    }
    Ok(())
}

#[test]
fn what_columns_say_is_what_the_evaluator_says() {
    let config = Config { cases: 300, failure_persistence: None, max_shrink_iters: 1_000, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let first = prop::collection::vec(facts(), 1..150);
    let changes = prop::collection::vec((1..170i64, prop::option::weighted(0.7, facts())), 0..40);
    let input = (limits(), first, changes, prop::collection::vec(rule(), 1..6));
    let outcome = runner.run(&input, |(limits, first, changes, rules)| case(limits, &first, &changes, &rules));
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}

fn said(name: &'static str, value: Value) -> Facts {
    Facts { traits: vec![(1, name, value, 1)], tags: Vec::new(), was_buyer: false }
}

fn carries(tag: &'static str) -> Facts {
    Facts { traits: Vec::new(), tags: vec![(1, tag, 1)], was_buyer: false }
}

/// How many of these members a rule surely holds for, and of how many it cannot be said.
fn sure_and_open(limits: Limits, facts: &[Facts], rule: Value) -> (i64, usize) {
    let (book, _) = book_of(&rule);
    let mut table = Table::new(Rules::of(&book), limits);
    let community: Community = (1..).zip(facts).map(|(id, facts)| (MemberId(id), member(id, facts, &book))).collect();
    community.values().for_each(|member| table.put(member, &book));
    let found = check(&table, &community, &rule).unwrap();
    (found.sure, found.open.len())
}

#[test]
fn of_traits_tags_and_what_is_made_of_them_nothing_is_open() {
    let facts = [said("city", json!("x")), said("city", json!("y")), said("age", json!(1)), carries("vip")];
    let ask = |rule: Value| sure_and_open(Limits::default(), &facts, rule);
    assert_eq!(ask(json!({"trait": "city", "value": "x"})), (1, 0));
    assert_eq!(ask(json!({"not": {"trait": "city", "value": "x"}})), (3, 0));
    assert_eq!(ask(json!({"trait": "city", "op": "ne", "value": "x"})), (1, 0));
    assert_eq!(ask(json!({"trait": "nobody", "op": "exists", "value": false})), (4, 0));
    assert_eq!(ask(json!({"all": [{"trait": "city", "op": "exists"}, {"not": {"tag": "vip"}}]})), (2, 0));
    assert_eq!(ask(json!({"any": [{"trait": "age", "op": "gte", "value": 1}, {"tag": "vip"}]})), (2, 0));
    assert_eq!(ask(json!({"tag": "hot"})), (2, 0), "by its rule");
    assert_eq!(ask(json!({"segment": HOT.to_string()})), (2, 0));
}

#[test]
fn a_path_leads_into_a_trait_unless_one_has_the_whole_name() {
    let both = Facts { traits: vec![(1, "a", json!({"b": 1}), 1), (1, "a.b", json!(2), 1)], ..carries("vip") };
    let facts = [said("a", json!({"b": 1})), said("a.b", json!(1)), both, said("a", json!(1))];
    let ask = |rule: Value| sure_and_open(Limits::default(), &facts, rule);
    assert_eq!(ask(json!({"trait": "a.b", "value": 1})), (2, 0));
    assert_eq!(ask(json!({"trait": "a.b", "value": 2})), (1, 0));
    assert_eq!(ask(json!({"trait": "a.b", "op": "exists", "value": false})), (1, 0));
}

#[test]
fn of_what_there_was_no_room_for_only_presence_or_nothing_is_known() {
    let facts = [said("city", json!("x")), said("city", json!("y")), said("age", json!(1)), carries("vip")];
    let one_value = Limits { values: 1, ..Limits::default() };
    assert_eq!(sure_and_open(one_value, &facts, json!({"trait": "city", "op": "exists"})), (2, 0));
    assert_eq!(sure_and_open(one_value, &facts, json!({"trait": "city", "value": "x"})), (0, 2));
    assert_eq!(sure_and_open(one_value, &facts, json!({"not": {"trait": "city", "value": "x"}})), (2, 2));
    let one_trait = Limits { traits: 1, ..Limits::default() };
    assert_eq!(sure_and_open(one_trait, &facts, json!({"trait": "city", "value": "x"})), (1, 0));
    assert_eq!(sure_and_open(one_trait, &facts, json!({"trait": "age", "op": "exists"})), (0, 4));
    let no_tag = Limits { tags: 0, ..Limits::default() };
    let vip = json!({"any": [{"tag": "vip"}, {"trait": "city", "value": "x"}]});
    assert_eq!(sure_and_open(no_tag, &facts, vip), (1, 3));
}

#[test]
fn an_unknown_part_leaves_open_only_whom_the_others_do_not_decide() {
    let facts = [carries("vip"), carries("vip"), carries("cold")];
    let ask = |rule: Value| sure_and_open(Limits::default(), &facts, rule);
    let ordered = json!({"event": "Order Completed"});
    assert_eq!(ask(json!({"all": [{"tag": "cold"}, ordered]})), (0, 1));
    assert_eq!(ask(json!({"any": [{"tag": "cold"}, ordered]})), (1, 2));
    assert_eq!(ask(json!({"not": {"all": [{"tag": "cold"}, ordered]}})), (2, 1));
    assert_eq!(ask(json!({"been": {"tag": "cold"}, "for": "P1D"})), (0, 1));
    assert_eq!(ask(json!({"stage": "buyer"})), (0, 3), "who once was one stays one");
}

#[test]
fn what_nobody_has_any_more_is_forgotten() {
    let (book, _) = book_of(&json!({"tag": "vip"}));
    let mut table = Table::new(Rules::of(&book), Limits { values: 2, ..Limits::default() });
    for number in 0..100 {
        table.put(&member(1, &said("city", json!(number)), &book), &book);
        table.put(&member(2, &said("city", json!(-number)), &book), &book);
    }
    let (book, condition) = book_of(&json!({"trait": "city", "value": 99}));
    let found = table.find(&book, condition, &OfEverybody::default(), 10);
    assert_eq!((found.newest, found.open), (vec![MemberId(1)], Vec::new()));
    table.remove(MemberId(1));
    assert_eq!(table.find(&book, condition, &OfEverybody::default(), 10).sure, 0);
}

#[tokio::test]
async fn whoever_changes_while_a_rule_is_asked_is_read_again() {
    let people = WorkingSet::new(Room { ready: 1, packed_bytes: 0 });
    let columns = OfWorkspace::default();
    let (book, _) = book_of(&json!({"tag": "vip"}));
    let book = Arc::new(book);
    let changed = Changed { members: BTreeSet::from([MemberId(1)]), gone: vec![MemberId(2)] };
    columns.note(&changed, &people, Some(&book), Duration::ZERO);
    assert!(lock(&columns.told).pending.is_empty(), "nobody has asked");
    let mut asking = columns.table.lock().await;
    columns.note(&changed, &people, Some(&book), Duration::ZERO);
    assert_eq!(lock(&columns.told).pending.len(), 2);
    *asking = Some(Table::new(Rules::of(&book), Limits::default()));
    drop(asking);
    columns.note(&changed, &people, Some(&book), Duration::ZERO);
    assert_eq!(lock(&columns.told).pending.len(), 2, "whom it does not have in memory is to be read");
    assert!(columns.table.lock().await.is_some());
    columns.note(&changed, &people, Some(&book), KEPT_FOR + Duration::from_millis(1));
    assert!(columns.table.lock().await.is_none(), "nobody has asked for long");
}
